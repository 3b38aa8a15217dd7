//! Defaults: what the API server fills in before it validates.
//!
//! Source: k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting/{algorithm,prunenulls}.go.

use crate::crd::document::{Entry, Map, Node, Value};
use crate::crd::schema::Schema;

/// Fills in defaults, and drops `null` where it may not stand and there is a default.
pub(crate) fn apply(node: &mut Node, schema: &Schema<'_>) {
    let at = node.at;
    match &mut node.value {
        Value::Map(map) => {
            *map = map
                .sorted()
                .into_iter()
                .fold(Map::default(), |mut once, entry| {
                    let property = schema.property(&entry.key);
                    let drops = property
                        .is_some_and(|property| !property.nullable && property.default.is_some());
                    if !(entry.node.is_null() && drops) {
                        once.push(entry.clone());
                    }
                    once
                });
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
