//! What a plain scalar means: the rules of YAML 1.1 as kubectl's parser has them.
//!
//! Source: `resolve` of go.yaml.in/yaml/v2 (resolve.go), which sigs.k8s.io/yaml calls.

use super::number::float_text;
use super::{Number, Value};

/// The value of a plain scalar; None for the numbers that JSON cannot write (`.nan`, `.inf`).
pub(crate) fn plain(text: &str) -> Option<Value> {
    if let Some(value) = named(text) {
        return Some(value);
    }
    match text.as_bytes().first() {
        Some(b'0'..=b'9' | b'+' | b'-') => {
            Some(number(text).map_or_else(|| Value::String(text.to_owned()), Value::Number))
        }
        Some(b'.') => match text {
            ".nan" | ".NaN" | ".NAN" | ".inf" | ".Inf" | ".INF" => None,
            _ => Some(match decimal(text) {
                Some(float) => Value::Number(Number::new(float_text(float))),
                None => Value::String(text.to_owned()),
            }),
        },
        _ => Some(Value::String(text.to_owned())),
    }
}

fn named(text: &str) -> Option<Value> {
    Some(match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Value::Bool(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Value::Bool(false)
        }
        _ => return None,
    })
}

fn number(text: &str) -> Option<Number> {
    let plain = text.replace('_', "");
    if let Some(integer) = integer(&plain) {
        return Some(Number::new(integer.to_string()));
    }
    decimal(&plain).map(|float| Number::new(float_text(float)))
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
