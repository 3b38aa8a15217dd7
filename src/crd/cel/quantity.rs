//! Amounts such as `100Mi`.
//!
//! Source: k8s.io/apimachinery/pkg/api/resource/{quantity,amount,suffix}.go.

use std::cmp::Ordering;

use super::Unchecked;

/// An amount: a whole number and the power of ten that it is multiplied with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Quantity {
    value: i128,
    scale: i32,
    /// Whether the server has it as a number of 64 bits; else as a decimal of any size.
    is_small: bool,
    /// Whether it was computed: the server then compares it with no other (it is a pointer, and no value).
    pub(super) is_computed: bool,
}

const FORMAT: &str = "quantities must match the regular expression \
                      '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const SUFFIX: &str = "unable to parse quantity's suffix";
const NUMERIC: &str = "unable to parse numeric part of quantity";
/// The smallest power of ten that is kept.
const NANO: i32 = -9;
const DIGITS: i32 = 18;

/// An amount, or why it is none in the server's words.
pub(super) type Read = Result<Quantity, &'static str>;

/// Reads an amount; what has more digits than are kept here is not read.
pub(super) fn read(text: &str) -> Result<Read, Unchecked> {
    let small = |value: i128, scale| Quantity {
        value,
        scale,
        is_small: true,
        is_computed: false,
    };
    if text.is_empty() {
        return Ok(Err(FORMAT));
    }
    let Some(parts) = Parts::of(text) else {
        return Ok(Err(FORMAT));
    };
    let Some((is_binary, exponent)) = suffix(parts.suffix) else {
        return Ok(Err(SUFFIX));
    };
    let (whole, fraction) = (length(parts.whole), length(parts.fraction));
    let precision = if !is_binary {
        DIGITS - whole - fraction
    } else if fraction == 0 {
        15 - whole - exponent * 3 / 10 - 1
    } else {
        -1
    };
    let factor = |exponent: i32| 1_i128 << exponent.clamp(0, 63);
    let sign = if parts.is_negative { -1 } else { 1 };
    let scale = (if is_binary { 0 } else { exponent }).wrapping_sub(fraction);
    let digits = format!("{}{}", parts.whole, parts.fraction);
    let number = digits.parse::<i128>();
    if precision >= 0 && scale >= NANO {
        let Ok(number) = number else {
            return Ok(Err(NUMERIC));
        };
        let factor = if is_binary { factor(exponent) } else { 1 };
        let value = number.checked_mul(factor).ok_or(Unchecked)?;
        if i64::try_from(value).is_ok() {
            return Ok(Ok(small(sign * value, scale)));
        }
    }
    // From here on the server has decimals of any size.
    let number = number.map_err(|_| Unchecked)?;
    let number = if is_binary {
        number.checked_mul(factor(exponent)).ok_or(Unchecked)?
    } else {
        number
    };
    let mut amount = Quantity {
        value: number,
        scale,
        is_small: false,
        is_computed: false,
    };
    if number != 0 {
        amount = amount.rounded_up().ok_or(Unchecked)?;
    }
    let most = Quantity {
        value: i128::from(i64::MAX),
        scale: 0,
        ..amount
    };
    if is_binary && amount.compare(&most) == Ordering::Greater {
        amount = most;
    }
    amount.value *= sign;
    Ok(Ok(amount))
}

fn length(text: &str) -> i32 {
    i32::try_from(text.len()).unwrap_or(i32::MAX / 4)
}

/// An amount as it is written.
struct Parts<'t> {
    is_negative: bool,
    whole: &'t str,
    fraction: &'t str,
    suffix: &'t str,
}

impl<'t> Parts<'t> {
    fn of(text: &'t str) -> Option<Parts<'t>> {
        let is_negative = text.starts_with('-');
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let rest = text.strip_prefix(['-', '+']).unwrap_or(text);
        let rest = rest.trim_start_matches('0');
        let (whole, rest) = rest.split_at(digits(rest));
        let (fraction, suffix) = match rest.strip_prefix('.') {
            Some(rest) => rest.split_at(digits(rest)),
            None => ("", rest),
        };
        let letters = suffix.trim_start_matches(|c: char| "eEinumkKMGTP".contains(c));
        let exponent = letters.strip_prefix(['-', '+']).unwrap_or(letters);
        exponent
            .bytes()
            .all(|byte| byte.is_ascii_digit())
            .then_some(Parts {
                is_negative,
                whole: if whole.is_empty() { "0" } else { whole },
                fraction,
                suffix,
            })
    }
}

/// Whether a suffix counts by powers of two, and which power it is.
fn suffix(suffix: &str) -> Option<(bool, i32)> {
    const DECIMAL: [(&str, i32); 10] = [
        ("n", -9),
        ("u", -6),
        ("m", -3),
        ("", 0),
        ("k", 3),
        ("M", 6),
        ("G", 9),
        ("T", 12),
        ("P", 15),
        ("E", 18),
    ];
    const BINARY: [(&str, i32); 6] = [
        ("Ki", 10),
        ("Mi", 20),
        ("Gi", 30),
        ("Ti", 40),
        ("Pi", 50),
        ("Ei", 60),
    ];
    let find = |table: &[(&str, i32)]| {
        let found = table.iter().find(|(name, _)| *name == suffix);
        found.map(|(_, exponent)| *exponent)
    };
    if let Some(exponent) = find(&DECIMAL) {
        return Some((false, exponent));
    }
    if let Some(exponent) = find(&BINARY) {
        return Some((true, exponent));
    }
    let exponent: i64 = suffix.strip_prefix(['e', 'E'])?.parse().ok()?;
    Some((false, exponent as i32))
}

impl Quantity {
    /// A whole number as an amount.
    pub(super) fn whole(value: i64) -> Quantity {
        Quantity {
            value: i128::from(value),
            scale: 0,
            is_small: true,
            is_computed: false,
        }
    }

    fn rounded_up(self) -> Option<Quantity> {
        let value = if self.scale >= NANO {
            self.scaled(self.scale.checked_sub(NANO)?)?
        } else {
            let divisor = power(NANO.checked_sub(self.scale)?)?;
            self.value.checked_add(divisor - 1)? / divisor
        };
        Some(Quantity {
            value,
            scale: NANO,
            ..self
        })
    }

    fn scaled(&self, by: i32) -> Option<i128> {
        self.value.checked_mul(power(by)?)
    }

    /// Which of two amounts is the larger.
    pub(super) fn compare(&self, other: &Quantity) -> Ordering {
        let signs = self.value.signum().cmp(&other.value.signum());
        if signs != Ordering::Equal || self.value == 0 {
            return signs;
        }
        let negative = self.value < 0;
        let beyond = |order: Ordering| if negative { order.reverse() } else { order };
        match self.scale.cmp(&other.scale) {
            Ordering::Equal => self.value.cmp(&other.value),
            // What grows beyond all that is kept is the larger one.
            Ordering::Greater => match self.scaled(self.scale.saturating_sub(other.scale)) {
                Some(value) => value.cmp(&other.value),
                None => beyond(Ordering::Greater),
            },
            Ordering::Less => match other.scaled(other.scale.saturating_sub(self.scale)) {
                Some(value) => self.value.cmp(&value),
                None => beyond(Ordering::Less),
            },
        }
    }

    /// The sum; with `minus`, the difference.
    pub(super) fn add(&self, other: &Quantity, minus: bool) -> Result<Quantity, Unchecked> {
        let other = Quantity {
            value: if minus { -other.value } else { other.value },
            ..*other
        };
        let is_small = |value: i128| i64::try_from(value).is_ok();
        let computed = |quantity| Quantity {
            is_computed: true,
            ..quantity
        };
        if self.is_small && other.is_small {
            if other.value == 0 {
                return Ok(computed(*self));
            }
            if self.value == 0 && is_small(other.value) {
                return Ok(computed(other));
            }
        }
        let scale = self.scale.min(other.scale);
        let one = self
            .scaled(self.scale.saturating_sub(scale))
            .ok_or(Unchecked)?;
        let two = other
            .scaled(other.scale.saturating_sub(scale))
            .ok_or(Unchecked)?;
        let value = one.checked_add(two).ok_or(Unchecked)?;
        let fits = [one, two, value].into_iter().all(is_small);
        Ok(computed(Quantity {
            value,
            scale,
            is_small: self.is_small && other.is_small && fits,
            is_computed: true,
        }))
    }

    /// -1, 0 or 1
    pub(super) fn sign(&self) -> i64 {
        self.value.signum() as i64
    }

    /// The whole number that it is; None where the server has none.
    pub(super) fn integer(&self) -> Option<i64> {
        if !self.is_small || self.scale < 0 {
            return None;
        }
        i64::try_from(self.scaled(self.scale)?).ok()
    }

    /// The nearest number with a fraction.
    pub(super) fn float(&self) -> Result<f64, Unchecked> {
        if !(NANO..=300).contains(&self.scale) {
            return Err(Unchecked);
        }
        let base = self.value as f64;
        // Powers of ten come from two tables.
        let (large, small) = (self.scale / 32 * 32, self.scale % 32);
        let power = |of: i32| format!("1e{of}").parse::<f64>().map_err(|_| Unchecked);
        Ok(match self.scale {
            0 => base,
            32.. => base * (power(large)? * power(small)?),
            _ => base * power(small)?,
        })
    }
}

fn power(of: i32) -> Option<i128> {
    10_i128.checked_pow(u32::try_from(of).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(text: &str) -> Quantity {
        read(text).unwrap().unwrap()
    }

    #[test]
    fn amounts_are_read_as_kubernetes_does() {
        for text in [
            "1", "-1", "+1", "1.5", ".5", "1.", ".", "1e3", "1E-3", "5Gi", "100m", "0", "1E",
            "1.5Gi",
        ] {
            assert!(read(text).unwrap().is_ok(), "{text}");
        }
        for (text, error) in [
            ("", FORMAT),
            ("x", FORMAT),
            ("1 ", FORMAT),
            ("1e", SUFFIX),
            ("1KI", FORMAT),
            ("1kk", SUFFIX),
        ] {
            assert_eq!(read(text).unwrap().err(), Some(error), "{text}");
        }
        assert_eq!(amount("1Ki").compare(&amount("1024")), Ordering::Equal);
        assert_eq!(amount("1Gi").compare(&amount("1G")), Ordering::Greater);
        assert_eq!(amount("-1").compare(&amount("1e40")), Ordering::Less);
        assert_eq!(amount("1.5Gi").integer(), None);
        assert_eq!(amount("1k").integer(), Some(1000));
        assert_eq!(amount("1500m").integer(), None);
    }
}
