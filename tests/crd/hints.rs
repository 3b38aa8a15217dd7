//! What is said of findings beside the server's words: what to do, and in which order.

use serde_json::Value;

use crate::harness::{ApiServer, TestEnvironment};

fn definition(spec: &str) -> String {
    format!(
        "apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {{name: as.hints.example.com}}
spec:
  group: hints.example.com
  scope: Cluster
  names: {{plural: as, kind: A}}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec: {spec}
"
    )
}

/// Severity, rule, message and fix of each finding.
fn findings(environment: &TestEnvironment, text: &str) -> Vec<[String; 4]> {
    environment.write("work/a.yaml", text);
    let report = environment
        .kubewright("crd lint a.yaml --format json")
        .json();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let findings = report["findings"].as_array().unwrap().iter();
    findings
        .map(|finding| ["severity", "rule", "message", "fix"].map(|key| text(&finding[key])))
        .collect()
}

const QUOTES: &str =
    "put it in quotes: without, YAML takes `y`, `yes`, `on`, `n`, `no`, `off` for booleans";

#[test]
fn booleans_that_were_to_be_texts_are_told() {
    let environment = TestEnvironment::new();
    let short = definition("{type: object}").replace("kind: A}", "kind: A, shortNames: [y]}");
    let found = findings(&environment, &short);
    assert_eq!((&*found[0][1], &*found[0][3]), ("wrong-type", QUOTES));
    let number = definition("{type: object}").replace("name: v1", "name: 1");
    let found = findings(&environment, &number);
    assert_eq!(found[0][3], "put it in quotes: it is a text here");

    let default = definition("{type: object, properties: {a: {type: string, default: on}}}");
    let found = findings(&environment, &default);
    assert_eq!((&*found[0][1], &*found[0][3]), ("default", QUOTES));

    for (spec, rule, message, fix) in [
        (
            "{type: object, properties: {on: {type: string}}}",
            "boolean-key",
            "the property is called \"true\"",
            QUOTES,
        ),
        (
            "{type: object, properties: {a: {type: string, enum: [a, no]}}}",
            "enum-type",
            "false is no string: nothing is ever equal to it",
            QUOTES,
        ),
        (
            "{type: object, properties: {a: {type: integer, enum: [1, '2']}}}",
            "enum-type",
            "\"2\" is no integer: nothing is ever equal to it",
            "write values of the type",
        ),
    ] {
        let text = definition(spec);
        let found = findings(&environment, &text);
        assert_eq!(found, [["warning", rule, message, fix].map(str::to_owned)]);
        let answer = ApiServer::shared().create(super::agreement::CREATE, &text);
        answer.accepted();
    }
}

#[test]
fn what_a_finding_follows_from_stands_before_it() {
    let environment = TestEnvironment::new();
    let text = definition(
        "{type: object, required: [name, mode], properties: {name: {type: string}, mode: {type: string, enum: [Full, Some]}}, x-kubernetes-validations: [{rule: 'true'}]}",
    );
    let resource =
        "apiVersion: hints.example.com/v1\nkind: A\nmetadata: {name: a}\nspec: {mode: Ful}\n";
    let found = findings(&environment, &format!("{text}---\n{resource}"));
    let told: Vec<(&str, &str)> = found
        .iter()
        .map(|[_, rule, _, fix]| (rule.as_str(), fix.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("resource", "add `name`"),
            ("resource", "write `Full`"),
            ("cel-resource", "correct the other errors first"),
        ]
    );
}

#[test]
fn nothing_to_check_is_a_warning_like_others() {
    let environment = TestEnvironment::new();
    environment.write("work/a.yaml", "apiVersion: v1\nkind: ConfigMap\n");
    environment.kubewright("crd lint a.yaml").success();
    environment
        .kubewright("crd lint a.yaml --deny-warnings")
        .code(10);
}

#[test]
fn what_converting_mends_is_said() {
    let environment = TestEnvironment::new();
    let text = "apiVersion: apiextensions.k8s.io/v1beta1
kind: CustomResourceDefinition
metadata: {name: as.hints.example.com}
spec:
  group: hints.example.com
  version: v1
  names: {plural: as, kind: A}
  validation: {openAPIV3Schema: {properties: {a: {pattern: '(?=a)'}}}}
";
    let found = findings(&environment, text);
    let fix = |rule: &str| {
        let mut all = found.iter();
        all.find(|finding| finding[1] == rule).unwrap()[3].clone()
    };
    assert_eq!(fix("structural-type"), "`kubewright crd convert` mends it");
    assert_eq!(
        fix("pattern"),
        "there is no look-around and no back-reference"
    );
}

#[test]
fn what_json_schema_has_and_kubernetes_not_is_told_with_what_it_has_instead() {
    let environment = TestEnvironment::new();
    let fix = |spec: &str| {
        let found = findings(&environment, &definition(spec));
        found[0][3].clone()
    };
    assert_eq!(
        fix("{type: object, properties: {a: {type: string, const: x}}}"),
        "Kubernetes knows no `const`: write an `enum` of one value"
    );
    assert_eq!(
        fix("{type: object, properties: {a: {type: [string, 'null']}}}"),
        "write one type; for null there is `nullable: true`"
    );
    assert_eq!(
        fix(
            "{type: object, properties: {a: {type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [k], items: {type: string}}}}"
        ),
        "only objects have keys: for others write `x-kubernetes-list-type: set` or `atomic`"
    );
    let column = definition("{type: object}")
        + "    additionalPrinterColumns: [{name: A, type: int, jsonPath: spec.a}]\n";
    let found = findings(&environment, &column);
    let fixes: Vec<&str> = found.iter().map(|finding| finding[3].as_str()).collect();
    assert_eq!(fixes, ["write `type: integer`", "write `.spec.a`"]);
}

#[test]
fn minor_versions_are_not_what_betas_are() {
    let environment = TestEnvironment::new();
    let text = definition("{type: object}").replace("name: v1", "name: v1.2");
    assert_eq!(
        findings(&environment, &text)[0][3],
        "write `v1`: there are no minor versions"
    );
}
