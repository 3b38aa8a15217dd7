//! What goes wrong when a toolchain is looked for, and what to type then.

use std::io;
use std::path::{Path, PathBuf};

use super::{GoVersion, NoGo};
use crate::error::{Explain, Kind};

/// Why there is no toolchain.
#[derive(Debug, thiserror::Error)]
pub enum ToolchainError {
    /// `--go host` was asked for, and there is no Go, or a broken one.
    #[error("the Go on PATH was asked for and cannot be used")]
    NoHostGo(#[source] NoGo),
    /// It is nowhere on this machine, and nothing may be downloaded.
    #[error(
        "{} is neither on PATH{} nor in `{}`, and `--offline` forbids downloading it",
        version.name(), shown_host(host.as_ref()), store.display()
    )]
    Offline {
        /// The missing toolchain.
        version: GoVersion,
        /// What is on PATH instead.
        host: Option<GoVersion>,
        /// Whether that meets the tree's minimum.
        host_is_enough: bool,
        /// Where toolchains are kept.
        store: PathBuf,
    },
    /// Every way to get it failed; the causes tell each way and its reason.
    #[error("{} could not be had", version.name())]
    Unobtainable {
        /// The missing toolchain.
        version: GoVersion,
        /// The ways that were tried, first to last.
        #[source]
        failures: Option<FailedWay>,
    },
    /// The tree names no version of Go, and there is none on PATH either.
    #[error("the tree names no version of Go")]
    Unnamed(#[source] NoGo),
    /// The store cannot be used: a full disk, a read-only folder.
    #[error("the toolchain store cannot be used: cannot {action} `{}`", path.display())]
    Store {
        /// What was tried: `create`, `lock`.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The disk is full. Nothing else is tried: another Go would only hide it.
    #[error("{} cannot be downloaded: the disk of `{}` is full", version.name(), store.display())]
    Full {
        /// The missing toolchain.
        version: GoVersion,
        /// Where toolchains are kept.
        store: PathBuf,
        /// What could not be written.
        #[source]
        failure: Option<FailedWay>,
    },
    /// The user interrupted it.
    #[error("interrupted while getting a toolchain")]
    Interrupted(u8),
}

fn shown_host(version: Option<&GoVersion>) -> String {
    version.map_or(String::new(), |version| {
        format!(" (there it is {})", version.name())
    })
}

impl ToolchainError {
    pub(super) fn store(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| ToolchainError::Store {
            action,
            path: path.to_owned(),
            source,
        }
    }
}

impl Explain for ToolchainError {
    fn kind(&self) -> Kind {
        match self {
            // Without a known signal it can only have been the terminal's.
            ToolchainError::Interrupted(0) => Kind::Signal(2),
            ToolchainError::Interrupted(signal) => Kind::Signal(*signal),
            ToolchainError::Full { .. } => Kind::OutOfDisk,
            ToolchainError::Store { source, .. } if is_full(source) => Kind::OutOfDisk,
            _ => Kind::Preflight,
        }
    }

    fn hints(&self) -> Vec<String> {
        let hint = match self {
            ToolchainError::NoHostGo(_) => {
                "leave out `--go host`, and the tree's own Go is downloaded".to_owned()
            }
            ToolchainError::Offline {
                version,
                host_is_enough,
                ..
            } => return offline_hints(version, *host_is_enough),
            ToolchainError::Unobtainable { version, .. } => format!(
                "put {} on PATH, or set GOPROXY or the download mirror to one that this machine \
                 reaches",
                version.name()
            ),
            ToolchainError::Unnamed(_) => "install Go and put it on PATH".to_owned(),
            ToolchainError::Full { .. } => {
                "make room: `kubewright source gc`, `kubewright runs gc`; or set KUBEWRIGHT_HOME to \
                 a folder on another disk"
                    .to_owned()
            }
            ToolchainError::Store { .. } => {
                "set KUBEWRIGHT_HOME to a folder that can be written to".to_owned()
            }
            ToolchainError::Interrupted(_) => return Vec::new(),
        };
        vec![hint]
    }
}

fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    )
}

fn offline_hints(version: &GoVersion, host_is_enough: bool) -> Vec<String> {
    let mut hints = vec![format!(
        "with a network: `kubewright toolchain install {version}`"
    )];
    if host_is_enough {
        hints.push("or build with the Go on PATH: `--go host`".to_owned());
    }
    hints
}

/// How module proxies and Go's site say that they do not have a version or do not give it away.
const REFUSED: [&str; 6] = [
    "403 Forbidden",
    "404 Not Found",
    "410 Gone",
    "http status: 403",
    "http status: 404",
    "http status: 410",
];

/// One way to get a toolchain that failed, and the next one that was tried after it.
#[derive(Debug, thiserror::Error)]
#[error("{way}: {reason}")]
pub struct FailedWay {
    /// The way, as a phrase: ``Go's own download by `/usr/bin/go` ``.
    pub way: String,
    /// Why it failed, in one line.
    pub reason: String,
    /// The way that was tried next.
    #[source]
    pub next: Option<Box<FailedWay>>,
}

impl FailedWay {
    /// What a server said that does not give this version away; nothing where no way got as far as
    /// a server's answer.
    pub(super) fn refusal(&self) -> Option<&str> {
        let answered = REFUSED
            .iter()
            .any(|answer| self.reason.contains(answer))
            .then_some(self.reason.as_str());
        answered.or_else(|| self.next.as_ref()?.refusal())
    }

    /// Makes the chain of failures, in the order in which they happened.
    pub(super) fn chain(failures: Vec<(String, String)>) -> Option<FailedWay> {
        failures
            .into_iter()
            .rev()
            .fold(None, |next, (way, reason)| {
                Some(FailedWay {
                    way,
                    reason,
                    next: next.map(Box::new),
                })
            })
    }
}

/// Why one way to get a toolchain did not work; the next way is tried.
#[derive(Debug, thiserror::Error)]
pub(super) enum WayError {
    #[error("cannot {action} `{}`: {source}", path.display())]
    File {
        action: &'static str,
        path: PathBuf,
        source: io::Error,
    },
    /// What a `go` program or a server said.
    #[error("{0}")]
    Refused(String),
    #[error("`{url}` has the SHA-256 {actual}, and {expected} is published")]
    Checksum {
        url: String,
        expected: String,
        actual: String,
    },
    #[error("what was downloaded {0}")]
    Unusable(String),
    /// The only one after which nothing else is tried.
    #[error("interrupted")]
    Interrupted,
}

impl WayError {
    /// Whether the disk is full: then no other way would do better.
    pub(super) fn is_full(&self) -> bool {
        match self {
            WayError::File { source, .. } => is_full(source),
            WayError::Refused(said) | WayError::Unusable(said) => {
                let said = said.to_lowercase();
                said.contains("no space left on device") || said.contains("disk quota exceeded")
            }
            WayError::Checksum { .. } | WayError::Interrupted => false,
        }
    }

    pub(super) fn file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> WayError {
        move |source| WayError::File {
            action,
            path: path.to_owned(),
            source,
        }
    }
}
