//! The command line that builds the same again, anywhere.

use super::{ImageOrigin, Plan};

impl Plan {
    /// `kubewright build …` with the tree named so that it cannot change: by a tag that is the version, else by the commit.
    pub fn command(&self) -> Vec<String> {
        let mut words = vec!["kubewright".to_owned(), "build".to_owned()];
        words.extend(self.request.goal.words());
        words.extend(self.tree_words());
        for platform in &self.request.platforms {
            words.extend(["--platform".to_owned(), platform.to_string()]);
        }
        words.extend(self.executor_words());
        if !self.request.variables.is_empty() {
            words.push("--".to_owned());
            let variables = self.request.variables.iter();
            words.extend(variables.map(|(name, value)| format!("{name}={value}")));
        }
        words
    }

    fn executor_words(&self) -> Vec<String> {
        let Some(image) = &self.image else {
            return Vec::new();
        };
        let mut words = vec!["--executor".to_owned(), "docker".to_owned()];
        if image.named {
            let name = match (&image.digest, image.origin) {
                (Some(digest), Some(ImageOrigin::Registry)) => {
                    let name = image.reference.split('@').next().unwrap_or_default();
                    format!("{}@{digest}", without_tag(name))
                }
                _ => image.reference.clone(),
            };
            words.extend(["--image".to_owned(), name]);
        }
        words
    }

    fn tree_words(&self) -> Vec<String> {
        let source = &self.source;
        if source.in_place {
            return vec!["--source".to_owned(), source.repository.clone()];
        }
        let tagged = source.stamp.version.as_ref() == Some(&source.reference);
        let commit = source.commit.as_ref().filter(|_| !tagged);
        let reference = commit.unwrap_or(&source.reference).clone();
        vec![
            "--repo".to_owned(),
            source.repository.clone(),
            "--ref".to_owned(),
            reference,
        ]
    }
}

/// An image's name without its tag; a colon before a slash stands before a port.
fn without_tag(name: &str) -> &str {
    match name.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => name,
        _ => name,
    }
}
