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

impl Node {
    /// Adds it to a text as JSON, with its numbers as they are. Of keys that are written twice, the last.
    pub(crate) fn write_json(&self, text: &mut String) {
        match &self.value {
            Value::Number(number) => text.push_str(number.text()),
            Value::List(list) => {
                text.push('[');
                for (index, node) in list.iter().enumerate() {
                    text.push_str(if index > 0 { "," } else { "" });
                    node.write_json(text);
                }
                text.push(']');
            }
            Value::Map(map) => {
                text.push('{');
                let counts = |entry: &&Entry| {
                    map.entry(&entry.key)
                        .is_some_and(|last| std::ptr::eq(last, *entry))
                };
                let mut is_first = true;
                for entry in map.entries().iter().filter(counts) {
                    text.push_str(if is_first { "" } else { "," });
                    is_first = false;
                    text.push_str(&Json::from(entry.key.as_str()).to_string());
                    text.push(':');
                    entry.node.write_json(text);
                }
                text.push('}');
            }
            Value::Null | Value::Bool(_) | Value::String(_) => {
                text.push_str(&Json::from(self).to_string());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Limits, read};

    fn written(yaml: &str) -> String {
        let documents = read(yaml.as_bytes(), Limits::default()).unwrap();
        let mut text = String::new();
        documents[0].root.write_json(&mut text);
        text
    }

    #[test]
    fn of_what_stands_twice_the_last_counts() {
        assert_eq!(
            written("a: yes\na: 16\nown: {x: \"2\\n\", l: [1, ~]}\n"),
            r#"{"a":16,"own":{"x":"2\n","l":[1,null]}}"#
        );
        assert_eq!(
            written("base: &b {x: 1}\nown: {<<: *b, x: 2}\n"),
            r#"{"base":{"x":1},"own":{"x":2}}"#
        );
    }
}
