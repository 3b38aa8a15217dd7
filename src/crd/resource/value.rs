//! A value against a schema.
//!
//! Source: k8s.io/kube-openapi/pkg/validation/validate (schema.go, schema_props.go, type.go, object_validator.go,
//! slice_validator.go, validator.go, values.go).

use super::alternatives::alternatives;
use super::fault::{Fault, Kind, Outcome, bad};
use super::number::is_whole;
use super::{format, lists, number};
use crate::crd::document::{Map, Node, Value};
use crate::crd::finding::Findings;
use crate::crd::go::{is_match, json_value, quote, syntax_error};
use crate::crd::path::{Path, written};
use crate::crd::schema::Schema;

/// What the schema is used for, which tells how it is turned into the validator's own.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Use {
    /// For a default: formats stay, and int-or-string is no type.
    Default,
    /// For a custom resource: only formats that are known stay.
    Resource,
}

/// Adds what is wrong with a value, and tells whether the API server evaluates no rules then.
pub(crate) fn validate(
    rule: &'static str,
    path: &Path<'_>,
    node: &Node,
    schema: &Schema<'_>,
    purpose: Use,
    findings: &mut Findings,
) -> bool {
    let faults = check(schema, node, "", purpose).faults;
    for fault in &faults {
        fault.report(rule, path, findings);
    }
    faults.iter().any(Fault::blocks)
}

/// What the API server says of a value, apart from a rule of the linter.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Judgement {
    /// The keyword of the schema that is broken.
    pub(crate) keyword: &'static str,
    /// The server's words, with the path.
    pub(crate) message: String,
    /// Whether it evaluates no rules after it.
    pub(crate) blocks: bool,
}

/// What the API server says of a value at a path within a resource, where nothing but its schema is asked.
pub(crate) fn judge(schema: &Schema<'_>, node: &Node, path: &str) -> Vec<Judgement> {
    let mut judgements = Vec::new();
    let mut judge = |keyword, blocks, findings: Findings| {
        let told = findings.into_vec().into_iter().map(|finding| {
            let place = match written(&finding.path) {
                // Go's field errors without a place say so.
                place if place.is_empty() => "<nil>".to_owned(),
                place => place,
            };
            Judgement {
                keyword,
                message: format!("{place}: {}", finding.message),
                blocks,
            }
        });
        judgements.extend(told);
    };
    for fault in check(schema, node, path, Use::Resource).faults {
        let mut findings = Findings::default();
        fault.report("resource", &Path::ROOT, &mut findings);
        judge(fault.keyword, fault.blocks(), findings);
    }
    let mut findings = Findings::default();
    let root = Path::ROOT;
    let below = root.field(path);
    let at = if path.is_empty() { &root } else { &below };
    lists::check("resource-list", at, node, schema, &mut findings);
    judge("x-kubernetes-list-type", false, findings);
    judgements
}

/// Checks a value.
pub(super) fn check(schema: &Schema<'_>, node: &Node, path: &str, purpose: Use) -> Outcome {
    let mut outcome = Outcome::default();
    if node.is_null() {
        outcome.merge(type_of(schema, node, path, purpose));
        outcome.merge(enumeration(schema, node, path));
        return outcome;
    }
    if !types(schema, purpose).is_empty() || !format_of(schema, purpose).is_empty() {
        outcome.merge(type_of(schema, node, path, purpose));
        outcome.matched += 1;
    }
    outcome.merge(alternatives(schema, node, path, purpose));
    outcome.matched += 1;
    match &node.value {
        Value::String(text) => {
            outcome.merge(string(schema, node, text, path));
            outcome.matched += 1;
            let format = format_of(schema, purpose);
            if format::is_known(format) {
                if !format::holds(format, text) {
                    let message =
                        format!("{path} in body must be of type {format}: {}", quote(text));
                    outcome.fault("format", path, node, Kind::Other, message);
                }
                outcome.matched += 1;
            }
        }
        Value::Number(_) => {
            outcome.merge(number::check(schema, node, path));
            outcome.matched += 1;
        }
        Value::List(list) => {
            outcome.merge(self::list(schema, list, node, path, purpose));
            outcome.matched += 1;
        }
        _ => {}
    }
    outcome.merge(enumeration(schema, node, path));
    outcome.matched += 1;
    if let Value::Map(map) = &node.value {
        outcome.merge(object(schema, map, node, path, purpose));
        outcome.matched += 1;
    }
    outcome.matched += 1;
    outcome
}

fn types<'s>(schema: &Schema<'s>, purpose: Use) -> Vec<&'s str> {
    if schema.int_or_string && purpose == Use::Resource {
        return vec!["integer", "string"];
    }
    if schema.kind.is_empty() {
        Vec::new()
    } else {
        vec![schema.kind]
    }
}

fn format_of<'s>(schema: &Schema<'s>, purpose: Use) -> &'s str {
    match purpose {
        Use::Default => schema.format,
        Use::Resource if format::is_supported(schema.format) => schema.format,
        Use::Resource => "",
    }
}

fn type_of(schema: &Schema<'_>, node: &Node, path: &str, purpose: Use) -> Outcome {
    let types = types(schema, purpose);
    let format = format_of(schema, purpose);
    let mut outcome = Outcome {
        matched: 1,
        ..Outcome::default()
    };
    let wrong = |wanted: &str, got: &str| {
        let mut outcome = Outcome::default();
        // The server quotes the name of the type that it found, not the value.
        let message = if got.is_empty() && wanted.is_empty() {
            format!("{path} in body must be of type {wanted}")
        } else {
            format!("{path} in body must be of type {wanted}: {}", quote(got))
        };
        outcome.add(Fault {
            keyword: "type",
            name: Some(path.to_owned()),
            value: quote(got),
            kind: Kind::Other,
            message,
        });
        outcome
    };
    let (found, found_format, integral) = match &node.value {
        Value::Null => {
            if !types.is_empty() && !schema.nullable {
                return wrong(&types.join(","), "null");
            }
            return outcome;
        }
        Value::Bool(_) => ("boolean", "", false),
        Value::String(_) => ("string", "", false),
        Value::List(_) => ("array", "", false),
        Value::Map(_) => ("object", "", false),
        Value::Number(number) if number.integer().is_some() => ("integer", "int64", true),
        Value::Number(number) => ("number", "float64", number.float().is_some_and(is_whole)),
    };
    let has = |name: &str| types.contains(&name);
    let float_integer = found == "number" && integral && has("integer");
    let integer_float = found == "integer" && has("number");
    let is_text = found == "string" || found == "array";
    let fits = has(found) || float_integer || integer_float;
    let has_format = !format.is_empty();
    if has_format && !is_text && !fits && found_format != format {
        return wrong(format, found_format);
    }
    let is_number = has("number") || has("integer");
    if has_format && is_text && !is_number {
        return outcome;
    }
    if !fits {
        return wrong(&types.join(","), found);
    }
    outcome.matched = 1;
    outcome
}

/// Only the first fault of a text is told.
fn string(schema: &Schema<'_>, node: &Node, text: &str, path: &str) -> Outcome {
    let mut outcome = Outcome::default();
    let length = size_of(text.chars().count());
    if let Some(most) = schema.max_length.filter(|most| length > *most) {
        let message = format!("{path} in body should be at most {most} chars long");
        outcome.fault("maxLength", path, node, Kind::TooLong(most), message);
    } else if let Some(least) = schema.min_length.filter(|least| length < *least) {
        let message = format!("{path} in body should be at least {least} chars long");
        outcome.fault("minLength", path, node, Kind::Other, message);
    } else if !schema.pattern.is_empty() {
        let pattern = schema.pattern;
        let wrong = match syntax_error(pattern) {
            Some(error) => Some(format!("{pattern}, but pattern is invalid: {error}")),
            None => (is_match(pattern, text) == Some(false)).then(|| pattern.to_owned()),
        };
        if let Some(wrong) = wrong {
            let message = format!("{path} in body should match '{wrong}'");
            outcome.fault("pattern", path, node, Kind::Other, message);
        }
    }
    outcome
}

/// A count as limits are compared with it.
fn size_of(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn list(schema: &Schema<'_>, list: &[Node], node: &Node, path: &str, purpose: Use) -> Outcome {
    let mut outcome = Outcome {
        matched: 1,
        ..Outcome::default()
    };
    if let Some(item) = schema.item() {
        for (index, node) in list.iter().enumerate() {
            outcome.merge(check(item, node, &format!("{path}[{index}]"), purpose));
        }
    }
    let size = list.len();
    if let Some(least) = schema.min_items.filter(|least| size_of(size) < *least) {
        let message = format!("{path} in body should have at least {least} items");
        outcome.add(fault("minItems", path, size, message));
    }
    if let Some(most) = schema.max_items.filter(|most| size_of(size) > *most) {
        let message = format!("{path} in body should have at most {most} items");
        outcome.fault("maxItems", path, node, Kind::TooMany(size, most), message);
    }
    outcome
}

fn fault(keyword: &'static str, path: &str, count: usize, message: String) -> Fault {
    Fault {
        keyword,
        name: Some(path.to_owned()),
        value: count.to_string(),
        kind: Kind::Other,
        message,
    }
}

fn object(schema: &Schema<'_>, map: &Map, node: &Node, path: &str, purpose: Use) -> Outcome {
    let mut outcome = Outcome::default();
    let entries = map.sorted();
    let size = entries.len();
    if let Some(least) = schema.min_properties.filter(|least| size_of(size) < *least) {
        let message = format!("{path} in body should have at least {least} properties");
        outcome.add(fault("minProperties", path, size, message));
    }
    if let Some(most) = schema.max_properties.filter(|most| size_of(size) > *most) {
        let message = format!("{path} in body should have at most {most} properties");
        outcome.fault(
            "maxProperties",
            path,
            node,
            Kind::TooMany(size, most),
            message,
        );
    }
    let below = |key: &str| {
        if path.is_empty() {
            key.to_owned()
        } else {
            format!("{path}.{key}")
        }
    };
    for entry in &entries {
        if let Some(property) = schema.property(&entry.key) {
            outcome.merge(check(property, &entry.node, &below(&entry.key), purpose));
        } else if let Some(additional) = &schema.additional_properties {
            if let Some(additional) = additional.schema.as_deref() {
                let below = format!("{path}.{}", entry.key);
                outcome.merge(check(additional, &entry.node, &below, purpose));
            } else if !additional.allows {
                let message = format!("{path}.{} in body is a forbidden property", entry.key);
                outcome.add(Fault {
                    keyword: "additionalProperties",
                    name: Some(path.to_owned()),
                    value: quote(&entry.key),
                    kind: Kind::Other,
                    message,
                });
            }
        }
    }
    for required in schema.required.iter().flatten() {
        if map.get(required).is_none() {
            let name = format!("{path}.{required}");
            let message = format!("{name} in body is required");
            outcome.add(Fault {
                keyword: "required",
                name: Some(name),
                value: "\"\"".to_owned(),
                kind: Kind::Required,
                message,
            });
        }
    }
    outcome
}

fn enumeration(schema: &Schema<'_>, node: &Node, path: &str) -> Outcome {
    let mut outcome = Outcome::default();
    let Some(values) = schema.enumeration.filter(|values| !values.is_empty()) else {
        return outcome;
    };
    if values.iter().any(|value| equal(node, value)) {
        return outcome;
    }
    let values = values.iter().map(|value| match value.text() {
        Some(text) => text.to_owned(),
        None => json_value(value),
    });
    outcome.add(Fault {
        keyword: "enum",
        name: Some(path.to_owned()),
        value: if node.is_null() {
            "null".to_owned()
        } else {
            bad(node)
        },
        kind: Kind::Enum(values.collect()),
        message: format!("{path} in body should be one of the values of its enum"),
    });
    outcome
}

/// Equality as Go has it behind a conversion of types: numbers by value, maps without order. `null` equals nothing.
pub(crate) fn equal(a: &Node, b: &Node) -> bool {
    match (&a.value, &b.value) {
        (Value::Null, _) | (_, Value::Null) => false,
        (Value::Number(a), Value::Number(b)) => match (a.integer(), b.integer()) {
            (Some(a), Some(b)) => a == b,
            (None, Some(b)) => a.float().is_some_and(|a| a.trunc() as i64 == b),
            _ => a.float() == b.float(),
        },
        // Go converts an integer to the text of that one character.
        (Value::Number(a), Value::String(b)) => a
            .integer()
            .map(|code| {
                u32::try_from(code)
                    .ok()
                    .and_then(char::from_u32)
                    .unwrap_or('\u{fffd}')
            })
            .is_some_and(|character| *b == character.to_string()),
        _ => json_value(a) == json_value(b),
    }
}
