//! Values as new text: on lines as YAML for people, in brackets as YAML or JSON.

use super::super::document::{Entry, Map, Node, Value, plain};
use super::super::go::json_text;

/// How a file writes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Manner {
    /// It is JSON, or YAML that is written as JSON.
    pub(super) json: bool,
    /// How far items of lists stand to the right of the key above them.
    pub(super) dash: usize,
    /// What ends a line.
    pub(super) newline: &'static str,
}

impl Manner {
    /// A key and its value on lines, the first one without its indentation, the last one without its end.
    pub(super) fn member(self, key: &str, value: &Node, indent: usize) -> String {
        format!("{}:{}", self.text(key), self.below(value, indent))
    }

    /// What follows a key's colon.
    pub(super) fn below(self, value: &Node, indent: usize) -> String {
        match &value.value {
            Value::Map(map) if !map.entries().is_empty() => {
                self.line(indent + 2) + &self.lines(value, indent + 2)
            }
            Value::List(list) if !list.is_empty() => {
                let indent = indent + self.dash;
                self.line(indent) + &self.lines(value, indent)
            }
            _ => format!(" {}", self.flow(value)),
        }
    }

    /// A value on lines, the first one without its indentation.
    pub(super) fn lines(self, value: &Node, indent: usize) -> String {
        let lines: Vec<String> = match &value.value {
            Value::Map(map) if !map.entries().is_empty() => {
                let members = counting(map);
                members
                    .map(|entry| self.member(&entry.key, &entry.node, indent))
                    .collect()
            }
            Value::List(list) if !list.is_empty() => list
                .iter()
                .map(|item| format!("- {}", self.lines(item, indent + 2)))
                .collect(),
            _ => vec![self.flow(value)],
        };
        lines.join(&self.line(indent))
    }

    /// The end of a line and the indentation of the next.
    pub(super) fn line(self, indent: usize) -> String {
        format!("{}{}", self.newline, " ".repeat(indent))
    }

    /// A value in brackets, or a scalar.
    pub(super) fn flow(self, value: &Node) -> String {
        match &value.value {
            Value::Null => "null".to_owned(),
            Value::Bool(is) => is.to_string(),
            Value::Number(number) => number.text().to_owned(),
            Value::String(text) => self.text(text),
            Value::List(list) => {
                let items: Vec<String> = list.iter().map(|item| self.flow(item)).collect();
                format!("[{}]", items.join(", "))
            }
            Value::Map(map) => {
                let member = |entry: &Entry| {
                    format!("{}: {}", self.text(&entry.key), self.flow(&entry.node))
                };
                let members: Vec<String> = counting(map).map(member).collect();
                format!("{{{}}}", members.join(", "))
            }
        }
    }

    /// A text: bare where every reader of YAML takes it for that text.
    pub(super) fn text(self, text: &str) -> String {
        if self.json {
            return json_text(text);
        }
        if is_bare(text) {
            return text.to_owned();
        }
        if text.chars().all(|letter| !letter.is_control()) && !text.contains('\u{feff}') {
            return format!("'{}'", text.replace('\'', "''"));
        }
        json_text(text)
    }
}

/// The entries that count: of a key that is written twice, or merged and written, one.
fn counting(map: &Map) -> impl Iterator<Item = &Entry> {
    let counts = |entry: &&Entry| {
        map.entry(&entry.key)
            .is_some_and(|counting| std::ptr::eq(counting, *entry))
    };
    map.entries().iter().filter(counts)
}

fn is_bare(text: &str) -> bool {
    let is_text = matches!(plain(text), Some(Value::String(same)) if same == text);
    let starts =
        text.starts_with(|first: char| first.is_ascii_alphabetic() || "./".contains(first));
    let fits = |letter: char| letter.is_ascii_alphanumeric() || " .-_/+()$=@;".contains(letter);
    is_text && starts && text.chars().all(fits) && !text.ends_with(' ')
}
