//! What a clock and a calendar show of times, and the parts of durations.
//!
//! Source: github.com/google/cel-go/common/types/{timestamp,duration}.go.

use super::value::{Evaluated, Stop, Value};

/// A call on a time or a duration.
pub(super) fn call<'v>(function: &str, operands: &[Value<'v>]) -> Option<Evaluated<Value<'v>>> {
    let number = match operands {
        [Value::Duration(nanoseconds)] => {
            let second = 1_000_000_000;
            Some(match function {
                "getHours" => nanoseconds / (3600 * second),
                "getMinutes" => nanoseconds / (60 * second),
                "getSeconds" => nanoseconds / second,
                "getMilliseconds" => nanoseconds / 1_000_000,
                _ => return None,
            })
        }
        [Value::Timestamp(time)] => shown(function, time.shown(0))?,
        [Value::Timestamp(time), Value::String(zone)] => match ahead(zone) {
            Some(ahead) => shown(function, time.shown(ahead))?,
            None => return Some(Err(Stop::Unchecked)),
        },
        _ => return None,
    };
    Some(number.map(Value::Int).ok_or(Stop::Unchecked))
}

/// What is shown; the outer None where this is no such function.
fn shown(function: &str, time: Option<jiff::civil::DateTime>) -> Option<Option<i64>> {
    let known = [
        "getFullYear",
        "getMonth",
        "getDate",
        "getDayOfMonth",
        "getDayOfWeek",
        "getDayOfYear",
        "getHours",
        "getMinutes",
        "getSeconds",
        "getMilliseconds",
    ];
    if !known.contains(&function) {
        return None;
    }
    let Some(time) = time else {
        return Some(None);
    };
    Some(Some(match function {
        "getFullYear" => i64::from(time.year()),
        "getMonth" => i64::from(time.month()) - 1,
        "getDate" => i64::from(time.day()),
        "getDayOfMonth" => i64::from(time.day()) - 1,
        "getDayOfWeek" => i64::from(time.weekday().to_sunday_zero_offset()),
        "getDayOfYear" => i64::from(time.day_of_year()) - 1,
        "getHours" => i64::from(time.hour()),
        "getMinutes" => i64::from(time.minute()),
        "getSeconds" => i64::from(time.second()),
        _ => i64::from(time.subsec_nanosecond()) / 1_000_000,
    }))
}

/// How many seconds the clocks of a zone are ahead of UTC; those of places are not known here.
fn ahead(zone: &str) -> Option<i32> {
    if matches!(zone, "UTC" | "") {
        return Some(0);
    }
    let digits = zone.strip_prefix(['+', '-']).unwrap_or(zone);
    let (hours, minutes) = digits.split_once(':')?;
    let number = |text: &str| -> Option<i32> {
        let plain = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|_| plain)
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    let seconds = (hours * 60 + minutes) * 60;
    let fits = hours < 24 && minutes < 60;
    fits.then_some(if zone.starts_with('-') {
        -seconds
    } else {
        seconds
    })
}
