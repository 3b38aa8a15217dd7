//! The layout of `kubectl explain`.
//!
//! Source: k8s.io/kubectl/pkg/explain/v2/templates/plaintext.tmpl. Spaces at the ends of lines are its own, so that the
//! two can be compared.

use std::fmt::Write as _;

use super::wrap::wrap;
use crate::crd::document::{Node, Number, float_verb};
use crate::crd::go::json_value;
use crate::crd::schema::Schema;

/// A field that is not there, and those that are.
#[derive(Debug)]
pub(super) struct Missing<'a> {
    pub(super) field: &'a str,
    pub(super) there: Vec<&'a str>,
}

/// How many values of an enum stand in a list of fields.
const FEW: usize = 4;

/// The outline of the field that a path leads to.
pub(super) fn of<'a>(
    schema: &'a Schema<'_>,
    path: &'a [&'a str],
    recursive: bool,
) -> Result<String, Missing<'a>> {
    let Some((field, rest)) = path.split_first() else {
        return Ok(whole(schema, recursive));
    };
    let Some(property) = find(schema, field) else {
        return Err(Missing {
            field,
            there: names(schema),
        });
    };
    let below = of(property, rest, recursive)?;
    if !rest.is_empty() {
        return Ok(below);
    }
    let all = enumeration(property, "ENUM:", "\n    ", usize::MAX);
    Ok(format!(
        "FIELD: {field} <{}>\n{all}\n\n{below}",
        type_of(property)
    ))
}

/// A field by its name, through lists and maps, which have no names of their own.
fn find<'a>(schema: &'a Schema<'_>, name: &str) -> Option<&'a Schema<'a>> {
    if let Some(property) = schema.property(name) {
        return Some(property);
    }
    if let Some(inner) = schema.item().or_else(|| schema.additional()) {
        return find(inner, name);
    }
    let mut alternatives = schema.all_of.iter().flatten();
    alternatives.find_map(|alternative| find(alternative, name))
}

fn names<'a>(schema: &'a Schema<'_>) -> Vec<&'a str> {
    let mut all: Vec<&str> = schema.properties().iter().map(|(name, _)| *name).collect();
    let inner = schema.item().or_else(|| schema.additional());
    for inner in inner.into_iter().chain(schema.all_of.iter().flatten()) {
        all.extend(names(inner));
    }
    all
}

fn whole(schema: &Schema<'_>, recursive: bool) -> String {
    let mut text = String::new();
    describe(schema, &mut text);
    if text.is_empty() {
        text.push_str("<empty>");
    }
    let mut whole = format!("DESCRIPTION:\n{}\n", indented(&wrap(&text, 76), 4));
    let mut list = String::new();
    fields(schema, 1, recursive, &mut list);
    if !list.is_empty() {
        whole.push_str("FIELDS:\n");
        whole.push_str(&list);
    }
    whole
}

/// The descriptions of a schema and of what its values hold.
fn describe(schema: &Schema<'_>, text: &mut String) {
    if !schema.description.is_empty() {
        text.push_str(schema.description);
        text.push('\n');
    }
    for inner in within(schema) {
        describe(inner, text);
    }
}

/// The schemas whose fields are those of the schema itself to kubectl.
fn within<'a>(schema: &'a Schema<'_>) -> impl Iterator<Item = &'a Schema<'a>> {
    let all_of = schema.all_of.iter().flatten();
    all_of.chain(schema.item()).chain(schema.additional())
}

fn fields(schema: &Schema<'_>, level: usize, recursive: bool, text: &mut String) {
    for (name, property) in schema.properties() {
        field(schema, name, property, level, recursive, text);
        if recursive {
            fields(property, level + 1, recursive, text);
        }
    }
    for inner in within(schema) {
        fields(inner, level, recursive, text);
    }
}

fn field(
    parent: &Schema<'_>,
    name: &str,
    schema: &Schema<'_>,
    level: usize,
    short: bool,
    text: &mut String,
) {
    let indent = level * 2;
    let required = parent
        .required
        .as_ref()
        .is_some_and(|names| names.contains(&name));
    let required = if required { " -required-" } else { "" };
    let heading = format!("\n{}enum: ", " ".repeat(indent));
    let few = enumeration(schema, &heading, ", ", FEW);
    let name = indented(name, indent);
    let _ = writeln!(text, "{name}\t<{}>{required}{few}", type_of(schema));
    if !short {
        let description = match schema.description {
            "" => "<no description>",
            description => description,
        };
        // kubectl lets lines of fields be shorter the deeper they stand.
        let wrapped = wrap(description, 78usize.saturating_sub(indent));
        let _ = write!(text, "{}\n\n", indented(&wrapped, indent + 2));
    }
}

fn indented(text: &str, amount: usize) -> String {
    let pad = " ".repeat(amount);
    pad.clone() + &text.replace('\n', &format!("\n{pad}"))
}

/// A type as kubectl names it: `string`, `[]Object`, `map[string]integer`, `ObjectMeta`.
fn type_of(schema: &Schema<'_>) -> String {
    if let Some(reference) = schema.reference {
        return match schema.kind {
            "" | "object" => reference
                .rsplit(['/', '.'])
                .next()
                .unwrap_or("Object")
                .to_owned(),
            kind => kind.to_owned(),
        };
    }
    if let Some(item) = schema.item() {
        return format!("[]{}", type_of(item));
    }
    if let Some(additional) = schema.additional() {
        return format!("map[string]{}", type_of(additional));
    }
    match (schema.all_of.as_deref(), schema.kind) {
        (Some([only]), _) if schema.properties.is_none() => type_of(only),
        (_, "" | "object") => "Object".to_owned(),
        (_, kind) => kind.to_owned(),
    }
}

fn enumeration(schema: &Schema<'_>, heading: &str, before: &str, most: usize) -> String {
    let Some(values) = schema.enumeration.filter(|values| !values.is_empty()) else {
        return String::new();
    };
    let mut text = heading.to_owned();
    for (index, value) in values.iter().enumerate() {
        if index == most {
            text.push_str(", ....");
            break;
        }
        // In a list of fields the first value stands behind the heading; alone, every value has a line.
        if index > 0 || before.starts_with('\n') {
            text.push_str(before);
        }
        text.push_str(&written(value));
    }
    text
}

/// A value as Go's templates write it.
fn written(value: &Node) -> String {
    match (value.text(), value.number().and_then(Number::float)) {
        (Some(""), _) => "\"\"".to_owned(),
        (Some(text), _) => text.to_owned(),
        (_, Some(number)) => float_verb(number),
        _ => json_value(value),
    }
}
