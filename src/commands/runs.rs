//! `kubewright runs …`

use super::{Call, Ended};
use crate::cli::{Format, RunsVerb};
use crate::plural::count;
use crate::report::manifest::{Manifest, Status};
use crate::report::runs::{Earlier, RunFolder, Runs};
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
        RunsVerb::Gc { keep } => {
            let removed = runs.remove_all_but(*keep)?;
            Output.talk(&format!("removed {}", count(removed.len() as u64, "run")));
            Ok(())
        }
    }
}

fn list(runs: &Runs, format: Format) {
    let all = runs.list();
    if format == Format::Json {
        let manifests: Vec<_> = all.into_iter().map(|run| run.manifest).collect();
        Output.json(&serde_json::json!({ "schema": 1, "runs": manifests }));
        return;
    }
    let mut table = Table::new(&["RUN", "STARTED", "TOOK", "STATUS", "WHAT"]);
    for Earlier { folder, manifest } in all {
        let took = manifest.seconds.map_or("-".to_owned(), took);
        let status = status(&folder, manifest.status).to_owned();
        table.row([folder.id, started(&manifest), took, status, what(&manifest)]);
    }
    Output.data(&table.render(Style::of_stdout()));
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
        Some(plan) => format!(
            "{} {}",
            plan.request.goal.words().join(" "),
            plan.source.reference
        ),
        None => manifest
            .command
            .iter()
            .skip(1)
            .cloned()
            .collect::<Vec<_>>()
            .join(" "),
    }
}
