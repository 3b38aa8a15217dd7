//! Definitions that are changed at random places: what `crd diff`, `crd lint --fix` and `crd convert` make of them.

use kubewright::crd::Severity;
use kubewright::crd::convert::{Unknown, convert};
use kubewright::crd::diff::{Verdict, diff};
use kubewright::crd::document::{Document, Limits, read};
use kubewright::crd::fix::fix;
use kubewright::crd::lint::{Known, document, resource};
use serde_json::{Value, json};

use super::agreement::fixture;
use super::mutation::{Dice, mutate};
use crate::harness::ApiServer;

const TRIED: &str =
    "/apis/apiextensions.k8s.io/v1/customresourcedefinitions?dryRun=All&fieldValidation=Strict";

fn one(text: &str) -> Document {
    read(text.as_bytes(), Limits::default()).unwrap().remove(0)
}

/// Whether the API server takes it and keeps all of it.
fn takes(definition: &Document, object: &Value) -> bool {
    let object = one(&object.to_string());
    let findings = resource(&definition.root, &object.root);
    findings
        .iter()
        .all(|finding| finding.severity != Severity::Error)
}

fn errors(definition: &Document) -> usize {
    let findings = document(&definition.root, &Known::default());
    let errors = findings.iter();
    errors
        .filter(|finding| finding.severity == Severity::Error)
        .count()
}

/// Objects that use each field of the definition `rich`, at the edges of their limits.
fn objects() -> Vec<Value> {
    let specs = [
        json!({"color": "green", "replicas": 1, "ratio": 0.5, "name": "a", "port": 80}),
        json!({"color": "red", "replicas": 10, "ratio": 12.5, "name": "abcdefghij-klmnopqrs", "port": "http"}),
        json!({"color": "red", "enabled": null, "tags": [], "labels": {}, "raw": {}, "rows": []}),
        json!({"color": "red", "enabled": true, "tags": ["a", "b", "c", "d", "e", "f", "g", "h"]}),
        json!({"color": "red", "rows": [{"key": "a"}, {"key": "b", "value": -1}], "raw": {"a": [1, {"b": null}]}}),
        json!({"color": "red", "labels": {"a": "", "b": "x", "c": "x", "d": "x", "e": "x"}}),
        json!({"color": "red", "choice": {"a": ""}, "limits": {"low": 0}}),
        json!({"color": "red", "choice": {"b": "x"}, "limits": {"when": "2024-01-01T00:00:00Z"}}),
        json!({"color": "red", "template": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {"x": 1}}}),
    ];
    let object = |spec: &Value| {
        json!({
            "apiVersion": "rich.example.com/v1", "kind": "Widget",
            "metadata": {"name": "a", "namespace": "b"}, "spec": spec,
            "status": {"replicas": 1, "selector": "a=b"},
        })
    };
    specs.iter().map(object).collect()
}

#[test]
fn what_diff_calls_compatible_refuses_and_loses_nothing() {
    let base = fixture("rich");
    let (old, objects) = (one(&base.to_string()), objects());
    for object in &objects {
        assert!(takes(&old, object), "{object}");
    }
    let (mut breaking, mut compatible, mut shown) = (0, 0, 0);
    for seed in 0..1500 {
        let text = mutate(&base, &mut Dice::new(seed)).to_string();
        let new = one(&text);
        // The API server takes no such definition: there is nothing to compare.
        if errors(&new) > 0 {
            continue;
        }
        let changes = diff([&old], [&new]);
        let breaks = changes
            .iter()
            .any(|change| change.verdict == Verdict::Breaking);
        let refused = objects.iter().find(|object| !takes(&new, object));
        if breaks {
            breaking += 1;
            shown += usize::from(refused.is_some());
        } else {
            compatible += 1;
            assert_eq!(refused, None, "{seed}: {changes:#?}\n{text}");
        }
    }
    assert!(
        breaking > 50 && compatible > 50 && shown > 10,
        "{breaking} {compatible} {shown}"
    );
}

#[test]
fn fixing_twice_is_fixing_once_and_makes_nothing_worse() {
    let bases = [fixture("rich"), fixture("versions")];
    let (mut mended, mut clean) = (0, 0);
    for seed in 0..700 {
        let base = &bases[usize::from(seed % 4 == 0)];
        let text = format!("{:#}\n", mutate(base, &mut Dice::new(seed)));
        let before = errors(&one(&text));
        let fixed = fix(text.clone(), &Known::default()).unwrap();
        if fixed.mended.is_empty() {
            assert_eq!(fixed.text, text);
            continue;
        }
        mended += 1;
        let after = errors(&one(&fixed.text));
        assert!(after <= before, "{seed}: {:#?}", fixed.mended);
        clean += usize::from(after == 0);
        let again = fix(fixed.text.clone(), &Known::default()).unwrap();
        assert_eq!(again.text, fixed.text, "{seed}");
        assert!(serde_json::from_str::<Value>(&fixed.text).is_ok(), "{seed}");
        if after == 0 {
            let media_type = "application/json";
            let answer = ApiServer::shared().send("POST", TRIED, media_type, &fixed.text);
            assert!(answer.code < 300, "{seed}: {:#}", answer.body);
        }
    }
    assert!(mended > 20 && clean > 5, "{mended} {clean}");
}

#[test]
fn converting_always_ends_in_a_definition_of_v1() {
    let bases = [fixture("rich"), fixture("versions"), fixture("old")];
    for seed in 0..240 {
        let base = &bases[usize::try_from(seed % 3).unwrap()];
        let mut old = mutate(base, &mut Dice::new(seed));
        old["apiVersion"] = "apiextensions.k8s.io/v1beta1".into();
        for unknown in [Unknown::Preserve, Unknown::Prune] {
            let converted = convert(old.to_string(), 0, unknown).unwrap();
            let new = one(&converted.text);
            let api = new.root.get("apiVersion").and_then(|node| node.text());
            assert_eq!(api, Some("apiextensions.k8s.io/v1"), "{seed}");
            assert!(!converted.rewritten, "{seed}: {old}\n{}", converted.text);
        }
    }
}

/// Writes YAML on lines, with a comment above each key and one behind each scalar.
#[derive(Default)]
struct Commented {
    text: String,
    count: usize,
}

impl Commented {
    fn comment(&mut self) -> String {
        self.count += 1;
        format!("# c{};", self.count)
    }

    /// What follows a colon or a dash.
    fn value(&mut self, value: &Value, indent: usize) {
        match value {
            Value::Object(map) if !map.is_empty() => {
                self.text.push('\n');
                self.members(map, indent + 2);
            }
            Value::Array(list) if !list.is_empty() => {
                self.text.push('\n');
                for item in list {
                    self.text.push_str(&" ".repeat(indent + 2));
                    self.text.push('-');
                    self.value(item, indent + 2);
                }
            }
            scalar => {
                let comment = self.comment();
                let line = format!(" {scalar} {comment}\n");
                self.text.push_str(&line);
            }
        }
    }

    fn members(&mut self, map: &serde_json::Map<String, Value>, indent: usize) {
        let pad = " ".repeat(indent);
        for (key, value) in map {
            let comment = self.comment();
            let key = json!(key);
            let lines = format!("{pad}{comment}\n{pad}{key}:");
            self.text.push_str(&lines);
            self.value(value, indent);
        }
    }
}

#[test]
fn lines_and_brackets_are_converted_alike_and_comments_stay() {
    let bases = [fixture("rich"), fixture("versions"), fixture("old")];
    for seed in 0..150 {
        let base = &bases[usize::try_from(seed % 3).unwrap()];
        let mut old = if seed < 3 {
            base.clone()
        } else {
            mutate(base, &mut Dice::new(seed))
        };
        old["apiVersion"] = "apiextensions.k8s.io/v1beta1".into();
        let mut lines = Commented::default();
        lines.members(old.as_object().unwrap(), 0);
        let from_lines = convert(lines.text.clone(), 0, Unknown::Preserve).unwrap();
        let from_json = convert(old.to_string(), 0, Unknown::Preserve).unwrap();
        assert_eq!(
            Value::from(&one(&from_lines.text).root),
            Value::from(&one(&from_json.text).root),
            "{seed}: {}",
            lines.text
        );
        assert!(!from_lines.rewritten, "{seed}: {}", lines.text);
        let is_lost = |index: &usize| !from_lines.text.contains(&format!("# c{index};"));
        let lost: Vec<usize> = (1..=lines.count).filter(is_lost).collect();
        let gone = |change: &kubewright::crd::convert::Change| {
            change.message.starts_with("removed") || change.message.starts_with("reduced")
        };
        // What goes takes its own comments with it.
        let goes = from_lines.changes.iter().any(gone);
        let exchanged = from_lines.text.contains("x-kubernetes-int-or-string");
        assert!(
            lost.is_empty() || goes || exchanged,
            "{seed}: {lost:?}\n{}",
            lines.text
        );
    }
}
