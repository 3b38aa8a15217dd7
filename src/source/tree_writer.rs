//! Writing the files of a commit into a work tree.

use std::path::Path;

use git2::build::CheckoutBuilder;
use git2::{CheckoutNotificationType, Oid, Repository};

use super::error::SourceError;
use super::progress::{Progress, Watch};

/// Makes the work tree of a repository equal to a commit.
pub(super) trait TreeWriter {
    /// Writes what differs, removes what the commit lacks except ignored files, and leaves an index that `git status` finds
    /// nothing to say about. `HEAD` stays. `display` is the repository for people, which a damage is blamed on.
    fn write(
        &self,
        root: &Path,
        commit: Oid,
        display: &str,
        watch: &mut Watch<'_>,
    ) -> Result<(), SourceError>;
}

/// libgit2's checkout. It cannot be stopped once it writes.
pub(super) struct Libgit2Writer;

impl TreeWriter for Libgit2Writer {
    fn write(
        &self,
        root: &Path,
        commit: Oid,
        display: &str,
        watch: &mut Watch<'_>,
    ) -> Result<(), SourceError> {
        let written = check_out(root, commit, watch);
        written.map_err(|error| match watch.check() {
            Err(cancelled) => cancelled,
            Ok(()) => SourceError::git(CHECK_OUT, display)(error),
        })
    }
}

/// What an error says was tried.
pub(super) const CHECK_OUT: &str = "check out the tree";

fn check_out(root: &Path, commit: Oid, watch: &mut Watch<'_>) -> Result<(), git2::Error> {
    let cancel = watch.cancel();
    let mut told = Told::default();
    let mut options = CheckoutBuilder::new();
    options
        .force()
        .remove_untracked(true)
        .notify_on(CheckoutNotificationType::UPDATED)
        .notify(|_, _, _, _, _| !cancel.is_requested())
        .progress(|_, done, total| told.tell(done, total, watch));
    let repository = Repository::open(root)?;
    let commit = repository.find_commit(commit)?;
    repository.checkout_tree(commit.as_object(), Some(&mut options))
}

/// How much of the writing was told.
#[derive(Default)]
pub(super) struct Told(usize);

impl Told {
    /// Tells a hundred times in all.
    pub(super) fn tell(&mut self, done: usize, total: usize, watch: &mut Watch<'_>) {
        if done == 0 || done == total || done >= self.0 + total / 100 {
            self.0 = done;
            watch.tell(Progress::CheckingOut { done, total });
        }
    }
}
