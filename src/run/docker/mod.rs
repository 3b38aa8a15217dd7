//! The docker executor: steps run in containers of an engine, one container each.
//!
//! The recipe is upstream's own since 1.35 (`kube::build::run_build_command_ex` of `build/common.sh`), for every version:
//! kube-cross runs directly, with the tree at `/go/src/k8s.io/kubernetes`. What differs: every container has a name of its
//! own, the version file lies outside the tree, and Go's caches lie in a volume.

mod cell;
mod limits;
mod place;
mod preflight;
mod source;
mod user;

use std::fs::File;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::ExitStatus;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use super::executor::Executor;
use super::native::{Ran, attempt_variables, finish, pump, with_attempt};
use super::process::Ended;
use super::roots::Roots;
use super::{Allotment, RunError};
use crate::cancel::Cancel;
use crate::engine::{
    Container, ContainerOrder, Engine, Image, Labels, Mounting, Purpose, Watch, output,
};
use crate::host::Attempt;
use crate::lock::Lock;
use crate::plan::{Plan, Step};
use crate::report::runs::RunFolder;
use crate::report::{Event, Events};
use crate::settings::{Environment, Sync};

use cell::Cell;
pub use limits::Limits;
pub(super) use place::SOURCE;
pub use preflight::{EngineGround, survey_engine};
use source::Provision;

/// Runs steps in containers.
#[derive(Debug)]
pub struct Docker<'a> {
    /// The engine.
    pub engine: &'a Engine,
    /// The image.
    pub image: &'a Image,
    /// The tree on this host.
    pub source: &'a Path,
    /// The run's folder on this host.
    pub folder: &'a RunFolder,
    /// The caller's environment, of which a step gets what its plan passes on.
    pub environment: &'a Environment,
    /// How the tree gets to the engine.
    pub sync: Sync,
    /// What a container may take.
    pub limits: Limits,
    /// How long a step has to end after the first interrupt.
    pub grace: Duration,
    /// The wish to stop.
    pub cancel: &'a Cancel,
    /// The tree as containers see it, once it is provided.
    pub provision: OnceLock<Provision<'a>>,
    /// Held while the tree is brought to the engine: of several steps the first does it.
    pub providing: Mutex<()>,
}

impl Docker<'_> {
    fn roots(&self) -> Roots {
        place::roots(self.image)
    }

    /// Whether the tree was sent to the engine, rather than mounted.
    pub(super) fn has_sent(&self) -> bool {
        self.provision.get().is_some_and(Provision::is_sent)
    }

    /// The environment of a step as its plan says, with what an attempt adds.
    fn environment_with(&self, step: &Step, attempt: &Attempt) -> Vec<(String, String)> {
        let roots = self.roots();
        let fixed = step
            .environment
            .iter()
            .map(|(name, value)| (name.clone(), roots.locate(value)));
        let passed = step
            .passes
            .iter()
            .filter_map(|name| Some((name.clone(), self.environment.text(name)?.to_owned())));
        fixed
            .chain(passed)
            .chain(attempt_variables(step, attempt))
            .collect()
    }

    fn order(
        &self,
        step: &Step,
        allotment: &Allotment,
        user: Option<String>,
        mounts: Vec<Mounting>,
    ) -> ContainerOrder {
        let limits = self.limits.part(allotment.at_once);
        ContainerOrder {
            argv: self.argv(step, &allotment.attempt),
            environment: self.environment_with(step, &allotment.attempt),
            folder: Some(self.roots().locate(&step.folder)),
            user,
            mounts,
            memory: limits.memory,
            cpu_millis: limits.cpu_millis,
            ..ContainerOrder::new(self.image, Labels::new(Purpose::Build, &self.folder.id))
        }
    }
}

impl Executor for Docker<'_> {
    fn provide(&self, plan: &Plan, events: &Events) -> Result<(), RunError> {
        let _providing = self
            .providing
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if self.provision.get().is_none() {
            let provision = source::provide(self, plan, events)?;
            let _ = self.provision.set(provision);
        }
        Ok(())
    }

    fn argv(&self, step: &Step, attempt: &Attempt) -> Vec<String> {
        let roots = self.roots();
        let argv = step.argv.iter().map(|word| roots.locate(word)).collect();
        if step.compiles.is_empty() || !step.takes_go_flags {
            argv
        } else {
            let flags = step.environment.get("GOFLAGS").map_or("", String::as_str);
            with_attempt(argv, flags, attempt)
        }
    }

    fn run(
        &self,
        step: &Step,
        allotment: &Allotment,
        log: &Path,
        _lock: &Mutex<&mut Lock>,
        events: &Events,
    ) -> Result<Ran, RunError> {
        let Some(provision) = self.provision.get() else {
            return Err(crate::engine::EngineError::None.into());
        };
        let file = File::create(log).map_err(|source| RunError::Io {
            action: "write",
            path: log.to_owned(),
            source,
        })?;
        let apart = allotment.at_once > 1;
        let cell = apart
            .then(|| Cell::new(self, step, provision))
            .transpose()?;
        let mut mounts = provision.mounts.clone();
        mounts.extend(cell.iter().map(Cell::mount));
        let user = provision.user.clone();
        let order = self.order(step, allotment, user, mounts);
        let container = Container::create(self.engine, &order)?;
        source::complete(self, &container, provision)?;
        let started = Instant::now();
        let counted = Arc::new(AtomicU64::new(0));
        let (writer, reader) = output();
        let pump = pump(reader, file, events.clone(), Arc::clone(&counted));
        let exit = container.watch(
            writer,
            Watch {
                cancel: self.cancel,
                grace: self.grace,
                limit: order.memory,
                look: &mut |memory, peak| {
                    events.send(Event::StepProgress {
                        packages: counted.load(Ordering::Relaxed),
                        total: None,
                        seconds: started.elapsed().as_secs_f64(),
                        memory,
                        peak,
                    });
                },
            },
        );
        finish(pump).map_err(|source| RunError::Io {
            action: "write",
            path: log.to_owned(),
            source,
        })?;
        let exit = exit?;
        // What it has mounted cannot be removed before it.
        drop(container);
        if let Some(cell) = cell.filter(|_| exit.code == 0) {
            cell.hand_over()?;
        }
        Ok(Ran {
            ended: Ended {
                status: status(exit.code),
                peak: exit.peak,
                took: exit.took,
            },
            packages: counted.load(Ordering::Relaxed),
            packages_in_all: None,
            out_of_memory: exit.out_of_memory,
        })
    }

    fn collect(&self, step: &Step) -> Result<(), RunError> {
        match self.provision.get() {
            Some(provision) if provision.is_sent() => {
                source::collect(self, provision.mounts.clone(), step)
            }
            _ => Ok(()),
        }
    }
}

/// A container's exit code as a process's exit status, in the form of wait(2).
fn status(code: i64) -> ExitStatus {
    ExitStatus::from_raw(((code & 0xff) << 8) as i32)
}
