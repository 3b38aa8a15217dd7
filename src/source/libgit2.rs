//! Fetching over a network with libgit2.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use git2::{
    AutotagOption, Direction, ErrorClass, ErrorCode, FetchOptions, ProxyOptions, RemoteCallbacks,
    Repository,
};

use super::credentials::Credentials;
use super::error::SourceError;
use super::fetcher::{Depth, Fetcher, RemoteReference, Want};
use super::leftovers;
use super::patience::{Failure, Line, with_patience};
use super::progress::{Progress, Transfer, Watch};

/// How long a server may be silent. GitHub counts the objects of a deep fetch for tens of seconds, and says so meanwhile.
const PATIENCE: Duration = Duration::from_secs(90);

/// How often an operation is tried that fails for reasons of the network.
const TRIES: u32 = 4;

/// The pause before the second try; it doubles with each further one.
const PAUSE: Duration = Duration::from_millis(500);

/// How often progress is told.
const TELLING: Duration = Duration::from_millis(50);

/// Brings objects over `https`, `http`, `git` and, where it is compiled in, `ssh`.
pub(super) struct Libgit2Fetcher {
    url: String,
    repository: String,
    pause: Duration,
}

impl Libgit2Fetcher {
    /// `repository` is the URL for people.
    pub(super) fn new(url: String, repository: String) -> Libgit2Fetcher {
        Libgit2Fetcher {
            url,
            repository,
            pause: PAUSE,
        }
    }

    /// Tries until it works, or fails for a reason that will not go away.
    fn retried<T: Send + 'static>(
        &self,
        watch: &mut Watch<'_>,
        work: impl Fn(&Line) -> Result<T, git2::Error> + Clone + Send + 'static,
    ) -> Result<T, SourceError> {
        let mut attempt = 1;
        loop {
            let work = work.clone();
            let error = match with_patience(PATIENCE, watch, move |line| work(&line)) {
                Ok(done) => return Ok(done),
                Err(Failure::Cancelled(error)) => return Err(error),
                Err(Failure::Failed(error)) => error,
                Err(Failure::Stalled(patience)) => git2::Error::new(
                    ErrorCode::GenericError,
                    ErrorClass::Net,
                    format!("nothing was heard for {} s", patience.as_secs()),
                ),
            };
            let error = self.without_credentials(&error);
            if attempt == TRIES || !is_spurious(&error) {
                return Err(SourceError::fetch(&self.repository, &error));
            }
            self.wait_before_next(attempt, watch)?;
            attempt += 1;
            watch.tell(Progress::Retrying {
                attempt,
                cause: error.message().to_owned(),
            });
        }
    }

    /// libgit2's messages may repeat the URL.
    fn without_credentials(&self, error: &git2::Error) -> git2::Error {
        let message = error.message().replace(&self.url, &self.repository);
        git2::Error::new(error.code(), error.class(), message)
    }

    fn wait_before_next(&self, attempt: u32, watch: &Watch<'_>) -> Result<(), SourceError> {
        let end = Instant::now() + self.pause * 2_u32.pow(attempt - 1);
        while Instant::now() < end {
            watch.check()?;
            thread::sleep(self.pause.min(Duration::from_millis(50)));
        }
        Ok(())
    }
}

impl Fetcher for Libgit2Fetcher {
    fn can_be_shallow(&self) -> bool {
        true
    }

    fn list(
        &mut self,
        mirror: &Repository,
        watch: &mut Watch<'_>,
    ) -> Result<Vec<RemoteReference>, SourceError> {
        watch.tell(Progress::Listing {
            repository: self.repository.clone(),
        });
        let (path, url) = (mirror.path().to_owned(), self.url.clone());
        self.retried(watch, move |line| list(&path, &url, line))
    }

    fn fetch(
        &mut self,
        mirror: &Repository,
        wants: &[Want],
        depth: Depth,
        watch: &mut Watch<'_>,
    ) -> Result<(), SourceError> {
        let (path, url) = (mirror.path().to_owned(), self.url.clone());
        let refspecs: Vec<String> = wants.iter().map(Want::refspec).collect();
        let result = self.retried(watch, move |line| {
            fetch(&path, &url, &refspecs, depth, line)
        });
        if result.is_err() {
            leftovers::remove(mirror.path());
        }
        result
    }
}

fn list(mirror: &Path, url: &str, line: &Line) -> Result<Vec<RemoteReference>, git2::Error> {
    let mirror = Repository::open_bare(mirror)?;
    let mut remote = mirror.remote_anonymous(url)?;
    let connection = remote.connect_auth(Direction::Fetch, Some(callbacks(line)), Some(proxy()))?;
    let mut found: Vec<RemoteReference> = Vec::new();
    for head in connection.list()? {
        // The commit behind an annotated tag follows the tag.
        match (head.name().strip_suffix("^{}"), found.last_mut()) {
            (Some(name), Some(tag)) if tag.name == name => tag.peeled = Some(head.oid()),
            (Some(_), _) => {}
            (None, _) => found.push(RemoteReference {
                name: head.name().to_owned(),
                id: head.oid(),
                peeled: None,
            }),
        }
    }
    Ok(found)
}

fn fetch(
    mirror: &Path,
    url: &str,
    refspecs: &[String],
    depth: Depth,
    line: &Line,
) -> Result<(), git2::Error> {
    let mirror = Repository::open_bare(mirror)?;
    let mut options = FetchOptions::new();
    options
        .remote_callbacks(callbacks(line))
        .proxy_options(proxy())
        .download_tags(AutotagOption::None)
        .update_fetchhead(false);
    if let Depth::Commits(commits) = depth {
        options.depth(i32::try_from(commits).unwrap_or(i32::MAX));
    }
    mirror
        .remote_anonymous(url)?
        .fetch(refspecs, Some(&mut options), None)
}

fn proxy() -> ProxyOptions<'static> {
    let mut options = ProxyOptions::new();
    options.auto();
    options
}

fn callbacks(line: &Line) -> RemoteCallbacks<'static> {
    let mut callbacks = RemoteCallbacks::new();
    let mut credentials = Credentials::default();
    callbacks.credentials(move |url, user, allowed| credentials.next(url, user, allowed));
    let objects = line.clone();
    let mut last_told: Option<Instant> = None;
    callbacks.transfer_progress(move |progress| {
        // It is called for every object.
        if last_told.is_some_and(|last| last.elapsed() < TELLING) {
            return objects.is_awaited();
        }
        last_told = Some(Instant::now());
        objects.report(Transfer {
            total_objects: progress.total_objects(),
            received_objects: progress.received_objects(),
            indexed_objects: progress.indexed_objects(),
            received_bytes: progress.received_bytes() as u64,
        })
    });
    let talk = line.clone();
    callbacks.sideband_progress(move |_text| talk.report_life());
    callbacks
}

/// Whether a failure may go away by itself; cargo's list.
fn is_spurious(error: &git2::Error) -> bool {
    let is_lasting = matches!(
        error.code(),
        ErrorCode::Certificate | ErrorCode::Auth | ErrorCode::NotFound | ErrorCode::User
    ) || error.message().contains("status code: 4")
        || error.message().contains("unsupported URL protocol")
        || error.message().contains("No space left");
    let is_network = matches!(
        error.class(),
        ErrorClass::Net | ErrorClass::Os | ErrorClass::Zlib | ErrorClass::Http | ErrorClass::Ssl
    );
    is_network && !is_lasting
}
