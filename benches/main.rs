//! What is measured on a tree of Kubernetes, by kubewright's public command line.
//!
//! `cargo bench --bench tree -- build --source DIR` holds it against raw make; `… -- memory --source DIR` measures the
//! coefficients of the memory model. Both print Markdown or TOML to paste. `… -- scaffold` needs no tree.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a bench is a program that prints its figures"
)]

mod build;
mod lab;
mod memory;
mod scaffold;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
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
        Verb::Scaffold { runs } => scaffold::measure(runs),
    }
}
