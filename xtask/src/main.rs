//! What developers run: `cargo xtask …`.

#![expect(
    clippy::print_stderr,
    reason = "this is the edge of the program: it talks to the developer"
)]

mod api_server;
mod buildx;
mod dice;
mod fuzz;
mod generated;
mod picture;
mod pod_template;
mod reference;
mod schemas;
mod stamps;
mod test;
mod versions;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// What may go wrong; a message for the developer is all that is made of it.
type Failure = Box<dyn Error>;

/// What developers of kubewright run
#[derive(Debug, Parser)]
#[command(name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Set up what the tests need, then run them all
    Test {
        /// Arguments for the test program, such as part of a test's name
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Build the API server that some tests ask, where it is not what tests/apiserver says
    Apiserver,
    /// Build the buildx plugin that tests of releases call, where it is absent (takes Go and its modules)
    Buildx,
    /// Write the JSON schemas in docs/schemas from the types
    Schemas {
        /// Write nothing; fail if a file is not what it should be
        #[arg(long)]
        check: bool,
    },
    /// Write the pages in docs/reference from the program
    Reference {
        /// Write nothing; fail if a file is not what it should be
        #[arg(long)]
        check: bool,
    },
    /// Write the schema of the field type `podTemplate` from the OpenAPI of Kubernetes (takes Go and its modules)
    PodTemplate,
    /// Feed broken input to the readers of fields, descriptions and manifests, and see that none panics
    Fuzz(fuzz::FuzzArgs),
    /// Build components of many versions, one after the other, and write docs/versions.md
    Versions(versions::VersionsArgs),
    /// Hold source and stamp of random commits against `git describe` and each commit's own script
    Stamps(stamps::StampsArgs),
    /// Record a build in a terminal and draw it into docs/demo.svg
    Picture {
        /// What is recorded, behind `kubewright` [default: a build of the embedded repository]
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        command: Vec<String>,
    },
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().verb {
        Verb::Test { arguments } => test::run(&arguments),
        Verb::Apiserver => api_server::build(),
        Verb::Buildx => buildx::build(),
        Verb::Schemas { check } => {
            schemas::pages().and_then(|pages| generated::settle(&pages, check))
        }
        Verb::Reference { check } => {
            reference::pages().and_then(|pages| generated::settle(&pages, check))
        }
        Verb::PodTemplate => {
            pod_template::page().and_then(|page| generated::settle(&[page], false))
        }
        Verb::Fuzz(arguments) => fuzz::run(&arguments),
        Verb::Versions(arguments) => versions::run(&arguments),
        Verb::Stamps(arguments) => stamps::run(&arguments),
        Verb::Picture { command } => picture::draw(&command),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Builds kubewright beside this program, in the same profile, and says where it is.
fn built_kubewright() -> Result<PathBuf, Failure> {
    let mut build = vec!["build", "--locked", "--bin", "kubewright"];
    build.extend((!cfg!(debug_assertions)).then_some("--release"));
    duct::cmd(cargo(), build).dir(root()).run()?;
    kubewright()
}

/// The root of the repository.
fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package).to_owned()
}

/// The folder that cargo builds into: this program is in `debug` or `release` below it.
fn target() -> Result<PathBuf, Failure> {
    let program = std::env::current_exe()?;
    let folder = program.ancestors().nth(2);
    Ok(folder.ok_or("there is no target folder")?.to_owned())
}

/// The cargo that runs this program.
fn cargo() -> String {
    std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned())
}

/// The `kubewright` that cargo puts beside this program.
fn kubewright() -> Result<PathBuf, Failure> {
    let program = std::env::current_exe()?.with_file_name("kubewright");
    Ok(program.with_extension(std::env::consts::EXE_EXTENSION))
}
