//! `kubewright crd explain`, held against `kubectl explain` of a real API server.

use super::{create, fixture};
use crate::harness::{ApiServer, TestEnvironment, wait_until};

/// Both are asked about paths of a resource, in a version or in the one that they prefer.
fn both_tell_the_same(definition: &str, resource: &str, version: Option<&str>, paths: &[&str]) {
    let environment = TestEnvironment::new();
    let server = ApiServer::shared();
    let folder = environment.path("work");
    environment.write("work/crd.yaml", definition);
    let api_version: Vec<&str> = version.map_or(Vec::new(), |name| vec!["--api-version", name]);
    let kubectl = |arguments: &[&str]| {
        let all = [&["explain"], arguments, &api_version].concat();
        server.kubectl(&folder, &all)
    };
    // The server publishes schemas some time after it serves resources.
    wait_until("the schema is published", || {
        kubectl(&[resource]).stdout.contains("apiVersion")
    });
    for recursive in [&[][..], &["--recursive"]] {
        for path in paths {
            let name = format!("{resource}.{path}");
            let name = name.trim_end_matches('.');
            let theirs = kubectl(&[&[name], recursive].concat()).success();
            let arguments = [
                &["crd", "explain", "crd.yaml", path],
                recursive,
                &api_version,
            ];
            let ours = environment.run(&arguments.concat()).success();
            assert_eq!(ours.stdout, theirs.stdout, "{name}");
        }
    }
}

#[test]
fn every_kind_of_field_is_explained_as_kubectl_explains_it() {
    let group = "explained.example.com";
    let definition = fixture("rich", group);
    create(&definition, &format!("/apis/{group}/v1/widgets"));
    let paths = [
        "",
        "apiVersion",
        "metadata",
        "metadata.ownerReferences",
        "metadata.managedFields.fieldsV1",
        "spec",
        "spec.color",
        "spec.rows",
        "spec.rows.key",
        "spec.labels",
        "spec.port",
        "spec.limits",
        "spec.template",
        "spec.template.metadata.name",
        "status.replicas",
    ];
    both_tell_the_same(&definition, &format!("widgets.{group}"), None, &paths);
}

#[test]
fn a_version_is_explained_where_it_is_named_and_the_newest_where_none_is() {
    let group = "versionsexplained.example.com";
    let definition = fixture("versions", group);
    create(&definition, &format!("/apis/{group}/v1/gears"));
    let resource = format!("gears.{group}");
    both_tell_the_same(&definition, &resource, None, &["", "spec"]);
    let beta = format!("{group}/v1beta1");
    both_tell_the_same(
        &definition,
        "gears",
        Some(&beta),
        &["", "spec", "spec.kind"],
    );
}

#[test]
fn long_descriptions_break_where_kubectl_breaks_them() {
    let group = "described.example.com";
    let environment = TestEnvironment::new();
    let doc = "one  two\\tthree ".repeat(20)
        + "\\n\\n- äöü "
        + &"word".repeat(30)
        + " ü".repeat(60).as_str();
    let field = format!("text:enum(a|b|\"\"|d|e|f){{doc=\"{doc}\"}}");
    let nested = format!(
        "list:[](object(inner:map[string](int{{doc=\"{doc}\"}}){{doc=a}}))?{{doc=\"{doc}\"}}"
    );
    let arguments = [
        "scaffold",
        "crd",
        "--kind",
        "Described",
        "--group",
        group,
        "--field",
        &field,
        "--field",
        &nested,
        "--out",
        "out",
    ];
    environment.run(&arguments).success();
    let path = environment.path(&format!("work/out/crd/describeds.{group}.yaml"));
    let definition = std::fs::read_to_string(path).unwrap();
    create(&definition, &format!("/apis/{group}/v1/describeds"));
    let paths = [
        "spec",
        "spec.text",
        "spec.list",
        "spec.list.inner",
        "status",
        "status.conditions",
    ];
    both_tell_the_same(&definition, &format!("describeds.{group}"), None, &paths);
}

#[test]
fn what_is_not_there_is_said_with_what_may_be_meant() {
    let environment = TestEnvironment::new();
    let definitions =
        fixture("rich", "a.example.com") + "---\n" + &fixture("versions", "b.example.com");
    environment.write("work/all.yaml", &definitions);
    environment.write("work/none.yaml", "kind: Pod\n");
    let asked = |line: &str| environment.kubewright(&format!("crd explain {line}"));
    asked("all.yaml Widget.spec.colour")
        .code(2)
        .says("field \"colour\" does not exist")
        .says("did you mean `color`?");
    asked("all.yaml spec").code(2).says("`widgets`, `gears`");
    asked("all.yaml gears.spec --api-version v1beta2")
        .code(2)
        .says("no version `v1beta2`");
    asked("none.yaml").code(2).says("no document of it");
    assert!(
        asked("all.yaml wd.spec.name")
            .code(0)
            .stdout
            .contains("FIELD: name <string>")
    );
}
