//! One thin file per verb: resolve, plan, run, report.

mod artifacts;
mod build;
mod completions;
mod config;
mod crd;
mod demo;
mod diagnose;
mod doctor;
mod engine;
mod load;
mod logs;
mod man;
mod order;
mod plan_text;
mod recipes;
mod runs;
mod same_tree;
mod scaffold;
mod setup;
mod source;
mod source_place;
mod targets;
mod tell;
mod toolchain;
mod usage;

use std::env;
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread;

use clap::Parser;
use clap::error::ErrorKind;

use crate::cancel::Cancel;
use crate::cli::{Cli, Verb};
use crate::error::{Error, Explain, Kind};
use crate::report::{Output, Style};
use crate::settings::{Environment, Layer, Settings, SettingsError};

/// What every verb may need of the call.
struct Call {
    /// The process's environment.
    environment: Environment,
    /// The current directory.
    directory: PathBuf,
    /// The command line, as it was typed.
    command: Vec<String>,
    /// The wish to stop.
    cancel: Cancel,
}

impl Call {
    /// The settings that hold for a verb that knows no recipe.
    fn settings(&self, flags: Layer) -> Result<Settings, SettingsError> {
        Settings::resolve(&self.environment, &self.directory, Layer::none(), flags)
    }
}

/// The current directory is gone.
#[derive(Debug, thiserror::Error)]
#[error("the current directory cannot be found")]
struct NoDirectory(#[source] std::io::Error);

impl Explain for NoDirectory {
    fn kind(&self) -> Kind {
        Kind::Usage
    }
}

const FINDINGS: u8 = Kind::Findings.exit_code();

/// The whole program.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return refuse(error),
    };
    let outcome = std::panic::catch_unwind(|| {
        let outcome = call().and_then(|call| {
            dispatch(&cli.verb, &call).map_err(|ended| ended.of_same_tree(&call.command))
        });
        match outcome {
            // Findings that could not be written were not told.
            Ok(()) | Err(Ended::Reported(FINDINGS)) => Output.verdict()?,
            Err(_) => {}
        }
        outcome
    });
    let Ok(outcome) = outcome else {
        // The panic's message and place are on standard error already.
        Output.talk("error: this is a bug in kubewright; please report it with the lines above");
        return ExitCode::from(Kind::Bug.exit_code());
    };
    exit_code(outcome)
}

fn exit_code(outcome: Result<(), Ended>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Ended::Reported(code)) => ExitCode::from(code),
        Err(Ended::Failed(error)) => {
            Output.error(&error);
            ExitCode::from(error.kind().exit_code())
        }
    }
}

/// How a verb ended that did not end well.
enum Ended {
    /// The error is yet to be shown.
    Failed(Error),
    /// All was said; this is the exit code.
    Reported(u8),
}

impl Ended {
    /// Its hints speak of the tree that the user named.
    fn of_same_tree(self, command: &[String]) -> Ended {
        match self {
            Ended::Failed(error) => Ended::Failed(same_tree::keep(error, command)),
            reported @ Ended::Reported(_) => reported,
        }
    }
}

impl<E: Into<Error>> From<E> for Ended {
    fn from(error: E) -> Ended {
        Ended::Failed(error.into())
    }
}

fn refuse(mut error: clap::Error) -> ExitCode {
    let words: Vec<String> = env::args_os()
        .skip(1)
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let hint = usage::hint(&mut error, &words);
    let printed = error.print();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            Output.note(printed);
            exit_code(Output.verdict().map_err(Ended::from))
        }
        _ => {
            if let Some(hint) = hint {
                Output.talk(&format!("\n{} {hint}", Style::of_stderr().accent("hint:")));
            }
            ExitCode::from(Kind::Usage.exit_code())
        }
    }
}

fn call() -> Result<Call, Ended> {
    let cancel = Cancel::default();
    listen(&cancel);
    Ok(Call {
        environment: Environment::of_process(),
        directory: env::current_dir().map_err(NoDirectory)?,
        command: env::args_os()
            .map(|word| word.to_string_lossy().into_owned())
            .collect(),
        cancel,
    })
}

/// Signals become requests to stop. Where they cannot be listened to, they keep their default effect.
fn listen(cancel: &Cancel) {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
    let Ok(mut signals) = signal_hook::iterator::Signals::new([SIGHUP, SIGINT, SIGQUIT, SIGTERM])
    else {
        return;
    };
    let cancel = cancel.clone();
    thread::spawn(move || {
        for (count, signal) in signals.forever().enumerate() {
            cancel.request(u8::try_from(signal).unwrap_or_default());
            // Who asks a third time has seen that neither asking nor forcing the children was enough.
            if count >= 2 {
                let _ = signal_hook::low_level::emulate_default_handler(signal);
            }
        }
    });
}

fn dispatch(verb: &Verb, call: &Call) -> Result<(), Ended> {
    match verb {
        Verb::Build(goal) => build::run(goal, call),
        Verb::Recipes(verb) => recipes::run(verb),
        Verb::Targets(arguments) => targets::run(arguments, call),
        Verb::Source(verb) => source::run(verb, call),
        Verb::Toolchain(verb) => toolchain::run(verb, call),
        Verb::Engine(verb) => engine::run(verb, call),
        Verb::Artifacts(verb) => artifacts::run(verb, call),
        Verb::Load(verb) => load::run(verb, call),
        Verb::Scaffold(verb) => scaffold::run(verb),
        Verb::Runs(verb) => runs::run(verb, call),
        Verb::Logs(arguments) => logs::run(arguments, call),
        Verb::Diagnose(arguments) => diagnose::run(arguments),
        Verb::Crd(verb) => crd::run(verb, call),
        Verb::Demo(arguments) => demo::run(arguments, call),
        Verb::Doctor(arguments) => doctor::run(arguments, call),
        Verb::Config(verb) => config::run(verb, call),
        Verb::Completions { shell } => {
            completions::run(*shell);
            Ok(())
        }
        Verb::Man { folder } => man::run(folder),
    }
}
