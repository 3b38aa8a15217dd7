//! `format` of texts: values in the places of clauses such as `%s`.
//!
//! Source: github.com/google/cel-go/ext/formatting.go.

use std::fmt::Write as _;

use super::convert::string;
use super::value::{Evaluated, Stop, Value, fail};
use crate::crd::go::quote;

/// A text with values in the places of its clauses.
pub(super) fn call<'v>(function: &str, operands: &[Value<'v>]) -> Option<Evaluated<Value<'v>>> {
    match (function, operands) {
        ("format", [Value::String(text), list]) if list.is_list() => {
            let made = list.items().and_then(|values| filled(text, &values));
            Some(made.map(Value::text))
        }
        _ => None,
    }
}

fn filled(text: &str, values: &[Value<'_>]) -> Evaluated<String> {
    let mut made = String::with_capacity(text.len());
    let mut next = 0;
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        made.push_str(before);
        if let Some(after) = after.strip_prefix('%') {
            made.push('%');
            rest = after;
            continue;
        }
        let Some(value) = values.get(next) else {
            return fail(format!("index {next} out of range"));
        };
        let Some(clause) = after.chars().next() else {
            return fail("unexpected end of string");
        };
        made.push_str(&one(clause, value)?);
        next += 1;
        rest = &after[clause.len_utf8()..];
    }
    made.push_str(rest);
    Ok(made)
}

fn one(clause: char, value: &Value<'_>) -> Evaluated<String> {
    Ok(match (clause, value) {
        ('s', value) => plain(value)?,
        ('d', Value::Int(int)) => int.to_string(),
        ('d', Value::Uint(uint)) => uint.to_string(),
        ('b', Value::Bool(is)) => u8::from(*is).to_string(),
        ('b' | 'o' | 'x' | 'X', Value::Int(int)) => {
            let sign = if *int < 0 { "-" } else { "" };
            format!("{sign}{}", digits(clause, int.unsigned_abs()))
        }
        ('b' | 'o' | 'x' | 'X', Value::Uint(uint)) => digits(clause, *uint),
        ('x' | 'X', Value::String(text)) => hexadecimal(clause, text.as_bytes()),
        ('x' | 'X', Value::Bytes(bytes)) => hexadecimal(clause, bytes),
        // What else there is says of itself, or depends on a language.
        _ => return Err(Stop::Unchecked),
    })
}

fn digits(clause: char, number: u64) -> String {
    match clause {
        'b' => format!("{number:b}"),
        'o' => format!("{number:o}"),
        'x' => format!("{number:x}"),
        _ => format!("{number:X}"),
    }
}

fn hexadecimal(clause: char, bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    if clause == 'X' {
        text.to_ascii_uppercase()
    } else {
        text
    }
}

/// A value where it stands alone.
fn plain(value: &Value<'_>) -> Evaluated<String> {
    match value {
        Value::List(_) | Value::Map(_) | Value::Node(..) => nested(value),
        Value::Null => Ok("null".to_owned()),
        Value::Type(name) => Ok((*name).to_owned()),
        Value::Address(_) | Value::Prefix(_) => Err(Stop::Unchecked),
        value => text(value),
    }
}

fn text(value: &Value<'_>) -> Evaluated<String> {
    match string(value)? {
        Value::String(text) => Ok(text.to_string()),
        _ => Err(Stop::Unchecked),
    }
}

/// A value within a list or a map, as an expression would have it.
fn nested(value: &Value<'_>) -> Evaluated<String> {
    Ok(match value {
        Value::Int(_) | Value::Uint(_) | Value::Bool(_) => text(value)?,
        Value::String(text) => quote(text),
        Value::Null => "null".to_owned(),
        Value::Duration(_) => format!("duration({})", quote(&text(value)?)),
        Value::Timestamp(_) => format!("timestamp({})", quote(&text(value)?)),
        Value::Double(float) if float.is_finite() => format!("{float:.6}"),
        value if value.is_list() => {
            let items = value.items()?;
            let items: Evaluated<Vec<String>> = items.iter().map(nested).collect();
            format!("[{}]", items?.join(", "))
        }
        Value::Map(_) | Value::Node(..) => {
            let mut pairs = Vec::new();
            for (key, value) in value.pairs()? {
                pairs.push((nested(&key)?, nested(&value)?));
            }
            pairs.sort();
            let pairs = pairs.iter().map(|(key, value)| format!("{key}:{value}"));
            format!("{{{}}}", pairs.collect::<Vec<_>>().join(", "))
        }
        _ => return Err(Stop::Unchecked),
    })
}
