//! What a step in a container has that one on the host has not.
//!
//! The recipe is upstream's own since 1.35 (`kube::build::run_build_command_ex` of `build/common.sh`), taken for every
//! version: the image that compiles is run directly, with the tree at upstream's path.

use std::collections::BTreeMap;

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

/// Keeps Go from asking Git for the commit: there is no Git directory where the tree was sent, and where it is mounted, it
/// may point outside. What is built must not depend on which of the two it is. Go before 1.18 asks nobody, and does not know
/// the flag.
pub(super) fn leave_git_out(argv: &mut Vec<String>, go: &str) {
    const FLAG: &str = "-buildvcs=false";
    let mut parts = go.split('.').map(|part| part.parse().unwrap_or(0));
    let version: (u32, u32) = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    if version < (1, 18) {
        return;
    }
    match argv.iter_mut().find(|word| word.starts_with("GOFLAGS=")) {
        Some(word) if word.contains("-buildvcs") => {}
        Some(word) if word.ends_with('=') => word.push_str(FLAG),
        Some(word) => *word = format!("{word} {FLAG}"),
        None => argv.push(format!("GOFLAGS={FLAG}")),
    }
}

/// Variables beside those of a native step.
pub(super) fn environment(tree: &TreeFacts) -> BTreeMap<String, String> {
    [
        ("KUBE_OUTPUT_SUBPATH", output(&tree.layout.dockerized)),
        // The scripts read the machine's memory, and not the container's limit, before they build platforms side by side.
        ("KUBE_PARALLEL_BUILD_MEMORY", "9999"),
        ("GOCACHE", "{cache}/build"),
        ("GOMODCACHE", "{cache}/mod"),
        // All trees lie at one path in containers and share a cache; Go's index of packages goes by path and time.
        ("GODEBUG", "goindex=0"),
        // The tree belongs to somebody else inside, as Git sees it.
        ("GIT_CONFIG_COUNT", "1"),
        ("GIT_CONFIG_KEY_0", "safe.directory"),
        ("GIT_CONFIG_VALUE_0", "*"),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flags(go: &str, argv: &[&str]) -> Vec<String> {
        let mut argv: Vec<String> = argv.iter().map(ToString::to_string).collect();
        leave_git_out(&mut argv, go);
        argv
    }

    #[test]
    fn git_is_left_out_where_go_would_ask_it() {
        assert_eq!(
            flags("1.25.1", &["make"]),
            ["make", "GOFLAGS=-buildvcs=false"]
        );
        assert_eq!(
            flags("1.25.1", &["make", "GOFLAGS=-tags=a"]),
            ["make", "GOFLAGS=-tags=a -buildvcs=false"]
        );
        assert_eq!(flags("1.17.3", &["make"]), ["make"]);
        let said = ["make", "GOFLAGS=-buildvcs=true"];
        assert_eq!(flags("1.25.1", &said), said);
    }
}
