//! How much memory a build on this host may take.

use std::fs;
use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::cgroup::{self, CgroupVersion, Level};
use crate::bytes::Bytes;

/// The memory of the machine and of the control groups that bind this process.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct MemoryFacts {
    /// What the machine has: `MemTotal`.
    pub total: Bytes,
    /// What the kernel believes it can give without swapping: `MemAvailable`.
    pub machine_available: Bytes,
    /// The control group that leaves the least, where any has a limit.
    pub cgroup: Option<CgroupLimit>,
    /// What a build may take: the least of `machine_available` and what the control group leaves.
    pub available: Bytes,
    /// Which of the two that is.
    pub bound: Bound,
}

/// What decides how much memory is available.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// The machine itself.
    Machine,
    /// The limit of a control group.
    Cgroup,
}

/// A memory limit on the process's own control group or on one of its ancestors.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct CgroupLimit {
    /// The version of control groups that it is set in.
    pub version: CgroupVersion,
    /// The group's path below its mount point.
    pub path: String,
    /// `memory.limit_in_bytes`, or the lesser of `memory.max` and `memory.high`.
    pub limit: Bytes,
    /// What the group uses, with its page cache.
    pub usage: Bytes,
    /// The part of the usage that the kernel takes back before it kills: page cache of files, used
    /// lately or not (`active_file` and `inactive_file`).
    pub reclaimable: Bytes,
    /// What is left: limit less usage, the reclaimable part added back.
    pub available: Bytes,
}

impl MemoryFacts {
    /// Reads `proc/meminfo` and the control groups below `root`. `None` where the system has no
    /// such file (macOS).
    pub(super) fn probe(root: &Path) -> Option<MemoryFacts> {
        let meminfo = fs::read_to_string(root.join("proc/meminfo")).ok()?;
        let total = meminfo_field(&meminfo, "MemTotal")?;
        // Kernels before 3.14 have no MemAvailable; MemFree is less, so it errs on the safe side.
        let machine_available = meminfo_field(&meminfo, "MemAvailable")
            .or_else(|| meminfo_field(&meminfo, "MemFree"))?;
        let cgroup = cgroup::levels(root, "memory")
            .iter()
            .filter_map(CgroupLimit::read)
            .min_by_key(|limit| limit.available);
        let left = cgroup.as_ref().map(|limit| limit.available);
        Some(MemoryFacts {
            total,
            machine_available,
            available: left.map_or(machine_available, |left| left.min(machine_available)),
            bound: match left {
                Some(left) if left < machine_available => Bound::Cgroup,
                _ => Bound::Machine,
            },
            cgroup,
        })
    }

    /// The memory of a machine that no control group of this process bounds, such as that of a container engine; `free` is
    /// what is left of it, where that is known.
    pub fn of_machine(total: Bytes, free: Option<Bytes>) -> MemoryFacts {
        let available = free.unwrap_or(total).min(total);
        MemoryFacts {
            total,
            machine_available: available,
            cgroup: None,
            available,
            bound: Bound::Machine,
        }
    }

    /// What there is at most, used or not, by what bounds it: the group's limit or the machine's
    /// memory.
    pub fn ceiling(&self) -> Bytes {
        match (&self.cgroup, self.bound) {
            (Some(cgroup), Bound::Cgroup) => cgroup.limit.min(self.total),
            _ => self.total,
        }
    }

    /// Why there is no more, as the end of a sentence: ``limited by the cgroup `/a` to 600 MiB``.
    pub fn why(&self) -> String {
        match (&self.cgroup, self.bound) {
            (Some(cgroup), Bound::Cgroup) => {
                format!(
                    "limited by the cgroup `{}` to {}",
                    cgroup.path, cgroup.limit
                )
            }
            _ => format!("the machine has {}", self.total),
        }
    }
}

impl CgroupLimit {
    fn read(level: &Level) -> Option<CgroupLimit> {
        let (limit, usage, reclaimable) = match level.version {
            CgroupVersion::V1 => (
                limit_of(level, "memory.limit_in_bytes"),
                "memory.usage_in_bytes",
                ["total_active_file", "total_inactive_file"],
            ),
            // Above `memory.high` the kernel throttles instead of killing: a build there would
            // hardly move.
            CgroupVersion::V2 => (
                limit_of(level, "memory.max")
                    .into_iter()
                    .chain(limit_of(level, "memory.high"))
                    .min(),
                "memory.current",
                ["active_file", "inactive_file"],
            ),
        };
        let limit = limit?;
        let usage = level.read(usage).and_then(|text| text.parse().ok());
        let usage = Bytes(usage.unwrap_or_default());
        let cache = reclaimable
            .into_iter()
            .filter_map(|name| statistic(level, name));
        let reclaimable = cache.sum::<Bytes>().min(usage);
        Some(CgroupLimit {
            version: level.version,
            path: level.name.clone(),
            limit,
            usage,
            reclaimable,
            available: limit.saturating_sub(usage.saturating_sub(reclaimable)),
        })
    }
}

/// A limit in bytes. Version 2 writes `max` for none, version 1 the largest multiple of the page
/// size.
fn limit_of(level: &Level, file: &str) -> Option<Bytes> {
    let limit: u64 = level.read(file)?.parse().ok()?;
    (limit < 1 << 62).then_some(Bytes(limit))
}

/// A line of the group's `memory.stat`. In version 1 the names with `total_` include the groups
/// below.
fn statistic(level: &Level, name: &str) -> Option<Bytes> {
    level.read("memory.stat")?.lines().find_map(|line| {
        let (key, value) = line.split_once(' ')?;
        (key == name).then(|| value.parse().ok().map(Bytes))?
    })
}

/// A line of `/proc/meminfo`, which counts in units of 1024 bytes.
fn meminfo_field(meminfo: &str, name: &str) -> Option<Bytes> {
    meminfo.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        let kib: u64 = value.trim().strip_suffix("kB")?.trim().parse().ok()?;
        (key == name).then_some(Bytes(kib << 10))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::fixture::Fixture;

    const V1_UNLIMITED: &str = "9223372036854771712\n";

    fn mib(count: u64) -> String {
        format!("{}\n", count << 20)
    }

    fn probe(fixture: &Fixture) -> MemoryFacts {
        MemoryFacts::probe(fixture.root()).unwrap()
    }

    fn v1() -> Fixture {
        Fixture::default()
            .meminfo(24_000, 20_000)
            .own_cgroups("4:memory:/outer/inner\n")
            .mount("/ /sys/fs/cgroup/memory", "cgroup rw,memory")
            .file("sys/fs/cgroup/memory/memory.limit_in_bytes", V1_UNLIMITED)
            .file(
                "sys/fs/cgroup/memory/outer/memory.limit_in_bytes",
                V1_UNLIMITED,
            )
            .file(
                "sys/fs/cgroup/memory/outer/inner/memory.limit_in_bytes",
                V1_UNLIMITED,
            )
    }

    fn v2() -> Fixture {
        Fixture::default()
            .meminfo(24_000, 20_000)
            .own_cgroups("0::/outer/inner\n")
            .mount("/ /sys/fs/cgroup", "cgroup2 rw,nsdelegate")
            .file("sys/fs/cgroup/outer/memory.max", "max\n")
            .file("sys/fs/cgroup/outer/memory.high", "max\n")
            .file("sys/fs/cgroup/outer/inner/memory.max", "max\n")
    }

    #[test]
    fn nested_groups_of_version_1_without_a_limit_leave_it_to_the_machine() {
        let facts = probe(&v1());
        assert_eq!(facts.available, Bytes::mib(20_000));
        assert_eq!((facts.bound, &facts.cgroup), (Bound::Machine, &None));
        assert_eq!(facts.why(), "the machine has 23.4 GiB");
    }

    #[test]
    fn a_limit_of_version_1_counts_less_usage_with_page_cache_added_back() {
        let inner = "sys/fs/cgroup/memory/outer/inner";
        let fixture = v1()
            .file(&format!("{inner}/memory.limit_in_bytes"), &mib(600))
            .file(&format!("{inner}/memory.usage_in_bytes"), &mib(200))
            .file(
                &format!("{inner}/memory.stat"),
                &format!(
                    "inactive_file 0\ntotal_inactive_file {}total_active_file {}",
                    mib(100),
                    mib(50)
                ),
            );
        let facts = probe(&fixture);
        assert_eq!(facts.available, Bytes::mib(550));
        assert_eq!(facts.ceiling(), Bytes::mib(600));
        assert_eq!(
            facts.why(),
            "limited by the cgroup `/outer/inner` to 600 MiB"
        );
    }

    #[test]
    fn the_limit_of_an_ancestor_binds_too() {
        let outer = "sys/fs/cgroup/outer";
        let fixture = v2()
            .file(&format!("{outer}/inner/memory.max"), &mib(4000))
            .file(&format!("{outer}/memory.max"), &mib(1000))
            .file(&format!("{outer}/memory.current"), &mib(900))
            .file(
                &format!("{outer}/memory.stat"),
                &format!("anon 5\ninactive_file {}", mib(100)),
            );
        let facts = probe(&fixture);
        let cgroup = facts.cgroup.clone().unwrap();
        assert_eq!(
            (cgroup.path.as_str(), cgroup.version),
            ("/outer", CgroupVersion::V2)
        );
        assert_eq!(facts.available, Bytes::mib(200));
        assert_eq!(facts.bound, Bound::Cgroup);
    }

    #[test]
    fn version_2_without_a_limit_leaves_it_to_the_machine() {
        assert_eq!(probe(&v2()).cgroup, None);
    }

    #[test]
    fn the_throttling_limit_of_version_2_counts() {
        let fixture = v2()
            .file("sys/fs/cgroup/outer/memory.max", &mib(4000))
            .file("sys/fs/cgroup/outer/memory.high", &mib(3000));
        assert_eq!(probe(&fixture).available, Bytes::mib(3000));
    }

    #[test]
    fn a_limit_above_what_the_machine_has_left_does_not_bind() {
        let facts = probe(&v2().file("sys/fs/cgroup/outer/memory.max", &mib(22_000)));
        assert_eq!(facts.available, Bytes::mib(20_000));
        assert_eq!(facts.bound, Bound::Machine);
        assert_eq!(facts.ceiling(), Bytes::mib(24_000));
    }

    #[test]
    fn a_group_that_is_full_leaves_nothing() {
        let inner = "sys/fs/cgroup/outer/inner";
        let fixture = v2()
            .file(&format!("{inner}/memory.max"), &mib(100))
            .file(&format!("{inner}/memory.current"), &mib(120));
        assert_eq!(probe(&fixture).available, Bytes(0));
    }

    #[test]
    fn on_a_hybrid_host_the_controller_of_version_1_counts() {
        let fixture = v1()
            .own_cgroups("4:memory:/outer\n0::/unified\n")
            .mount("/ /sys/fs/cgroup/unified", "cgroup2 rw")
            .folder("sys/fs/cgroup/unified/unified")
            .file(
                "sys/fs/cgroup/memory/outer/memory.limit_in_bytes",
                &mib(700),
            );
        let cgroup = probe(&fixture).cgroup.unwrap();
        assert_eq!(
            (cgroup.version, cgroup.limit),
            (CgroupVersion::V1, Bytes::mib(700))
        );
    }

    #[test]
    fn a_path_that_is_not_visible_falls_back_to_what_is() {
        let hidden = v2().own_cgroups("0::/kubepods/pod1/container\n");
        assert_eq!(probe(&hidden).available, Bytes::mib(20_000));
        let with_limit = hidden.file("sys/fs/cgroup/memory.max", &mib(800));
        assert_eq!(probe(&with_limit).available, Bytes::mib(800));
    }

    #[test]
    fn old_kernels_say_only_what_is_free() {
        let fixture =
            Fixture::default().file("proc/meminfo", "MemTotal: 4096 kB\nMemFree: 1024 kB\n");
        assert_eq!(probe(&fixture).available, Bytes::mib(1));
    }

    #[test]
    fn without_proc_nothing_is_known() {
        assert_eq!(MemoryFacts::probe(Fixture::default().root()), None);
    }
}
