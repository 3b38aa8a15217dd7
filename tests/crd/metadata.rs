//! The metadata of resources: what a real API server says of it, warnings included.

use std::collections::BTreeSet;

use kubewright::crd::document::{Limits, Node, read};
use kubewright::crd::{Severity, lint};
use serde_json::{Value, json};

use crate::harness::{ApiServer, TestEnvironment};

const OWNER: &str = "apiVersion: v1, kind: Pod, name: x";

#[test]
fn errors_and_warnings_on_metadata_are_the_servers() {
    let group = "meta.example.com";
    let definition = super::fixture("rich", group);
    let resources = format!("/apis/{group}/v1/namespaces/default/widgets");
    super::create(&definition, &resources);
    let definition = read(definition.as_bytes(), Limits::default()).unwrap();
    for metadata in [
        "{}".to_owned(),
        "{name: a, namespace: default}".to_owned(),
        "{name: a.b, labels: {a: b}, annotations: {Ex.com/C: d}}".to_owned(),
        "{name: A_b}".to_owned(),
        "{name: a, generateName: Bad_}".to_owned(),
        "{generateName: a-}".to_owned(),
        "{name: a, labels: {a b: -}, annotations: {-: x}}".to_owned(),
        "{name: a, finalizers: [nodomain, example.com, example.com/x, orphan]}".to_owned(),
        "{name: a, finalizers: [orphan, foregroundDeletion]}".to_owned(),
        "{name: a, finalizers: [a b]}".to_owned(),
        format!("{{name: a, ownerReferences: [{{{OWNER}, uid: u}}, {{{OWNER}, uid: u}}]}}"),
        format!(
            "{{name: a, ownerReferences: [{{{OWNER}, uid: u, controller: true}}, {{{OWNER}, uid: v, controller: true}}]}}"
        ),
        "{name: a, ownerReferences: [{apiVersion: v1, kind: Event, name: x, uid: u}]}".to_owned(),
        "{name: a, ownerReferences: [{apiVersion: a/b/c}]}".to_owned(),
        "{name: a, managedFields: [{manager: x}]}".to_owned(),
        "{name: a, resourceVersion: '5', uid: x, generation: 3, selfLink: x}".to_owned(),
        "{name: a, generation: -1}".to_owned(),
        "{name: a, clusterName: x}".to_owned(),
        "{name: a, uid: 5}".to_owned(),
    ] {
        let text = format!(
            "apiVersion: {group}/v1\nkind: Widget\nmetadata: {metadata}\nspec: {{color: red}}\n"
        );
        let resource = read(text.as_bytes(), Limits::default()).unwrap().remove(0);
        let json = Value::from(&resource.root).to_string();
        let path = format!("{resources}?dryRun=All&fieldValidation=Strict");
        let answer = ApiServer::shared().send("POST", &path, "application/json", &json);
        let findings = lint::resource(&definition[0].root, &resource.root);
        let told = |severity: Severity| -> BTreeSet<String> {
            let found = findings.iter();
            let found = found.filter(|finding| finding.severity == severity);
            found.map(|finding| finding.message.clone()).collect()
        };
        let errors: BTreeSet<String> = answer
            .causes()
            .into_iter()
            .map(
                |(_, message)| match message.split_once("strict decoding error: ") {
                    Some((_, strict)) => strict.to_owned(),
                    None => message,
                },
            )
            .collect();
        assert_eq!(told(Severity::Error), errors, "{metadata}");
        let warnings: BTreeSet<String> = answer.warnings.into_iter().collect();
        assert_eq!(told(Severity::Warning), warnings, "{metadata}");
    }
}

#[test]
fn a_namespace_that_cannot_be_is_an_error() {
    let group = "namespaced.example.com";
    let definition = super::fixture("rich", group);
    super::create(
        &definition,
        &format!("/apis/{group}/v1/namespaces/default/widgets"),
    );
    let environment = TestEnvironment::new();
    environment.write("work/definition.yaml", &definition);
    for (namespace, is_taken) in [("default", true), ("Bad_Name", false), ("a.b", false)] {
        let resource = format!(
            "apiVersion: {group}/v1\nkind: Widget\nmetadata: {{name: a, namespace: {namespace}}}\nspec: {{color: red}}\n"
        );
        environment.write("work/a.yaml", &resource);
        let shown = environment.kubewright("crd lint definition.yaml a.yaml");
        let work = environment.path("work");
        let arguments = ["create", "--dry-run=server", "-f", "a.yaml"];
        let created = ApiServer::shared().kubectl(&work, &arguments);
        assert_eq!((created.code == Some(0)), is_taken, "{created}");
        assert_eq!((shown.code == Some(0)), is_taken, "{shown}");
    }
    let cluster = json!({"apiVersion": format!("{group}/v1"), "kind": "Widget",
        "metadata": {"name": "a", "namespace": "Bad_Name"}, "spec": {"color": "red"}});
    let text = definition.replace("scope: Namespaced", "scope: Cluster");
    let root = read(text.as_bytes(), Limits::default())
        .unwrap()
        .remove(0)
        .root;
    let findings = lint::resource(&root, &Node::from(&cluster));
    let told: Vec<&str> = findings
        .iter()
        .map(|finding| finding.message.as_str())
        .collect();
    assert_eq!(told, ["resources of scope Cluster have no namespace"]);
}
