//! Pruning: which fields of a value its schema does not know.
//!
//! Source: k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning/algorithm.go.

use crate::crd::document::{Node, Value};
use crate::crd::path::{Path, Step};
use crate::crd::schema::Schema;

/// The paths of fields that the API server would drop. `embedded` tells that the value is a whole resource.
pub(crate) fn unknown_fields(
    node: &Node,
    schema: &Schema<'_>,
    embedded: bool,
    path: &Path<'_>,
) -> Vec<Vec<Step>> {
    let mut dropped = Vec::new();
    prune(
        node,
        Some(schema),
        embedded || schema.embedded_resource,
        path,
        &mut dropped,
    );
    dropped
}

const META: [&str; 3] = ["apiVersion", "kind", "metadata"];

fn prune(
    node: &Node,
    schema: Option<&Schema<'_>>,
    embedded: bool,
    path: &Path<'_>,
    dropped: &mut Vec<Vec<Step>>,
) {
    let keeps = schema.is_some_and(Schema::preserves);
    match &node.value {
        Value::Map(map) => {
            for entry in map.sorted() {
                if embedded && META.contains(&entry.key.as_str()) {
                    continue;
                }
                let path = path.field(&entry.key);
                if let Some(property) = schema.and_then(|schema| schema.property(&entry.key)) {
                    let embedded = property.embedded_resource;
                    prune(&entry.node, Some(property), embedded, &path, dropped);
                } else if let Some(additional) =
                    schema.and_then(|schema| schema.additional_properties.as_ref())
                {
                    let additional = additional.schema.as_deref();
                    let embedded = additional.is_some_and(|schema| schema.embedded_resource);
                    prune(&entry.node, additional, embedded, &path, dropped);
                } else if !keeps {
                    dropped.push(path.steps());
                }
            }
        }
        Value::List(list) => {
            let item = schema.and_then(Schema::item);
            for (index, node) in list.iter().enumerate() {
                let path = path.index(index);
                match item {
                    // Below a field that keeps what it does not know, items are not pruned by its own schema.
                    None if keeps => {}
                    _ => prune(
                        node,
                        item,
                        item.is_some_and(|item| item.embedded_resource),
                        &path,
                        dropped,
                    ),
                }
            }
        }
        _ => {}
    }
}
