//! A version of Go, ordered as Go itself orders its versions.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::{Explain, Kind};

/// A version of Go, such as `1.24.6`, `1.20` or `1.26rc1`.
///
/// The order is Go's own (`internal/gover`): up to 1.20 the first release of a minor is `1.20` and
/// equal to `1.20.0`; from 1.21 on it is `1.21.0`, and a bare `1.21` is the language, older than
/// `1.21rc1`.
#[derive(
    Clone, Debug, Deserialize, Eq, Hash, JsonSchema, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct GoVersion {
    // The derived order compares the fields in this order.
    major: u32,
    minor: u32,
    patch: Option<u32>,
    prerelease: Option<Prerelease>,
}

#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
enum Prerelease {
    Beta(u32),
    Candidate(u32),
}

/// A text that is no version of Go.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{0}` is not a version of Go")]
pub struct InvalidGoVersion(pub String);

impl Explain for InvalidGoVersion {
    fn kind(&self) -> Kind {
        Kind::Usage
    }

    fn hints(&self) -> Vec<String> {
        vec!["write it with its patch release, for example 1.24.6".to_owned()]
    }
}

impl GoVersion {
    /// The first minor release whose first release is named `1.N.0` and no longer `1.N`.
    const FIRST_WITH_PATCH_ZERO: u32 = 21;

    /// The first release of a minor: `first_of(1, 24)` is 1.24.0.
    pub const fn first_of(major: u32, minor: u32) -> GoVersion {
        GoVersion {
            major,
            minor,
            patch: Some(0),
            prerelease: None,
        }
    }

    /// A patch release: `patch_release(1, 12, 17)` is 1.12.17.
    pub(super) const fn patch_release(major: u32, minor: u32, patch: u32) -> GoVersion {
        GoVersion {
            major,
            minor,
            patch: Some(patch),
            prerelease: None,
        }
    }

    /// Whether both are releases of the same minor.
    pub(super) fn is_patch_of(&self, other: &GoVersion) -> bool {
        (self.major, self.minor) == (other.major, other.minor)
    }

    /// The number after `1.`, by which Go's features come and go.
    pub fn minor(&self) -> u32 {
        self.minor
    }

    /// Whether this version belongs to Go 1.`minor` or a newer one; its pre-releases count.
    pub fn is_at_least(&self, major: u32, minor: u32) -> bool {
        (self.major, self.minor) >= (major, minor)
    }

    /// What can be downloaded under this version: the version itself, and 1.22.0 for a bare `1.22`.
    #[must_use]
    pub fn release(&self) -> GoVersion {
        match (self.patch, self.prerelease) {
            (None, None) => GoVersion::first_of(self.major, self.minor),
            _ => self.clone(),
        }
    }

    /// The name that Go gives to this version, `go1.24.6`: in `go version`, GOTOOLCHAIN and the
    /// names of its downloads.
    pub fn name(&self) -> String {
        format!("go{self}")
    }

    /// Reads what a `go` program says of itself, which vendors extend: `go1.24.6-bigcorp` counts as
    /// 1.24.6, and the development version `go1.27-3b3d6e2` as the language 1.27.
    pub(super) fn from_report(word: &str) -> Result<GoVersion, InvalidGoVersion> {
        let end = word.find(['-', '+']).unwrap_or(word.len());
        word[..end].parse()
    }
}

impl FromStr for GoVersion {
    type Err = InvalidGoVersion;

    fn from_str(text: &str) -> Result<GoVersion, InvalidGoVersion> {
        parse(text.strip_prefix("go").unwrap_or(text))
            .ok_or_else(|| InvalidGoVersion(text.to_owned()))
    }
}

fn parse(text: &str) -> Option<GoVersion> {
    let (major, rest) = text.split_once('.')?;
    let digits = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    let (minor, rest) = rest.split_at(digits);
    let mut version = GoVersion {
        major: number(major)?,
        minor: number(minor)?,
        patch: None,
        prerelease: None,
    };
    if let Some(patch) = rest.strip_prefix('.') {
        version.patch = Some(number(patch)?);
    } else if let Some(beta) = rest.strip_prefix("beta") {
        version.prerelease = Some(Prerelease::Beta(number(beta)?));
    } else if let Some(candidate) = rest.strip_prefix("rc") {
        version.prerelease = Some(Prerelease::Candidate(number(candidate)?));
    } else if !rest.is_empty() {
        return None;
    } else if !version.is_at_least(1, GoVersion::FIRST_WITH_PATCH_ZERO) {
        version.patch = Some(0);
    }
    Some(version)
}

/// A decimal number without sign and leading zeros, as Go's own parser wants it.
fn number(text: &str) -> Option<u32> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !plain || (text.len() > 1 && text.starts_with('0')) {
        return None;
    }
    text.parse().ok()
}

impl fmt::Display for GoVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)?;
        let names_zero = self.is_at_least(1, GoVersion::FIRST_WITH_PATCH_ZERO);
        match self.patch {
            Some(patch) if patch > 0 || names_zero => write!(f, ".{patch}")?,
            _ => {}
        }
        match self.prerelease {
            Some(Prerelease::Beta(number)) => write!(f, "beta{number}"),
            Some(Prerelease::Candidate(number)) => write!(f, "rc{number}"),
            None => Ok(()),
        }
    }
}

impl TryFrom<String> for GoVersion {
    type Error = InvalidGoVersion;

    fn try_from(text: String) -> Result<GoVersion, InvalidGoVersion> {
        text.parse()
    }
}

impl From<GoVersion> for String {
    fn from(version: GoVersion) -> String {
        version.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> GoVersion {
        text.parse().unwrap()
    }

    #[test]
    fn reads_what_go_and_its_users_write() {
        for (text, shown) in [
            ("1.24.6", "1.24.6"),
            ("go1.24.6", "1.24.6"),
            ("1.26rc1", "1.26rc1"),
            ("go1.21beta2", "1.21beta2"),
            ("1.20", "1.20"),
            ("1.20.0", "1.20"),
            ("1.21.0", "1.21.0"),
            ("1.21", "1.21"),
        ] {
            assert_eq!(version(text).to_string(), shown, "{text}");
        }
        assert_eq!(version("1.24.6").minor(), 24);
        assert_eq!(version("1.24.6").name(), "go1.24.6");
    }

    #[test]
    fn refuses_what_is_no_version() {
        for text in [
            "",
            "go",
            "1",
            "1.",
            "1.x",
            "1.24.",
            "1.24.6.1",
            "1.024",
            "1.24.6-x",
            "v1.24.6",
            "1.24rc",
            "1.24.6rc1",
            "+1.2",
            "1.+2",
            " 1.24.6",
        ] {
            assert!(text.parse::<GoVersion>().is_err(), "{text}");
        }
    }

    #[test]
    fn is_ordered_as_go_orders() {
        let ascending = [
            "1.9rc1",
            "1.9",
            "1.9.7",
            "1.10",
            "1.20rc1",
            "1.20",
            "1.20.1",
            "1.21",
            "1.21beta1",
            "1.21rc1",
            "1.21rc2",
            "1.21.0",
            "1.21.7",
            "1.24.6",
        ];
        for pair in ascending.windows(2) {
            assert!(version(pair[0]) < version(pair[1]), "{pair:?}");
        }
    }

    #[test]
    fn a_bare_minor_names_its_first_release() {
        assert_eq!(version("1.22").release(), version("1.22.0"));
        assert_eq!(version("1.22rc1").release(), version("1.22rc1"));
        assert_eq!(version("1.19").release().to_string(), "1.19");
    }

    #[test]
    fn vendors_extend_the_version() {
        let report = |word| GoVersion::from_report(word).unwrap();
        assert_eq!(report("go1.24.6-bigcorp"), version("1.24.6"));
        assert!(report("go1.27-3b3d6e2") < version("1.27rc1"));
    }
}
