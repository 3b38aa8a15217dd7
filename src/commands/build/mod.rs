//! `kubewright build …`: prepare (source, tree, plan, checks, toolchain), then carry out.

mod base_image;
mod image;
mod on_engine;
mod out;
mod prepare;
mod record;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock};
use std::time::Instant;

use super::order::Order;
use super::source_place::{search_path, surroundings, user_home};
use super::{Call, Ended, plan_text, same_tree, setup};
use crate::cli::{self, BuildGoal, BuildOptions};
use crate::engine::{Engine, Image};
use crate::error::{Error, Kind};
use crate::report::manifest::{Manifest, Status};
use crate::report::runs::{RunFolder, Runs};
use crate::report::{
    Event, Events, Failure, Manner, MessageFormat, Output, ProgressDisplay, Reporters, Style,
    Verbosity,
};
use crate::run::preflight::Survey;
use crate::run::{Allotment, Docker, Limits, Native, Roots, Site, carry_out};
use crate::settings::Settings;
use crate::toolchain::Surroundings;
use prepare::{Equipped, Prepared};

pub(super) use prepare::wanted;
use record::write;

/// One build, from the command line to its end.
struct Build<'a> {
    options: &'a BuildOptions,
    order: Order,
    settings: Settings,
    call: &'a Call,
    surroundings: Surroundings,
    started: Instant,
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
    let surveyed = Reporters::new(build.manner())
        .during(&call.cancel, |events| build.surveyed(&runs, &events));
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
        let mut reporters = Reporters::new(self.manner());
        let planned = reporters.during(&self.call.cancel, |events| {
            let (plan, choice) = self.planned(&events)?;
            // Whoever reads events gets the same one that a build sends.
            if self.options.talk.message_format == cli::MessageFormat::Json {
                events.send(Event::Planned {
                    plan: Box::new(plan.clone()),
                });
            }
            Ok::<_, Error>((plan, choice))
        });
        if let Some(unwritable) = reporters.unwritable() {
            return Err(unwritable.into());
        }
        let (plan, choice) = planned?;
        if self.options.talk.message_format == cli::MessageFormat::Human {
            Output.data(&plan_text::text(&plan, choice.as_ref(), Style::of_stdout()));
        }
        Ok(())
    }

    fn run(&self) -> Result<(), Ended> {
        let runs = Runs::below(&self.settings.home);
        let folder = runs.create()?;
        let mut manifest = self.manifest(&folder);
        let mut reporters = Reporters::of_run(self.manner(), &folder);
        let outcome = self.build(&runs, &folder, &mut manifest, &mut reporters);
        // Why the work was asked to stop, rather than that it was.
        let outcome = reporters
            .unwritable()
            .map_or(outcome, |unwritable| Err(unwritable.into()));
        let outcome = outcome.map_err(|error| same_tree::keep(error, &self.call.command));
        self.finish(&folder, manifest, &outcome, &mut reporters)
    }

    fn build(
        &self,
        runs: &Runs,
        folder: &RunFolder,
        manifest: &mut Manifest,
        reporters: &mut Reporters,
    ) -> Result<(), Error> {
        let cancel = &self.call.cancel;
        let opened = |events: Events| {
            events.send(Event::RunStarted {
                folder: folder.path.clone(),
                command: self.call.command.clone(),
            });
            self.prepare(runs, &events)
        };
        write(manifest, folder)?;
        if let Some(out) = &self.options.out {
            out::check(out)?;
        }
        let mut prepared = reporters.during(cancel, opened);
        if let Err(unprepared) = &prepared
            && setup::mend(
                &unprepared.missing,
                self.options.setup,
                &self.settings,
                self.call,
            )?
        {
            prepared = reporters.during(cancel, |events| self.prepare(runs, &events));
        }
        let mut prepared = prepared.map_err(|unprepared| unprepared.error)?;
        manifest.reproduce = Some(prepared.plan.command());
        manifest.plan = Some(prepared.plan.clone());
        manifest.host = Some(prepared.survey.host.clone());
        if let Equipped::Docker(engine, _) = &prepared.equipped {
            manifest.engine = Some(engine.profile.clone());
        }
        write(manifest, folder)?;
        reporters.during(cancel, |events| {
            self.carry_out(&mut prepared, folder, manifest, &events)
        })
    }

    fn carry_out(
        &self,
        prepared: &mut Prepared,
        folder: &RunFolder,
        manifest: &mut Manifest,
        events: &Events,
    ) -> Result<(), Error> {
        let (toolchain, docker, engine) = match &prepared.equipped {
            Equipped::Native(toolchain) => (toolchain.root.clone(), None, String::new()),
            Equipped::Docker(engine, image) => {
                let source = &prepared.checkout.root;
                (
                    PathBuf::new(),
                    Some(self.docker(engine, image, source, folder)),
                    engine.address.to_string(),
                )
            }
        };
        let roots = Roots {
            source: prepared.checkout.root.clone(),
            run: folder.path.clone(),
            toolchain,
            path: search_path(&self.call.environment),
            home: user_home(&self.call.environment),
            cache: PathBuf::new(),
            engine,
            kubewright: std::env::current_exe().unwrap_or_else(|_| PathBuf::from("kubewright")),
        };
        let allotments = &prepared.survey.allotments;
        let site = Site {
            native: Native {
                roots: &roots,
                environment: &self.call.environment,
                grace: self.settings.grace_period,
                cancel: &self.call.cancel,
            },
            docker,
            retry_on_oom: self.settings.retry_on_oom,
            fail_fast: self.options.fail_fast,
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
            &mut prepared.lock,
            manifest,
        )?)
    }

    fn docker<'b>(
        &'b self,
        engine: &'b Engine,
        image: &'b Image,
        source: &'b Path,
        folder: &'b RunFolder,
    ) -> Docker<'b> {
        Docker {
            engine,
            image,
            source,
            folder,
            environment: &self.call.environment,
            sync: self.settings.sync,
            limits: Limits {
                memory: self.settings.memory,
                cpu_millis: self.settings.cpu_millis,
            },
            grace: self.settings.grace_period,
            cancel: &self.call.cancel,
            provision: OnceLock::new(),
            providing: Mutex::new(()),
        }
    }

    /// Brings the manifest to its end and says how it was.
    fn finish(
        &self,
        folder: &RunFolder,
        mut manifest: Manifest,
        outcome: &Result<(), Error>,
        reporters: &mut Reporters,
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
        reporters.during(&self.call.cancel, |events| {
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
            progress: match (talk.no_progress, terse || dumb) {
                (true, _) => ProgressDisplay::Absent,
                (_, true) => ProgressDisplay::Lines,
                _ => ProgressDisplay::Live,
            },
            style: Style::of_stderr(),
        }
    }
}
