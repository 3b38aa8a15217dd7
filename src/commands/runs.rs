//! `kubewright runs …`

use super::{Call, Ended};
use crate::bytes::Bytes;
use crate::cli::{Format, RunsVerb};
use crate::plural::count;
use crate::report::artifact::Artifact;
use crate::report::manifest::{Manifest, Status};
use crate::report::runs::{Earlier, RunFolder, Runs, RunsError};
use crate::report::{Output, Style, Table, took};
use crate::settings::Layer;

pub(super) fn run(verb: &RunsVerb, call: &Call) -> Result<(), Ended> {
    let settings = call.settings(Layer::none())?;
    let runs = Runs::below(&settings.home);
    match verb {
        RunsVerb::List { format } => {
            list(&runs, *format);
            Ok(())
        }
        RunsVerb::Gc { keep, dry_run } => Ok(gc(&runs, *keep, *dry_run)?),
    }
}

/// Says of each run that goes which artifacts go with it: they may be the only copy.
fn gc(runs: &Runs, keep: usize, dry_run: bool) -> Result<(), RunsError> {
    let surplus = runs.surplus(keep);
    let removed = if dry_run { "would remove" } else { "removed" };
    let mut freed = Bytes::default();
    for run in &surplus {
        if !dry_run {
            run.folder.remove()?;
        }
        let Some(artifacts) = titles(&run.artifacts) else {
            continue;
        };
        let size: Bytes = run.artifacts.iter().map(|artifact| artifact.size).sum();
        freed = freed + size;
        let id = &run.folder.id;
        Output.talk(&format!(
            "{removed} run {id} with {artifacts}, {}",
            size.decimal()
        ));
    }
    Output.talk(&format!(
        "{removed} {}, {} of artifacts",
        count(surplus.len() as u64, "run"),
        freed.decimal()
    ));
    Ok(())
}

/// `kubectl linux/amd64 v1.34.1`, and where there are more, how many; `None` where there are none.
fn titles(artifacts: &[Artifact]) -> Option<String> {
    let first = artifacts.first()?;
    let version = first
        .version
        .as_deref()
        .map(|version| format!(" {version}"));
    let title = format!("{}{}", first.title(), version.unwrap_or_default());
    Some(match artifacts.len() {
        1 => title,
        more => format!("{title} and {} more", more - 1),
    })
}

/// Says which runs are not listed, and why.
pub(super) fn warn_of_unreadable(runs: &Runs) {
    for (folder, error) in runs.unreadable() {
        Output.talk(&format!(
            "{} the manifest of run {} cannot be read: {error}",
            Style::of_stderr().caution("warning:"),
            folder.id
        ));
    }
}

fn list(runs: &Runs, format: Format) {
    warn_of_unreadable(runs);
    let all = runs.list();
    if format == Format::Json {
        let manifests: Vec<_> = all.into_iter().map(|run| run.manifest).collect();
        Output.json(&serde_json::json!({ "schema": 1, "runs": manifests }));
        return;
    }
    let nothing = || "-".to_owned();
    let mut table = Table::new(&["RUN", "STARTED", "TOOK", "STATUS", "VERSION", "REF", "WHAT"]);
    for Earlier {
        folder, manifest, ..
    } in all
    {
        let took = manifest.seconds.map_or("-".to_owned(), took);
        let status = status(&folder, manifest.status).to_owned();
        let source = manifest.plan.as_ref().map(|plan| &plan.source);
        let version = source.and_then(|source| source.stamp.version.clone());
        table.row([
            folder.id,
            started(&manifest),
            took,
            status,
            version.unwrap_or_else(nothing),
            reference(&manifest).unwrap_or_else(nothing),
            what(&manifest),
        ]);
    }
    Output.data(&table.render(Style::of_stdout()));
}

/// The ref that a run built, where it came to know it; that of a tree in place may be empty.
pub(super) fn reference(manifest: &Manifest) -> Option<String> {
    let reference = manifest.plan.as_ref()?.source.reference.clone();
    Some(reference).filter(|reference| !reference.is_empty())
}

fn started(manifest: &Manifest) -> String {
    manifest
        .started
        .get(..16)
        .unwrap_or(&manifest.started)
        .replace('T', " ")
}

/// How a run stands. What was killed could not say so: its process is gone.
fn status(folder: &RunFolder, status: Status) -> &'static str {
    match status {
        Status::Running if folder.is_under_way() => "running",
        Status::Running => "killed",
        Status::Succeeded => "succeeded",
        Status::Failed => "failed",
        Status::Interrupted => "interrupted",
    }
}

fn what(manifest: &Manifest) -> String {
    match &manifest.plan {
        Some(plan) => plan.request.goal.words().join(" "),
        None => manifest
            .command
            .iter()
            .skip(1)
            .cloned()
            .collect::<Vec<_>>()
            .join(" "),
    }
}
