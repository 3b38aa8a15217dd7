//! Where a repository is, and what it is called for people and on disk.

use std::path::{Path, PathBuf};

use super::embedded;
use super::error::SourceError;
use crate::hexadecimal::sha256;

/// The repository that is meant where none is named.
pub const KUBERNETES: &str = "https://github.com/kubernetes/kubernetes";

/// What `--repo` calls the embedded repository.
const EMBEDDED: &str = "demo";

/// A repository.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Location {
    /// A URL: `https://`, `http://`, `git://`, `ssh://`, `file://`, or ssh's short form `user@host:path`.
    Url(String),
    /// The miniature Kubernetes inside the binary.
    Embedded,
}

impl Location {
    /// Reads what `--repo` takes: `demo`, a URL, or a path, which becomes an absolute `file://` URL.
    pub fn parse(text: &str) -> Result<Location, SourceError> {
        let invalid = |reason: &str| SourceError::InvalidLocation {
            text: without_credentials(text),
            reason: reason.to_owned(),
        };
        if text.is_empty() || text.chars().any(char::is_control) {
            return Err(invalid("it is empty or holds control characters"));
        }
        if text.starts_with('-') {
            return Err(invalid("it looks like an option"));
        }
        if text == EMBEDDED {
            return Ok(Location::Embedded);
        }
        if text.contains("://") || is_short_ssh(text) {
            return Ok(Location::Url(text.to_owned()));
        }
        let path = std::fs::canonicalize(text).map_err(|error| invalid(&error.to_string()))?;
        match path.to_str() {
            Some(path) => Ok(Location::Url(format!("file://{}", percent_encoded(path)))),
            None => Err(invalid("its path is not UTF-8")),
        }
    }

    /// The repository for people: without user names, passwords and tokens.
    pub fn display(&self) -> String {
        match self {
            Location::Url(url) => without_credentials(url),
            Location::Embedded => EMBEDDED.to_owned(),
        }
    }

    /// The repository's name on disk, the same for each way to write its URL's credentials or its `.git`.
    pub(super) fn slug(&self) -> String {
        let (name, identity) = match self {
            Location::Embedded => (EMBEDDED.to_owned(), embedded::digest()),
            Location::Url(url) => {
                let bare = without_credentials(url);
                let bare = bare.trim_end_matches('/').trim_end_matches(".git");
                (last_parts(bare), bare.to_owned())
            }
        };
        format!("{name}-{}", &sha256(identity.as_bytes())[..8])
    }

    /// The path of a repository on this machine.
    pub(super) fn local_path(&self) -> Option<PathBuf> {
        match self {
            Location::Url(url) => url
                .strip_prefix("file://")
                .map(|path| PathBuf::from(percent_decoded(path))),
            Location::Embedded => None,
        }
    }
}

/// `user@host:path`; a path or a Windows drive has a slash, or nothing, before the colon.
fn is_short_ssh(text: &str) -> bool {
    text.split_once(':')
        .is_some_and(|(host, path)| host.contains('@') && !host.contains('/') && !path.is_empty())
        && !Path::new(text).exists()
}

fn without_credentials(url: &str) -> String {
    let (scheme, rest) = match url.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        None if is_short_ssh(url) => (String::new(), url),
        None => return url.to_owned(),
    };
    let (authority, path) = match rest.find('/') {
        Some(slash) => rest.split_at(slash),
        None => (rest, ""),
    };
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    // A token may also stand in the query.
    let path = path.split(['?', '#']).next().unwrap_or_default();
    format!("{scheme}{host}{path}")
}

/// `https://host/kubernetes/kubernetes` becomes `kubernetes-kubernetes`: a name that people recognise.
fn last_parts(url: &str) -> String {
    let parts: Vec<&str> = url
        .rsplit(['/', ':'])
        .filter(|part| !part.is_empty())
        .take(2)
        .collect();
    let name: String = parts
        .into_iter()
        .rev()
        .collect::<Vec<_>>()
        .join("-")
        .trim_start_matches('.')
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || "._-".contains(c) {
                c
            } else {
                '-'
            }
        })
        .take(60)
        .collect();
    if name.is_empty() {
        "repository".to_owned()
    } else {
        name
    }
}

/// Encodes the bytes that would end a URL's path or start an escape.
fn percent_encoded(path: &str) -> String {
    path.replace('%', "%25")
        .replace('?', "%3F")
        .replace('#', "%23")
        .replace(' ', "%20")
}

fn percent_decoded(path: &str) -> String {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let escaped = (first == b'%')
            .then(|| tail.get(..2))
            .flatten()
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(escaped.unwrap_or(first));
        rest = if escaped.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_never_shown() {
        for (url, shown) in [
            (
                "https://me:secret@example.org/k/k.git",
                "https://example.org/k/k.git",
            ),
            (
                "https://token@example.org/k?private_token=x",
                "https://example.org/k",
            ),
            ("git@example.org:k/k.git", "example.org:k/k.git"),
            ("file:///srv/k.git", "file:///srv/k.git"),
        ] {
            let location = Location::parse(url).unwrap();
            assert_eq!(location.display(), shown);
            assert!(!location.slug().contains("secret"));
        }
    }

    #[test]
    fn one_repository_has_one_name_on_disk() {
        let slug = |url: &str| Location::Url(url.to_owned()).slug();
        let plain = slug("https://example.org/kubernetes/kubernetes");
        assert!(plain.starts_with("kubernetes-kubernetes-"), "{plain}");
        assert_eq!(
            plain,
            slug("https://me:x@example.org/kubernetes/kubernetes.git/")
        );
        assert_ne!(plain, slug("https://example.com/kubernetes/kubernetes"));
    }

    #[test]
    fn a_path_becomes_an_absolute_url_and_back() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a b%20#c");
        std::fs::create_dir(&path).unwrap();
        let location = Location::parse(path.to_str().unwrap()).unwrap();
        assert_eq!(location.local_path().unwrap(), path.canonicalize().unwrap());
    }

    #[test]
    fn refuses_options_and_absent_paths() {
        for text in ["--upload-pack=x", "", "/nowhere/at/all", "a\nb"] {
            assert!(Location::parse(text).is_err(), "{text}");
        }
    }
}
