//! Printer columns.
//!
//! Source: `ValidateCustomResourceColumnDefinition` of pkg/apis/apiextensions/validation/validation.go, and for what cells show
//! pkg/registry/customresource/tableconvertor/tableconvertor.go.

use super::super::document::Node;
use super::super::finding::Findings;
use super::super::go::{JsonStep, parse_json_path};
use super::super::lint::nearest;
use super::super::path::Path;
use super::super::schema::Schema;

const TYPES: [&str; 5] = ["boolean", "date", "integer", "number", "string"];
const FORMATS: [&str; 8] = [
    "byte",
    "date",
    "date-time",
    "double",
    "float",
    "int32",
    "int64",
    "password",
];

pub(super) fn check(
    columns: &Node,
    schema: Option<&Schema<'_>>,
    path: &Path<'_>,
    findings: &mut Findings,
) {
    for (index, column) in columns.list().unwrap_or_default().iter().enumerate() {
        one(column, schema, &path.index(index), findings);
    }
}

fn one(column: &Node, schema: Option<&Schema<'_>>, path: &Path<'_>, findings: &mut Findings) {
    let text = |key| column.get(key).and_then(Node::text).unwrap_or_default();
    if text("name").is_empty() {
        findings.required("column", &path.field("name"), "");
        findings.suggest(Some("give it a name: the head of the column".to_owned()));
    }
    let kind = text("type");
    let types = format!("must be one of {}", TYPES.join(","));
    if kind.is_empty() {
        findings.required("column", &path.field("type"), &types);
    } else if !TYPES.contains(&kind) {
        findings.invalid("column", &path.field("type"), kind, &types);
        findings.suggest(meant(kind).map(|meant| format!("write `type: {meant}`")));
    }
    let format = text("format");
    if !format.is_empty() && !FORMATS.contains(&format) {
        let formats = format!("must be one of {}", FORMATS.join(","));
        findings.invalid("column", &path.field("format"), format, &formats);
    }
    let key = if column.get("JSONPath").is_some() {
        "JSONPath"
    } else {
        "jsonPath"
    };
    let json_path = text(key);
    let path = path.field(key);
    if json_path.is_empty() {
        findings.required("column-path", &path, "");
    } else if !json_path.starts_with('.') {
        let detail = "must be a simple json path starting with .";
        findings.invalid("column-path", &path, json_path, detail);
        findings.suggest(dotted(json_path));
    } else {
        match parse_json_path(json_path) {
            Err(error) => {
                let message = format!(
                    "`{json_path}` is no JSONPath: {error}; this column is not shown, nor is any behind it"
                );
                findings.warning("column-syntax", &path, message);
            }
            Ok(steps) => {
                if let Some(schema) = schema {
                    target(schema, &steps, (json_path, kind), &path, findings);
                }
            }
        }
    }
}

/// The type that another language's word means.
fn meant(kind: &str) -> Option<&'static str> {
    match kind {
        "int" | "int32" | "int64" => Some("integer"),
        "bool" => Some("boolean"),
        "float" | "double" => Some("number"),
        "date-time" | "datetime" | "time" | "timestamp" => Some("date"),
        "text" | "array" | "object" => Some("string"),
        other => nearest(other, TYPES),
    }
}

/// A path that lacks nothing but its first dot, with it.
pub(super) fn dotted(path: &str) -> Option<String> {
    let bare = path
        .strip_prefix('$')
        .unwrap_or(path)
        .trim_start_matches('.');
    let starts = ["spec", "status", "metadata"];
    let first = bare.split(['.', '[']).next().unwrap_or_default();
    starts.contains(&first).then(|| format!("write `.{bare}`"))
}

/// What a path leads to.
#[derive(Clone, Copy)]
enum Place<'s> {
    /// A value of this schema.
    Schema(&'s Schema<'s>),
    /// A value of this type in the metadata of any object.
    Metadata(&'static str),
    /// What no schema tells of.
    Anything,
}

/// Warns of cells that stay empty, or do not show what is meant.
fn target<'s>(
    schema: &'s Schema<'s>,
    steps: &[JsonStep],
    (json_path, kind): (&str, &str),
    path: &Path<'_>,
    findings: &mut Findings,
) {
    let mut place = Place::Schema(schema);
    let mut many = false;
    for (depth, step) in steps.iter().enumerate() {
        many |= matches!(
            step,
            JsonStep::Slice | JsonStep::Wildcard | JsonStep::Recursive | JsonStep::Union
        );
        match next(place, depth, step) {
            Ok(next) => place = next,
            Err(why) => {
                let message = format!("`{json_path}` leads nowhere: {}", why.message);
                findings.warning("column-target", path, message);
                findings.suggest(why.advice);
                return;
            }
        }
    }
    if many {
        let message =
            format!("`{json_path}` may lead to several values, of which the first is shown");
        findings.warning("column-several", path, message);
        return;
    }
    let (of, format) = match place {
        Place::Schema(schema) if schema.int_or_string => ("int-or-string", ""),
        Place::Schema(schema) => (schema.kind, schema.format),
        Place::Metadata(kind) => (kind, ""),
        Place::Anything => return,
    };
    if let Some(shown) = shown(kind, of, format) {
        let message = format!(
            "`{json_path}` is {}, which a column of type {kind} shows {shown}",
            named(of, format)
        );
        findings.warning("column-type", path, message);
        findings.suggest(Some(fitting(of, format)));
    }
}

/// Why a path leads nowhere, and what to do.
struct Nowhere {
    message: String,
    advice: Option<String>,
}

/// One step further.
fn next<'s>(place: Place<'s>, depth: usize, step: &JsonStep) -> Result<Place<'s>, Nowhere> {
    let Place::Schema(schema) = place else {
        return Ok(match (place, step) {
            (Place::Metadata("object"), JsonStep::Field(name)) if depth == 1 => metadata(name),
            _ => Place::Anything,
        });
    };
    let is_list = schema.kind == "array";
    match step {
        JsonStep::Field(name) if depth == 0 && name == "metadata" => Ok(Place::Metadata("object")),
        JsonStep::Field(name) if depth == 0 && ["kind", "apiVersion"].contains(&name.as_str()) => {
            Ok(Place::Metadata("string"))
        }
        JsonStep::Field(name) => field(schema, name),
        JsonStep::Index | JsonStep::Slice | JsonStep::Filter if is_list => {
            Ok(schema.item().map_or(Place::Anything, Place::Schema))
        }
        JsonStep::Index | JsonStep::Slice | JsonStep::Filter if !schema.kind.is_empty() => {
            Err(Nowhere {
                message: format!(
                    "brackets choose from lists, and {} is none",
                    named(schema.kind, "")
                ),
                advice: None,
            })
        }
        JsonStep::Wildcard if is_list => Ok(schema.item().map_or(Place::Anything, Place::Schema)),
        _ => Ok(Place::Anything),
    }
}

fn field<'s>(schema: &'s Schema<'s>, name: &str) -> Result<Place<'s>, Nowhere> {
    if let Some(property) = schema.property(name) {
        return Ok(Place::Schema(property));
    }
    if schema.preserves() || schema.embedded_resource || schema.kind.is_empty() {
        return Ok(Place::Anything);
    }
    if let Some(additional) = &schema.additional_properties {
        return Ok(additional
            .schema
            .as_deref()
            .map_or(Place::Anything, Place::Schema));
    }
    Err(match schema.kind {
        "object" => {
            let names = schema.properties().iter().map(|(name, _)| *name);
            let near = nearest(name, names);
            Nowhere {
                message: format!("the schema has no `{name}`"),
                advice: near.map(|near| format!("did you mean `{near}`?")),
            }
        }
        "array" => Nowhere {
            message: format!("`{name}` is asked of a list"),
            advice: Some("choose one of the list: `[0]`, or `[?(@.type==\"Ready\")]`".to_owned()),
        },
        kind => Nowhere {
            message: format!("`{name}` is asked of {}", named(kind, "")),
            advice: None,
        },
    })
}

/// The types of metadata that people show.
fn metadata(name: &str) -> Place<'static> {
    match name {
        "creationTimestamp" | "deletionTimestamp" => Place::Metadata("time"),
        "name" | "namespace" | "uid" | "resourceVersion" | "generateName" => {
            Place::Metadata("string")
        }
        "generation" => Place::Metadata("integer"),
        _ => Place::Anything,
    }
}

/// How a column of a type shows a value of another; None where it shows it as it is.
fn shown(column: &str, of: &str, format: &str) -> Option<&'static str> {
    match (column, of) {
        // Lists and objects are shown as JSON, in columns of texts.
        ("string", _)
        | (_, "")
        | ("integer" | "number", "integer")
        | ("number", "number")
        | ("boolean", "boolean")
        | ("date", "time") => None,
        ("date", "string") if ["", "date-time"].contains(&format) => None,
        ("date", "string") => Some("as `<invalid>`"),
        ("integer", "number") => Some("without its fraction"),
        ("integer" | "number", "int-or-string") => Some("as nothing where it is a text"),
        ("integer" | "number" | "boolean" | "date", _) => Some("as nothing"),
        _ => None,
    }
}

/// A type as messages speak of it.
fn named(of: &str, format: &str) -> String {
    match (of, format) {
        ("integer", _) => "an integer".to_owned(),
        ("array", _) => "a list".to_owned(),
        ("object", _) => "an object".to_owned(),
        ("time", _) => "a time".to_owned(),
        ("int-or-string", _) => "an integer or a text".to_owned(),
        ("string", "") => "a text".to_owned(),
        ("string", format) => format!("a text of the format {format}"),
        (other, _) => format!("a {other}"),
    }
}

/// The column that shows a type.
fn fitting(of: &str, format: &str) -> String {
    let kind = match (of, format) {
        ("integer" | "number" | "boolean", _) => of,
        ("time", _) | ("string", "date-time") => "date",
        _ => "string",
    };
    format!("write `type: {kind}`")
}

/// The first step of a plain path that a schema does not know.
pub(super) fn missing<'p>(schema: &Schema<'_>, path: &'p str) -> Option<&'p str> {
    let mut schema = schema;
    let steps = path.trim_start_matches('.').split('.');
    for (depth, step) in steps.enumerate() {
        if depth == 0 && ["metadata", "kind", "apiVersion"].contains(&step) {
            return None;
        }
        let plain = step
            .chars()
            .all(|letter| letter.is_alphanumeric() || "-_".contains(letter));
        if !plain || step.is_empty() || schema.preserves() || schema.embedded_resource {
            return None;
        }
        schema = match (schema.property(step), &schema.additional_properties) {
            (Some(property), _) => property,
            (None, Some(additional)) => additional.schema.as_deref()?,
            (None, None) => return Some(step),
        };
    }
    None
}
