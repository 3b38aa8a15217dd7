//! `kubewright scaffold …`

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::Format;

/// `kubewright scaffold …`
#[derive(Debug, Subcommand)]
pub enum ScaffoldVerb {
    /// A custom resource definition, with samples, roles and a README
    ///
    /// For example:
    ///
    /// kubewright scaffold crd --kind CronTab --group stable.example.com --field 'cronSpec:string'
    /// --field 'replicas:int32?=1{min=1,max=10}' --scale --out crontab
    Crd(Box<CrdArgs>),
    /// A controller for a custom resource: a project that compiles, passes its tests, and does real work
    ///
    /// The resource is described as for `scaffold crd`. For example:
    ///
    /// kubewright scaffold controller --lang go --kind CronTab --group stable.example.com --field 'cronSpec:string'
    /// --out crontab
    Controller(Box<ControllerArgs>),
}

/// `kubewright scaffold controller`
#[derive(Args, Debug)]
pub struct ControllerArgs {
    /// The language of the project
    #[arg(long, value_name = "LANGUAGE")]
    pub lang: LanguageName,
    /// The path of the Go module [default: the group and the singular name]
    #[arg(long, value_name = "PATH")]
    pub module: Option<String>,
    /// The resource that it works on
    #[command(flatten)]
    pub resource: CrdArgs,
}

/// A language of controllers.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum LanguageName {
    /// Go, with controller-runtime
    Go,
}

/// `kubewright scaffold crd`
#[derive(Args, Debug)]
pub struct CrdArgs {
    /// What it is
    #[command(flatten)]
    pub names: NameOptions,
    /// What its objects hold
    #[command(flatten)]
    pub body: BodyOptions,
    /// Take the description from a file (api.toml) instead
    #[arg(long, value_name = "FILE.toml", conflicts_with_all = ["from_crd", "kind", "group", "version", "field"])]
    pub spec: Option<PathBuf>,
    /// Read the description back from a CRD instead, in YAML or JSON
    #[arg(long, value_name = "FILE", conflicts_with_all = ["kind", "group", "version", "field"])]
    pub from_crd: Option<PathBuf>,
    /// Where the files go
    #[command(flatten)]
    pub writing: WritingOptions,
}

/// What a resource is called.
#[derive(Args, Debug)]
#[command(next_help_heading = "Names")]
pub struct NameOptions {
    /// The kind, such as CronTab
    #[arg(long, required_unless_present_any = ["spec", "from_crd"])]
    pub kind: Option<String>,
    /// The API group: a domain of yours, such as stable.example.com
    #[arg(long, required_unless_present_any = ["spec", "from_crd"])]
    pub group: Option<String>,
    /// Versions; `!` marks the stored one: v1alpha1,v1!
    #[arg(
        long,
        value_name = "VERSION[!]",
        value_delimiter = ',',
        default_value = "v1"
    )]
    pub version: Vec<String>,
    /// A version that users are warned of, with the text of the warning if it is to be your own
    #[arg(long, value_name = "VERSION[=WARNING]")]
    pub deprecated: Vec<String>,
    /// A version that the server does not answer to
    #[arg(long, value_name = "VERSION")]
    pub unserved: Vec<String>,
    /// The plural [default: guessed from the kind]
    #[arg(long)]
    pub plural: Option<String>,
    /// The singular [default: the kind in lower case]
    #[arg(long)]
    pub singular: Option<String>,
    /// A short name, such as ct
    #[arg(long, value_name = "NAME")]
    pub short: Vec<String>,
    /// A group of resources that lists it too, such as all
    #[arg(long, value_name = "NAME")]
    pub category: Vec<String>,
    /// Objects lie beside namespaces, not in them
    #[arg(long)]
    pub cluster: bool,
    /// The approval that groups of the Kubernetes community need: a URL, or `unapproved, …`
    #[arg(long, value_name = "URL")]
    pub api_approved: Option<String>,
}

/// What objects of a resource hold.
#[derive(Args, Debug)]
#[command(next_help_heading = "Contents")]
pub struct BodyOptions {
    /// A field of the spec: name:type?=default{options}; see docs/field-language.md
    #[arg(long, value_name = "FIELD")]
    pub field: Vec<String>,
    /// A field of the status, beside its conditions
    #[arg(long, value_name = "FIELD")]
    pub status_field: Vec<String>,
    /// A column of `kubectl get` [default: Ready and Age]
    #[arg(long, value_name = "NAME:TYPE:PATH[:PRIORITY]")]
    pub column: Vec<String>,
    /// A path that `--field-selector` takes, such as spec.image
    #[arg(long, value_name = "PATH")]
    pub selectable: Vec<String>,
    /// A validation rule: 'spec: self.min <= self.max => min must not exceed max'
    #[arg(long, value_name = "PATH: RULE => MESSAGE")]
    pub cel: Vec<String>,
    /// Scaling [default paths: spec.replicas,status.replicas,status.selector]
    #[arg(long, value_name = "SPEC,STATUS[,SELECTOR]", num_args = 0..=1, default_missing_value = "")]
    pub scale: Option<String>,
}

/// Where files go.
#[derive(Args, Debug)]
#[command(next_help_heading = "Output")]
pub struct WritingOptions {
    /// The folder [default: the singular name, here]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Show the files and their differences, and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Overwrite files that are there, and remove what an earlier description left and nobody changed
    #[arg(long)]
    pub force: bool,
    /// The form of the list of files
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}
