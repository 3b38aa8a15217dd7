//! What an earlier run of the same key has built need not be built again.

use std::path::Path;

use super::{Site, executable, keep};
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
    site.earlier.iter().find_map(|run| {
        let artifact = run.artifact(key)?;
        let kept = is(&run.folder.path.join(&artifact.path), &artifact.sha256);
        // Who builds in a folder of their own expects the result there, too.
        let placed = !plan.source.in_place
            || is(
                &site.native.roots.source.join(&expected.path),
                &artifact.sha256,
            );
        (kept && placed).then_some((&run.folder, artifact))
    })
}

fn is(file: &Path, sha256: &str) -> bool {
    executable::sha256_file(file).is_ok_and(|found| found == sha256)
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
