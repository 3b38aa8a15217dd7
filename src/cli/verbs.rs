//! The verbs beside `build`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::build::{SetupOptions, SourceOptions};

/// The form of data on standard output.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub enum Format {
    /// For people
    #[default]
    Table,
    /// For programs
    Json,
}

/// `kubewright recipes …`
#[derive(Debug, Subcommand)]
pub enum RecipesVerb {
    /// List the built-in recipes
    List {
        /// The form of the list
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Print a recipe
    Show {
        /// A built-in recipe, or a file that ends in .toml
        #[arg(value_name = "NAME|FILE.toml")]
        recipe: String,
    },
    /// Check a recipe's file
    Check {
        /// The file
        file: PathBuf,
    },
}

/// `kubewright targets`
#[derive(Args, Debug)]
pub struct TargetsArgs {
    /// Where the tree comes from
    #[command(flatten)]
    pub source: SourceOptions,
    /// The form of the list
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// `kubewright source …`
#[derive(Debug, Subcommand)]
pub enum SourceVerb {
    /// List checkouts
    List {
        /// The form of the list
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Print the folder of a ref's checkout, which is made where it is absent
    Path {
        /// A tag, branch or commit
        #[arg(value_name = "REF", allow_hyphen_values = true)]
        reference: String,
        /// A repository: a URL, a path, or `demo` for the embedded miniature
        #[arg(long, value_name = "URL|demo")]
        repo: Option<String>,
        /// Use no network: only what is already here
        #[arg(long)]
        offline: bool,
    },
    /// Remove checkouts, with their build output, mirrors that nothing needs any more, and validators made of them
    Gc {
        /// Remove mirrors and checkouts of all repositories, used lately or not
        #[arg(long)]
        all: bool,
    },
}

/// `kubewright toolchain …`
#[derive(Debug, Subcommand)]
pub enum ToolchainVerb {
    /// List the toolchains in kubewright's store
    List {
        /// The form of the list
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Install a version of Go into kubewright's store
    Install {
        /// The version, such as 1.24.6
        version: String,
    },
    /// Print the folder of a toolchain
    Path {
        /// The version, such as 1.24.6
        version: String,
    },
}

/// `kubewright artifacts …`
#[derive(Debug, Subcommand)]
pub enum ArtifactsVerb {
    /// List the artifacts of all runs
    List {
        /// The form of the list
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Check that artifacts are still what was built
    Verify {
        /// A run, or a folder with SHA256SUMS [default: the newest run with artifacts]
        #[arg(value_name = "RUN|DIR")]
        place: Option<String>,
    },
    /// Copy a run's artifacts, manifest and checksums into a folder
    Export {
        /// The run
        run: String,
        /// The folder
        folder: PathBuf,
    },
    /// Give all tarballs and archives of images in folders fixed times, order and owner
    Repack {
        /// The time, in seconds since 1970
        #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(i64).range(0..))]
        time: i64,
        /// The folders, with those in them
        #[arg(required = true, value_name = "DIR")]
        folders: Vec<PathBuf>,
    },
}

/// `kubewright load …`
#[derive(Debug, Subcommand)]
pub enum LoadVerb {
    /// Into the container engine that builds use
    Engine {
        /// A run with images
        run: String,
    },
    /// Into containerd, among the images of Kubernetes, by its command `ctr`
    Containerd {
        /// A run with images
        run: String,
    },
}

/// `kubewright runs …`
#[derive(Debug, Subcommand)]
pub enum RunsVerb {
    /// List runs, the newest first
    List {
        /// The form of the list
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Remove all runs but the newest, with their artifacts; runs without artifacts go first
    Gc {
        /// How many runs to keep: the newest with artifacts, then the newest without
        #[arg(long, value_name = "N", default_value_t = 20)]
        keep: usize,
        /// Say what would go and remove nothing
        #[arg(long)]
        dry_run: bool,
    },
}

/// `kubewright logs`
#[derive(Args, Debug)]
pub struct LogsArgs {
    /// The run [default: the newest]
    pub run: Option<String>,
}

/// `kubewright diagnose`
#[derive(Args, Debug)]
pub struct DiagnoseArgs {
    /// The log of a build; `-` for standard input
    #[arg(value_name = "LOG")]
    pub log: PathBuf,
    /// The form of the answer
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// `kubewright demo`
#[derive(Args, Debug)]
pub struct DemoArgs {
    /// Show a build that fails, and its diagnosis
    #[arg(long)]
    pub fail: bool,
    /// Mending what is missing
    #[command(flatten)]
    pub setup: SetupOptions,
}

/// `kubewright doctor`
#[derive(Args, Debug)]
pub struct DoctorArgs {
    /// Check for a target or component of the tree, a recipe, or `tests` for kubewright's own tests
    #[arg(long = "for", value_name = "TARGET|RECIPE|tests")]
    pub purpose: Option<String>,
    /// Where the tree comes from
    #[command(flatten)]
    pub source: SourceOptions,
    /// Mending what is missing
    #[command(flatten)]
    pub setup: SetupOptions,
    /// The form of the report
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// `kubewright config …`
#[derive(Debug, Subcommand)]
pub enum ConfigVerb {
    /// Print the settings that hold
    Show {
        /// Also where each comes from
        #[arg(long)]
        origin: bool,
        /// The form of the list
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
}
