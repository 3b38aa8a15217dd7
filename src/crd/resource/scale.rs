//! What is scaled: the numbers and the selector that the scale subresource reads.
//!
//! Source: `ValidateScaleSpec` and `ValidateScaleStatus` of
//! k8s.io/apiextensions-apiserver/pkg/registry/customresource/validator.go, and `NestedInt64` of
//! k8s.io/apimachinery/pkg/apis/meta/v1/unstructured/helpers.go.

use crate::crd::document::{Node, Value, float_verb};
use crate::crd::finding::Findings;
use crate::crd::path::Path;

const RULE: &str = "resource-scale";

/// Adds what cannot be scaled of a resource whose version has this scale subresource.
pub(crate) fn check(root: &Node, scale: &Node, has_status: bool, findings: &mut Findings) {
    let path = |name| scale.get(name).and_then(Node::text);
    if let Some(path) = path("specReplicasPath") {
        replicas(root, path, findings);
    }
    // The server drops the status of what is created, where it has an endpoint of its own.
    if has_status {
        return;
    }
    if let Some(path) = path("statusReplicasPath") {
        replicas(root, path, findings);
    }
    if let Some(path) = path("labelSelectorPath") {
        selector(root, path, findings);
    }
}

/// Adds what is wrong with the number of replicas at a JSON path.
pub(crate) fn replicas(root: &Node, path: &str, findings: &mut Findings) {
    let at = Path::ROOT;
    let at = at.field(path);
    let number = nested(root, path, "int64", |node| node.number()?.integer());
    match number {
        Err(error) => findings.invalid(RULE, &at, "0".to_owned(), &error),
        Ok(Some(number)) if number < 0 => {
            let detail = "should be a non-negative integer";
            findings.invalid(RULE, &at, number.to_string(), detail);
        }
        Ok(Some(number)) if number > i64::from(i32::MAX) => {
            let detail = format!("should be less than or equal to {}", i32::MAX);
            findings.invalid(RULE, &at, number.to_string(), &detail);
        }
        Ok(_) => {}
    }
}

fn selector(root: &Node, path: &str, findings: &mut Findings) {
    let text = nested(root, path, "string", |node| node.text().map(drop));
    if let Err(error) = text {
        let at = Path::ROOT;
        findings.invalid(RULE, &at.field(path), "", &error);
    }
}

/// What stands at a JSON path; None where nothing does, an error where it is something else.
fn nested<T>(
    root: &Node,
    path: &str,
    wanted: &str,
    read: impl Fn(&Node) -> Option<T>,
) -> Result<Option<T>, String> {
    let names: Vec<&str> = path.strip_prefix('.').unwrap_or(path).split('.').collect();
    let mut node = root;
    for depth in 0..names.len() {
        let found = match &node.value {
            Value::Null => return Ok(None),
            Value::Map(map) => map.get(names[depth]),
            _ => return Err(mismatch(&names[..=depth], node, "map[string]interface{}")),
        };
        match found {
            Some(found) => node = found,
            None => return Ok(None),
        }
    }
    let value = read(node).ok_or_else(|| mismatch(&names, node, wanted))?;
    Ok(Some(value))
}

fn mismatch(names: &[&str], node: &Node, wanted: &str) -> String {
    let path = names.join(".");
    let (value, kind) = (verb(node), kind(node));
    format!(".{path} accessor error: {value} is of the type {kind}, expected {wanted}")
}

/// A value as Go's `%v` writes it.
fn verb(node: &Node) -> String {
    match &node.value {
        Value::Null => "<nil>".to_owned(),
        Value::Bool(is) => is.to_string(),
        Value::String(text) => text.clone(),
        Value::Number(number) => match (number.integer(), number.float()) {
            (Some(integer), _) => integer.to_string(),
            (None, Some(float)) => float_verb(float),
            (None, None) => number.text().to_owned(),
        },
        Value::List(list) => {
            let items: Vec<String> = list.iter().map(verb).collect();
            format!("[{}]", items.join(" "))
        }
        Value::Map(map) => {
            let entries = map.sorted();
            let entries = entries.iter();
            let entries = entries.map(|entry| format!("{}:{}", entry.key, verb(&entry.node)));
            format!("map[{}]", entries.collect::<Vec<_>>().join(" "))
        }
    }
}

/// The type of a value as Go's `%T` writes it.
fn kind(node: &Node) -> &'static str {
    match &node.value {
        Value::Null => "<nil>",
        Value::Bool(_) => "bool",
        Value::String(_) => "string",
        Value::Number(number) if number.integer().is_some() => "int64",
        Value::Number(_) => "float64",
        Value::List(_) => "[]interface {}",
        Value::Map(_) => "map[string]interface {}",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_no_number_is_told_as_go_prints_it() {
        for (spec, told) in [
            (json!({"replicas": 3}), None),
            (json!({}), None),
            (json!(null), None),
            (
                json!({"replicas": -1}),
                Some("Invalid value: -1: should be a non-negative integer"),
            ),
            (
                json!({"replicas": 3_000_000_000_u64}),
                Some("Invalid value: 3000000000: should be less than or equal to 2147483647"),
            ),
            (
                json!({"replicas": {"b": [1, 1.5], "a": null}}),
                Some(
                    "Invalid value: 0: .spec.replicas accessor error: map[a:<nil> b:[1 1.5]] is of the type map[string]interface {}, expected int64",
                ),
            ),
            (
                json!("text"),
                Some(
                    "Invalid value: 0: .spec.replicas accessor error: text is of the type string, expected map[string]interface{}",
                ),
            ),
        ] {
            let mut findings = Findings::default();
            replicas(
                &Node::from(&json!({ "spec": spec })),
                ".spec.replicas",
                &mut findings,
            );
            let found = findings.into_vec();
            let messages: Vec<&str> = found
                .iter()
                .map(|finding| finding.message.as_str())
                .collect();
            assert_eq!(messages.first().copied(), told, "{spec}");
        }
    }
}
