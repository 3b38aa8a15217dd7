//! The step behind a release that packs its archives anew, with fixed times, order and owner.

use std::collections::BTreeMap;

use super::PlanError;
use super::equipment::Executor;
use super::identity::SourceIdentity;
use super::step::Step;

/// Adds the step where archives are packed: what was to be kept of the last step is what this one makes of it.
pub(super) fn add(steps: &mut Vec<Step>, source: &SourceIdentity) -> Result<(), PlanError> {
    let needs = steps.iter().map(|step| step.id.clone()).collect();
    let Some(packing) = steps.last_mut().filter(|step| {
        step.collects
            .iter()
            .any(|folder| folder.contains("release-"))
    }) else {
        return Ok(());
    };
    let time = source.committed_at.ok_or(PlanError::NoTime)?;
    let folders = std::mem::take(&mut packing.collects);
    packing.hands_on.clone_from(&folders);
    let words = ["{kubewright}", "artifacts", "repack", "--time"].map(str::to_owned);
    let argv = words.into_iter().chain([time.to_string()]);
    let places = folders.iter().map(|folder| format!("{{source}}/{folder}"));
    let step = Step {
        id: "repack".to_owned(),
        title: "archives with fixed times".to_owned(),
        why: format!(
            "--reproducible: tarballs and images get the time of the commit, {time}, and one order and owner"
        ),
        executor: Executor::Native,
        argv: argv.chain(places).collect(),
        environment: BTreeMap::from([("LC_ALL".to_owned(), "C".to_owned())]),
        passes: vec!["TMPDIR".to_owned()],
        folder: "{source}".to_owned(),
        needs,
        compiles: Vec::new(),
        packages: Vec::new(),
        takes_go_flags: false,
        puts_back: Vec::new(),
        cache: None,
        tools: Vec::new(),
        artifacts: Vec::new(),
        collects: folders,
        hands_on: Vec::new(),
    };
    steps.push(step);
    Ok(())
}
