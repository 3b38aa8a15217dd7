//! JSON values as YAML for people: block style, keys in their order, comments where they help.

use std::fmt::Write;

use serde_json::Value;

/// A comment for every place with this path; list indices are left out of it.
pub type Comment = (&'static str, String);

/// Writes a document.
pub fn write(value: &Value, comments: &[Comment]) -> String {
    let mut writer = Writer {
        text: String::new(),
        comments,
    };
    match value {
        Value::Object(entries) if !entries.is_empty() => writer.entries(value, 0, ""),
        Value::Array(items) if !items.is_empty() => writer.items(items, 0, ""),
        _ => writer.text = scalar(value) + "\n",
    }
    writer.text
}

struct Writer<'c> {
    text: String,
    comments: &'c [Comment],
}

impl Writer<'_> {
    /// The entries of a map, each on a line of its own; the first one's indentation is there already when it stands in a list.
    fn entries(&mut self, value: &Value, indent: usize, path: &str) {
        let Value::Object(entries) = value else {
            return;
        };
        for (index, (key, value)) in entries.iter().enumerate() {
            let path = format!("{path}.{key}");
            let in_list = index == 0 && self.text.ends_with("- ");
            if !in_list {
                self.comment(&path, indent);
                self.indent(indent);
            }
            self.text.push_str(&text(key));
            self.text.push(':');
            self.value(value, indent, &path);
        }
    }

    fn value(&mut self, value: &Value, indent: usize, path: &str) {
        match value {
            Value::Object(entries) if !entries.is_empty() => {
                self.text.push('\n');
                self.entries(value, indent + 2, path);
            }
            Value::Array(items) if !items.is_empty() => {
                self.text.push('\n');
                self.items(items, indent, path);
            }
            scalar => {
                self.text.push(' ');
                self.text.push_str(&self::scalar(scalar));
                self.text.push('\n');
            }
        }
    }

    fn items(&mut self, items: &[Value], indent: usize, path: &str) {
        for item in items {
            self.indent(indent);
            self.text.push_str("- ");
            match item {
                Value::Object(entries) if !entries.is_empty() => {
                    self.entries(item, indent + 2, path);
                }
                Value::Array(items) if !items.is_empty() => {
                    // A list in a list begins on a line of its own, which every reader understands.
                    self.text.truncate(self.text.trim_end_matches(' ').len());
                    self.text.push('\n');
                    self.items(items, indent + 2, path);
                }
                scalar => {
                    self.text.push_str(&self::scalar(scalar));
                    self.text.push('\n');
                }
            }
        }
    }

    fn comment(&mut self, path: &str, indent: usize) {
        for (place, comment) in self.comments {
            if *place == path {
                for line in comment.lines() {
                    self.text.push_str(&" ".repeat(indent));
                    self.text.push_str("# ");
                    self.text.push_str(line);
                    self.text.push('\n');
                }
            }
        }
    }

    fn indent(&mut self, indent: usize) {
        self.text.push_str(&" ".repeat(indent));
    }
}

fn scalar(value: &Value) -> String {
    match value {
        Value::String(string) => text(string),
        Value::Object(_) => "{}".to_owned(),
        Value::Array(_) => "[]".to_owned(),
        value => value.to_string(),
    }
}

/// A text bare where every version of YAML reads it as that text, else in single quotes, else in double quotes.
fn text(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    let is_printable = |c: char| {
        !c.is_control()
            && !matches!(
                c,
                '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
            )
    };
    if text.chars().all(is_printable) {
        return format!("'{}'", text.replace('\'', "''"));
    }
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            other if is_printable(other) => quoted.push(other),
            other => {
                let _ = write!(quoted, "\\u{:04x}", other as u32);
            }
        }
    }
    quoted + "\""
}

fn is_plain(text: &str) -> bool {
    const RESERVED: [&str; 11] = [
        "true", "false", "yes", "no", "on", "off", "null", "y", "n", "nan", "inf",
    ];
    let begins = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/')
        || (text.starts_with('.') && text[1..].starts_with(|c: char| c.is_ascii_alphabetic()));
    let fits = |c: char| c.is_ascii_alphanumeric() || " .,/_+()<>=;@$-".contains(c);
    let bare_colons = text.replace(": ", "\0").replace("://", "");
    let reserved = text.trim_start_matches('.').to_ascii_lowercase();
    begins
        && !text.ends_with(' ')
        && bare_colons.chars().all(fits)
        && !RESERVED.contains(&reserved.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn texts_that_look_like_something_else_are_quoted() {
        for (value, expected) in [
            ("abc", "abc"),
            ("https://example.com/a", "https://example.com/a"),
            ("a: b", "'a: b'"),
            ("yes", "'yes'"),
            (".inf", "'.inf'"),
            (".spec.replicas", ".spec.replicas"),
            ("1", "'1'"),
            ("", "''"),
            ("it's", "'it''s'"),
            ("a\nb", "\"a\\nb\""),
            ("* * *", "'* * *'"),
            ("a #b", "'a #b'"),
        ] {
            assert_eq!(text(value), expected);
        }
    }

    #[test]
    fn nested_values_are_indented_and_commented() {
        let value = json!({"a": {"b": [1, {"c": "x", "d": {}}], "e": [[1], []]}, "f": []});
        let written = write(&value, &[(".a.b", "why".to_owned())]);
        insta::assert_snapshot!(written, @"
        a:
          # why
          b:
          - 1
          - c: x
            d: {}
          e:
          -
            - 1
          - []
        f: []
        ");
    }
}
