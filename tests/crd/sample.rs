//! `kubewright crd sample`: what it makes is what a real API server takes.

use serde_json::Value;

use super::{create, fixture};
use crate::harness::{ApiServer, TestEnvironment};

/// Makes both samples of a definition, and asks the server to take them.
fn taken(definition: &str, resources: &str) -> [Value; 2] {
    let environment = TestEnvironment::new();
    environment.write("work/crd.yaml", definition);
    let server = ApiServer::shared();
    [&[][..], &["--all"]].map(|more| {
        let arguments = [&["crd", "sample", "crd.yaml"], more].concat();
        let sample = environment.run(&arguments).success().stdout;
        let path = format!("{resources}?dryRun=All&fieldValidation=Strict");
        server.create(&path, &sample).accepted().body
    })
}

#[test]
fn of_every_keyword() {
    let group = "sampled.example.com";
    let definition = fixture("rich", group);
    let resources = format!("/apis/{group}/v1/namespaces/default/widgets");
    create(&definition, &resources);
    let [_, all] = taken(&definition, &resources);
    let fields: Vec<&String> = all["spec"].as_object().unwrap().keys().collect();
    assert_eq!(fields.len(), 13, "{fields:?}");
    // One of the two alternatives, which exclude each other.
    assert_eq!(all["spec"]["choice"].as_object().unwrap().len(), 1);
}

#[test]
fn of_a_resource_without_a_namespace() {
    let group = "versionssampled.example.com";
    let definition = fixture("versions", group);
    let resources = format!("/apis/{group}/v1/gears");
    create(&definition, &resources);
    taken(&definition, &resources);
}

#[test]
fn of_every_type_of_the_field_language() {
    let group = "everythingsampled.example.com";
    let environment = TestEnvironment::new();
    let text = include_str!("../fixtures/scaffold/everything.toml");
    environment.write(
        "work/api.toml",
        &text.replace("everything.example.com", group),
    );
    environment
        .kubewright("scaffold crd --spec api.toml --out out")
        .success();
    let path = environment.path(&format!("work/out/crd/everythings.{group}.yaml"));
    let definition = std::fs::read_to_string(path).unwrap();
    let resources = format!("/apis/{group}/v1/namespaces/default/everythings");
    create(&definition, &resources);
    taken(&definition, &resources);
}

#[test]
fn of_alternatives_that_demand_and_forbid() {
    let group = "alternatives.example.com";
    let definition = format!(
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n\
         metadata: {{name: picks.{group}}}\nspec:\n  group: {group}\n  scope: Namespaced\n  \
         names: {{plural: picks, kind: Pick}}\n  versions:\n  - name: v1\n    served: true\n    storage: true\n    \
         schema:\n      openAPIV3Schema:\n        type: object\n        required: [spec]\n        properties:\n          \
         metadata: {{type: object, properties: {{name: {{type: string, pattern: '^p-[0-9]+$'}}}}}}\n          \
         spec:\n            type: object\n            minProperties: 2\n            properties:\n              \
         mode: {{type: string, enum: [a, b]}}\n              a: {{type: integer, multipleOf: 7, minimum: 20}}\n              \
         b: {{type: string, allOf: [{{minLength: 5}}, {{pattern: '^(x|y)+$'}}]}}\n              \
         never: {{type: integer, minimum: 5, maximum: 4}}\n              \
         times: {{type: array, minItems: 3, x-kubernetes-list-type: set, items: {{type: string, pattern: '^t+$'}}}}\n            \
         oneOf:\n            - {{required: [b], properties: {{mode: {{enum: [b]}}}}}}\n            \
         - {{required: [a, mode], properties: {{mode: {{enum: [a]}}, a: {{maximum: 30}}}}}}\n            \
         not: {{required: [a, b]}}\n"
    );
    let resources = format!("/apis/{group}/v1/namespaces/default/picks");
    create(&definition, &resources);
    let samples = taken(&definition, &resources);
    for sample in samples {
        assert!(
            sample["spec"].get("a").is_some() != sample["spec"].get("b").is_some(),
            "{sample}"
        );
    }
}

#[test]
fn what_cannot_be_is_said_with_its_place() {
    let environment = TestEnvironment::new();
    let definition = fixture("versions", "impossible.example.com");
    let possible =
        "properties: {spec: {type: object, properties: {teeth: {type: integer, default: 8}}}}";
    assert!(definition.contains(possible));
    let impossible = "required: [spec]\n        properties: {spec: {type: object, required: [teeth], \
                      properties: {teeth: {type: integer, minimum: 5, maximum: 4}}}}";
    let definition = definition.replace(possible, impossible);
    environment.write("work/crd.yaml", &definition);
    environment
        .kubewright("crd sample crd.yaml")
        .code(2)
        .says("no sample can be made of `spec.teeth`: no whole number lies within its limits")
        .says("example");
}

#[test]
fn a_definition_that_is_refused_is_warned_of() {
    let environment = TestEnvironment::new();
    let text = super::fixture("rich", "warned.example.com");
    let broken = text.replacen("scope: Namespaced", "scope: Everywhere", 1);
    assert_ne!(text, broken);
    environment.write("work/a.yaml", &broken);
    environment
        .kubewright("crd sample a.yaml")
        .success()
        .says("warning: the API server refuses this definition, and with it the sample: spec.scope: Unsupported value: \"Everywhere\"")
        .says("`kubewright crd lint a.yaml` tells what to do");
}
