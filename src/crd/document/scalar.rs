//! What a plain scalar means: the rules of YAML 1.1 as kubectl's parser has them.
//!
//! Source: `resolve` of go.yaml.in/yaml/v2 (resolve.go), which sigs.k8s.io/yaml calls.

use super::number::{float_digits, float_text};
use super::{Number, Value, base64};
use crate::crd::go::compile;

/// What a scalar is to the parser.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Typed {
    Null,
    Bool(bool),
    /// Of 64 bits, with a sign or, where it is too large, without.
    Integer(i128),
    Float(f64),
    /// A text that is a time: it stays a text.
    Time(String),
    Text(String),
    /// Bytes, of which the text is made that JSON can hold.
    Binary(String),
}

/// The value of a plain scalar; None for the numbers that JSON cannot write (`.nan`, `.inf`).
pub(crate) fn plain(text: &str) -> Option<Value> {
    Typed::plain(text).value()
}

const CORE: &str = "tag:yaml.org,2002:";

impl Typed {
    /// A scalar whose type is told by its tag, or, where it has none, by its text.
    pub(super) fn of(tag: &str, text: &str) -> Result<Typed, String> {
        let plain = match tag.strip_prefix(CORE) {
            Some("binary") => {
                let bytes = base64::decoded(text);
                let bytes = bytes.ok_or("!!binary value contains invalid base64 data")?;
                return Ok(Typed::Binary(lossy(&bytes)));
            }
            Some("bool" | "int" | "float" | "null") => Typed::untimed(text),
            Some("timestamp") => Typed::plain(text),
            None if tag.is_empty() => return Ok(Typed::plain(text)),
            _ => return Ok(Typed::Text(text.to_owned())),
        };
        let short = tag.strip_prefix(CORE).unwrap_or_default();
        match (short, &plain) {
            ("float", Typed::Integer(integer)) if i64::try_from(*integer).is_ok() => {
                Ok(Typed::Float(*integer as f64))
            }
            (short, plain) if short == plain.name() => Ok(plain.clone()),
            (short, plain) => {
                let is = plain.name();
                Err(format!("cannot decode !!{is} `{text}` as a !!{short}"))
            }
        }
    }

    fn plain(text: &str) -> Typed {
        match Typed::untimed(text) {
            Typed::Text(text) if is_time(&text) => Typed::Time(text),
            typed => typed,
        }
    }

    fn untimed(text: &str) -> Typed {
        if let Some(typed) = named(text) {
            return typed;
        }
        let number = match text.as_bytes().first() {
            Some(b'0'..=b'9' | b'+' | b'-') => number(text),
            Some(b'.') => decimal(text).map(Typed::Float),
            _ => None,
        };
        number.unwrap_or_else(|| Typed::Text(text.to_owned()))
    }

    fn name(&self) -> &'static str {
        match self {
            Typed::Null => "null",
            Typed::Bool(_) => "bool",
            Typed::Integer(_) => "int",
            Typed::Float(_) => "float",
            Typed::Time(_) => "timestamp",
            Typed::Text(_) => "str",
            Typed::Binary(_) => "binary",
        }
    }

    /// The value in JSON; None for a number that JSON cannot write.
    pub(super) fn value(self) -> Option<Value> {
        Some(match self {
            Typed::Null => Value::Null,
            Typed::Bool(is) => Value::Bool(is),
            Typed::Integer(integer) => Value::Number(Number::new(integer.to_string())),
            Typed::Float(float) if float.is_finite() => {
                Value::Number(Number::new(float_text(float)))
            }
            Typed::Float(_) => return None,
            Typed::Time(text) | Typed::Text(text) | Typed::Binary(text) => Value::String(text),
        })
    }

    /// The key in JSON.
    ///
    /// Source: `convertToJSONableObject` of sigs.k8s.io/yaml.
    pub(super) fn key(self) -> Result<String, String> {
        Ok(match self {
            Typed::Null => return Err("unsupported map key of type: null".to_owned()),
            Typed::Bool(is) => is.to_string(),
            Typed::Integer(integer) => match i64::try_from(integer) {
                Ok(integer) => integer.to_string(),
                Err(_) => return Err("unsupported map key of type: uint64".to_owned()),
            },
            Typed::Float(float) => float_key(float as f32),
            Typed::Time(text) | Typed::Text(text) | Typed::Binary(text) => text,
        })
    }
}

/// A number as it becomes a key: with the digits of 32 bits.
fn float_key(float: f32) -> String {
    if float.is_nan() {
        return ".nan".to_owned();
    }
    if float.is_infinite() {
        return if float < 0.0 { "-.inf" } else { ".inf" }.to_owned();
    }
    float_digits(float, 6)
}

/// Bytes as Go writes them into JSON: each that is part of no character becomes what stands for none.
fn lossy(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| '\u{fffd}'));
    }
    text
}

fn named(text: &str) -> Option<Typed> {
    Some(match text {
        "" | "~" | "null" | "Null" | "NULL" => Typed::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Typed::Bool(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Typed::Bool(false)
        }
        ".nan" | ".NaN" | ".NAN" => Typed::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Typed::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Typed::Float(f64::NEG_INFINITY),
        _ => return None,
    })
}

fn number(text: &str) -> Option<Typed> {
    let plain = text.replace('_', "");
    let binary = plain
        .strip_prefix("0b")
        .filter(|digits| digits.starts_with(['+', '-']));
    integer(&plain)
        .or_else(|| i64::from_str_radix(binary?, 2).ok().map(i128::from))
        .map(Typed::Integer)
        .or_else(|| decimal(&plain).map(Typed::Float))
}

/// Whether it is a time: a day, or a day and a time of it.
///
/// Source: `parseTimestamp` of go.yaml.in/yaml/v2 (resolve.go).
fn is_time(text: &str) -> bool {
    // Every text comes here, and hardly any begins like a year.
    let [year @ .., b'-'] = text.as_bytes().get(..5).unwrap_or_default() else {
        return false;
    };
    if !year.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let is_form = compile(
        r"^(\d{4})-(\d{1,2})-(\d{1,2})([Tt](\d{1,2}):(\d{1,2}):(\d{1,2})([.,]\d+)?(Z|[-+]\d\d:\d\d)| (\d{1,2}):(\d{1,2}):(\d{1,2})([.,]\d+)?)?$",
    );
    let Some(parts) = is_form.as_ref().and_then(|form| form.captures(text)) else {
        return false;
    };
    let number = |group: usize| {
        let text = parts.get(group).map_or("0", |part| part.as_str());
        text.parse::<i8>().unwrap_or(i8::MAX)
    };
    let year = parts[1].parse::<i16>().unwrap_or_default();
    let is_day = jiff::civil::Date::new(year, number(2), number(3)).is_ok();
    let is_within = |groups: [usize; 3]| {
        number(groups[0]) < 24 && number(groups[1]) < 60 && number(groups[2]) < 60
    };
    is_day && is_within([5, 6, 7]) && is_within([10, 11, 12])
}

/// An integer as Go's `ParseInt(text, 0, 64)`, then `ParseUint`, reads it: the prefix tells the base, and a zero octal.
fn integer(text: &str) -> Option<i128> {
    let (negative, signless) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let lower = signless.to_ascii_lowercase();
    let (digits, base) = if let Some(digits) = lower.strip_prefix("0x") {
        (digits, 16)
    } else if let Some(digits) = lower.strip_prefix("0b") {
        (digits, 2)
    } else if let Some(digits) = lower.strip_prefix("0o") {
        (digits, 8)
    } else if lower.len() > 1 && lower.starts_with('0') {
        (&lower[1..], 8)
    } else {
        (lower.as_str(), 10)
    };
    if digits.starts_with(['+', '-']) {
        return None;
    }
    let size = i128::from(u64::from_str_radix(digits, base).ok()?);
    let signed = if negative { -size } else { size };
    // A sign is nothing for the unsigned reading, which is tried second.
    let largest = if text.starts_with(['+', '-']) {
        i128::from(i64::MAX)
    } else {
        i128::from(u64::MAX)
    };
    (i128::from(i64::MIN)..=largest)
        .contains(&signed)
        .then_some(signed)
}

/// A floating-point number of the form `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`.
fn decimal(text: &str) -> Option<f64> {
    let signless = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match signless.find(['e', 'E']) {
        Some(at) => (&signless[..at], Some(&signless[at + 1..])),
        None => (signless, None),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if !digits(whole) || !digits(fraction) || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    if let Some(exponent) = exponent {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        if exponent.is_empty() || !digits(exponent) {
            return None;
        }
    }
    text.parse().ok().filter(|float: &f64| float.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> String {
        match plain(text) {
            None => "none".to_owned(),
            Some(Value::Null) => "null".to_owned(),
            Some(Value::Bool(is)) => is.to_string(),
            Some(Value::Number(number)) => number.text().to_owned(),
            Some(Value::String(text)) => format!("{text:?}"),
            Some(_) => unreachable!("a scalar is no container"),
        }
    }

    #[test]
    fn plain_scalars_mean_what_they_mean_to_kubectl() {
        for (text, value) in [
            ("", "null"),
            ("yes", "true"),
            ("off", "false"),
            ("yEs", "\"yEs\""),
            ("10", "10"),
            ("010", "8"),
            ("0o10", "8"),
            ("0x1F", "31"),
            ("0b11", "3"),
            ("1_000", "1000"),
            ("-7", "-7"),
            ("18446744073709551615", "18446744073709551615"),
            ("18446744073709551616", "18446744073709552000"),
            ("1.0", "1"),
            ("1.50", "1.5"),
            ("1e3", "1000"),
            ("09", "9"),
            ("1.2.3", "\"1.2.3\""),
            ("2024-01-01", "\"2024-01-01\""),
            (".5", "0.5"),
            (".spec.replicas", "\".spec.replicas\""),
            (".inf", "none"),
            ("-", "\"-\""),
            ("1e", "\"1e\""),
        ] {
            assert_eq!(written(text), value, "{text}");
        }
    }
}
