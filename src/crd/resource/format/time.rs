//! Days, times of days, and durations.
//!
//! Source: k8s.io/kube-openapi/pkg/validation/strfmt/{date,time,duration}.go.

use super::matches;
use crate::crd::cel::duration;
use crate::crd::go::compile;

/// Whether it is a day of the calendar, as Go's layout `2006-01-02` has it: the year 0 is one.
pub(super) fn is_date(text: &str) -> bool {
    let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<u32>().ok();
    if !matches("^[0-9]{4}-[0-9]{2}-[0-9]{2}$", text) {
        return false;
    }
    let (Some(year), Some(month), Some(day)) = (number(0..4), number(5..7), number(8..10)) else {
        return false;
    };
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + u32::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1..=days).contains(&day)
}

/// Whether it is a day and a time. What stands behind a further `t` is not looked at, and a zone may be any.
pub(super) fn is_date_time(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let mut parts = lower.split('t');
    let (Some(date), Some(time)) = (parts.next(), parts.next()) else {
        return false;
    };
    let clock = compile("^([0-9]{2}):([0-9]{2}):([0-9]{2})(.[0-9]+)?(z|([+-][0-9]{2}:[0-9]{2}))$");
    let Some(shown) = clock.as_ref().and_then(|clock| clock.captures(time)) else {
        return false;
    };
    is_date(date) && &shown[1] <= "23" && &shown[2] <= "59" && &shown[3] <= "59"
}

/// The names of units, and what the names of others begin with.
const UNITS: [(&[&str], &str); 8] = [
    (&["ns"], "nano"),
    (&["us", "µs"], "micro"),
    (&["ms"], "milli"),
    (&["s"], "sec"),
    (&["m"], "min"),
    (&["h", "hr"], "hour"),
    (&["d"], "day"),
    (&["w", "wk"], "week"),
];

/// A duration of Go (`1h30m`), or a text with a number and a unit in words anywhere (`22 ns`).
pub(super) fn is_duration(text: &str) -> bool {
    if duration(text).is_some() {
        return true;
    }
    let Some(words) = compile(r"(\d+)\s*([A-Za-zµ]+)") else {
        return false;
    };
    let mut has_unit = false;
    for found in words.captures_iter(text) {
        if found[1].parse::<i64>().is_err() {
            return false;
        }
        let unit = found[2].to_ascii_lowercase();
        has_unit |= UNITS
            .iter()
            .any(|(names, start)| names.contains(&unit.as_str()) || unit.starts_with(start));
    }
    has_unit
}
