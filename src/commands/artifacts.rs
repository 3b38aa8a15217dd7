//! `kubewright artifacts …`

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{Call, Ended};
use crate::cli::{ArtifactsVerb, Format};
use crate::error::{Explain, Kind};
use crate::plural::{count, form};
use crate::report::manifest::{self, Status};
use crate::report::runs::{Earlier, Runs, RunsError};
use crate::report::{Output, Style, Table};
use crate::run::executable;
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
    #[error("cannot read or write `{}`", .path.display())]
    Io { path: PathBuf, source: io::Error },
}

impl Explain for ArtifactsError {
    fn kind(&self) -> Kind {
        match self {
            ArtifactsError::Changed { .. } => Kind::Findings,
            ArtifactsError::NoChecksums(_) => Kind::Usage,
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
            ArtifactsError::Changed { .. } | ArtifactsError::Io { .. } => Vec::new(),
        }
    }
}

pub(super) fn run(verb: &ArtifactsVerb, call: &Call) -> Result<(), Ended> {
    let settings = call.settings(Layer::none())?;
    let runs = Runs::below(&settings.home);
    match verb {
        ArtifactsVerb::List { format } => {
            list(&runs, *format);
            Ok(())
        }
        ArtifactsVerb::Verify { place } => verify(&runs, place.as_deref()),
        ArtifactsVerb::Export { run, folder } => export(&runs, run, folder),
    }
}

fn list(runs: &Runs, format: Format) {
    super::runs::warn_of_unreadable(runs);
    let mut all = Vec::new();
    for Earlier { folder, manifest } in runs.list() {
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
    let folder = match place.map(Path::new) {
        Some(folder) if folder.is_dir() => folder.to_owned(),
        Some(_) => runs.find(place)?.folder.artifacts(),
        // A run that failed, or built nothing that is kept, is not what was meant.
        None => runs
            .list()
            .into_iter()
            .find(|run| !run.manifest.artifacts.is_empty())
            .ok_or(RunsError::None)?
            .folder
            .artifacts(),
    };
    let list = folder.join("SHA256SUMS");
    let text =
        fs::read_to_string(&list).map_err(|_| ArtifactsError::NoChecksums(folder.clone()))?;
    let mut checked = 0;
    let mut wrong = Vec::new();
    for (expected, name) in text.lines().filter_map(|line| line.split_once("  ")) {
        checked += 1;
        match executable::sha256_file(&folder.join(name)) {
            Ok(found) if found == expected => {}
            Ok(_) => wrong.push(format!("{name} has changed")),
            Err(_) => wrong.push(format!("{name} cannot be read")),
        }
    }
    if !wrong.is_empty() {
        return Err(ArtifactsError::Changed {
            folder,
            checked,
            wrong,
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

fn export(runs: &Runs, run: &str, folder: &Path) -> Result<(), Ended> {
    let Earlier {
        folder: run,
        manifest,
    } = runs.find(Some(run))?;
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
    for (from, name) in [
        (run.artifacts().join("SHA256SUMS"), "SHA256SUMS"),
        (run.path.join(manifest::FILE), manifest::FILE),
    ] {
        let target = folder.join(name);
        crate::run::keep(&from, &target).map_err(io(&target))?;
    }
    Ok(())
}
