//! What is known about a failure besides the log.

use super::{Applies, Needs};

/// What is known besides the log. The default knows nothing, as for a log from somewhere else.
///
/// A run that the user stopped is not to be diagnosed: its log ends with the same lines as one that ran out of memory.
#[derive(Clone, Copy, Debug, Default)]
pub struct Evidence<'a> {
    /// The exit code.
    pub exit_code: Option<i32>,
    /// The signal that ended the process.
    pub signal: Option<i32>,
    /// The kernel's counter for the cgroup, or the engine, says that something was killed for want of memory.
    pub oom_killed: bool,
    /// A file system that the step writes to was full afterwards, or a write of ours gave `ENOSPC`.
    pub disk_full: bool,
    /// An expected artifact is absent.
    pub missing_artifact: bool,
    /// Whether a container engine had a part: upstream's release targets use one even if make runs natively.
    pub engine: Option<bool>,
    /// The command line that failed, ready to be typed: `kubewright build component kubectl --ref v1.34.1`.
    pub build: Option<&'a str>,
    /// The component that was built, where it is one.
    pub component: Option<&'a str>,
    /// The ref that was built.
    pub git_ref: Option<&'a str>,
    /// The Go that the tree asks for, without `go`.
    pub go: Option<&'a str>,
}

impl Evidence<'_> {
    /// Whether a row that applies there can be met here.
    pub(super) fn admits(&self, applies: Applies) -> bool {
        match applies {
            Applies::Any => true,
            Applies::Native => self.engine != Some(true),
            Applies::Docker => self.engine != Some(false),
        }
    }

    /// Whether the evidence is there. `out_of_memory`: whether the log shows it.
    pub(super) fn satisfies(&self, needs: Option<Needs>, out_of_memory: bool) -> bool {
        match needs {
            None => true,
            Some(Needs::Killed) => self.killed(),
            Some(Needs::OutOfMemory) => self.killed() || out_of_memory,
            Some(Needs::DiskFull) => self.disk_full,
            Some(Needs::MissingArtifact) => self.missing_artifact && self.exit_code == Some(0),
        }
    }

    /// 137 is what shells and engines make of signal 9. make itself ends with 2 when its child was killed.
    fn killed(&self) -> bool {
        self.oom_killed || self.signal == Some(9) || self.exit_code == Some(137)
    }
}
