//! What carries steps out.

use std::path::{Path, PathBuf};

use super::native::{Native, Ran};
use super::{RunError, start_error};
use crate::host::Attempt;
use crate::lock::Lock;
use crate::plan::{Plan, Step};
use crate::report::Events;

/// Provides the source, runs a step, collects what it left. A running step ends when the executor's own
/// [`Cancel`](crate::cancel::Cancel) is requested.
pub trait Executor {
    /// Brings the tree to where steps run; nothing where it is there.
    fn provide(&self, plan: &Plan, events: &Events) -> Result<(), RunError>;

    /// The command of a step with what an attempt adds.
    fn argv(&self, step: &Step, attempt: &Attempt) -> Vec<String>;

    /// Runs a step to its end: its output goes into `log` and to the reporter.
    fn run(
        &self,
        step: &Step,
        attempt: &Attempt,
        log: &Path,
        lock: &mut Lock,
        events: &Events,
    ) -> Result<Ran, RunError>;

    /// Brings what a step left behind into the tree on this host.
    fn collect(&self, step: &Step) -> Result<(), RunError>;
}

impl Executor for Native<'_> {
    fn provide(&self, _plan: &Plan, _events: &Events) -> Result<(), RunError> {
        Ok(())
    }

    fn argv(&self, step: &Step, attempt: &Attempt) -> Vec<String> {
        Native::argv(self, step, attempt)
    }

    fn run(
        &self,
        step: &Step,
        attempt: &Attempt,
        log: &Path,
        lock: &mut Lock,
        events: &Events,
    ) -> Result<Ran, RunError> {
        Native::run(self, step, attempt, log, Some(lock), events)
            .map_err(|source| start_error(step, source))
    }

    fn collect(&self, _step: &Step) -> Result<(), RunError> {
        Ok(())
    }
}

/// Where the log of an attempt goes that is not the last one.
pub(super) fn earlier_log(log: &Path, attempt: usize) -> PathBuf {
    log.with_extension(format!("attempt-{attempt}.log"))
}
