//! Numbers, as text that the API server reads.

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
/// Source: `fmtFloat` of Go's fmt: `%g` with the shortest digits, exponents from -5 and from 21 on, of two digits at least.
pub(crate) fn float_verb(float: f64) -> String {
    let size = float.abs();
    if size != 0.0 && !(1e-4..1e21).contains(&size) {
        let text = format!("{float:e}");
        if let Some((digits, exponent)) = text.split_once('e') {
            let (sign, exponent) = match exponent.strip_prefix('-') {
                Some(exponent) => ('-', exponent),
                None => ('+', exponent),
            };
            return format!("{digits}e{sign}{exponent:0>2}");
        }
        return text;
    }
    format!("{float}")
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
    }
}
