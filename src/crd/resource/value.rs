//! A value against a schema.
//!
//! Source: k8s.io/kube-openapi/pkg/validation/validate (schema.go, schema_props.go, type.go, object_validator.go,
//! slice_validator.go, validator.go, values.go) and `kubeOpenAPIResultToFieldErrors` of
//! k8s.io/apiextensions-apiserver/pkg/apiserver/validation/validation.go.

use super::format;
use crate::crd::document::{Map, Node, Value, float_verb};
use crate::crd::finding::Findings;
use crate::crd::go::{compile, json_value, quote, syntax_error};
use crate::crd::path::Path;
use crate::crd::schema::Schema;

/// What the schema is used for, which tells how it is turned into the validator's own.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Use {
    /// For a default: formats stay, and int-or-string is no type.
    Default,
    /// For a custom resource: only formats that are known stay.
    Resource,
}

/// Adds what is wrong with a value.
pub(crate) fn validate(
    rule: &'static str,
    path: &Path<'_>,
    node: &Node,
    schema: &Schema<'_>,
    purpose: Use,
    findings: &mut Findings,
) {
    for fault in check(schema, node, "", purpose).faults {
        fault.report(rule, path, findings);
    }
}

/// A way in which a value is wrong.
#[derive(Clone, Debug)]
struct Fault {
    /// The path within the value; None for what has no place.
    name: Option<String>,
    /// The value in a message.
    value: String,
    kind: Kind,
    message: String,
}

#[derive(Clone, Debug)]
enum Kind {
    Required,
    Enum(Vec<String>),
    TooLong(i64),
    TooMany(usize, i64),
    Other,
}

impl Fault {
    fn report(&self, rule: &'static str, path: &Path<'_>, findings: &mut Findings) {
        let name = self.name.as_deref().unwrap_or_default();
        let name = name.strip_prefix('.').unwrap_or(name);
        let below;
        let path = if name.is_empty() {
            path
        } else {
            below = path.field(name);
            &below
        };
        match &self.kind {
            Kind::Required => findings.required(rule, path, ""),
            Kind::Enum(values) => {
                let values: Vec<&str> = values.iter().map(String::as_str).collect();
                findings.unsupported(rule, path, self.value.clone(), &values);
            }
            Kind::TooLong(most) => findings.too_long(rule, path, *most),
            Kind::TooMany(count, most) => findings.too_many(rule, path, *count, *most),
            Kind::Other => findings.invalid(rule, path, self.value.clone(), &self.message),
        }
    }
}

/// What a check tells: faults, and how much matched, by which the best of several alternatives is found.
#[derive(Default)]
struct Outcome {
    faults: Vec<Fault>,
    matched: usize,
}

impl Outcome {
    fn merge(&mut self, other: Outcome) {
        self.matched += other.matched;
        for fault in other.faults {
            self.add(fault);
        }
    }

    fn add(&mut self, fault: Fault) {
        let known = |other: &Fault| other.message == fault.message;
        if !self.faults.iter().any(known) {
            self.faults.push(fault);
        }
    }

    fn fault(&mut self, path: &str, node: &Node, kind: Kind, message: String) {
        self.add(Fault {
            name: Some(path.to_owned()),
            value: bad(node),
            kind,
            message,
        });
    }
}

/// A value as the server's messages quote it.
pub(crate) fn bad(node: &Node) -> String {
    match &node.value {
        Value::String(text) => quote(text),
        Value::Number(number) => match (number.integer(), number.float()) {
            (None, Some(float)) => float_verb(float),
            _ => json_value(node),
        },
        // What is nil in Go is an empty text in these messages.
        Value::Null => "\"\"".to_owned(),
        _ => json_value(node),
    }
}

fn check(schema: &Schema<'_>, node: &Node, path: &str, purpose: Use) -> Outcome {
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
                    outcome.fault(path, node, Kind::Other, message);
                }
                outcome.matched += 1;
            }
        }
        Value::Number(_) => {
            outcome.merge(number(schema, node, path));
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

fn alternatives(schema: &Schema<'_>, node: &Node, path: &str, purpose: Use) -> Outcome {
    let mut outcome = Outcome::default();
    let placeless = |message: String| Fault {
        name: None,
        value: "\"\"".to_owned(),
        kind: Kind::Other,
        message,
    };
    let check = |schema: &Schema<'_>| check(schema, node, path, purpose);
    if let Some(any_of) = schema.any_of.as_deref().filter(|list| !list.is_empty()) {
        let mut best: Option<Outcome> = None;
        let mut success = None;
        for schema in any_of {
            let result = check(schema);
            if result.faults.is_empty() {
                success = Some(result);
                break;
            }
            if best
                .as_ref()
                .is_none_or(|best| result.matched > best.matched)
            {
                best = Some(result);
            }
        }
        if success.is_none() {
            let message = format!("{} must validate at least one schema (anyOf)", quote(path));
            outcome.add(placeless(message));
        }
        outcome.merge(success.or(best).unwrap_or_default());
    }
    if let Some(one_of) = schema.one_of.as_deref().filter(|list| !list.is_empty()) {
        outcome.merge(one(one_of, path, check));
    }
    if let Some(all_of) = schema.all_of.as_deref().filter(|list| !list.is_empty()) {
        let mut valid = 0;
        for schema in all_of {
            let result = check(schema);
            valid += usize::from(result.faults.is_empty());
            outcome.merge(result);
        }
        if valid != all_of.len() {
            let more = if valid == 0 { ". None validated" } else { "" };
            let message = format!(
                "{} must validate all the schemas (allOf){more}",
                quote(path)
            );
            outcome.add(placeless(message));
        }
    }
    if let Some(not) = &schema.not
        && check(not).faults.is_empty()
    {
        outcome.add(placeless(format!(
            "{} must not validate the schema (not)",
            quote(path)
        )));
    }
    outcome.matched += 1;
    outcome
}

fn one(one_of: &[Schema<'_>], path: &str, check: impl Fn(&Schema<'_>) -> Outcome) -> Outcome {
    let mut outcome = Outcome::default();
    let mut best: Option<Outcome> = None;
    let mut first = None;
    let mut valid = 0;
    for schema in one_of {
        let result = check(schema);
        if result.faults.is_empty() {
            valid += 1;
            best = None;
            first.get_or_insert(result);
        } else if valid == 0
            && best
                .as_ref()
                .is_none_or(|best| result.matched > best.matched)
        {
            best = Some(result);
        }
    }
    if valid == 1 {
        outcome.merge(first.unwrap_or_default());
        return outcome;
    }
    let found = match valid {
        0 => "Found none valid".to_owned(),
        _ => format!("Found {valid} valid alternatives"),
    };
    outcome.add(Fault {
        name: None,
        value: "\"\"".to_owned(),
        kind: Kind::Other,
        message: format!(
            "{} must validate one and only one schema (oneOf). {found}",
            quote(path)
        ),
    });
    outcome.merge(best.unwrap_or_default());
    outcome
}

/// Only the first fault of a text is told.
fn string(schema: &Schema<'_>, node: &Node, text: &str, path: &str) -> Outcome {
    let mut outcome = Outcome::default();
    let length = size_of(text.chars().count());
    if let Some(most) = schema.max_length.filter(|most| length > *most) {
        let message = format!("{path} in body should be at most {most} chars long");
        outcome.fault(path, node, Kind::TooLong(most), message);
    } else if let Some(least) = schema.min_length.filter(|least| length < *least) {
        let message = format!("{path} in body should be at least {least} chars long");
        outcome.fault(path, node, Kind::Other, message);
    } else if !schema.pattern.is_empty() {
        let pattern = schema.pattern;
        let wrong = match syntax_error(pattern) {
            Some(error) => Some(format!("{pattern}, but pattern is invalid: {error}")),
            None => compile(pattern)
                .is_some_and(|compiled| !compiled.is_match(text))
                .then(|| pattern.to_owned()),
        };
        if let Some(wrong) = wrong {
            let message = format!("{path} in body should match '{wrong}'");
            outcome.fault(path, node, Kind::Other, message);
        }
    }
    outcome
}

fn number(schema: &Schema<'_>, node: &Node, path: &str) -> Outcome {
    let mut outcome = Outcome {
        matched: 1,
        ..Outcome::default()
    };
    let Some(number) = node.number() else {
        return outcome;
    };
    let integer = number.integer();
    let float = number.float().unwrap_or_default();
    // Integers are compared with the whole part of a limit.
    let written = |limit: f64| match integer {
        Some(_) => whole(limit).to_string(),
        None => float_verb(limit),
    };
    let compare = |limit: f64| match integer {
        Some(integer) => integer.cmp(&whole(limit)),
        None => float.total_cmp(&limit),
    };
    if let Some(factor) = schema.multiple_of {
        let positive = integer.map_or(factor > 0.0, |_| whole(factor) > 0);
        let shown = written(factor);
        if !positive {
            outcome.add(Fault {
                name: Some(path.to_owned()),
                value: shown.clone(),
                kind: Kind::Other,
                message: format!("factor MultipleOf declared for {path} must be positive: {shown}"),
            });
        } else if !is_multiple(integer, float, factor) {
            let message = format!("{path} in body should be a multiple of {shown}");
            outcome.fault(path, node, Kind::Other, message);
        }
    }
    if let Some(least) = schema.minimum {
        let order = compare(least);
        if order.is_lt() || (schema.exclusive_minimum && order.is_eq()) {
            let than = if schema.exclusive_minimum {
                "than"
            } else {
                "than or equal to"
            };
            let message = format!("{path} in body should be greater {than} {}", written(least));
            outcome.fault(path, node, Kind::Other, message);
        }
    }
    if let Some(most) = schema.maximum {
        let order = compare(most);
        if order.is_gt() || (schema.exclusive_maximum && order.is_eq()) {
            let than = if schema.exclusive_maximum {
                "than"
            } else {
                "than or equal to"
            };
            let message = format!("{path} in body should be less {than} {}", written(most));
            outcome.fault(path, node, Kind::Other, message);
        }
    }
    outcome
}

/// The whole part of a limit, as Go converts it on common processors: what does not fit becomes the least integer.
fn whole(limit: f64) -> i64 {
    const EDGE: f64 = 9_223_372_036_854_775_808.0;
    if (-EDGE..EDGE).contains(&limit) {
        limit as i64
    } else {
        i64::MIN
    }
}

fn is_multiple(integer: Option<i64>, float: f64, factor: f64) -> bool {
    if let Some(integer) = integer {
        return integer.checked_rem(whole(factor)) == Some(0);
    }
    let ratio = if factor < 1.0 {
        1.0 / factor * float
    } else {
        float / factor
    };
    (ratio - ratio.round()).abs() < 1e-9
}

/// Whether a number is an integer that JSON keeps.
///
/// Source: `IsFloat64AJSONInteger` of github.com/go-openapi/swag.
fn is_whole(float: f64) -> bool {
    float.fract() == 0.0 && float.abs() <= 9_007_199_254_740_991.0
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
        let mut fault = fault(path, size, message);
        fault.name = Some(path.to_owned());
        outcome.add(fault);
    }
    if let Some(most) = schema.max_items.filter(|most| size_of(size) > *most) {
        let message = format!("{path} in body should have at most {most} items");
        outcome.fault(path, node, Kind::TooMany(size, most), message);
    }
    outcome
}

fn fault(path: &str, count: usize, message: String) -> Fault {
    Fault {
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
        outcome.add(fault(path, size, message));
    }
    if let Some(most) = schema.max_properties.filter(|most| size_of(size) > *most) {
        let message = format!("{path} in body should have at most {most} properties");
        outcome.fault(path, node, Kind::TooMany(size, most), message);
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
