//! Every event on standard output, one JSON object a line.

use std::io::{self, StdoutLock, Write};

use super::{Envelope, Reporter};

pub(super) struct JsonLines {
    stdout: StdoutLock<'static>,
}

impl JsonLines {
    pub(super) fn new() -> JsonLines {
        JsonLines {
            stdout: io::stdout().lock(),
        }
    }
}

impl Reporter for JsonLines {
    fn report(&mut self, envelope: &Envelope) -> io::Result<()> {
        serde_json::to_writer(&mut self.stdout, envelope)?;
        self.stdout.write_all(b"\n")?;
        self.stdout.flush()
    }

    fn place(&self) -> String {
        "standard output".to_owned()
    }
}
