//! The display for people, on standard error; paths of artifacts on standard output.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use super::progress_line::took;
use super::progress_rows::{Rows, Running};
use super::width::wrapped;
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
    rows: Option<Rows>,
    running: Vec<Running>,
    last_plain: Instant,
    /// How long each step ran, by its id.
    step_took: BTreeMap<String, f64>,
    /// Whether the plan has several cells, so that lines of their output have to say whose they are.
    has_cells: bool,
    artifacts: usize,
    /// Whether it was standard output that failed.
    is_data_lost: bool,
}

impl Terminal {
    pub(super) fn new(manner: Manner) -> Terminal {
        let live = manner.progress == ProgressDisplay::Live
            && manner.verbosity == Verbosity::Normal
            && io::stderr().is_terminal();
        Terminal {
            manner,
            rows: live.then(Rows::new),
            running: Vec::new(),
            last_plain: Instant::now(),
            step_took: BTreeMap::new(),
            has_cells: false,
            artifacts: 0,
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
        match &self.rows {
            Some(rows) => rows.suspend(write),
            None => write(),
        }
    }

    /// Something long that is not a step: redrawn on a terminal, said now and then elsewhere.
    fn going_on(&mut self, text: &str) -> io::Result<()> {
        let label = self.style().good(" Fetching");
        if let Some(rows) = &mut self.rows {
            rows.say(format!("{label}  {text}"));
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

    /// Shows how far the steps are: a row each on a terminal, elsewhere a line each now and then.
    fn redraw(&mut self) -> io::Result<()> {
        let label = self.style().good(" Building");
        for running in &mut self.running {
            running.progress.elapsed = running.since.elapsed();
            running.show(|| format!("{label}  {}", running.progress.fit(width())));
        }
        let is_plain = self.rows.is_none() && self.manner.verbosity == Verbosity::Normal;
        if !is_plain || self.running.is_empty() || !self.is_due() {
            return Ok(());
        }
        self.last_plain = Instant::now();
        let lines = self.running.iter().map(|running| running.progress.plain());
        lines
            .collect::<Vec<_>>()
            .iter()
            .try_for_each(|line| self.say("Building", line))
    }

    /// Takes away what is shown of something long that is over.
    fn clear(&mut self) {
        if let Some(rows) = &mut self.rows {
            rows.clear();
        }
    }

    fn step_started(
        &mut self,
        step: &str,
        title: &str,
        command: &str,
        informs: bool,
    ) -> io::Result<()> {
        self.clear();
        if self.manner.verbosity == Verbosity::Verbose {
            let of = if self.has_cells {
                format!("[{title}] ")
            } else {
                String::new()
            };
            self.say("Running", &format!("{of}{command}"))?;
        } else if self.rows.is_none() {
            self.say("Building", title)?;
        }
        self.last_plain = Instant::now();
        let row = self.rows.as_ref().map(Rows::add);
        self.running.push(Running::new(step, title, informs, row));
        self.redraw()
    }

    fn step_finished(&mut self, step: &str, seconds: f64) {
        self.step_took.insert(step.to_owned(), seconds);
        self.take_away(|running| running.step == step);
    }

    /// Takes away steps that are over, with their rows.
    fn take_away(&mut self, is_over: impl Fn(&Running) -> bool) {
        if let Some(rows) = &self.rows {
            let over = self.running.iter().filter(|running| is_over(running));
            over.for_each(|running| rows.remove(running));
        }
        self.running.retain(|running| !is_over(running));
    }

    /// A line that a step printed.
    fn output(&mut self, step: &str, line: &str) -> io::Result<()> {
        let running = self.running.iter().find(|running| running.step == step);
        let informs = running.is_some_and(|running| running.informs);
        if informs && self.manner.format == MessageFormat::Human {
            self.data(line)
        } else if self.manner.verbosity == Verbosity::Verbose {
            match running.filter(|_| self.has_cells) {
                Some(running) => self.line(&format!("[{}] {line}", running.progress.title)),
                None => self.line(line),
            }
        } else {
            Ok(())
        }
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
            let seconds = self.step_took.get(&artifact.step);
            parts.push(took(seconds.copied().unwrap_or_default()));
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
        let written = match &self.rows {
            Some(rows) => rows.suspend(write),
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
        self.take_away(|_| true);
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
        let step = envelope.step.as_deref().unwrap_or_default();
        match &envelope.event {
            Event::RunStarted { .. } => Ok(()),
            Event::Planned { plan } => {
                self.has_cells = plan.steps.iter().filter(|step| step.is_cell()).count() > 1;
                Ok(())
            }
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
            } => self.step_started(step, title, command, *informs),
            Event::Output { line } => self.output(step, line),
            Event::StepProgress {
                packages,
                total,
                peak,
                ..
            } => {
                let mut running = self.running.iter_mut();
                if let Some(running) = running.find(|running| running.step == step) {
                    running.progress.packages = *packages;
                    running.progress.total = *total;
                    running.progress.peak = *peak;
                }
                self.redraw()
            }
            Event::StepFinished { seconds, .. } => {
                self.step_finished(step, *seconds);
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

/// Breaks a text between its parts, so that every row fits; a part that is too long itself breaks at spaces.
fn rows(text: &str, width: usize) -> Vec<String> {
    let mut rows: Vec<String> = Vec::new();
    for part in text.split(" · ") {
        match rows.last_mut() {
            Some(row) if row.chars().count() + part.chars().count() + 3 < width => {
                row.push_str(" · ");
                row.push_str(part);
            }
            _ => rows.extend(wrapped(part, width, 0).lines().map(str::to_owned)),
        }
    }
    rows
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
        assert_eq!(
            rows("the image is a stand-in, and not upstream's", 24),
            ["the image is a stand-in,", "and not upstream's"]
        );
    }
}
