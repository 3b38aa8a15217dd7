//! The user's own tree, built where it is. Nothing is written into it, nor into its `.git`.

use std::fs;
use std::path::{Path, PathBuf};

use git2::{Commit, ErrorCode, Repository, RepositoryOpenFlags};

use super::Options;
use super::changes::changes;
use super::checkout::Checkout;
use super::error::SourceError;
use super::progress::Watch;
use super::stamp::stamp;
use super::store::{Store, lock_for};

/// What every Kubernetes tree since 0.10 has at this place, and none of its parts.
const MARK: &str = "hack/lib/init.sh";

/// Nothing above the repository is searched, so nothing need limit the search.
const NO_CEILINGS: [&str; 0] = [];

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
    options: &Options,
    watch: &mut Watch<'_>,
) -> Result<Checkout, SourceError> {
    let directory = real_directory(directory)?;
    let root = find_root(&directory).unwrap_or(&directory).to_owned();
    let lock = lock_for(&store.lock_of_directory(&root), options, watch, || true)?;
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
        took: watch.took(),
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
    open_trusted(root).map(Some).map_err(unreadable(root))
}

/// Opens a repository of whichever user is trusted. libgit2 reads `safe.directory` from the files that
/// `GIT_CONFIG_GLOBAL` and `GIT_CONFIG_SYSTEM` name only where it follows Git's environment in everything else, too
/// (`GIT_INDEX_FILE`), which is done only where nothing else helps.
pub(super) fn open_trusted(root: &Path) -> Result<Repository, git2::Error> {
    match Repository::open(root) {
        Err(error) if error.code() == ErrorCode::Owner => {
            let flags = RepositoryOpenFlags::FROM_ENV | RepositoryOpenFlags::NO_SEARCH;
            Repository::open_ext(root, flags, NO_CEILINGS)
        }
        opened => opened,
    }
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
    move |error| match error.code() {
        ErrorCode::Owner => SourceError::ForeignOwner { path },
        _ => SourceError::UnreadableCheckout {
            path,
            cause: error.message().to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use git2::{Error, ErrorClass};

    use super::*;
    use crate::error::Explain;

    #[test]
    fn a_tree_of_another_user_says_how_to_trust_it() {
        let error = Error::new(ErrorCode::Owner, ErrorClass::Config, "not owned");
        let error = unreadable(Path::new("/my trees/k8s"))(error);
        assert_eq!(
            error.hints(),
            ["trust it: `git config --global --add safe.directory '/my trees/k8s'`"]
        );
    }
}
