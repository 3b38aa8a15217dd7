//! Going on after a step ran out of memory: with fewer jobs, then with one that collects its garbage early. What was compiled
//! stays in Go's cache, so each try begins where the last one ended.

use std::path::Path;

use super::RunError;
use super::executor::earlier_log;
use crate::diagnose::{Diagnosis, Failure};
use crate::host::Attempt;
use crate::plan::Step;

/// How early the collector starts when nothing else helps; the same as the memory model chooses.
const SCARCE: u32 = 50;
const SCARCEST: u32 = 25;

/// Whether that is what a step failed of.
pub(super) fn ran_out_of_memory(diagnosis: Option<&Diagnosis>) -> bool {
    diagnosis.is_some_and(|diagnosis| diagnosis.failure == Failure::OutOfMemory)
}

/// What to try next; `None` where nothing takes less.
pub(super) fn next(attempt: Attempt) -> Option<Attempt> {
    let alone = Attempt {
        jobs: 1,
        gomaxprocs: 1,
        gogc: attempt.gogc,
    };
    match (attempt.jobs, attempt.gogc) {
        (2.., _) => Some(Attempt {
            jobs: attempt.jobs / 2,
            ..attempt
        }),
        (_, None) => Some(Attempt {
            gogc: Some(SCARCE),
            ..alone
        }),
        (_, Some(gogc)) if gogc > SCARCEST => Some(Attempt {
            gogc: Some(SCARCEST),
            ..alone
        }),
        _ => None,
    }
}

/// What the user is told of it.
pub(super) fn said(step: &Step, next: Attempt) -> String {
    let jobs = match next.jobs {
        1 => "one job".to_owned(),
        jobs => format!("{jobs} jobs"),
    };
    let collector = next
        .gogc
        .map(|percent| format!(" and GOGC={percent}, which is slow"))
        .unwrap_or_default();
    format!(
        "{} ran out of memory and goes on with {jobs}{collector}; what was compiled is kept",
        step.title
    )
}

/// Keeps the log of a try that is followed by another.
pub(super) fn set_log_aside(log: &Path, attempt: usize) -> Result<(), RunError> {
    let aside = earlier_log(log, attempt);
    std::fs::rename(log, &aside).map_err(|source| RunError::Io {
        action: "write",
        path: aside,
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_try_takes_less_than_the_one_before() {
        let mut attempt = Attempt {
            jobs: 6,
            gomaxprocs: 6,
            gogc: None,
        };
        let mut tries = Vec::new();
        while let Some(next) = next(attempt) {
            tries.push((next.jobs, next.gomaxprocs, next.gogc));
            attempt = next;
        }
        assert_eq!(
            tries,
            [
                (3, 6, None),
                (1, 6, None),
                (1, 1, Some(50)),
                (1, 1, Some(25))
            ]
        );
    }
}
