//! How a tree makes a release: what its script has make build in a container, and what it makes of that on the host.

use std::collections::BTreeMap;

use regex::Regex;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::TreeError;
use super::bash::Shell;
use super::source_text::SourceText;

/// The parts of `release.sh` and its like, each of which can be run by itself.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct ReleaseParts {
    /// The folder of the scripts: `build`.
    pub folder: String,
    /// The targets that `release.sh` has make build in a container, in order; empty where tarballs cannot be packed by
    /// themselves.
    pub compiles: Vec<String>,
    /// The targets that it runs in a container only where `KUBE_RELEASE_RUN_TESTS` is `y`.
    pub tests: Vec<String>,
    /// Whether images can be built by themselves (`kube::release::build_server_images`).
    pub builds_images: bool,
    /// The images that those of the release are built on, by the variable that names each.
    pub base_images: BTreeMap<String, String>,
    /// Whether `KUBE_BUILD_PULL_LATEST_IMAGES=n` takes base images as they are.
    pub takes_base_images_as_they_are: bool,
    /// Whether the sources are packed by `git archive`.
    pub archives_by_git: bool,
}

/// The function that packs what was compiled, with the images.
pub(crate) const PACKAGE: &str = "kube::release::package_tarballs";

/// The function that builds images alone.
pub(crate) const IMAGES: &str = "kube::release::build_server_images";

/// The variable of the base of all commands that are linked statically, and have no variable of their own set.
const GENERAL: &str = "KUBE_GORUNNER_IMAGE";

impl ReleaseParts {
    /// Reads them; `folder` is that of the release scripts, whose `common.sh` and `lib/release.sh` the shell has read.
    /// `None` where the scripts cannot be taken apart.
    pub(super) fn read(
        source: &SourceText<'_>,
        folder: &str,
        shell: &Shell<'_>,
    ) -> Result<Option<ReleaseParts>, TreeError> {
        let script = |name: &str| -> Result<String, TreeError> {
            Ok(source
                .read(&format!("{folder}/{name}"))?
                .unwrap_or_default())
        };
        let release = script("release.sh")?;
        let library = script("lib/release.sh")?;
        let (compiles, tests) = if shell.has_function(PACKAGE) && says(&release, PACKAGE) {
            in_container(&release)
        } else {
            Default::default()
        };
        let builds_images = shell.has_function(IMAGES)
            && says(&script("release-images.sh")?, IMAGES)
            && shell
                .array("KUBE_SERVER_IMAGE_TARGETS")
                .is_some_and(|targets| !targets.is_empty());
        if compiles.is_empty() && !builds_images {
            return Ok(None);
        }
        Ok(Some(ReleaseParts {
            folder: folder.to_owned(),
            compiles,
            tests,
            builds_images,
            base_images: base_images(shell),
            takes_base_images_as_they_are: says(&library, "KUBE_BUILD_PULL_LATEST_IMAGES"),
            archives_by_git: says(&library, "git archive"),
        }))
    }
}

/// What the script runs by `kube::build::run_build_command make …`: always, and within `if [[ $KUBE_RELEASE_RUN_TESTS …`.
fn in_container(script: &str) -> (Vec<String>, Vec<String>) {
    let (mut always, mut tests) = (Vec::new(), Vec::new());
    let Ok(command) = Regex::new(r"^kube::build::run_build_command\s+make\s+([a-z0-9_-]+)$") else {
        return (always, tests);
    };
    let mut within = false;
    for line in script.lines().map(str::trim) {
        if line.starts_with("if ") {
            within = line.contains("KUBE_RELEASE_RUN_TESTS");
        } else if line == "fi" {
            within = false;
        } else if let Some(found) = command.captures(line) {
            let target = found[1].to_owned();
            if within {
                tests.push(target);
            } else {
                always.push(target);
            }
        }
    }
    (always, tests)
}

/// Whether a script says something outside its comments.
fn says(script: &str, words: &str) -> bool {
    let mut lines = script.lines().map(str::trim_start);
    lines.any(|line| !line.starts_with('#') && line.contains(words))
}

/// The images that variables of `common.sh` name as a base. `scratch` is no image.
fn base_images(shell: &Shell<'_>) -> BTreeMap<String, String> {
    let is_base = |name: &str| {
        name.starts_with("KUBE")
            && (name.ends_with("_BASE_IMAGE")
                || [GENERAL, "KUBE_BUILD_SETCAP_IMAGE"].contains(&name))
    };
    let is_image = |text: &str| text.contains('/') && text.contains(':') && !text.contains('$');
    let general = shell.first(GENERAL);
    // What follows the general one goes on to follow it, also where the user names another.
    let follows = |name: &str, image: &String| name != GENERAL && Some(image) == general.as_ref();
    shell
        .names()
        .filter(|name| is_base(name))
        .filter_map(|name| Some((name.to_owned(), shell.first(name)?)))
        .filter(|(name, image)| is_image(image) && !follows(name, image))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_in_a_container_is_told_from_what_is_a_test() {
        let script = "kube::build::verify_prereqs\nkube::build::build_image\nkube::build::run_build_command make cross\n\n\
                      if [[ $KUBE_RELEASE_RUN_TESTS =~ ^[yY]$ ]]; then\n  kube::build::run_build_command make test\n  \
                      kube::build::run_build_command make test-integration\nfi\n\nkube::build::copy_output\n";
        let strings = |words: &[&str]| words.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(
            in_container(script),
            (strings(&["cross"]), strings(&["test", "test-integration"]))
        );
        // A command that cannot be read is none: the release is then left to the script as a whole.
        assert_eq!(
            in_container("kube::build::run_build_command make all WHAT=\"${X[*]}\"\n"),
            (Vec::new(), Vec::new())
        );
    }
}
