//! Why a run did not end well.

use std::io;
use std::path::PathBuf;

use crate::diagnose::Diagnosis;
use crate::engine::EngineError;
use crate::error::{Explain, Kind};

/// Why a run did not end well.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A step's process failed.
    #[error("{title} did not build{}", .diagnosis.as_ref().map(|diagnosis| format!(": {}", diagnosis.cause)).unwrap_or_default())]
    Step {
        /// What it was to build.
        title: String,
        /// The cause, where it is a known one.
        diagnosis: Option<Box<Diagnosis>>,
        /// The log of the step.
        log: PathBuf,
        /// How the process ended.
        source: StepEnd,
    },
    /// The step ended well, but what it was to leave behind is not right.
    #[error("{title} ended well, but `{path}` is not what it was to build")]
    Artifact {
        /// What it was to build.
        title: String,
        /// The file, relative to the tree.
        path: String,
        /// The cause, where it is a known one.
        diagnosis: Option<Box<Diagnosis>>,
        /// The log of the step.
        log: PathBuf,
        /// What is wrong with it.
        source: Box<Flaw>,
    },
    /// Several steps failed, and others went on meanwhile.
    #[error("{} of {of} steps failed: {}", .failed.len(), .failed.join(", "))]
    Several {
        /// What they were to build.
        failed: Vec<String>,
        /// How many steps there were.
        of: usize,
        /// Why the first failed.
        source: Box<RunError>,
    },
    /// The container engine did not do what a step needs.
    #[error(transparent)]
    Engine(EngineError),
    /// A signal.
    #[error("interrupted by {}", signal_name(*.0))]
    Interrupted(u8),
    /// What was built cannot be put where the user wants it.
    #[error("{title} was built, and cannot be copied to `{}`", .to.display())]
    NotHandedOver {
        /// What was built.
        title: String,
        /// Where it was to go.
        to: PathBuf,
        /// Where it is.
        kept: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A file of the run cannot be written or read.
    #[error("cannot {action} `{path}`")]
    Io {
        /// What was tried.
        action: &'static str,
        /// With what.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

/// How a step's process ended.
#[derive(Debug, thiserror::Error)]
pub enum StepEnd {
    /// With an exit code.
    #[error("step `{command}` exited with {code}{circumstances}")]
    Exit {
        /// The command.
        command: String,
        /// The code.
        code: i32,
        /// What else is known, each part behind a semicolon.
        circumstances: String,
    },
    /// By a signal.
    #[error("step `{command}` was ended by {}", signal_name(u8::try_from(*.signal).unwrap_or_default()))]
    Signal {
        /// The command.
        command: String,
        /// The signal's number.
        signal: i32,
    },
}

/// What is wrong with an artifact.
#[derive(Debug, thiserror::Error)]
pub enum Flaw {
    /// There is no such file.
    #[error("there is no such file")]
    Missing,
    /// The folder in which at least one file was expected has none that the step wrote.
    #[error("the step wrote no file there")]
    Empty,
    /// It was there before, and no earlier run of the same key vouches for it.
    #[error("it is older than the start of the step, and no earlier run recorded it")]
    Stale,
    /// It cannot be read as an executable.
    #[error("it is no executable")]
    Unreadable(#[source] crate::run::executable::ExecutableError),
    /// It is for another platform.
    #[error("it is an executable for {found}, not for {expected}")]
    Platform {
        /// What it is for.
        found: String,
        /// What was asked for.
        expected: String,
    },
    /// It is linked in another way than the tree's rule says.
    #[error("it is linked {found}, where the tree's rule says {expected}")]
    Linkage {
        /// How it is linked.
        found: &'static str,
        /// What the tree says.
        expected: &'static str,
    },
    /// Another Go built it.
    #[error("it was built by {found} instead of go{expected}")]
    Toolchain {
        /// What built it.
        found: String,
        /// What should have.
        expected: String,
    },
    /// It is an archive of images, and not a sound one.
    #[error("it is no sound archive of images")]
    NoImages(#[source] crate::report::image_archive::ImageArchiveError),
    /// It cannot be copied into the run's folder.
    #[error("it cannot be copied to `{to}`")]
    NotKept {
        /// Where to.
        to: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// It lacks the version.
    #[error("it does not carry the version {version}")]
    Stamp {
        /// The version of the plan.
        version: String,
    },
}

impl RunError {
    /// Whether other steps may end well all the same: it is this step's own failure.
    pub(super) fn is_of_one_step(&self) -> bool {
        matches!(self, RunError::Step { .. } | RunError::Artifact { .. })
    }

    fn diagnosis(&self) -> Option<&Diagnosis> {
        match self {
            RunError::Step { diagnosis, .. } | RunError::Artifact { diagnosis, .. } => {
                diagnosis.as_deref()
            }
            RunError::Several { source, .. } => source.diagnosis(),
            RunError::Engine(_)
            | RunError::Interrupted(_)
            | RunError::NotHandedOver { .. }
            | RunError::Io { .. } => None,
        }
    }
}

impl From<EngineError> for RunError {
    fn from(error: EngineError) -> RunError {
        match error {
            EngineError::Interrupted(signal) => RunError::Interrupted(signal),
            error => RunError::Engine(error),
        }
    }
}

impl Explain for RunError {
    fn kind(&self) -> Kind {
        match self {
            RunError::Interrupted(signal) => Kind::Signal(*signal),
            RunError::Several { source, .. } => source.kind(),
            RunError::Engine(error) => error.kind(),
            RunError::Io { source, .. } | RunError::NotHandedOver { source, .. }
                if source.kind() == io::ErrorKind::StorageFull =>
            {
                Kind::OutOfDisk
            }
            RunError::NotHandedOver { .. } => Kind::Preflight,
            RunError::Io { .. } => Kind::Step,
            RunError::Step { .. } | RunError::Artifact { .. } => self
                .diagnosis()
                .map_or(Kind::Step, |diagnosis| diagnosis.failure.kind()),
        }
    }

    fn hints(&self) -> Vec<String> {
        let Some(diagnosis) = self.diagnosis() else {
            return match self {
                RunError::Step { .. } | RunError::Artifact { .. } => {
                    vec!["`kubewright logs` prints all that the step said".to_owned()]
                }
                RunError::NotHandedOver { kept, .. } => vec![format!(
                    "it is kept as `{}`, until `kubewright runs gc` removes it",
                    kept.display()
                )],
                RunError::Io { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                    vec!["make room: `kubewright runs gc`, `kubewright source gc`".to_owned()]
                }
                RunError::Engine(error) => error.hints(),
                RunError::Several { source, .. } => source.hints(),
                RunError::Interrupted(_) | RunError::Io { .. } => Vec::new(),
            };
        };
        vec![format!(
            "{}: `{}`",
            diagnosis.fix.trim_end_matches('.'),
            diagnosis.command
        )]
    }

    fn log(&self) -> Option<String> {
        let log = match self {
            RunError::Step { log, .. } | RunError::Artifact { log, .. } => log,
            RunError::Several { source, .. } => return source.log(),
            _ => return None,
        };
        let line = self.diagnosis().and_then(|diagnosis| {
            diagnosis
                .line_number
                .map(|number| format!(", line {number}: {}", diagnosis.line.trim()))
        });
        Some(format!("{}{}", log.display(), line.unwrap_or_default()))
    }
}

fn signal_name(number: u8) -> String {
    match number {
        1 => "SIGHUP".to_owned(),
        2 => "SIGINT".to_owned(),
        3 => "SIGQUIT".to_owned(),
        9 => "SIGKILL".to_owned(),
        13 => "SIGPIPE".to_owned(),
        15 => "SIGTERM".to_owned(),
        number => format!("signal {number}"),
    }
}
