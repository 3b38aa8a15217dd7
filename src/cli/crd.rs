//! `kubewright crd …`

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::Format;

/// `kubewright crd …`
#[derive(Debug, Subcommand)]
pub enum CrdVerb {
    /// Find what the API server would refuse in definitions, their resources and API services, without a server
    ///
    /// Every finding has the API server's words, its place in the file, and what to do. CEL rules are not compiled: each is
    /// told as unchecked.
    Lint(CrdLintArgs),
    /// List the rules: what each demands, since when, why, with an example
    Rules {
        /// The form of the list
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
}

/// `kubewright crd lint`
#[derive(Args, Debug)]
pub struct CrdLintArgs {
    /// Files of YAML or JSON, folders of them, or `-` for standard input
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// The form of the findings
    #[arg(long, value_enum, default_value_t)]
    pub format: FindingFormat,
    /// End with 10 on warnings too
    #[arg(long)]
    pub deny_warnings: bool,
    /// The version of Kubernetes whose rules hold
    #[arg(long, value_name = "VERSION", default_value = "1.35")]
    pub kubernetes: String,
}

/// The form of findings on standard output.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub enum FindingFormat {
    /// For people: the line, and a caret below the place
    #[default]
    Human,
    /// For programs
    Json,
    /// For code hosts: SARIF 2.1.0
    Sarif,
}
