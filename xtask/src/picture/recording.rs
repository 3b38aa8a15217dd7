//! What a terminal received, and when. `script`, of util-linux, is the terminal.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::Path;

use super::COLUMNS;
use crate::Failure;

/// Seconds between two letters that are typed.
const KEY: f64 = 0.03;

/// Bytes, each with the moment in seconds at which they came.
#[derive(Default)]
pub(super) struct Recording {
    /// In the order of time.
    pub cues: Vec<(f64, Vec<u8>)>,
    /// How long it is, with the pause at its end.
    pub seconds: f64,
}

impl Recording {
    /// Nothing happens for some seconds.
    pub(super) fn wait(&mut self, seconds: f64) {
        self.seconds += seconds;
    }

    /// Types a command behind a prompt, then runs and records it.
    pub(super) fn play(
        &mut self,
        program: &Path,
        arguments: &str,
        folder: &Path,
        home: &Path,
    ) -> Result<(), Failure> {
        let start = if self.cues.is_empty() { "" } else { "\r\n" };
        self.receive(format!("{start}\x1b[2m$\x1b[0m "));
        for letter in format!("kubewright {arguments}").chars() {
            self.wait(KEY);
            self.receive(letter.to_string());
        }
        self.wait(0.4);
        self.receive("\r\n");
        let logs = tempfile::tempdir()?;
        let (output, timing) = (logs.path().join("output"), logs.path().join("timing"));
        duct::cmd!(
            "script",
            "--quiet",
            "--flush",
            "--return",
            "--command",
            format!("stty cols {COLUMNS} rows 40; exec kubewright {arguments}"),
            "--logging-format",
            "classic",
            "--log-timing",
            &timing,
            "--log-out",
            &output
        )
        .dir(folder)
        .env("KUBEWRIGHT_HOME", home)
        .env("PATH", path_with(program)?)
        .env("TERM", "xterm-256color")
        .env_remove("CI")
        .env_remove("NO_COLOR")
        .stdin_null()
        .stdout_null()
        .run()?;
        self.replay(&fs::read(output)?, &fs::read_to_string(timing)?)
    }

    /// `timing` has a line for each time that output came: the seconds since the last time, and how many bytes.
    fn replay(&mut self, output: &[u8], timing: &str) -> Result<(), Failure> {
        // The first line is a heading by `script`.
        let heading = output.iter().position(|byte| *byte == b'\n');
        let mut rest = &output[heading.map_or(0, |end| end + 1)..];
        for line in timing.lines() {
            let (seconds, count) = line.split_once(' ').ok_or("a timing has two numbers")?;
            let (bytes, left) = rest.split_at(count.trim().parse::<usize>()?.min(rest.len()));
            self.wait(seconds.parse()?);
            self.receive(bytes);
            rest = left;
        }
        Ok(())
    }

    fn receive(&mut self, bytes: impl Into<Vec<u8>>) {
        self.cues.push((self.seconds, bytes.into()));
    }
}

fn path_with(program: &Path) -> Result<OsString, Failure> {
    let folder = program.parent().map(Path::to_owned);
    let path = env::var_os("PATH").unwrap_or_default();
    Ok(env::join_paths(
        folder.into_iter().chain(env::split_paths(&path)),
    )?)
}
