//! The metadata of objects, of custom resources and of what they embed.
//!
//! Source: k8s.io/apimachinery/pkg/api/validation/objectmeta.go and
//! k8s.io/apiextensions-apiserver/pkg/apiserver/schema/objectmeta.

use super::owner;
use crate::crd::document::{Map, Node, Value};
use crate::crd::finding::Findings;
use crate::crd::go::{
    OBJECT_META, annotation_key, decode, dns_1035_label, json_value, label_key, label_value,
    path_segment,
};
use crate::crd::path::{Path, Step};
use crate::crd::schema::Schema;

/// The most that the annotations of an object may hold, keys and values, in bytes.
const ANNOTATIONS_LIMIT: u32 = 256 * 1024;

/// Adds what is wrong with labels, annotations, owners and finalizers.
pub(crate) fn common(
    rule: &'static str,
    metadata: &Node,
    path: &Path<'_>,
    findings: &mut Findings,
) {
    labels(rule, metadata, path, findings);
    annotations(rule, metadata, path, findings);
    // Of the object itself, and not of what it embeds, the server drops owners that are written twice, counts the generation, and
    // makes managed fields anew that are wrong.
    let is_own = path.steps().len() == 1;
    owner::check(rule, metadata, path, is_own, findings);
    finalizers(rule, metadata, path, findings);
    if !is_own {
        generation(rule, metadata, path, findings);
        managed_fields(rule, metadata, path, findings);
    }
}

fn pairs<'n>(metadata: &'n Node, field: &str) -> Vec<(&'n str, &'n str)> {
    let map = metadata.get(field).and_then(Node::map);
    map.map(Map::sorted)
        .unwrap_or_default()
        .into_iter()
        .map(|entry| (entry.key.as_str(), entry.node.text().unwrap_or_default()))
        .collect()
}

fn labels(rule: &'static str, metadata: &Node, path: &Path<'_>, findings: &mut Findings) {
    let path = path.field("labels");
    for (key, value) in pairs(metadata, "labels") {
        for wrong in label_key(key) {
            findings.invalid(rule, &path, key, &wrong);
        }
        for wrong in label_value(value) {
            findings.invalid(rule, &path, value, &wrong);
        }
    }
}

fn annotations(rule: &'static str, metadata: &Node, path: &Path<'_>, findings: &mut Findings) {
    let path = path.field("annotations");
    let pairs = pairs(metadata, "annotations");
    for (key, _) in &pairs {
        for wrong in annotation_key(key) {
            findings.invalid(rule, &path, *key, &wrong);
        }
    }
    let size: usize = pairs
        .iter()
        .map(|(key, value)| key.len() + value.len())
        .sum();
    if size > ANNOTATIONS_LIMIT as usize {
        findings.too_long(rule, &path, i64::from(ANNOTATIONS_LIMIT));
    }
}

fn finalizers(rule: &'static str, metadata: &Node, path: &Path<'_>, findings: &mut Findings) {
    let path = path.field("finalizers");
    let list = metadata.get("finalizers").and_then(Node::list);
    let names: Vec<&str> = list
        .unwrap_or_default()
        .iter()
        .map(|finalizer| finalizer.text().unwrap_or_default())
        .collect();
    for name in &names {
        for wrong in label_key(name) {
            findings.invalid(rule, &path, *name, &wrong);
        }
    }
    if ["orphan", "foregroundDeletion"]
        .iter()
        .all(|name| names.contains(name))
    {
        let detail = "finalizer orphan and foregroundDeletion cannot be both set";
        let all = metadata.get("finalizers").map(json_value);
        findings.invalid(rule, &path, all.unwrap_or_default(), detail);
    }
}

fn generation(rule: &'static str, metadata: &Node, path: &Path<'_>, findings: &mut Findings) {
    if let Some(generation) = metadata.get("generation").and_then(Node::number)
        && generation.integer().is_some_and(i64::is_negative)
    {
        let path = path.field("generation");
        let detail = "must be greater than or equal to 0";
        findings.invalid(rule, &path, generation.text().to_owned(), detail);
    }
}

fn managed_fields(rule: &'static str, metadata: &Node, path: &Path<'_>, findings: &mut Findings) {
    let path = path.field("managedFields");
    let list = metadata
        .get("managedFields")
        .and_then(Node::list)
        .unwrap_or_default();
    for (index, entry) in list.iter().enumerate() {
        let path = path.index(index);
        let text = |key| entry.get(key).and_then(Node::text).unwrap_or_default();
        let operation = text("operation");
        if !["Apply", "Update"].contains(&operation) {
            let detail = "must be `Apply` or `Update`";
            findings.invalid(rule, &path.field("operation"), operation, detail);
        }
        let kind = text("fieldsType");
        if !["", "FieldsV1"].contains(&kind) {
            findings.invalid(rule, &path.field("fieldsType"), kind, "must be `FieldsV1`");
        }
    }
}

/// Adds what is wrong with the metadata of what a value embeds; `embedded` tells that the value is a whole resource.
/// The first error of coercion ends it, as in the API server.
pub(crate) fn embedded(
    rule: &'static str,
    path: &Path<'_>,
    node: &Node,
    schema: &Schema<'_>,
    embedded: bool,
    findings: &mut Findings,
) {
    if coerce(rule, path, node, schema, embedded, findings) {
        validate(rule, path, node, schema, embedded, findings);
    }
}

/// The paths of fields that no metadata has, in a value and in what it embeds; `embedded` tells that the value is a whole
/// resource.
pub(crate) fn unknown_fields(
    path: &Path<'_>,
    node: &Node,
    schema: &Schema<'_>,
    embedded: bool,
    unknown: &mut Vec<Vec<Step>>,
) {
    if embedded && let Some(metadata) = node.get("metadata") {
        let strict = decode(metadata, &OBJECT_META).strict.into_iter();
        let strict = strict.filter(|error| !error.is_duplicate());
        let metadata = path.field("metadata").steps();
        let below = |path: String| [&metadata[..], &[Step::Field(path)]].concat();
        unknown.extend(strict.map(|error| below(error.path)));
    }
    match &node.value {
        Value::Map(map) => {
            for entry in map.sorted() {
                let property = schema.property(&entry.key);
                let path = path.field(&entry.key);
                if let Some(inner) = property.or_else(|| schema.additional()) {
                    unknown_fields(&path, &entry.node, inner, inner.embedded_resource, unknown);
                }
            }
        }
        Value::List(list) => {
            for (index, node) in list.iter().enumerate() {
                if let Some(item) = schema.item() {
                    let path = path.index(index);
                    unknown_fields(&path, node, item, item.embedded_resource, unknown);
                }
            }
        }
        _ => {}
    }
}

/// Adds the first value that cannot be what metadata must be, and tells whether there is none.
pub(crate) fn coerce(
    rule: &'static str,
    path: &Path<'_>,
    node: &Node,
    schema: &Schema<'_>,
    embedded: bool,
    findings: &mut Findings,
) -> bool {
    match &node.value {
        Value::Map(map) => map.sorted().into_iter().all(|entry| {
            let field = path.field(&entry.key);
            if embedded
                && ["apiVersion", "kind"].contains(&entry.key.as_str())
                && entry.node.text().is_none()
            {
                findings.invalid(rule, &field, quoted(&entry.node), "must be a string");
                return false;
            }
            if embedded
                && entry.key == "metadata"
                && let Some(error) = metadata_error(&entry.node)
            {
                findings.invalid(rule, &field, quoted(&entry.node), &error);
                return false;
            }
            let key = path.key(&entry.key);
            match (schema.property(&entry.key), schema.additional()) {
                (Some(property), _) => {
                    let inner = property.embedded_resource;
                    coerce(rule, &field, &entry.node, property, inner, findings)
                }
                (None, Some(additional)) => {
                    let inner = additional.embedded_resource;
                    coerce(rule, &key, &entry.node, additional, inner, findings)
                }
                (None, None) => true,
            }
        }),
        Value::List(list) => match schema.item() {
            Some(item) => list.iter().enumerate().all(|(index, node)| {
                coerce(
                    rule,
                    &path.index(index),
                    node,
                    item,
                    item.embedded_resource,
                    findings,
                )
            }),
            None => true,
        },
        _ => true,
    }
}

/// Why a value is no metadata, in Go's words.
pub(crate) fn metadata_error(node: &Node) -> Option<String> {
    match &node.value {
        Value::Null => None,
        Value::Map(_) => decode(node, &OBJECT_META).error.map(|error| error.message),
        _ => {
            let kind = match node.value {
                Value::Bool(_) => "bool",
                Value::Number(_) => "number",
                Value::String(_) => "string",
                _ => "array",
            };
            Some(format!(
                "json: cannot unmarshal {kind} into Go value of type v1.ObjectMeta"
            ))
        }
    }
}

fn quoted(node: &Node) -> String {
    match &node.value {
        Value::Null => "null".to_owned(),
        Value::String(text) => crate::crd::go::quote(text),
        _ => json_value(node),
    }
}

/// Adds what is wrong with metadata that can be read.
pub(crate) fn validate(
    rule: &'static str,
    path: &Path<'_>,
    node: &Node,
    schema: &Schema<'_>,
    embedded: bool,
    findings: &mut Findings,
) {
    match &node.value {
        Value::Map(map) => {
            if embedded {
                resource(rule, path, map, findings);
            }
            for entry in map.sorted() {
                match (schema.property(&entry.key), schema.additional()) {
                    (Some(inner), _) => {
                        let path = path.field(&entry.key);
                        validate(
                            rule,
                            &path,
                            &entry.node,
                            inner,
                            inner.embedded_resource,
                            findings,
                        );
                    }
                    (None, Some(inner)) => {
                        let path = path.key(&entry.key);
                        validate(
                            rule,
                            &path,
                            &entry.node,
                            inner,
                            inner.embedded_resource,
                            findings,
                        );
                    }
                    (None, None) => {}
                }
            }
        }
        Value::List(list) => {
            for (index, node) in list.iter().enumerate() {
                if let Some(item) = schema.item() {
                    let path = path.index(index);
                    validate(rule, &path, node, item, item.embedded_resource, findings);
                }
            }
        }
        _ => {}
    }
}

fn resource(rule: &'static str, path: &Path<'_>, map: &Map, findings: &mut Findings) {
    for field in ["apiVersion", "kind"] {
        let path = path.field(field);
        match map.get(field).map(|node| node.text().unwrap_or_default()) {
            None => findings.required(rule, &path, ""),
            Some("") => findings.invalid(rule, &path, "", "must not be empty"),
            Some(text) if field == "kind" => {
                let wrong = dns_1035_label(&text.to_lowercase());
                if !wrong.is_empty() {
                    let wrong = wrong.join(",");
                    let detail =
                        format!("may have mixed case, but should otherwise match: {wrong}");
                    findings.invalid(rule, &path, text, &detail);
                }
            }
            Some(text) if text.matches('/').count() > 1 => {
                let detail = format!("unexpected GroupVersion string: {text}");
                findings.invalid(rule, &path, text, &detail);
            }
            Some(_) => {}
        }
    }
    let Some(metadata) = map.get("metadata") else {
        return;
    };
    let path = path.field("metadata");
    for field in ["generateName", "name"] {
        let name = metadata.get(field).and_then(Node::text).unwrap_or_default();
        for wrong in path_segment(name) {
            findings.invalid(rule, &path.field(field), name, &wrong);
        }
    }
    common(rule, metadata, &path, findings);
}
