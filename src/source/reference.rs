//! What a user may call a version of the tree.

use std::cmp::Reverse;
use std::fmt;
use std::str::FromStr;

use super::error::SourceError;

/// Which version of a repository is wanted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Reference {
    /// A tag, a branch or a whole commit id; which of them it is, the repository decides.
    Named(Name),
    /// The newest tag `vX.Y.Z` without a pre-release; where there is none, the newest version tag.
    NewestStable,
}

/// A name that Git accepts for a reference, and that no program takes for an option.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Name(String);

impl Name {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether these are the 40 digits of a commit.
    pub(super) fn is_commit(&self) -> bool {
        self.0.len() == 40 && self.is_hexadecimal()
    }

    /// Whether these may be the first digits of a commit; Git takes no fewer than four.
    pub(super) fn is_part_of_commit(&self) -> bool {
        (4..40).contains(&self.0.len()) && self.is_hexadecimal()
    }

    fn is_hexadecimal(&self) -> bool {
        self.0.bytes().all(|byte| byte.is_ascii_hexdigit())
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Name {
    type Err = SourceError;

    /// The rules of `git check-ref-format`, and no leading dash.
    fn from_str(text: &str) -> Result<Name, SourceError> {
        match objection(text) {
            Some(reason) => Err(SourceError::InvalidReference {
                text: text.to_owned(),
                reason,
            }),
            None => Ok(Name(text.to_owned())),
        }
    }
}

impl FromStr for Reference {
    type Err = SourceError;

    fn from_str(text: &str) -> Result<Reference, SourceError> {
        text.parse().map(Reference::Named)
    }
}

fn objection(text: &str) -> Option<&'static str> {
    let has = |forbidden: &str| text.chars().any(|c| forbidden.contains(c));
    if text.is_empty() {
        Some("it is empty")
    } else if text.starts_with('-') {
        Some("it looks like an option")
    } else if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        Some("it holds spaces or control characters")
    } else if has("~^:?*[\\") || text.contains("..") || text.contains("@{") || text == "@" {
        Some("it is an expression; only names and whole commit ids are taken")
    } else if text.split('/').any(is_bad_part) || text.ends_with('.') {
        Some("Git has no such names")
    } else {
        None
    }
}

/// Git refuses parts that are empty, start with a dot, or end with its own lock files' ending, in that very case.
#[expect(
    clippy::case_sensitive_file_extension_comparisons,
    reason = "Git compares it in that case too"
)]
fn is_bad_part(part: &str) -> bool {
    part.is_empty() || part.starts_with('.') || part.ends_with(".lock")
}

/// A version tag: `vX.Y.Z`, with or without a pre-release.
#[derive(Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Version {
    numbers: [u64; 3],
    /// A release comes after its pre-releases.
    is_stable: bool,
    pre_release: Vec<Identifier>,
}

/// A part of a pre-release, ordered as semver.org says: numbers by value, and before words.
#[derive(Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Identifier {
    Number(u64),
    Word(String),
}

impl Version {
    fn parse(tag: &str) -> Option<Version> {
        let text = tag.strip_prefix('v')?;
        let (numbers, pre_release) = match text.split_once('-') {
            Some((numbers, pre_release)) => (numbers, Some(pre_release)),
            None => (text, None),
        };
        let numbers: Vec<u64> = numbers
            .split('.')
            .map(str::parse)
            .collect::<Result<_, _>>()
            .ok()?;
        Some(Version {
            numbers: numbers.try_into().ok()?,
            is_stable: pre_release.is_none(),
            pre_release: pre_release
                .into_iter()
                .flat_map(|text| text.split('.'))
                .map(identifier)
                .collect(),
        })
    }
}

fn identifier(text: &str) -> Identifier {
    text.parse()
        .map_or_else(|_| Identifier::Word(text.to_owned()), Identifier::Number)
}

/// The newest stable tag among `tags`; the newest of all versions where none is stable.
pub(super) fn newest<'a>(tags: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    tags.filter_map(|tag| Some((Version::parse(tag)?, tag)))
        .max_by(|(a, _), (b, _)| (a.is_stable, a).cmp(&(b.is_stable, b)))
        .map(|(_, tag)| tag)
}

/// At most five of `names` that are like `wanted`, the nearest first.
pub(super) fn near<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut scored: Vec<(u64, &str)> = names
        .map(|name| ((strsim::jaro_winkler(wanted, name) * 1e6) as u64, name))
        .filter(|(score, _)| *score > 800_000)
        .collect();
    // Versions are near by their first numbers: for v1.17.99 rather v1.17.5 than v1.7.9.
    scored
        .sort_by_key(|&(score, name)| (Reverse(shared_start(wanted, name)), Reverse(score), name));
    scored.dedup();
    scored.truncate(5);
    scored
        .into_iter()
        .map(|(_, name)| name.to_owned())
        .collect()
}

fn shared_start(a: &str, b: &str) -> usize {
    a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Explain, Kind};

    #[test]
    fn takes_what_git_takes() {
        for text in [
            "v1.34.1",
            "master",
            "release-1.30",
            "feature/x",
            "v1.2.3+k3s1",
            "HEAD",
        ] {
            assert_eq!(text.parse::<Name>().unwrap().as_str(), text);
        }
    }

    #[test]
    fn refuses_options_expressions_and_control_characters() {
        for text in [
            "",
            "-x",
            "--upload-pack=touch",
            "a b",
            "a\nb",
            "a..b",
            "HEAD~1",
            "v1^{}",
            "a:b",
            "x.lock",
            "/a",
            "a/",
            "a//b",
            ".hidden",
            "a@{1}",
            "*",
            "a.",
        ] {
            let error = text.parse::<Reference>().unwrap_err();
            assert_eq!(error.kind(), Kind::Usage, "{text}");
        }
    }

    #[test]
    fn the_newest_is_the_newest_release() {
        let tags = [
            "v1.9.0",
            "v1.10.2",
            "v1.11.0-rc.1",
            "latest",
            "v1.10.10",
            "v2",
        ];
        assert_eq!(newest(tags.into_iter()), Some("v1.10.10"));
        assert_eq!(
            newest(["v1.2.0-beta.1", "v1.2.0-alpha.10", "v1.2.0-alpha.9"].into_iter()),
            Some("v1.2.0-beta.1")
        );
        assert_eq!(
            newest(["v1.2.0-alpha.10", "v1.2.0-alpha.9"].into_iter()),
            Some("v1.2.0-alpha.10")
        );
        assert_eq!(newest(["nightly"].into_iter()), None);
    }

    #[test]
    fn near_names_come_nearest_first() {
        let names = ["v1.34.0", "v1.34.1", "master", "v1.3.4"];
        let near = near("v1.34.11", names.into_iter());
        assert_eq!(near[0], "v1.34.1");
        assert!(!near.contains(&"master".to_owned()));
        let names = ["v1.7.9", "v1.10.9", "v1.17.5"];
        assert_eq!(super::near("v1.17.99", names.into_iter())[0], "v1.17.5");
    }
}
