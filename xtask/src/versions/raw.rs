//! Plain make on a tree that kubewright has built, for comparison: cold, with the same Go, and with what that Go needs to be
//! itself.

use std::path::{Path, PathBuf};
use std::time::Instant;

use kubewright::toolchain::{GoTraits, GoVersion};

use super::cell::Tree;
use super::record::Row;
use super::run::{Workshop, remove_output};

/// The seconds that plain make takes; nothing where it fails, or where the tree is not one of kubewright's own checkouts.
pub(super) fn make(workshop: &Workshop, tree: &Tree, row: &Row) -> Option<f64> {
    if matches!(tree, Tree::Folder(_)) || row.cell.executor != "native" {
        return None;
    }
    let folder = workshop.folder(tree)?;
    let version: GoVersion = row.go_used.as_ref()?.parse().ok()?;
    let go = go_root(workshop, &version)?;
    remove_output(&folder);
    // What a build generates beside its output goes too: all that Git ignores.
    duct::cmd!("git", "clean", "-fdXq")
        .dir(&folder)
        .run()
        .ok()?;
    let path = format!("{}/bin:/usr/bin:/bin", go.display());
    let mut command = duct::cmd!("make", &row.cell.component)
        .dir(&folder)
        .full_env([
            ("PATH", path.as_str()),
            ("HOME", "/nonexistent"),
            ("TERM", "dumb"),
        ])
        .env("FORCE_HOST_GO", "y");
    for (name, value) in GoTraits::of(&version).variables(&go.display().to_string()) {
        command = command.env(name, value);
    }
    let started = Instant::now();
    let output = command
        .stdin_null()
        .stdout_null()
        .stderr_null()
        .unchecked()
        .run()
        .ok()?;
    let took = started.elapsed().as_secs_f64();
    (output.status.success() && has_binary(&folder, &row.cell.component)).then_some(took)
}

/// In kubewright's store, else the one on PATH.
fn go_root(workshop: &Workshop, version: &GoVersion) -> Option<PathBuf> {
    let words = ["toolchain", "path", &version.to_string()].map(str::to_owned);
    let output = workshop.kubewright(&words).ok()?;
    let stored = String::from_utf8(output.stdout).ok()?;
    if output.status.success() {
        return Some(PathBuf::from(stored.trim_end()));
    }
    let root = duct::cmd!("go", "env", "GOROOT").read().ok()?;
    Some(PathBuf::from(root.trim_end()))
}

/// Exit code 0 proves nothing: without rsync there is no binary.
fn has_binary(tree: &Path, component: &str) -> bool {
    let platform = kubewright::platform::Platform::host().to_string();
    tree.join("_output/local/bin")
        .join(platform)
        .join(component)
        .is_file()
}
