//! JSON as Go's encoding/json writes it: keys of maps sorted, `<`, `>` and `&` escaped.

use std::fmt::Write as _;

use crate::crd::document::{Node, Value};

/// A text in JSON.
pub(crate) fn text(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    push_text(&mut json, text);
    json
}

/// Adds a text in JSON.
pub(crate) fn push_text(json: &mut String, text: &str) {
    json.push('"');
    for character in text.chars() {
        match character {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\u{8}' => json.push_str("\\b"),
            '\u{c}' => json.push_str("\\f"),
            '\n' => json.push_str("\\n"),
            '\r' => json.push_str("\\r"),
            '\t' => json.push_str("\\t"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                let _ = write!(json, "\\u{:04x}", u32::from(character));
            }
            _ => json.push(character),
        }
    }
    json.push('"');
}

/// A value in JSON.
pub(crate) fn value(node: &Node) -> String {
    let mut json = String::new();
    push_value(&mut json, node);
    json
}

fn push_value(json: &mut String, node: &Node) {
    match &node.value {
        Value::Null => json.push_str("null"),
        Value::Bool(is) => json.push_str(if *is { "true" } else { "false" }),
        Value::String(string) => push_text(json, string),
        Value::Number(number) => match (number.integer(), number.float()) {
            (Some(integer), _) => json.push_str(&integer.to_string()),
            (None, Some(float)) => json.push_str(&crate::crd::document::float_text(float)),
            (None, None) => json.push_str(number.text()),
        },
        Value::List(list) => {
            json.push('[');
            for (index, item) in list.iter().enumerate() {
                if index > 0 {
                    json.push(',');
                }
                push_value(json, item);
            }
            json.push(']');
        }
        Value::Map(map) => {
            json.push('{');
            for (index, entry) in map.sorted().into_iter().enumerate() {
                if index > 0 {
                    json.push(',');
                }
                push_text(json, &entry.key);
                json.push(':');
                push_value(json, &entry.node);
            }
            json.push('}');
        }
    }
}

/// A member of an object; the value is JSON already.
pub(crate) fn member(key: &str, json: &str) -> String {
    format!("{}:{json}", text(key))
}

/// An object of members.
pub(crate) fn object(members: impl IntoIterator<Item = String>) -> String {
    format!("{{{}}}", members.into_iter().collect::<Vec<_>>().join(","))
}
