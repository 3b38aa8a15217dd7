//! What the API server says to a value: the messages of kube-openapi's validation and of list types, as of Kubernetes 1.34.
//!
//! Sources: `k8s.io/kube-openapi/pkg/validation`, `apiextensions-apiserver/pkg/apiserver/validation/validation.go`,
//! `…/schema/listtype/validation.go`, `apimachinery/pkg/util/validation/field/errors.go`. Rules in the Common Expression
//! Language are not evaluated here.

use std::fmt::Write;

use serde_json::Value;

use super::pattern;
use crate::crd::document::float_verb;
use crate::scaffold::QUANTITY;
use crate::scaffold::field::{Node, Shape};

/// What the server adds where rules were not evaluated because of another error.
pub const BLOCKED: &str = "<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation";

/// One thing that the server finds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Finding {
    /// The option or property of the type that is broken: `max`, `type`, `required`, …
    pub broken: &'static str,
    /// The server's words, with the path.
    pub message: String,
    /// Whether the server evaluates no rules after it.
    pub blocking: bool,
}

/// All that the server finds wrong with a value. The path is that of the value, such as `spec.replicas`.
pub fn verdict(node: &Node, path: &str, value: &Value) -> Vec<Finding> {
    if value.is_null() && node.setting("nullable").is_some() {
        return Vec::new();
    }
    if let Some(finding) = wrong_type(node, path, value) {
        return vec![finding];
    }
    let mut findings = Vec::new();
    match value {
        Value::String(text) => texts(node, path, text, &mut findings),
        Value::Number(_) => numbers(node, path, value, &mut findings),
        Value::Array(items) => lists(node, path, items, &mut findings),
        Value::Object(_) => objects(node, path, value, &mut findings),
        _ => {}
    }
    findings
}

fn invalid(broken: &'static str, path: &str, value: &str, detail: &str) -> Finding {
    Finding {
        broken,
        message: format!("{path}: Invalid value: {value}: {path} in body {detail}"),
        blocking: broken == "type" || broken == "format",
    }
}

fn blocking(broken: &'static str, message: String) -> Finding {
    Finding {
        broken,
        message,
        blocking: true,
    }
}

/// The names of types in the server's messages.
fn types(shape: &Shape) -> &'static str {
    match shape {
        Shape::String | Shape::Enum(_) | Shape::Duration | Shape::DateTime => "string",
        Shape::Int | Shape::Int32 | Shape::Int64 => "integer",
        Shape::Float => "number",
        Shape::Bool => "boolean",
        Shape::Quantity | Shape::IntOrString => "integer,string",
        Shape::List(_) => "array",
        Shape::Map(_) | Shape::Object(_) | Shape::AnyObject | Shape::PodTemplate => "object",
        Shape::Any => "",
    }
}

/// The format that the schema has, of the type or of the option.
fn format(node: &Node) -> &str {
    match node.shape {
        Shape::Duration => "duration",
        Shape::DateTime => "date-time",
        Shape::Int32 => "int32",
        Shape::Int64 => "int64",
        _ => node
            .setting("format")
            .and_then(Value::as_str)
            .unwrap_or_default(),
    }
}

fn wrong_type(node: &Node, path: &str, value: &Value) -> Option<Finding> {
    let expected = types(&node.shape);
    let (found, found_format) = match value {
        Value::Null => ("null", ""),
        Value::Bool(_) => ("boolean", ""),
        Value::Number(number) if number.is_f64() => ("number", "float64"),
        Value::Number(_) => ("integer", "int64"),
        Value::String(_) => ("string", ""),
        Value::Array(_) => ("array", ""),
        Value::Object(_) => ("object", ""),
    };
    let fits = expected.is_empty()
        || expected.split(',').any(|word| word == found)
        || (expected == "number" && found == "integer");
    if fits {
        return None;
    }
    // A text in place of a number is told by its type, anything else in place of what has a format by the format.
    let by_format = !format(node).is_empty() && !matches!(found, "string" | "array" | "null");
    let (expected, found) = if by_format {
        (format(node), found_format)
    } else {
        (expected, found)
    };
    let quoted = go_quoted(found);
    Some(invalid(
        "type",
        path,
        &quoted,
        &format!("must be of type {expected}: {quoted}"),
    ))
}

fn texts(node: &Node, path: &str, text: &str, findings: &mut Vec<Finding>) {
    let value = go_quoted(text);
    let length = text.chars().count() as u64;
    let count = |name: &str| node.setting(name).and_then(Value::as_u64);
    let pattern = match node.shape {
        Shape::Quantity => Some(QUANTITY),
        _ => node.setting("pattern").and_then(Value::as_str),
    };
    // The server stops at the first of these three.
    if let Some(most) = count("maxLength").filter(|most| length > *most) {
        let bytes = if most == 1 { "byte" } else { "bytes" };
        findings.push(blocking(
            "maxLength",
            format!("{path}: Too long: may not be more than {most} {bytes}"),
        ));
    } else if let Some(least) = count("minLength").filter(|least| length < *least) {
        findings.push(invalid(
            "minLength",
            path,
            &value,
            &format!("should be at least {least} chars long"),
        ));
    } else if let Some(pattern) = pattern.filter(|pattern| !pattern::matches(pattern, text)) {
        findings.push(invalid(
            "pattern",
            path,
            &value,
            &format!("should match '{pattern}'"),
        ));
    }
    let format = format(node);
    if !pattern::is_of_format(format, text) {
        findings.push(invalid(
            "format",
            path,
            &value,
            &format!("must be of type {format}: {value}"),
        ));
    }
    if let Shape::Enum(words) = &node.shape
        && !words.iter().any(|word| word == text)
    {
        let words: Vec<String> = words.iter().map(|word| go_quoted(word)).collect();
        findings.push(blocking(
            "enum",
            format!(
                "{path}: Unsupported value: {value}: supported values: {}",
                words.join(", ")
            ),
        ));
    }
}

fn numbers(node: &Node, path: &str, value: &Value, findings: &mut Vec<Finding>) {
    let Some(number) = value.as_f64() else {
        return;
    };
    let limit = |name: &str| node.setting(name).and_then(Value::as_f64);
    let is_set = |name: &str| node.setting(name).is_some();
    let shown = if value.is_f64() {
        float_verb(number)
    } else {
        value.to_string()
    };
    if let Some(factor) = limit("multipleOf")
        && number % factor != 0.0
    {
        let detail = format!("should be a multiple of {}", float_verb(factor));
        findings.push(invalid("multipleOf", path, &shown, &detail));
    }
    if let Some(max) = limit("max") {
        let exclusive = is_set("exclusiveMax");
        if number > max || (exclusive && number >= max) {
            let than = if exclusive {
                "than"
            } else {
                "than or equal to"
            };
            findings.push(invalid(
                "max",
                path,
                &shown,
                &format!("should be less {than} {}", float_verb(max)),
            ));
        }
    }
    if let Some(min) = limit("min") {
        let exclusive = is_set("exclusiveMin");
        if number < min || (exclusive && number <= min) {
            let than = if exclusive {
                "than"
            } else {
                "than or equal to"
            };
            findings.push(invalid(
                "min",
                path,
                &shown,
                &format!("should be greater {than} {}", float_verb(min)),
            ));
        }
    }
    // Beyond the format's range the server has more to say, in words that name no path.
    let range = match node.shape {
        Shape::Int32 => i64::from(i32::MIN)..=i64::from(i32::MAX),
        _ => i64::MIN..=i64::MAX,
    };
    if value
        .as_i64()
        .is_some_and(|number| !range.contains(&number))
    {
        let message = format!(
            "<nil>: Invalid value: \"\": Checked value must be of type integer with format int32 in {path}"
        );
        findings.push(Finding {
            broken: "range",
            message,
            blocking: false,
        });
    }
}

fn lists(node: &Node, path: &str, items: &[Value], findings: &mut Vec<Finding>) {
    let count = |name: &str| node.setting(name).and_then(Value::as_u64);
    let length = items.len() as u64;
    if let Some(least) = count("minItems").filter(|least| length < *least) {
        let detail = format!("should have at least {least} items");
        findings.push(invalid("minItems", path, &length.to_string(), &detail));
    }
    if let Some(most) = count("maxItems").filter(|most| length > *most) {
        findings.push(too_many("maxItems", path, length, most));
    }
    if let Shape::List(item) = &node.shape {
        for (index, value) in items.iter().enumerate() {
            findings.extend(verdict(item, &format!("{path}[{index}]"), value));
        }
    }
    duplicates(node, path, items, findings);
}

fn too_many(broken: &'static str, path: &str, found: u64, most: u64) -> Finding {
    let items = if most == 1 { "item" } else { "items" };
    blocking(
        broken,
        format!("{path}: Too many: {found}: must have at most {most} {items}"),
    )
}

fn duplicates(node: &Node, path: &str, items: &[Value], findings: &mut Vec<Finding>) {
    if node.setting("listType").and_then(Value::as_str) == Some("map")
        && let Some(index) = items
            .iter()
            .position(|item| !item.is_object() && !item.is_null())
    {
        findings.push(Finding {
            broken: "listType",
            message: format!(
                "{path}[{index}]: Invalid value: {}: must be an object for an array of list-type map",
                shown(&items[index])
            ),
            blocking: false,
        });
        return;
    }
    let keys = node.setting("keys").and_then(Value::as_array);
    let identity = |item: &Value| match (node.setting("listType").and_then(Value::as_str), keys) {
        (Some("set"), _) => Some(item.clone()),
        (Some("map"), Some(keys)) => {
            let entries = keys.iter().filter_map(Value::as_str);
            let present = entries.filter_map(|key| Some((key.to_owned(), item.get(key)?.clone())));
            Some(Value::Object(present.collect()))
        }
        _ => None,
    };
    let mut seen: Vec<(Value, bool)> = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let Some(identity) = identity(item) else {
            return;
        };
        match seen.iter_mut().find(|(earlier, _)| *earlier == identity) {
            Some((_, true)) => {}
            Some((_, told)) => {
                *told = true;
                findings.push(Finding {
                    broken: "listType",
                    message: format!("{path}[{index}]: Duplicate value: {}", shown(&identity)),
                    blocking: false,
                });
            }
            None => seen.push((identity, false)),
        }
    }
}

fn objects(node: &Node, path: &str, value: &Value, findings: &mut Vec<Finding>) {
    let Value::Object(entries) = value else {
        return;
    };
    let count = |name: &str| node.setting(name).and_then(Value::as_u64);
    let length = entries.len() as u64;
    if let Some(least) = count("minProperties").filter(|least| length < *least) {
        let detail = format!("should have at least {least} properties");
        findings.push(invalid("minProperties", path, &length.to_string(), &detail));
    }
    if let Some(most) = count("maxProperties").filter(|most| length > *most) {
        findings.push(too_many("maxProperties", path, length, most));
    }
    if let Shape::Map(inner) = &node.shape {
        for (key, value) in entries {
            findings.extend(verdict(inner, &child(path, key), value));
        }
    }
    for field in node.fields() {
        match entries.get(&field.name) {
            Some(value) => findings.extend(verdict(&field.node, &child(path, &field.name), value)),
            // What is left out is filled in before it is looked at.
            None if field.optional || field.node.default.is_some() => {}
            None => findings.push(blocking(
                "required",
                format!("{}: Required value", child(path, &field.name)),
            )),
        }
    }
}

pub(super) fn child(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

/// A value as Kubernetes' field errors show it: sorted keys, no spaces.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => go_quoted(text),
        Value::Object(entries) => {
            let mut entries: Vec<_> = entries.iter().collect();
            entries.sort_by_key(|(key, _)| key.as_str());
            let entries: Vec<String> = entries
                .iter()
                .map(|(key, value)| format!("{}:{}", Value::String((*key).clone()), shown(value)))
                .collect();
            format!("{{{}}}", entries.join(","))
        }
        value => value.to_string(),
    }
}

/// A text as Go's `%q` shows it.
pub(super) fn go_quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            control if control.is_control() => {
                let _ = write!(quoted, "\\x{:02x}", control as u32);
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}
