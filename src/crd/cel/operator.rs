//! Operators on values.
//!
//! Source: github.com/google/cel-go/common/types (overflow.go among others).

use std::rc::Rc;

use super::declaration::{Form, ListKind};
use super::value::{Evaluated, NO_OVERLOAD, Stop, Time, Value, fail};

const INTEGER: &str = "integer overflow";
const UNSIGNED: &str = "unsigned integer overflow";
const TIMESTAMP: &str = "timestamp overflow";
const DIVISION: &str = "division by zero";
const MODULUS: &str = "modulus by zero";
const SECOND: i128 = 1_000_000_000;

fn int<'v>(int: Option<i64>) -> Evaluated<Value<'v>> {
    int.map_or_else(|| fail(INTEGER), |int| Ok(Value::Int(int)))
}

fn uint<'v>(uint: Option<u64>) -> Evaluated<Value<'v>> {
    uint.map_or_else(|| fail(UNSIGNED), |uint| Ok(Value::Uint(uint)))
}

fn duration<'v>(nanoseconds: Option<i64>) -> Evaluated<Value<'v>> {
    nanoseconds.map_or_else(|| fail(INTEGER), |value| Ok(Value::Duration(value)))
}

/// An operator before a value.
pub(super) fn unary<'v>(function: &str, one: &Value<'v>) -> Option<Evaluated<Value<'v>>> {
    Some(match (function, one) {
        ("!_", Value::Bool(is)) => Ok(Value::Bool(!is)),
        ("-_", Value::Int(value)) => int(value.checked_neg()),
        ("-_", Value::Double(float)) => Ok(Value::Double(-float)),
        ("!_" | "-_", one) if one.is_plain() => fail(NO_OVERLOAD),
        _ => return None,
    })
}

/// An operator between two values.
pub(super) fn binary<'v>(
    function: &str,
    one: &Value<'v>,
    other: &Value<'v>,
) -> Option<Evaluated<Value<'v>>> {
    Some(match (function, one, other) {
        (_, Value::Int(a), Value::Int(b)) => integers(function, *a, *b)?,
        (_, Value::Uint(a), Value::Uint(b)) => naturals(function, *a, *b)?,
        (_, Value::Double(a), Value::Double(b)) => Ok(Value::Double(match function {
            "_+_" => a + b,
            "_-_" => a - b,
            "_*_" => a * b,
            "_/_" => a / b,
            _ => return None,
        })),
        ("_+_", Value::String(a), Value::String(b)) => Ok(Value::text(format!("{a}{b}"))),
        ("_+_", Value::Bytes(a), Value::Bytes(b)) => Ok(Value::Bytes([&**a, &**b].concat().into())),
        ("_+_", Value::List(_) | Value::Node(..), Value::List(_) | Value::Node(..)) => {
            joined(one, other)
        }
        _ => times(function, one, other)?,
    })
}

fn integers<'v>(function: &str, a: i64, b: i64) -> Option<Evaluated<Value<'v>>> {
    Some(match function {
        "_+_" => int(a.checked_add(b)),
        "_-_" => int(a.checked_sub(b)),
        "_*_" => int(a.checked_mul(b)),
        "_/_" if b == 0 => fail(DIVISION),
        "_/_" => int(a.checked_div(b)),
        "_%_" if b == 0 => fail(MODULUS),
        "_%_" => int(a.checked_rem(b)),
        _ => return None,
    })
}

fn naturals<'v>(function: &str, a: u64, b: u64) -> Option<Evaluated<Value<'v>>> {
    Some(match function {
        "_+_" => uint(a.checked_add(b)),
        "_-_" => uint(a.checked_sub(b)),
        "_*_" => uint(a.checked_mul(b)),
        "_/_" if b == 0 => fail(DIVISION),
        "_/_" => uint(a.checked_div(b)),
        "_%_" if b == 0 => fail(MODULUS),
        "_%_" => uint(a.checked_rem(b)),
        _ => return None,
    })
}

fn times<'v>(function: &str, one: &Value<'v>, other: &Value<'v>) -> Option<Evaluated<Value<'v>>> {
    let later = |time: &Time, by: i128| {
        let nanoseconds = time.nanoseconds + by;
        let time = Time {
            nanoseconds,
            ..*time
        };
        if time.is_within() {
            Ok(Value::Timestamp(time))
        } else {
            fail(TIMESTAMP)
        }
    };
    Some(match (function, one, other) {
        ("_+_", Value::Duration(a), Value::Duration(b)) => duration(a.checked_add(*b)),
        ("_-_", Value::Duration(a), Value::Duration(b)) => duration(a.checked_sub(*b)),
        ("_+_", Value::Timestamp(time), Value::Duration(by))
        | ("_+_", Value::Duration(by), Value::Timestamp(time)) => later(time, i128::from(*by)),
        ("_-_", Value::Timestamp(_), Value::Duration(i64::MIN)) => fail(INTEGER),
        ("_-_", Value::Timestamp(time), Value::Duration(by)) => later(time, -i128::from(*by)),
        ("_-_", Value::Timestamp(a), Value::Timestamp(b)) => {
            let seconds = a.nanoseconds.div_euclid(SECOND) - b.nanoseconds.div_euclid(SECOND);
            let fits = i64::try_from(seconds * SECOND).is_ok();
            let between = i64::try_from(a.nanoseconds - b.nanoseconds).ok();
            duration(between.filter(|_| fits))
        }
        ("_+_" | "_-_" | "_*_" | "_/_" | "_%_", one, other)
            if one.is_number() && other.is_plain() =>
        {
            fail(NO_OVERLOAD)
        }
        _ => return None,
    })
}

/// One list after another.
fn joined<'v>(one: &Value<'v>, other: &Value<'v>) -> Evaluated<Value<'v>> {
    let is_scalar = |value: &Value<'_>| {
        matches!(
            value,
            Value::Bool(_) | Value::Double(_) | Value::Int(_) | Value::String(_)
        )
    };
    let (first, second) = (one.items()?, other.items()?);
    if let Value::Node(_, declaration) = one {
        // Sets and lists with keys are merged, and what has a type of its own is read again as a text.
        let is_atomic = matches!(&declaration.form, Form::List(_, ListKind::Atomic));
        if !is_atomic || !first.iter().chain(&second).all(is_scalar) {
            return Err(Stop::Unchecked);
        }
    } else if second.is_empty() {
        return Ok(one.clone());
    } else if first.is_empty() {
        return Ok(other.clone());
    }
    Ok(Value::List(Rc::new(
        first.into_iter().chain(second).collect(),
    )))
}
