//! What a run tells: events, the terminal, JSON lines, the manifest, artifacts.
//!
//! Workers send [`Event`]s; only reporters print. The reporter's loop runs on the main thread and owns standard output and
//! error until the last worker is gone.

pub mod artifact;
mod event;
mod event_log;
pub mod image_archive;
mod json_lines;
pub mod manifest;
mod output;
mod progress_line;
mod progress_rows;
pub mod runs;
mod style;
mod table;
mod terminal;
mod unwritable;
pub mod width;

use std::io;
use std::thread;
use std::time::Duration;

use crate::cancel::Cancel;
use runs::RunFolder;

pub use event::{Envelope, Event, Events, Failure, SCHEMA};
pub use output::Output;
pub use progress_line::took;
pub use style::Style;
pub use table::Table;
pub use unwritable::Unwritable;

/// How talkative kubewright is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Verbosity {
    /// Errors and artifacts only.
    Quiet,
    /// What a person wants to know.
    Normal,
    /// Every line that a step prints, too.
    Verbose,
}

/// The form of a build's standard output.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum MessageFormat {
    /// Paths of artifacts on standard output, talk on standard error.
    Human,
    /// Events on standard output, one JSON object a line.
    Json,
}

/// How progress is shown.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ProgressDisplay {
    /// As a line that is redrawn on a terminal; as lines elsewhere.
    Live,
    /// As a line every few seconds.
    Lines,
    /// Not at all.
    Absent,
}

/// What reporters need to know of the call.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    /// How talkative to be.
    pub verbosity: Verbosity,
    /// The form of standard output.
    pub format: MessageFormat,
    /// How progress is shown.
    pub progress: ProgressDisplay,
    /// Colour on standard error.
    pub style: Style,
}

/// Something that listens to events.
trait Reporter {
    fn report(&mut self, envelope: &Envelope) -> io::Result<()>;

    /// Where it writes, for people.
    fn place(&self) -> String;

    /// Whether it goes on after a failure: what shows errors has to show that one, too.
    fn shows_errors(&self) -> bool {
        false
    }

    /// Called a few times a second, so that clocks go on while nothing happens.
    fn tick(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// All that listens to what a verb does, for as long as the verb lasts.
pub struct Reporters {
    listening: Vec<Box<dyn Reporter>>,
    run: String,
    unwritable: Option<Unwritable>,
}

impl Reporters {
    /// Reporters of a verb that opens no run.
    pub fn new(manner: Manner) -> Reporters {
        let mut listening: Vec<Box<dyn Reporter>> = vec![Box::new(terminal::Terminal::new(manner))];
        if manner.format == MessageFormat::Json {
            listening.push(Box::new(json_lines::JsonLines::new()));
        }
        Reporters {
            listening,
            run: String::new(),
            unwritable: None,
        }
    }

    /// Reporters of a run, which has a log of its events.
    pub fn of_run(manner: Manner, run: &RunFolder) -> Reporters {
        let mut reporters = Reporters::new(manner);
        reporters
            .listening
            .push(Box::new(event_log::EventLog::new(&run.path)));
        reporters.run.clone_from(&run.id);
        reporters
    }

    /// What could not be written, if the work was asked to stop because of that; asked once.
    pub fn unwritable(&mut self) -> Option<Unwritable> {
        self.unwritable.take()
    }

    /// Runs `work` on a thread of its own and reports what it sends until it is over. When nobody reads what is reported any
    /// more (a closed pipe), or it cannot be written (a full disk), the work is asked to stop.
    pub fn during<T: Send>(&mut self, cancel: &Cancel, work: impl FnOnce(Events) -> T + Send) -> T {
        let (events, inbox) = event::channel(&self.run);
        let worked = thread::scope(|scope| {
            let worker = scope.spawn(move || work(events));
            while let Ok(next) = inbox.next(Duration::from_millis(100)) {
                self.report(next.as_ref(), cancel);
            }
            worker.join()
        });
        match worked {
            Ok(value) => value,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }

    fn report(&mut self, next: Option<&Envelope>, cancel: &Cancel) {
        const SIGPIPE: u8 = 13;
        let unwritable = &mut self.unwritable;
        self.listening.retain_mut(|reporter| {
            let reported = match next {
                Some(envelope) => reporter.report(envelope),
                None => reporter.tick(),
            };
            let Err(error) = reported else {
                return true;
            };
            cancel.request(SIGPIPE);
            let is_gone = error.kind() == io::ErrorKind::BrokenPipe;
            if !is_gone {
                unwritable.get_or_insert_with(|| Unwritable::new(reporter.place(), error));
            }
            !is_gone && reporter.shows_errors()
        });
    }
}
