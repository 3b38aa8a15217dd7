//! What an earlier run of the same key has built need not be built again.

use std::path::Path;

use super::{Site, executable, keep};
use crate::plan::{ExpectedArtifact, Plan, Step};
use crate::report::artifact::Artifact;
use crate::report::manifest::Status;
use crate::report::runs::RunFolder;

/// All artifacts of a step out of earlier runs, kept in this run; `None` where one of them has to be built.
pub(super) fn find(step: &Step, plan: &Plan, site: &Site<'_>) -> Option<Vec<Artifact>> {
    if step.artifacts.is_empty() || !step.collects.is_empty() {
        return None;
    }
    let found: Vec<_> = step
        .artifacts
        .iter()
        .map(|expected| earlier(expected, plan, site))
        .collect::<Option<_>>()?;
    found
        .into_iter()
        .map(|(run, artifact)| take_over(step, &run, artifact, site))
        .collect()
}

/// The SHA-256 that an earlier successful run of the same key recorded.
pub(super) fn recorded(expected: &ExpectedArtifact, site: &Site<'_>) -> Vec<String> {
    let Some(key) = &expected.key else {
        return Vec::new();
    };
    let runs = site
        .runs
        .list()
        .into_iter()
        .filter(|(_, manifest)| manifest.status == Status::Succeeded);
    let artifacts = runs.flat_map(|(_, manifest)| manifest.artifacts);
    artifacts
        .filter(|artifact| artifact.key.as_ref() == Some(key))
        .map(|artifact| artifact.sha256)
        .collect()
}

fn earlier(
    expected: &ExpectedArtifact,
    plan: &Plan,
    site: &Site<'_>,
) -> Option<(RunFolder, Artifact)> {
    let key = expected.key.as_ref()?;
    site.runs.list().into_iter().find_map(|(run, manifest)| {
        let artifact = manifest
            .artifacts
            .into_iter()
            .find(|artifact| artifact.key.as_ref() == Some(key))?;
        let kept = is(&run.path.join(&artifact.path), &artifact.sha256);
        // Who builds in a folder of their own expects the result there, too.
        let placed = !plan.source.in_place
            || is(
                &site.native.roots.source.join(&expected.path),
                &artifact.sha256,
            );
        (manifest.status == Status::Succeeded && kept && placed).then_some((run, artifact))
    })
}

fn is(file: &Path, sha256: &str) -> bool {
    executable::sha256_file(file).is_ok_and(|found| found == sha256)
}

fn take_over(
    step: &Step,
    run: &RunFolder,
    artifact: Artifact,
    site: &Site<'_>,
) -> Option<Artifact> {
    keep::keep(
        &run.path.join(&artifact.path),
        &site.folder.path.join(&artifact.path),
    )
    .ok()?;
    Some(Artifact {
        step: step.id.clone(),
        from_run: Some(artifact.from_run.clone().unwrap_or_else(|| run.id.clone())),
        ..artifact
    })
}
