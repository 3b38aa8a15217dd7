//! What `scaffold crd --force` does with the files of an earlier description.

use std::fs;

use crate::harness::TestEnvironment;

#[test]
fn what_an_earlier_description_left_goes_unless_somebody_changed_it() {
    let environment = TestEnvironment::new();
    let line = "scaffold crd --kind Gadget --group stale.example.com --field size:int32{min=1} --out gadget";
    environment
        .kubewright(&format!("{line} --version v1alpha1,v1!"))
        .success();
    let mine = "samples/valid/v1alpha1-minimal.yaml";
    let path = environment.path("work/gadget").join(mine);
    let text = fs::read_to_string(&path).unwrap() + "# mine\n";
    fs::write(&path, text).unwrap();
    environment.write("work/gadget/samples/valid/own.yaml", "kind: Gadget\n");
    let shown = environment
        .kubewright(&format!("{line} --dry-run"))
        .success();
    let removed = "      v1alpha1-full.yaml  remove\n";
    assert!(shown.stdout.contains(removed), "{shown}");
    environment
        .kubewright(&format!("{line} --force"))
        .success()
        .says("removed gadget/samples/valid/v1alpha1-full.yaml")
        .says("removed gadget/samples/invalid/v1alpha1-spec-size-min.yaml")
        .says(&format!(
            "warning: `gadget/{mine}` is of an earlier description, and stays"
        ));
    let names = |below: &str| {
        let folder = environment.path("work/gadget").join(below);
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    assert_eq!(
        names("samples/valid"),
        [
            "full.yaml",
            "minimal.yaml",
            "own.yaml",
            "v1alpha1-minimal.yaml"
        ]
    );
    let old = |name: &String| name.starts_with("v1");
    assert!(!names("samples/invalid").iter().any(old));

    // The description is changed where it lies: what it was before stands in the CRD alone.
    let description = environment.path("work/gadget/api.toml");
    let text = fs::read_to_string(&description).unwrap();
    let text = text.replace("plural = 'gadgets'\n", "");
    fs::write(&description, format!("plural = 'gizmos'\n{text}")).unwrap();
    environment
        .kubewright("scaffold crd --spec gadget/api.toml --out gadget --force")
        .success()
        .says("removed gadget/crd/gadgets.stale.example.com.yaml");
    assert_eq!(names("crd"), ["gizmos.stale.example.com.yaml"]);
}
