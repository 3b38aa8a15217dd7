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
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
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

/// The names of units, what the names of others begin with, and how many nanoseconds one is.
const UNITS: [(&[&str], &str, i64); 8] = [
    (&["ns"], "nano", 1),
    (&["us", "µs"], "micro", 1_000),
    (&["ms"], "milli", 1_000_000),
    (&["s"], "sec", SECOND),
    (&["m"], "min", 60 * SECOND),
    (&["h", "hr"], "hour", 3_600 * SECOND),
    (&["d"], "day", 24 * 3_600 * SECOND),
    (&["w", "wk"], "week", 7 * 24 * 3_600 * SECOND),
];

const SECOND: i64 = 1_000_000_000;

/// The nanoseconds of a duration of Go (`1h30m`), or of a text in which numbers with units in words stand (`22 ns`, `in 3 days`).
pub(crate) fn parsed_duration(text: &str) -> Option<i64> {
    if let Some(nanoseconds) = duration(text) {
        return Some(nanoseconds);
    }
    let words = compile(r"(\d+)\s*([A-Za-zµ]+)")?;
    let mut sum = None;
    for found in words.captures_iter(text) {
        let factor: i64 = found[1].parse().ok()?;
        let unit = found[2].to_ascii_lowercase();
        for (names, start, size) in &UNITS {
            if names.contains(&unit.as_str()) || unit.starts_with(start) {
                // What is too much for Go turns over.
                let part = factor.wrapping_mul(*size);
                sum = Some(sum.unwrap_or(0_i64).wrapping_add(part));
            }
        }
    }
    sum
}
