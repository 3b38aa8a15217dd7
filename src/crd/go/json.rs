//! JSON as Go's encoding/json writes it: keys of maps sorted, `<`, `>` and `&` escaped.

use std::fmt::Write as _;

use crate::crd::document::{Node, Value};

/// A text in JSON.
pub(crate) fn text(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
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
    json
}

/// A value in JSON.
pub(crate) fn value(node: &Node) -> String {
    match &node.value {
        Value::Null => "null".to_owned(),
        Value::Bool(is) => is.to_string(),
        Value::String(string) => text(string),
        Value::Number(number) => match (number.integer(), number.float()) {
            (Some(integer), _) => integer.to_string(),
            (None, Some(float)) => crate::crd::document::float_text(float),
            (None, None) => number.text().to_owned(),
        },
        Value::List(list) => {
            let items: Vec<String> = list.iter().map(value).collect();
            format!("[{}]", items.join(","))
        }
        Value::Map(map) => object(
            map.sorted()
                .into_iter()
                .map(|entry| member(&entry.key, &value(&entry.node))),
        ),
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
