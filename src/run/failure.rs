//! From a step that failed to an error that says why: the log is scanned for known failures.

use std::fs::File;
use std::io::BufReader;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use super::error::{Flaw, RunError, StepEnd};
use super::native::Ran;
use super::quoted;
use crate::bytes::Bytes;
use crate::diagnose::{Diagnoses, Diagnosis, Evidence, Failure as Kind};
use crate::engine::MemorySign;
use crate::host::FileSystem;
use crate::plan::{Executor, Plan, Step};

/// A file system with less room than this counts as full: the write that failed may have been larger than what is left.
const FULL: Bytes = Bytes::mib(4);

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

/// What a failure in a container is to be judged by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Circumstances {
    /// The limit of its memory.
    pub(super) limit: Option<Bytes>,
    /// The least memory that the step works with.
    pub(super) least: Option<Bytes>,
    /// What is free where the engine keeps containers and volumes, where that can be seen.
    pub(super) data_root: Option<Bytes>,
}

impl Circumstances {
    fn out_of_memory(self, found: Diagnosis, plan: &Plan) -> Diagnosis {
        let cause = match found.id.as_str() {
            "compiler-killed" => "the compiler was killed because the container ran out of memory",
            "killed" => "the container ran out of memory",
            _ => return found,
        };
        let cause = cause.to_owned();
        let Some(limit) = self.limit else {
            return Diagnosis { cause, ..found };
        };
        // A model that was wrong once is not believed again.
        let enough = self.least.filter(|least| *least > limit);
        let enough = enough.unwrap_or(Bytes::mib((limit.0 * 3 / 2).div_ceil(1 << 20)));
        let typed = format!("{}MiB", enough.0.div_ceil(1 << 20));
        Diagnosis {
            cause,
            fix: format!("It builds in {enough} on one job."),
            command: typed_with(plan, &["--jobs", "1", "--memory", &typed]),
            ..found
        }
    }

    /// The disk of the tree has room, so it is the engine's.
    fn out_of_disk(self, found: Diagnosis) -> Diagnosis {
        let free = match self.data_root {
            Some(free) if free >= FULL => return found,
            Some(free) => format!(", {free} are free"),
            None => String::new(),
        };
        Diagnosis {
            cause: format!(
                "the engine's disk is full, where it keeps Go's cache and the container's own files{free}"
            ),
            fix: "Make room on the engine; what kubewright keeps there for later goes first."
                .to_owned(),
            command: "kubewright engine gc --all".to_owned(),
            ..found
        }
    }
}

/// The command line that builds the plan, with these options beside its own.
fn typed_with(plan: &Plan, options: &[&str]) -> String {
    let mut words: Vec<String> = plan.command().iter().map(|word| quoted(word)).collect();
    // Behind `--` stand variables for make.
    let place = words.iter().position(|word| word == "--");
    let place = place.unwrap_or(words.len());
    words.splice(place..place, options.iter().map(ToString::to_string));
    words.join(" ")
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
        let evidence = Evidence {
            disk_full: self.is_disk_full(),
            engine: Some(self.has_engine()),
            build: Some(&build),
            component: self.step.compiles.first().map(String::as_str),
            git_ref: Some(&self.plan.source.reference),
            go: self.plan.toolchain.wanted.as_deref(),
            ..*evidence
        };
        let log = BufReader::new(File::open(&self.log).ok()?);
        let found = Diagnoses::embedded().ok()?.scan(log, &evidence).ok()?;
        found.map(|found| Box::new(self.in_container(found)))
    }

    /// What a diagnosis means in a container: the limit is the container's, and so may the full disk be.
    fn in_container(&self, found: Diagnosis) -> Diagnosis {
        let Some(container) = self.container else {
            return found;
        };
        match found.failure {
            Kind::OutOfMemory => container.out_of_memory(found, self.plan),
            Kind::OutOfDisk if !self.is_disk_full() => container.out_of_disk(found),
            _ => found,
        }
    }

    /// Whether a container engine had a part.
    fn has_engine(&self) -> bool {
        self.step.executor == Executor::Docker || !self.step.collects.is_empty()
    }

    fn is_disk_full(&self) -> bool {
        let folders = [self.source.to_owned(), self.log.clone()];
        FileSystem::probe(&folders)
            .iter()
            .any(|system| system.free < FULL)
    }
}
