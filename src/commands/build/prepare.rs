//! From an order to a plan that this host can carry out: source, tree, plan, checks, toolchain.

use std::path::PathBuf;

use super::Build;
use super::image::Chosen;
use crate::bytes::Bytes;
use crate::commands::source_place::{options, store};
use crate::commands::tell;
use crate::engine::{Engine, Image};
use crate::error::{Error, Explain, Kind};
use crate::host::{Model, Tool};
use crate::lock::Lock;
use crate::plan::{
    Equipment, Goal, Plan, SourceIdentity, ToolchainIdentity, is_release, is_taken_apart, plan,
};
use crate::platform::Platform;
use crate::report::runs::{Earlier, Runs};
use crate::report::{Event, Events};
use crate::run::preflight::{Ground, Survey, model_of, survey};
use crate::settings::{ExecutorChoice, GoChoice};
use crate::source::{self, Access, Checkout};
use crate::toolchain::{self, Choice, GoVersion, Policy, Toolchain, Wanted};
use crate::tree::{self, DiskFiles, TreeFacts};

/// A tree that is there and read.
pub(super) struct Ready {
    pub(super) checkout: Checkout,
    pub(super) facts: TreeFacts,
    earlier: Vec<Earlier>,
}

impl Ready {
    /// Reads a tree, and then what was built before: a run that this one waited for may have built what is asked for.
    fn read(checkout: Checkout, runs: &Runs, resumed: Option<&str>) -> Result<Ready, Error> {
        let mut earlier = runs.list();
        if let Some(id) = resumed {
            let id = runs.find(Some(id))?.folder.id;
            for run in earlier.iter_mut().filter(|run| run.folder.id == id) {
                run.is_resumed = true;
            }
        }
        let facts = tree::read(&DiskFiles::new(&checkout.root))?;
        Ok(Ready {
            checkout,
            facts,
            earlier,
        })
    }
}

/// A plan, and what the checks of this host or of an engine say of it.
pub(super) struct Surveyed {
    pub(super) plan: Plan,
    pub(super) survey: Survey,
    pub(super) place: Place,
}

/// Where a plan is to be carried out, before what it needs is provided there.
pub(super) enum Place {
    Here,
    Engine(Box<Engine>, Box<Chosen>),
}

/// What a plan is carried out with.
pub(super) enum Equipped {
    /// A Go on this host.
    Native(Toolchain),
    /// An image on an engine.
    Docker(Box<Engine>, Image),
}

/// A plan that can be carried out.
pub(super) struct Prepared {
    pub(super) checkout: Checkout,
    pub(super) lock: Lock,
    pub(super) equipped: Equipped,
    pub(super) plan: Plan,
    pub(super) survey: Survey,
    pub(super) earlier: Vec<Earlier>,
}

/// Why preparing did not end well, and what could be installed about it.
pub(super) struct Unprepared {
    pub(super) error: Error,
    pub(super) missing: Vec<Tool>,
}

impl<E: Into<Error>> From<E> for Unprepared {
    fn from(error: E) -> Unprepared {
        Unprepared {
            error: error.into(),
            missing: Vec::new(),
        }
    }
}

/// The tree has no version, and its images or binaries could not be named.
#[derive(Debug, thiserror::Error)]
#[error("the tree has no version to stamp binaries with: {0}")]
struct NoVersion(source::Unversioned);

impl Explain for NoVersion {
    fn kind(&self) -> Kind {
        Kind::Source
    }

    fn hints(&self) -> Vec<String> {
        vec![
            "`--force` builds all the same; binaries then call themselves v0.0.0-master".to_owned(),
        ]
    }
}

impl Build<'_> {
    /// From the order to a plan that can be carried out.
    pub(super) fn prepare(&self, runs: &Runs, events: &Events) -> Result<Prepared, Unprepared> {
        let (ready, surveyed, lock) = self.locked(runs, events)?;
        if let (Some(reason), false) = (&surveyed.plan.source.stamp.unversioned, self.options.force)
        {
            return Err(NoVersion(reason.clone()).into());
        }
        let mut survey = surveyed.survey;
        events.send(Event::Preflight {
            summary: survey.preflight.summary(),
            choice: survey.choice.clone(),
        });
        for check in survey.preflight.warnings() {
            events.send(Event::Warning {
                message: check.message.clone(),
            });
        }
        self.judge(&survey)?;
        let (equipped, plan) = match surveyed.place {
            Place::Here => self.equip_here(&ready, surveyed.plan, events)?,
            Place::Engine(engine, chosen) => {
                let (equipped, plan, seen) = self.equip_engine(&ready, engine, *chosen, events)?;
                if let Some(seen) = seen {
                    self.judge(&seen)?;
                    survey = seen;
                }
                (equipped, plan)
            }
        };
        for message in plan.remarks.iter().cloned() {
            events.send(Event::Note { message });
        }
        Ok(Prepared {
            checkout: ready.checkout,
            lock,
            equipped,
            plan,
            survey,
            earlier: ready.earlier,
        })
    }

    /// Surveys the tree, and has it for itself. Where somebody else works on it, a name that is wrong is said before the
    /// wait rather than after it.
    fn locked(&self, runs: &Runs, events: &Events) -> Result<(Ready, Surveyed, Lock), Unprepared> {
        let mut access = Access::Read;
        loop {
            let checkout = self.checkout(events, access)?;
            // What is said of a tree that others work on may not hold after the wait.
            if checkout.lock.is_some() {
                tell::source_ready(events, &checkout);
            }
            let mut ready = Ready::read(checkout, runs, self.options.resume.as_deref())?;
            let surveyed = self.surveyed_where_it_fits(&ready, events)?;
            if let Some(lock) = ready.checkout.lock.take() {
                return Ok((ready, surveyed, lock));
            }
            access = Access::Own;
        }
    }

    /// From the order to a plan, and what the checks say of it; the tree is only read.
    pub(super) fn surveyed(&self, runs: &Runs, events: &Events) -> Result<Surveyed, Unprepared> {
        let checkout = self.checkout(events, Access::Read)?;
        tell::source_ready(events, &checkout);
        let ready = Ready::read(checkout, runs, self.options.resume.as_deref())?;
        self.surveyed_where_it_fits(&ready, events)
    }

    /// The plan alone, and where its Go comes from: nothing is built, downloaded or pulled.
    pub(super) fn planned(&self, events: &Events) -> Result<(Plan, Option<Choice>), Error> {
        let checkout = self.checkout(events, Access::Read)?;
        tell::source_ready(events, &checkout);
        let facts = tree::read(&DiskFiles::new(&checkout.root))?;
        if self.executor(&facts) == ExecutorChoice::Docker {
            let engine = self.engine()?;
            let chosen = self.choose_image(&engine, &facts)?;
            let platform = &engine.profile.platform;
            let plan = self.plan(&checkout, &facts, &chosen.equipment(&facts), platform)?;
            return Ok((plan, None));
        }
        let (wanted, policy) = wanted(&facts, &self.settings.go);
        let choice = toolchain::resolve(&wanted, policy, &self.surroundings)?;
        let plan = self.plan(
            &checkout,
            &facts,
            &native(&facts, &choice.version),
            &Platform::host(),
        )?;
        Ok((plan, Some(choice)))
    }

    /// The executor for a tree. A release compiles in a container, whatever it does then; one that cannot be taken apart
    /// runs containers itself, from this machine.
    fn executor(&self, facts: &TreeFacts) -> ExecutorChoice {
        match self.order.request(facts, &Platform::host()).goal {
            goal if is_taken_apart(&goal, facts) => ExecutorChoice::Docker,
            Goal::Target(name) if is_release(&name) => ExecutorChoice::Native,
            _ => self.settings.executor,
        }
    }

    fn surveyed_where_it_fits(
        &self,
        ready: &Ready,
        events: &Events,
    ) -> Result<Surveyed, Unprepared> {
        match self.executor(&ready.facts) {
            ExecutorChoice::Native => self.surveyed_here(ready),
            ExecutorChoice::Docker => match self.engine() {
                Ok(engine) => Ok(self.surveyed_on(engine, ready)?),
                Err(error) => self.without_engine(error, ready),
            },
            ExecutorChoice::Auto => {
                let here = self
                    .surveyed_here(ready)
                    .and_then(|surveyed| self.judge(&surveyed.survey).map(|()| surveyed));
                match here {
                    Err(unfit) => self.surveyed_instead(unfit, ready, events),
                    fit => fit,
                }
            }
        }
    }

    /// In a container, since this machine does not do; where there is no engine either, this machine's reason stands.
    fn surveyed_instead(
        &self,
        unfit: Unprepared,
        ready: &Ready,
        events: &Events,
    ) -> Result<Surveyed, Unprepared> {
        let Ok(engine) = self.engine() else {
            return Err(unfit);
        };
        events.send(Event::Note {
            message: format!("{}, so it builds in a container", unfit.error),
        });
        Ok(self.surveyed_on(engine, ready)?)
    }

    pub(super) fn surveyed_here(&self, ready: &Ready) -> Result<Surveyed, Unprepared> {
        let facts = &ready.facts;
        let (wanted, policy) = wanted(facts, &self.settings.go);
        let choice = toolchain::resolve(&wanted, policy, &self.surroundings).map_err(no_go)?;
        let plan = self.plan(
            &ready.checkout,
            facts,
            &native(facts, &choice.version),
            &Platform::host(),
        )?;
        let survey = self.survey(&plan, ready, choice.origin.disk(), &|ground, model| {
            survey(&plan, facts, ground, model)
        })?;
        Ok(Surveyed {
            plan,
            survey,
            place: Place::Here,
        })
    }

    pub(super) fn judge(&self, survey: &Survey) -> Result<(), Unprepared> {
        survey
            .preflight
            .verdict(self.options.force, &survey.host)
            .map_err(|error| Unprepared {
                missing: survey.preflight.missing_tools(),
                error: error.into(),
            })
    }

    fn equip_here(
        &self,
        ready: &Ready,
        plan: Plan,
        events: &Events,
    ) -> Result<(Equipped, Plan), Unprepared> {
        let toolchain = self.toolchain(&ready.facts, events)?;
        // A download that failed may have ended in another version: the plan says which one is used.
        let plan = if toolchain.version.to_string() == plan.toolchain.version {
            plan
        } else {
            let equipment = native(&ready.facts, &toolchain.version);
            self.plan(&ready.checkout, &ready.facts, &equipment, &Platform::host())?
        };
        Ok((Equipped::Native(toolchain), plan))
    }

    pub(super) fn checkout(&self, events: &Events, access: Access) -> Result<Checkout, Error> {
        let request = self
            .order
            .source
            .clone()
            .request(&self.settings, &self.call.directory)?;
        Ok(source::provide(
            &request,
            &store(&self.settings),
            &source::Options {
                access,
                ..options(&self.settings, self.call)
            },
            &self.call.cancel,
            &mut |progress| tell::source(events, progress),
        )?)
    }

    pub(super) fn plan(
        &self,
        checkout: &Checkout,
        facts: &TreeFacts,
        equipment: &Equipment,
        host: &Platform,
    ) -> Result<Plan, Error> {
        let source = SourceIdentity {
            repository: checkout.repository.clone(),
            reference: checkout.reference.clone(),
            in_place: checkout.in_place,
            commit: checkout.commit.clone(),
            tree: checkout.tree.clone(),
            committed_at: checkout.committed_at,
            changes: checkout.changes.clone(),
            stamp: checkout.stamp.clone(),
        };
        Ok(plan(
            &self.order.request(facts, host),
            &source,
            facts,
            equipment,
        )?)
    }

    pub(super) fn survey(
        &self,
        plan: &Plan,
        ready: &Ready,
        toolchain: Bytes,
        look: &dyn Fn(&Ground<'_>, &Model) -> Survey,
    ) -> Result<Survey, Error> {
        let model = model_of(plan, Model::embedded()?, &ready.earlier);
        let temporary = self
            .call
            .environment
            .get("TMPDIR")
            .map_or_else(|| PathBuf::from("/tmp"), PathBuf::from);
        let ground = Ground {
            source: &ready.checkout.root,
            home: &self.settings.home,
            temporary: &temporary,
            toolchain,
            path: &self.surroundings.path,
            memory: self.settings.memory,
            go_is_named: self.settings.go != GoChoice::Tree,
            jobs: self.settings.jobs,
            cpu_millis: self.settings.cpu_millis,
        };
        Ok(look(&ground, &model))
    }

    fn toolchain(&self, facts: &TreeFacts, events: &Events) -> Result<Toolchain, Unprepared> {
        let (wanted, policy) = wanted(facts, &self.settings.go);
        let toolchain = toolchain::provide(
            &wanted,
            policy,
            &self.surroundings,
            &self.call.cancel,
            &mut |progress| tell::toolchain(events, progress),
        )
        .map_err(no_go)?;
        events.send(Event::ToolchainReady {
            version: toolchain.version.to_string(),
            origin: toolchain.origin.to_string(),
        });
        if let Some(message) = toolchain.warning.clone() {
            events.send(Event::Warning { message });
        }
        Ok(toolchain)
    }
}

/// What a native plan builds with.
fn native(facts: &TreeFacts, version: &GoVersion) -> Equipment {
    Equipment {
        toolchain: ToolchainIdentity {
            version: version.to_string(),
            wanted: facts.go.version.clone(),
        },
        image: None,
        base_images: Vec::new(),
    }
}

/// The Go that a tree asks for, or that the user names instead, and whether it has to be that one.
pub(in crate::commands) fn wanted(facts: &TreeFacts, go: &GoChoice) -> (Wanted, Policy) {
    let parse = |text: &Option<String>| text.as_deref().and_then(|text| text.parse().ok());
    let (version, policy) = match go {
        GoChoice::Tree => (parse(&facts.go.version), Policy::Exact),
        GoChoice::Host => (parse(&facts.go.version), Policy::Host),
        GoChoice::Version(named) => (Some(named.clone()), Policy::Exact),
    };
    let minimum = parse(&facts.go.minimum);
    (Wanted { version, minimum }, policy)
}

/// A missing Go is something that set-up can mend: the system's own package, as a last resort.
fn no_go(error: toolchain::ToolchainError) -> Unprepared {
    let missing = if error.kind() == Kind::Preflight {
        vec![Tool::Go]
    } else {
        Vec::new()
    };
    Unprepared {
        error: error.into(),
        missing,
    }
}
