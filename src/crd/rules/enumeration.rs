//! `enum`: its values are of the type, which the server does not look at.

use super::super::decoding::QUOTE_BOOLEAN;
use super::super::document::Value;
use super::super::finding::Findings;
use super::super::go::json_value;
use super::super::path::Path;
use super::super::schema::Schema;

/// Values that no value of the type is.
pub(super) fn check(schema: &Schema<'_>, path: &Path<'_>, findings: &mut Findings) {
    let path = path.field("enum");
    for (index, node) in schema.enumeration.iter().copied().flatten().enumerate() {
        let fits = match (&node.value, schema.kind) {
            (Value::Bool(_), kind) => kind == "boolean",
            (Value::String(_), kind) => kind == "string",
            (Value::Number(_), kind) => ["integer", "number"].contains(&kind),
            (Value::List(_), kind) => kind == "array",
            (Value::Map(_), kind) => kind == "object",
            (Value::Null, _) => true,
        };
        if fits || schema.kind.is_empty() {
            continue;
        }
        let message = format!(
            "{} is no {}: nothing is ever equal to it",
            json_value(node),
            schema.kind
        );
        findings.warning("enum-type", &path.index(index), message);
        let quotes = match (&node.value, schema.kind) {
            (Value::Bool(_), "string") => Some(QUOTE_BOOLEAN.to_owned()),
            (Value::Number(_), "string") => Some("put it in quotes".to_owned()),
            _ => None,
        };
        findings.suggest(quotes);
    }
}
