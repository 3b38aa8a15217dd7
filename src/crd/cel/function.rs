//! Texts that stand for durations and times.

use std::fmt::Write as _;

use jiff::SignedDuration;
use jiff::civil::DateTime;

use super::value::Time;

/// A duration in nanoseconds; None where Go cannot read it, or where it is too large.
///
/// Source: `ParseDuration` of Go's time package.
pub(crate) fn duration(text: &str) -> Option<i64> {
    let (negative, mut rest) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    if rest == "0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let whole = digits(rest);
        let (number, after) = rest.split_at(whole);
        let (fraction, after) = match after.strip_prefix('.') {
            Some(after) => after.split_at(digits(after)),
            None => ("", after),
        };
        if number.is_empty() && fraction.is_empty() {
            return None;
        }
        let end = after
            .find(|c: char| c == '.' || c.is_ascii_digit())
            .unwrap_or(after.len());
        let (unit, after) = after.split_at(end);
        let unit: u64 = match unit {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            _ => return None,
        };
        let number: u64 = if number.is_empty() {
            0
        } else {
            number.parse().ok()?
        };
        let mut value = number.checked_mul(unit)?;
        if !fraction.is_empty() {
            let (mut parts, mut scale) = (0_u64, 1.0_f64);
            for digit in fraction.bytes() {
                let Some(next) = parts
                    .checked_mul(10)
                    .and_then(|parts| parts.checked_add(u64::from(digit - b'0')))
                    .filter(|next| i64::try_from(*next).is_ok())
                else {
                    break;
                };
                parts = next;
                scale *= 10.0;
            }
            value = value.checked_add((parts as f64 * (unit as f64 / scale)) as u64)?;
        }
        total = total.checked_add(value).filter(|total| *total <= 1 << 63)?;
        rest = after;
    }
    if negative {
        return 0_i64.checked_sub_unsigned(total);
    }
    i64::try_from(total).ok()
}

/// A time, where it is written as plainly as RFC 3339 has it.
pub(super) fn timestamp(text: &str) -> Option<Time> {
    let second: u8 = text.get(17..19)?.parse().ok()?;
    if !is_shaped(text) || second > 59 || text.starts_with("0000") {
        return None;
    }
    let rest = &text[19..];
    let zone = match rest.strip_prefix('.') {
        Some(rest) => {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            if !(1..=9).contains(&digits) {
                return None;
            }
            &rest[digits..]
        }
        None => rest,
    };
    let shown: DateTime = text.strip_suffix(zone)?.parse().ok()?;
    let ahead = if zone == "Z" { 0 } else { offset(zone)? };
    let since = shown.duration_since(EPOCH).as_nanos();
    let nanoseconds = since - i128::from(ahead) * SECOND;
    Some(Time { nanoseconds, ahead }).filter(|time| time.is_within())
}

const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
const SECOND: i128 = 1_000_000_000;

/// How far a clock is ahead of UTC, in seconds: `+01:00`.
fn offset(zone: &str) -> Option<i32> {
    let bytes = zone.as_bytes();
    let [sign @ (b'+' | b'-'), _, _, b':', _, _] = bytes else {
        return None;
    };
    let part = |range: std::ops::Range<usize>| -> Option<i32> {
        let digits = zone.get(range)?;
        let is = digits.bytes().all(|byte| byte.is_ascii_digit());
        is.then(|| digits.parse().ok()).flatten()
    };
    let (hours, minutes) = (part(1..3)?, part(4..6)?);
    if hours > 23 || minutes > 59 {
        return None;
    }
    let seconds = (hours * 60 + minutes) * 60;
    Some(if *sign == b'-' { -seconds } else { seconds })
}

/// Whether a text is no time for certain: none begins otherwise, or has such a day or such an hour.
pub(super) fn is_no_time(text: &str) -> bool {
    let year = text.bytes().take(4).filter(u8::is_ascii_digit).count();
    let begins = year == 4 && text.as_bytes().get(4) == Some(&b'-') && text.contains('T');
    let utc = text.get(..19).map(|text| format!("{text}Z"));
    let is_whole = text
        .as_bytes()
        .get(19)
        .is_none_or(|byte| !byte.is_ascii_digit());
    let impossible = utc.is_some_and(|utc| is_shaped(&utc) && timestamp(&utc).is_none());
    !begins || is_whole && impossible && !text.starts_with("0000")
}

/// Whether a text is written as plainly as RFC 3339 has it, up to the seconds.
fn is_shaped(text: &str) -> bool {
    let shape = b"dddd-dd-ddTdd:dd:dd";
    text.len() > shape.len()
        && shape
            .iter()
            .zip(text.as_bytes())
            .all(|(wanted, byte)| match wanted {
                b'd' => byte.is_ascii_digit(),
                wanted => wanted == byte,
            })
}

/// The seconds of the years 1 to 9999.
const SECONDS: std::ops::RangeInclusive<i128> = -62_135_596_800..=253_402_300_799;

impl Time {
    /// Whether the server can hold it.
    pub(super) fn is_within(self) -> bool {
        SECONDS.contains(&self.nanoseconds.div_euclid(SECOND))
    }

    /// What a clock shows; None beyond what is counted here.
    pub(super) fn shown(self, ahead: i32) -> Option<DateTime> {
        let nanoseconds = self.nanoseconds + i128::from(ahead) * SECOND;
        let seconds = i64::try_from(nanoseconds.div_euclid(SECOND)).ok()?;
        let rest = i32::try_from(nanoseconds.rem_euclid(SECOND)).ok()?;
        EPOCH.checked_add(SignedDuration::new(seconds, rest)).ok()
    }

    /// As RFC 3339 has it, with as many digits as it takes.
    pub(super) fn text(self) -> Option<String> {
        let time = self.shown(self.ahead)?;
        let mut text = format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
            time.year(),
            time.month(),
            time.day(),
            time.hour(),
            time.minute(),
            time.second()
        );
        let fraction = format!("{:09}", time.subsec_nanosecond());
        let fraction = fraction.trim_end_matches('0');
        if !fraction.is_empty() {
            text.push('.');
            text.push_str(fraction);
        }
        if self.ahead == 0 {
            text.push('Z');
        } else {
            let sign = if self.ahead < 0 { '-' } else { '+' };
            let minutes = self.ahead.abs() / 60;
            // Writing to a text cannot fail.
            let _ = write!(text, "{sign}{:02}:{:02}", minutes / 60, minutes % 60);
        }
        Some(text)
    }
}

/// A duration as a text, in seconds.
pub(super) fn duration_text(nanoseconds: i64) -> String {
    let whole = (nanoseconds / 1_000_000_000) as f64;
    let rest = (nanoseconds % 1_000_000_000) as f64;
    format!("{}s", whole + rest / 1e9)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_go_does() {
        for (text, nanoseconds) in [
            ("0", Some(0)),
            ("1h30m", Some(5_400_000_000_000)),
            ("-1.5s", Some(-1_500_000_000)),
            (".5s", Some(500_000_000)),
            ("1", None),
            ("1d", None),
            ("", None),
            ("s", None),
            ("9223372036854775807ns", Some(i64::MAX)),
            ("-9223372036854775808ns", Some(i64::MIN)),
            ("9223372036854775808ns", None),
        ] {
            assert_eq!(duration(text), nanoseconds, "{text}");
        }
    }

    #[test]
    fn only_plain_times_are_read() {
        for (text, nanoseconds, written) in [
            (
                "1970-01-01T00:00:01.50Z",
                1_500_000_000,
                "1970-01-01T00:00:01.5Z",
            ),
            ("1970-01-01T01:00:00+01:00", 0, "1970-01-01T01:00:00+01:00"),
            ("1969-12-31T23:30:00-00:30", 0, "1969-12-31T23:30:00-00:30"),
        ] {
            let time = timestamp(text).unwrap();
            assert_eq!(time.nanoseconds, nanoseconds, "{text}");
            assert_eq!(time.text().as_deref(), Some(written));
        }
        for text in [
            "1970-01-01",
            "1970-02-30T00:00:00Z",
            "1970-01-01T00:00:60Z",
            "x",
            "1970-01-01T00:00:00+24:00",
            "1970-01-01T00:00:00+1:00",
        ] {
            assert_eq!(timestamp(text), None, "{text}");
        }
        assert!(timestamp("9999-12-31T23:59:59.9Z").is_some());
        assert!(is_no_time("2020-13-01T00:00:00Z") && is_no_time("2020-01-01"));
        assert!(!is_no_time("2020-01-01T00:00:00,5Z"));
    }
}
