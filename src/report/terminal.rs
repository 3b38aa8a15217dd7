//! The display for people, on standard error; paths of artifacts on standard output.

use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::progress_line::{Progress, took};
use super::{
    Envelope, Event, Failure, Manner, MessageFormat, ProgressDisplay, Reporter, Style, Verbosity,
    output,
};
use crate::report::artifact::Artifact;

/// The label's column with its gap.
const LABEL_WIDTH: usize = 11;

/// How often progress is said where there is no terminal to redraw.
const PLAIN_INTERVAL: Duration = Duration::from_secs(5);

pub(super) struct Terminal {
    manner: Manner,
    bar: Option<ProgressBar>,
    running: Option<Running>,
    last_plain: Instant,
    step_took: f64,
    artifacts: usize,
    /// Whether what the step prints is what was asked for.
    informs: bool,
    /// Whether it was standard output that failed.
    is_data_lost: bool,
}

struct Running {
    progress: Progress,
    since: Instant,
}

impl Terminal {
    pub(super) fn new(manner: Manner) -> Terminal {
        let live = manner.progress == ProgressDisplay::Live
            && manner.verbosity == Verbosity::Normal
            && io::stderr().is_terminal();
        Terminal {
            manner,
            bar: live.then(bar),
            running: None,
            last_plain: Instant::now(),
            step_took: 0.0,
            artifacts: 0,
            informs: false,
            is_data_lost: false,
        }
    }

    fn style(&self) -> Style {
        self.manner.style
    }

    /// A line with a label, such as `Source`, in a column of its own. On a terminal too narrow for it, it is broken where
    /// its parts end.
    fn say(&self, label: &str, text: &str) -> io::Result<()> {
        if self.manner.verbosity == Verbosity::Quiet {
            return Ok(());
        }
        let width = if io::stderr().is_terminal() {
            width()
        } else {
            usize::MAX
        };
        for (at, row) in rows(text, width.saturating_sub(LABEL_WIDTH))
            .iter()
            .enumerate()
        {
            self.row(if at == 0 { label } else { "" }, row)?;
        }
        Ok(())
    }

    fn row(&self, label: &str, text: &str) -> io::Result<()> {
        self.line(&format!(
            "{}  {text}",
            self.style().good(&format!("{label:>9}"))
        ))
    }

    fn caution(&self, text: &str) -> io::Result<()> {
        if self.manner.verbosity == Verbosity::Quiet {
            return Ok(());
        }
        self.line(&format!("{} {text}", self.style().caution("warning:")))
    }

    fn line(&self, text: &str) -> io::Result<()> {
        let write = || io::stderr().lock().write_all(output::line(text).as_bytes());
        match &self.bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    /// Something long that is not a step: redrawn on a terminal, said now and then elsewhere.
    fn going_on(&mut self, text: &str) -> io::Result<()> {
        if let Some(bar) = &self.bar {
            bar.set_message(format!("{}  {text}", self.style().good(" Fetching")));
            return Ok(());
        }
        self.now_and_then("Fetching", text)
    }

    fn now_and_then(&mut self, label: &str, text: &str) -> io::Result<()> {
        if !self.is_due() {
            return Ok(());
        }
        self.last_plain = Instant::now();
        self.say(label, text)
    }

    /// Whether another plain line of progress is wanted by now.
    fn is_due(&self) -> bool {
        self.manner.progress != ProgressDisplay::Absent
            && self.last_plain.elapsed() >= PLAIN_INTERVAL
    }

    fn redraw(&mut self) -> io::Result<()> {
        let Some(running) = &mut self.running else {
            return Ok(());
        };
        running.progress.elapsed = running.since.elapsed();
        let progress = running.progress.clone();
        match &self.bar {
            Some(bar) => {
                let line = progress.fit(width());
                bar.set_message(format!("{}  {line}", self.style().good(" Building")));
                Ok(())
            }
            None if self.manner.verbosity == Verbosity::Normal => {
                self.now_and_then("Building", &progress.plain())
            }
            None => Ok(()),
        }
    }

    fn clear(&mut self) {
        self.running = None;
        if let Some(bar) = &self.bar {
            bar.set_message("");
        }
    }

    fn step_started(&mut self, title: &str, command: &str) -> io::Result<()> {
        if self.manner.verbosity == Verbosity::Verbose {
            self.say("Running", command)?;
        } else if self.bar.is_none() {
            self.say("Building", title)?;
        }
        self.last_plain = Instant::now();
        self.running = Some(Running {
            progress: Progress {
                title: title.to_owned(),
                packages: 0,
                total: None,
                elapsed: Duration::ZERO,
                peak: crate::bytes::Bytes::default(),
            },
            since: Instant::now(),
        });
        self.redraw()
    }

    fn artifact(&mut self, artifact: &Artifact, file: &Path, run: &str) -> io::Result<()> {
        self.artifacts += 1;
        let words = [Some(artifact.name.as_str()), artifact.version.as_deref()];
        let platform = artifact.platform.as_ref().map(ToString::to_string);
        let words = words.into_iter().chain([platform.as_deref()]).flatten();
        let title = words.collect::<Vec<_>>().join(" ");
        let mut parts = vec![
            title,
            artifact.size.decimal(),
            format!("sha256 {}", &artifact.sha256[..8]),
        ];
        let label = if let Some(earlier) = &artifact.from_run {
            parts.push(format!("built by run {earlier}"));
            "Fresh"
        } else {
            parts.push(took(self.step_took));
            parts.push(format!("run {run}"));
            "Finished"
        };
        self.say(label, &parts.join(" · "))?;
        if self.manner.format == MessageFormat::Human {
            return self.data(&file.display().to_string());
        }
        Ok(())
    }

    /// A line on standard output. A reader that has read enough, as `head` does, ends no build.
    fn data(&mut self, text: &str) -> io::Result<()> {
        let write = || {
            let mut stdout = io::stdout().lock();
            let written = stdout.write_all(output::line(text).as_bytes());
            written.and_then(|()| stdout.flush())
        };
        let written = match &self.bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        };
        match written {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                self.is_data_lost = true;
                Err(error)
            }
            _ => Ok(()),
        }
    }

    fn finished(
        &mut self,
        exit_code: u8,
        seconds: f64,
        error: Option<&Failure>,
        run: &str,
    ) -> io::Result<()> {
        self.clear();
        let seconds = took(seconds);
        if let Some(error) = error {
            return self.line(&output::failure(error, self.style()));
        }
        match (exit_code, self.artifacts) {
            // The one artifact's own line has said it all.
            (0, 1) | (1.., _) => Ok(()),
            (0, 0) => self.say("Done", &format!("{seconds} · run {run}")),
            (0, count) => self.say(
                "Done",
                &format!("{count} artifacts · {seconds} · run {run}"),
            ),
        }
    }
}

/// `fetching · 3/9 objects`; what has no unit is not counted.
fn counted(what: &str, done: u64, total: Option<u64>, unit: &str) -> String {
    match total {
        _ if unit.is_empty() => what.to_owned(),
        Some(total) => format!("{what} · {done}/{total} {unit}"),
        None => format!("{what} · {done} {unit}"),
    }
}

impl Reporter for Terminal {
    fn place(&self) -> String {
        let stream = if self.is_data_lost { "output" } else { "error" };
        format!("standard {stream}")
    }

    fn shows_errors(&self) -> bool {
        true
    }

    fn report(&mut self, envelope: &Envelope) -> io::Result<()> {
        match &envelope.event {
            Event::RunStarted { .. } | Event::Planned { .. } => Ok(()),
            Event::Progress {
                what,
                done,
                total,
                unit,
            } => self.going_on(&counted(what, *done, *total, unit)),
            Event::SourceReady {
                reference,
                commit,
                version,
                changes,
                seconds,
            } => {
                let version = version.as_deref().filter(|version| version != reference);
                let text = tree_in_words(reference, commit.as_deref(), version, *changes);
                self.clear();
                self.say("Source", &format!("{text} ready in {}", took(*seconds)))
            }
            Event::ImageReady {
                reference,
                digest,
                go,
                engine,
            } => {
                self.clear();
                let digest = digest.get(..19).unwrap_or(digest);
                self.say(
                    "Image",
                    &format!("{reference} ({digest}) · go{go} · {engine}"),
                )
            }
            Event::ToolchainReady { version, origin } => {
                self.clear();
                self.say("Toolchain", &format!("go{version} {origin}"))
            }
            Event::Preflight { summary, choice } => {
                self.say("Preflight", summary)?;
                if choice.is_empty() {
                    Ok(())
                } else {
                    self.say("", choice)
                }
            }
            Event::Warning { message } => self.caution(message),
            Event::Note { message } => self.say("Note", message),
            Event::StepStarted {
                title,
                command,
                informs,
            } => {
                self.informs = *informs;
                self.step_started(title, command)
            }
            Event::Output { line } => {
                if self.informs && self.manner.format == MessageFormat::Human {
                    self.data(line)
                } else if self.manner.verbosity == Verbosity::Verbose {
                    self.line(line)
                } else {
                    Ok(())
                }
            }
            Event::StepProgress {
                packages,
                total,
                peak,
                ..
            } => {
                if let Some(running) = &mut self.running {
                    running.progress.packages = *packages;
                    running.progress.total = *total;
                    running.progress.peak = *peak;
                }
                self.redraw()
            }
            Event::StepFinished { seconds, .. } => {
                self.step_took = *seconds;
                self.clear();
                Ok(())
            }
            Event::ArtifactReady { artifact, file } => self.artifact(artifact, file, &envelope.run),
            Event::RunFinished {
                exit_code,
                seconds,
                error,
            } => self.finished(*exit_code, *seconds, error.as_ref(), &envelope.run),
        }
    }

    fn tick(&mut self) -> io::Result<()> {
        self.redraw()
    }
}

/// `v1.35.0 (fea8a54) as v1.35.1 with 2 changed`.
fn tree_in_words(
    reference: &str,
    commit: Option<&str>,
    version: Option<&str>,
    changes: usize,
) -> String {
    let short = commit.and_then(|commit| commit.get(..7));
    let short = short.map_or_else(String::new, |short| format!(" ({short})"));
    let version = version.map_or_else(String::new, |version| format!(" as {version}"));
    let changes = match changes {
        0 => String::new(),
        changes => format!(" with {changes} changed"),
    };
    format!("{reference}{short}{version}{changes}")
}

/// Breaks a text between its parts, so that every row fits; a part that is too long itself is left to the terminal.
fn rows(text: &str, width: usize) -> Vec<String> {
    let mut rows: Vec<String> = Vec::new();
    for part in text.split(" · ") {
        match rows.last_mut() {
            Some(row) if row.chars().count() + part.chars().count() + 3 < width => {
                row.push_str(" · ");
                row.push_str(part);
            }
            _ => rows.push(part.to_owned()),
        }
    }
    rows
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    // The line is composed and fitted by us: indicatif draws it, clears it and keeps it below what is printed.
    if let Ok(style) = ProgressStyle::with_template("{msg}") {
        bar.set_style(style);
    }
    bar
}

fn width() -> usize {
    let size = rustix::termios::tcgetwinsize(io::stderr());
    size.map(|size| usize::from(size.ws_col))
        .ok()
        .filter(|width| *width > 0)
        .unwrap_or(80)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_progress_is_no_progress_on_plain_lines_either() {
        for (progress, is_due) in [
            (ProgressDisplay::Live, true),
            (ProgressDisplay::Lines, true),
            (ProgressDisplay::Absent, false),
        ] {
            let mut terminal = Terminal::new(Manner {
                verbosity: Verbosity::Normal,
                format: MessageFormat::Human,
                progress,
                style: Style::of_stderr(),
            });
            assert!(!terminal.is_due());
            terminal.last_plain -= PLAIN_INTERVAL;
            assert_eq!(terminal.is_due(), is_due, "{progress:?}");
        }
    }

    #[test]
    fn a_long_line_is_broken_between_its_parts() {
        let text = "memory 21.7 of 23.5 GiB free · disk 49 GiB free · go1.26.8 · 2 cpus";
        assert_eq!(
            rows(text, 50),
            [
                "memory 21.7 of 23.5 GiB free · disk 49 GiB free",
                "go1.26.8 · 2 cpus"
            ]
        );
        assert_eq!(rows(text, usize::MAX), [text]);
    }
}
