//! An amount of memory or disk.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Mul, Sub};
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A number of bytes. Reads `300MiB`, `2GiB`, `1.5G`, `4096B`, and no number
/// without a unit, which would be a matter of luck; shows itself with a unit of powers of two.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    Deserialize,
    Eq,
    Hash,
    JsonSchema,
    Ord,
    PartialEq,
    PartialOrd,
    Serialize,
)]
#[serde(transparent)]
pub struct Bytes(pub u64);

/// A text that is no size.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is not a size: write it as a number with a unit, for example 600MiB or 2GiB")]
pub struct InvalidBytes(pub String);

impl Bytes {
    /// A number of MiB.
    pub const fn mib(count: u64) -> Bytes {
        Bytes(count << 20)
    }

    /// A number of GiB.
    pub const fn gib(count: u64) -> Bytes {
        Bytes(count << 30)
    }

    /// The amount less another, never below nothing.
    #[must_use]
    pub const fn saturating_sub(self, other: Bytes) -> Bytes {
        Bytes(self.0.saturating_sub(other.0))
    }

    /// The amount with a unit of powers of ten, as sizes of files are given: `57.8 MB`.
    pub fn decimal(self) -> String {
        show(self.0, 1000.0, ["B", "kB", "MB", "GB", "TB"])
    }

    /// The amount in MiB, rounded down.
    pub const fn as_mib(self) -> u64 {
        self.0 >> 20
    }
}

impl Add for Bytes {
    type Output = Bytes;

    fn add(self, other: Bytes) -> Bytes {
        Bytes(self.0 + other.0)
    }
}

impl Sub for Bytes {
    type Output = Bytes;

    fn sub(self, other: Bytes) -> Bytes {
        Bytes(self.0 - other.0)
    }
}

impl Mul<u64> for Bytes {
    type Output = Bytes;

    fn mul(self, count: u64) -> Bytes {
        Bytes(self.0 * count)
    }
}

impl Sum for Bytes {
    fn sum<I: Iterator<Item = Bytes>>(amounts: I) -> Bytes {
        Bytes(amounts.map(|amount| amount.0).sum())
    }
}

impl FromStr for Bytes {
    type Err = InvalidBytes;

    fn from_str(text: &str) -> Result<Bytes, InvalidBytes> {
        let invalid = || InvalidBytes(text.to_owned());
        let trimmed = text.trim();
        let digits = trimmed
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(trimmed.len());
        let (number, unit) = trimmed.split_at(digits);
        let factor: u64 = match unit.trim().to_ascii_lowercase().as_str() {
            "b" => 1,
            "k" | "kb" | "ki" | "kib" => 1 << 10,
            "m" | "mb" | "mi" | "mib" => 1 << 20,
            "g" | "gb" | "gi" | "gib" => 1 << 30,
            "t" | "tb" | "ti" | "tib" => 1 << 40,
            _ => return Err(invalid()),
        };
        let number: f64 = number.parse().map_err(|_| invalid())?;
        let bytes = number * factor as f64;
        // 2^53: beyond it the conversion would silently lose bytes.
        if bytes > 9e15 {
            return Err(invalid());
        }
        Ok(Bytes(bytes as u64))
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&show(self.0, 1024.0, ["B", "KiB", "MiB", "GiB", "TiB"]))
    }
}

/// One decimal where it says something: 1.2 GiB, 57.8 MiB, but 300 MiB and 24 GiB.
fn show(bytes: u64, step: f64, units: [&str; 5]) -> String {
    let mut amount = bytes as f64;
    let mut unit = 0;
    while amount >= step && unit + 1 < units.len() {
        amount /= step;
        unit += 1;
    }
    let shown = format!("{amount:.1}");
    format!(
        "{} {}",
        shown.strip_suffix(".0").unwrap_or(&shown),
        units[unit]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_usual_spellings() {
        for (text, bytes) in [
            ("300MiB", Bytes::mib(300)),
            ("300m", Bytes::mib(300)),
            ("2GiB", Bytes::gib(2)),
            ("1.5 G", Bytes::mib(1536)),
            ("4096B", Bytes(4096)),
        ] {
            assert_eq!(text.parse(), Ok(bytes), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_size() {
        for text in [
            "",
            "GiB",
            "-1GiB",
            "1.2.3M",
            "2 gallons",
            "500",
            "99999999TiB",
        ] {
            assert_eq!(text.parse::<Bytes>(), Err(InvalidBytes(text.to_owned())));
        }
    }

    #[test]
    fn shows_one_decimal_where_it_says_something() {
        assert_eq!(Bytes::mib(300).to_string(), "300 MiB");
        assert_eq!(Bytes(1_288_490_189).to_string(), "1.2 GiB");
        assert_eq!(Bytes(512).to_string(), "512 B");
        assert_eq!(Bytes(57_812_345).decimal(), "57.8 MB");
    }
}
