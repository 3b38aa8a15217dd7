//! Definitions beside each other.

use serde_json::Value;

use crate::harness::{ApiServer, TestEnvironment, wait_until};

fn definition(group: &str, plural: &str, names: &str) -> String {
    format!(
        "apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: {plural}.{group}
spec:
  group: {group}
  scope: Cluster
  names:
    plural: {plural}
{names}  versions:
  - name: v1
    served: true
    storage: true
    schema: {{openAPIV3Schema: {{type: object}}}}
"
    )
}

/// Findings as `severity[rule] line:column message; fix`.
fn told(environment: &TestEnvironment, files: &str) -> Vec<String> {
    let report = environment
        .kubewright(&format!("crd lint --format json {files}"))
        .json();
    let findings = report["findings"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    findings
        .map(|finding| {
            format!(
                "{}[{}] {}:{}:{} {}; {}",
                text(&finding["severity"]),
                text(&finding["rule"]),
                text(&finding["file"]),
                finding["line"],
                finding["column"],
                text(&finding["message"]),
                text(&finding["fix"]),
            )
        })
        .collect()
}

#[test]
fn two_definitions_of_one_name_are_told_with_both_places() {
    let environment = TestEnvironment::new();
    let group = "unique.example.com";
    let one = definition(group, "as", "    kind: A\n");
    let other = one.replace("Cluster", "Namespaced");
    environment.write("work/a.yaml", &one);
    environment.write("work/b.yaml", &other);
    environment.write("work/c.yaml", &format!("# The same.\n{one}"));
    let message = format!(
        "customresourcedefinitions.apiextensions.k8s.io \"as.{group}\" already exists; remove one of the two:"
    );
    assert_eq!(
        told(&environment, "a.yaml b.yaml"),
        [format!(
            "error[definition-unique] b.yaml:4:9 {message} another, which this one would replace, is at a.yaml:4:9"
        )]
    );
    assert_eq!(
        told(&environment, "a.yaml c.yaml"),
        [format!(
            "warning[definition-unique] c.yaml:5:9 {message} the same is at a.yaml:4:9"
        )]
    );
    environment.write("work/all.yaml", &format!("{one}---\n{other}"));
    let output = environment.kubewright("crd diff all.yaml b.yaml").success();
    assert!(
        output.stderr.contains(&format!(
            "warning: all.yaml:20:9: customresourcedefinitions.apiextensions.k8s.io \"as.{group}\" already exists: the last is compared"
        )),
        "{}",
        output.stderr
    );
    let server = ApiServer::shared();
    let definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    server.create(definitions, &one).accepted();
    let answer = server.create(definitions, &other);
    assert_eq!(answer.code, 409);
    assert_eq!(
        answer.body["message"],
        format!("customresourcedefinitions.apiextensions.k8s.io \"as.{group}\" already exists")
    );
}

#[test]
fn a_name_that_a_group_has_twice_is_not_accepted() {
    let environment = TestEnvironment::new();
    let server = ApiServer::shared();
    let definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    for (case, first, second, place, name, reason) in [
        (
            "kind",
            "    kind: A\n",
            "    kind: A\n    singular: b\n    listKind: Bs\n",
            "10:11",
            "A",
            "KindConflict",
        ),
        (
            "list",
            "    kind: A\n",
            "    kind: B\n    listKind: AList\n",
            "11:15",
            "AList",
            "ListKindConflict",
        ),
        (
            "short",
            "    kind: A\n    shortNames: [p, q]\n",
            "    kind: B\n    shortNames: [r, q]\n",
            "11:21",
            "q",
            "ShortNamesConflict",
        ),
        (
            "singular",
            "    kind: A\n    shortNames: [b]\n",
            "    kind: B\n",
            "7:3",
            "b",
            "SingularConflict",
        ),
        (
            "plural",
            "    kind: A\n    shortNames: [bs]\n",
            "    kind: B\n",
            "9:13",
            "bs",
            "PluralConflict",
        ),
    ] {
        let group = format!("{case}.together.example.com");
        let one = definition(&group, "as", first);
        let other = definition(&group, "bs", second);
        environment.write("work/a.yaml", &one);
        environment.write("work/b.yaml", &other);
        let found = told(&environment, "a.yaml b.yaml");
        assert_eq!(found.len(), 1, "{case}: {found:#?}");
        // What is not written stands at what it would be written in.
        let place = if case == "singular" { "8:3" } else { place };
        let expected = format!(
            "error[names-unique] b.yaml:{place} \"{name}\" is already in use ({reason}: names are not accepted, nothing is served); take another name: a.yaml:"
        );
        assert!(found[0].starts_with(&expected), "{case}: {found:#?}");

        for text in [&one, &other] {
            server.create(definitions, text).accepted();
            let named = |condition: &Value| {
                condition["type"] == "NamesAccepted" && condition["status"] != "Unknown"
            };
            let plural = if text == &one { "as" } else { "bs" };
            let path = format!("{definitions}/{plural}.{group}");
            let mut told = Value::Null;
            wait_until("names are accepted or not", || {
                let answer = server.get(&path);
                let conditions = answer.body["status"]["conditions"].as_array().cloned();
                told = conditions
                    .into_iter()
                    .flatten()
                    .find(|condition| named(condition))
                    .unwrap_or_default();
                !told.is_null()
            });
            if text == &other {
                assert_eq!(told["reason"], reason, "{case}: {told:#}");
                assert_eq!(told["message"], format!("\"{name}\" is already in use"));
            }
        }
    }
    let other_group = definition("elsewhere.example.com", "bs", "    kind: A\n");
    environment.write("work/b.yaml", &other_group);
    assert_eq!(told(&environment, "a.yaml b.yaml"), [""; 0]);
}
