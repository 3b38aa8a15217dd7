//! Steps that failed while others go on: those of other platforms do not need them.

use super::RunError;
use crate::plan::{Plan, Step};
use crate::report::{Event, Events};

/// What failed so far.
#[derive(Debug, Default)]
pub(super) struct Failures {
    /// The steps that failed or were left out, by their ids.
    gone: Vec<String>,
    failed: Vec<(String, RunError)>,
}

impl Failures {
    /// Whether a step needs one that is not there. It is left out then, and so is what needs it.
    pub(super) fn stand_in_the_way_of(&mut self, step: &Step) -> bool {
        let is_gone = step.needs.iter().any(|need| self.gone.contains(need));
        if is_gone {
            self.gone.push(step.id.clone());
        }
        is_gone
    }

    /// A step failed. What is yet to come is told of, for the error itself is shown in the end.
    pub(super) fn add(&mut self, step: &Step, error: RunError, plan: &Plan, events: &Events) {
        self.gone.push(step.id.clone());
        let behind = plan.steps.iter().skip_while(|other| other.id != step.id);
        let mut others = behind.skip(1);
        if others.any(|other| other.needs.iter().all(|need| !self.gone.contains(need))) {
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
