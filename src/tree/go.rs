//! The Go that a tree asks for.

use regex::Regex;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::kube_cross::KubeCross;
use super::source_text::SourceText;
use super::{TreeError, bash::Shell};

/// The Go that a tree asks for; versions are without the leading `go`.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct GoRequirement {
    /// The exact version that its releases are built with, such as `1.24.6` or `1.15rc1`.
    pub version: Option<String>,
    /// The file that says so.
    pub read_from: Option<String>,
    /// The oldest version that the build scripts accept, such as `1.24` or `1.13.4`.
    pub minimum: Option<String>,
    /// The file that says so.
    pub minimum_read_from: Option<String>,
}

/// The file with the exact version since 1.27.
pub(super) const GO_VERSION_FILE: &str = ".go-version";
pub(super) const GOLANG_SH: &str = "hack/lib/golang.sh";

impl GoRequirement {
    pub(super) fn read(
        source: &SourceText<'_>,
        golang_sh: &str,
        shell: &Shell<'_>,
        kube_cross: Option<&KubeCross>,
    ) -> Result<GoRequirement, TreeError> {
        let exact = exact(source, kube_cross)?;
        let minimum = minimum(golang_sh, shell);
        let (version, read_from) = exact.unzip();
        Ok(GoRequirement {
            version,
            read_from,
            minimum_read_from: minimum.is_some().then(|| GOLANG_SH.to_owned()),
            minimum,
        })
    }
}

fn exact(
    source: &SourceText<'_>,
    kube_cross: Option<&KubeCross>,
) -> Result<Option<(String, String)>, TreeError> {
    if let Some(text) = source.read(GO_VERSION_FILE)?
        && let Some(version) = go_version(text.trim())
    {
        return Ok(Some((version, GO_VERSION_FILE.to_owned())));
    }
    // Since 1.19 the tag names the Go: `v1.23.0-go1.17.3-bullseye.0`.
    if let Some(cross) = kube_cross
        && let Some((_, after)) = cross.tag.split_once("-go")
        && let Some(version) = go_version(after.split('-').next().unwrap_or_default())
    {
        return Ok(Some((version, cross.read_from.clone())));
    }
    for folder in ["build/build-image", "build-tools/build-image"] {
        for file in ["cross/Dockerfile", "Dockerfile"] {
            let path = format!("{folder}/{file}");
            if let Some(text) = source.read(&path)?
                && let Some(version) = from_golang_image(&text)
            {
                return Ok(Some((version, path)));
            }
        }
    }
    // Before, the tag was the Go's version and a counter: `v1.15.0-rc.1-2`.
    Ok(kube_cross.and_then(|cross| Some((old_tag(&cross.tag)?, cross.read_from.clone()))))
}

/// `FROM golang:1.12.5`, perhaps with a suffix that names a distribution.
fn from_golang_image(dockerfile: &str) -> Option<String> {
    let image = dockerfile
        .lines()
        .filter_map(|line| line.trim().strip_prefix("FROM"))
        .find_map(|image| image.trim().strip_prefix("golang:"))?;
    go_version(image.split(['-', ' ']).next()?)
}

fn old_tag(tag: &str) -> Option<String> {
    let pattern =
        Regex::new(r"^v([0-9]+\.[0-9]+(?:\.[0-9]+)?)(?:-(rc|beta)\.?([0-9]+))?-[0-9]+$").ok()?;
    let found = pattern.captures(tag)?;
    let version = found.get(1)?.as_str();
    match (found.get(2), found.get(3)) {
        // Go calls the candidates of 1.15.0 `1.15rc1`.
        (Some(stage), Some(number)) => {
            let minor = version.strip_suffix(".0").unwrap_or(version);
            Some(format!("{minor}{}{}", stage.as_str(), number.as_str()))
        }
        // Go before 1.21 has no `.0`: its first release of a minor is `1.15`.
        _ => Some(version.strip_suffix(".0").unwrap_or(version).to_owned()),
    }
}

/// A text that is a Go version, with or without `go` before it.
fn go_version(text: &str) -> Option<String> {
    let version = text.strip_prefix("go").unwrap_or(text);
    let pattern = Regex::new(r"^[0-9]+\.[0-9]+(?:\.[0-9]+)?(?:(?:rc|beta)[0-9]+)?$").ok()?;
    pattern.is_match(version).then(|| version.to_owned())
}

fn minimum(golang_sh: &str, shell: &Shell<'_>) -> Option<String> {
    if let Some(version) = shell.first("minimum_go_version") {
        return go_version(&version);
    }
    // Before 1.8: `"${go_version[2]}" < "go1.6"`.
    let patterns = [
        r"(?m)^\s*minimum_go_version=go([0-9.]+)",
        r#""\$\{go_version\[2\]\}" < "go([0-9.]+)""#,
    ];
    patterns.iter().find_map(|pattern| {
        let found = Regex::new(pattern).ok()?.captures(golang_sh)?;
        go_version(found.get(1)?.as_str())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_tags_are_go_versions() {
        for (tag, version) in [
            ("v1.12.5-1", Some("1.12.5")),
            ("v1.15.0-rc.1-2", Some("1.15rc1")),
            ("v1.15.0-1", Some("1.15")),
            ("v1.34.0-go1.25.1-bullseye.0", None),
            ("latest", None),
        ] {
            assert_eq!(old_tag(tag).as_deref(), version, "{tag}");
        }
    }

    #[test]
    fn an_image_names_its_go() {
        let version = |text| from_golang_image(text);
        assert_eq!(version("FROM  golang:1.4.2").as_deref(), Some("1.4.2"));
        assert_eq!(
            version("# x\nFROM golang:1.13.8-stretch AS b").as_deref(),
            Some("1.13.8")
        );
        assert_eq!(version("FROM debian"), None);
    }
}
