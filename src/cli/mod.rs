//! The clap types of the command line and their help texts; no logic, no I/O.

mod build;
mod crd;
mod engine;
mod scaffold;
mod verbs;

use clap::{Parser, Subcommand};

pub use build::{
    BuildGoal, BuildOptions, ContainerOptions, MessageFormat, SetupOptions, SourceOptions,
    TalkOptions,
};
pub use crd::{
    ChangeFormat, CrdConvertArgs, CrdDiffArgs, CrdExplainArgs, CrdLintArgs, CrdSampleArgs, CrdVerb,
    FindingFormat, UnknownFields, Validator,
};
pub use engine::EngineVerb;
pub use scaffold::{
    BodyOptions, ControllerArgs, CrdArgs, LanguageName, NameOptions, ScaffoldVerb, WritingOptions,
};
pub use verbs::{
    ArtifactsVerb, ConfigVerb, DemoArgs, DiagnoseArgs, DoctorArgs, Format, LoadVerb, LogsArgs,
    RecipesVerb, RunsVerb, SourceVerb, TargetsArgs, ToolchainVerb,
};

/// Builds Kubernetes from source: any ref, any component, any target of its Makefile
///
/// Start with `kubewright demo`: a short guided run on a miniature Kubernetes that needs no network. Exit codes: 0 done,
/// 1 a step failed, 2 usage, 3 preflight, 4 source, 5 out of memory, 6 out of disk, 7 engine unreachable, 10 findings,
/// 70 a bug in kubewright, 130 and 143 signals.
#[derive(Debug, Parser)]
#[command(name = "kubewright", version, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Build components, all of Kubernetes, a target of its Makefile, or what a recipe says
    #[command(subcommand)]
    Build(Box<BuildGoal>),
    /// List, show and check recipes
    #[command(subcommand)]
    Recipes(RecipesVerb),
    /// List what can be built at a ref, each with its help text
    Targets(TargetsArgs),
    /// List, locate and clean up mirrors and checkouts
    #[command(subcommand)]
    Source(SourceVerb),
    /// List, install and locate Go toolchains
    #[command(subcommand)]
    Toolchain(ToolchainVerb),
    /// Look at the container engine, make an image for it, clean up on it
    #[command(subcommand)]
    Engine(EngineVerb),
    /// List, verify and export what runs have built
    #[command(subcommand)]
    Artifacts(ArtifactsVerb),
    /// Put the images of a run where they are tested
    #[command(subcommand)]
    Load(LoadVerb),
    /// Make what extends Kubernetes: custom resource definitions
    #[command(subcommand)]
    Scaffold(ScaffoldVerb),
    /// List and clean up runs
    #[command(subcommand)]
    Runs(RunsVerb),
    /// Print the logs of a run
    Logs(LogsArgs),
    /// Find the cause of a failure in the log of any build of Kubernetes
    Diagnose(DiagnoseArgs),
    /// Check custom resource definitions as the API server does, without one
    #[command(subcommand)]
    Crd(CrdVerb),
    /// A short guided run on a miniature Kubernetes
    Demo(DemoArgs),
    /// Check what this machine has and lacks for building
    Doctor(DoctorArgs),
    /// Show settings
    #[command(subcommand)]
    Config(ConfigVerb),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Write the manual pages into a folder
    Man {
        /// The folder
        folder: std::path::PathBuf,
    },
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn every_verb_is_well_formed() {
        Cli::command().debug_assert();
    }
}
