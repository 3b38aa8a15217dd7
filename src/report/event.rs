//! What happens in a run, as events: the one way in which workers speak.

use std::path::PathBuf;
use std::sync::mpsc;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::bytes::Bytes;
use crate::plan::Plan;
use crate::report::artifact::Artifact;

/// The number of the form of events; it rises when a field changes its meaning or goes away.
pub const SCHEMA: u32 = 1;

/// How many lines of output may wait for the reporter. A step that prints faster than the terminal takes is slowed down,
/// rather than the memory filled.
const MOST_LINES_WAITING: usize = 4096;

/// One line of `events.jsonl`, or of standard output with `--message-format json`.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
pub struct Envelope {
    /// The number of this form.
    pub schema: u32,
    /// When it happened, RFC 3339 in UTC.
    pub time: String,
    /// The run, empty before one is opened.
    pub run: String,
    /// The step it belongs to, where it belongs to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// What happened.
    pub event: Event,
}

/// What happened.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    /// A run has its folder.
    RunStarted {
        /// The run's folder.
        folder: PathBuf,
        /// The command line.
        command: Vec<String>,
    },
    /// Something long before the steps goes on: a fetch, a checkout, a download.
    Progress {
        /// What goes on, for people: `fetching v1.34.1`.
        what: String,
        /// How much of it is done.
        done: u64,
        /// Out of how much, where that is known.
        total: Option<u64>,
        /// What is counted: `objects`, `files`, `bytes`.
        unit: String,
    },
    /// The tree is there.
    SourceReady {
        /// The ref; for a tree that is built in place, its folder.
        reference: String,
        /// The commit, 40 hex digits; `None` where there is no Git.
        commit: Option<String>,
        /// The version that binaries will carry.
        version: Option<String>,
        /// How many paths differ from the commit.
        changes: usize,
        /// How long it took.
        seconds: f64,
    },
    /// The Go is there.
    ToolchainReady {
        /// Its version, without `go`.
        version: String,
        /// Where it comes from, for people.
        origin: String,
    },
    /// The image that steps run in is there.
    ImageReady {
        /// Its name.
        reference: String,
        /// What names its content for good.
        digest: String,
        /// The version of the Go in it, without `go`.
        go: String,
        /// The engine, for people.
        engine: String,
    },
    /// The checks before the start are done.
    Preflight {
        /// What was found, in one line.
        summary: String,
        /// What was chosen for this build, and why, in one line; empty where nothing had to be chosen.
        choice: String,
    },
    /// The plan that will be carried out.
    Planned {
        /// The plan.
        plan: Box<Plan>,
    },
    /// Something the user should know.
    Warning {
        /// A sentence.
        message: String,
    },
    /// Something worth saying that is no warning.
    Note {
        /// A sentence.
        message: String,
    },
    /// A step starts.
    StepStarted {
        /// What it builds.
        title: String,
        /// The command, for people to copy.
        command: String,
        /// Whether what it prints is what was asked for, as it is of `make help`.
        #[serde(default)]
        informs: bool,
    },
    /// One line that the step printed.
    Output {
        /// The line, without its break.
        line: String,
    },
    /// How far the step is.
    StepProgress {
        /// How many packages were compiled.
        packages: u64,
        /// Out of how many; `None` where that is not known.
        total: Option<u64>,
        /// How long it has been running.
        seconds: f64,
        /// What its process tree holds now.
        memory: Bytes,
        /// The most that it held.
        peak: Bytes,
    },
    /// A step ended.
    StepFinished {
        /// The exit code; `None` where a signal ended it.
        exit_code: Option<i32>,
        /// How long it ran.
        seconds: f64,
        /// The most memory that its process tree held.
        peak: Bytes,
    },
    /// An artifact is checked and kept in the run.
    ArtifactReady {
        /// The artifact.
        artifact: Box<Artifact>,
        /// The file that the user is told of: below `--out`, else in the run.
        file: PathBuf,
    },
    /// The run is over.
    RunFinished {
        /// The exit code of kubewright.
        exit_code: u8,
        /// How long it took.
        seconds: f64,
        /// What went wrong, where something did.
        error: Option<Failure>,
    },
}

/// An error as it is reported and kept.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Failure {
    /// What happened.
    pub message: String,
    /// Why, from the outermost to the innermost cause.
    pub causes: Vec<String>,
    /// The file that tells more, with its telling line, where there is one.
    pub log: Option<String>,
    /// What to type next.
    pub hints: Vec<String>,
}

impl From<&crate::error::Error> for Failure {
    fn from(error: &crate::error::Error) -> Failure {
        let mut chain = error.chain();
        let causes = chain.split_off(1);
        Failure {
            message: chain.concat(),
            causes,
            log: error.log().map(str::to_owned),
            hints: error.hints().to_vec(),
        }
    }
}

/// Where workers send events. Clones belong to the same run.
#[derive(Clone, Debug)]
pub struct Events {
    sender: mpsc::Sender<Envelope>,
    waiting: Arc<Waiting>,
    run: String,
    step: Option<String>,
}

#[derive(Debug, Default)]
struct Waiting {
    lines: Mutex<usize>,
    taken: Condvar,
}

/// The reporter's end.
#[derive(Debug)]
pub(super) struct Inbox {
    receiver: mpsc::Receiver<Envelope>,
    waiting: Arc<Waiting>,
}

/// A way from the workers of a run to a reporter; it is closed when the last clone of the sending end is dropped. The run is
/// empty before one is opened.
pub(super) fn channel(run: &str) -> (Events, Inbox) {
    let (sender, receiver) = mpsc::channel();
    let waiting = Arc::new(Waiting::default());
    let events = Events {
        sender,
        waiting: Arc::clone(&waiting),
        run: run.to_owned(),
        step: None,
    };
    (events, Inbox { receiver, waiting })
}

impl Events {
    /// The same way, for what happens in this step.
    #[must_use]
    pub fn of_step(&self, step: &str) -> Events {
        Events {
            step: Some(step.to_owned()),
            ..self.clone()
        }
    }

    /// Sends an event. A line of output waits while the reporter is far behind; nothing else ever waits, so that a step can
    /// be ended whatever the terminal does. Events that nobody listens to any more are dropped.
    pub fn send(&self, event: Event) {
        if matches!(event, Event::Output { .. }) {
            self.wait_for_room();
        }
        let _ = self.sender.send(Envelope {
            schema: SCHEMA,
            time: Timestamp::now().to_string(),
            run: self.run.clone(),
            step: self.step.clone(),
            event,
        });
    }

    fn wait_for_room(&self) {
        let lines = self
            .waiting
            .lines
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let full = |lines: &mut usize| *lines >= MOST_LINES_WAITING;
        let mut lines = self
            .waiting
            .taken
            .wait_while(lines, full)
            .unwrap_or_else(PoisonError::into_inner);
        *lines += 1;
    }
}

impl Inbox {
    /// The next event; `None` when the time is over without one. `Err` when no worker is left.
    pub(super) fn next(&self, patience: std::time::Duration) -> Result<Option<Envelope>, Closed> {
        match self.receiver.recv_timeout(patience) {
            Ok(envelope) => {
                if matches!(envelope.event, Event::Output { .. }) {
                    self.taken();
                }
                Ok(Some(envelope))
            }
            Err(mpsc::RecvTimeoutError::Timeout) => Ok(None),
            Err(mpsc::RecvTimeoutError::Disconnected) => Err(Closed),
        }
    }

    fn taken(&self) {
        let mut lines = self
            .waiting
            .lines
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *lines = lines.saturating_sub(1);
        self.waiting.taken.notify_one();
    }
}

/// No worker is left that could send an event.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Closed;

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_flood_of_lines_waits_but_nothing_else_does() {
        let (events, inbox) = channel("");
        let line = || Event::Output {
            line: "x".to_owned(),
        };
        for _ in 0..MOST_LINES_WAITING {
            events.send(line());
        }
        events.send(Event::Note {
            message: "not blocked".to_owned(),
        });
        let flooding = std::thread::spawn({
            let events = events.clone();
            move || events.send(line())
        });
        drop(events);
        let mut seen = 0;
        while let Ok(Some(_)) = inbox.next(Duration::from_secs(5)) {
            seen += 1;
        }
        flooding.join().unwrap();
        assert_eq!(seen, MOST_LINES_WAITING + 2);
    }
}
