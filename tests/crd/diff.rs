//! `kubewright crd diff`, as a user and a program see it.

use insta::assert_snapshot;

use crate::harness::TestEnvironment;

fn definition(scope: &str, schema: &str) -> String {
    format!(
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: \
         gadgets.example.com\nspec:\n  group: example.com\n  scope: {scope}\n  names: {{plural: gadgets, \
         kind: Gadget}}\n  versions:\n  - name: v1\n    served: true\n    storage: true\n    schema:\n      \
         openAPIV3Schema:\n        type: object\n        properties:\n          spec:\n            type: \
         object\n            properties:\n{schema}"
    )
}

fn both(environment: &TestEnvironment) {
    let old =
        "              size: {type: integer, maximum: 9}\n              mode: {type: string}\n";
    let new = "              size: {type: integer, maximum: 5}\n              tags: {type: array, items: {type: string}}\n";
    environment.write("work/old/a.yaml", &definition("Namespaced", old));
    environment.write("work/new/a.yaml", &definition("Namespaced", new));
}

#[test]
fn changes_are_shown_with_both_places() {
    let environment = TestEnvironment::new();
    both(&environment);
    assert_snapshot!(environment.kubewright("crd diff old new").code(10));
    assert_snapshot!(environment.kubewright("crd diff old/a.yaml old").success());
}

#[test]
fn programs_get_the_published_form() {
    let environment = TestEnvironment::new();
    both(&environment);
    let output = environment
        .kubewright("crd diff old new --format json")
        .code(10);
    let report = output.json();
    crate::schemas::Schema::published("crd-diff").check(&report);
    assert_eq!(report["breaking"], 2);
    assert_snapshot!(output.stdout);
}

#[test]
fn there_must_be_something_to_compare() {
    let environment = TestEnvironment::new();
    both(&environment);
    environment.write("work/none.yaml", "a: 1\n");
    environment.write("work/broken.yaml", "a: [\n");
    assert_snapshot!(environment.kubewright("crd diff old none.yaml").code(2));
    assert_snapshot!(environment.kubewright("crd diff broken.yaml new").code(2));
    assert_snapshot!(environment.kubewright("crd diff absent.yaml new").code(2));
}
