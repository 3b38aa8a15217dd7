//! The native executor: steps run on this host, in the tree itself.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::lines;
use super::packages::{self, Total};
use super::process::{Ended, Process};
use super::roots::Roots;
use crate::cancel::Cancel;
use crate::engine::MemorySign;
use crate::host::Attempt;
use crate::lock::Lock;
use crate::plan::Step;
use crate::report::{Event, Events};
use crate::settings::Environment;

/// How long the pipe of an ended step may stay open: only what left the step's process group still holds it then.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// Runs steps on this host.
#[derive(Debug)]
pub struct Native<'a> {
    /// Where the plan's roots lie.
    pub roots: &'a Roots,
    /// The caller's environment, of which a step gets what its plan passes on.
    pub environment: &'a Environment,
    /// How long a step has to end after the first interrupt.
    pub grace: Duration,
    /// The wish to stop.
    pub cancel: &'a Cancel,
}

/// How a step's process ended, and what it printed of packages.
#[derive(Clone, Copy, Debug)]
pub struct Ran {
    /// Exit status, peak memory, time.
    pub ended: Ended,
    /// How many packages were compiled.
    pub packages: u64,
    /// How many there are in all, where nothing was cached when it started.
    pub packages_in_all: Option<u64>,
    /// What says that something was killed for want of memory, beside the log.
    pub out_of_memory: Option<MemorySign>,
}

impl Native<'_> {
    /// The command of a step with what an attempt adds.
    pub fn argv(&self, step: &Step, attempt: &Attempt) -> Vec<String> {
        let argv = step
            .argv
            .iter()
            .map(|word| self.roots.locate(word))
            .collect();
        if step.compiles.is_empty() || !step.takes_go_flags {
            argv
        } else {
            let flags = step.environment.get("GOFLAGS").map_or("", String::as_str);
            with_attempt(argv, flags, attempt)
        }
    }

    /// Runs a step to its end: its output goes into `log` and to the reporter.
    pub fn run(
        &self,
        step: &Step,
        attempt: &Attempt,
        log: &Path,
        lock: Option<&mut Lock>,
        events: &Events,
    ) -> io::Result<Ran> {
        let argv: Vec<OsString> = self
            .argv(step, attempt)
            .into_iter()
            .map(OsString::from)
            .collect();
        let folder = PathBuf::from(self.roots.locate(&step.folder));
        let log = File::create(log)?;
        let started = Instant::now();
        let total = Total::count(step, self.roots, self.environment_of(step));
        let (process, output) =
            Process::start(&argv, self.environment_with(step, attempt), &folder, lock)?;
        let counted = Arc::new(AtomicU64::new(0));
        let pump = pump(output, log, events.clone(), Arc::clone(&counted));
        let ended = process.wait(self.cancel, self.grace, &mut |memory, peak| {
            events.send(Event::StepProgress {
                packages: counted.load(Ordering::Relaxed),
                total: total.get(),
                seconds: started.elapsed().as_secs_f64(),
                memory,
                peak,
            });
        })?;
        finish(pump)?;
        Ok(Ran {
            ended,
            packages: counted.load(Ordering::Relaxed),
            packages_in_all: total.get(),
            out_of_memory: None,
        })
    }

    /// The environment of a step as its plan says.
    fn environment_of(&self, step: &Step) -> BTreeMap<OsString, OsString> {
        let fixed = step
            .environment
            .iter()
            .map(|(name, value)| (name.into(), self.roots.locate(value).into()));
        let passed = step
            .passes
            .iter()
            .filter_map(|name| Some((name.into(), self.environment.get(name)?.clone())));
        fixed.chain(passed).collect()
    }

    fn environment_with(&self, step: &Step, attempt: &Attempt) -> BTreeMap<OsString, OsString> {
        let mut environment = self.environment_of(step);
        let added = attempt_variables(step, attempt);
        environment.extend(added.map(|(name, value)| (name.into(), value.into())));
        environment
    }
}

/// The variables by which an attempt changes how much memory Go takes.
pub(super) fn attempt_variables(
    step: &Step,
    attempt: &Attempt,
) -> impl Iterator<Item = (String, String)> {
    let threads = ("GOMAXPROCS".to_owned(), attempt.gomaxprocs.to_string());
    let collector = attempt
        .gogc
        .map(|percent| ("GOGC".to_owned(), percent.to_string()));
    let compiles = !step.compiles.is_empty();
    std::iter::once(threads)
        .chain(collector)
        .filter(move |_| compiles)
}

/// Adds to a command of make what Go needs for this attempt: the number of jobs, and `-v`, by which it prints every package
/// that it compiles. An argument of make beats the environment, so the plan's own flags go into it, before those of the user:
/// of two that contradict each other Go takes the last. Tags stand behind all else: since 1.18 upstream's scripts take what
/// follows `-tags=` up to the next dash, with the blank before it, and Go refuses that.
pub(super) fn with_attempt(mut argv: Vec<String>, planned: &str, attempt: &Attempt) -> Vec<String> {
    let place = argv.iter().position(|word| word.starts_with("GOFLAGS="));
    let given = place.map(|place| argv[place]["GOFLAGS=".len()..].to_owned());
    let added = format!("-v -p={}", attempt.jobs);
    let (mut words, mut tags) = (Vec::new(), Vec::new());
    for part in [planned, given.as_deref().unwrap_or_default(), &added] {
        let (tagging, rest): (Vec<&str>, Vec<&str>) =
            part.split(' ').partition(|word| word.starts_with("-tags="));
        words.extend(rest.into_iter().filter(|word| !word.is_empty()));
        tags.extend(tagging);
    }
    words.extend(tags);
    let flags = format!("GOFLAGS={}", words.join(" "));
    match place {
        Some(place) => argv[place] = flags,
        None => argv.push(flags),
    }
    argv
}

pub(super) fn pump(
    output: impl Read + Send + 'static,
    log: File,
    events: Events,
    counted: Arc<AtomicU64>,
) -> JoinHandle<io::Result<()>> {
    thread::spawn(move || {
        let mut log = BufWriter::new(log);
        let mut written = Ok(());
        lines::each(output, &mut |line| {
            if packages::is_package(line) {
                counted.fetch_add(1, Ordering::Relaxed);
            }
            if written.is_ok() {
                written = writeln!(log, "{line}");
            }
            events.send(Event::Output {
                line: line.to_owned(),
            });
        })?;
        written?;
        log.flush()
    })
}

/// Waits for the last lines; a pipe that somebody outside the step keeps open is left alone after a while.
pub(super) fn finish(pump: JoinHandle<io::Result<()>>) -> io::Result<()> {
    let ended = Instant::now();
    while !pump.is_finished() {
        if ended.elapsed() > LAST_WORDS {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(5));
    }
    pump.join().unwrap_or(Ok(()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt() -> Attempt {
        Attempt {
            jobs: 2,
            gomaxprocs: 2,
            gogc: None,
        }
    }

    #[test]
    fn flags_of_the_user_are_kept_between_the_plans_and_those_of_the_attempt() {
        let flags = |words: &[&str], planned| {
            let argv = words.iter().map(ToString::to_string).collect();
            with_attempt(argv, planned, &attempt())
        };
        assert_eq!(
            flags(&["make", "kubectl"], ""),
            ["make", "kubectl", "GOFLAGS=-v -p=2"]
        );
        assert_eq!(
            flags(&["make", "GOFLAGS=-tags=a,b", "kubectl"], "-buildvcs=false"),
            [
                "make",
                "GOFLAGS=-buildvcs=false -v -p=2 -tags=a,b",
                "kubectl"
            ]
        );
        assert_eq!(flags(&["make", "GOFLAGS="], "")[1], "GOFLAGS=-v -p=2");
        assert_eq!(
            flags(&["make", "GOFLAGS=-tags=a,b"], "-tags=selinux")[1],
            "GOFLAGS=-v -p=2 -tags=selinux -tags=a,b"
        );
    }
}
