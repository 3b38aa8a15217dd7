//! `kubewright crd lint`, as a user sees it.

use std::path::Path;

use serde_json::{Value, json};

use crate::harness::{ApiServer, TestEnvironment};

fn source(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/crd/source");
    folder.join(name).display().to_string()
}

/// The rules that a file of the source material breaks.
fn broken(files: &[&str]) -> Vec<String> {
    let environment = TestEnvironment::new();
    let files: Vec<String> = files.iter().map(|file| source(file)).collect();
    let mut arguments = vec!["crd", "lint", "--format", "json"];
    arguments.extend(files.iter().map(String::as_str));
    let output = environment.run(&arguments).code(10);
    let report: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    let findings = report["findings"].as_array().unwrap();
    findings
        .iter()
        .map(|finding| finding["rule"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_finding_shows_its_line_and_what_to_do() {
    let environment = TestEnvironment::new();
    environment.write(
        "work/a.yaml",
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n\
         metadata: {name: as.example.com}\nspec:\n  group: example.com\n  scop: Cluster\n  \
         names: {plural: as, kind: A}\n  versions:\n  - name: v1\n    served: true\n    \
         storage: true\n    schema: {openAPIV3Schema: {type: object}}\n",
    );
    let output = environment.kubewright("crd lint a.yaml").code(10);
    let expected = "error[unknown-field]: unknown field \"spec.scop\"\n  --> a.yaml:6:3\n   |\n \
                    6 |   scop: Cluster\n   |   ^\n  fix: write `scope`\n";
    assert!(output.stdout.contains(expected), "{}", output.stdout);
    assert!(
        output.stdout.contains("spec.scope: Required value"),
        "{}",
        output.stdout
    );
}

#[test]
fn errors_of_old_books_are_found() {
    for (file, rules) in [
        (
            "s0-function.yaml",
            &["api-gone", "name", "unknown-field", "schema-required"][..],
        ),
        (
            "s3-crontab-validation.yaml",
            &["api-gone", "field-gone", "structural-type"],
        ),
        (
            "s3-crontab-columns.yaml",
            &["api-gone", "field-gone", "schema-required"],
        ),
        ("s3-crontab-scale.yaml", &["api-gone", "schema-required"]),
        ("s4-crontab.yaml", &["api-gone", "field-gone"]),
        ("s3-apiservice.yaml", &["api-gone", "api-service-insecure"]),
    ] {
        let found = broken(&[file]);
        for rule in rules {
            assert!(
                found.iter().any(|found| found == rule),
                "{file}: {rule} not in {found:?}"
            );
        }
    }
}

#[test]
fn a_resource_is_held_against_its_definition_as_the_server_holds_it() {
    let environment = TestEnvironment::new();
    let definition = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n\
        metadata: {name: crontabs.instance.example.com}\nspec:\n  group: instance.example.com\n  \
        scope: Namespaced\n  names: {plural: crontabs, kind: CronTab}\n  versions:\n  - name: v1\n    \
        served: true\n    storage: true\n    schema:\n      openAPIV3Schema:\n        type: object\n        \
        properties:\n          spec:\n            type: object\n            required: [cronSpec]\n            \
        properties:\n              cronSpec: {type: string, pattern: '^\\d+$', maxLength: 3}\n              \
        replicas: {type: integer, minimum: 1, maximum: 10, default: 1}\n              \
        size: {type: string, enum: [s, m]}\n";
    let resource = "apiVersion: instance.example.com/v1\nkind: CronTab\nmetadata: {name: a}\n\
        spec: {cronSpec: x, replicas: 15, size: xl}\n";
    environment.write("work/all.yaml", &format!("{definition}---\n{resource}"));
    let output = environment
        .kubewright("crd lint all.yaml --format json")
        .code(10);
    let report: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    let text = |finding: &serde_json::Value, key: &str| finding[key].as_str().unwrap().to_owned();
    let mut found: Vec<(String, String)> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| (text(finding, "path"), text(finding, "message")))
        .collect();
    found.sort();

    let server = ApiServer::shared();
    let definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    server.create(definitions, definition).accepted();
    let resources = "/apis/instance.example.com/v1/namespaces/default/crontabs";
    crate::harness::wait_until("the resource is served", || {
        server.get(resources).code == 200
    });
    let mut told = server.create(resources, resource).causes();
    told.sort();
    assert_eq!(found, told);
}

#[test]
fn a_status_of_its_own_is_cleared_before_it_is_checked() {
    let group = "clearedstatus.example.com";
    let definition = super::fixture("rich", group);
    let resources = format!("/apis/{group}/v1/namespaces/default/widgets");
    super::create(&definition, &resources);
    let environment = TestEnvironment::new();
    environment.write("work/definition.yaml", &definition);
    for (status, code) in [("[1]", 0), ("{replicas: none}", 0), ("{other: 1}", 10)] {
        let resource = format!(
            "apiVersion: {group}/v1\nkind: Widget\nmetadata: {{name: a}}\nspec: {{color: red}}\nstatus: {status}\n"
        );
        environment.write("work/resource.yaml", &resource);
        let path = format!("{resources}?dryRun=All&fieldValidation=Strict");
        let answer = ApiServer::shared().create(&path, &resource);
        assert_eq!(answer.code < 300, code == 0, "{status}: {:#}", answer.body);
        environment
            .kubewright("crd lint definition.yaml resource.yaml")
            .code(code);
    }
}

#[test]
fn what_is_no_text_is_refused_with_its_place() {
    let environment = TestEnvironment::new();
    environment.write("work/a.yaml", "a: [1,\n");
    let output = environment.kubewright("crd lint a.yaml").code(10);
    assert!(output.stdout.contains("--> a.yaml:"), "{}", output.stdout);
    environment.kubewright("crd lint absent.yaml").code(2);
    environment
        .kubewright("crd lint a.yaml --kubernetes new")
        .code(2);
}

#[test]
fn folders_sarif_and_rules_have_their_forms() {
    let environment = TestEnvironment::new();
    environment.write(
        "work/some/a.yaml",
        "kind: APIService\napiVersion: apiregistration.k8s.io/v1\n",
    );
    let output = environment
        .kubewright("crd lint some --format sarif")
        .code(10);
    let report: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(report["version"], "2.1.0");
    assert_eq!(report["runs"][0]["results"][0]["level"], "error");
    let rules = environment.kubewright("crd rules").success();
    let columns = |id: &str| -> Vec<String> {
        let line = rules.lines().into_iter().find(|line| line.starts_with(id));
        let words = line.unwrap().split_whitespace().map(str::to_owned);
        words.take(3).collect()
    };
    assert_eq!(
        columns("structural-type"),
        ["structural-type", "1.16", "yes"]
    );
    assert_eq!(columns("version-unique")[2], "Versions");
    let rules = environment.kubewright("crd rules --format json").success();
    let rules: Value = serde_json::from_str(&rules.stdout).unwrap();
    let fixable = |id: &str| {
        let mut all = rules["rules"].as_array().unwrap().iter();
        all.find(|rule| rule["id"] == id).unwrap()["fixable"].clone()
    };
    assert_eq!(
        (fixable("unknown-field"), fixable("pattern")),
        (json!(true), json!(false))
    );
}
