//! From an order to a plan that this host can carry out: source, tree, plan, checks, toolchain.

use std::path::PathBuf;
use std::time::Instant;

use super::Build;
use crate::commands::source_place::{options, store};
use crate::commands::tell;
use crate::error::{Error, Explain, Kind};
use crate::host::{Model, Tool};
use crate::lock::Lock;
use crate::plan::{Plan, SourceIdentity, ToolchainIdentity, plan};
use crate::platform::Platform;
use crate::report::runs::{Earlier, Runs};
use crate::report::{Event, Events};
use crate::run::preflight::{Ground, Survey, corrected, survey};
use crate::settings::GoChoice;
use crate::source::{self, Access, Checkout};
use crate::toolchain::{self, GoVersion, Origin, Policy, Toolchain, Wanted};
use crate::tree::{self, DiskFiles, TreeFacts};

/// A plan, and what this host's checks say of it.
pub(super) struct Surveyed {
    pub(super) checkout: Checkout,
    pub(super) facts: TreeFacts,
    pub(super) plan: Plan,
    pub(super) survey: Survey,
    pub(super) earlier: Vec<Earlier>,
}

/// A plan that this host can carry out.
pub(super) struct Prepared {
    pub(super) checkout: Checkout,
    pub(super) lock: Lock,
    pub(super) toolchain: Toolchain,
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
    /// From the order to a plan that this host can carry out.
    pub(super) fn prepare(&self, runs: &Runs, events: &Events) -> Result<Prepared, Unprepared> {
        let (surveyed, lock) = self.locked(runs, events)?;
        let Surveyed {
            checkout,
            facts,
            plan,
            survey,
            earlier,
        } = surveyed;
        if let (Some(reason), false) = (&plan.source.stamp.unversioned, self.options.force) {
            return Err(NoVersion(reason.clone()).into());
        }
        events.send(Event::Preflight {
            summary: survey.preflight.summary(),
            choice: survey.choice.clone(),
        });
        for check in survey.preflight.warnings() {
            events.send(Event::Warning {
                message: check.message.clone(),
            });
        }
        survey
            .preflight
            .verdict(self.options.force, &survey.host)
            .map_err(|error| Unprepared {
                missing: survey.preflight.missing_tools(),
                error: error.into(),
            })?;
        let toolchain = self.toolchain(&facts, events)?;
        // A download that failed may have ended in another version: the plan says which one is used.
        let plan = if toolchain.version.to_string() == plan.toolchain.version {
            plan
        } else {
            self.plan(&checkout, &facts, &toolchain.version)?
        };
        for message in plan.remarks.iter().cloned() {
            events.send(Event::Note { message });
        }
        Ok(Prepared {
            checkout,
            lock,
            toolchain,
            plan,
            survey,
            earlier,
        })
    }

    /// Surveys the tree, and has it for itself. Where somebody else works on it, a name that is wrong is said before the
    /// wait rather than after it.
    fn locked(&self, runs: &Runs, events: &Events) -> Result<(Surveyed, Lock), Unprepared> {
        let mut access = Access::Read;
        loop {
            let mut surveyed = self.surveyed(runs, events, access)?;
            if let Some(lock) = surveyed.checkout.lock.take() {
                return Ok((surveyed, lock));
            }
            access = Access::Own;
        }
    }

    /// From the order to a plan, and what this host's checks say of it.
    pub(super) fn surveyed(
        &self,
        runs: &Runs,
        events: &Events,
        access: Access,
    ) -> Result<Surveyed, Unprepared> {
        let checkout = self.checkout(events, access)?;
        // Read while the tree is locked: a run that this one waited for may have built what is asked for.
        let earlier = runs.list();
        let facts = tree::read(&DiskFiles::new(&checkout.root))?;
        let choice = toolchain::resolve(&wanted(&facts), self.policy(), &self.surroundings)
            .map_err(no_go)?;
        let plan = self.plan(&checkout, &facts, &choice.version)?;
        let survey = self.survey(&plan, &facts, &checkout, &earlier, choice.origin)?;
        Ok(Surveyed {
            checkout,
            facts,
            plan,
            survey,
            earlier,
        })
    }

    pub(super) fn checkout(&self, events: &Events, access: Access) -> Result<Checkout, Error> {
        let started = Instant::now();
        let request = self
            .order
            .source
            .clone()
            .request(&self.settings, &self.call.directory)?;
        let checkout = source::provide(
            &request,
            &store(&self.settings),
            &source::Options {
                access,
                ..options(&self.settings, self.call)
            },
            &self.call.cancel,
            &mut |progress| tell::source(events, progress),
        )?;
        let took = started.elapsed().saturating_sub(checkout.waited);
        events.send(Event::SourceReady {
            reference: if checkout.in_place {
                checkout.repository.clone()
            } else {
                checkout.reference.clone()
            },
            commit: checkout.commit.clone(),
            version: checkout.stamp.version.clone(),
            changes: checkout.changes.len(),
            seconds: took.as_secs_f64(),
        });
        Ok(checkout)
    }

    pub(super) fn plan(
        &self,
        checkout: &Checkout,
        facts: &TreeFacts,
        version: &GoVersion,
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
        let toolchain = ToolchainIdentity {
            version: version.to_string(),
            wanted: facts.go.version.clone(),
        };
        Ok(plan(
            &self.order.request(facts, &Platform::host()),
            &source,
            facts,
            &toolchain,
        )?)
    }

    fn survey(
        &self,
        plan: &Plan,
        facts: &TreeFacts,
        checkout: &Checkout,
        earlier: &[Earlier],
        origin: Origin,
    ) -> Result<Survey, Error> {
        let model = corrected(Model::embedded()?, &plan.source.repository, earlier);
        let temporary = self
            .call
            .environment
            .get("TMPDIR")
            .map_or_else(|| PathBuf::from("/tmp"), PathBuf::from);
        let ground = Ground {
            source: &checkout.root,
            home: &self.settings.home,
            temporary: &temporary,
            toolchain: origin.disk(),
            path: &self.surroundings.path,
            memory: self.settings.memory,
            jobs: self.settings.jobs,
        };
        Ok(survey(plan, facts, &ground, &model))
    }

    fn toolchain(&self, facts: &TreeFacts, events: &Events) -> Result<Toolchain, Unprepared> {
        let toolchain = toolchain::provide(
            &wanted(facts),
            self.policy(),
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

    pub(super) fn policy(&self) -> Policy {
        match self.settings.go {
            GoChoice::Tree => Policy::Exact,
            GoChoice::Host => Policy::Host,
        }
    }
}

pub(super) fn wanted(facts: &TreeFacts) -> Wanted {
    let parse = |text: &Option<String>| text.as_deref().and_then(|text| text.parse().ok());
    Wanted {
        version: parse(&facts.go.version),
        minimum: parse(&facts.go.minimum),
    }
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
