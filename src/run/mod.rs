//! Carrying out a plan: the loop over steps, attempts, the native executor, checking and keeping artifacts.

mod check;
mod circumstances;
mod docker;
mod error;
pub mod executable;
mod executor;
mod failure;
mod failures;
mod keep;
mod lines;
mod native;
mod packages;
pub mod preflight;
mod process;
pub mod repack;
mod retry;
mod reuse;
mod roots;
mod schedule;
mod tree_of;
pub mod verify;
mod whole;

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;
use std::time::SystemTime;

use jiff::Timestamp;

use crate::bytes::Bytes;
use crate::engine::EngineError;
use crate::host::{Attempt, Tool};
use crate::lock::Lock;
use crate::plan::{self, Plan, Step, locate};
use crate::plural::{count, form};
use crate::report::artifact::Artifact;
use crate::report::manifest::{AttemptRecord, Manifest};
use crate::report::runs::{Earlier, RunFolder};
use crate::report::{Event, Events};
use crate::source;

use circumstances::Circumstances;
pub use docker::{Docker, EngineGround, Limits, survey_engine};
pub use error::{Flaw, RunError, StepEnd};
pub use executor::Executor;
use failure::Failure;
use failures::Failures;
pub use keep::keep;
pub use native::{Native, Ran};
pub use process::end_stray;
pub use roots::Roots;
use schedule::Schedule;
pub use whole::write_whole;

/// What a step is given on this host.
#[derive(Clone, Copy, Debug)]
pub struct Allotment {
    /// Jobs, threads, the collector's setting.
    pub attempt: Attempt,
    /// The memory that it is expected to take; `None` where nothing is known of what it compiles.
    pub forecast: Option<Bytes>,
    /// The least memory that it works with, where that is known.
    pub least: Option<Bytes>,
    /// How many steps like it may run at once, itself included. Where there are several, it has an output folder of its own,
    /// and a part of the limits.
    pub at_once: u32,
}

impl Default for Allotment {
    fn default() -> Allotment {
        Allotment {
            attempt: Attempt::default(),
            forecast: None,
            least: None,
            at_once: 1,
        }
    }
}

/// Where a plan is carried out, and what happens there.
pub struct Site<'a> {
    /// Runs steps on this host.
    pub native: Native<'a>,
    /// Runs steps in containers, where the plan has such.
    pub docker: Option<Docker<'a>>,
    /// Whether a step that ran out of memory goes on with fewer jobs.
    pub retry_on_oom: bool,
    /// Whether the first step that fails ends the run, also where others do not need it.
    pub fail_fast: bool,
    /// The run's folder.
    pub folder: &'a RunFolder,
    /// Earlier runs, which may have built what is asked for.
    pub earlier: &'a [Earlier],
    /// Where the user wants the artifacts, beside the run's folder.
    pub out: Option<&'a Path>,
    /// What each step is given.
    pub allot: &'a (dyn Fn(&Step) -> Allotment + Sync),
    /// Where events go.
    pub events: &'a Events,
}

impl<'a> Site<'a> {
    /// What a failure in a container is to be judged by.
    fn circumstances(&self, step: &Step, allotment: &Allotment) -> Option<Circumstances> {
        let docker = self.docker.as_ref()?;
        (step.executor == plan::Executor::Docker).then(|| Circumstances {
            limit: docker.limits.part(allotment.at_once).memory,
            least: allotment.least,
            data_root: docker.engine.free_disk(),
            sent: docker.has_sent(),
        })
    }

    /// What carries a step out.
    fn executor(&self, step: &Step) -> Result<&(dyn Executor + 'a), RunError> {
        match (step.executor, &self.docker) {
            (plan::Executor::Native, _) => Ok(&self.native),
            (plan::Executor::Docker, Some(docker)) => Ok(docker),
            (plan::Executor::Docker, None) => Err(EngineError::None.into()),
        }
    }
}

/// What the steps of a run have in common, also those that run at once.
struct Common<'a> {
    manifest: Mutex<&'a mut Manifest>,
    lock: Mutex<&'a mut Lock>,
}

impl<'a> Common<'a> {
    fn manifest(&self) -> MutexGuard<'_, &'a mut Manifest> {
        self.manifest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Carries out a plan: steps that may have company at once, as far as their allotments allow, all others one by one. The
/// manifest is brought up to date and written at every turn; the lock is handed to the processes of the steps, so that it is
/// held for as long as any of them lives.
pub fn carry_out(
    plan: &Plan,
    site: &Site<'_>,
    lock: &mut Lock,
    manifest: &mut Manifest,
) -> Result<(), RunError> {
    site.events.send(Event::Planned {
        plan: Box::new(plan.clone()),
    });
    write_version(plan, site)?;
    let common = Common {
        manifest: Mutex::new(manifest),
        lock: Mutex::new(lock),
    };
    let mut failures = Failures::default();
    let ended = carry_out_steps(plan, site, &common, &mut failures);
    let handed_over = {
        let mut manifest = common.manifest();
        manifest.put_in_order(plan);
        manifest.artifacts.clone()
    };
    ended?;
    write_checksums(&handed_over, site)?;
    write(&common, site)?;
    failures.verdict(plan)
}

/// Runs all steps to their ends. An error that is not one step's own ends the others, too.
fn carry_out_steps(
    plan: &Plan,
    site: &Site<'_>,
    common: &Common<'_>,
    failures: &mut Failures,
) -> Result<(), RunError> {
    let mut schedule = Schedule::new(&plan.steps);
    let at_once = |step: &Step| (site.allot)(step).at_once;
    let mut fatal = None;
    thread::scope(|scope| {
        let (sender, ends) = mpsc::channel();
        loop {
            while let Some(step) = schedule.start(at_once) {
                let sender = sender.clone();
                scope.spawn(move || {
                    let obtained =
                        catch_unwind(AssertUnwindSafe(|| obtain(step, plan, site, common)));
                    let _ = sender.send((step, obtained));
                });
            }
            // This end of the channel is never the last: `sender` lives as long as the loop.
            let next = if schedule.is_running() {
                ends.recv().ok()
            } else {
                None
            };
            let Some((step, obtained)) = next else {
                break;
            };
            let obtained = obtained.unwrap_or_else(|panic| resume_unwind(panic));
            match obtained.and_then(|artifacts| register(artifacts, step, site, common)) {
                Ok(()) => schedule.finish(step),
                Err(error) if site.fail_fast || !error.is_of_one_step() => {
                    schedule.give_up(step);
                    schedule.close();
                    if schedule.is_running() && !site.native.cancel.is_requested() {
                        site.native.cancel.request(SIGTERM);
                    }
                    // What ends the others is why they ended.
                    fatal.get_or_insert(error);
                }
                Err(error) => {
                    schedule.give_up(step);
                    let events = site.events.of_step(&step.id);
                    failures.add(step, error, schedule.goes_on(), &events);
                }
            }
        }
    });
    fatal.map_or(Ok(()), Err)
}

/// What ends the steps that run when another has failed for all.
const SIGTERM: u8 = 15;

/// The artifacts of a step: out of earlier runs, else built.
fn obtain(
    step: &Step,
    plan: &Plan,
    site: &Site<'_>,
    common: &Common<'_>,
) -> Result<Vec<Artifact>, RunError> {
    if let Some(artifacts) = reuse::find(step, plan, site) {
        common.manifest().step(&step.id).reused = true;
        return Ok(artifacts);
    }
    build(plan, step, site, common, &site.events.of_step(&step.id))
}

/// Takes artifacts into the manifest, and hands them over to the user.
fn register(
    artifacts: Vec<Artifact>,
    step: &Step,
    site: &Site<'_>,
    common: &Common<'_>,
) -> Result<(), RunError> {
    for artifact in artifacts {
        // It is built and kept, also where it cannot be put where the user wants it.
        common.manifest().artifacts.push(artifact.clone());
        let file = hand_over(&artifact, site)?;
        site.events.of_step(&step.id).send(Event::ArtifactReady {
            artifact: Box::new(artifact),
            file,
        });
    }
    write(common, site)
}

/// The version file, which the environment of steps names (`KUBE_GIT_VERSION_FILE`).
fn write_version(plan: &Plan, site: &Site<'_>) -> Result<(), RunError> {
    let path = site.folder.path.join("version");
    std::fs::write(&path, plan.source.stamp.version_file()).map_err(|source| RunError::Io {
        action: "write",
        path,
        source,
    })
}

/// Runs a step and checks what it left behind.
fn build(
    plan: &Plan,
    step: &Step,
    site: &Site<'_>,
    common: &Common<'_>,
    events: &Events,
) -> Result<Vec<Artifact>, RunError> {
    let executor = site.executor(step)?;
    let command = command(step);
    events.send(Event::StepStarted {
        title: step.title.clone(),
        command: command.clone(),
        informs: step.informs(),
    });
    executor.provide(plan, events)?;
    clear(step, site);
    let started = SystemTime::now();
    let mut allotment = (site.allot)(step);
    let failure = loop {
        let ran = try_once(step, allotment, executor, site, common, events);
        put_back(step, plan, site, events);
        let ran = ran?;
        let failure = Failure {
            plan,
            step,
            source: &site.native.roots.source,
            log: site.folder.log(&step.id),
            container: site.circumstances(step, &allotment),
        };
        if ran.ended.status.success() {
            break failure;
        }
        let diagnosis = failure.diagnose_process(ran.ended.status, ran.out_of_memory.is_some());
        let ran_out = retry::ran_out_of_memory(diagnosis.as_deref());
        let next = retry::next(allotment.attempt).filter(|_| site.retry_on_oom && ran_out);
        let Some(next) = next else {
            return Err(failure.of_process(command, &ran, diagnosis));
        };
        retry::set_log_aside(
            &failure.log,
            common.manifest().step(&step.id).attempts.len(),
        )?;
        events.send(Event::Warning {
            message: retry::said(step, next),
        });
        allotment.attempt = next;
    };
    if allotment.at_once == 1 {
        executor.collect(step)?;
    }
    check::step(step, plan, site, started).map_err(|(path, flaw)| failure.of_artifact(path, flaw))
}

/// Runs a step once and records how that went.
fn try_once(
    step: &Step,
    allotment: Allotment,
    executor: &dyn Executor,
    site: &Site<'_>,
    common: &Common<'_>,
    events: &Events,
) -> Result<Ran, RunError> {
    let Allotment {
        attempt, forecast, ..
    } = allotment;
    let started = SystemTime::now();
    let log = site.folder.log(&step.id);
    let ran = executor.run(step, &allotment, &log, &common.lock, events)?;
    let exit_code = ran.ended.status.code();
    events.send(Event::StepFinished {
        exit_code,
        seconds: ran.ended.took.as_secs_f64(),
        peak: ran.ended.peak,
    });
    common
        .manifest()
        .step(&step.id)
        .attempts
        .push(AttemptRecord {
            attempt,
            forecast,
            peak: ran.ended.peak,
            started: Timestamp::try_from(started).unwrap_or_default().to_string(),
            seconds: ran.ended.took.as_secs_f64(),
            exit_code,
            packages: (!step.compiles.is_empty()).then_some(ran.packages),
            packages_in_all: ran.packages_in_all,
            argv: executor.argv(step, &attempt),
        });
    write(common, site)?;
    if site.native.cancel.is_requested() {
        return Err(RunError::Interrupted(site.native.cancel.signal()));
    }
    Ok(ran)
}

/// Undoes what a step changed of generated files that are committed. Where that fails, the next stamp is dirty, and says so.
fn put_back(step: &Step, plan: &Plan, site: &Site<'_>, events: &Events) {
    let root = &site.native.roots.source;
    match source::put_back(root, &plan.source.changes, &step.puts_back) {
        Ok(paths) if paths.is_empty() => {}
        Ok(paths) => events.send(Event::Note {
            message: format!(
                "{}, which make had written anew, {} put back",
                count(paths.len() as u64, "generated file"),
                form(paths.len(), "is", "are")
            ),
        }),
        Err(error) => events.send(Event::Warning {
            message: format!(
                "generated files that make had written anew cannot be put back: {error}"
            ),
        }),
    }
}

/// Removes what a step is about to place by rsync: `rsync -c` leaves a file that has not changed as old as it was, and nothing
/// would show that this step built it. Make places it again from Go's own folder, whether it was linked anew or not.
fn clear(step: &Step, site: &Site<'_>) {
    if step.tools.iter().any(|need| need.tool == Tool::Rsync) {
        for artifact in &step.artifacts {
            let _ = std::fs::remove_file(site.native.roots.source.join(&artifact.path));
        }
    }
}

/// The command as people would type it: without the platform, which the step's title names, and what an attempt adds.
fn command(step: &Step) -> String {
    let words = step
        .argv
        .iter()
        .filter(|word| !word.starts_with("KUBE_BUILD_PLATFORMS="));
    let words = words.map(|word| quoted(&locate(word, |root| root.placeholder().to_owned())));
    words.collect::<Vec<_>>().join(" ")
}

/// A word as a shell takes it.
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./=:,@+%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// Puts an artifact where the user wants it and gives the file to tell of.
fn hand_over(artifact: &Artifact, site: &Site<'_>) -> Result<PathBuf, RunError> {
    let kept = site.folder.path.join(&artifact.path);
    let Some(out) = site.out else {
        return Ok(kept);
    };
    let target = out.join(artifact.path.trim_start_matches("artifacts/"));
    keep(&kept, &target).map_err(|source| RunError::NotHandedOver {
        title: artifact.title(),
        to: target.clone(),
        kept,
        source,
    })?;
    Ok(target)
}

fn write_checksums(artifacts: &[Artifact], site: &Site<'_>) -> Result<(), RunError> {
    let mut folders = vec![site.folder.artifacts()];
    folders.extend(site.out.map(Path::to_path_buf));
    for (name, sums) in verify::lists(artifacts) {
        for folder in &folders {
            let path = folder.join(name);
            write_whole(&path, sums.as_bytes()).map_err(|source| RunError::Io {
                action: "write",
                path,
                source,
            })?;
        }
    }
    Ok(())
}

fn write(common: &Common<'_>, site: &Site<'_>) -> Result<(), RunError> {
    common
        .manifest()
        .write(&site.folder.path)
        .map_err(|source| RunError::Io {
            action: "write the manifest in",
            path: site.folder.path.clone(),
            source,
        })
}

fn start_error(step: &Step, source: io::Error) -> RunError {
    RunError::Io {
        action: "run",
        path: PathBuf::from(step.argv.first().map_or("", String::as_str)),
        source,
    }
}
