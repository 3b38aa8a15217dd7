//! Why an engine cannot do what it was asked to.

use std::io;
use std::path::PathBuf;

use bollard::errors::Error as ApiError;

use super::address::{Address, InvalidAddress, Origin};
use crate::error::{Explain, Kind};
use crate::platform::Platform;

/// Why an engine cannot do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// There is no engine in any usual place, and none is named.
    #[error("there is no container engine: nothing names one, and no socket is in its usual place")]
    None,
    /// A text that is no address.
    #[error("`{text}` (from {origin}) is no address of a container engine")]
    Address {
        /// The text.
        text: String,
        /// Where it stands.
        origin: Origin,
        /// What is wrong with it.
        source: InvalidAddress,
    },
    /// A context of the `docker` command that is not there.
    #[error("there is no Docker context `{0}`")]
    Context(String),
    /// A file of the `docker` command's settings cannot be read.
    #[error("cannot read `{path}`")]
    Configuration {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Nothing answers.
    #[error("no container engine answers at {address}")]
    Unreachable {
        /// Where it should.
        address: Address,
        /// Why not.
        source: io::Error,
    },
    /// The engine is there, but this user may not use it.
    #[error("the container engine at {address} does not let this user in")]
    Forbidden {
        /// Where it is.
        address: Address,
        /// What the system said.
        source: io::Error,
    },
    /// It speaks an older API than kubewright.
    #[error("the container engine at {address} speaks API {found}, and kubewright needs {least}")]
    TooOld {
        /// Where it is.
        address: Address,
        /// The newest that it speaks.
        found: String,
        /// The oldest that kubewright can use.
        least: &'static str,
    },
    /// It went away, or stopped making sense, in the middle of something.
    #[error("the connection to the container engine broke while {doing}")]
    Lost {
        /// What was under way.
        doing: String,
        /// How it broke.
        source: io::Error,
    },
    /// Somebody else ended a container: a person, or the engine on its way down.
    #[error(
        "the container was ended from outside by signal {signal}: somebody stopped it, or the engine itself was stopped"
    )]
    Stopped {
        /// The signal.
        signal: String,
    },
    /// It refused.
    #[error("the container engine failed at {doing}: {message}")]
    Refused {
        /// What it was asked to do.
        doing: String,
        /// The status of HTTP.
        status: u16,
        /// What it said.
        message: String,
    },
    /// Its disk is full.
    #[error("the container engine's disk is full: {doing} failed")]
    Full {
        /// What it was asked to do.
        doing: String,
        /// What it said.
        source: io::Error,
    },
    /// An image cannot be had.
    #[error("the image {image} cannot be had")]
    NoImage {
        /// Its name.
        image: String,
        /// Why not.
        source: io::Error,
    },
    /// The image is there, for another platform.
    #[error("the image {image} is for {found}, and the engine runs {expected}")]
    WrongPlatform {
        /// Its name.
        image: String,
        /// What it is for.
        found: Platform,
        /// What the engine runs.
        expected: Platform,
    },
    /// An image was named that is none.
    #[error("`{0}` is no name of an image")]
    ImageName(String),
    /// A file of this machine that goes to the engine or comes from it.
    #[error("cannot {action} `{path}`")]
    Io {
        /// What was tried.
        action: &'static str,
        /// With what.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A signal.
    #[error("interrupted")]
    Interrupted(u8),
}

impl EngineError {
    /// What an error of the API means for what was under way.
    pub(super) fn of(doing: impl Into<String>, error: ApiError) -> EngineError {
        let doing = doing.into();
        if let Some(message) = said(&error)
            && is_full(message)
        {
            let source = io::Error::new(io::ErrorKind::StorageFull, message.to_owned());
            return EngineError::Full { doing, source };
        }
        match error {
            ApiError::DockerResponseServerError {
                status_code: status,
                message,
            } => EngineError::Refused {
                doing,
                status,
                message: one_line(&message),
            },
            ApiError::DockerStreamError { error } => EngineError::Refused {
                doing,
                status: 0,
                message: one_line(&error),
            },
            error => EngineError::Lost {
                doing,
                source: io_of(&error),
            },
        }
    }

    /// What an error of the API means where nothing was under way yet.
    pub(super) fn unreachable(address: &Address, error: &ApiError) -> EngineError {
        let address = address.clone();
        let source = match error {
            ApiError::DockerResponseServerError {
                status_code,
                message,
            } => io::Error::other(format!(
                "it answers with {status_code}: {}",
                one_line(message)
            )),
            ApiError::RequestTimeoutError => {
                io::Error::new(io::ErrorKind::TimedOut, "it does not answer in time")
            }
            error => io_of(error),
        };
        if source.kind() == io::ErrorKind::PermissionDenied {
            EngineError::Forbidden { address, source }
        } else {
            EngineError::Unreachable { address, source }
        }
    }

    /// Whether the engine says that there is no such thing.
    pub(super) fn is_not_found(&self) -> bool {
        matches!(self, EngineError::Refused { status: 404, .. })
    }

    /// Whether a bind mount failed because the engine does not see this machine's files.
    pub fn is_unseen_path(&self) -> bool {
        matches!(self, EngineError::Refused { message, .. }
            if message.contains("bind source path does not exist")
                || message.contains("no such file or directory") && message.contains("stat"))
    }
}

/// What the engine itself said, where it said something.
fn said(error: &ApiError) -> Option<&str> {
    match error {
        ApiError::DockerResponseServerError { message, .. } => Some(message),
        ApiError::DockerStreamError { error } => Some(error),
        _ => None,
    }
}

fn is_full(message: &str) -> bool {
    message.contains("no space left on device") || message.contains("disk quota exceeded")
}

fn one_line(message: &str) -> String {
    message.trim().replace('\n', " ")
}

/// The error of the system behind an error of the API, or a text of all that is known.
fn io_of(error: &ApiError) -> io::Error {
    if let ApiError::SocketNotFoundError(_) = error {
        return io::Error::new(io::ErrorKind::NotFound, "there is no such socket");
    }
    if let ApiError::IOError { err } = error {
        return io::Error::new(err.kind(), err.to_string());
    }
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    let mut innermost = error.to_string();
    while let Some(current) = cause {
        if let Some(found) = current.downcast_ref::<io::Error>() {
            return io::Error::new(found.kind(), found.to_string());
        }
        innermost = current.to_string();
        cause = current.source();
    }
    let outermost = error.to_string();
    if outermost.contains(&innermost) {
        io::Error::other(outermost)
    } else {
        io::Error::other(innermost)
    }
}

impl Explain for EngineError {
    fn kind(&self) -> Kind {
        match self {
            EngineError::None
            | EngineError::Unreachable { .. }
            | EngineError::Forbidden { .. }
            | EngineError::TooOld { .. }
            | EngineError::Lost { .. }
            | EngineError::Stopped { .. }
            | EngineError::Refused { .. } => Kind::Engine,
            EngineError::Address { .. }
            | EngineError::Context(_)
            | EngineError::Configuration { .. }
            | EngineError::ImageName(_) => Kind::Usage,
            EngineError::Full { .. } => Kind::OutOfDisk,
            EngineError::NoImage { .. } | EngineError::WrongPlatform { .. } => Kind::Source,
            EngineError::Io { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                Kind::OutOfDisk
            }
            EngineError::Io { .. } => Kind::Preflight,
            EngineError::Interrupted(signal) => Kind::Signal(*signal),
        }
    }

    fn hints(&self) -> Vec<String> {
        let hint = match self {
            EngineError::None => {
                "start Docker or Podman, or name an engine by DOCKER_HOST, `docker context use` or the setting engine.host"
            }
            EngineError::Unreachable {
                address: Address::Unix(_),
                ..
            } => {
                "start it: `sudo systemctl start docker`, or without systemd `sudo dockerd`; `kubewright engine status` looks again"
            }
            EngineError::Unreachable { .. }
            | EngineError::Lost { .. }
            | EngineError::Stopped { .. } => "`kubewright engine status` looks at it again",
            EngineError::Forbidden { .. } => {
                "join the group that may, then log in again: `sudo usermod -aG docker \"$USER\"`"
            }
            EngineError::TooOld { .. } => "Docker 20.10 and Podman 4 are new enough",
            EngineError::Context(_) => "`docker context ls` lists them",
            EngineError::Full { .. } => {
                "make room on the engine: `kubewright engine gc --all` removes what kubewright made there"
            }
            EngineError::NoImage { .. } => {
                "name a mirror by the setting engine.mirrors, another image by `--image`, or make a stand-in: `kubewright engine image`"
            }
            EngineError::WrongPlatform { .. } => {
                "name an image for the engine's platform: `--image`"
            }
            _ => return Vec::new(),
        };
        vec![hint.to_owned()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_from_other_refusals() {
        let refused = |message: &str| {
            EngineError::of(
                "creating a container",
                ApiError::DockerResponseServerError {
                    status_code: 500,
                    message: message.to_owned(),
                },
            )
        };
        let full = refused("mkdir /var/lib/docker/overlay2/a: no space left on device");
        assert_eq!(full.kind(), Kind::OutOfDisk);
        let other = refused("Conflict. The container name is in use");
        assert_eq!(other.kind(), Kind::Engine);
    }

    #[test]
    fn the_system_s_own_error_decides() {
        let address = Address::Unix("/s".into());
        let denied = ApiError::IOError {
            err: io::Error::from(io::ErrorKind::PermissionDenied),
        };
        let error = EngineError::unreachable(&address, &denied);
        assert!(matches!(error, EngineError::Forbidden { .. }));
        assert_eq!(error.kind().exit_code(), 7);
        let slow = EngineError::unreachable(&address, &ApiError::RequestTimeoutError);
        assert!(matches!(slow, EngineError::Unreachable { .. }));
    }
}
