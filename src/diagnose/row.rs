//! One row of the table.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::Kind;

/// One known failure, as it stands in `diagnoses.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Its name, for tests and documentation.
    pub id: String,
    /// Regular expressions on one line of the log.
    pub patterns: Vec<String>,
    /// Evidence that is needed besides the log, or instead of it.
    pub needs: Option<Needs>,
    /// Where it can be met.
    pub applies: Applies,
    /// When it can be met.
    pub phase: Phase,
    /// What kind of failure it is.
    #[serde(default)]
    pub failure: Failure,
    /// The highest wins.
    pub rank: u8,
    /// What went wrong; a sentence fragment.
    pub cause: String,
    /// What mends it; whole sentences.
    pub fix: String,
    /// What to type.
    pub command: String,
    /// Flags that are the cause: they are dropped from the command line that is proposed.
    #[serde(default)]
    pub without: Vec<String>,
    /// The thread or page that it comes from.
    pub link: String,
    /// Lines of a log that show it; absent where no pattern is.
    pub example: Option<String>,
}

/// Evidence besides the log.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum Needs {
    /// The process was killed: exit code 137, signal 9, or the kernel or the engine says so.
    Killed,
    /// The process was killed, or another row of that failure matched.
    OutOfMemory,
    /// A file system was full when the step had failed.
    DiskFull,
    /// Exit code 0, and an expected artifact is absent.
    MissingArtifact,
}

/// Where a failure can be met.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum Applies {
    /// Everywhere.
    Any,
    /// Only without a container engine.
    Native,
    /// Only where a container engine has a part.
    Docker,
}

/// When a failure can be met.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// While the tree is fetched, or because of what it is.
    Source,
    /// It could have been known before the build.
    Preflight,
    /// While things are built.
    Build,
}

/// What kind of failure a diagnosis found.
#[derive(
    Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, PartialOrd, Serialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// The step failed.
    #[default]
    Step,
    /// What it builds from cannot be had: no network; a version, an image or a part of the tree is missing.
    Source,
    /// It ran out of memory.
    OutOfMemory,
    /// It ran out of disk.
    OutOfDisk,
    /// No container engine answers.
    Engine,
}

impl Failure {
    /// The kind of error, and with it the exit code: 1, 4, 5, 6 or 7.
    pub const fn kind(self) -> Kind {
        match self {
            Failure::Step => Kind::Step,
            Failure::Source => Kind::Source,
            Failure::OutOfMemory => Kind::OutOfMemory,
            Failure::OutOfDisk => Kind::OutOfDisk,
            Failure::Engine => Kind::Engine,
        }
    }
}
