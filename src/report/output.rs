//! Standard output and error of verbs that run no steps: data and errors.

use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};

use super::{Failure, Style, Unwritable};
use crate::error::Error;

/// The first failure to write data. It is asked for once, when the verb has ended: a verb that writes in many places need
/// not pass it on at each.
static FAILURE: Mutex<Option<Unwritable>> = Mutex::new(None);

/// Where a verb writes its data. A reader that went away, as in `kubewright targets | head`, is no error.
#[derive(Clone, Copy, Debug)]
pub struct Output;

impl Output {
    /// Writes data to standard output, with a line break.
    pub fn data(self, text: &str) {
        let mut stdout = io::stdout().lock();
        let written = stdout.write_all(line(text).as_bytes());
        let written = written.and_then(|()| stdout.flush());
        self.note(written);
    }

    /// Whether all data was written, apart from what nobody wanted to read any more.
    pub fn verdict(self) -> Result<(), Unwritable> {
        let mut failure = FAILURE.lock().unwrap_or_else(PoisonError::into_inner);
        failure.take().map_or(Ok(()), Err)
    }

    /// Keeps the outcome of writing to standard output for the verdict.
    pub fn note(self, written: io::Result<()>) {
        if let Err(error) = written
            && error.kind() != io::ErrorKind::BrokenPipe
        {
            let mut failure = FAILURE.lock().unwrap_or_else(PoisonError::into_inner);
            failure.get_or_insert(Unwritable::new("standard output", error));
        }
    }

    /// Writes a JSON document to standard output.
    pub fn json(self, document: &serde_json::Value) {
        self.data(&format!("{document:#}"));
    }

    /// Writes data to standard output as it is.
    pub fn raw(self, bytes: &[u8]) {
        let mut stdout = io::stdout().lock();
        let written = stdout.write_all(bytes).and_then(|()| stdout.flush());
        self.note(written);
    }

    /// Writes a line of talk to standard error.
    pub fn talk(self, text: &str) {
        let _ = io::stderr().lock().write_all(line(text).as_bytes());
    }

    /// Shows an error: what happened, why, and what to type next.
    pub fn error(self, error: &Error) {
        self.talk(&failure(&Failure::from(error), Style::of_stderr()));
    }
}

/// A text with its line break, to be written at once: between two writes another stream could come into the same pipe.
pub(super) fn line(text: &str) -> String {
    format!("{text}\n")
}

/// An error for people: message, causes, and the hints after a blank line.
pub(super) fn failure(failure: &Failure, style: Style) -> String {
    let mut lines = vec![format!("{} {}", style.bad("error:"), failure.message)];
    lines.extend(
        failure
            .causes
            .iter()
            .map(|cause| format!("  caused by: {}", cause.replace('\n', "\n    "))),
    );
    lines.extend(failure.log.iter().map(|log| format!("  log: {log}")));
    if !failure.hints.is_empty() {
        lines.push(String::new());
        lines.extend(
            failure
                .hints
                .iter()
                .map(|hint| format!("{} {hint}", style.accent("hint:"))),
        );
    }
    lines.join("\n")
}
