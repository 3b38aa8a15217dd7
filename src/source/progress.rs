//! What getting a tree tells while it works, and how it hears that it is to stop.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::cancel::Cancel;
use crate::lock::Holder;

use super::error::SourceError;

/// One thing that happened while a tree was provided. Nothing here is needed for the result.
#[derive(Clone, Debug, PartialEq)]
pub enum Progress {
    /// Another process works on the mirror or in the checkout.
    Waiting {
        /// Who it is.
        holder: Holder,
    },
    /// The repository is asked for its references.
    Listing {
        /// The repository, without credentials.
        repository: String,
    },
    /// Objects arrive.
    Fetching(Transfer),
    /// History is fetched this deep, in the search for the version tag that a commit descends from.
    Deepening {
        /// The number of commits from the tip.
        depth: u32,
    },
    /// The repository does not hand out single commits: all of its branches are fetched.
    FetchingBranches,
    /// The network failed; it is tried again.
    Retrying {
        /// The number of the try that follows, from 2.
        attempt: u32,
        /// What failed.
        cause: String,
    },
    /// The mirror was damaged and is made again.
    RemakingMirror {
        /// Where it is.
        path: PathBuf,
        /// What is wrong with it.
        cause: String,
    },
    /// Files are written.
    CheckingOut {
        /// Files written so far.
        done: usize,
        /// Files to write.
        total: usize,
    },
    /// Files that somebody changed in a checkout of the store are put back.
    Restoring {
        /// The lines of `git status --porcelain` for them.
        changes: Vec<String>,
    },
}

/// How far a fetch is.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Transfer {
    /// Objects that will arrive; 0 while it is not known.
    pub total_objects: usize,
    /// Objects that arrived.
    pub received_objects: usize,
    /// Objects that are in the index already; it follows `received_objects`.
    pub indexed_objects: usize,
    /// Bytes that arrived.
    pub received_bytes: u64,
}

/// The two ends of a piece of work: where it tells of itself, and who may stop it.
pub(super) struct Watch<'a> {
    cancel: &'a Cancel,
    progress: &'a mut dyn FnMut(Progress),
    started: Instant,
    waited: Duration,
}

impl<'a> Watch<'a> {
    /// A watch that tells `progress` and listens to `cancel`.
    pub(super) fn new(cancel: &'a Cancel, progress: &'a mut dyn FnMut(Progress)) -> Watch<'a> {
        Watch {
            cancel,
            progress,
            started: Instant::now(),
            waited: Duration::ZERO,
        }
    }

    /// Tells.
    pub(super) fn tell(&mut self, progress: Progress) {
        (self.progress)(progress);
    }

    /// How long it took so far, without the time that others were waited for.
    pub(super) fn took(&self) -> Duration {
        self.started.elapsed().saturating_sub(self.waited)
    }

    /// Adds to the time that others were waited for.
    pub(super) fn has_waited(&mut self, time: Duration) {
        self.waited += time;
    }

    /// The wish to stop.
    pub(super) fn cancel(&self) -> &'a Cancel {
        self.cancel
    }

    /// The error [`SourceError::Cancelled`] once somebody asked to stop.
    pub(super) fn check(&self) -> Result<(), SourceError> {
        if self.cancel.is_requested() {
            return Err(self.cancelled());
        }
        Ok(())
    }

    /// The error for work that was given up on request.
    pub(super) fn cancelled(&self) -> SourceError {
        SourceError::Cancelled {
            signal: self.cancel.signal(),
        }
    }
}
