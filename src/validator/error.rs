//! Why there is no verdict of a tree.

use std::io;
use std::path::PathBuf;

use crate::error::{Explain, Kind};

/// Why there is no verdict of a tree.
#[derive(Debug, thiserror::Error)]
pub enum ValidatorError {
    /// It is no whole Kubernetes.
    #[error("`{}` has no `{missing}`, which the validator is compiled from", .root.display())]
    NoPackages {
        /// The tree.
        root: PathBuf,
        /// What is missing.
        missing: &'static str,
    },
    /// It is older than what the program is made for.
    #[error("`{}` is older than Kubernetes 1.25, the first that a validator can be compiled from", .root.display())]
    TooOld {
        /// The tree.
        root: PathBuf,
    },
    /// The compiler refuses it.
    #[error("the validator did not compile: {last}")]
    NotCompiled {
        /// The last line that Go printed.
        last: String,
        /// All that Go printed.
        log: PathBuf,
    },
    /// It ended without an answer.
    #[error("the validator ended without an answer: {said}")]
    NoAnswer {
        /// What it said, or how it ended.
        said: String,
    },
    /// A file cannot be used.
    #[error("cannot {action} `{}`", .path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// With what.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The user interrupted it.
    #[error("interrupted while the validator was made")]
    Interrupted(u8),
}

impl ValidatorError {
    pub(super) fn io(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> ValidatorError {
        let path = path.into();
        move |source| ValidatorError::Io {
            action,
            path,
            source,
        }
    }
}

impl Explain for ValidatorError {
    fn kind(&self) -> Kind {
        match self {
            ValidatorError::NoPackages { .. } | ValidatorError::TooOld { .. } => Kind::Source,
            ValidatorError::NotCompiled { .. } | ValidatorError::NoAnswer { .. } => Kind::Step,
            ValidatorError::Io { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                Kind::OutOfDisk
            }
            ValidatorError::Io { .. } => Kind::Preflight,
            ValidatorError::Interrupted(signal) => Kind::Signal(*signal),
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            ValidatorError::NoPackages { .. } => vec![
                "`--validator tree` needs a whole tree of Kubernetes; without it, the built-in rules \
                 check the files"
                    .to_owned(),
            ],
            ValidatorError::TooOld { .. } => vec![
                "the built-in rules know older versions: `--kubernetes 1.24` instead of `--validator \
                 tree`"
                    .to_owned(),
            ],
            ValidatorError::Io { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                vec!["make room: `kubewright source gc`, `kubewright runs gc`".to_owned()]
            }
            ValidatorError::Io { .. } => {
                vec!["set KUBEWRIGHT_HOME to a folder that can be written to".to_owned()]
            }
            _ => Vec::new(),
        }
    }

    fn log(&self) -> Option<String> {
        match self {
            ValidatorError::NotCompiled { log, .. } => Some(log.display().to_string()),
            _ => None,
        }
    }
}
