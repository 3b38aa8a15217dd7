//! The one error at the edge: its kind gives the exit code, its causes are shown as a chain, its hints after a blank line.
//!
//! Every module has a `thiserror` enum of its own that implements [`Explain`]; `?` turns it into [`Error`].

use std::error::Error as StdError;
use std::fmt;

/// What went wrong, in the terms of the published table of exit codes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// A step failed.
    Step,
    /// Usage, configuration, recipe or description.
    Usage,
    /// A check before the start failed: memory, disk, a missing tool or toolchain.
    Preflight,
    /// The source: unknown ref, not a Kubernetes tree, no network.
    Source,
    /// A step ran out of memory.
    OutOfMemory,
    /// A step ran out of disk.
    OutOfDisk,
    /// The container engine cannot be reached.
    Engine,
    /// There are findings: a failed verify, lint, a breaking difference.
    Findings,
    /// A bug in kubewright.
    Bug,
    /// The user interrupted it; the number of the signal.
    Signal(u8),
}

impl Kind {
    /// The process's exit code. One table holds for all verbs; it is part of the command line's interface.
    pub const fn exit_code(self) -> u8 {
        match self {
            Kind::Step => 1,
            Kind::Usage => 2,
            Kind::Preflight => 3,
            Kind::Source => 4,
            Kind::OutOfMemory => 5,
            Kind::OutOfDisk => 6,
            Kind::Engine => 7,
            Kind::Findings => 10,
            Kind::Bug => 70,
            Kind::Signal(number) => 128 + number,
        }
    }
}

/// What a module's error tells the edge beside its message.
pub trait Explain: StdError + Send + Sync + 'static {
    /// The kind, and with it the exit code.
    fn kind(&self) -> Kind;

    /// What to type next; whole sentences or commands in backticks, without the word "hint".
    fn hints(&self) -> Vec<String> {
        Vec::new()
    }

    /// The file that tells more, with its telling line, where there is one.
    fn log(&self) -> Option<String> {
        None
    }
}

/// An error on its way to the user.
#[derive(Debug)]
pub struct Error {
    kind: Kind,
    hints: Vec<String>,
    log: Option<String>,
    source: Box<dyn StdError + Send + Sync>,
}

impl Error {
    /// The kind, and with it the exit code.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// What to type next.
    pub fn hints(&self) -> &[String] {
        &self.hints
    }

    /// The same error with each hint as `change` makes it: the edge knows what the user typed.
    #[must_use]
    pub fn with_hints(mut self, change: impl FnMut(String) -> String) -> Error {
        self.hints = self.hints.into_iter().map(change).collect();
        self
    }

    /// The file that tells more, with its telling line, where there is one.
    pub fn log(&self) -> Option<&str> {
        self.log.as_deref()
    }

    /// The messages from the outermost to the innermost cause; a cause that only repeats its parent is left out.
    pub fn chain(&self) -> Vec<String> {
        let mut messages = vec![self.source.to_string()];
        let mut cause = self.source.source();
        while let Some(error) = cause {
            let message = error.to_string();
            if messages.last().is_some_and(|last| !last.contains(&message)) {
                messages.push(message);
            }
            cause = error.source();
        }
        messages
    }
}

impl<E: Explain> From<E> for Error {
    fn from(error: E) -> Error {
        Error {
            kind: error.kind(),
            hints: error.hints(),
            log: error.log(),
            source: Box::new(error),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(f)
    }
}
