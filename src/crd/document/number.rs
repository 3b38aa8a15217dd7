//! Numbers, as text that the API server reads.

use std::fmt::{Display, LowerExp};

/// A number: what is written in JSON, so that no digit is lost.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Number {
    text: String,
}

impl Number {
    /// The number that a JSON text stands for.
    pub fn new(text: impl Into<String>) -> Number {
        Number { text: text.into() }
    }

    /// The text in JSON.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The integer, where it is written as one and fits 64 bits; `1.0` and `1e2` are none, as in Kubernetes' decoder.
    pub fn integer(&self) -> Option<i64> {
        self.text.parse().ok()
    }

    /// The nearest floating-point number; None where it is too large for one.
    pub fn float(&self) -> Option<f64> {
        self.text
            .parse()
            .ok()
            .filter(|float: &f64| float.is_finite())
    }
}

/// How Go writes a floating-point number into JSON.
///
/// Source: `floatEncoder` of Go's encoding/json.
pub(crate) fn float_text(float: f64) -> String {
    let size = float.abs();
    if size != 0.0 && !(1e-6..1e21).contains(&size) {
        // Rust writes 1e21, Go 1e+21.
        let text = format!("{float:e}");
        return match text.split_once('e') {
            Some((digits, exponent)) if !exponent.starts_with('-') => {
                format!("{digits}e+{exponent}")
            }
            _ => text,
        };
    }
    format!("{float}")
}

/// How Go's `%v` writes a floating-point number.
///
/// Source: `fmtFloat` of Go's fmt: `%g` with exponents from 21 on.
pub(crate) fn float_verb(float: f64) -> String {
    float_digits(float, 21)
}

/// How Go's `%g` writes a finite number of 32 or 64 bits: the shortest digits, with an exponent of two digits at least where it is
/// below -4, or is `from` or more.
///
/// Source: `formatDigits` of Go's strconv, where `from` is 6.
pub(crate) fn float_digits(float: impl Display + LowerExp, from: i32) -> String {
    let scientific = format!("{float:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if (-4..from).contains(&exponent) {
        return float.to_string();
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_written_as_go_writes_them() {
        for (float, text) in [
            (0.0, "0"),
            (1.0, "1"),
            (1.5, "1.5"),
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"),
            (1e-7, "1e-7"),
        ] {
            assert_eq!(float_text(float), text);
        }
        assert_eq!(float_verb(1e-5), "1e-05");
        assert_eq!(float_verb(2.5e30), "2.5e+30");
        assert_eq!(float_verb(0.25), "0.25");
        assert_eq!(float_verb(1e20), "100000000000000000000");
        assert_eq!(float_digits(1e6, 6), "1e+06");
        assert_eq!(float_digits(0.1_f32, 6), "0.1");
        assert_eq!(float_digits(0.0, 6), "0");
    }
}
