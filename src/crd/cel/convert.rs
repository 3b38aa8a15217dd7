//! Conversions from type to type.
//!
//! Source: `ConvertToType` of the types in github.com/google/cel-go/common/types.

use super::function::{duration, duration_text, is_no_time, timestamp};
use super::value::{Evaluated, Stop, Time, Value, fail};
use crate::crd::document::float_digits;

const SECOND: i128 = 1_000_000_000;

/// The functions that convert.
pub(super) const CONVERSIONS: [&str; 10] = [
    "bool",
    "bytes",
    "double",
    "duration",
    "dyn",
    "int",
    "string",
    "timestamp",
    "type",
    "uint",
];

/// A value as one of another type.
pub(super) fn call<'v>(function: &str, operands: &[Value<'v>]) -> Option<Evaluated<Value<'v>>> {
    let [one] = operands else {
        return None;
    };
    if !CONVERSIONS.contains(&function) {
        return None;
    }
    Some(match function {
        "dyn" => Ok(one.clone()),
        "type" => one.type_name().map(Value::Type),
        "bool" => bool(one),
        "bytes" => bytes(one),
        "double" => double(one),
        "duration" => as_duration(one),
        "int" => int(one),
        "string" => string(one),
        "timestamp" => as_timestamp(one),
        _ => uint(one),
    })
}

/// What is told where a value cannot be one of a type.
fn cannot<'v>(one: &Value<'v>, to: &str) -> Evaluated<Value<'v>> {
    let from = named(one.type_name()?);
    fail(format!(
        "type conversion error from '{from}' to '{}'",
        named(to)
    ))
}

/// Types that a null may stand for are told apart.
fn named(name: &str) -> String {
    if name.starts_with("google.protobuf.") {
        format!("wrapper({name})")
    } else {
        name.to_owned()
    }
}

fn bool<'v>(one: &Value<'v>) -> Evaluated<Value<'v>> {
    match one {
        Value::Bool(_) => Ok(one.clone()),
        Value::String(text) => match &**text {
            "1" | "t" | "T" | "TRUE" | "true" | "True" => Ok(Value::Bool(true)),
            "0" | "f" | "F" | "FALSE" | "false" | "False" => Ok(Value::Bool(false)),
            _ => cannot(one, "bool"),
        },
        _ => Err(Stop::Unchecked),
    }
}

fn bytes<'v>(one: &Value<'v>) -> Evaluated<Value<'v>> {
    match one {
        Value::Bytes(_) => Ok(one.clone()),
        Value::String(text) => Ok(Value::Bytes(text.as_bytes().into())),
        _ => Err(Stop::Unchecked),
    }
}

fn double<'v>(one: &Value<'v>) -> Evaluated<Value<'v>> {
    match one {
        Value::Double(_) => Ok(one.clone()),
        Value::Int(int) => Ok(Value::Double(*int as f64)),
        Value::Uint(uint) => Ok(Value::Double(*uint as f64)),
        Value::String(text) => match float(text) {
            Some(float) if float.is_finite() => Ok(Value::Double(float)),
            Some(_) => cannot(one, "double"),
            None => {
                let plain = text.strip_prefix(['+', '-']).unwrap_or(text);
                let plain = plain.to_ascii_lowercase();
                let is_word = matches!(plain.as_str(), "inf" | "infinity" | "nan");
                // Go reads hexadecimal numbers too.
                if is_word || plain.starts_with("0x") {
                    Err(Stop::Unchecked)
                } else {
                    cannot(one, "double")
                }
            }
        },
        _ => Err(Stop::Unchecked),
    }
}

/// A number as it is mostly written.
fn float(text: &str) -> Option<f64> {
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    text.parse().ok().filter(|_| plain)
}

fn int<'v>(one: &Value<'v>) -> Evaluated<Value<'v>> {
    let overflow = || fail("integer overflow");
    match one {
        Value::Int(_) => Ok(one.clone()),
        Value::Uint(uint) => {
            i64::try_from(*uint).map_or_else(|_| overflow(), |int| Ok(Value::Int(int)))
        }
        Value::Double(float) if *float > i64::MIN as f64 && *float < i64::MAX as f64 => {
            Ok(Value::Int(*float as i64))
        }
        Value::Double(_) => overflow(),
        Value::Duration(nanoseconds) => Ok(Value::Int(*nanoseconds)),
        Value::Timestamp(time) => i64::try_from(time.nanoseconds.div_euclid(SECOND))
            .map(Value::Int)
            .map_err(|_| Stop::Unchecked),
        Value::String(text) => {
            let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
            match text.parse() {
                Ok(int) if is_digits(digits) => Ok(Value::Int(int)),
                _ => cannot(one, "int"),
            }
        }
        _ => Err(Stop::Unchecked),
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn uint<'v>(one: &Value<'v>) -> Evaluated<Value<'v>> {
    let overflow = || fail("unsigned integer overflow");
    match one {
        Value::Uint(_) => Ok(one.clone()),
        Value::Int(int) => {
            u64::try_from(*int).map_or_else(|_| overflow(), |uint| Ok(Value::Uint(uint)))
        }
        Value::Double(float) if *float >= 0.0 && *float < u64::MAX as f64 => {
            Ok(Value::Uint(*float as u64))
        }
        Value::Double(_) => overflow(),
        Value::String(text) => match text.parse() {
            Ok(uint) if is_digits(text) => Ok(Value::Uint(uint)),
            _ => cannot(one, "uint"),
        },
        _ => Err(Stop::Unchecked),
    }
}

/// A value as a text.
pub(super) fn string<'v>(one: &Value<'v>) -> Evaluated<Value<'v>> {
    Ok(Value::text(match one {
        Value::String(_) => return Ok(one.clone()),
        Value::Address(address) => address.to_string(),
        Value::Bool(is) => is.to_string(),
        Value::Bytes(bytes) => match String::from_utf8(bytes.to_vec()) {
            Ok(text) => text,
            Err(_) => return fail("invalid UTF-8 in bytes, cannot convert to string"),
        },
        Value::Double(float) => float_text(*float),
        Value::Duration(nanoseconds) => duration_text(*nanoseconds),
        Value::Int(int) => int.to_string(),
        Value::Prefix(prefix) => prefix.text(),
        Value::Timestamp(time) => time.text().ok_or(Stop::Unchecked)?,
        Value::Uint(uint) => uint.to_string(),
        _ => return Err(Stop::Unchecked),
    }))
}

/// A number with a fraction, as Go's `%g` writes it.
pub(super) fn float_text(float: f64) -> String {
    if float.is_nan() {
        return "NaN".to_owned();
    }
    if float.is_infinite() {
        return if float < 0.0 { "-Inf" } else { "+Inf" }.to_owned();
    }
    float_digits(float, 6)
}

fn as_duration<'v>(one: &Value<'v>) -> Evaluated<Value<'v>> {
    match one {
        Value::Duration(_) => Ok(one.clone()),
        Value::String(text) => match duration(text) {
            Some(nanoseconds) => Ok(Value::Duration(nanoseconds)),
            None => cannot(one, "google.protobuf.Duration"),
        },
        Value::Int(_) => cannot(one, "google.protobuf.Duration"),
        _ => Err(Stop::Unchecked),
    }
}

fn as_timestamp<'v>(one: &Value<'v>) -> Evaluated<Value<'v>> {
    match one {
        Value::Timestamp(_) => Ok(one.clone()),
        Value::String(text) => match timestamp(text) {
            Some(time) => Ok(Value::Timestamp(time)),
            None if is_no_time(text) => cannot(one, "google.protobuf.Timestamp"),
            None => Err(Stop::Unchecked),
        },
        Value::Int(seconds) => {
            let time = Time {
                nanoseconds: i128::from(*seconds) * SECOND,
                ahead: 0,
            };
            if time.is_within() {
                Ok(Value::Timestamp(time))
            } else {
                fail("timestamp overflow")
            }
        }
        _ => Err(Stop::Unchecked),
    }
}
