//! The checks of memory, disk and CPUs.

use std::path::PathBuf;

use super::{Check, Fix};
use crate::bytes::Bytes;
use crate::host::choice::{Choice, TooLittle};
use crate::host::cpus::CpuFacts;
use crate::host::disk::FileSystem;
use crate::host::free_memory::MemoryFacts;
use crate::plural::count;

/// A folder and how much will be written below it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DiskClaim {
    /// The folder; it need not exist yet.
    pub folder: PathBuf,
    /// What is written there, such as `the build's output`.
    pub what: String,
    /// How much.
    pub need: Bytes,
}

impl Check {
    /// Whether the build's forecast fits what there is. `budget` is what the user gave with
    /// `--memory`, `outcome` what [`Model::choose`](crate::host::Model::choose) made of it or of
    /// what is available.
    pub fn memory(
        facts: Option<&MemoryFacts>,
        budget: Option<Bytes>,
        outcome: &Result<Choice, TooLittle>,
    ) -> Check {
        let there = MemoryThere { facts, budget };
        let check = match outcome {
            Err(too_little) => Check::failed(
                "memory",
                "memory",
                format!(
                    "the build needs at least {} of memory{}, and {}",
                    too_little.least,
                    far(too_little),
                    there.sentence()
                ),
                near_fix(too_little).unwrap_or_else(|| there.fix()),
            )
            .with_brief(there.brief(too_little.least)),
            Ok(choice) => {
                let message = format!("{}; the forecast is {}", choice.reason, choice.forecast);
                let check = if choice.attempt.gogc.is_some() {
                    Check::warned("memory", "memory", message)
                } else {
                    Check::passed("memory", "memory", message)
                };
                check.with_brief(there.brief(choice.needed))
            }
        };
        check.overridable()
    }

    /// Whether each file system has room for all that is written to it; claims on one file system
    /// are added up.
    pub fn disk(systems: &[FileSystem], claims: &[DiskClaim]) -> Check {
        let mut rooms: Vec<Room<'_>> = systems
            .iter()
            .map(|system| Room::of(system, claims))
            .filter(|room| !room.claims.is_empty())
            .collect();
        // The tightest first: the one that fails by most, else the one that is left with least.
        rooms.sort_by_key(|room| i128::from(room.system.free.0) - i128::from(room.need().0));
        let Some(tightest) = rooms.first() else {
            let message = "how much is free is not known".to_owned();
            return Check::warned("disk", "disk", message).overridable();
        };
        let check = if tightest.is_enough() {
            let message = rooms.iter().map(Room::sentence).collect::<Vec<_>>();
            Check::passed("disk", "disk", message.join("; "))
        } else {
            let short = rooms.iter().filter(|room| !room.is_enough());
            let message = short.map(Room::sentence).collect::<Vec<_>>();
            Check::failed("disk", "disk", message.join("; "), disk_fix())
        };
        let brief = format!(
            "disk {} free, needs {}",
            tightest.system.free,
            like(tightest.need(), tightest.system.free)
        );
        check.with_brief(brief).overridable()
    }

    /// How many CPUs the build uses; it never fails.
    pub fn cpus(facts: &CpuFacts) -> Check {
        let message = match facts.quota_millis {
            Some(millis) if facts.count < facts.affinity => format!(
                "{} of {}: a cgroup grants {:.1}",
                facts.count,
                facts.affinity,
                millis as f64 / 1000.0
            ),
            _ => facts.count.to_string(),
        };
        Check::passed("cpus", "cpus", message).with_brief(count(facts.count.into(), "cpu"))
    }
}

fn disk_fix() -> Fix {
    Fix::advise(
        "Make room: `kubewright source gc` and `kubewright runs gc` delete what is no longer used. \
         `--force` builds anyway.",
    )
}

/// Why it is more than elsewhere.
fn far(too_little: &TooLittle) -> String {
    too_little
        .far
        .as_ref()
        .map_or_else(String::new, |(disk, _)| {
            format!(
                " on this disk, which reads {} ahead whenever the linker needs a page again",
                disk.size
            )
        })
}

/// What lets less memory be enough.
fn near_fix(too_little: &TooLittle) -> Option<Fix> {
    let (disk, otherwise) = too_little.far.as_ref()?;
    Some(Fix::advise(format!(
        "With Linux' own read-ahead, {otherwise} are enough. As root, until the next start: `echo 128 > {}`. \
         `--force` builds anyway.",
        disk.setting.display()
    )))
}

/// What memory there is to build with, in words.
struct MemoryThere<'a> {
    facts: Option<&'a MemoryFacts>,
    budget: Option<Bytes>,
}

impl MemoryThere<'_> {
    /// The budget, where it is less than what is available and so decides.
    fn deciding_budget(&self) -> Option<Bytes> {
        let available = self.facts.map_or(Bytes(u64::MAX), |facts| facts.available);
        self.budget.filter(|budget| *budget <= available)
    }

    fn sentence(&self) -> String {
        match (self.deciding_budget(), self.facts) {
            (Some(budget), _) => format!("`--memory` allows {budget}"),
            (None, Some(facts)) => format!("{} are available ({})", facts.available, facts.why()),
            (None, None) => "how much is available is not known".to_owned(),
        }
    }

    fn fix(&self) -> Fix {
        Fix::advise(match (self.deciding_budget(), self.facts) {
            (Some(_), _) => "Give it a larger `--memory`. `--force` builds anyway.",
            (None, Some(facts)) if facts.cgroup.is_some() => {
                "Raise the limit of the cgroup or container, or end what else runs in it. \
                 `--force` builds anyway."
            }
            _ => "End other programs, or build on a larger machine. `--force` builds anyway.",
        })
    }

    /// `memory 21.8 of 24 GiB free, needs 2.1`.
    fn brief(&self, needed: Bytes) -> String {
        match (self.deciding_budget(), self.facts) {
            (Some(budget), _) => {
                format!("memory {budget} allowed, needs {}", like(needed, budget))
            }
            (None, Some(facts)) => {
                let ceiling = facts.ceiling();
                let free = like(facts.available, ceiling);
                format!(
                    "memory {free} of {ceiling} free, needs {}",
                    like(needed, ceiling)
                )
            }
            (None, None) => format!("memory not known, needs {needed}"),
        }
    }
}

/// An amount without its unit where that is the unit of an amount beside it.
fn like(amount: Bytes, beside: Bytes) -> String {
    let (amount, beside) = (amount.to_string(), beside.to_string());
    match (amount.split_once(' '), beside.split_once(' ')) {
        (Some((number, unit)), Some((_, same))) if unit == same => number.to_owned(),
        _ => amount,
    }
}

/// A file system and what is claimed of it.
struct Room<'a> {
    system: &'a FileSystem,
    claims: Vec<&'a DiskClaim>,
}

impl<'a> Room<'a> {
    fn of(system: &'a FileSystem, claims: &'a [DiskClaim]) -> Room<'a> {
        let on_it = |claim: &&DiskClaim| system.folders.contains(&claim.folder);
        Room {
            system,
            claims: claims.iter().filter(on_it).collect(),
        }
    }

    fn need(&self) -> Bytes {
        self.claims.iter().map(|claim| claim.need).sum()
    }

    fn is_enough(&self) -> bool {
        self.need() <= self.system.free
    }

    fn sentence(&self) -> String {
        let parts: Vec<String> = self
            .claims
            .iter()
            .map(|claim| format!("{} in `{}`", claim.what, claim.folder.display()))
            .collect();
        let (need, free) = (self.need(), self.system.free);
        format!(
            "{need} are needed for {}, and {free} are free",
            parts.join(" and ")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::cgroup::CgroupVersion;
    use crate::host::check::Status;
    use crate::host::free_memory::{Bound, CgroupLimit};
    use crate::host::read_ahead::ReadAhead;
    use crate::host::workload::Attempt;

    fn machine() -> MemoryFacts {
        MemoryFacts {
            total: Bytes::gib(24),
            machine_available: Bytes(23_407_571_763),
            cgroup: None,
            available: Bytes(23_407_571_763),
            bound: Bound::Machine,
        }
    }

    fn container() -> MemoryFacts {
        let limit = Bytes::mib(300);
        MemoryFacts {
            cgroup: Some(CgroupLimit {
                version: CgroupVersion::V2,
                path: "/box".to_owned(),
                limit,
                usage: Bytes::mib(20),
                reclaimable: Bytes(0),
                available: Bytes::mib(280),
            }),
            available: Bytes::mib(280),
            bound: Bound::Cgroup,
            ..machine()
        }
    }

    fn choice(gogc: Option<u32>) -> Choice {
        Choice {
            attempt: Attempt {
                jobs: 2,
                gomaxprocs: 2,
                gogc,
            },
            forecast: Bytes::gib(2),
            needed: Bytes(2_254_857_831),
            reason: "2 jobs on 2 cpus".to_owned(),
        }
    }

    fn too_little() -> Result<Choice, TooLittle> {
        Err(TooLittle {
            least: Bytes::mib(390),
            budget: Bytes::mib(280),
            attempt: Attempt {
                jobs: 1,
                gomaxprocs: 1,
                gogc: Some(50),
            },
            far: None,
        })
    }

    #[test]
    fn memory_that_is_enough_is_summed_up_in_one_unit() {
        let check = Check::memory(Some(&machine()), None, &Ok(choice(None)));
        assert_eq!(check.status, Status::Passed);
        assert_eq!(check.message, "2 jobs on 2 cpus; the forecast is 2 GiB");
        assert_eq!(
            check.brief.unwrap(),
            "memory 21.8 of 24 GiB free, needs 2.1"
        );
        assert!(check.overridable);
    }

    #[test]
    fn a_build_that_fits_only_slowly_is_worth_a_warning() {
        let check = Check::memory(Some(&machine()), None, &Ok(choice(Some(50))));
        assert_eq!(check.status, Status::Warned);
    }

    #[test]
    fn too_little_memory_says_the_least_and_who_limits_it() {
        let check = Check::memory(Some(&container()), None, &too_little());
        assert_eq!(check.status, Status::Failed);
        assert_eq!(
            check.message,
            "the build needs at least 390 MiB of memory, and 280 MiB are available \
             (limited by the cgroup `/box` to 300 MiB)"
        );
        assert_eq!(
            check.brief.unwrap(),
            "memory 280 of 300 MiB free, needs 390"
        );
    }

    #[test]
    fn a_disk_that_reads_far_ahead_is_named_with_what_mends_it() {
        let disk = ReadAhead {
            size: Bytes::mib(8),
            setting: "/sys/class/bdi/254:0/read_ahead_kb".into(),
        };
        let outcome = too_little().map_err(|too_little| TooLittle {
            least: Bytes::mib(870),
            far: Some((disk, Bytes::mib(270))),
            ..too_little
        });
        let check = Check::memory(Some(&container()), None, &outcome);
        assert_eq!(
            check.message,
            "the build needs at least 870 MiB of memory on this disk, which reads 8 MiB ahead whenever the linker needs \
             a page again, and 280 MiB are available (limited by the cgroup `/box` to 300 MiB)"
        );
        let Some(Fix::Advise { text }) = check.fix else {
            panic!("{:?}", check.fix);
        };
        assert_eq!(
            text,
            "With Linux' own read-ahead, 270 MiB are enough. As root, until the next start: \
             `echo 128 > /sys/class/bdi/254:0/read_ahead_kb`. `--force` builds anyway."
        );
    }

    #[test]
    fn a_budget_below_what_is_available_is_named_instead() {
        let check = Check::memory(Some(&machine()), Some(Bytes::mib(280)), &too_little());
        assert_eq!(
            check.message,
            "the build needs at least 390 MiB of memory, and `--memory` allows 280 MiB"
        );
        let check = Check::memory(Some(&container()), Some(Bytes::gib(4)), &too_little());
        assert!(
            check.message.contains("the cgroup `/box`"),
            "{}",
            check.message
        );
    }

    #[test]
    fn memory_that_is_not_known_is_said() {
        let check = Check::memory(None, None, &Ok(choice(None)));
        assert_eq!(check.brief.unwrap(), "memory not known, needs 2.1 GiB");
    }

    fn system(device: u64, free: u64, folders: &[&str]) -> FileSystem {
        FileSystem {
            device,
            free: Bytes::gib(free),
            total: Bytes::gib(100),
            folders: folders.iter().map(PathBuf::from).collect(),
            read_ahead: None,
        }
    }

    fn claim(folder: &str, need: u64) -> DiskClaim {
        DiskClaim {
            folder: folder.into(),
            what: "things".to_owned(),
            need: Bytes::gib(need),
        }
    }

    #[test]
    fn claims_on_one_file_system_are_added_up() {
        let claims = [claim("/a", 8), claim("/b", 4)];
        let check = Check::disk(&[system(1, 75, &["/a", "/b"])], &claims);
        assert_eq!(check.status, Status::Passed);
        assert_eq!(check.brief.unwrap(), "disk 75 GiB free, needs 12");

        let check = Check::disk(&[system(1, 10, &["/a", "/b"])], &claims);
        assert_eq!(check.status, Status::Failed);
        assert_eq!(
            check.message,
            "12 GiB are needed for things in `/a` and things in `/b`, and 10 GiB are free"
        );
        assert!(check.overridable);

        let two = [system(1, 10, &["/a"]), system(2, 10, &["/b"])];
        assert_eq!(Check::disk(&two, &claims).status, Status::Passed);
    }

    #[test]
    fn the_tightest_file_system_stands_in_the_summary() {
        let systems = [
            system(1, 90, &["/a"]),
            system(2, 5, &["/b"]),
            system(3, 1, &["/c"]),
        ];
        let check = Check::disk(&systems, &[claim("/a", 80), claim("/b", 4)]);
        assert_eq!(check.brief.unwrap(), "disk 5 GiB free, needs 4");
    }

    #[test]
    fn disk_that_is_not_known_is_a_warning() {
        assert_eq!(Check::disk(&[], &[claim("/a", 1)]).status, Status::Warned);
    }

    #[test]
    fn cpus_that_a_quota_takes_away_are_told() {
        let mut facts = CpuFacts {
            count: 2,
            affinity: 8,
            quota_millis: Some(1500),
        };
        let check = Check::cpus(&facts);
        assert_eq!(check.message, "2 of 8: a cgroup grants 1.5");
        assert_eq!(check.brief.unwrap(), "2 cpus");
        facts.count = 1;
        assert_eq!(Check::cpus(&facts).brief.unwrap(), "1 cpu");
    }
}
