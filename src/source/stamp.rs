//! The version that goes into binaries.
//!
//! Upstream's `kube::version::get_version_vars` (hack/lib/version.sh) computes it from `git describe` and `git status`. The
//! same is computed here, by the rules that the tree's own script has ([`super::rules`]), so that it is known before
//! anything runs, in a container without Git too, and so that it can be a part of keys and manifests.

use std::path::Path;
use std::sync::LazyLock;

use git2::{DescribeFormatOptions, DescribeOptions, Repository};
use regex::Regex;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::error::SourceError;
use super::rules::{Distance, Rules};

/// How many digits of the commit a version holds (`--abbrev=14`).
const ABBREVIATION: u32 = 14;

/// The five variables of upstream's version file, and where they come from.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Stamp {
    /// `KUBE_GIT_COMMIT`; absent where there is neither Git nor an archive's own note.
    pub commit: Option<String>,
    /// `KUBE_GIT_TREE_STATE`; absent with the commit.
    pub tree_state: Option<TreeState>,
    /// `KUBE_GIT_VERSION`, for example `v1.34.1` or `v1.35.0-alpha.0.12+fea8a54f480ae6-dirty`.
    pub version: Option<String>,
    /// `KUBE_GIT_MAJOR`.
    pub major: Option<String>,
    /// `KUBE_GIT_MINOR`: with a `+` unless the tree is exactly the tagged one.
    pub minor: Option<String>,
    /// What `git describe` or the archive's note said, before the rules.
    pub described: Option<String>,
    /// Why there is no version. Binaries would call themselves `v0.0.0-master+$Format:%H$`, and images could not be named.
    pub unversioned: Option<Unversioned>,
}

/// How the tree relates to its commit.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TreeState {
    /// Nothing differs.
    Clean,
    /// Files were changed, removed or added.
    Dirty,
    /// `git archive` made the tree and wrote into it which commit it is; Git is not asked, even where there is one.
    Archive,
}

/// Why a tree has no version.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize, thiserror::Error)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Unversioned {
    /// No Git, and no note by `git archive`.
    #[error("the tree has no Git repository and was not made by `git archive`")]
    NoRepository,
    /// A shallow clone whose history ends before a version tag.
    #[error(
        "the clone is shallow and has no version tag: `git fetch --tags --unshallow` gets them"
    )]
    Shallow,
    /// No version tag below the commit.
    #[error(
        "no version tag such as v1.34.1 is in the commit's history: `git fetch --tags` may help"
    )]
    NoTag,
    /// The nearest tag makes no semantic version; upstream's script ends with an error.
    #[error(
        "`{version}` is not a semantic version: a local tag may be in the way (see semver.org)"
    )]
    NotSemantic {
        /// What would be the version.
        version: String,
    },
}

impl Stamp {
    /// The text of upstream's version file (`KUBE_GIT_VERSION_FILE`), which shell scripts source.
    pub fn version_file(&self) -> String {
        let tree_state = self.tree_state.map(|state| match state {
            TreeState::Clean => "clean",
            TreeState::Dirty => "dirty",
            TreeState::Archive => "archive",
        });
        [
            ("KUBE_GIT_COMMIT", self.commit.as_deref()),
            ("KUBE_GIT_TREE_STATE", tree_state),
            ("KUBE_GIT_VERSION", self.version.as_deref()),
            ("KUBE_GIT_MAJOR", self.major.as_deref()),
            ("KUBE_GIT_MINOR", self.minor.as_deref()),
        ]
        .map(|(name, value)| format!("{name}={}\n", shell_quoted(value.unwrap_or_default())))
        .concat()
    }
}

/// Computes the stamp of the tree at `root`; `is_dirty` is whether `git status --porcelain` prints anything.
pub(super) fn stamp(
    root: &Path,
    repository: Option<&Repository>,
    is_dirty: bool,
) -> Result<Stamp, SourceError> {
    let script = std::fs::read(root.join("hack/lib/version.sh")).ok();
    let script = script.as_deref().map(String::from_utf8_lossy);
    let rules =
        Rules::read(script.as_deref()).map_err(|error| SourceError::UnreadableCheckout {
            path: root.to_owned(),
            cause: format!("`hack/lib/version.sh` has rules that are not understood: {error}"),
        })?;
    let (commit, tree_state) = match (&rules.archive, repository.and_then(head)) {
        (Some(archive), _) => (Some(archive.commit.clone()), Some(TreeState::Archive)),
        (None, Some(commit)) if is_dirty => (Some(commit), Some(TreeState::Dirty)),
        (None, Some(commit)) => (Some(commit), Some(TreeState::Clean)),
        (None, None) => (None, None),
    };
    let noted = rules
        .archive
        .as_ref()
        .and_then(|archive| archive.version.clone());
    let described = noted.or_else(|| {
        describe(
            repository?,
            commit.as_deref()?,
            rules.tag_pattern.as_deref(),
        )
    });
    let version = described
        .as_deref()
        .map(|text| version(text, rules.distance, tree_state));
    let numbers = version
        .as_deref()
        .and_then(|version| numbers(version, &rules));
    let mut stamp = Stamp {
        unversioned: None,
        commit,
        tree_state,
        major: numbers.as_ref().map(|(major, _)| major.clone()),
        minor: numbers.map(|(_, minor)| minor),
        version,
        described,
    };
    if let Some(reason) = objection(&stamp, &rules, repository) {
        (stamp.version, stamp.major, stamp.minor) = (None, None, None);
        stamp.unversioned = Some(reason);
    }
    Ok(stamp)
}

fn head(repository: &Repository) -> Option<String> {
    let commit = repository.head().ok()?.peel_to_commit().ok()?;
    Some(commit.id().to_string())
}

/// `git describe --tags --match=PATTERN --abbrev=14 COMMIT`.
fn describe(repository: &Repository, commit: &str, pattern: Option<&str>) -> Option<String> {
    // Through the common directory: libgit2 looks for a linked work tree's shallow file in the wrong place.
    let common = Repository::open(repository.commondir()).ok()?;
    let object = common
        .revparse_single(commit)
        .ok()?
        .peel_to_commit()
        .ok()?
        .into_object();
    let mut options = DescribeOptions::new();
    options.describe_tags();
    if let Some(pattern) = pattern {
        options.pattern(pattern);
    }
    let mut format = DescribeFormatOptions::new();
    format.abbreviated_size(ABBREVIATION);
    object.describe(&options).ok()?.format(Some(&format)).ok()
}

fn version(described: &str, distance: Distance, tree_state: Option<TreeState>) -> String {
    let dashes = described.matches('-').count();
    let mut version = match (distance, dashes) {
        (Distance::Dotted, _) | (Distance::ByDashes, 3) => after_tag(described, "."),
        (Distance::ByDashes, 2) => after_tag(described, "-"),
        _ => described.to_owned(),
    };
    if tree_state == Some(TreeState::Dirty) {
        version.push_str("-dirty");
    }
    version
}

/// `TAG-N-gSHA` as `TAG{joint}N+SHA`; a text of another form stays as it is.
fn after_tag(described: &str, joint: &str) -> String {
    static DISTANCE: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new("^(.*)-([0-9]+)-g([0-9a-f]{14})$").ok());
    match DISTANCE
        .as_ref()
        .and_then(|distance| distance.captures(described))
    {
        Some(parts) => format!("{}{joint}{}+{}", &parts[1], &parts[2], &parts[3]),
        None => described.to_owned(),
    }
}

fn numbers(version: &str, rules: &Rules) -> Option<(String, String)> {
    let parts = rules.numbers.captures(version)?;
    let follows = parts
        .get(rules.remainder)
        .is_some_and(|part| !part.is_empty());
    let minor = parts.get(2)?.as_str();
    Some((
        parts.get(1)?.as_str().to_owned(),
        format!("{minor}{}", if follows { "+" } else { "" }),
    ))
}

fn objection(stamp: &Stamp, rules: &Rules, repository: Option<&Repository>) -> Option<Unversioned> {
    match (&stamp.version, repository) {
        (Some(version), _) => {
            let required = rules.required.as_ref()?;
            (!required.is_match(version)).then(|| Unversioned::NotSemantic {
                version: version.clone(),
            })
        }
        (None, None) => Some(Unversioned::NoRepository),
        (None, Some(repository)) if is_shallow(repository) => Some(Unversioned::Shallow),
        (None, Some(_)) => Some(Unversioned::NoTag),
    }
}

fn is_shallow(repository: &Repository) -> bool {
    repository
        .commondir()
        .join("shallow")
        .metadata()
        .is_ok_and(|file| file.len() > 0)
}

/// A tag's name may hold a quote, and the file is sourced by a shell.
fn shell_quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::upstream::{Upstream, VERSION_SCRIPT};

    fn stamp_of(upstream: &Upstream, is_dirty: bool) -> Stamp {
        stamp(upstream.root(), Some(&upstream.repository), is_dirty).unwrap()
    }

    /// Version, major and minor, as the script would save them.
    fn three(stamp: &Stamp) -> [&str; 3] {
        [&stamp.version, &stamp.major, &stamp.minor].map(|part| part.as_deref().unwrap_or_default())
    }

    #[test]
    fn a_tagged_tree_has_the_tags_version() {
        let upstream = Upstream::new();
        upstream.tag("v1.28.7");
        assert_eq!(three(&stamp_of(&upstream, false)), ["v1.28.7", "1", "28"]);
        assert_eq!(
            three(&stamp_of(&upstream, true)),
            ["v1.28.7-dirty", "1", "28+"]
        );
    }

    #[test]
    fn past_a_tag_the_distance_follows() {
        for (tag, joint) in [("v1.28.7", "-1+"), ("v1.29.0-alpha.0", ".1+")] {
            let upstream = Upstream::new();
            upstream.tag(tag);
            let commit = upstream.commit("past").to_string();
            let version = format!("{tag}{joint}{}", &commit[..14]);
            assert_eq!(stamp_of(&upstream, false).version, Some(version));
            assert_eq!(stamp_of(&upstream, true).tree_state, Some(TreeState::Dirty));
        }
    }

    #[test]
    fn what_upstream_refuses_has_no_version() {
        let upstream = Upstream::new();
        upstream.tag("vendor-import");
        let stamp = stamp_of(&upstream, false);
        assert_eq!(three(&stamp), ["", "", ""]);
        let version = "vendor-import".to_owned();
        assert_eq!(
            stamp.unversioned,
            Some(Unversioned::NotSemantic { version })
        );
    }

    #[test]
    fn other_tags_do_not_count_unless_the_script_is_old() {
        let upstream = Upstream::new();
        upstream.tag("v1.2.0");
        upstream.commit("later");
        upstream.tag("nightly");
        assert_eq!(
            stamp_of(&upstream, false).described.unwrap()[..9],
            *"v1.2.0-1-"
        );
        upstream.write(
            "hack/lib/version.sh",
            &VERSION_SCRIPT.replace("--match='v*' ", ""),
        );
        assert_eq!(stamp_of(&upstream, false).described.unwrap(), "nightly");
    }

    #[test]
    fn the_rules_of_old_trees_are_their_own() {
        let upstream = Upstream::new();
        upstream.tag("v1.2.0");
        let commit = upstream.commit("past").to_string();
        let first = r#"      if [[ "${KUBE_GIT_VERSION}" =~ ^v([0-9]+)\.([0-9]+)(\.[0-9]+)?([-].*)?$ ]]; then"#;
        upstream.write("hack/lib/version.sh", first);
        let version = format!("v1.2.0-1-g{}", &commit[..14]);
        assert_eq!(three(&stamp_of(&upstream, false)), [&*version, "1", "2+"]);
        let second = format!("{first}\nsed \"s/-g$/.\\1\\+\\2/\"\n");
        upstream.write("hack/lib/version.sh", &second);
        let version = format!("v1.2.0.1+{}", &commit[..14]);
        assert_eq!(three(&stamp_of(&upstream, false)), [&*version, "", ""]);
    }

    #[test]
    fn an_archive_knows_itself_whatever_git_says() {
        let upstream = Upstream::new();
        upstream.tag("v9.9.9");
        let script = VERSION_SCRIPT
            .replace("$Format:%%$", "%")
            .replace("$Format:%H$", "c8dcb00be9961ec36d141d2e4103f85f92bcf291")
            .replace(
                "$Format:%D$",
                "HEAD -> release-1.28, tag: v1.28.7, origin/x",
            );
        upstream.write("hack/lib/version.sh", &script);
        for repository in [None, Some(&upstream.repository)] {
            let stamp = stamp(upstream.root(), repository, true).unwrap();
            assert_eq!(three(&stamp), ["v1.28.7", "1", "28"]);
            assert_eq!(stamp.tree_state, Some(TreeState::Archive));
            assert_eq!(stamp.commit.unwrap()[..7], *"c8dcb00");
        }
    }

    #[test]
    fn the_version_file_is_what_upstream_writes() {
        let stamp = Stamp {
            commit: Some("c8dcb00be9961ec36d141d2e4103f85f92bcf291".to_owned()),
            tree_state: Some(TreeState::Clean),
            version: Some("v1.28.7".to_owned()),
            major: Some("1".to_owned()),
            minor: Some("28".to_owned()),
            described: None,
            unversioned: None,
        };
        let expected = "KUBE_GIT_COMMIT='c8dcb00be9961ec36d141d2e4103f85f92bcf291'\n\
            KUBE_GIT_TREE_STATE='clean'\nKUBE_GIT_VERSION='v1.28.7'\nKUBE_GIT_MAJOR='1'\n\
            KUBE_GIT_MINOR='28'\n";
        assert_eq!(stamp.version_file(), expected);
        assert_eq!(shell_quoted("v1'$(x)"), r"'v1'\''$(x)'");
    }

    #[test]
    fn without_tags_or_git_the_reason_is_told() {
        let upstream = Upstream::new();
        assert_eq!(
            stamp_of(&upstream, false).unversioned,
            Some(Unversioned::NoTag)
        );
        let commit = upstream.commit("second").to_string();
        std::fs::write(
            upstream.repository.path().join("shallow"),
            format!("{commit}\n"),
        )
        .unwrap();
        let reopened = Repository::open(upstream.root()).unwrap();
        let stamp = stamp(upstream.root(), Some(&reopened), false).unwrap();
        assert_eq!(stamp.unversioned, Some(Unversioned::Shallow));
        assert_eq!(stamp.commit, Some(commit));
    }
}
