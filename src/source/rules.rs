//! How a tree derives its version from Git, read from its own `hack/lib/version.sh`.
//!
//! The script changed over the years, and a stamp has to be the one that the tree's own script would give:
//!
//! | since | change |
//! |---|---|
//! | 0.10 | `git describe` as it is |
//! | 1.1 | `-N-gSHA` becomes `.N+SHA` |
//! | 1.5 | only after a pre-release; after a release it becomes `-N+SHA` |
//! | 1.9 | a tree from `git archive` says its commit and tags itself |
//! | 1.10 | a version that is not a semantic one is refused |
//! | 1.17 | only tags `v*` count |
//!
//! No table of versions decides which rules apply: each is looked for in the script's text.

use regex::Regex;

/// The major and minor numbers, from 1.10 on.
const NUMBERS: &str = r"^v([0-9]+)\.([0-9]+)(\.[0-9]+)?([-].*)?([+].*)?$";

/// The group of [`NUMBERS`] for what follows a release's number.
const REMAINDER: usize = 4;

/// What the versions of current trees have to look like.
const SEMANTIC: &str = r"^v([0-9]+)\.([0-9]+)(\.[0-9]+)?(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$";

/// The rules of one tree.
#[derive(Debug)]
pub(super) struct Rules {
    /// The pattern that `git describe --match` restricts tags to.
    pub(super) tag_pattern: Option<String>,
    /// What becomes of the distance to the tag.
    pub(super) distance: Distance,
    /// Finds the major and minor numbers.
    pub(super) numbers: Regex,
    /// The group of `numbers` that, where it is not empty, says that the tree is not exactly a release.
    pub(super) remainder: usize,
    /// What every version has to look like.
    pub(super) required: Option<Regex>,
    /// What `git archive` wrote into the script.
    pub(super) archive: Option<Archive>,
}

/// What becomes of `-N-gSHA` at the end of `git describe`'s answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Distance {
    /// It stays.
    AsDescribed,
    /// It becomes `.N+SHA`.
    Dotted,
    /// It becomes `.N+SHA` where the answer has three dashes, `-N+SHA` where it has two.
    ByDashes,
}

/// A tree that `git archive` made knows where it comes from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Archive {
    /// The commit.
    pub(super) commit: String,
    /// The version tag at that commit.
    pub(super) version: Option<String>,
}

impl Rules {
    /// Reads the rules from the text of `hack/lib/version.sh`; without a script, the rules of current trees hold.
    pub(super) fn read(script: Option<&str>) -> Result<Rules, regex::Error> {
        let Some(script) = script else {
            return Rules::current();
        };
        let code = without_comments(script);
        Ok(Rules {
            tag_pattern: first_group(&code, r"describe .*--match[= ]'([^']+)'")?,
            distance: distance(&code),
            numbers: Regex::new(
                &compared_with(&code, "if [[")?.unwrap_or_else(|| NUMBERS.to_owned()),
            )?,
            remainder: first_group(&code, r#"-n "\$\{BASH_REMATCH\[([0-9])\]\}""#)?
                .and_then(|group| group.parse().ok())
                .unwrap_or(REMAINDER),
            required: compared_with(&code, "if ! [[")?
                .map(|text| Regex::new(&text))
                .transpose()?,
            archive: archive(&code)?,
        })
    }

    fn current() -> Result<Rules, regex::Error> {
        Ok(Rules {
            tag_pattern: Some("v*".to_owned()),
            distance: Distance::ByDashes,
            numbers: Regex::new(NUMBERS)?,
            remainder: REMAINDER,
            required: Some(Regex::new(SEMANTIC)?),
            archive: None,
        })
    }
}

fn without_comments(script: &str) -> String {
    let lines = script
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'));
    lines.collect::<Vec<_>>().join("\n")
}

fn distance(code: &str) -> Distance {
    let dotted = code.contains(r"/.\1\+\2/");
    if dotted && code.contains(r#"== "---""#) {
        Distance::ByDashes
    } else if dotted {
        Distance::Dotted
    } else {
        Distance::AsDescribed
    }
}

/// The expression that the script compares `KUBE_GIT_VERSION` with, after `opening`.
fn compared_with(code: &str, opening: &str) -> Result<Option<String>, regex::Error> {
    let opening = regex::escape(opening);
    first_group(
        code,
        &format!(r#"(?m)^\s*{opening} "\$\{{KUBE_GIT_VERSION\}}" =~ (\S+) \]\]"#),
    )
}

fn archive(code: &str) -> Result<Option<Archive>, regex::Error> {
    // In a clone the script says '$Format:%%$' here, and `git archive` replaces that by a percent sign.
    if !code.contains(r#"if [[ '%' == "%" ]]"#) {
        return Ok(None);
    }
    let Some(commit) = first_group(code, r"KUBE_GIT_COMMIT='([^']*)'")? else {
        return Ok(None);
    };
    let names = first_group(code, r"if \[\[ '([^']*)' =~ tag:")?.unwrap_or_default();
    // Up to 1.10 a comma after the tag was taken for a part of it.
    let tag = if code.contains("(v[^ ,]+)") {
        "tag: (v[^ ,]+)"
    } else {
        "tag: (v[^ ]+)"
    };
    Ok(Some(Archive {
        commit,
        version: first_group(&names, tag)?,
    }))
}

fn first_group(text: &str, pattern: &str) -> Result<Option<String>, regex::Error> {
    let captures = Regex::new(pattern)?;
    let group = captures.captures(text).and_then(|found| found.get(1));
    Ok(group.map(|group| group.as_str().to_owned()))
}
