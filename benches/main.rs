//! What is measured on a tree of Kubernetes, by kubewright's public command line.
//!
//! `cargo bench --bench tree -- build --source DIR` holds it against raw make; `… -- memory --source DIR` measures the
//! coefficients of the memory model; `… -- engine --source DIR` holds raw make on this machine against kubewright in a
//! container, and `… -- limits --source DIR --image NAME` finds how little memory such a build gets by with. All print Markdown or TOML to paste. `… -- clone --repo DIR` holds `git clone` against
//! kubewright's own way to a tag. `… -- scaffold` needs no tree.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a bench is a program that prints its figures"
)]

mod build;
mod clone;
mod engine;
mod lab;
mod limits;
mod memory;
mod scaffold;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use kubewright::bytes::Bytes;
use lab::Lab;

/// What may go wrong; whoever measures reads the message.
type Failure = Box<dyn Error>;

#[derive(Debug, Parser)]
#[command(name = "tree")]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
    /// What cargo says to every bench
    #[arg(long, hide = true, global = true)]
    bench: bool,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Raw make against kubewright on the same cold tree, the same again, start-up, kubewright's own memory
    Build {
        #[command(flatten)]
        tree: Tree,
        /// The component
        #[arg(long, default_value = "kubectl")]
        component: String,
        /// How many pairs
        #[arg(long, default_value_t = 5)]
        pairs: usize,
    },
    /// The coefficients of the memory model
    Memory {
        #[command(flatten)]
        tree: Tree,
        /// The components
        #[arg(
            long,
            value_delimiter = ',',
            default_value = "kubectl,kubeadm,kubelet,kube-apiserver"
        )]
        components: Vec<String>,
    },
    /// Raw make on this machine against kubewright in a container; kubewright's caches on the engine are REMOVED
    Engine {
        #[command(flatten)]
        tree: Tree,
        /// The component
        #[arg(long, default_value = "kubectl")]
        component: String,
        /// How many pairs
        #[arg(long, default_value_t = 5)]
        pairs: usize,
        /// Only pairs with what Go compiled still there, which take seconds
        #[arg(long)]
        warm: bool,
        /// More options for kubewright, such as `--image NAME`
        #[arg(last = true)]
        options: Vec<String>,
    },
    /// How little memory a build in a container gets by with; kubewright's caches on the engine are REMOVED
    Limits {
        #[command(flatten)]
        tree: Tree,
        /// The components
        #[arg(long, value_delimiter = ',', default_value = "kubectl,kube-apiserver")]
        components: Vec<String>,
        /// The limits
        #[arg(long, value_delimiter = ',', default_value = "300MiB,400MiB,600MiB")]
        limits: Vec<Bytes>,
        /// The image
        #[arg(long)]
        image: String,
        /// How many minutes one build may take
        #[arg(long, default_value_t = 20)]
        patience: u64,
    },
    /// Single tags out of a repository: `git clone --depth 1` against kubewright, by file and from `git daemon`
    Clone {
        /// A bare repository in a folder
        #[arg(long, value_name = "DIR")]
        repo: PathBuf,
        /// The tags
        #[arg(long, value_delimiter = ',', required = true)]
        tags: Vec<String>,
        /// How many pairs of each
        #[arg(long, default_value_t = 3)]
        pairs: usize,
    },
    /// `scaffold crd` and `crd lint` from their starts to their ends, without any tree
    Scaffold {
        /// How many runs
        #[arg(long, default_value_t = 50)]
        runs: usize,
    },
}

#[derive(Args, Debug)]
struct Tree {
    /// The tree; its `_output` is REMOVED before each cold build
    #[arg(long, value_name = "DIR")]
    source: PathBuf,
    /// The Go to build with [default: the one that the tree names, from kubewright]
    #[arg(long, value_name = "DIR")]
    go_root: Option<PathBuf>,
}

fn main() -> ExitCode {
    match measure(Cli::parse().verb) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(verb: Verb) -> Result<(), Failure> {
    match verb {
        Verb::Build {
            tree,
            component,
            pairs,
        } => build::measure(&Lab::new(&tree.source, tree.go_root)?, &component, pairs),
        Verb::Memory { tree, components } => {
            memory::measure(&Lab::new(&tree.source, tree.go_root)?, &components)
        }
        Verb::Engine {
            tree,
            component,
            pairs,
            warm,
            mut options,
        } => {
            // cargo puts it last, whatever stands there.
            options.retain(|option| option != "--bench");
            let lab = Lab::new(&tree.source, tree.go_root)?;
            if warm {
                engine::measure_warm(&lab, &component, pairs, &options)
            } else {
                engine::measure(&lab, &component, pairs, &options)
            }
        }
        Verb::Limits {
            tree,
            components,
            limits,
            image,
            patience,
        } => limits::measure(
            &Lab::new(&tree.source, tree.go_root)?,
            &components,
            &limits,
            &image,
            Duration::from_mins(patience),
        ),
        Verb::Clone { repo, tags, pairs } => clone::measure(&repo, &tags, pairs),
        Verb::Scaffold { runs } => scaffold::measure(runs),
    }
}
