//! `kubewright engine …`

use clap::Subcommand;

use super::build::SourceOptions;
use super::verbs::Format;
use crate::platform::Platform;

/// `kubewright engine …`
#[derive(Debug, Subcommand)]
pub enum EngineVerb {
    /// Show which container engine is used, and what it has
    Status {
        /// The form of the answer
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Make an image that stands in for upstream's kube-cross, from Debian's packages and the tree's Go
    Image {
        /// Where the tree comes from
        #[command(flatten)]
        source: SourceOptions,
        /// Which Go it gets: the one that the tree asks for, the one on PATH, or a version such as 1.24.6
        #[arg(long, value_name = "tree|host|VERSION")]
        go: Option<String>,
        /// Make stand-ins of what images of the tree's release are built on, instead
        #[arg(long)]
        base: bool,
        /// The platform of the release [default: the engine's]
        #[arg(long, requires = "base", value_name = "OS/ARCH")]
        platform: Option<Platform>,
        /// Make it anew, although the engine has it
        #[arg(long)]
        force: bool,
    },
    /// Remove what killed runs left on the engine
    Gc {
        /// Also remove what is kept for later builds: Go's caches, and images that kubewright made
        #[arg(long)]
        all: bool,
    },
}
