//! The checks before a build, and the error that refuses to start it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::check::{Check, Fix, Status};
use super::facts::HostFacts;
use super::setup::Setup;
use super::tool::Tool;
use crate::error::{Explain, Kind};

/// A set of checks before a build.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Preflight {
    /// The checks, in the order in which they are shown.
    pub checks: Vec<Check>,
}

impl Preflight {
    /// The checks that failed.
    pub fn failures(&self) -> impl Iterator<Item = &Check> {
        with_status(&self.checks, Status::Failed)
    }

    /// The checks that warn.
    pub fn warnings(&self) -> impl Iterator<Item = &Check> {
        with_status(&self.checks, Status::Warned)
    }

    /// One line: `memory 21.8 of 24 GiB free, needs 2.1 · disk 75 GiB free, needs 12 · go1.24.6 · 2
    /// cpus`.
    pub fn summary(&self) -> String {
        let briefs: Vec<&str> = self
            .checks
            .iter()
            .filter_map(|check| check.brief.as_deref())
            .collect();
        briefs.join(" · ")
    }

    /// The tools whose absence made a check fail; [`Setup`] installs them.
    pub fn missing_tools(&self) -> Vec<Tool> {
        missing_tools(self.failures())
    }

    /// Whether the build may start. `force` lets it in spite of failed checks of memory and disk,
    /// and of those only.
    pub fn verdict(&self, force: bool, host: &HostFacts) -> Result<(), PreflightError> {
        let failures: Vec<Check> = self
            .failures()
            .filter(|check| !(force && check.overridable))
            .cloned()
            .collect();
        if failures.is_empty() {
            return Ok(());
        }
        Err(PreflightError {
            hints: hints(&failures, host),
            failures,
        })
    }
}

/// The checks that ended in one way.
pub(super) fn with_status(checks: &[Check], status: Status) -> impl Iterator<Item = &Check> {
    checks.iter().filter(move |check| check.status == status)
}

/// The tools that checks ask to install, each once.
pub(super) fn missing_tools<'a>(checks: impl IntoIterator<Item = &'a Check>) -> Vec<Tool> {
    let mut tools: Vec<Tool> = checks
        .into_iter()
        .filter_map(|check| match check.fix {
            Some(Fix::Install { tool }) => Some(tool),
            _ => None,
        })
        .collect();
    tools.sort();
    tools.dedup();
    tools
}

/// What to type or do to mend checks; all that is to be installed in one hint.
pub(super) fn hints<'a>(
    checks: impl IntoIterator<Item = &'a Check> + Clone,
    host: &HostFacts,
) -> Vec<String> {
    let tools = missing_tools(checks.clone());
    let mut hints = Setup::plan(&tools, host.package_manager, &host.system).hints();
    let others = checks
        .into_iter()
        .filter_map(|check| match check.fix.as_ref()? {
            Fix::Install { .. } => None,
            Fix::Type { purpose, commands } => Some(format!(
                "To {purpose}, type `{}`.",
                commands.join("`, then `")
            )),
            Fix::Advise { text } => Some(text.clone()),
        });
    hints.extend(others);
    hints
}

/// Checks failed, so nothing was built.
#[derive(Debug, thiserror::Error)]
#[error("the build was not started: {}", listed(failures))]
pub struct PreflightError {
    /// The checks that failed and were not overridden.
    pub failures: Vec<Check>,
    hints: Vec<String>,
}

fn listed(failures: &[Check]) -> String {
    let messages: Vec<&str> = failures
        .iter()
        .map(|check| check.message.as_str())
        .collect();
    match messages.as_slice() {
        [one] => (*one).to_owned(),
        several => format!(
            "{} checks failed\n  - {}",
            several.len(),
            several.join("\n  - ")
        ),
    }
}

impl Explain for PreflightError {
    /// An engine that does not answer has a code of its own when nothing else is wrong.
    fn kind(&self) -> Kind {
        if self.failures.iter().all(|check| check.id == Check::ENGINE) {
            Kind::Engine
        } else {
            Kind::Preflight
        }
    }

    fn hints(&self) -> Vec<String> {
        self.hints.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::host::engine::{EngineFacts, EngineState};
    use crate::host::packages::PackageManager;
    use crate::host::tool::Need;
    use crate::host::{CpuFacts, Distribution, SystemFacts};
    use crate::platform::Platform;

    fn host() -> HostFacts {
        HostFacts {
            system: SystemFacts {
                platform: Platform::host(),
                kernel: None,
                distribution: Distribution::parse("ID=debian\nVERSION_ID=12\n"),
                superuser: true,
            },
            memory: None,
            cpus: CpuFacts {
                count: 2,
                affinity: 2,
                quota_millis: None,
            },
            file_systems: Vec::new(),
            tools: Vec::new(),
            engine: None,
            package_manager: Some(PackageManager::Apt),
        }
    }

    fn memory_failure() -> Check {
        Check {
            id: "memory".to_owned(),
            title: "memory".to_owned(),
            status: Status::Failed,
            message: "too little memory".to_owned(),
            brief: Some("memory 1 of 2 GiB free, needs 3".to_owned()),
            fix: Some(Fix::Advise {
                text: "End other programs.".to_owned(),
            }),
            overridable: true,
        }
    }

    fn missing(need: Need) -> Check {
        Check::tools(&[], &[need]).remove(0)
    }

    fn engine_failure() -> Check {
        Check::engine(&EngineFacts {
            state: EngineState::Unreachable,
            version: None,
            api_version: None,
            message: None,
        })
    }

    fn refused(checks: Vec<Check>, force: bool) -> PreflightError {
        Preflight { checks }.verdict(force, &host()).unwrap_err()
    }

    #[test]
    fn sums_up_in_one_line() {
        let checks = vec![
            memory_failure(),
            Check::path(Path::new("/t"), Path::new("/cache")),
            Check::toolchain("1.24.6", "from PATH"),
            Check::cpus(&host().cpus),
        ];
        assert_eq!(
            Preflight { checks }.summary(),
            "memory 1 of 2 GiB free, needs 3 · go1.24.6 · 2 cpus"
        );
    }

    #[test]
    fn passes_with_warnings() {
        let need = Need::optional(Tool::Curl, "a", "b");
        let preflight = Preflight {
            checks: vec![missing(need)],
        };
        assert_eq!(preflight.warnings().count(), 1);
        assert!(preflight.verdict(false, &host()).is_ok());
        assert_eq!(preflight.missing_tools(), []);
    }

    #[test]
    fn force_overrides_memory_and_disk_only() {
        let memory = Preflight {
            checks: vec![memory_failure()],
        };
        assert!(memory.verdict(false, &host()).is_err());
        assert!(memory.verdict(true, &host()).is_ok());
        let error = refused(
            vec![memory_failure(), missing(Need::rsync_placement())],
            true,
        );
        assert_eq!(error.failures.len(), 1);
        assert_eq!(error.kind(), Kind::Preflight);
    }

    #[test]
    fn lists_what_failed_and_how_to_mend_it() {
        let error = refused(
            vec![
                missing(Need::rsync_placement()),
                memory_failure(),
                missing(Need::cgo(&["kubelet"])),
            ],
            false,
        );
        let text = error.to_string();
        assert!(
            text.starts_with("the build was not started: 3 checks failed\n  - there is no `rsync`")
        );
        assert!(text.contains("\n  - too little memory\n"));
        assert_eq!(
            error.hints(),
            [
                "`--setup` installs what is missing; by hand: `apt-get update`, then \
                 `apt-get install -y --no-install-recommends rsync gcc libc6-dev`.",
                "End other programs."
            ]
        );
    }

    #[test]
    fn an_engine_that_is_the_only_trouble_has_a_code_of_its_own() {
        assert_eq!(refused(vec![engine_failure()], true).kind(), Kind::Engine);
        let both = vec![engine_failure(), missing(Need::docker("quick-release"))];
        assert_eq!(refused(both, false).kind(), Kind::Preflight);
    }
}
