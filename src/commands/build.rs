//! `kubewright build …`: prepare (source, tree, plan, checks, toolchain), then carry out.

use std::path::PathBuf;
use std::time::Instant;

use jiff::Timestamp;

use super::order::Order;
use super::source_place::{options, search_path, store, surroundings, user_home};
use super::{Call, Ended, setup, tell};
use crate::cli::{self, BuildGoal, BuildOptions};
use crate::error::{Error, Explain, Kind};
use crate::host::{Model, Tool};
use crate::lock::process_start;
use crate::plan::{Plan, SourceIdentity, ToolchainIdentity, plan};
use crate::report::manifest::{Manifest, ProcessIdentity, Status};
use crate::report::runs::{Earlier, RunFolder, Runs};
use crate::report::{
    self, Event, Events, Failure, Manner, MessageFormat, Output, Style, Verbosity,
};
use crate::run::preflight::{Ground, Survey, corrected, survey};
use crate::run::{Allotment, Native, Roots, Site, carry_out};
use crate::settings::{GoChoice, Settings};
use crate::source::{self, Checkout};
use crate::toolchain::{self, GoVersion, Policy, Surroundings, Toolchain, Wanted};
use crate::tree::{self, DiskFiles, TreeFacts};

/// One build, from the command line to its end.
struct Build<'a> {
    options: &'a BuildOptions,
    order: Order,
    settings: Settings,
    call: &'a Call,
    surroundings: Surroundings,
    started: Instant,
}

/// A plan, and what this host's checks say of it.
struct Surveyed {
    checkout: Checkout,
    facts: TreeFacts,
    plan: Plan,
    survey: Survey,
    earlier: Vec<Earlier>,
}

/// A plan that this host can carry out.
struct Prepared {
    checkout: Checkout,
    toolchain: Toolchain,
    plan: Plan,
    survey: Survey,
    earlier: Vec<Earlier>,
}

/// Why preparing did not end well, and what could be installed about it.
struct Unprepared {
    error: Error,
    missing: Vec<Tool>,
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

pub(super) fn run(goal: &BuildGoal, call: &Call) -> Result<(), Ended> {
    let build = Build::new(Order::new(goal)?, goal.options(), call)?;
    if build.options.dry_run {
        build.dry_run()
    } else {
        build.run()
    }
}

/// The checks of this host for an order, without building it.
pub(super) fn checks(order: Order, options: &BuildOptions, call: &Call) -> Result<Survey, Error> {
    let build = Build::new(order, options, call)?;
    let runs = Runs::below(&build.settings.home);
    let surveyed = report::during(build.manner(), &call.cancel, None, |events| {
        build.surveyed(&runs, &events)
    });
    surveyed
        .map(|surveyed| surveyed.survey)
        .map_err(|unprepared| unprepared.error)
}

impl<'a> Build<'a> {
    fn new(
        mut order: Order,
        options: &'a BuildOptions,
        call: &'a Call,
    ) -> Result<Build<'a>, Error> {
        let settings = order.settings(options, &call.environment, &call.directory)?;
        let surroundings = surroundings(&settings, call);
        Ok(Build {
            options,
            order,
            settings,
            call,
            surroundings,
            started: Instant::now(),
        })
    }

    /// Prints the plan. Nothing is built and no toolchain is downloaded; the tree has to be there to be read.
    fn dry_run(&self) -> Result<(), Ended> {
        let planned = report::during(self.manner(), &self.call.cancel, None, |events| {
            let checkout = self.checkout(&events)?;
            let facts = tree::read(&DiskFiles::new(&checkout.root))?;
            let choice = toolchain::resolve(&wanted(&facts), self.policy(), &self.surroundings)?;
            self.plan(&checkout, &facts, &choice.version)
                .map(|plan| (plan, choice))
        });
        let (plan, choice) = planned?;
        match self.options.talk.message_format {
            cli::MessageFormat::Json => {
                Output.json(&serde_json::to_value(&plan).unwrap_or_default());
            }
            cli::MessageFormat::Human => {
                Output.data(&super::plan_text::text(&plan, &choice, Style::of_stdout()));
            }
        }
        Ok(())
    }

    fn run(&self) -> Result<(), Ended> {
        let runs = Runs::below(&self.settings.home);
        let folder = runs.create()?;
        let mut manifest = self.manifest(&folder);
        let outcome = self.build(&runs, &folder, &mut manifest);
        self.finish(&folder, manifest, &outcome)
    }

    fn build(&self, runs: &Runs, folder: &RunFolder, manifest: &mut Manifest) -> Result<(), Error> {
        let opened = |events: Events| {
            events.send(Event::RunStarted {
                folder: folder.path.clone(),
                command: self.call.command.clone(),
            });
            self.prepare(runs, &events)
        };
        write(manifest, folder)?;
        let mut prepared = self.during(folder, opened);
        if let Err(unprepared) = &prepared
            && setup::mend(
                &unprepared.missing,
                self.options.setup,
                &self.surroundings.path,
            )?
        {
            prepared = self.during(folder, |events| self.prepare(runs, &events));
        }
        let mut prepared = prepared.map_err(|unprepared| unprepared.error)?;
        manifest.reproduce = Some(prepared.plan.command());
        manifest.plan = Some(prepared.plan.clone());
        manifest.host = Some(prepared.survey.host.clone());
        write(manifest, folder)?;
        self.during(folder, |events| {
            self.carry_out(&mut prepared, folder, manifest, &events)
        })
    }

    /// From the order to a plan that this host can carry out.
    fn prepare(&self, runs: &Runs, events: &Events) -> Result<Prepared, Unprepared> {
        let Surveyed {
            checkout,
            facts,
            plan,
            survey,
            earlier,
        } = self.surveyed(runs, events)?;
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
            toolchain,
            plan,
            survey,
            earlier,
        })
    }

    /// From the order to a plan, and what this host's checks say of it.
    fn surveyed(&self, runs: &Runs, events: &Events) -> Result<Surveyed, Unprepared> {
        let checkout = self.checkout(events)?;
        // Read while the tree is locked: a run that this one waited for may have built what is asked for.
        let earlier = runs.list();
        let facts = tree::read(&DiskFiles::new(&checkout.root))?;
        let choice = toolchain::resolve(&wanted(&facts), self.policy(), &self.surroundings)
            .map_err(no_go)?;
        let plan = self.plan(&checkout, &facts, &choice.version)?;
        let survey = self.survey(&plan, &facts, &checkout, &earlier)?;
        Ok(Surveyed {
            checkout,
            facts,
            plan,
            survey,
            earlier,
        })
    }

    fn checkout(&self, events: &Events) -> Result<Checkout, Error> {
        let started = Instant::now();
        let request = self
            .order
            .source
            .clone()
            .request(&self.settings, &self.call.directory)?;
        let checkout = source::provide(
            &request,
            &store(&self.settings),
            &options(&self.settings, self.call),
            &self.call.cancel,
            &mut |progress| tell::source(events, progress),
        )?;
        events.send(Event::SourceReady {
            reference: if checkout.in_place {
                checkout.repository.clone()
            } else {
                checkout.reference.clone()
            },
            commit: checkout.commit.clone(),
            version: checkout.stamp.version.clone(),
            changes: checkout.changes.len(),
            seconds: started.elapsed().as_secs_f64(),
        });
        Ok(checkout)
    }

    fn plan(
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
            &self.order.request(facts),
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

    fn carry_out(
        &self,
        prepared: &mut Prepared,
        folder: &RunFolder,
        manifest: &mut Manifest,
        events: &Events,
    ) -> Result<(), Error> {
        events.send(Event::Planned {
            plan: Box::new(prepared.plan.clone()),
        });
        let version_file = folder.path.join("version");
        std::fs::write(&version_file, prepared.plan.source.stamp.version_file()).map_err(
            |source| NotWritten {
                path: version_file,
                source,
            },
        )?;
        let roots = Roots {
            source: prepared.checkout.root.clone(),
            run: folder.path.clone(),
            toolchain: prepared.toolchain.root.clone(),
            path: search_path(&self.call.environment),
            home: user_home(&self.call.environment),
        };
        let allotments = &prepared.survey.allotments;
        let site = Site {
            native: Native {
                roots: &roots,
                environment: &self.call.environment,
                grace: self.settings.grace_period,
                cancel: &self.call.cancel,
            },
            folder,
            earlier: &prepared.earlier,
            out: self.options.out.as_deref(),
            allot: &|step| {
                allotments
                    .get(&step.id)
                    .copied()
                    .unwrap_or_else(Allotment::default)
            },
            events,
        };
        Ok(carry_out(
            &prepared.plan,
            &site,
            &mut prepared.checkout.lock,
            manifest,
        )?)
    }

    /// Brings the manifest to its end and says how it was.
    fn finish(
        &self,
        folder: &RunFolder,
        mut manifest: Manifest,
        outcome: &Result<(), Error>,
    ) -> Result<(), Ended> {
        let exit_code = outcome
            .as_ref()
            .err()
            .map_or(0, |error| error.kind().exit_code());
        let error = outcome.as_ref().err().map(Failure::from);
        let seconds = self.started.elapsed().as_secs_f64();
        manifest.status = match outcome.as_ref().err().map(Error::kind) {
            None => Status::Succeeded,
            Some(Kind::Signal(_)) => Status::Interrupted,
            Some(_) => Status::Failed,
        };
        manifest.seconds = Some(seconds);
        manifest.exit_code = Some(exit_code);
        manifest.error.clone_from(&error);
        let written = write(&manifest, folder);
        self.during(folder, |events| {
            events.send(Event::RunFinished {
                exit_code,
                seconds,
                error,
            });
        });
        match exit_code {
            0 => Ok(written?),
            code => Err(Ended::Reported(code)),
        }
    }

    fn during<T: Send>(&self, folder: &RunFolder, work: impl FnOnce(Events) -> T + Send) -> T {
        report::during(
            self.manner(),
            &self.call.cancel,
            Some(&folder.path),
            |events| work(events.of_run(&folder.id)),
        )
    }

    fn manner(&self) -> Manner {
        let talk = &self.options.talk;
        let terse = self.call.environment.get("CI").is_some();
        let dumb = self.call.environment.text("TERM") == Some("dumb");
        Manner {
            verbosity: match (talk.quiet, talk.verbose) {
                (true, _) => Verbosity::Quiet,
                (_, true) => Verbosity::Verbose,
                _ => Verbosity::Normal,
            },
            format: match talk.message_format {
                cli::MessageFormat::Human => MessageFormat::Human,
                cli::MessageFormat::Json => MessageFormat::Json,
            },
            progress: !(talk.no_progress || terse || dumb),
            style: Style::of_stderr(),
        }
    }

    fn policy(&self) -> Policy {
        match self.settings.go {
            GoChoice::Tree => Policy::Exact,
            GoChoice::Host => Policy::Host,
        }
    }

    fn manifest(&self, folder: &RunFolder) -> Manifest {
        let pid = std::process::id();
        Manifest {
            schema: report::manifest::SCHEMA,
            kubewright: env!("CARGO_PKG_VERSION").to_owned(),
            run: folder.id.clone(),
            process: ProcessIdentity {
                pid,
                started: process_start(pid).unwrap_or_default(),
            },
            status: Status::Running,
            started: Timestamp::now().to_string(),
            seconds: None,
            command: self.call.command.clone(),
            reproduce: None,
            plan: None,
            host: None,
            steps: Vec::new(),
            artifacts: Vec::new(),
            exit_code: None,
            error: None,
        }
    }
}

/// A file of the run cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write `{}`", .path.display())]
struct NotWritten {
    path: PathBuf,
    source: std::io::Error,
}

impl Explain for NotWritten {
    fn kind(&self) -> Kind {
        match self.source.kind() {
            std::io::ErrorKind::StorageFull => Kind::OutOfDisk,
            _ => Kind::Preflight,
        }
    }
}

fn write(manifest: &Manifest, folder: &RunFolder) -> Result<(), NotWritten> {
    let path = folder.path.join(report::manifest::FILE);
    manifest
        .write(&folder.path)
        .map_err(|source| NotWritten { path, source })
}

fn wanted(facts: &TreeFacts) -> Wanted {
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
