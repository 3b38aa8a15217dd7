//! Work that may stall: it runs on a thread of its own, so that whoever waits for it can give up.
//!
//! libgit2 calls nobody back while it connects or while the other side is silent, and knows no time-outs for most
//! protocols. A thread that is given up ends with the process, or as soon as libgit2 calls back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use super::error::SourceError;
use super::progress::{Progress, Transfer, Watch};

/// How often the wish to stop is looked at.
const POLL: Duration = Duration::from_millis(50);

/// How long work that was asked to stop may take to tidy up.
const GRACE: Duration = Duration::from_secs(2);

/// What working threads have of those who wait for them.
#[derive(Clone)]
pub(super) struct Line {
    reports: Sender<Option<Transfer>>,
    is_given_up: Arc<AtomicBool>,
}

impl Line {
    /// Tells how far it is. Whether to go on.
    pub(super) fn report(&self, transfer: Transfer) -> bool {
        self.reports.send(Some(transfer)).is_ok() && self.is_awaited()
    }

    /// Tells that it is alive. Whether to go on.
    pub(super) fn report_life(&self) -> bool {
        self.reports.send(None).is_ok() && self.is_awaited()
    }

    /// Whether anybody waits for the result still.
    pub(super) fn is_awaited(&self) -> bool {
        !self.is_given_up.load(Ordering::SeqCst)
    }
}

/// Why there is no result.
#[derive(Debug)]
pub(super) enum Failure {
    /// The work itself failed.
    Failed(git2::Error),
    /// Nothing was heard for too long.
    Stalled(Duration),
    /// Somebody asked to stop.
    Cancelled(SourceError),
}

/// Runs `work` until it ends, until somebody asks to stop, or until it has not reported for `patience`.
pub(super) fn with_patience<T: Send + 'static>(
    patience: Duration,
    watch: &mut Watch<'_>,
    work: impl FnOnce(Line) -> Result<T, git2::Error> + Send + 'static,
) -> Result<T, Failure> {
    let (reports, heard) = mpsc::channel();
    let line = Line {
        reports,
        is_given_up: Arc::default(),
    };
    let is_given_up = Arc::clone(&line.is_given_up);
    let worker = thread::spawn(move || work(line));
    let mut last_heard = Instant::now();
    loop {
        match heard.recv_timeout(POLL) {
            Ok(transfer) => {
                last_heard = Instant::now();
                if let Some(transfer) = transfer {
                    watch.tell(Progress::Fetching(transfer));
                }
            }
            // The worker dropped its line: it is about to end.
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {}
        }
        if watch.check().is_err() {
            is_given_up.store(true, Ordering::SeqCst);
            let end = Instant::now() + GRACE;
            while !worker.is_finished() && Instant::now() < end {
                thread::sleep(POLL);
            }
            return Err(Failure::Cancelled(watch.cancelled()));
        }
        if last_heard.elapsed() > patience {
            is_given_up.store(true, Ordering::SeqCst);
            return Err(Failure::Stalled(patience));
        }
    }
    match worker.join() {
        Ok(result) => result.map_err(Failure::Failed),
        Err(_) => Err(Failure::Failed(git2::Error::from_str("the fetch panicked"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cancel::Cancel;

    /// Work that never ends by itself, and ends soon after nobody waits for it.
    fn work_without_end(line: &Line) {
        while line.report(Transfer::default()) {
            thread::yield_now();
        }
    }

    #[test]
    fn returns_what_the_work_returns() {
        let (cancel, mut seen) = (Cancel::default(), Vec::new());
        let mut tell = |progress| seen.push(progress);
        let mut watch = Watch::new(&cancel, &mut tell);
        let result = with_patience(Duration::MAX, &mut watch, |line| {
            line.report(Transfer::default());
            Ok(7)
        });
        assert_eq!(result.unwrap(), 7);
        assert_eq!(seen, [Progress::Fetching(Transfer::default())]);
    }

    #[test]
    fn a_request_to_stop_ends_it() {
        let cancel = Cancel::default();
        let stop = cancel.clone();
        let mut tell = |_| stop.request(15);
        let mut watch = Watch::new(&cancel, &mut tell);
        let result = with_patience(Duration::MAX, &mut watch, |line| {
            work_without_end(&line);
            Ok(())
        });
        let Err(Failure::Cancelled(SourceError::Cancelled { signal })) = result else {
            panic!("{result:?}");
        };
        assert_eq!(signal, 15);
    }

    #[test]
    fn silence_ends_it() {
        let (cancel, mut tell) = (Cancel::default(), |_| {});
        let mut watch = Watch::new(&cancel, &mut tell);
        let (release, held) = mpsc::channel::<()>();
        let result = with_patience(Duration::from_millis(1), &mut watch, move |line| {
            let _ = held.recv();
            drop(line);
            Ok(())
        });
        assert!(matches!(result, Err(Failure::Stalled(_))), "{result:?}");
        drop(release);
    }
}
