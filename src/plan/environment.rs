//! The environment of a step: all that its process finds there, save what it takes over from the caller.

use std::collections::BTreeMap;

use super::container;
use super::equipment::Executor;
use super::identity::{SourceIdentity, ToolchainIdentity};
use crate::toolchain::{GoTraits, GoVersion};
use crate::tree::{RemarkKind, TreeFacts};

/// The environment of any step, by what the tree and its Go know.
pub(super) fn environment(
    source: &SourceIdentity,
    tree: &TreeFacts,
    toolchain: &ToolchainIdentity,
    executor: Executor,
) -> BTreeMap<String, String> {
    let mut environment: BTreeMap<String, String> = [
        // The Go of the build stands first on PATH, so none is to be downloaded.
        ("PATH", "{toolchain}/bin:{path}"),
        ("FORCE_HOST_GO", "y"),
        ("HOME", "{home}"),
        // Scripts of the tree call tput, and parse what tools print.
        ("TERM", "dumb"),
        ("LC_ALL", "C"),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect();
    let variables = traits(toolchain).map(|traits| traits.variables("{toolchain}"));
    let variables = variables.into_iter().flatten();
    environment.extend(variables.map(|(name, value)| (name.to_owned(), value)));
    let time = source
        .committed_at
        .map(|time| ("SOURCE_DATE_EPOCH".to_owned(), time.to_string()));
    environment.extend(time);
    if has_version_file(source, tree) {
        environment.insert(
            "KUBE_GIT_VERSION_FILE".to_owned(),
            "{run}/version".to_owned(),
        );
    }
    if tree.takes_flags_for_tags {
        // A tag that the scripts set themselves, so that they find one where they look for it.
        environment.insert("GOFLAGS".to_owned(), "-tags=selinux".to_owned());
    }
    if lacks_go_version(tree) {
        // The scripts read the missing file unless they are told.
        environment.insert("GO_VERSION".to_owned(), toolchain.version.clone());
    }
    if executor == Executor::Docker {
        environment.extend(container::environment(tree, traits(toolchain)));
    }
    environment
}

/// Keeps Go from writing into binaries what Git says of the folder that they are built in: which tags are there, whether it
/// is clean. The stamp says it by upstream's rules, and the same key shall give the same bytes in every folder. Official
/// binaries lack it too: they are built without `.git`.
pub(super) fn compiling(
    mut environment: BTreeMap<String, String>,
    toolchain: &ToolchainIdentity,
) -> BTreeMap<String, String> {
    if traits(toolchain).is_some_and(|traits| traits.stamps_vcs) {
        let planned = environment.remove("GOFLAGS").into_iter();
        let flags: Vec<_> = ["-buildvcs=false".to_owned()]
            .into_iter()
            .chain(planned)
            .collect();
        environment.insert("GOFLAGS".to_owned(), flags.join(" "));
    }
    environment
}

fn lacks_go_version(tree: &TreeFacts) -> bool {
    let mut remarks = tree.remarks.iter();
    remarks.any(|remark| remark.kind == RemarkKind::GoVersionFileMissing)
}

/// What is special about the Go of the build; `None` where its version cannot be read.
fn traits(toolchain: &ToolchainIdentity) -> Option<GoTraits> {
    let version: GoVersion = toolchain.version.parse().ok()?;
    Some(GoTraits::of(&version))
}

/// Whether the version is handed to the tree's scripts in a file, so that they need not ask Git.
pub(super) fn has_version_file(source: &SourceIdentity, tree: &TreeFacts) -> bool {
    source.stamp.version.is_some() && tree.honours_git_version_file
}
