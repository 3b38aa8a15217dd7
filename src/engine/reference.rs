//! The name of an image.

use std::fmt;

use super::EngineError;

/// A name with a tag or a digest: `registry.k8s.io/build-image/kube-cross:v1.35.0-go1.25.1-bullseye.0`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ImageReference {
    /// The registry and the path in it.
    pub name: String,
    /// The tag, without colon; `latest` where none is given.
    tag: String,
    /// `sha256:…`, where the image is pinned.
    digest: Option<String>,
}

impl ImageReference {
    /// A name and a tag that are known to be well-formed.
    pub fn new(name: &str, tag: &str) -> ImageReference {
        ImageReference {
            name: name.to_owned(),
            tag: tag.to_owned(),
            digest: None,
        }
    }

    /// The same with more behind the tag. What is pinned by a digest is another image then, so the digest goes.
    #[must_use]
    pub fn tagged_behind(&self, more: &str) -> ImageReference {
        ImageReference::new(&self.name, &format!("{}-{more}", self.tag))
    }

    /// Reads what a user wrote.
    ///
    /// # Errors
    /// A text that no engine takes as an image's name.
    pub fn parse(text: &str) -> Result<ImageReference, EngineError> {
        let invalid = || EngineError::ImageName(text.to_owned());
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest.to_owned())),
            None => (text, None),
        };
        // A colon before a slash stands before a port.
        let (name, tag) = match rest.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, tag),
            _ => (rest, "latest"),
        };
        let begins_well = |text: &str| text.starts_with(|c: char| c.is_ascii_alphanumeric());
        let tag_is_well = (begins_well(tag) || tag.starts_with('_'))
            && tag.len() <= 128
            && tag
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
        let digest_is_well = digest.as_deref().is_none_or(is_digest);
        if is_name(name) && tag_is_well && digest_is_well {
            Ok(ImageReference {
                name: name.to_owned(),
                tag: tag.to_owned(),
                digest,
            })
        } else {
            Err(invalid())
        }
    }

    /// The same in another registry or folder.
    pub(super) fn renamed(&self, name: &str) -> ImageReference {
        ImageReference {
            name: name.to_owned(),
            ..self.clone()
        }
    }

    /// What stands behind the name when it is pulled: the digest, else the tag.
    pub(super) fn version(&self) -> &str {
        self.digest.as_deref().unwrap_or(&self.tag)
    }
}

/// A registry, which may have a port, and folders in it.
fn is_name(name: &str) -> bool {
    let (first, rest) = name.split_once('/').unwrap_or((name, ""));
    let (host, port) = first.split_once(':').unwrap_or((first, "0"));
    let is_part = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphanumeric())
            && part
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
    };
    let folders_are_well = !name.contains('/') || rest.split('/').all(is_part);
    is_part(host) && port.parse::<u16>().is_ok() && folders_are_well
}

fn is_digest(text: &str) -> bool {
    text.strip_prefix("sha256:")
        .is_some_and(|hex| hex.len() == 64 && hex.chars().all(|c| c.is_ascii_hexdigit()))
}

impl fmt::Display for ImageReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.digest {
            Some(digest) => write!(f, "{}@{digest}", self.name),
            None => write!(f, "{}:{}", self.name, self.tag),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read() {
        let digest = format!("sha256:{}", "a".repeat(64));
        for (text, shown) in [
            ("golang", "golang:latest"),
            (
                "localhost:5000/kube-cross",
                "localhost:5000/kube-cross:latest",
            ),
            ("r.example/a/b:v1.2-3_4", "r.example/a/b:v1.2-3_4"),
            (
                &format!("r.example/a:v1@{digest}"),
                &format!("r.example/a@{digest}"),
            ),
        ] {
            assert_eq!(ImageReference::parse(text).unwrap().to_string(), shown);
        }
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for text in [
            "",
            "-x",
            "a b",
            "a:",
            "a@sha256:12",
            "a?b=c",
            "a:../x",
            "a:-x",
        ] {
            assert!(ImageReference::parse(text).is_err(), "{text}");
        }
    }
}
