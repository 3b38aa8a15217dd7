//! The components of a tree: the commands that it builds, and the sets that it sorts them into.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::TreeError;
use super::bash::Shell;
use super::files::EntryKind;
use super::makefile::{MakeTarget, Makefile};
use super::source_text::SourceText;

/// How a component's binary is linked.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Linkage {
    /// Built with `CGO_ENABLED=0`: needs no C compiler and no C library.
    Static,
    /// Built with Go's default: uses C on the builder's own platform, or where a cross compiler is
    /// set.
    Cgo,
}

/// A command that a tree builds.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Component {
    /// The file name of its binary, without `.exe`: `kubectl`, `e2e.test`.
    pub name: String,
    /// What `make all WHAT=…` calls it: `cmd/kubectl`, `vendor/k8s.io/kube-aggregator`,
    /// `test/e2e/e2e.test`.
    pub package: String,
    /// How its binary is linked, except that kubectl for macOS built on macOS always uses cgo.
    pub linkage: Linkage,
    /// Whether `make NAME` builds it; `make all WHAT=PACKAGE` always does.
    pub has_target: bool,
    /// Whether the folder has no main package: the target is there and builds no binary.
    pub is_library: bool,
}

/// The default sets, as `WHAT` names their members.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Sets {
    /// The control plane, and what runs beside it.
    pub server: Vec<String>,
    /// What runs on nodes; empty in trees before 1.6.
    pub node: Vec<String>,
    /// kubectl and its like.
    pub client: Vec<String>,
    /// Test binaries and the tools for them.
    pub test: Vec<String>,
    /// Test binaries for servers; with those that are built on Linux only.
    pub test_server: Vec<String>,
    /// What a release puts into an image each; empty where the tree has no list of its own.
    pub server_images: Vec<String>,
    /// What goes into the conformance image; empty where the tree has no list of its own.
    pub conformance_image: Vec<String>,
    /// What `make` without arguments builds, each once.
    pub all: Vec<String>,
}

impl Sets {
    pub(super) fn read(shell: &Shell<'_>) -> Sets {
        let set = |name: &str| unique(shell.array(name).unwrap_or_default());
        Sets {
            server: set("KUBE_SERVER_TARGETS"),
            node: set("KUBE_NODE_TARGETS"),
            client: set("KUBE_CLIENT_TARGETS"),
            test: set("KUBE_TEST_TARGETS"),
            test_server: set("KUBE_TEST_SERVER_TARGETS"),
            server_images: set("KUBE_SERVER_IMAGE_TARGETS"),
            conformance_image: set("KUBE_CONFORMANCE_IMAGE_TARGETS"),
            all: set("KUBE_ALL_TARGETS"),
        }
    }

    fn packages(&self) -> impl Iterator<Item = &String> {
        [
            &self.server,
            &self.node,
            &self.client,
            &self.test,
            &self.test_server,
            &self.server_images,
            &self.conformance_image,
            &self.all,
        ]
        .into_iter()
        .flatten()
    }
}

fn unique(packages: &[String]) -> Vec<String> {
    let mut unique: Vec<String> = Vec::new();
    for package in packages {
        if !unique.contains(package) {
            unique.push(package.clone());
        }
    }
    unique
}

/// Where commands lie: schedulers below `plugin` before 1.10, the federation before 1.9.
const COMMAND_FOLDERS: [&str; 3] = ["cmd", "plugin/cmd", "federation/cmd"];

/// The components by name: what the Makefile has a target for, what lies in a folder of commands,
/// and the sets' members.
pub(super) fn read(
    source: &SourceText<'_>,
    makefile: &Makefile,
    sets: &Sets,
    shell: &Shell<'_>,
) -> Result<Vec<Component>, TreeError> {
    let mut packages: BTreeMap<String, String> = BTreeMap::new();
    for (name, target) in &makefile.targets {
        if let Some(package) = target.package.as_ref().filter(|_| target.is_command) {
            packages.insert(name.clone(), package.clone());
        }
    }
    for folder in COMMAND_FOLDERS {
        for entry in source.list(folder)? {
            if entry.kind == EntryKind::Folder {
                let package = format!("{folder}/{}", entry.name);
                packages.entry(entry.name).or_insert(package);
            }
        }
    }
    for package in sets.packages() {
        packages
            .entry(last_part(package).to_owned())
            .or_insert_with(|| package.clone());
    }
    packages
        .into_iter()
        .map(|(name, package)| {
            Ok(Component {
                linkage: linkage(&package, shell),
                has_target: makefile
                    .targets
                    .get(&name)
                    .is_some_and(|target| builds(target, &name)),
                is_library: !sets.packages().any(|member| *member == package)
                    && !has_main_package(source, &package)?,
                name,
                package,
            })
        })
        .collect()
}

fn builds(target: &MakeTarget, name: &str) -> bool {
    target
        .package
        .as_ref()
        .is_some_and(|package| last_part(package) == name)
}

pub(super) fn last_part(package: &str) -> &str {
    package.rsplit('/').next().unwrap_or(package)
}

/// `kube::golang::is_statically_linked` compares the path's last part; test binaries are built
/// apart, with Go's default.
fn linkage(package: &str, shell: &Shell<'_>) -> Linkage {
    let is_static = ["KUBE_STATIC_BINARIES", "KUBE_STATIC_LIBRARIES"]
        .iter()
        .filter_map(|name| shell.array(name))
        .flatten()
        .any(|name| name == last_part(package) && package.contains('/'));
    let is_test = package.strip_suffix(".test").is_some();
    if is_static && !is_test {
        Linkage::Static
    } else {
        Linkage::Cgo
    }
}

/// Whether a Go file right in the folder says `package main`.
fn has_main_package(source: &SourceText<'_>, folder: &str) -> Result<bool, TreeError> {
    let name = last_part(folder).replace('-', "_");
    let mut stems: Vec<String> = source
        .list(folder)?
        .iter()
        .filter_map(|entry| entry.name.strip_suffix(".go"))
        .filter(|stem| !stem.ends_with("_test"))
        .map(str::to_owned)
        .collect();
    // The likeliest first: as a rule one file is read. The others count too, for generators leave
    // files of another package, `documentation` say.
    stems.sort_by_key(|stem| *stem != "main" && stem.replace('-', "_") != name);
    for stem in stems {
        let text = source.read(&format!("{folder}/{stem}.go"))?;
        if package_clause(&text.unwrap_or_default()) == Some("main") {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The name behind a Go file's `package`.
fn package_clause(text: &str) -> Option<&str> {
    let mut in_comment = false;
    for line in text.lines().map(str::trim) {
        if in_comment || line.starts_with("/*") {
            in_comment = !line.contains("*/");
        } else if let Some(name) = line.strip_prefix("package ") {
            return name.split_whitespace().next();
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_package_clause_is_not_in_a_comment() {
        let text =
            "/*\npackage wrong\n*/\n\n// package wrong\n//go:build x\npackage main // here\n";
        assert_eq!(package_clause(text), Some("main"));
        assert_eq!(package_clause("/* x */\npackage lib"), Some("lib"));
        assert_eq!(package_clause(""), None);
    }
}
