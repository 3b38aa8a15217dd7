//! What can go wrong when a tree is read.

use std::io;

use crate::error::{Explain, Kind};

/// Why a tree could not be read.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    /// A file of the tree could not be read.
    #[error("cannot read `{path}` of the tree")]
    Read {
        /// The path below the tree's root.
        path: String,
        /// What the system or Git says.
        source: io::Error,
    },
    /// The folder lacks what every Kubernetes tree has.
    #[error("this is not a Kubernetes tree: it has no {}", listed(missing))]
    NotKubernetes {
        /// What was looked for and is not there.
        missing: Vec<String>,
    },
    /// The tree is Kubernetes, of a time before `hack/lib/golang.sh`.
    #[error("this Kubernetes tree is too old: it has {found}, and no `hack/lib/golang.sh` yet")]
    TooOld {
        /// What shows that it is Kubernetes.
        found: String,
    },
    /// A file is there and says nothing that can be understood.
    #[error("cannot understand `{path}`: {what}")]
    NotUnderstood {
        /// The path below the tree's root.
        path: String,
        /// What was looked for in it.
        what: String,
    },
}

fn listed(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", no ")
}

impl Explain for TreeError {
    fn kind(&self) -> Kind {
        Kind::Source
    }

    fn hints(&self) -> Vec<String> {
        match self {
            TreeError::Read { .. } => Vec::new(),
            TreeError::NotKubernetes { .. } => vec![
                "name the root of a Kubernetes checkout with `--source DIR`, or a ref with `--ref v1.34.1`"
                    .to_owned(),
            ],
            TreeError::TooOld { .. } => vec![
                "kubewright reads trees from v0.5 on and builds them from v1.5 on: name a newer one with `--ref`"
                    .to_owned(),
            ],
            TreeError::NotUnderstood { .. } => vec![
                "what make itself can build is listed by `make PRINT_HELP=y -rpn` in the tree".to_owned(),
            ],
        }
    }
}
