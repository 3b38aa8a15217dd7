//! Functions on texts.
//!
//! Source: github.com/google/cel-go/ext/strings.go and k8s.io/apiserver/pkg/cel/library/regex.go.

use regex::Regex;

use super::value::{Evaluated, NO_OVERLOAD, Stop, Value, fail};
use crate::crd::go::{compile, syntax_error};

/// A call on a text.
pub(super) fn call<'v>(function: &str, operands: &[Value<'v>]) -> Option<Evaluated<Value<'v>>> {
    let (Value::String(text), arguments) = operands.split_first()? else {
        return None;
    };
    let text = &**text;
    let bool = |is| Some(Ok(Value::Bool(is)));
    let new = |text: String| Some(Ok(Value::text(text)));
    match (function, arguments) {
        ("startsWith", [Value::String(part)]) => bool(text.starts_with(&**part)),
        ("endsWith", [Value::String(part)]) => bool(text.ends_with(&**part)),
        ("contains", [Value::String(part)]) => bool(text.contains(&**part)),
        ("matches", [Value::String(pattern)]) => {
            Some(regex(pattern, "").map(|regex| Value::Bool(regex.is_match(text))))
        }
        ("find" | "findAll", [Value::String(pattern), more @ ..]) => {
            Some(found(function, text, pattern, more))
        }
        ("lowerAscii", []) => new(text.to_ascii_lowercase()),
        ("upperAscii", []) => new(text.to_ascii_uppercase()),
        ("trim", []) => new(text.trim().to_owned()),
        ("strings.quote", []) => new(quoted(text)),
        ("replace", [Value::String(from), Value::String(to)]) => new(text.replace(&**from, to)),
        ("replace", [Value::String(from), Value::String(to), Value::Int(most)]) => {
            new(match usize::try_from(*most) {
                Ok(most) => text.replacen(&**from, to, most),
                Err(_) => text.replace(&**from, to),
            })
        }
        ("split", [Value::String(at)]) => Some(Ok(parts(text, at, -1))),
        ("split", [Value::String(at), Value::Int(most)]) => Some(Ok(parts(text, at, *most))),
        ("charAt", [Value::Int(at)]) => Some(character(text, *at)),
        ("substring", [Value::Int(from)]) => Some(within(text, *from, None)),
        ("substring", [Value::Int(from), Value::Int(to)]) => Some(within(text, *from, Some(*to))),
        ("indexOf" | "lastIndexOf", [Value::String(part), more @ ..]) => {
            place(function == "lastIndexOf", text, part, more)
        }
        ("startsWith" | "endsWith" | "contains" | "matches", [other]) if other.is_plain() => {
            Some(fail(NO_OVERLOAD))
        }
        _ => None,
    }
}

fn regex(pattern: &str, before: &str) -> Evaluated<Regex> {
    match syntax_error(pattern) {
        Some(error) => fail(format!("{before}{error}")),
        None => compile(pattern).ok_or(Stop::Unchecked),
    }
}

fn found<'v>(
    function: &str,
    text: &str,
    pattern: &str,
    more: &[Value<'v>],
) -> Evaluated<Value<'v>> {
    let regex = regex(pattern, "Illegal regex: ")?;
    let mut all = regex
        .find_iter(text)
        .map(|found| Value::text(found.as_str()));
    match (function, more) {
        ("find", []) => Ok(all.next().unwrap_or_else(|| Value::text(""))),
        ("findAll", []) => Ok(Value::list(all.collect())),
        ("findAll", [Value::Int(most)]) => Ok(Value::list(match usize::try_from(*most) {
            Ok(most) => all.take(most).collect(),
            Err(_) => all.collect(),
        })),
        _ => Err(Stop::Unchecked),
    }
}

/// The parts of a text between separators; at most so many, where that is not negative.
fn parts<'v>(text: &str, at: &str, most: i64) -> Value<'v> {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let parts: Vec<&str> = match (at, most) {
        (_, 0) => Vec::new(),
        ("", most) => {
            let mut parts = Vec::new();
            let mut rest = text;
            while let Some(first) = rest.chars().next() {
                let end = if parts.len() + 1 == most {
                    rest.len()
                } else {
                    first.len_utf8()
                };
                let (part, after) = rest.split_at(end);
                parts.push(part);
                rest = after;
            }
            parts
        }
        (at, most) => text.splitn(most, at).collect(),
    };
    Value::list(parts.into_iter().map(Value::text).collect())
}

fn out_of_range<T>(at: i64) -> Evaluated<T> {
    fail(format!("index out of range: {at}"))
}

fn character<'v>(text: &str, at: i64) -> Evaluated<Value<'v>> {
    let characters: Vec<char> = text.chars().collect();
    match usize::try_from(at) {
        Ok(place) if place == characters.len() => Ok(Value::text("")),
        Ok(place) if place < characters.len() => Ok(Value::text(characters[place].to_string())),
        _ => out_of_range(at),
    }
}

fn within<'v>(text: &str, from: i64, to: Option<i64>) -> Evaluated<Value<'v>> {
    let characters: Vec<char> = text.chars().collect();
    let count = characters.len();
    if let Some(to) = to.filter(|to| from > *to) {
        return fail(format!("invalid substring range. start: {from}, end: {to}"));
    }
    let place = |at: i64| match usize::try_from(at) {
        Ok(place) if place <= count => Ok(place),
        _ => out_of_range(at),
    };
    let from = place(from)?;
    let to = to.map_or(Ok(count), place)?;
    let part: String = characters
        .get(from..to)
        .unwrap_or_default()
        .iter()
        .collect();
    Ok(Value::text(part))
}

/// Where a part begins, the first or the last; -1 where it is not there.
fn place<'v>(
    last: bool,
    text: &str,
    part: &str,
    more: &[Value<'v>],
) -> Option<Evaluated<Value<'v>>> {
    let characters: Vec<char> = text.chars().collect();
    let wanted: Vec<char> = part.chars().collect();
    let length = i64::try_from(characters.len()).ok()?;
    let from = match more {
        [] if !last => 0,
        [] if wanted.is_empty() => return Some(Ok(Value::Int(length))),
        [] if text.len() < part.len() => return Some(Ok(Value::Int(-1))),
        [] => length - 1,
        [Value::Int(from)] => *from,
        _ => return None,
    };
    if wanted.is_empty() {
        return Some(Ok(Value::Int(from)));
    }
    let Ok(start) = usize::try_from(from) else {
        return Some(out_of_range(from));
    };
    if from >= length {
        return Some(Ok(Value::Int(-1)));
    }
    let is_at = |at: &usize| characters.get(*at..at + wanted.len()) == Some(&wanted[..]);
    let found = if last {
        (0..=start).rev().find(is_at)
    } else {
        (start..characters.len()).find(is_at)
    };
    Some(found.map_or(Ok(Value::Int(-1)), Value::count))
}

fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '\u{7}' => quoted.push_str("\\a"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{c}' => quoted.push_str("\\f"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\u{b}' => quoted.push_str("\\v"),
            '\\' => quoted.push_str("\\\\"),
            '"' => quoted.push_str("\\\""),
            other => quoted.push(other),
        }
    }
    quoted + "\""
}
