//! A version script that `git archive` has already filled in.

use regex::Regex;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What `hack/lib/version.sh` says where the tree came from `git archive`: tags and changes are
/// ignored then, and every binary is stamped with this.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct ArchiveStamp {
    /// The commit that was archived.
    pub commit: String,
    /// Its tag, where it had one: `v1.28.7`. Without one, binaries carry no version unless Git has
    /// a tag for the commit.
    pub version: Option<String>,
}

impl ArchiveStamp {
    /// The script asks whether `$Format:%%$` has become `%` (1.9 and later).
    pub(super) fn read(version_sh: &str) -> Option<ArchiveStamp> {
        let is_filled_in = Regex::new(r#"(?m)^\s*if \[\[ '%' == "%" \]\]"#).ok()?;
        if !is_filled_in.is_match(version_sh) {
            return None;
        }
        let commit = Regex::new(r"(?m)^\s*KUBE_GIT_COMMIT='([0-9a-f]{40,64})'").ok()?;
        let version = Regex::new(r"(?m)^\s*if \[\[ '[^'\n]*tag: (v[^ ,'\n]+)[^'\n]*' =~").ok()?;
        Some(ArchiveStamp {
            commit: commit.captures(version_sh)?.get(1)?.as_str().to_owned(),
            version: version
                .captures(version_sh)
                .and_then(|found| Some(found.get(1)?.as_str().to_owned())),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILLED_IN: &str = "  if [[ '%' == \"%\" ]]; then
    KUBE_GIT_COMMIT='0123456789abcdef0123456789abcdef01234567'
    KUBE_GIT_TREE_STATE=\"archive\"
    # the 'tag: v9.9.9' below
    if [[ 'HEAD -> master, tag: v1.28.7, x' =~ tag:\\ (v[^ ,]+) ]]; then
";

    #[test]
    fn an_archive_says_its_commit_and_tag() {
        assert_eq!(
            ArchiveStamp::read(FILLED_IN),
            Some(ArchiveStamp {
                commit: "0123456789abcdef0123456789abcdef01234567".to_owned(),
                version: Some("v1.28.7".to_owned()),
            })
        );
        let untagged = FILLED_IN.replace("HEAD -> master, tag: v1.28.7, x", "HEAD -> master");
        assert_eq!(ArchiveStamp::read(&untagged).unwrap().version, None);
    }

    #[test]
    fn a_checkout_says_nothing() {
        let text = FILLED_IN.replace("'%'", "'$Format:%%$'");
        assert_eq!(ArchiveStamp::read(&text), None);
        assert_eq!(ArchiveStamp::read(""), None);
    }
}
