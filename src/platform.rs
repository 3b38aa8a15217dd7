//! A platform: an operating system and an architecture in Go's names, such as `linux/amd64`.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a binary runs on, in the form that `KUBE_BUILD_PLATFORMS` takes: `OS/ARCH`.
#[derive(
    Clone, Debug, Deserialize, Eq, Hash, JsonSchema, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct Platform {
    os: String,
    arch: String,
}

/// A platform that is not of the form `OS/ARCH`.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is not a platform: write it as OS/ARCH, for example linux/amd64")]
pub struct InvalidPlatform(pub String);

impl Platform {
    /// The platform that this program runs on, in Go's names.
    pub fn host() -> Platform {
        let os = match std::env::consts::OS {
            "macos" => "darwin",
            other => other,
        };
        let arch = match std::env::consts::ARCH {
            "x86_64" => "amd64",
            "x86" => "386",
            "aarch64" => "arm64",
            "powerpc64" => "ppc64le",
            other => other,
        };
        Platform {
            os: os.to_owned(),
            arch: arch.to_owned(),
        }
    }

    /// The operating system, as GOOS names it.
    pub fn os(&self) -> &str {
        &self.os
    }

    /// The architecture, as GOARCH names it.
    pub fn arch(&self) -> &str {
        &self.arch
    }

    /// The ending of an executable's file name on this platform.
    pub fn executable_suffix(&self) -> &'static str {
        if self.os == "windows" { ".exe" } else { "" }
    }
}

impl FromStr for Platform {
    type Err = InvalidPlatform;

    fn from_str(text: &str) -> Result<Platform, InvalidPlatform> {
        let word = |part: &str| {
            !part.is_empty()
                && part
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
        };
        match text.split_once('/') {
            Some((os, arch)) if word(os) && word(arch) => Ok(Platform {
                os: os.to_owned(),
                arch: arch.to_owned(),
            }),
            _ => Err(InvalidPlatform(text.to_owned())),
        }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.arch)
    }
}

impl TryFrom<String> for Platform {
    type Error = InvalidPlatform;

    fn try_from(text: String) -> Result<Platform, InvalidPlatform> {
        text.parse()
    }
}

impl From<Platform> for String {
    fn from(platform: Platform) -> String {
        platform.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        let platform: Platform = "linux/arm64".parse().unwrap();
        assert_eq!((platform.os(), platform.arch()), ("linux", "arm64"));
        assert_eq!(platform.to_string(), "linux/arm64");
    }

    #[test]
    fn refuses_what_is_no_platform() {
        for text in [
            "",
            "linux",
            "linux/",
            "/amd64",
            "linux/amd64/v2",
            "linux amd64",
            "--all/x",
        ] {
            assert_eq!(
                text.parse::<Platform>(),
                Err(InvalidPlatform(text.to_owned()))
            );
        }
    }

    #[test]
    fn windows_executables_have_an_ending() {
        assert_eq!(
            "windows/amd64"
                .parse::<Platform>()
                .unwrap()
                .executable_suffix(),
            ".exe"
        );
        assert_eq!(
            "linux/amd64"
                .parse::<Platform>()
                .unwrap()
                .executable_suffix(),
            ""
        );
    }
}
