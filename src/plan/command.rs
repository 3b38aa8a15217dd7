//! The command line that builds the same again, anywhere.

use super::{ImageOrigin, Plan};
use crate::toolchain::GoVersion;

impl Plan {
    /// `kubewright build …` with the tree named so that it cannot change: by a tag that is the version, else by the commit.
    pub fn command(&self) -> Vec<String> {
        let mut words = vec!["kubewright".to_owned(), "build".to_owned()];
        words.extend(self.request.goal.words());
        words.extend(self.tree_words());
        for platform in &self.request.platforms {
            words.extend(["--platform".to_owned(), platform.to_string()]);
        }
        if self.request.reproducible {
            words.push("--reproducible".to_owned());
        }
        words.extend(self.executor_words());
        if self.takes_another_go() {
            // In an image it is whatever Go the image has.
            let go = match self.image {
                Some(_) => "host".to_owned(),
                None => self.toolchain.version.clone(),
            };
            words.extend(["--go".to_owned(), go]);
        }
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

    /// Whether it is built by another Go than the tree names: one that the user named, that was on PATH, or that took the
    /// place of one that cannot be had.
    fn takes_another_go(&self) -> bool {
        let release = |text: &str| text.parse::<GoVersion>().ok().map(|go| go.release());
        let wanted = self.toolchain.wanted.as_deref().and_then(release);
        wanted.is_some_and(|wanted| release(&self.toolchain.version) != Some(wanted))
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::plan::{Goal, Request, SCHEMA, SourceIdentity, ToolchainIdentity};
    use crate::source::Stamp;

    fn plan(version: &str, wanted: Option<&str>) -> Plan {
        Plan {
            schema: SCHEMA,
            request: Request {
                goal: Goal::Components(vec!["kubectl".to_owned()]),
                platforms: vec!["linux/arm64".parse().unwrap()],
                variables: BTreeMap::from([("DBG".to_owned(), "1".to_owned())]),
                reproducible: false,
            },
            source: SourceIdentity {
                repository: "demo".to_owned(),
                reference: "v1.2.3".to_owned(),
                in_place: false,
                commit: Some("c".repeat(40)),
                tree: None,
                committed_at: None,
                changes: Vec::new(),
                stamp: Stamp {
                    commit: None,
                    tree_state: None,
                    version: Some("v1.2.3".to_owned()),
                    major: None,
                    minor: None,
                    described: None,
                    unversioned: None,
                },
            },
            toolchain: ToolchainIdentity {
                version: version.to_owned(),
                wanted: wanted.map(str::to_owned),
            },
            image: None,
            base_images: Vec::new(),
            steps: Vec::new(),
            remarks: Vec::new(),
        }
    }

    #[test]
    fn another_go_than_the_tree_names_is_part_of_it() {
        let by_the_trees = "kubewright build component kubectl --repo demo --ref v1.2.3 \
                            --platform linux/arm64 -- DBG=1";
        let by_the_hosts = "kubewright build component kubectl --repo demo --ref v1.2.3 \
                            --platform linux/arm64 --go 1.26.1 -- DBG=1";
        let command = |version, wanted| plan(version, wanted).command().join(" ");
        assert_eq!(command("1.24.6", Some("1.24.6")), by_the_trees);
        assert_eq!(command("1.22.0", Some("1.22")), by_the_trees);
        assert_eq!(command("1.26.1", None), by_the_trees);
        assert_eq!(command("1.26.1", Some("1.24.6")), by_the_hosts);
    }
}
