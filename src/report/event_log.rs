//! `events.jsonl` in the run's folder: what happened, without the output of steps, which have logs of their own.

use std::fs::{File, OpenOptions};
use std::io::{self, LineWriter, Write};
use std::path::{Path, PathBuf};

use super::{Envelope, Event, Reporter};

pub(super) struct EventLog {
    path: PathBuf,
    file: Option<LineWriter<File>>,
}

impl EventLog {
    pub(super) fn new(folder: &Path) -> EventLog {
        EventLog {
            path: folder.join("events.jsonl"),
            file: None,
        }
    }

    fn file(&mut self) -> io::Result<&mut LineWriter<File>> {
        if self.file.is_none() {
            let file = OpenOptions::new()
                .create(true)
                .append(true)
                .open(&self.path)?;
            self.file = Some(LineWriter::new(file));
        }
        self.file
            .as_mut()
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl Reporter for EventLog {
    fn report(&mut self, envelope: &Envelope) -> io::Result<()> {
        let transient = matches!(
            envelope.event,
            Event::Output { .. } | Event::Progress { .. } | Event::StepProgress { .. }
        );
        if transient {
            return Ok(());
        }
        let file = self.file()?;
        serde_json::to_writer(&mut *file, envelope)?;
        file.write_all(b"\n")
    }

    fn place(&self) -> String {
        format!("`{}`", self.path.display())
    }
}
