//! The user's own tree, built where it is. Nothing is written into it, nor into its `.git`.

use std::fs;
use std::path::{Path, PathBuf};

use git2::{Commit, Repository};

use super::changes::changes;
use super::checkout::Checkout;
use super::error::SourceError;
use super::progress::Watch;
use super::stamp::stamp;
use super::store::{Store, lock};

/// What every Kubernetes tree since 0.10 has at this place, and none of its parts.
const MARK: &str = "hack/lib/init.sh";

/// The root of the Kubernetes tree that `directory` is or lies in.
pub fn find_root(directory: &Path) -> Option<&Path> {
    directory
        .ancestors()
        .find(|ancestor| ancestor.join(MARK).is_file())
}

/// Opens the tree that `directory` is or lies in; where there is none, the directory as it is.
pub(super) fn open(
    directory: &Path,
    store: &Store,
    purpose: &str,
    watch: &mut Watch<'_>,
) -> Result<Checkout, SourceError> {
    let directory = real_directory(directory)?;
    let root = find_root(&directory).unwrap_or(&directory).to_owned();
    let lock = lock(&store.lock_of_directory(&root), purpose, watch)?;
    let repository = repository(&root)?;
    let changes = match &repository {
        Some(repository) => changes(repository).map_err(unreadable(&root))?,
        None => Vec::new(),
    };
    let stamp = stamp(&root, repository.as_ref(), !changes.is_empty())?;
    let head = repository.as_ref().and_then(head);
    Ok(Checkout {
        repository: root.display().to_string(),
        reference: repository.as_ref().and_then(reference).unwrap_or_default(),
        commit: stamp.commit.clone(),
        tree: head.as_ref().map(|commit| commit.tree_id().to_string()),
        committed_at: head.as_ref().map(|commit| commit.time().seconds()),
        changes,
        stamp,
        in_place: true,
        lock,
        root,
    })
}

/// Without symbolic links, as upstream's scripts see it (`pwd -P`).
fn real_directory(directory: &Path) -> Result<PathBuf, SourceError> {
    let failed = |source| SourceError::Directory {
        path: directory.to_owned(),
        source,
    };
    let real = fs::canonicalize(directory).map_err(failed)?;
    // Tells "not a directory" and "permission denied" apart from what comes later.
    fs::read_dir(&real).map_err(failed)?;
    Ok(real)
}

/// The tree's own repository: a folder, or the file of a linked work tree or submodule. A repository around the tree is not
/// the tree's.
fn repository(root: &Path) -> Result<Option<Repository>, SourceError> {
    if !root.join(".git").exists() {
        return Ok(None);
    }
    Repository::open(root).map(Some).map_err(unreadable(root))
}

fn head(repository: &Repository) -> Option<Commit<'_>> {
    repository.head().ok()?.peel_to_commit().ok()
}

/// The branch, or the commit of a detached head.
fn reference(repository: &Repository) -> Option<String> {
    let head = repository.head().ok()?;
    match head.shorthand() {
        Ok(name) if head.is_branch() => Some(name.to_owned()),
        _ => head.target().map(|id| id.to_string()),
    }
}

fn unreadable(root: &Path) -> impl FnOnce(git2::Error) -> SourceError {
    let path = root.to_owned();
    move |error| SourceError::UnreadableCheckout {
        path,
        cause: error.message().to_owned(),
    }
}
