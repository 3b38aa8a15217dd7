//! Printer columns.
//!
//! Source: `ValidateCustomResourceColumnDefinition` of pkg/apis/apiextensions/validation/validation.go.

use super::super::document::Node;
use super::super::finding::Findings;
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
    }
    let kind = text("type");
    let types = format!("must be one of {}", TYPES.join(","));
    if kind.is_empty() {
        findings.required("column", &path.field("type"), &types);
    } else if !TYPES.contains(&kind) {
        findings.invalid("column", &path.field("type"), kind, &types);
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
    } else if let Some(schema) = schema
        && let Some(missing) = missing(schema, json_path)
    {
        let message = format!("`{json_path}` leads nowhere: the schema has no `{missing}`");
        findings.warning("column-target", &path, message);
    }
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
