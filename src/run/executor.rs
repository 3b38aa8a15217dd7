//! What carries steps out.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::native::{Native, Ran};
use super::{Allotment, RunError, start_error};
use crate::host::Attempt;
use crate::lock::Lock;
use crate::plan::{Plan, Step};
use crate::report::Events;

/// Provides the source, runs a step, collects what it left. A running step ends when the executor's own
/// [`Cancel`](crate::cancel::Cancel) is requested. Several threads ask one executor to run several steps.
pub trait Executor: Sync {
    /// Brings the tree to where steps run; nothing where it is there.
    fn provide(&self, plan: &Plan, events: &Events) -> Result<(), RunError>;

    /// The command of a step with what an attempt adds.
    fn argv(&self, step: &Step, attempt: &Attempt) -> Vec<String>;

    /// Runs a step to its end: its output goes into `log` and to the reporter. What a step leaves that has company
    /// (`at_once` of its allotment) is brought into the tree here, too.
    fn run(
        &self,
        step: &Step,
        allotment: &Allotment,
        log: &Path,
        lock: &Mutex<&mut Lock>,
        events: &Events,
    ) -> Result<Ran, RunError>;

    /// Brings what a step left behind that ran alone into the tree on this host.
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
        allotment: &Allotment,
        log: &Path,
        lock: &Mutex<&mut Lock>,
        events: &Events,
    ) -> Result<Ran, RunError> {
        // Nobody else wants it: a step on this host has no company.
        let mut lock = lock.lock().unwrap_or_else(PoisonError::into_inner);
        Native::run(self, step, &allotment.attempt, log, Some(&mut lock), events)
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
