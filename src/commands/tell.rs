//! Progress of the source and of toolchains as events, and verbs without a run that show just these.

use crate::cancel::Cancel;
use crate::lock::{Holder, process_start};
use crate::plural::{count, form};
use crate::report::{
    Event, Events, Manner, MessageFormat, ProgressDisplay, Reporters, Style, Verbosity,
};
use crate::run::end_stray;
use crate::source::{Checkout, Progress as SourceProgress};
use crate::toolchain::Progress as ToolchainProgress;

use super::Call;

/// Runs something that gets a tree, showing its progress.
pub(super) fn while_source<T: Send>(
    call: &Call,
    work: impl FnOnce(&mut dyn FnMut(SourceProgress)) -> T + Send,
) -> T {
    showing(&call.cancel, |events| {
        work(&mut |progress| source(&events, progress))
    })
}

/// Says that a tree is there.
pub(super) fn source_ready(events: &Events, checkout: &Checkout) {
    events.send(Event::SourceReady {
        reference: if checkout.in_place {
            checkout.repository.clone()
        } else {
            checkout.reference.clone()
        },
        commit: checkout.commit.clone(),
        version: checkout.stamp.version.clone(),
        changes: checkout.changes.len(),
        seconds: checkout.took.as_secs_f64(),
    });
}

/// Runs something that gets a toolchain, showing its progress.
pub(super) fn while_toolchain<T: Send>(
    call: &Call,
    work: impl FnOnce(&mut dyn FnMut(ToolchainProgress)) -> T + Send,
) -> T {
    showing(&call.cancel, |events| {
        work(&mut |progress| toolchain(&events, progress))
    })
}

/// Runs something whose events are shown.
pub(super) fn showing<T: Send>(cancel: &Cancel, work: impl FnOnce(Events) -> T + Send) -> T {
    let manner = Manner {
        verbosity: Verbosity::Normal,
        format: MessageFormat::Human,
        progress: ProgressDisplay::Live,
        style: Style::of_stderr(),
    };
    Reporters::new(manner).during(cancel, work)
}

/// What getting a tree tells, as an event.
pub(super) fn source(events: &Events, progress: SourceProgress) {
    let note = |message: String| Event::Note { message };
    events.send(match progress {
        SourceProgress::Waiting { holder } => note(waiting(&holder)),
        SourceProgress::Listing { repository } => {
            going_on(&format!("listing {repository}"), 0, None, "")
        }
        SourceProgress::Fetching(transfer) => {
            let total = (transfer.total_objects > 0).then_some(transfer.total_objects as u64);
            going_on(
                "fetching",
                transfer.received_objects as u64,
                total,
                "objects",
            )
        }
        SourceProgress::Deepening { depth } => going_on(
            "looking for the version tag",
            u64::from(depth),
            None,
            "commits deep",
        ),
        SourceProgress::FetchingBranches => note(
            "the repository hands out no single commits: all of its branches are fetched"
                .to_owned(),
        ),
        SourceProgress::Retrying { attempt, cause } => {
            note(format!("the network failed ({cause}): try {attempt}"))
        }
        SourceProgress::RemakingMirror { path, cause } => note(format!(
            "the mirror `{}` is damaged ({cause}) and is made again",
            path.display()
        )),
        SourceProgress::CheckingOut { done, total } => {
            going_on("checking out", done as u64, Some(total as u64), "files")
        }
        SourceProgress::Restoring { changes } => Event::Warning {
            message: format!(
                "{} in kubewright's own checkout {} put back",
                count(changes.len() as u64, "changed file"),
                form(changes.len(), "is", "are")
            ),
        },
    });
}

/// What getting a toolchain tells, as an event.
pub(super) fn toolchain(events: &Events, progress: ToolchainProgress) {
    events.send(match progress {
        ToolchainProgress::Waiting { holder, .. } => Event::Note {
            message: waiting(&holder),
        },
        ToolchainProgress::Downloading {
            version,
            done,
            total,
            ..
        } => going_on(
            &format!("downloading go{version}"),
            done.0,
            total.map(|total| total.0),
            "bytes",
        ),
        ToolchainProgress::Unpacking { version } => {
            going_on(&format!("unpacking go{version}"), 0, None, "")
        }
        ToolchainProgress::WayFailed { reason, .. } => Event::Note { message: reason },
    });
}

fn going_on(what: &str, done: u64, total: Option<u64>, unit: &str) -> Event {
    Event::Progress {
        what: what.to_owned(),
        done,
        total,
        unit: unit.to_owned(),
    }
}

/// Says whom somebody waits for.
pub(super) fn waits(events: &Events, holder: &Holder) {
    events.send(Event::Note {
        message: waiting(holder),
    });
}

/// Whom somebody waits for. What a killed kubewright left behind is ended here: nobody else will, and it holds the lock.
fn waiting(holder: &Holder) -> String {
    let gone = process_start(holder.pid) != Some(holder.started);
    match &holder.group {
        Some(group) if gone && end_stray(group) => {
            format!(
                "what a killed kubewright left behind ({}) was still running and is ended",
                holder.purpose
            )
        }
        _ => format!("waiting for process {} ({})", holder.pid, holder.purpose),
    }
}
