//! `kubewright source …`

use std::path::PathBuf;
use std::time::Duration;

use super::source_place::{Said, reading, store};
use super::{Call, Ended, tell};
use crate::bytes::Bytes;
use crate::cli::{Format, SourceOptions, SourceVerb};
use crate::plural::count;
use crate::report::{Output, Style, Table};
use crate::settings::{Layer, Settings};
use crate::source;
use crate::validator::Validators;

pub(super) fn run(verb: &SourceVerb, call: &Call) -> Result<(), Ended> {
    let layer = match verb {
        SourceVerb::Path { offline, .. } => SourceOptions {
            offline: *offline,
            ..SourceOptions::default()
        }
        .layer(),
        SourceVerb::List { .. } | SourceVerb::Gc { .. } => Layer::none(),
    };
    let settings = call.settings(layer)?;
    match verb {
        SourceVerb::List { format } => list(&settings, *format),
        SourceVerb::Path {
            reference, repo, ..
        } => path(&settings, call, reference, repo.clone()),
        SourceVerb::Gc { all } => gc(&settings, *all),
    }
}

fn path(
    settings: &Settings,
    call: &Call,
    reference: &str,
    repo: Option<String>,
) -> Result<(), Ended> {
    let said = Said {
        repo,
        reference: Some(reference.to_owned()),
        directory: None,
    };
    let request = said.request(settings, &call.directory)?;
    let checkout = tell::while_source(call, |progress| {
        source::provide(
            &request,
            &store(settings),
            &reading(settings, call),
            &call.cancel,
            progress,
        )
    })?;
    Output.data(&checkout.root.display().to_string());
    Ok(())
}

/// Longer unused checkouts are removed without `--all`: a working week's builds stay warm.
const UNUSED: Duration = Duration::from_hours(14 * 24);

fn list(settings: &Settings, format: Format) -> Result<(), Ended> {
    let stored = store(settings).list()?;
    if format == Format::Json {
        let rows: Vec<_> = stored
            .iter()
            .map(|stored| {
                serde_json::json!({
                    "repository": stored.repository,
                    "reference": stored.reference,
                    "commit": stored.commit,
                    "version": stored.version,
                    "path": stored.path,
                })
            })
            .collect();
        Output.json(&serde_json::json!({ "schema": 1, "checkouts": rows }));
        return Ok(());
    }
    let mut table = Table::new(&["REPOSITORY", "REF", "VERSION", "COMMIT", "FOLDER"]);
    for stored in stored {
        let commit = stored.commit.get(..12).unwrap_or(&stored.commit).to_owned();
        table.row([
            stored.repository,
            stored.reference,
            stored.version.unwrap_or_else(|| "-".to_owned()),
            commit,
            stored.path.display().to_string(),
        ]);
    }
    Output.data(&table.render(Style::of_stdout()));
    Ok(())
}

fn gc(settings: &Settings, all: bool) -> Result<(), Ended> {
    let unused_for = if all { Duration::ZERO } else { UNUSED };
    let sources = store(settings).gc(unused_for)?.into_iter();
    let sources = sources.map(|removed| (removed.path, removed.size));
    let validators = Validators::below(&settings.home)
        .gc(unused_for)?
        .into_iter();
    let validators = validators.map(|removed| (removed.path, removed.size));
    let removed: Vec<(PathBuf, Bytes)> = sources.chain(validators).collect();
    let freed: Bytes = removed.iter().map(|(_, size)| *size).sum();
    for (path, _) in &removed {
        Output.data(&path.display().to_string());
    }
    let folders = count(removed.len() as u64, "folder");
    Output.talk(&format!("removed {folders}, {freed}"));
    Ok(())
}
