//! What a step in a container has that one on the host has not.
//!
//! The recipe is upstream's own since 1.35 (`kube::build::run_build_command_ex` of `build/common.sh`), taken for every
//! version: the image that compiles is run directly, with the tree at upstream's path.

use std::collections::BTreeMap;

use crate::toolchain::GoTraits;
use crate::tree::TreeFacts;

/// What a step in a container takes over from the caller: ways to the network. Files of this machine are not there.
pub(super) const PASSES: &[&str] = &[
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "GOPROXY",
    "GOSUMDB",
    "GONOSUMDB",
    "GIMME_DOWNLOAD_BASE",
];

/// Where Go keeps what it compiled. Trees up to 1.26 overwrite GOCACHE, so there the place is theirs.
pub(super) fn cache(tree: &TreeFacts) -> String {
    match &tree.layout.go_cache {
        Some(folder) if !tree.layout.honours_go_cache => {
            format!("{{source}}/{}", in_container(tree, folder))
        }
        _ => "{cache}/build".to_owned(),
    }
}

/// A folder below the output of a native build, as it is called below that of a container.
fn in_container(tree: &TreeFacts, folder: &str) -> String {
    let (native, container) = (
        output(&tree.layout.binaries),
        output(&tree.layout.dockerized),
    );
    match folder.strip_prefix(native) {
        Some(below) => format!("{container}{below}"),
        None => folder.to_owned(),
    }
}

/// The output folder in which a folder of binaries lies.
fn output(binaries: &str) -> &str {
    binaries.strip_suffix("/bin").unwrap_or(binaries)
}

/// Variables beside those of a native step.
pub(super) fn environment(tree: &TreeFacts, traits: Option<GoTraits>) -> BTreeMap<String, String> {
    let mut environment: BTreeMap<String, String> = [
        ("KUBE_OUTPUT_SUBPATH", output(&tree.layout.dockerized)),
        // The scripts read the machine's memory, and not the container's limit, before they build platforms side by side.
        ("KUBE_PARALLEL_BUILD_MEMORY", "9999"),
        ("GOCACHE", "{cache}/build"),
        ("GOMODCACHE", "{cache}/mod"),
        // The tree belongs to somebody else inside, as Git sees it.
        ("GIT_CONFIG_COUNT", "1"),
        ("GIT_CONFIG_KEY_0", "safe.directory"),
        ("GIT_CONFIG_VALUE_0", "*"),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect();
    if traits.is_some_and(|traits| traits.indexes_packages) {
        // All trees lie at one path in containers and share a cache; Go's index of packages goes by path and time.
        environment.insert("GODEBUG".to_owned(), "goindex=0".to_owned());
    }
    environment
}
