//! Documents from JSON that was made here, and as JSON.

use serde_json::Value as Json;

use super::{Entry, Map, Node, Number, Position, Value, float_text};

impl From<&Json> for Node {
    /// The document that the API server reads of it; it has no places.
    fn from(json: &Json) -> Node {
        let value = match json {
            Json::Null => Value::Null,
            Json::Bool(is) => Value::Bool(*is),
            Json::Number(number) => Value::Number(Number::new(match number.as_f64() {
                // What is written `1.0` is the integer 1 once kubectl has sent it.
                Some(float) if number.is_f64() => float_text(float),
                _ => number.to_string(),
            })),
            Json::String(text) => Value::String(text.clone()),
            Json::Array(list) => Value::List(list.iter().map(Node::from).collect()),
            Json::Object(map) => {
                let mut entries = Map::default();
                for (key, value) in map {
                    entries.push(Entry {
                        key: key.clone(),
                        at: Position::default(),
                        merged: false,
                        node: Node::from(value),
                    });
                }
                Value::Map(entries)
            }
        };
        Node {
            value,
            at: Position::default(),
        }
    }
}

impl From<&Node> for Json {
    /// Of keys that are written twice, the last.
    fn from(node: &Node) -> Json {
        match &node.value {
            Value::Null => Json::Null,
            Value::Bool(is) => Json::Bool(*is),
            Value::Number(number) => serde_json::from_str(number.text()).unwrap_or(Json::Null),
            Value::String(text) => Json::String(text.clone()),
            Value::List(list) => list.iter().map(Json::from).collect(),
            Value::Map(map) => map
                .entries()
                .iter()
                .map(|entry| (entry.key.clone(), Json::from(&entry.node)))
                .collect(),
        }
    }
}
