//! A connection to an engine, and the runtime that its calls need.

use std::future::Future;
use std::io;
use std::path::Path;
use std::pin::pin;
use std::time::Duration;

use bollard::errors::Error as ApiError;
use bollard::{API_DEFAULT_VERSION, Docker};
use futures_util::future::{Either, select};
use tokio::runtime::{Builder, Runtime};

use super::EngineError;
use super::address::{Address, Endpoint};
use super::dial::Dialer;
use super::profile::EngineProfile;
use crate::cancel::Cancel;
use crate::settings::Environment;

/// The oldest API that has all that is asked for here; Docker 20.10 and Podman 4 speak it.
const LEAST_API: &str = "1.41";

/// How long an engine may take to answer for the first time, in seconds. By way of ssh, that is with logging in.
const FIRST_ANSWER: u64 = 10;
const FIRST_ANSWER_BY_SSH: u64 = 60;

/// How long any call may take to begin its answer, in seconds: removing a large container on a busy disk takes its time.
const ANSWER: u64 = 300;

/// The same for calls that answer when all that was sent is stored.
const LONG_ANSWER: u64 = 24 * 60 * 60;

/// How often a waiting call looks whether it is still wanted.
pub(super) const LOOK: Duration = Duration::from_millis(100);

/// An engine that answers.
#[derive(Debug)]
pub struct Engine {
    pub(super) docker: Docker,
    /// What is known of it.
    pub profile: EngineProfile,
    /// Where it is.
    pub address: Address,
    // Before the dialer: what still runs in it uses the dialer's socket.
    runtime: Runtime,
    _dialer: Option<Dialer>,
}

impl Engine {
    /// Connects to the first of these engines that answers.
    ///
    /// # Errors
    /// Why the first does not, when none does.
    pub fn connect(
        endpoints: &[Endpoint],
        environment: &Environment,
    ) -> Result<Engine, EngineError> {
        let mut first = None;
        for endpoint in endpoints {
            match Engine::to(endpoint, environment) {
                Ok(engine) => return Ok(engine),
                Err(error) => first = first.or(Some(error)),
            }
        }
        Err(first.unwrap_or(EngineError::None))
    }

    fn to(endpoint: &Endpoint, environment: &Environment) -> Result<Engine, EngineError> {
        let address = &endpoint.address;
        let unreachable = |source| EngineError::Unreachable {
            address: address.clone(),
            source,
        };
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(unreachable)?;
        let dialer = match address {
            Address::Ssh { destination, port } => {
                Some(Dialer::start(destination, *port, environment).map_err(unreachable)?)
            }
            _ => None,
        };
        let docker = client(endpoint, dialer.as_ref())
            .map_err(|error| EngineError::unreachable(address, &error))?;
        let profile = runtime
            .block_on(profile(endpoint, &docker))
            .map_err(|error| match dialer.as_ref().and_then(Dialer::last_words) {
                Some(words) => unreachable(io::Error::other(words)),
                None => error,
            })?;
        Ok(Engine {
            docker: docker.with_timeout(Duration::from_secs(ANSWER)),
            profile,
            address: address.clone(),
            runtime,
            _dialer: dialer,
        })
    }

    /// Whether it shares this machine's kernel, so that what is free here is free there.
    pub fn is_this_machine(&self) -> bool {
        let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
        self.address.is_here() && kernel.trim() == self.profile.kernel
    }

    pub(super) fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// Waits for a call.
    pub(super) fn run<T>(
        &self,
        doing: &str,
        call: impl Future<Output = Result<T, ApiError>>,
    ) -> Result<T, EngineError> {
        self.runtime
            .block_on(call)
            .map_err(|error| EngineError::of(doing, error))
    }

    /// Waits for a call for as long as it is wanted.
    pub(super) fn run_wanted<T>(
        &self,
        cancel: &Cancel,
        call: impl Future<Output = Result<T, EngineError>>,
    ) -> Result<T, EngineError> {
        self.runtime.block_on(async {
            match select(pin!(call), pin!(unwanted(cancel))).await {
                Either::Left((outcome, _)) => outcome,
                Either::Right(_) => Err(EngineError::Interrupted(cancel.signal())),
            }
        })
    }

    /// The client for calls whose answer comes late.
    pub(super) fn patient(&self) -> Docker {
        self.docker
            .clone()
            .with_timeout(Duration::from_secs(LONG_ANSWER))
    }

    /// Waits for a call that is given little time: clearing up must not keep a run that is over.
    pub(super) fn run_briefly<T>(
        &self,
        call: impl Future<Output = Result<T, ApiError>>,
    ) -> Option<T> {
        let patience = Duration::from_secs(30);
        let outcome = self
            .runtime
            .block_on(async { tokio::time::timeout(patience, call).await });
        outcome.ok()?.ok()
    }
}

/// Ends when a call is not wanted any more.
pub(super) async fn unwanted(cancel: &Cancel) {
    while !cancel.is_requested() {
        tokio::time::sleep(LOOK).await;
    }
}

fn client(endpoint: &Endpoint, dialer: Option<&Dialer>) -> Result<Docker, ApiError> {
    let unix = |path: &Path, seconds| {
        Docker::connect_with_unix(&path.to_string_lossy(), seconds, API_DEFAULT_VERSION)
    };
    match (&endpoint.address, &endpoint.certificates, dialer) {
        (_, _, Some(dialer)) => unix(&dialer.socket(), FIRST_ANSWER_BY_SSH),
        (Address::Unix(path), ..) => unix(path, FIRST_ANSWER),
        (Address::Tcp(host), Some(folder), _) => Docker::connect_with_ssl(
            &format!("tcp://{host}"),
            &folder.join("key.pem"),
            &folder.join("cert.pem"),
            &folder.join("ca.pem"),
            FIRST_ANSWER,
            API_DEFAULT_VERSION,
        ),
        (Address::Tcp(host), None, _) => {
            Docker::connect_with_http(&format!("tcp://{host}"), FIRST_ANSWER, API_DEFAULT_VERSION)
        }
        (Address::Ssh { destination, .. }, ..) => {
            Err(ApiError::SocketNotFoundError(destination.clone()))
        }
    }
}

async fn profile(endpoint: &Endpoint, docker: &Docker) -> Result<EngineProfile, EngineError> {
    let address = &endpoint.address;
    let unreachable = |error: ApiError| EngineError::unreachable(address, &error);
    let version = docker.version().await.map_err(unreachable)?;
    let found = version.api_version.clone().unwrap_or_default();
    if number(&found) < number(LEAST_API) {
        return Err(EngineError::TooOld {
            address: address.clone(),
            found,
            least: LEAST_API,
        });
    }
    // From here on the client asks for no newer version than the engine speaks.
    let docker = docker.clone().negotiate_version().await;
    let docker = docker.map_err(unreachable)?;
    let info = docker.info().await.map_err(unreachable)?;
    Ok(EngineProfile::new(endpoint, version, info))
}

/// `1.41` as something that is compared part by part.
fn number(version: &str) -> (u32, u32) {
    let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_numbers_and_no_text() {
        assert!(number("1.9") < number("1.41"));
        assert!(number("1.100") > number("1.41"));
        assert!(number("") < number(LEAST_API));
    }

    #[test]
    fn without_any_endpoint_there_is_no_engine() {
        let error = Engine::connect(&[], &Environment::default()).unwrap_err();
        assert!(matches!(error, EngineError::None));
    }
}
