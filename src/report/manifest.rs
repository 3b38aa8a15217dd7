//! The manifest of a run: all that is needed to know where its artifacts came from, and to make them again.
//!
//! It is written when the run starts and again at every turn, each time by rename, so that it survives a kill.

use std::io;
use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::artifact::Artifact;
use super::event::Failure;
use crate::bytes::Bytes;
use crate::engine::EngineProfile;
use crate::host::{Attempt, HostFacts};
use crate::plan::Plan;
use crate::run::write_whole;

/// The number of the form of manifests; it rises when a field changes its meaning or goes away.
pub const SCHEMA: u32 = 1;

/// The name of the file in the run's folder.
pub const FILE: &str = "manifest.json";

/// How a run stands.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It is under way, or was killed.
    Running,
    /// All that was asked for is there.
    Succeeded,
    /// It failed.
    Failed,
    /// The user stopped it.
    Interrupted,
}

/// Who carries a run out: a process id alone would be given to another process one day.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct ProcessIdentity {
    /// The process id.
    pub pid: u32,
    /// When it started, in clock ticks after boot.
    pub started: u64,
}

/// How a step went.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct StepRecord {
    /// The step's id in the plan.
    pub step: String,
    /// Whether all that it builds was taken from earlier runs, so that it did not run.
    pub reused: bool,
    /// How it was tried; the last one decided.
    pub attempts: Vec<AttemptRecord>,
}

/// One try of a step.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct AttemptRecord {
    /// What this try was given.
    pub attempt: Attempt,
    /// The memory that it was expected to take at the most.
    pub forecast: Option<Bytes>,
    /// The memory that its process tree took at the most.
    pub peak: Bytes,
    /// When it started, RFC 3339 in UTC.
    pub started: String,
    /// How long it ran.
    pub seconds: f64,
    /// The exit code; `None` where a signal ended it.
    pub exit_code: Option<i32>,
    /// How many packages were compiled, where that could be counted.
    pub packages: Option<u64>,
    /// How many there are in all, where nothing was cached when it started.
    pub packages_in_all: Option<u64>,
    /// The command as it ran, with what the attempt added.
    pub argv: Vec<String>,
}

impl AttemptRecord {
    /// Whether it compiled nearly all that there is, so that its memory and time are those of a cold build.
    pub fn was_cold(&self) -> bool {
        match (self.packages, self.packages_in_all) {
            (Some(packages), Some(all)) => packages * 10 >= all * 9,
            _ => false,
        }
    }
}

/// What a run did.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
pub struct Manifest {
    /// The number of this form.
    pub schema: u32,
    /// The version of kubewright.
    pub kubewright: String,
    /// The run's id.
    pub run: String,
    /// Who carries it out.
    pub process: ProcessIdentity,
    /// How it stands.
    pub status: Status,
    /// When it started, RFC 3339 in UTC.
    pub started: String,
    /// How long it took; `None` while it runs.
    pub seconds: Option<f64>,
    /// The command line, as it was typed.
    pub command: Vec<String>,
    /// A command line that builds the same again, anywhere.
    pub reproduce: Option<Vec<String>>,
    /// What was carried out; `None` where the run ended before there was a plan.
    pub plan: Option<Plan>,
    /// The machine; `None` where the run ended before it was looked at.
    pub host: Option<HostFacts>,
    /// The container engine, where steps ran in containers.
    #[serde(default)]
    pub engine: Option<EngineProfile>,
    /// How the steps went.
    pub steps: Vec<StepRecord>,
    /// What is left behind.
    pub artifacts: Vec<Artifact>,
    /// The exit code of kubewright; `None` while it runs.
    pub exit_code: Option<u8>,
    /// What went wrong, where something did.
    pub error: Option<Failure>,
}

impl Manifest {
    /// Reads the manifest in a run's folder.
    pub fn read(folder: &Path) -> io::Result<Manifest> {
        let text = std::fs::read(folder.join(FILE))?;
        Ok(serde_json::from_slice(&text)?)
    }

    /// Writes it into a run's folder, by rename.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        let mut text = serde_json::to_vec_pretty(self)?;
        text.push(b'\n');
        write_whole(&folder.join(FILE), &text)
    }

    /// Brings steps and artifacts into the order of the plan: those that ran at once ended in any.
    pub fn put_in_order(&mut self, plan: &Plan) {
        let place = |id: &str| plan.steps.iter().position(|step| step.id == id);
        self.steps.sort_by_key(|record| place(&record.step));
        self.artifacts.sort_by_key(|artifact| place(&artifact.step));
    }

    /// The record of a step, made where there is none.
    pub fn step(&mut self, step: &str) -> &mut StepRecord {
        let at = self
            .steps
            .iter()
            .position(|record| record.step == step)
            .unwrap_or_else(|| {
                self.steps.push(StepRecord {
                    step: step.to_owned(),
                    reused: false,
                    attempts: Vec::new(),
                });
                self.steps.len() - 1
            });
        &mut self.steps[at]
    }
}
