//! Texts that stand for durations and times.

use jiff::Timestamp;

/// A duration in nanoseconds; None where Go cannot read it, or where it is too large.
///
/// Source: `ParseDuration` of Go's time package.
pub(super) fn duration(text: &str) -> Option<i64> {
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

/// A time in nanoseconds since 1970, where it is written as plainly as RFC 3339 has it.
pub(super) fn timestamp(text: &str) -> Option<i128> {
    let bytes = text.as_bytes();
    let shape = b"dddd-dd-ddTdd:dd:dd";
    let is_plain = bytes.len() > shape.len()
        && shape.iter().zip(bytes).all(|(wanted, byte)| match wanted {
            b'd' => byte.is_ascii_digit(),
            wanted => wanted == byte,
        });
    let second: u8 = text.get(17..19)?.parse().ok()?;
    if !is_plain || second > 59 {
        return None;
    }
    let rest = &text[shape.len()..];
    let rest = match rest.strip_prefix('.') {
        Some(rest) => {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            if !(1..=9).contains(&digits) {
                return None;
            }
            &rest[digits..]
        }
        None => rest,
    };
    // Other offsets are told apart by Go in ways that are not followed here.
    if rest != "Z" {
        return None;
    }
    let time: Timestamp = text.parse().ok()?;
    Some(time.as_nanosecond())
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
        assert_eq!(timestamp("1970-01-01T00:00:01.5Z"), Some(1_500_000_000));
        for text in [
            "1970-01-01",
            "1970-02-30T00:00:00Z",
            "1970-01-01T00:00:60Z",
            "x",
            "1970-01-01T00:00:00+01:00",
        ] {
            assert_eq!(timestamp(text), None, "{text}");
        }
    }
}
