//! Versions as SemVer has them.
//!
//! Source: github.com/blang/semver/v4/semver.go and `normalizeAndParse` of k8s.io/apiserver/pkg/cel/library/semverlib.go.

use std::cmp::Ordering;

use crate::crd::go::quote;

/// A version; what it was built of plays no part.
#[derive(Clone, Debug)]
pub(super) struct Version {
    pub(super) numbers: [u64; 3],
    before: Vec<Part>,
}

/// A part of what comes before a release; a number is less than a word.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Part {
    Number(u64),
    Word(String),
}

/// Reads a version; else it tells why not, in the server's words.
pub(super) fn read(text: &str) -> Result<Version, String> {
    if text.is_empty() {
        return Err("Version string empty".to_owned());
    }
    let parts: Vec<&str> = text.splitn(3, '.').collect();
    let [major, minor, patch] = parts[..] else {
        return Err("No Major.Minor.Patch elements found".to_owned());
    };
    let numbers = [number("Major", major)?, number("Minor", minor)?];
    let (patch, build) = cut(patch, '+');
    let (patch, before) = cut(patch, '-');
    let numbers = [numbers[0], numbers[1], number("Patch", patch)?];
    let before = before.into_iter().flat_map(|text| text.split('.'));
    let before = before.map(part).collect::<Result<_, _>>()?;
    for text in build.into_iter().flat_map(|text| text.split('.')) {
        if text.is_empty() {
            return Err("Build meta data is empty".to_owned());
        }
        if !is_word(text) {
            let text = quote(text);
            return Err(format!(
                "Invalid character(s) found in build meta data {text}"
            ));
        }
    }
    Ok(Version { numbers, before })
}

/// The same of a version that may begin with `v`, and need not have all numbers.
pub(super) fn read_loosely(text: &str) -> Result<Version, String> {
    let text = text.strip_prefix('v').unwrap_or(text);
    let mut parts: Vec<String> = text.splitn(3, '.').map(without_zeros).collect();
    let is_short = parts.len() < 3;
    if is_short && parts.last().is_some_and(|last| last.contains(['+', '-'])) {
        return Err("short version cannot contain PreRelease/Build meta data".to_owned());
    }
    while parts.len() < 3 {
        parts.push("0".to_owned());
    }
    read(&parts.join("."))
}

fn without_zeros(part: &str) -> String {
    if part.len() <= 1 {
        return part.to_owned();
    }
    let rest = part.trim_start_matches('0');
    if rest.starts_with(|c: char| c.is_ascii_digit()) {
        rest.to_owned()
    } else {
        format!("0{rest}")
    }
}

fn cut(text: &str, at: char) -> (&str, Option<&str>) {
    match text.split_once(at) {
        Some((text, rest)) => (text, Some(rest)),
        None => (text, None),
    }
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_word(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn number(name: &str, text: &str) -> Result<u64, String> {
    let written = quote(text);
    if !is_digits(text) {
        let name = name.to_ascii_lowercase();
        return Err(format!(
            "Invalid character(s) found in {name} number {written}"
        ));
    }
    if text.len() > 1 && text.starts_with('0') {
        return Err(format!(
            "{name} number must not contain leading zeroes {written}"
        ));
    }
    parsed(text)
}

/// What Go's `strconv.ParseUint` makes of digits.
fn parsed(text: &str) -> Result<u64, String> {
    let why = if text.is_empty() {
        "invalid syntax"
    } else {
        "value out of range"
    };
    let error = || format!("strconv.ParseUint: parsing {}: {why}", quote(text));
    text.parse().map_err(|_| error())
}

fn part(text: &str) -> Result<Part, String> {
    if text.is_empty() {
        return Err("Prerelease is empty".to_owned());
    }
    let written = quote(text);
    if is_digits(text) {
        if text.len() > 1 && text.starts_with('0') {
            return Err(format!(
                "Numeric PreRelease version must not contain leading zeroes {written}"
            ));
        }
        return parsed(text).map(Part::Number);
    }
    if is_word(text) {
        return Ok(Part::Word(text.to_owned()));
    }
    Err(format!(
        "Invalid character(s) found in prerelease {written}"
    ))
}

impl Version {
    /// Which of two versions comes later.
    pub(super) fn compare(&self, other: &Version) -> Ordering {
        // A release comes after all that is before it.
        let released = self.before.is_empty().cmp(&other.before.is_empty());
        self.numbers
            .cmp(&other.numbers)
            .then(released)
            .then_with(|| self.before.cmp(&other.before))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered() {
        let order = [
            "0.9.9",
            "1.0.0-1",
            "1.0.0-2",
            "1.0.0-a",
            "1.0.0-a.1",
            "1.0.0",
            "1.0.1",
        ];
        for pair in order.windows(2) {
            let (one, two) = (read(pair[0]).unwrap(), read(pair[1]).unwrap());
            assert_eq!(one.compare(&two), Ordering::Less, "{pair:?}");
        }
        assert_eq!(read_loosely("v01.2").unwrap().numbers, [1, 2, 0]);
        assert!(read("v1.2.3").is_err());
        assert!(read("1.2").is_err());
    }
}
