//! `kubewright artifacts …`

use std::io;
use std::path::{Path, PathBuf};

use super::{Call, Ended};
use crate::cli::{ArtifactsVerb, Format};
use crate::error::{Explain, Kind};
use crate::plural::{count, form};
use crate::report::manifest::{self, Manifest, Status};
use crate::report::runs::{Earlier, Runs, RunsError};
use crate::report::{Output, Style, Table};
use crate::run::repack::{self, Repacking};
use crate::run::verify;
use crate::settings::Layer;

#[derive(Debug, thiserror::Error)]
enum ArtifactsError {
    #[error("{} of {} in `{}` {} not what was built: {}", .wrong.len(), count(*.checked, "artifact"), .folder.display(), form(.wrong.len(), "is", "are"), .wrong.join(", "))]
    Changed {
        folder: PathBuf,
        checked: u64,
        wrong: Vec<String>,
    },
    #[error("`{}` has no list of checksums", .0.display())]
    NoChecksums(PathBuf),
    #[error("run {0} has no artifacts")]
    Nothing(String),
    #[error("cannot read or write `{}`", .path.display())]
    Io { path: PathBuf, source: io::Error },
}

impl Explain for ArtifactsError {
    fn kind(&self) -> Kind {
        match self {
            ArtifactsError::Changed { .. } => Kind::Findings,
            ArtifactsError::NoChecksums(_) | ArtifactsError::Nothing(_) => Kind::Usage,
            ArtifactsError::Io { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                Kind::OutOfDisk
            }
            ArtifactsError::Io { .. } => Kind::Preflight,
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            ArtifactsError::NoChecksums(_) => {
                vec!["name a run (`kubewright runs list`), or a folder that `--out` or `artifacts export` made".to_owned()]
            }
            ArtifactsError::Nothing(_) => {
                vec!["`kubewright artifacts list` shows what there is".to_owned()]
            }
            ArtifactsError::Changed { .. } | ArtifactsError::Io { .. } => Vec::new(),
        }
    }
}

pub(super) fn run(verb: &ArtifactsVerb, call: &Call) -> Result<(), Ended> {
    let runs = || -> Result<Runs, Ended> { Ok(Runs::below(&call.settings(Layer::none())?.home)) };
    match verb {
        ArtifactsVerb::List { format } => {
            list(&runs()?, *format);
            Ok(())
        }
        ArtifactsVerb::Verify { place } => verify(&runs()?, place.as_deref()),
        ArtifactsVerb::Export { run, folder } => export(&runs()?, run, folder),
        // Steps call it, without anything of the caller's settings.
        ArtifactsVerb::Repack { time, folders } => repack(*time, folders, call),
    }
}

fn list(runs: &Runs, format: Format) {
    super::runs::warn_of_unreadable(runs);
    let mut all = Vec::new();
    for Earlier {
        folder, manifest, ..
    } in runs.list()
    {
        if manifest.status == Status::Succeeded {
            let reference = super::runs::reference(&manifest);
            all.extend(
                manifest
                    .artifacts
                    .into_iter()
                    .map(|artifact| (folder.clone(), reference.clone(), artifact)),
            );
        }
    }
    if format == Format::Json {
        let rows: Vec<_> = all
            .iter()
            .map(|(run, reference, artifact)| {
                serde_json::json!({
                    "run": run.id,
                    "reference": reference,
                    "file": run.path.join(&artifact.path),
                    "artifact": artifact,
                })
            })
            .collect();
        Output.json(&serde_json::json!({ "schema": 1, "artifacts": rows }));
        return;
    }
    let nothing = || "-".to_owned();
    let mut table = Table::new(&[
        "RUN", "ARTIFACT", "VERSION", "REF", "SIZE", "SHA256", "FILE",
    ]);
    for (run, reference, artifact) in all {
        let file = run.path.join(&artifact.path).display().to_string();
        table.row([
            run.id,
            artifact.title(),
            artifact.version.clone().unwrap_or_else(nothing),
            reference.unwrap_or_else(nothing),
            artifact.size.decimal(),
            artifact.sha256[..12].to_owned(),
            file,
        ]);
    }
    Output.data(&table.render(Style::of_stdout()));
}

fn verify(runs: &Runs, place: Option<&str>) -> Result<(), Ended> {
    let (folder, manifest) = match place.map(Path::new) {
        Some(folder) if folder.is_dir() => (folder.to_owned(), Manifest::read(folder).ok()),
        Some(_) => of_run(runs.find(place)?),
        // A run that failed, or built nothing that is kept, is not what was meant.
        None => of_run(
            runs.list()
                .into_iter()
                .find(|run| !run.manifest.artifacts.is_empty())
                .ok_or(RunsError::None)?,
        ),
    };
    let known = manifest
        .as_ref()
        .filter(|manifest| !manifest.artifacts.is_empty());
    let verdict = verify::verify(&folder, known)
        .ok_or_else(|| ArtifactsError::NoChecksums(folder.clone()))?;
    let checked = verdict.checked;
    if !verdict.wrong.is_empty() {
        return Err(ArtifactsError::Changed {
            folder,
            checked,
            wrong: verdict.wrong,
        }
        .into());
    }
    Output.talk(&format!(
        "{} in {} {} what was built",
        count(checked, "artifact"),
        folder.display(),
        if checked == 1 { "is" } else { "are" }
    ));
    Ok(())
}

fn of_run(run: Earlier) -> (PathBuf, Option<Manifest>) {
    (run.folder.artifacts(), Some(run.manifest))
}

fn repack(time: i64, folders: &[PathBuf], call: &Call) -> Result<(), Ended> {
    let repacking = Repacking {
        time,
        cancel: &call.cancel,
    };
    for archive in repack::repack(folders, repacking)? {
        Output.data(&archive.display().to_string());
    }
    Ok(())
}

fn export(runs: &Runs, run: &str, folder: &Path) -> Result<(), Ended> {
    let Earlier {
        folder: run,
        manifest,
        ..
    } = runs.find(Some(run))?;
    if manifest.artifacts.is_empty() {
        return Err(ArtifactsError::Nothing(run.id).into());
    }
    let io = |path: &Path| {
        let path = path.to_owned();
        move |source| ArtifactsError::Io { path, source }
    };
    for artifact in &manifest.artifacts {
        let relative = artifact.path.trim_start_matches("artifacts/");
        let target = folder.join(relative);
        crate::run::keep(&run.path.join(&artifact.path), &target).map_err(io(&target))?;
        Output.data(&target.display().to_string());
    }
    let lists = [verify::SHA256, verify::SHA512].map(|name| (run.artifacts().join(name), name));
    // Runs of before it was written have no list of SHA-512.
    let lists = lists.into_iter().filter(|(from, _)| from.exists());
    for (from, name) in lists.chain([(run.path.join(manifest::FILE), manifest::FILE)]) {
        let target = folder.join(name);
        crate::run::keep(&from, &target).map_err(io(&target))?;
    }
    Ok(())
}
