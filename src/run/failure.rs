//! From a step that failed to an error that says why: the log is scanned for known failures.

use std::fs::File;
use std::io::BufReader;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use super::circumstances::{Circumstances, FULL};
use super::error::{Flaw, RunError, StepEnd};
use super::native::Ran;
use super::quoted;
use crate::diagnose::{Diagnoses, Diagnosis, Evidence};
use crate::engine::MemorySign;
use crate::host::FileSystem;
use crate::plan::{Executor, Plan, Step};

/// What failed, and where to look for the reason.
pub(super) struct Failure<'a> {
    pub(super) plan: &'a Plan,
    pub(super) step: &'a Step,
    /// The tree.
    pub(super) source: &'a Path,
    /// The log of the step.
    pub(super) log: PathBuf,
    /// What is known of the container that it ran in, if it did.
    pub(super) container: Option<Circumstances>,
}

impl Failure<'_> {
    /// Why the process of the step did not end well, where that is known.
    pub(super) fn diagnose_process(
        &self,
        status: ExitStatus,
        out_of_memory: bool,
    ) -> Option<Box<Diagnosis>> {
        self.diagnose(&Evidence {
            exit_code: status.code(),
            signal: status.signal(),
            oom_killed: out_of_memory,
            ..Evidence::default()
        })
    }

    /// The process of the step did not end well.
    pub(super) fn of_process(
        self,
        command: String,
        ran: &Ran,
        diagnosis: Option<Box<Diagnosis>>,
    ) -> RunError {
        let status = ran.ended.status;
        let circumstances = self.said_of(ran.out_of_memory);
        RunError::Step {
            diagnosis,
            title: self.step.title.clone(),
            log: self.log,
            source: match status.signal() {
                Some(signal) => StepEnd::Signal { command, signal },
                None => StepEnd::Exit {
                    command,
                    code: status.code().unwrap_or_default(),
                    circumstances,
                },
            },
        }
    }

    /// What stands behind the exit code: `; the engine reports OOMKilled; memory limit 300 MiB`.
    fn said_of(&self, sign: Option<MemorySign>) -> String {
        let sign = sign.map(|sign| format!("; {sign}"));
        let limit = self.container.and_then(|container| container.limit);
        let limit = limit.map(|limit| format!("; memory limit {limit}"));
        sign.into_iter().chain(limit).collect()
    }

    /// The process ended well, but left something else behind than it was to.
    pub(super) fn of_artifact(self, path: String, flaw: Flaw) -> RunError {
        let evidence = Evidence {
            exit_code: Some(0),
            missing_artifact: matches!(flaw, Flaw::Missing | Flaw::Empty),
            ..Evidence::default()
        };
        RunError::Artifact {
            diagnosis: self.diagnose(&evidence),
            title: self.step.title.clone(),
            path,
            log: self.log,
            source: Box::new(flaw),
        }
    }

    fn diagnose(&self, evidence: &Evidence<'_>) -> Option<Box<Diagnosis>> {
        let build: Vec<String> = self
            .plan
            .command()
            .iter()
            .map(|word| quoted(word))
            .collect();
        let build = build.join(" ");
        let full = self.full_disk();
        let evidence = Evidence {
            disk_full: full.is_some(),
            engine: Some(self.has_engine()),
            build: Some(&build),
            component: self.step.compiles.first().map(String::as_str),
            git_ref: Some(&self.plan.source.reference),
            go: self.plan.toolchain.wanted.as_deref(),
            ..*evidence
        };
        let log = BufReader::new(File::open(&self.log).ok()?);
        let found = Diagnoses::embedded().ok()?.scan(log, &evidence).ok()??;
        Some(Box::new(match self.container {
            Some(container) => container.explain(found, self.plan, self.step, full.as_ref()),
            None => found,
        }))
    }

    /// Whether a container engine had a part.
    fn has_engine(&self) -> bool {
        self.step.executor == Executor::Docker || !self.step.collects.is_empty()
    }

    /// A file system of this machine that the step writes to, and that has no room left.
    fn full_disk(&self) -> Option<FileSystem> {
        let folders = [self.source.to_owned(), self.log.clone()];
        FileSystem::probe(Path::new("/"), &folders)
            .into_iter()
            .find(|system| system.free < FULL)
    }
}
