//! Selectable fields.
//!
//! Source: `ValidateCustomResourceSelectableFields` of pkg/apis/apiextensions/validation/validation.go and
//! `ValidFieldPath` of pkg/apiserver/schema/cel/validation.go.

use std::collections::HashSet;

use super::super::document::Node;
use super::super::finding::Findings;
use super::super::path::Path;
use super::super::schema::Schema;

const MOST: u8 = 8;

pub(super) fn check(
    fields: &Node,
    schema: Option<&Schema<'_>>,
    (fields_alike, schema_alike): (bool, bool),
    path: &Path<'_>,
    findings: &mut Findings,
) {
    let fields = fields.list().unwrap_or_default();
    if fields.is_empty() {
        return;
    }
    // What is alike in all versions is moved out of them, and then misses what was not.
    if schema.is_none() || fields_alike != schema_alike {
        let detail = if fields_alike {
            "may only be set when validations.schema is included"
        } else {
            "may only be set when `version.schema.openAPIV3Schema` is not included"
        };
        findings.invalid("selectable-field", path, "", detail);
        return;
    }
    let Some(schema) = schema else {
        return;
    };
    let mut unique = HashSet::new();
    for (index, field) in fields.iter().enumerate() {
        let item = path.index(index);
        let path = item.field("jsonPath");
        let value = field
            .get("jsonPath")
            .and_then(Node::text)
            .unwrap_or_default();
        if value.is_empty() {
            findings.required("selectable-field", &path, "");
            continue;
        }
        let (steps, found) = match resolve(value, schema, false) {
            Ok(resolved) => resolved,
            Err(error) => {
                let detail = format!("is an invalid path: {error}");
                findings.invalid("selectable-field", &path, value, &detail);
                continue;
            }
        };
        if steps.first().is_some_and(|step| step == "metadata") {
            let detail = "must not point to fields in metadata";
            findings.invalid("selectable-field", &path, value, detail);
        }
        if !["string", "boolean", "integer"].contains(&found.kind) {
            let detail = "must point to a field of type string, boolean or integer. Enum string \
                          fields and strings with formats are allowed.";
            findings.invalid("selectable-field", &path, value, detail);
        }
        if !unique.insert(steps.join("\0")) {
            findings.duplicate("selectable-field", &path, value);
        }
    }
    if unique.len() > usize::from(MOST) {
        findings.too_many("selectable-field", path, unique.len(), i64::from(MOST));
    }
}

/// Follows a path through a schema; None of its steps may be left unknown.
pub(super) fn resolve<'s, 'd>(
    path: &str,
    schema: &'s Schema<'d>,
    brackets: bool,
) -> Result<(Vec<String>, &'s Schema<'d>), String> {
    let mut tokens = tokens(path).into_iter();
    let mut steps = Vec::new();
    let mut here = schema;
    while let Some(token) = tokens.next() {
        let end = || "unexpected end of JSON path".to_owned();
        let name = match token {
            "[" if !brackets => return Err("array notation is not allowed".to_owned()),
            "[" => {
                let token = tokens.next().ok_or_else(end)?;
                let quoted = token.len() >= 2 && token.starts_with('\'') && token.ends_with('\'');
                if !quoted {
                    return Err(format!("expected single quoted string but got {token}"));
                }
                token[1..token.len() - 1].replace("\\'", "'")
            }
            "." => tokens.next().ok_or_else(end)?.to_owned(),
            _ => return Err(format!("expected [ or . but got: {token}")),
        };
        let unknown = || "does not refer to a valid field".to_owned();
        here = if here.properties().is_empty() {
            here.additional().ok_or_else(unknown)?
        } else {
            here.property(&name).ok_or_else(unknown)?
        };
        steps.push(name);
        if token == "[" {
            match tokens.next() {
                None => return Err(end()),
                Some("]") => {}
                Some(other) => return Err(format!("expected ] but got {other}")),
            }
        }
    }
    Ok((steps, here))
}

/// The delimiters `.`, `[` and `]`, and what stands between them; a text in single quotes is one token.
fn tokens(path: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        let length = if rest.starts_with('\'') {
            let bytes = rest.as_bytes();
            match (1..bytes.len()).find(|at| bytes[*at] == b'\'' && bytes[at - 1] != b'\\') {
                Some(end) => end + 1,
                None => rest.len(),
            }
        } else {
            match rest.find(['.', '[', ']']) {
                Some(0) => 1,
                Some(at) => at,
                None => rest.len(),
            }
        };
        tokens.push(&rest[..length]);
        rest = &rest[length..];
    }
    tokens
}
