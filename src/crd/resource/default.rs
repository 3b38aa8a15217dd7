//! Defaults: what the API server fills in before it validates.
//!
//! Source: k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting/{algorithm,prunenulls}.go.

use crate::crd::document::{Entry, Map, Node, Value};
use crate::crd::schema::Schema;

/// Drops `null` where it may not stand, and fills in defaults.
pub(crate) fn apply(node: &mut Node, schema: &Schema<'_>) {
    let at = node.at;
    match &mut node.value {
        Value::Map(map) => {
            *map = without_nulls(map, schema);
            for (name, property) in schema.properties() {
                if let Some(default) = property.default.filter(|_| map.get(name).is_none()) {
                    map.push(Entry {
                        key: (*name).to_owned(),
                        at,
                        merged: false,
                        node: default.clone(),
                    });
                }
            }
            for entry in map.entries_mut() {
                let inner = schema.property(&entry.key).or_else(|| schema.additional());
                if let Some(inner) = inner {
                    apply(&mut entry.node, inner);
                }
            }
        }
        Value::List(list) => {
            if let Some(item) = schema.item() {
                for node in list {
                    if let Some(default) = item.default.filter(|_| node.is_null() && !item.nullable)
                    {
                        *node = default.clone();
                    }
                    apply(node, item);
                }
            }
        }
        _ => {}
    }
}

/// The entries that count. What is null, and may not be, is left out, or is the default of a map's values.
fn without_nulls(map: &Map, schema: &Schema<'_>) -> Map {
    let mut left = Map::default();
    for entry in map.sorted() {
        let property = schema.property(&entry.key);
        let inner = property.or_else(|| schema.additional());
        let mut entry = entry.clone();
        if let Some(inner) = inner.filter(|inner| entry.node.is_null() && !inner.nullable) {
            match inner.default.filter(|_| property.is_none()) {
                Some(default) => entry.node = default.clone(),
                None => continue,
            }
        }
        left.push(entry);
    }
    left
}
