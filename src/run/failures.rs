//! Steps that failed while others go on: those of other platforms do not need them.

use super::RunError;
use crate::plan::{Plan, Step};
use crate::report::{Event, Events};

/// What failed so far.
#[derive(Debug, Default)]
pub(super) struct Failures {
    failed: Vec<(String, RunError)>,
}

impl Failures {
    /// A step failed. Where others go on it is told of, for the error itself is shown in the end.
    pub(super) fn add(&mut self, step: &Step, error: RunError, others: bool, events: &Events) {
        if others {
            events.send(Event::Warning {
                message: format!("{error}; the other steps go on"),
            });
        }
        self.failed.push((step.title.clone(), error));
    }

    /// How the run ends by them.
    pub(super) fn verdict(mut self, plan: &Plan) -> Result<(), RunError> {
        let failed = self.failed.iter().map(|(title, _)| title.clone()).collect();
        let several = self.failed.len() > 1;
        let first = self.failed.drain(..).next();
        match first {
            None => Ok(()),
            Some((_, error)) if !several => Err(error),
            Some((_, error)) => Err(RunError::Several {
                failed,
                of: plan.steps.len(),
                source: Box::new(error),
            }),
        }
    }
}
