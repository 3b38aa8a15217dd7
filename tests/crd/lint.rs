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

/// A definition whose schema of `spec` has these properties and further keywords.
fn with_spec(group: &str, spec: &str) -> String {
    format!(
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n\
         metadata: {{name: as.{group}}}\nspec:\n  group: {group}\n  scope: Namespaced\n  \
         names: {{plural: as, kind: A}}\n  versions:\n  - name: v1\n    served: true\n    \
         storage: true\n    schema:\n      openAPIV3Schema:\n        type: object\n        \
         properties:\n          spec:\n            type: object\n{spec}"
    )
}

#[test]
fn findings_on_resources_stand_at_their_fields() {
    let environment = TestEnvironment::new();
    let spec = "            required: [name]
            properties:
              name: {type: string}
              size: {type: integer, maximum: 5}
              ports: {type: array, items: {type: object, required: [port], properties: {port: {type: integer}}}}
              labels: {type: object, additionalProperties: {type: string, maxLength: 1}}
              replicas: {type: integer}
";
    let definition = with_spec("places.example.com", spec)
        + "    subresources: {scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas}}\n";
    let resource = "apiVersion: places.example.com/v1
kind: A
metadata:
  name: a
spec:
  size: 9
  ports:
  - port: 1
  - other: 2
  labels:
    a.b/c: long
  replicas: -1
";
    environment.write("work/definition.yaml", &definition);
    environment.write("work/a.yaml", resource);
    let report = environment
        .kubewright("crd lint definition.yaml a.yaml --format json")
        .code(10)
        .json();
    let findings = report["findings"].as_array().unwrap().iter();
    let mut told: Vec<String> = findings
        .filter(|finding| finding["file"] == "a.yaml")
        .map(|finding| {
            format!(
                "{}:{} {}",
                finding["line"], finding["column"], finding["path"]
            )
        })
        .collect();
    told.sort();
    told.dedup();
    assert_eq!(
        told,
        [
            "11:12 \"spec.labels.a.b/c\"",
            "12:13 \".spec.replicas\"",
            "5:1 \"spec.name\"",
            "6:9 \"spec.size\"",
            "9:5 \"spec.ports[1].other\"",
            "9:5 \"spec.ports[1].port\"",
        ]
    );
}

#[test]
fn what_to_do_is_said_of_the_very_finding() {
    let environment = TestEnvironment::new();
    let spec = "            properties:
              max: {type: integer}
              name: {tpye: string}
              inner: {properties: {a: {type: string}}}
              twice: {type: string, pattern: '(a{1000}){1000}'}
              open: {type: string, pattern: '(a'}
";
    let rules = "            properties: {max: {type: integer}}
            x-kubernetes-validations:
            - rule: self.mox > 0
            - rule: max > 0
            - rule: self.max
";
    let second = with_spec("rules.example.com", rules);
    let text = format!("{}---\n{second}", with_spec("advice.example.com", spec));
    environment.write("work/a.yaml", &text);
    let report = environment
        .kubewright("crd lint a.yaml --format json")
        .code(10)
        .json();
    let findings = report["findings"].as_array().unwrap().iter();
    let told: Vec<String> = findings
        .map(|finding| {
            let text = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
            format!("{}: {}", text("rule"), text("fix"))
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    unknown-field: write `type`
    structural-type: write `type: object`: `properties` stands only at one
    pattern: repeat at most 1000 times; repetitions within each other multiply
    pattern: close the group with `)`, or write `\(` for the character itself
    cel: did you mean `max`?
    cel: fields belong to `self`: did you mean `self.max`?
    cel: compare: a rule is true or false, as `self.replicas > 0` is
    ");
}

#[test]
fn a_key_that_a_rule_misses_is_named() {
    let environment = TestEnvironment::new();
    let spec = "            properties: {size: {type: integer}}
            x-kubernetes-validations: [{rule: self.size > 0}]
";
    let resource = "---\napiVersion: key.example.com/v1\nkind: A\nmetadata: {name: a}\nspec: {}\n";
    let text = with_spec("key.example.com", spec) + resource;
    environment.write("work/a.yaml", &text);
    let shown = environment.kubewright("crd lint a.yaml").code(10);
    let fix = "fix: give `size` a value; or let the rule ask for it first (`!has(self.size) || …`), or the \
               definition require it";
    assert!(shown.stdout.contains(fix), "{shown}");
}

#[test]
fn lines_are_shown_around_their_place_and_command_no_terminal() {
    let environment = TestEnvironment::new();
    let long = "x".repeat(100_000);
    let text = with_spec("long.example.com", "");
    let wrong = format!("  other: {{a: \"{long}\"}}\n  names:");
    environment.write(
        "work/a.yaml",
        &text
            .replace("  names:", &wrong)
            .replace("kind: A}", "kind: A, other: \"日本\u{202e}\", wrong: 1}"),
    );
    let shown = environment.kubewright("crd lint a.yaml").code(10);
    insta::assert_snapshot!(shown);
}

#[test]
fn on_a_terminal_lines_break_at_spaces() {
    let environment = TestEnvironment::new();
    environment.write(
        "work/a.yaml",
        &with_spec("wide.example.com", "").replace("kind: A", "kind: My_Kind"),
    );
    let kubewright = env!("CARGO_BIN_EXE_kubewright");
    for line in ["crd lint a.yaml", "crd rules"] {
        let script = format!(
            "script --quiet --return --command 'stty cols 80; TERM=dumb {kubewright} {line} 2>/dev/null' /dev/null || true"
        );
        let shown = environment.bash(&environment.path("work"), &script);
        let rows: Vec<&str> = shown.stdout.lines().map(str::trim_end).collect();
        assert!(rows.len() > 4, "{shown}");
        let wide = rows.iter().find(|row| row.chars().count() > 80);
        assert_eq!(wide, None, "{line}");
    }
}
