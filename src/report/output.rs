//! Standard output and error of verbs that run no steps: data and errors.

use std::io::{self, Write};

use super::{Failure, Style};
use crate::error::Error;

/// Where a verb writes its data. A reader that went away, as in `kubewright targets | head`, is no error.
#[derive(Clone, Copy, Debug)]
pub struct Output;

impl Output {
    /// Writes data to standard output, with a line break.
    pub fn data(self, text: &str) {
        let mut stdout = io::stdout().lock();
        let _ = stdout
            .write_all(text.as_bytes())
            .and_then(|()| stdout.write_all(b"\n"))
            .and_then(|()| stdout.flush());
    }

    /// Writes a JSON document to standard output.
    pub fn json(self, document: &serde_json::Value) {
        self.data(&format!("{document:#}"));
    }

    /// Writes data to standard output as it is.
    pub fn raw(self, bytes: &[u8]) {
        let mut stdout = io::stdout().lock();
        let _ = stdout.write_all(bytes).and_then(|()| stdout.flush());
    }

    /// Writes a line of talk to standard error.
    pub fn talk(self, text: &str) {
        let _ = writeln!(io::stderr().lock(), "{text}");
    }

    /// Shows an error: what happened, why, and what to type next.
    pub fn error(self, error: &Error) {
        self.talk(&failure(&Failure::from(error), Style::of_stderr()));
    }
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
