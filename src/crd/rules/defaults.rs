//! Defaults: each must be valid and known to its own schema.
//!
//! Source: pkg/apiserver/schema/defaulting/validation.go.

use super::super::document::{Node, Value};
use super::super::finding::Findings;
use super::super::path::Path;
use super::super::resource::rules::Rules;
use super::super::resource::value::{Use, validate};
use super::super::resource::{metadata, prune};
use super::super::schema::Schema;

pub(super) fn check(schema: &Schema<'_>, path: &Path<'_>, findings: &mut Findings) {
    walk(schema, true, false, path, findings);
}

fn walk(
    schema: &Schema<'_>,
    is_root: bool,
    inside_metadata: bool,
    path: &Path<'_>,
    findings: &mut Findings,
) {
    let embedded = is_root || schema.embedded_resource;
    let inside_metadata = inside_metadata && !embedded;
    if let Some(default) = schema.default {
        one(
            schema,
            default,
            embedded,
            inside_metadata,
            &path.field("default"),
            findings,
        );
    }
    if let Some(item) = schema.item() {
        walk(item, false, inside_metadata, &path.field("items"), findings);
    }
    let properties = path.field("properties");
    for (name, property) in schema.properties() {
        let meta = embedded && ["metadata", "apiVersion", "kind"].contains(name);
        walk(
            property,
            false,
            inside_metadata || meta,
            &properties.key(name),
            findings,
        );
    }
}

fn one(
    schema: &Schema<'_>,
    default: &Node,
    embedded: bool,
    inside_metadata: bool,
    path: &Path<'_>,
    findings: &mut Findings,
) {
    let rule = "default";
    let errors = findings.errors();
    if inside_metadata {
        // Whether the whole resource that the default is part of would be one is beyond what is checked here.
        let message = "whether this default makes valid metadata is not checked".to_owned();
        findings.unchecked("default-metadata", path, message);
        return;
    }
    if !prune::unknown_fields(default, schema, embedded, path).is_empty() {
        let written = quoted(default);
        findings.invalid(rule, path, written, "must not have unknown fields");
    }
    let pruned = findings.errors();
    metadata::embedded(rule, path, default, schema, embedded, findings);
    if findings.errors() == pruned {
        validate(rule, path, default, schema, Use::Default, findings);
    }
    if findings.errors() == errors {
        rules(schema, default, embedded, path, findings);
    }
}

/// CEL rules hold for defaults too, as values that are there already.
fn rules(
    schema: &Schema<'_>,
    default: &Node,
    embedded: bool,
    path: &Path<'_>,
    findings: &mut Findings,
) {
    if let Some(rules) = Rules::of(schema, embedded) {
        rules.check("cel-default", default, true, path, findings);
    }
}

fn quoted(node: &Node) -> String {
    match &node.value {
        Value::String(text) => super::super::go::quote(text),
        _ => super::super::go::json_value(node),
    }
}
