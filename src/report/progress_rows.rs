//! What is redrawn at the foot of a terminal: a row for each step that runs, and one for something long that is no step.
//!
//! The rows are composed and fitted by us: indicatif draws them, clears them and keeps them below what is printed.

use std::io;
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::progress_line::Progress;
use crate::bytes::Bytes;

/// A step that runs.
pub(super) struct Running {
    /// Its id.
    pub step: String,
    pub progress: Progress,
    pub since: Instant,
    /// Whether what it prints is what was asked for.
    pub informs: bool,
    /// Its row, where there is a terminal.
    row: Option<ProgressBar>,
}

impl Running {
    pub(super) fn new(step: &str, title: &str, informs: bool, row: Option<ProgressBar>) -> Running {
        Running {
            step: step.to_owned(),
            progress: Progress {
                title: title.to_owned(),
                packages: 0,
                total: None,
                elapsed: Duration::ZERO,
                peak: Bytes::default(),
            },
            since: Instant::now(),
            informs,
            row,
        }
    }
}

impl Running {
    /// Shows a text in its row, if it has one.
    pub(super) fn show(&self, text: impl FnOnce() -> String) {
        if let Some(row) = &self.row {
            row.set_message(text());
        }
    }
}

/// The rows at the foot of the terminal.
pub(super) struct Rows {
    all: MultiProgress,
    /// Something long that is no step.
    other: Option<ProgressBar>,
}

impl Rows {
    pub(super) fn new() -> Rows {
        Rows {
            all: MultiProgress::with_draw_target(ProgressDrawTarget::stderr()),
            other: None,
        }
    }

    /// A row more, below the others.
    pub(super) fn add(&self) -> ProgressBar {
        let row = self.all.add(ProgressBar::new_spinner());
        if let Ok(style) = ProgressStyle::with_template("{msg}") {
            row.set_style(style);
        }
        row
    }

    /// Shows something long that is no step.
    pub(super) fn say(&mut self, text: String) {
        if self.other.is_none() {
            self.other = Some(self.add());
        }
        if let Some(row) = &self.other {
            row.set_message(text);
        }
    }

    /// Takes away what is no step.
    pub(super) fn clear(&mut self) {
        if let Some(row) = self.other.take() {
            self.take_away(&row);
        }
    }

    /// Takes away the row of a step.
    pub(super) fn remove(&self, running: &Running) {
        if let Some(row) = &running.row {
            self.take_away(row);
        }
    }

    /// All rows are wiped out, and those that stay are drawn again at the next tick: what is taken away alone would leave a
    /// row on the screen.
    fn take_away(&self, row: &ProgressBar) {
        let _ = self.all.clear();
        self.all.remove(row);
    }

    /// Prints something above the rows.
    pub(super) fn suspend<T>(&self, print: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        self.all.suspend(print)
    }
}
