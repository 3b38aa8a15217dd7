//! `kubewright crd …`

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{Format, SourceOptions};

/// `kubewright crd …`
#[derive(Debug, Subcommand)]
pub enum CrdVerb {
    /// Find what the API server would refuse in definitions, their resources and API services, without a server
    ///
    /// Every finding has the API server's words, its place in the file, and what to do. What of CEL is not
    /// known is told as unchecked; `--validator tree` knows all of it. Items of lists are objects of their own. Documents of
    /// other kinds are left alone; the last line counts them.
    Lint(CrdLintArgs),
    /// Turn definitions of v1beta1, which ended with Kubernetes 1.22, into definitions of v1
    ///
    /// The result goes to standard output, each change with its reason to standard error; `--write` changes the files
    /// instead, all of them or none. Comments and layout stay; documents of other kinds stay as they are. What the API
    /// server would still refuse is told, and the exit code is 10 then.
    Convert(CrdConvertArgs),
    /// Tell what a new form of definitions breaks for those who use the old one
    ///
    /// Definitions are paired by their names, versions by theirs; definitions of v1beta1 are compared as what they are
    /// in v1. The exit code is 10 where a change is breaking.
    Diff(CrdDiffArgs),
    /// Tell what `kubectl explain` tells of a resource, from its definition alone
    Explain(CrdExplainArgs),
    /// Make a resource of a definition that the API server takes
    Sample(CrdSampleArgs),
    /// List the rules: what each demands, since when, and which `--fix` mends
    Rules {
        /// The form of the list
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
}

/// `kubewright crd lint`
#[derive(Args, Debug)]
pub struct CrdLintArgs {
    /// Files of YAML or JSON, folders of them, pipes, or `-` for standard input
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// The form of the findings
    #[arg(long, value_enum, default_value_t)]
    pub format: FindingFormat,
    /// End with 10 on warnings too
    #[arg(long)]
    pub deny_warnings: bool,
    /// The version of Kubernetes whose rules hold, from 1.16 on [default: 1.35]
    #[arg(long, value_name = "VERSION")]
    pub kubernetes: Option<String>,
    /// Who judges definitions of v1 and their resources: the built-in rules, or the API server's own code, CEL included,
    /// compiled from a tree of Kubernetes since 1.25 (minutes the first time; it is kept)
    #[arg(long, value_enum, default_value_t, value_name = "WHO")]
    pub validator: Validator,
    /// Mend in the files what has one right answer, and tell what is left
    ///
    /// Comments and layout stay; all files are changed or none.
    #[arg(long)]
    pub fix: bool,
    /// Where the tree of `--validator tree` comes from
    #[command(flatten)]
    pub source: SourceOptions,
}

/// Who judges.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub enum Validator {
    /// The rules that kubewright knows
    #[default]
    BuiltIn,
    /// The API server's code in a tree
    Tree,
}

/// `kubewright crd convert`
#[derive(Args, Debug)]
pub struct CrdConvertArgs {
    /// Files of YAML or JSON, folders of them, or `-` for standard input
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Change the files instead of writing to standard output
    #[arg(long)]
    pub write: bool,
    /// What becomes of fields that the schema does not know, which v1beta1 kept
    #[arg(long, value_enum, default_value_t, value_name = "WHAT")]
    pub unknown: UnknownFields,
}

/// What becomes of fields that the schema does not know.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub enum UnknownFields {
    /// The schema says that they are kept
    #[default]
    Preserve,
    /// They are dropped, as v1 does by itself
    Prune,
}

/// `kubewright crd diff`
#[derive(Args, Debug)]
pub struct CrdDiffArgs {
    /// The old form: a file of YAML or JSON, a folder of them, or `-` for standard input
    #[arg(value_name = "OLD")]
    pub old: PathBuf,
    /// The new form
    #[arg(value_name = "NEW")]
    pub new: PathBuf,
    /// The form of the changes
    #[arg(long, value_enum, default_value_t)]
    pub format: ChangeFormat,
}

/// The form of changes on standard output.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub enum ChangeFormat {
    /// For people
    #[default]
    Human,
    /// For programs
    Json,
}

/// `kubewright crd explain`
#[derive(Args, Debug)]
pub struct CrdExplainArgs {
    /// A file with definitions, or `-` for standard input
    pub file: PathBuf,
    /// A field, such as `spec.replicas`; of several definitions, behind the name of a resource: `crontabs.spec`
    pub path: Option<String>,
    /// Show all fields, without what they are for
    #[arg(long)]
    pub recursive: bool,
    /// The version of the resource [default: the one that kubectl prefers]
    #[arg(long, value_name = "VERSION")]
    pub api_version: Option<String>,
}

/// `kubewright crd sample`
#[derive(Args, Debug)]
pub struct CrdSampleArgs {
    /// A file with definitions, or `-` for standard input
    pub file: PathBuf,
    /// Give every field a value, not only those that must have one
    #[arg(long)]
    pub all: bool,
    /// The version of the resource [default: the one that kubectl prefers]
    #[arg(long, value_name = "VERSION")]
    pub api_version: Option<String>,
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
