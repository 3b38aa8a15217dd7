//! The attempt that fits a budget of memory.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::memory::Model;
use super::read_ahead::ReadAhead;
use super::workload::{Attempt, Workload};
use crate::bytes::Bytes;
use crate::plural::count;

/// The attempt that fits a budget.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Choice {
    /// What was chosen.
    pub attempt: Attempt,
    /// The peak that it is forecast to have.
    pub forecast: Bytes,
    /// The forecast with headroom: what must be there to start.
    pub needed: Bytes,
    /// What was chosen and why, in one line.
    pub reason: String,
}

/// How several builds of one workload share a machine: the cells of a matrix of platforms.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Share {
    /// How many run at once, each on an equal part of the memory.
    pub at_once: u32,
    /// What was chosen for each of them.
    pub each: Choice,
}

impl Share {
    /// What all that run at once take together.
    pub fn together(&self) -> Choice {
        let all = |bytes: Bytes| Bytes(bytes.0 * u64::from(self.at_once));
        Choice {
            attempt: self.each.attempt,
            forecast: all(self.each.forecast),
            needed: all(self.each.needed),
            reason: self.each.reason.clone(),
        }
    }
}

/// How much longer than what one build does by itself, however many CPUs there are (what make does before it compiles, the last
/// link), the rest would take on one CPU. Of kubectl 1.35 these are about 10 s and 180 s, by builds with other work beside.
const WORK: u32 = 18;

/// How long builds take of which so many run at once, each with so many jobs, in units of what one does by itself. What runs
/// at once hides that; what is left over for a last round leaves jobs idle.
fn time(builds: u32, at_once: u32, jobs: u32) -> f64 {
    f64::from(builds.div_ceil(at_once)) * (f64::from(WORK) / f64::from(jobs) + 1.0)
}

/// What a step may take.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Budget {
    /// The memory that it may plan with.
    pub memory: Bytes,
    /// Where the output lies on a disk that reads far ahead.
    pub far: Option<Far>,
}

/// A disk that reads far ahead.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Far {
    /// Its setting.
    pub disk: ReadAhead,
    /// The memory that there is, which must hold what the linker maps as well.
    pub room: Bytes,
}

impl Budget {
    /// What each of several may take.
    fn part(&self, of: u32) -> Budget {
        let part = |bytes: Bytes| Bytes(bytes.0 / u64::from(of.max(1)));
        Budget {
            memory: part(self.memory),
            far: self.far.as_ref().map(|far| Far {
                disk: far.disk.clone(),
                room: part(far.room),
            }),
        }
    }
}

impl From<Bytes> for Budget {
    fn from(memory: Bytes) -> Budget {
        Budget { memory, far: None }
    }
}

/// A budget that no attempt fits.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("it needs at least {least}, and {budget} are available")]
pub struct TooLittle {
    /// The least budget that is enough, rounded up so that it can be typed as it is shown.
    pub least: Bytes,
    /// The budget.
    pub budget: Bytes,
    /// The attempt that needs the least; what `--force` starts with.
    pub attempt: Attempt,
    /// Where it would be enough but for a disk that reads far ahead: its setting, and what would be enough without.
    pub far: Option<(ReadAhead, Bytes)>,
}

impl Model {
    /// The attempt for a budget: as many jobs as were asked for, else as there are CPUs; where they
    /// do not fit, fewer; where one does not fit, one with one thread and GOGC=50, then GOGC=25,
    /// which take several times as long.
    pub fn choose(
        &self,
        workload: &Workload,
        budget: impl Into<Budget>,
        cpus: u32,
        asked_jobs: Option<u32>,
    ) -> Result<Choice, TooLittle> {
        let Budget { memory, far } = budget.into();
        let wanted = Attempt {
            jobs: asked_jobs.unwrap_or(cpus).max(1),
            gomaxprocs: cpus.max(1),
            gogc: None,
        };
        let scarce = [50, 25].map(|gogc| Attempt {
            jobs: 1,
            gomaxprocs: 1,
            gogc: Some(gogc),
        });
        let fitting = (1..=wanted.jobs)
            .rev()
            .map(|jobs| Attempt { jobs, ..wanted })
            .chain(scarce)
            .find(|attempt| self.needed(workload, *attempt) <= memory);
        let Some(attempt) = fitting else {
            let [.., attempt] = scarce;
            return Err(TooLittle {
                least: round_up(self.needed(workload, attempt)),
                budget: memory,
                attempt,
                far: None,
            });
        };
        let mapped = round_up(self.needed_with_mapped(workload, attempt));
        if let Some(Far { disk, .. }) = far.filter(|far| far.room < mapped) {
            let otherwise = round_up(self.needed(workload, attempt));
            return Err(TooLittle {
                least: mapped,
                budget: memory,
                attempt,
                far: Some((disk, otherwise)),
            });
        }
        Ok(Choice {
            attempt,
            forecast: self.forecast(workload, attempt),
            needed: self.needed(workload, attempt),
            reason: self.reason(workload, wanted, attempt, memory),
        })
    }

    /// How many of several builds of one workload run at once: as many as take the least time by an estimate, so never more
    /// than is worth it. The jobs are divided among them, and so is the memory: each is within its part, so that all together
    /// are within the budget. Where memory is scarce, fewer run at once before any gets by with fewer jobs.
    pub fn share(
        &self,
        workload: &Workload,
        budget: impl Into<Budget>,
        cpus: u32,
        asked_jobs: Option<u32>,
        builds: u32,
    ) -> Result<Share, TooLittle> {
        let budget = budget.into();
        let jobs = asked_jobs.unwrap_or(cpus).max(1);
        let mut ways: Vec<u32> = (1..=jobs.min(builds.max(1))).collect();
        ways.sort_by(|a, b| time(builds, *a, jobs / a).total_cmp(&time(builds, *b, jobs / b)));
        let worth = ways.iter().take_while(|at_once| **at_once > 1);
        let divided = worth.clone().find_map(|at_once| {
            let wanted = jobs / at_once;
            let part = budget.part(*at_once);
            let each = self.choose(workload, part, cpus, Some(wanted)).ok()?;
            let is_whole = each.attempt.jobs == wanted && each.attempt.gogc.is_none();
            is_whole.then_some(Share {
                at_once: *at_once,
                each,
            })
        });
        let mut share = match divided {
            Some(share) => share,
            None => Share {
                at_once: 1,
                each: self.choose(workload, budget.clone(), cpus, asked_jobs)?,
            },
        };
        let best = worth.clone().next().copied().unwrap_or(1);
        if share.at_once > 1 {
            share.each.reason = format!("{} at once, each {}", share.at_once, share.each.reason);
        }
        if share.at_once < best {
            let attempt = Attempt {
                jobs: jobs / best,
                gomaxprocs: cpus.max(1),
                gogc: None,
            };
            let needed = self.needed(workload, attempt).0 * u64::from(best);
            share.each.reason = format!(
                "{}; {best} at once would need {}, and the budget is {}",
                share.each.reason,
                round_up(Bytes(needed)),
                budget.memory
            );
        }
        Ok(share)
    }

    fn reason(
        &self,
        workload: &Workload,
        wanted: Attempt,
        chosen: Attempt,
        budget: Bytes,
    ) -> String {
        let jobs = count(chosen.jobs.into(), "job");
        if chosen == wanted {
            return format!("{jobs} on {}", count(wanted.gomaxprocs.into(), "cpu"));
        }
        // What the next better attempt would have needed.
        let (better, how) = match chosen.gogc {
            None => (chosen.jobs + 1, jobs),
            Some(gogc) => (1, format!("{jobs} with GOGC={gogc}, which is slow")),
        };
        let better = Attempt {
            jobs: better,
            ..wanted
        };
        format!(
            "{how}: {} would need {}, and the budget is {budget}",
            count(better.jobs.into(), "job"),
            round_up(self.needed(workload, better)),
        )
    }
}

/// Rounds up to what [`Bytes`] shows without loss, so that the amount in a hint is enough when it
/// is typed: whole MiB below a GiB, tenths of a GiB above.
fn round_up(bytes: Bytes) -> Bytes {
    const GIB: u64 = 1 << 30;
    if bytes.0 <= GIB {
        Bytes::mib(bytes.0.div_ceil(1 << 20))
    } else {
        Bytes((bytes.0 * 10).div_ceil(GIB) * GIB / 10)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::host::memory::tests::{attempt, made_up, model};

    #[test]
    fn prefers_full_jobs_then_fewer_then_a_small_heap() {
        let model = made_up();
        let workload = Workload::of(["small"]);
        let choose = |budget| model.choose(&workload, Bytes::mib(budget), 3, None);
        // Needed, with headroom: 3 jobs 121 MiB, 2 jobs 110, 1 job 99, with GOGC=50 55, with GOGC=25 47.
        let full = choose(121).unwrap();
        assert_eq!((full.attempt.jobs, full.attempt.gomaxprocs), (3, 3));
        assert_eq!(full.reason, "3 jobs on 3 cpus");
        let two = choose(120).unwrap();
        assert_eq!((two.attempt.jobs, two.attempt.gogc), (2, None));
        assert_eq!(
            two.reason,
            "2 jobs: 3 jobs would need 121 MiB, and the budget is 120 MiB"
        );
        assert_eq!(choose(99).unwrap().attempt.jobs, 1);
        let scarce = choose(98).unwrap();
        assert_eq!((scarce.attempt.jobs, scarce.attempt.gogc), (1, Some(50)));
        assert_eq!(
            scarce.reason,
            "1 job with GOGC=50, which is slow: 1 job would need 99 MiB, and the budget is 98 MiB"
        );
        assert_eq!(choose(54).unwrap().attempt.gogc, Some(25));
        let too_little = choose(46).unwrap_err();
        assert_eq!(too_little.least, Bytes::mib(47));
        assert_eq!(
            too_little.to_string(),
            "it needs at least 47 MiB, and 46 MiB are available"
        );
    }

    #[test]
    fn where_the_disk_reads_far_ahead_what_is_mapped_must_fit_too() {
        let model = made_up();
        let workload = Workload::of(["small"]);
        let disk = ReadAhead {
            size: Bytes::mib(8),
            setting: "/sys/class/bdi/254:0/read_ahead_kb".into(),
        };
        // Its link takes 10 + 30 MiB and maps 4 × 30: with headroom 176 MiB.
        let choose = |memory, room| {
            let far = Some(Far {
                disk: disk.clone(),
                room: Bytes::mib(room),
            });
            let memory = Bytes::mib(memory);
            model.choose(&workload, Budget { memory, far }, 2, None)
        };
        assert_eq!(choose(176, 176).unwrap().attempt.jobs, 2);
        // `--memory` is what is planned with; what there is holds the rest.
        assert_eq!(choose(99, 176).unwrap().attempt.jobs, 1);
        let refused = choose(175, 175).unwrap_err();
        assert_eq!(refused.least, Bytes::mib(176));
        assert_eq!(refused.far, Some((disk.clone(), Bytes::mib(110))));
        // Too little by any measure.
        assert_eq!(choose(30, 30).unwrap_err().far, None);
    }

    #[test]
    fn jobs_that_are_asked_for_are_the_most() {
        let model = made_up();
        let workload = Workload::of(["small"]);
        let choose = |budget, asked| model.choose(&workload, budget, 2, Some(asked)).unwrap();
        assert_eq!(choose(Bytes::gib(1), 8).attempt.jobs, 8);
        assert_eq!(choose(Bytes::gib(1), 1).attempt.jobs, 1);
        assert_eq!(choose(Bytes::gib(1), 0).attempt.jobs, 1);
        assert_eq!(choose(Bytes::mib(121), 8).attempt.jobs, 3);
    }

    #[test]
    fn the_embedded_model_agrees_with_what_was_seen_of_kubectl() {
        let model = model();
        let kubectl = Workload::of(["cmd/kubectl"]);
        let choose = |mib| model.choose(&kubectl, Bytes::mib(mib), 2, None);
        // Builds in 600 MB with two jobs; dies in 400 with two, and builds there with one and
        // GOGC=50; dies in 300.
        assert_eq!(choose(600).unwrap().attempt, attempt(2, None));
        let scarce = choose(400).unwrap().attempt;
        assert_eq!((scarce.jobs, scarce.gogc), (1, Some(50)));
        assert_eq!(choose(320).unwrap().attempt.gogc, Some(25));
        assert!(choose(300).is_err());
    }

    #[test]
    fn builds_share_the_jobs_and_the_memory() {
        let model = made_up();
        let workload = Workload::of(["small"]);
        let share = |mib, cpus, asked, builds| {
            model
                .share(&workload, Bytes::mib(mib), cpus, asked, builds)
                .unwrap()
        };
        // Needed with headroom: 1 job 99 MiB, 2 jobs 110, 4 jobs 132.
        let roomy = share(1000, 8, None, 4);
        assert_eq!((roomy.at_once, roomy.each.attempt.jobs), (4, 2));
        assert_eq!(roomy.each.reason, "4 at once, each 2 jobs on 8 cpus");
        assert_eq!(roomy.together().needed, Bytes::mib(440));
        // Memory is scarce: fewer at once, each with more of the jobs.
        let scarce = share(300, 8, None, 4);
        assert_eq!((scarce.at_once, scarce.each.attempt.jobs), (2, 4));
        assert_eq!(
            scarce.each.reason,
            "2 at once, each 4 jobs on 8 cpus; 4 at once would need 440 MiB, and the budget is 300 MiB"
        );
        assert_eq!(share(131, 4, None, 2).at_once, 1);
        assert_eq!(share(1000, 2, None, 4).at_once, 2);
        // The third would be left over, with one of two jobs.
        assert_eq!(share(1000, 2, None, 3).at_once, 1);
        // Of eleven, four at once leave one place free in the last round.
        assert_eq!(share(4000, 8, None, 11).at_once, 4);
        assert_eq!(share(1000, 1, None, 4).at_once, 1);
        // Jobs that are asked for are those of all together.
        let asked = share(1000, 2, Some(6), 3);
        assert_eq!((asked.at_once, asked.each.attempt.jobs), (3, 2));
        assert!(model.share(&workload, Bytes::mib(46), 8, None, 4).is_err());
    }

    proptest! {
        #[test]
        fn what_runs_at_once_never_exceeds_the_budget_or_the_jobs(
            mib in 1u64..20_000, cpus in 1u32..64, asked in proptest::option::of(1u32..64), builds in 1u32..12,
        ) {
            let (model, budget) = (model(), Bytes::mib(mib));
            for workload in [Workload::of(["kubectl"]), Workload::all()] {
                match model.share(&workload, budget, cpus, asked, builds) {
                    Ok(share) => {
                        prop_assert!((1..=builds).contains(&share.at_once));
                        prop_assert!(share.together().needed <= budget);
                        prop_assert!(share.at_once * share.each.attempt.jobs <= asked.unwrap_or(cpus));
                    }
                    // Who cannot be built alone is not built beside others either.
                    Err(_) => prop_assert!(model.choose(&workload, budget, cpus, asked).is_err()),
                }
            }
        }

        #[test]
        fn a_choice_never_exceeds_its_budget_and_a_refusal_names_one_that_is_enough(
            mib in 1u64..4000, cpus in 1u32..64, asked in proptest::option::of(1u32..64),
        ) {
            let (model, budget) = (model(), Bytes::mib(mib));
            let several = Workload::of(["x", "kubelet"]);
            for workload in [Workload::of(["kubectl"]), several, Workload::all()] {
                match model.choose(&workload, budget, cpus, asked) {
                    Ok(choice) => {
                        prop_assert!(choice.needed <= budget);
                        prop_assert!(choice.forecast <= choice.needed);
                        prop_assert!(choice.attempt.jobs <= asked.unwrap_or(cpus));
                    }
                    Err(too_little) => {
                        prop_assert!(too_little.least > budget);
                        // What is shown is enough when it is typed.
                        let typed: Bytes = too_little.least.to_string().parse().unwrap();
                        prop_assert!(model.choose(&workload, typed, cpus, asked).is_ok());
                    }
                }
            }
        }
    }
}
