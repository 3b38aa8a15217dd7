//! The order of fields.

use serde_json::{Map, Value as Json};

use crate::crd::document::{self, Node};

/// A value with its fields in the order in which its schema names them; what the schema does not name stays before them.
pub(crate) fn arranged(value: Json, schema: &Node) -> Json {
    match value {
        Json::Object(object) => fields(object, schema),
        Json::Array(list) => match schema.get("items") {
            Some(items) => list.into_iter().map(|item| arranged(item, items)).collect(),
            None => Json::Array(list),
        },
        simple => simple,
    }
}

fn fields(mut object: Map<String, Json>, schema: &Node) -> Json {
    let properties = schema.get("properties").and_then(Node::map);
    let properties = properties.map(document::Map::entries).unwrap_or_default();
    let mut named = Map::new();
    for property in properties {
        if let Some((name, value)) = object.shift_remove_entry(&property.key) {
            named.insert(name, arranged(value, &property.node));
        }
    }
    let additional = schema.get("additionalProperties");
    let mut all: Map<String, Json> = object
        .into_iter()
        .map(|(name, value)| match additional {
            Some(schema) => (name, arranged(value, schema)),
            None => (name, value),
        })
        .collect();
    all.extend(named);
    Json::Object(all)
}
