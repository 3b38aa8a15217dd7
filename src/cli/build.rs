//! `kubewright build …` and the options that it shares with other verbs.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::bytes::Bytes;
use crate::recipe::PlatformChoice;
use crate::settings::Layer;

/// What to build.
#[derive(Debug, Subcommand)]
pub enum BuildGoal {
    /// Build one or more components, such as kubectl
    Component {
        /// Names of components; `kubewright targets` lists them
        #[arg(required = true, value_name = "NAME")]
        names: Vec<String>,
        /// What every build takes
        #[command(flatten)]
        options: BuildOptions,
    },
    /// Build all default components of a platform, as plain `make` does
    All {
        /// What every build takes
        #[command(flatten)]
        options: BuildOptions,
    },
    /// Build archives and images of one platform by upstream's own target; needs a container engine
    QuickRelease {
        /// What every build takes
        #[command(flatten)]
        options: BuildOptions,
    },
    /// Run any target of the tree's Makefile
    Target {
        /// The target; `kubewright targets` lists them
        name: String,
        /// What every build takes
        #[command(flatten)]
        options: BuildOptions,
    },
    /// Build what a recipe says
    Recipe {
        /// A built-in recipe, or a file that ends in .toml
        #[arg(value_name = "NAME|FILE.toml")]
        recipe: String,
        /// What every build takes
        #[command(flatten)]
        options: BuildOptions,
    },
}

impl BuildGoal {
    /// The options, which every goal has.
    pub fn options(&self) -> &BuildOptions {
        match self {
            BuildGoal::Component { options, .. }
            | BuildGoal::All { options }
            | BuildGoal::QuickRelease { options }
            | BuildGoal::Target { options, .. }
            | BuildGoal::Recipe { options, .. } => options,
        }
    }
}

/// Where the tree comes from.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Source")]
pub struct SourceOptions {
    /// A repository: a URL, a path, or `demo` for the embedded miniature
    #[arg(long, value_name = "URL|demo", conflicts_with = "source")]
    pub repo: Option<String>,
    /// A tag, branch or commit [default: the newest stable tag]
    #[arg(
        long = "ref",
        value_name = "REF",
        conflicts_with = "source",
        allow_hyphen_values = true
    )]
    pub reference: Option<String>,
    /// A checkout of yours, built in place, changed or not
    #[arg(long, value_name = "DIR")]
    pub source: Option<PathBuf>,
    /// Use no network: only what is already here
    #[arg(long)]
    pub offline: bool,
}

/// How to talk.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Output")]
pub struct TalkOptions {
    /// The form of standard output
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub message_format: MessageFormat,
    /// Say nothing but errors and the paths of artifacts
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Show every line that the build prints
    #[arg(short, long)]
    pub verbose: bool,
    /// Show no progress
    #[arg(long)]
    pub no_progress: bool,
}

/// The form of a build's standard output.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub enum MessageFormat {
    /// Paths of artifacts, one a line; talk goes to standard error
    #[default]
    Human,
    /// Events, one JSON object a line
    Json,
}

/// Mending what is missing.
#[derive(Args, Clone, Copy, Debug, Default)]
#[command(next_help_heading = "Set-up")]
pub struct SetupOptions {
    /// Install what is missing, after one question
    #[arg(long)]
    pub setup: bool,
    /// Answer the question with yes
    #[arg(long, requires = "setup")]
    pub yes: bool,
}

/// Building in containers.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Containers")]
pub struct ContainerOptions {
    /// Where steps run: on this machine, in a container, or in a container where this machine cannot
    #[arg(long, value_name = "native|docker|auto")]
    pub executor: Option<String>,
    /// Build in this image instead of the one that the tree asks for, whatever Go it has
    #[arg(long, value_name = "IMAGE")]
    pub image: Option<String>,
    /// A folder of archives (`docker save`) with the images that those of a release are built on
    #[arg(long, value_name = "DIR")]
    pub base_images: Option<PathBuf>,
    /// How the tree gets to the engine: mounted, or sent
    #[arg(long, value_name = "bind|upload|auto")]
    pub sync: Option<String>,
}

/// What every build takes.
#[derive(Args, Debug, Default)]
pub struct BuildOptions {
    /// Where the tree comes from
    #[command(flatten)]
    pub source: SourceOptions,
    /// Build for these platforms, such as `linux/arm64,darwin/arm64`, or for a set of the tree: client, server, node, all
    /// [default: this machine's]
    #[arg(long, value_name = "OS/ARCH", value_delimiter = ',')]
    pub platform: Vec<PlatformChoice>,
    /// Put the artifacts there, too
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Give the archives of a release fixed times, order and owner, so that the same commit gives the same bytes
    #[arg(long)]
    pub reproducible: bool,
    /// Print the plan and build nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Compile at most this many packages at once, of all platforms together [default: what memory and CPUs allow]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub jobs: Option<u32>,
    /// Plan with this much memory, such as 2GiB, and hold a container to it [default: what is available]
    #[arg(long, value_name = "SIZE")]
    pub memory: Option<Bytes>,
    /// Use this many CPUs, such as 1.5, and hold a container to them [default: all]
    #[arg(long, value_name = "N")]
    pub cpus: Option<String>,
    /// When a step runs out of memory, end the build instead of going on with fewer jobs
    #[arg(long, overrides_with = "retry_on_oom")]
    pub no_retry_on_oom: bool,
    /// When a step runs out of memory, go on with fewer jobs, which is the default
    #[arg(long, overrides_with = "no_retry_on_oom")]
    pub retry_on_oom: bool,
    /// End the build with the first step that fails, instead of building what does not need it
    #[arg(long)]
    pub fail_fast: bool,
    /// Go on where a run ended that failed: what it built of this order is taken from it
    #[arg(long, value_name = "RUN")]
    pub resume: Option<String>,
    /// Building in containers
    #[command(flatten)]
    pub container: ContainerOptions,
    /// Which Go builds: the one that the tree asks for, the one on PATH, or a version such as 1.24.6
    #[arg(long, value_name = "tree|host|VERSION")]
    pub go: Option<String>,
    /// Start although memory, disk or the version stamp do not suffice
    #[arg(long)]
    pub force: bool,
    /// Mending what is missing
    #[command(flatten)]
    pub setup: SetupOptions,
    /// How to talk
    #[command(flatten)]
    pub talk: TalkOptions,
    /// Variables for make, such as DBG=1
    #[arg(last = true, value_name = "VAR=value")]
    pub variables: Vec<String>,
}

impl SourceOptions {
    /// The layer of settings that these flags make.
    pub fn layer(&self) -> Layer {
        Layer::flags([(
            "offline",
            "--offline",
            self.offline.then(|| "true".to_owned()),
        )])
    }
}

impl BuildOptions {
    /// The layer of settings that these flags make.
    pub fn layer(&self) -> Layer {
        let (retry_flag, retry) = match (self.retry_on_oom, self.no_retry_on_oom) {
            (_, true) => ("--no-retry-on-oom", Some("false".to_owned())),
            (true, _) => ("--retry-on-oom", Some("true".to_owned())),
            _ => ("", None),
        };
        Layer::flags([
            (
                "offline",
                "--offline",
                self.source.offline.then(|| "true".to_owned()),
            ),
            (
                "build.jobs",
                "--jobs",
                self.jobs.map(|jobs| jobs.to_string()),
            ),
            (
                "build.memory",
                "--memory",
                self.memory.map(|memory| format!("{}B", memory.0)),
            ),
            ("toolchain.go", "--go", self.go.clone()),
            ("build.cpus", "--cpus", self.cpus.clone()),
            (
                "build.executor",
                "--executor",
                self.container.executor.clone(),
            ),
            ("engine.sync", "--sync", self.container.sync.clone()),
            ("build.retry_on_oom", retry_flag, retry),
        ])
    }
}
