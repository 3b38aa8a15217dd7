//! How many CPUs a build on this host may keep busy.

use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::cgroup::{self, CgroupVersion, Level};

/// The CPUs that this process may run on, and the share of them that its control groups grant.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct CpuFacts {
    /// What a build should use: the lesser of affinity and quota, the quota rounded up; at least 1.
    pub count: u32,
    /// The number of CPUs in the process's affinity mask.
    pub affinity: u32,
    /// The least quota of the process's own control group and its ancestors, in thousandths of a
    /// CPU.
    pub quota_millis: Option<u64>,
}

impl CpuFacts {
    /// Reads the process's affinity and the control groups below `root`.
    pub(super) fn probe(root: &Path) -> CpuFacts {
        CpuFacts::of(affinity(), quota(root))
    }

    /// The CPUs of a machine whose control groups are not known, such as that of a container engine.
    pub fn of_machine(count: u32) -> CpuFacts {
        CpuFacts::of(count.max(1), None)
    }

    /// The same where a build is to use no more than so many thousandths of a CPU.
    #[must_use]
    pub fn within(self, millis: Option<u64>) -> CpuFacts {
        let asked = millis.map_or(u64::MAX, |millis| millis.div_ceil(1000));
        CpuFacts {
            count: u64::from(self.count).min(asked).max(1) as u32,
            ..self
        }
    }

    fn of(affinity: u32, quota_millis: Option<u64>) -> CpuFacts {
        let granted = quota_millis.map_or(u64::MAX, |millis| millis.div_ceil(1000));
        CpuFacts {
            count: u64::from(affinity).min(granted).max(1) as u32,
            affinity,
            quota_millis,
        }
    }
}

#[cfg(target_os = "linux")]
fn affinity() -> u32 {
    rustix::thread::sched_getaffinity(None).map_or_else(|_| parallelism(), |set| set.count())
}

#[cfg(not(target_os = "linux"))]
fn affinity() -> u32 {
    parallelism()
}

fn parallelism() -> u32 {
    std::thread::available_parallelism().map_or(1, |count| count.get() as u32)
}

/// The least quota on the process's path, in thousandths of a CPU.
fn quota(root: &Path) -> Option<u64> {
    cgroup::levels(root, "cpu")
        .iter()
        .filter_map(quota_of)
        .min()
}

/// The quota of one group: so many microseconds in each period of so many. `max` (2) and -1 (1)
/// mean none.
fn quota_of(level: &Level) -> Option<u64> {
    let (quota, period) = match level.version {
        CgroupVersion::V1 => (
            level.read("cpu.cfs_quota_us")?,
            level.read("cpu.cfs_period_us")?,
        ),
        CgroupVersion::V2 => {
            let both = level.read("cpu.max")?;
            let (quota, period) = both.split_once(' ')?;
            (quota.to_owned(), period.to_owned())
        }
    };
    let quota: u64 = quota.parse().ok()?;
    (quota * 1000).checked_div(period.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::fixture::Fixture;

    #[test]
    fn a_quota_is_rounded_up_and_never_below_one() {
        for (affinity, quota, count) in [
            (8, None, 8),
            (8, Some(1500), 2),
            (8, Some(2000), 2),
            (8, Some(1), 1),
            (2, Some(64_000), 2),
            (0, None, 1),
        ] {
            assert_eq!(CpuFacts::of(affinity, quota).count, count, "{quota:?}");
        }
    }

    #[test]
    fn the_least_quota_of_version_2_on_the_path_counts() {
        let fixture = Fixture::default()
            .own_cgroups("0::/outer/inner\n")
            .mount("/ /sys/fs/cgroup", "cgroup2 rw")
            .file("sys/fs/cgroup/outer/cpu.max", "150000 100000\n")
            .file("sys/fs/cgroup/outer/inner/cpu.max", "max 100000\n");
        assert_eq!(quota(fixture.root()), Some(1500));
    }

    #[test]
    fn a_quota_of_version_1_counts_unless_it_is_negative() {
        let with = |quota: &str| {
            Fixture::default()
                .own_cgroups("3:cpu,cpuacct:/a\n")
                .mount("/ /sys/fs/cgroup/cpu,cpuacct", "cgroup rw,cpu,cpuacct")
                .file("sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us", quota)
                .file("sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us", "100000\n")
        };
        assert_eq!(quota(with("250000\n").root()), Some(2500));
        assert_eq!(quota(with("-1\n").root()), None);
    }

    #[test]
    fn this_machine_has_a_cpu() {
        assert!(CpuFacts::probe(Fixture::default().root()).count >= 1);
    }
}
