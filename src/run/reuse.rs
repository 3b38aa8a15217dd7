//! What an earlier run of the same key has built need not be built again.

use std::cell::LazyCell;

use super::{Site, keep};
use crate::hexadecimal::sha256_of_file;
use crate::plan::{ExpectedArtifact, Plan, Step};
use crate::report::artifact::Artifact;
use crate::report::runs::{Earlier, RunFolder};

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
        .map(|(run, artifact)| take_over(step, run, artifact, site))
        .collect()
}

/// Whether an earlier run of the same key recorded this SHA-256.
pub(super) fn is_recorded(sha256: &str, expected: &ExpectedArtifact, earlier: &[Earlier]) -> bool {
    let Some(key) = &expected.key else {
        return false;
    };
    let mut artifacts = earlier.iter().filter_map(|run| run.artifact(key));
    artifacts.any(|artifact| artifact.sha256 == sha256)
}

fn earlier<'a>(
    expected: &ExpectedArtifact,
    plan: &Plan,
    site: &Site<'a>,
) -> Option<(&'a RunFolder, &'a Artifact)> {
    let key = expected.key.as_ref()?;
    // Who builds in a folder of their own expects the result there, too. Where it is not, no copy need be read.
    let placed = LazyCell::new(|| sha256_of_file(&site.native.roots.source.join(&expected.path)));
    site.earlier.iter().find_map(|run| {
        let artifact = run.artifact(key)?;
        let is_it = |sum: &String| *sum == artifact.sha256;
        let is_placed = !plan.source.in_place || placed.as_ref().is_ok_and(is_it);
        let is_kept =
            || sha256_of_file(&run.folder.path.join(&artifact.path)).is_ok_and(|sum| is_it(&sum));
        (is_placed && is_kept()).then_some((&run.folder, artifact))
    })
}

fn take_over(
    step: &Step,
    run: &RunFolder,
    artifact: &Artifact,
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
        ..artifact.clone()
    })
}
