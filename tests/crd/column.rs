//! Columns, as the linter foresees them and as the API server shows them.

use crate::harness::{ApiServer, TestEnvironment};

const GROUP: &str = "columns.example.com";

/// Path, type, whether the linter warns, and what the cell shows; nothing where it is empty.
const COLUMNS: [(&str, &str, &str, &str); 32] = [
    (".spec.text", "string", "", "words"),
    (".spec.text", "integer", "column-type", ""),
    (".spec.text", "boolean", "column-type", ""),
    (".spec.count", "integer", "", "7"),
    (".spec.count", "number", "", "7"),
    (".spec.count", "string", "", "7"),
    (".spec.count", "date", "column-type", ""),
    (".spec.ratio", "integer", "column-type", "1"),
    (".spec.ratio", "number", "", "1.5"),
    (".spec.on", "boolean", "", "true"),
    (".spec.on", "integer", "column-type", ""),
    (".spec.list", "string", "", r#"["a","b"]"#),
    (".spec.list", "integer", "column-type", ""),
    (".spec.list[0]", "string", "", "a"),
    (".spec.list[*]", "string", "column-several", "a"),
    (".spec.list.name", "string", "column-target", ""),
    (".spec.items[?(@.name==\"x\")].value", "integer", "", "1"),
    (
        ".spec.items[?(@.name==\"x\")].value",
        "boolean",
        "column-type",
        "",
    ),
    (".spec.items[0].absent", "string", "column-target", ""),
    (".spec.items", "string", "", r#"[{"name":"x","value":1}]"#),
    (".spec.text[0]", "string", "column-target", ""),
    (".spec.count.deeper", "string", "column-target", ""),
    (".spec.port", "string", "", "80%"),
    (".spec.port", "integer", "column-type", ""),
    (".spec.day", "date", "column-type", "<invalid>"),
    (".spec.then", "date", "", "<invalid>"),
    (".spec.labels.any", "string", "", "thing"),
    (".spec.labels.any", "number", "column-type", ""),
    (".spec.labels['any']", "string", "", "thing"),
    (".spec.labels", "string", "", r#"{"any":"thing"}"#),
    (".metadata.name", "string", "", "a"),
    (".metadata.creationTimestamp", "string", "", "TIME"),
];

fn definition(columns: &str) -> String {
    format!(
        "apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {{name: as.{GROUP}}}
spec:
  group: {GROUP}
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
          spec:
            type: object
            properties:
              text: {{type: string}}
              count: {{type: integer}}
              ratio: {{type: number}}
              on: {{type: boolean}}
              list: {{type: array, items: {{type: string}}}}
              items: {{type: array, items: {{type: object, properties: {{name: {{type: string}}, value: {{type: integer}}}}}}}}
              port: {{x-kubernetes-int-or-string: true}}
              day: {{type: string, format: date}}
              then: {{type: string}}
              labels: {{type: object, additionalProperties: {{type: string}}}}
    additionalPrinterColumns:
{columns}"
    )
    .replace("              on:", "              \"on\":")
}

const RESOURCE: &str = "apiVersion: columns.example.com/v1
kind: A
metadata: {name: a}
spec:
  text: words
  count: 7
  ratio: 1.5
  \"on\": true
  list: [a, b]
  items: [{name: x, value: 1}]
  port: 80%
  day: '2024-01-01'
  then: yesterday
  labels: {any: thing}
";

fn column(name: &str, kind: &str, path: &str) -> String {
    let path = serde_json::to_string(path).unwrap();
    format!("    - {{name: {name}, type: {kind}, jsonPath: {path}}}\n")
}

/// The findings of a definition: rule, and index of the column.
fn found(environment: &TestEnvironment, text: &str) -> Vec<(String, String)> {
    environment.write("work/a.yaml", text);
    let report = environment
        .kubewright("crd lint a.yaml --format json")
        .success()
        .json();
    let findings = report["findings"].as_array().unwrap().iter();
    findings
        .map(|finding| {
            let path = finding["path"].as_str().unwrap();
            let index = path.split("Columns[").nth(1).unwrap();
            let index = index.split(']').next().unwrap();
            (
                finding["rule"].as_str().unwrap().to_owned(),
                index.to_owned(),
            )
        })
        .collect()
}

#[test]
fn cells_that_will_be_empty_or_wrong_are_foreseen() {
    let environment = TestEnvironment::new();
    let columns: Vec<String> = (0..)
        .zip(COLUMNS)
        .map(|(index, (path, kind, _, _))| column(&format!("C{index}"), kind, path))
        .collect();
    let text = definition(&columns.concat());
    let expected: Vec<(String, String)> = (0..)
        .zip(COLUMNS)
        .filter(|(_, (_, _, rule, _))| !rule.is_empty())
        .map(|(index, (_, _, rule, _))| (rule.to_owned(), index.to_string()))
        .collect();
    assert_eq!(found(&environment, &text), expected);

    let resources = format!("/apis/{GROUP}/v1/as");
    super::create(&text, &resources);
    let server = ApiServer::shared();
    server.create(&resources, RESOURCE).accepted();
    let table = server.table(&resources);
    let cells = table["rows"][0]["cells"].as_array().unwrap();
    assert_eq!(cells.len(), COLUMNS.len() + 1, "{table:#}");
    for (cell, (path, kind, _, expected)) in cells.iter().skip(1).zip(COLUMNS) {
        let shown = match cell {
            serde_json::Value::Null => String::new(),
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let right = match expected {
            "TIME" => shown.ends_with('Z'),
            expected => shown == expected,
        };
        assert!(right, "{path} as {kind}: {shown}, not {expected}");
    }
}

#[test]
fn what_stands_behind_a_broken_path_is_not_shown() {
    let environment = TestEnvironment::new();
    let group = "brokencolumn.example.com";
    let columns = [
        column("One", "string", ".spec.text"),
        column("Two", "string", ".spec.list[0"),
        column("Three", "string", ".spec.text"),
    ];
    let text = definition(&columns.concat()).replace(GROUP, group);
    let expected = [("column-syntax".to_owned(), "1".to_owned())];
    assert_eq!(found(&environment, &text), expected);
    let resources = format!("/apis/{group}/v1/as");
    super::create(&text, &resources);
    let table = ApiServer::shared().table(&resources);
    let columns = table["columnDefinitions"].as_array().unwrap().iter();
    let names: Vec<&str> = columns
        .map(|column| column["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["Name", "One"]);
}
