//! What a clock and a calendar show of times, and the parts of durations.
//!
//! Source: github.com/google/cel-go/common/types/{timestamp,duration}.go.

use super::value::{Evaluated, Stop, Time, Value};

/// A call on a time or a duration.
pub(super) fn call<'v>(function: &str, operands: &[Value<'v>]) -> Option<Evaluated<Value<'v>>> {
    let at = |time: &Time, ahead| match time.shown(ahead) {
        Some(time) => shown(function, time).map(|part| Ok(Value::Int(part))),
        None => Some(Err(Stop::Unchecked)),
    };
    match operands {
        [Value::Duration(nanoseconds)] => {
            let second = 1_000_000_000;
            let part = match function {
                "getHours" => nanoseconds / (3600 * second),
                "getMinutes" => nanoseconds / (60 * second),
                "getSeconds" => nanoseconds / second,
                "getMilliseconds" => nanoseconds / 1_000_000,
                _ => return None,
            };
            Some(Ok(Value::Int(part)))
        }
        [Value::Timestamp(time)] => at(time, 0),
        [Value::Timestamp(time), Value::String(zone)] => match ahead(zone) {
            Some(ahead) => at(time, ahead),
            None => Some(Err(Stop::Unchecked)),
        },
        _ => None,
    }
}

/// The part that a function asks for; None where it asks for none.
fn shown(function: &str, time: jiff::civil::DateTime) -> Option<i64> {
    Some(match function {
        "getFullYear" => i64::from(time.year()),
        "getMonth" => i64::from(time.month()) - 1,
        "getDate" => i64::from(time.day()),
        "getDayOfMonth" => i64::from(time.day()) - 1,
        "getDayOfWeek" => i64::from(time.weekday().to_sunday_zero_offset()),
        "getDayOfYear" => i64::from(time.day_of_year()) - 1,
        "getHours" => i64::from(time.hour()),
        "getMinutes" => i64::from(time.minute()),
        "getSeconds" => i64::from(time.second()),
        "getMilliseconds" => i64::from(time.subsec_nanosecond()) / 1_000_000,
        _ => return None,
    })
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
