//! Why nothing was scaffolded.

use std::io;
use std::path::PathBuf;

use super::told::Complaint;
use crate::error::{Explain, Kind};

/// Why nothing was scaffolded.
#[derive(Debug, thiserror::Error)]
pub enum ScaffoldError {
    /// The description is wrong. Its text is that of all that is wrong, the first without the word "error", since whoever
    /// prints the error begins with it.
    #[error("{rendered}")]
    Invalid {
        /// Everything, as it is shown.
        rendered: String,
    },
    /// Nothing converts objects between versions, and something would be lost.
    #[error("without a conversion webhook objects would lose fields from version to version:\n  {}", .0.join("\n  "))]
    Lossy(Vec<String>),
    /// The server would refuse the definition, by the rules of `crd lint`.
    #[error("the API server would refuse the definition:\n  {}", .0.join("\n  "))]
    Refused(Vec<String>),
    /// No sample could be made of a field.
    #[error("no sample can be made of `{path}`: {why}")]
    NoSample {
        /// The field.
        path: String,
        /// Why not.
        why: String,
    },
    /// Controllers report in conditions, and there are none.
    #[error(
        "the status of version `{0}` has no `conditions` such as Kubernetes has, in which a controller reports"
    )]
    NoConditions(String),
    /// Controllers write the status alone, and it has no endpoint.
    #[error("version `{0}` has no status subresource, through which a controller reports")]
    NoStatus(String),
    /// Go would not take the path of the module.
    #[error(
        "`{0}` cannot be the path of the Go module: it is one of Go or Kubernetes, or is not of the form `example.com/backup`"
    )]
    Module(String),
    /// A template is wrong.
    #[error("a template is broken: {0}")]
    Template(String),
    /// A CRD that is read back is none.
    #[error("`{}` is no CustomResourceDefinition of `apiextensions.k8s.io/v1`: {why}", .path.display())]
    NotACrd {
        /// The file.
        path: PathBuf,
        /// What is missing.
        why: String,
    },
    /// A file that is read back has more than one.
    #[error("`{}` has several definitions, and one project has one: {}", .path.display(), crate::plural::listed(.names))]
    Several {
        /// The file.
        path: PathBuf,
        /// What they are called.
        names: Vec<String>,
    },
    /// Files that are there would be overwritten.
    #[error("nothing was written, since {} there with other content: {}", crate::plural::form(.0.len(), "this file is", "these files are"), listed(.0))]
    Exists(Vec<PathBuf>),
    /// A path leads out of the folder.
    #[error("nothing was written, since `{}` is a symbolic link: what is written there would land elsewhere", .0.display())]
    Link(PathBuf),
    /// Something on the way is no folder, or in place of a file there is one.
    #[error("nothing was written, since `{}` is in the way", .0.display())]
    InTheWay(PathBuf),
    /// A file cannot be read or written.
    #[error("cannot read or write `{}`", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

fn listed(files: &[PathBuf]) -> String {
    let shown: Vec<String> = files
        .iter()
        .take(5)
        .map(|file| format!("`{}`", file.display()))
        .collect();
    let more = files.len().saturating_sub(shown.len());
    let more = if more == 0 {
        String::new()
    } else {
        format!(" and {more} more")
    };
    shown.join(", ") + &more
}

/// How many complaints are shown: more than that nobody mends at once, and each is searched for its line.
const MOST: usize = 50;

impl ScaffoldError {
    /// All complaints, in the order in which they were found.
    pub fn invalid(complaints: &[Complaint]) -> ScaffoldError {
        let first = complaints.iter().take(MOST);
        let mut shown: Vec<String> = first.map(Complaint::render).collect();
        // What all versions share is wrong in each of them.
        let mut seen = std::collections::BTreeSet::new();
        shown.retain(|complaint| seen.insert(complaint.clone()));
        if complaints.len() > MOST {
            shown.push(format!("{} more like these", complaints.len() - MOST));
        }
        ScaffoldError::Invalid {
            rendered: shown.join("\n\nerror: "),
        }
    }

    pub(super) fn io(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> ScaffoldError {
        let path = path.into();
        move |source| ScaffoldError::Io { path, source }
    }
}

impl Explain for ScaffoldError {
    fn kind(&self) -> Kind {
        match self {
            ScaffoldError::Template(_) => Kind::Bug,
            _ => Kind::Usage,
        }
    }

    fn hints(&self) -> Vec<String> {
        let hint = match self {
            ScaffoldError::Exists(_) => "`--dry-run` shows the differences, `--force` overwrites",
            ScaffoldError::Lossy(_) => {
                "give all versions the same fields with the same types; limits, defaults and columns may differ"
            }
            ScaffoldError::NoSample { .. } => "say one: `{example=…}` behind the type",
            ScaffoldError::Several { .. } => "put each into a file of its own",
            ScaffoldError::NoConditions(_) => {
                "give it a list of objects with type, status, observedGeneration, lastTransitionTime, reason and message; `scaffold crd` \
                 does so by itself"
            }
            ScaffoldError::NoStatus(_) => "add `subresources: {status: {}}` to the version",
            ScaffoldError::Link(_) => {
                "remove the link, or scaffold into another folder with `--out`"
            }
            ScaffoldError::Invalid { .. }
            | ScaffoldError::Refused(_)
            | ScaffoldError::NotACrd { .. }
            | ScaffoldError::InTheWay(_)
            | ScaffoldError::Module(_)
            | ScaffoldError::Template(_)
            | ScaffoldError::Io { .. } => {
                return Vec::new();
            }
        };
        vec![hint.to_owned()]
    }
}
