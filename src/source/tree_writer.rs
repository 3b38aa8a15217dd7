//! Writing the files of a commit into a work tree.

use git2::build::CheckoutBuilder;
use git2::{CheckoutNotificationType, Commit, Repository};

use super::error::SourceError;
use super::progress::{Progress, Watch};

/// Makes the work tree of a repository equal to a commit.
pub(super) trait TreeWriter {
    /// Writes what differs, removes what the commit lacks except ignored files, and leaves an index that `git status` finds
    /// nothing to say about. `HEAD` stays.
    fn write(
        &self,
        repository: &Repository,
        commit: &Commit<'_>,
        watch: &mut Watch<'_>,
    ) -> Result<(), git2::Error>;
}

/// libgit2's checkout. It cannot be stopped once it writes.
pub(super) struct Libgit2Writer;

impl TreeWriter for Libgit2Writer {
    fn write(
        &self,
        repository: &Repository,
        commit: &Commit<'_>,
        watch: &mut Watch<'_>,
    ) -> Result<(), git2::Error> {
        let cancel = watch.cancel();
        let mut last_told = 0;
        let mut options = CheckoutBuilder::new();
        options
            .force()
            .remove_untracked(true)
            .notify_on(CheckoutNotificationType::UPDATED)
            .notify(|_, _, _, _, _| !cancel.is_requested())
            .progress(|_, done, total| {
                // A hundred times in all.
                if done == 0 || done == total || done >= last_told + total / 100 {
                    last_told = done;
                    watch.tell(Progress::CheckingOut { done, total });
                }
            });
        repository.checkout_tree(commit.as_object(), Some(&mut options))
    }
}

/// What a failed write means.
pub(super) fn write_error(error: git2::Error, repository: &str, watch: &Watch<'_>) -> SourceError {
    if watch.check().is_err() {
        return watch.cancelled();
    }
    SourceError::git("check out the tree", repository)(error)
}
