//! What `kubewright doctor` says of a host when there is no tree to build.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::check::{Check, DiskClaim, Status};
use super::choice::{Choice, TooLittle};
use super::facts::HostFacts;
use super::free_memory::Bound;
use super::memory::Model;
use super::preflight::{hints, missing_tools, with_status};
use super::tool::{Need, Tool};
use super::workload::Workload;

/// The state of a host.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Doctor {
    /// What was found.
    pub facts: HostFacts,
    /// What that means. What only some builds need is at most a warning.
    pub checks: Vec<Check>,
    /// What is worth knowing beside, in sentences.
    pub remarks: Vec<String>,
}

impl Doctor {
    /// What builds of Kubernetes in general need, with what only some of them do as optional.
    pub fn general_needs() -> Vec<Need> {
        let mut needs = Need::native_build();
        needs.extend([
            Need::git_stamp(),
            Need {
                required: false,
                by: "a tree before 1.35".to_owned(),
                ..Need::rsync_placement()
            },
            Need {
                required: false,
                ..Need::cgo(&["kubelet"])
            },
            Need::optional(
                Tool::Go,
                "a build without kubewright's own toolchain",
                "a Go of 1.21 or newer can also fetch the one that a tree asks for",
            ),
            Need {
                required: false,
                ..Need::docker("`build quick-release`")
            },
            Need {
                required: false,
                ..Need::buildx("`build quick-release`")
            },
        ]);
        needs
    }

    /// Judges a host by what is needed and what will be written. Probe for the tools of `needs` and
    /// the folders of `claims`, and for the engine if it is to be judged.
    pub fn examine(
        facts: HostFacts,
        model: &Model,
        needs: &[Need],
        claims: &[DiskClaim],
    ) -> Doctor {
        let kubectl = choose(model, &facts, &Workload::of(["kubectl"]));
        let mut checks = vec![Check::memory(facts.memory.as_ref(), None, &kubectl)];
        if !claims.is_empty() {
            checks.push(Check::disk(&facts.file_systems, claims));
        }
        checks.push(Check::cpus(&facts.cpus));
        checks.extend(Check::tools(&facts.tools, needs));
        // Without the command there is a check of the tool already.
        let engine = facts
            .engine
            .as_ref()
            .map(|engine| Check::engine(engine).lenient());
        checks.extend(engine.filter(|check| checks.iter().all(|other| other.id != check.id)));
        Doctor {
            remarks: remarks(model, &facts),
            checks,
            facts,
        }
    }

    /// The checks that failed.
    pub fn failures(&self) -> impl Iterator<Item = &Check> {
        with_status(&self.checks, Status::Failed)
    }

    /// The tools that are missing for anything that was asked about, optional ones too.
    pub fn missing_tools(&self) -> Vec<Tool> {
        missing_tools(&self.checks)
    }

    /// What to type or do to mend what did not pass.
    pub fn hints(&self) -> Vec<String> {
        hints(&self.checks, &self.facts)
    }
}

fn choose(model: &Model, facts: &HostFacts, workload: &Workload) -> Result<Choice, TooLittle> {
    model.choose(workload, facts.memory_budget(None), facts.cpus.count, None)
}

fn remarks(model: &Model, facts: &HostFacts) -> Vec<String> {
    let forecast = |what: &str, workload: &Workload| {
        let outcome = choose(model, facts, workload);
        format!("Memory for {what}: {}.", in_words(&outcome))
    };
    let mut remarks = vec![
        "Upstream's scripts check no memory before a build; the 8 GB that people quote \
         are from its README."
            .to_owned(),
        forecast(
            "one component (kubectl), by kubewright's forecast",
            &Workload::of(["kubectl"]),
        ),
        forecast("all components", &Workload::all()),
    ];
    let bounded = facts
        .memory
        .as_ref()
        .filter(|memory| memory.bound == Bound::Cgroup);
    remarks.extend(bounded.map(|memory| {
        format!(
            "Memory is {}, though the machine has {}; upstream's own look at \
             memory, before it builds several platforms at once, does not see that.",
            memory.why(),
            memory.total
        )
    }));
    remarks
}

fn in_words(outcome: &Result<Choice, TooLittle>) -> String {
    match outcome {
        Ok(choice) => format!("{} ({})", choice.forecast, choice.reason),
        Err(too_little) => format!("too little, {too_little}"),
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use super::*;
    use crate::host::facts::ProbeRequest;
    use crate::host::fixture::Fixture;
    use crate::host::tool::ToolFacts;

    fn examine(available: u64) -> Doctor {
        let fixture = Fixture::default().meminfo(24_000, available);
        let mut facts = HostFacts::probe(&ProbeRequest {
            root: fixture.root(),
            engine: true,
            ..ProbeRequest::new(OsStr::new(""))
        });
        facts.tools = [Tool::Make, Tool::Bash, Tool::Git]
            .map(|tool| ToolFacts::found(tool, "5.0"))
            .to_vec();
        let model = Model::embedded().unwrap();
        Doctor::examine(facts, &model, &Doctor::general_needs(), &[])
    }

    #[test]
    fn a_host_with_the_basics_is_well_and_lacks_only_what_some_builds_need() {
        let doctor = examine(20_000);
        assert_eq!(doctor.failures().count(), 0, "{:#?}", doctor.checks);
        assert_eq!(
            doctor.missing_tools(),
            [Tool::Rsync, Tool::Cc, Tool::Docker, Tool::Buildx, Tool::Go]
        );
        let ids = |id: &str| doctor.checks.iter().filter(|check| check.id == id).count();
        assert_eq!((ids("tool.docker"), ids("engine")), (1, 0));
    }

    #[test]
    fn says_that_upstream_checks_no_memory() {
        let doctor = examine(20_000);
        assert!(doctor.remarks[0].contains("8 GB") && doctor.remarks[0].contains("README"));
        assert!(doctor.remarks[1].contains("MiB ("), "{}", doctor.remarks[1]);
    }

    #[test]
    fn a_host_with_too_little_memory_is_told_so() {
        let doctor = examine(100);
        assert_eq!(doctor.failures().next().unwrap().id, "memory");
        assert!(
            doctor.remarks[1].contains("too little"),
            "{}",
            doctor.remarks[1]
        );
    }
}
