//! What can go wrong while a tree is provided.

use std::io;
use std::path::{Path, PathBuf};

use git2::{ErrorClass, ErrorCode};

use crate::error::{Explain, Kind};

/// Why there is no tree. Repositories are named without credentials.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The text cannot be the name of a reference.
    #[error("`{text}` cannot be a ref: {reason}")]
    InvalidReference {
        /// What was typed.
        text: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The text cannot name a repository.
    #[error("`{text}` cannot be a repository: {reason}")]
    InvalidLocation {
        /// What was typed.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Neither a tag nor a branch nor a commit of that name.
    #[error("`{repository}` has no tag, branch or commit `{reference}`{}", near_text(.near))]
    UnknownReference {
        /// What was asked for.
        reference: String,
        /// Where.
        repository: String,
        /// Names that are close to it.
        near: Vec<String>,
        /// All names that there are, where they are few.
        has: Vec<String>,
    },
    /// A part of a commit id: it may name another commit tomorrow.
    #[error("`{reference}` is only a part of a commit id, and no tag or branch of `{repository}`")]
    ShortCommit {
        /// What was asked for.
        reference: String,
        /// Where.
        repository: String,
    },
    /// No ref was asked for, and there is no release to choose.
    #[error("`{repository}` has no version tag such as v1.34.1 to choose from")]
    NoRelease {
        /// Where.
        repository: String,
    },
    /// `--offline`, and the mirror lacks it.
    #[error("`{reference}` of `{repository}` is not on this machine, and `--offline` forbids to fetch it{}", has_text(.has))]
    Offline {
        /// What was asked for.
        reference: String,
        /// Where.
        repository: String,
        /// What the mirror has.
        has: Vec<String>,
    },
    /// The repository cannot be reached.
    #[error("cannot reach `{repository}`: {cause}")]
    Network {
        /// Which one.
        repository: String,
        /// What the network says.
        cause: String,
    },
    /// The repository answers, and refuses.
    #[error("`{repository}` refuses access: {cause}")]
    Denied {
        /// Which one.
        repository: String,
        /// What it says.
        cause: String,
    },
    /// There is no repository.
    #[error("`{repository}` is not a Git repository: {cause}")]
    NotARepository {
        /// The place.
        repository: String,
        /// What is there instead.
        cause: String,
    },
    /// A protocol that is not compiled in.
    #[error("cannot fetch from `{repository}`: {cause}")]
    UnsupportedProtocol {
        /// Which one.
        repository: String,
        /// What is missing.
        cause: String,
    },
    /// Objects are absent or broken.
    #[error("`{repository}` is damaged: {cause}")]
    Damaged {
        /// Which one.
        repository: String,
        /// What is absent.
        cause: String,
    },
    /// The directory of `--source` cannot be used.
    #[error("cannot use `{}` as source", .path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Git cannot read the user's checkout.
    #[error("cannot read the Git repository of `{}`: {cause}", .path.display())]
    UnreadableCheckout {
        /// Its root.
        path: PathBuf,
        /// Why.
        cause: String,
    },
    /// Another user owns the checkout, and Git reads no settings of others without being told to.
    #[error("`{}` belongs to another user, and Git was not told to trust it", .path.display())]
    ForeignOwner {
        /// Its root, or its `.git`.
        path: PathBuf,
    },
    /// Something in the store cannot be read or written.
    #[error("cannot {action} `{}`", .path.display())]
    Store {
        /// What was tried: `create`, `remove`.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Git failed on the store.
    #[error("cannot {action}: {cause}")]
    Git {
        /// What was tried.
        action: String,
        /// What libgit2 says.
        cause: String,
    },
    /// The description of the embedded repository is wrong.
    #[error("the embedded repository is wrong: {0}")]
    Embedded(String),
    /// Somebody asked to stop.
    #[error("getting the source was interrupted")]
    Cancelled {
        /// The signal.
        signal: u8,
    },
}

impl SourceError {
    /// A failure of the file system below the store.
    pub(super) fn store(
        action: &'static str,
        path: &Path,
    ) -> impl FnOnce(io::Error) -> SourceError {
        let path = path.to_owned();
        move |source| SourceError::Store {
            action,
            path,
            source,
        }
    }

    /// A failure of libgit2 on a repository of the store; `repository` is what a damage is blamed on.
    pub(super) fn git(action: &str, repository: &str) -> impl FnOnce(git2::Error) -> SourceError {
        let (action, repository) = (action.to_owned(), repository.to_owned());
        move |error| {
            let cause = error.message().to_owned();
            if is_damage(&error) {
                SourceError::Damaged { repository, cause }
            } else {
                SourceError::Git { action, cause }
            }
        }
    }

    /// What a fetch's failure means.
    pub(super) fn fetch(repository: &str, error: &git2::Error) -> SourceError {
        let (repository, cause) = (repository.to_owned(), error.message().trim().to_owned());
        let lower = cause.to_lowercase();
        let says = |texts: &[&str]| texts.iter().any(|text| lower.contains(text));
        if says(&["unsupported url protocol", "no transport"]) {
            SourceError::UnsupportedProtocol { repository, cause }
        } else if error.code() == ErrorCode::Auth
            || error.code() == ErrorCode::Certificate
            || says(&["status code: 401", "status code: 403", "authentication"])
        {
            SourceError::Denied { repository, cause }
        } else if says(&[
            "status code: 404",
            "repository not found",
            "failed to resolve path",
        ]) || says(&[
            "could not find repository",
            "access denied or repository not exported",
        ]) {
            SourceError::NotARepository { repository, cause }
        } else if is_damage(error) || says(&["corruption", "unable to read sha1"]) {
            SourceError::Damaged { repository, cause }
        } else if says(&["no space left", "disk quota"]) {
            SourceError::Git {
                action: format!("fetch from `{repository}`"),
                cause,
            }
        } else {
            SourceError::Network { repository, cause }
        }
    }

    /// What is absent or broken, where making the mirror again may help.
    pub(super) fn damage(&self) -> Option<&str> {
        match self {
            SourceError::Damaged { cause, .. } => Some(cause),
            _ => None,
        }
    }
}

impl Explain for SourceError {
    fn kind(&self) -> Kind {
        match self {
            SourceError::InvalidReference { .. } | SourceError::InvalidLocation { .. } => {
                Kind::Usage
            }
            SourceError::Store { source, .. } => store_kind(source),
            SourceError::Git { cause, .. } if is_full(cause) => Kind::OutOfDisk,
            SourceError::Git { cause, .. } if is_forbidden(cause) => Kind::Preflight,
            SourceError::Embedded(_) => Kind::Bug,
            SourceError::Cancelled { signal } => Kind::Signal(*signal),
            _ => Kind::Source,
        }
    }

    fn hints(&self) -> Vec<String> {
        let hints: &[&str] = match self {
            SourceError::InvalidReference { .. } => &[
                "a ref is a tag (`--ref v1.34.1`), a branch (`--ref master`) or a whole commit id",
            ],
            SourceError::UnknownReference {
                repository,
                near,
                has,
                ..
            } => return unknown_hints(repository, near, has),
            SourceError::ShortCommit { .. } => {
                &["type all 40 digits: `git rev-parse COMMIT` prints them in a clone that has it"]
            }
            SourceError::NoRelease { .. } => &["name a branch or a commit: `--ref master`"],
            SourceError::InvalidLocation { text, .. } => return location_hints(text),
            SourceError::Directory { .. } => &[
                "`--source` takes the folder of a Kubernetes tree; without it, `--ref v1.34.1` fetches one",
            ],
            SourceError::Offline { .. } => {
                &["leave `--offline` out once, or take a ref that is here"]
            }
            SourceError::Network { .. } => &[
                "behind a proxy, set `https_proxy` (and `no_proxy`); Git's own `http.proxy` is read too",
                "from a clone on this machine: `--repo file:///path/to/kubernetes`, or build it in place with `--source DIR`",
                "what was fetched before needs no network: add `--offline`",
            ],
            SourceError::Denied { .. } => &[
                "store a token with a Git credential helper, or clone with `git clone` and use `--source DIR`",
            ],
            SourceError::NotARepository { .. } => &[
                "check the spelling of `--repo`; the default is https://github.com/kubernetes/kubernetes",
            ],
            SourceError::UnsupportedProtocol { .. } => {
                &["use the https URL, or clone with `git clone` and use `--source DIR`"]
            }
            SourceError::Damaged { .. } => &[
                "`git fsck` and `git rev-list --objects --all --missing=print` in it name what is absent",
                "take another clone of the repository with `--repo`",
            ],
            SourceError::UnreadableCheckout { .. } => &[
                "sparse or split indexes are not understood: `git sparse-checkout disable`, `git update-index --no-split-index`",
            ],
            SourceError::ForeignOwner { path } => {
                let folder = crate::run::quoted(&path.display().to_string());
                return vec![format!(
                    "trust it: `git config --global --add safe.directory {folder}`"
                )];
            }
            SourceError::Store { source, .. } => match store_kind(source) {
                Kind::OutOfDisk => &[FREE_DISK],
                _ => &["put the store elsewhere with `KUBEWRIGHT_HOME=DIR`"],
            },
            SourceError::Git { cause, .. } if is_full(cause) => &[FREE_DISK],
            _ => &[],
        };
        hints.iter().map(|&hint| hint.to_owned()).collect()
    }
}

const FREE_DISK: &str =
    "free space with `kubewright source gc`, or put the store elsewhere with `KUBEWRIGHT_HOME=DIR`";

/// The classes that libgit2 reports for absent, truncated or undecodable objects.
fn is_damage(error: &git2::Error) -> bool {
    matches!(
        error.class(),
        ErrorClass::Odb | ErrorClass::Object | ErrorClass::Zlib | ErrorClass::Tree
    ) && !is_full(error.message())
        && !is_forbidden(error.message())
}

fn is_full(cause: &str) -> bool {
    cause.contains("No space left") || cause.contains("Disk quota")
}

fn is_forbidden(cause: &str) -> bool {
    cause.contains("Permission denied") || cause.contains("Read-only file system")
}

fn store_kind(error: &io::Error) -> Kind {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Kind::OutOfDisk,
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Kind::Preflight,
        _ => Kind::Source,
    }
}

fn unknown_hints(repository: &str, near: &[String], has: &[String]) -> Vec<String> {
    vec![match (near.first(), has) {
        (Some(name), _) => format!("the nearest is `--ref {name}`"),
        (None, []) => format!("`git ls-remote {repository}` lists what it has"),
        (None, has) => format!("take one of those that it has: {}", has.join(", ")),
    }]
}

/// What names a repository on GitHub for people is no URL.
fn location_hints(text: &str) -> Vec<String> {
    let is_name = |part: &str| {
        !part.is_empty()
            && part
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
            && !part.starts_with('.')
    };
    match text.split_once('/') {
        Some((owner, name)) if is_name(owner) && is_name(name) => {
            vec![format!(
                "the repository of that name on GitHub is `--repo https://github.com/{text}`"
            )]
        }
        _ => vec!["`--repo` takes a URL, the path of a clone, or `demo`".to_owned()],
    }
}

fn near_text(near: &[String]) -> String {
    if near.is_empty() {
        return String::new();
    }
    format!("; near names: {}", near.join(", "))
}

fn has_text(has: &[String]) -> String {
    if has.is_empty() {
        return String::new();
    }
    format!("; it has {}", has.join(", "))
}
