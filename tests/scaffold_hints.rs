//! What `scaffold crd` says beside its files: warnings, and what to do about errors.

use crate::harness::TestEnvironment;

#[test]
fn another_project_is_not_overwritten_without_a_word() {
    let environment = TestEnvironment::new();
    let scaffold = |kind: &str, flags: &str| {
        environment
            .kubewright(&format!(
                "scaffold crd --kind {kind} --group example.com --out out {flags}"
            ))
            .success()
    };
    scaffold("Gadget", "");
    let output = scaffold("Widget", "--force");
    let expected = "warning: `out` is the project of Gadget of example.com: its api.toml, Makefile and README.md are overwritten, its other files stay";
    assert!(output.stderr.contains(expected), "{}", output.stderr);
    assert!(
        environment
            .path("work/out/crd/gadgets.example.com.yaml")
            .exists()
    );
    let again = scaffold("Widget", "--force");
    assert!(!again.stderr.contains("warning"), "{}", again.stderr);
}

#[test]
fn conditions_of_ones_own_are_no_conditions_of_controllers() {
    let environment = TestEnvironment::new();
    environment
        .kubewright("scaffold crd --kind Gadget --group example.com --status-field conditions:int")
        .success();
    let crd = "work/gadget/crd/gadgets.example.com.yaml";
    let crd = std::fs::read_to_string(environment.path(crd)).unwrap();
    assert!(!crd.contains("name: Ready"), "{crd}");
    let readme = environment.path("work/gadget/README.md");
    let readme = std::fs::read_to_string(readme).unwrap();
    assert!(!readme.contains("condition=Ready"), "{readme}");
    environment
        .kubewright("crd lint gadget/crd --deny-warnings")
        .success();
}

#[test]
fn what_to_do_is_said_where_the_user_can_do_it() {
    let environment = TestEnvironment::new();
    let definition = "apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: as.example.com}
spec:
  group: example.com
  scope: Cluster
  names: {plural: as, kind: A}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            required: [size]
            properties:
              size: {type: string, maxLength: 9EXAMPLE}
            x-kubernetes-validations: [{rule: self.size == 'large'}]
";
    environment.write("work/a.yaml", &definition.replace("EXAMPLE", ""));
    let output = environment
        .kubewright("scaffold crd --from-crd a.yaml --out out")
        .code(2);
    let hint = "give the field, or what it stands in, an `example` in the schema of `a.yaml`: samples take it";
    assert!(output.stderr.contains(hint), "{}", output.stderr);
    environment.write(
        "work/a.yaml",
        &definition.replace("EXAMPLE", ", example: large"),
    );
    environment
        .kubewright("scaffold crd --from-crd a.yaml --out out")
        .success();

    let flags = ["scaffold", "crd", "--kind", "A", "--group", "example.com"];
    for (flag, value, expected) in [
        (
            "--cel",
            "nosuch: true",
            "there is no field `nosuch` in --cel",
        ),
        (
            "--cel",
            "spec.nosuch: true",
            "there is no field `nosuch` in `spec` in --cel",
        ),
        ("--cel", "spek: true", "did you mean `spec`?"),
        (
            "--column",
            "A:string:.spec.a[0",
            "the path of the column `A` is no JSONPath in --column",
        ),
        ("--version", "v1.2", "did you mean `v1`?"),
    ] {
        let all = [&flags[..], &["--field", "a:string", flag, value]].concat();
        let output = environment.run(&all).code(2);
        assert!(output.stderr.contains(expected), "{}", output.stderr);
    }
}
