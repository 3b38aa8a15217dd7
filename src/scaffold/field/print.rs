//! Fields as text, in a form that reads back as the same.

use std::fmt::{self, Write};

use serde_json::Value;

use super::cursor::{Cursor, Until};
use super::parse::is_of_name;
use super::{Field, Node, Placed, Rule, Setting, Shape, Takes};

impl fmt::Display for Placed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for name in &self.path {
            write!(f, "{}.", printed_name(name))?;
        }
        self.field.fmt(f)
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", printed_name(&self.name), self.typed())
    }
}

impl Field {
    /// What stands behind its name.
    pub fn typed(&self) -> String {
        typed(&self.node, self.optional)
    }
}

/// The name as it stands in the language.
pub(crate) fn printed_name(name: &str) -> String {
    if !name.is_empty() && name.chars().all(is_of_name) {
        name.to_owned()
    } else {
        json_text(name)
    }
}

fn typed(node: &Node, optional: bool) -> String {
    let mut text = shape(&node.shape);
    text.push_str(&suffix(node, optional));
    text
}

/// What stands behind the type: `?`, default, options.
pub(crate) fn suffix(node: &Node, optional: bool) -> String {
    let mut text = if optional { "?" } else { "" }.to_owned();
    if let Some(default) = &node.default {
        let _ = write!(
            text,
            "={}",
            shaped_value(&node.shape, default, Until::Default)
        );
    }
    let settings = node
        .settings
        .iter()
        .map(|setting| printed_setting(setting, &node.shape));
    let options: Vec<String> = settings
        .chain(
            node.rules
                .iter()
                .map(|rule| printed_rule(rule, &node.shape)),
        )
        .collect();
    if !options.is_empty() {
        let _ = write!(text, "{{{}}}", options.join(","));
    }
    text
}

fn shape(shape: &Shape) -> String {
    let word = match shape {
        Shape::String => "string",
        Shape::Int => "int",
        Shape::Int32 => "int32",
        Shape::Int64 => "int64",
        Shape::Float => "float",
        Shape::Bool => "bool",
        Shape::Quantity => "quantity",
        Shape::Duration => "duration",
        Shape::DateTime => "date-time",
        Shape::IntOrString => "int-or-string",
        Shape::AnyObject => "object",
        Shape::Any => "any",
        Shape::PodTemplate => "podTemplate",
        Shape::Enum(words) => {
            let words: Vec<String> = words.iter().map(|word| enum_word(word)).collect();
            return format!("enum({})", words.join("|"));
        }
        Shape::List(node) => return format!("[]{}", element(node)),
        Shape::Map(node) => return format!("map[string]{}", element(node)),
        Shape::Object(fields) => {
            let fields: Vec<String> = fields.iter().map(ToString::to_string).collect();
            return format!("object({})", fields.join(", "));
        }
    };
    word.to_owned()
}

fn element(node: &Node) -> String {
    let plain = node.default.is_none() && node.settings.is_empty() && node.rules.is_empty();
    if plain {
        shape(&node.shape)
    } else {
        format!("({})", typed(node, false))
    }
}

fn enum_word(word: &str) -> String {
    let bare = !word.is_empty()
        && word.trim() == word
        && !word.starts_with(['"', '\''])
        && !word.contains(['|', ')', ',', '}']);
    if bare {
        word.to_owned()
    } else {
        json_text(word)
    }
}

fn printed_setting(setting: &Setting, shape: &Shape) -> String {
    let name = setting.keyword.name;
    let value = match (setting.keyword.takes, &setting.value) {
        (Takes::Flag, _) => return name.to_owned(),
        (Takes::Value, value) => shaped_value(shape, value, Until::Option),
        (Takes::Names, Value::Array(names)) => {
            let names = names.iter().filter_map(Value::as_str).map(enum_word);
            names.collect::<Vec<_>>().join("|")
        }
        (_, Value::String(text)) => printed_text(text, Until::Option),
        (Takes::Schema, value) => single_quoted(&value.to_string()),
        (_, value) => value.to_string(),
    };
    format!("{name}={value}")
}

fn printed_rule(rule: &Rule, shape: &Shape) -> String {
    if let Some(short) = short_form(rule) {
        return format!("cel={}", printed_text(&short, Until::Option));
    }
    let mut parts = vec![format!("rule={}", printed_text(&rule.rule, Until::Option))];
    for (name, part) in [
        ("message", &rule.message),
        ("messageExpression", &rule.message_expression),
        ("reason", &rule.reason),
        ("fieldPath", &rule.field_path),
    ] {
        parts.extend(
            part.as_ref()
                .map(|part| format!("{name}={}", printed_text(part, Until::Option))),
        );
    }
    parts.extend(
        rule.optional_old_self
            .map(|flag| format!("optionalOldSelf={flag}")),
    );
    if let Some(value) = &rule.counterexample {
        parts.push(format!(
            "counterexample={}",
            shaped_value(shape, value, Until::Option)
        ));
    }
    format!("cel{{{}}}", parts.join(","))
}

/// The short form, where it reads back as the same rule.
fn short_form(rule: &Rule) -> Option<String> {
    let short = match &rule.message {
        Some(message) => format!("{} => {message}", rule.rule),
        None => rule.rule.clone(),
    };
    (Rule::of_short_form(&short) == *rule).then_some(short)
}

fn shaped_value(shape: &Shape, value: &Value, until: Until) -> String {
    match value {
        Value::String(text) if shape.is_text() => printed_text(text, until),
        Value::String(text) if shape.is_text_or_number() && !reads_as_integer(text) => {
            printed_text(text, until)
        }
        value => value.to_string(),
    }
}

fn reads_as_integer(text: &str) -> bool {
    let read: Result<Value, _> = serde_json::from_str(text);
    read.is_ok_and(|value| value.is_i64() || value.is_u64()) || text.starts_with(['[', '{'])
}

/// A text bare where that reads back as the same, else in single quotes, else in double quotes.
fn printed_text(text: &str, until: Until) -> String {
    let behind = format!("{text}}}");
    let mut cursor = Cursor::new(&behind);
    let bare = cursor.value(until);
    let same = bare.is_ok_and(|word| word.text == text && !word.quoted);
    if same && !text.is_empty() && cursor.at == text.len() {
        return text.to_owned();
    }
    if text.chars().any(char::is_control) {
        json_text(text)
    } else {
        single_quoted(text)
    }
}

fn single_quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn json_text(text: &str) -> String {
    Value::String(text.to_owned()).to_string()
}
