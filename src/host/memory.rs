//! The memory model: how much a build needs at its peak, and the attempt that fits what there is.
//!
//! # The formula
//!
//! What is forecast is the most *anonymous* memory that all processes of a build hold at one
//! moment: heaps and stacks, which the kernel cannot take back. The page cache and mapped files
//! come on top while there is room (the linker alone maps half a gigabyte), and go when there is
//! none; so this, and not the resident size, is what must fit a limit. The exception is a disk that
//! reads far ahead (see [`ReadAhead`](super::ReadAhead)): there what the linker maps must fit as well.
//!
//! Trees up to 1.23 generate code before they compile, by programs that read the whole tree one after the other. There the largest
//! of these counts, too, and the coefficients are scaled by what was measured of the [era](TreeAge).
//!
//! Each component has three coefficients, for Go's default GOGC of 100: `compile`, its largest
//! single compile; `beside`, what each further job adds to that; `link`, its link. With `base` for
//! make, its shells and the go command:
//!
//! - one component: `base + max(compile + (jobs - 1) × beside, link)`, for its link runs alone, at
//!   the end;
//! - several: `base` + the `jobs` largest of the links, one `compile`, and any number of `beside`,
//!   for links and compiles run side by side. [`Workload::links`] limits how many links do.
//!
//! `GOGC=50` multiplies all three by `gogc_50`, `GOGC=25` by `gogc_25`; values between are interpolated. GOMAXPROCS has no
//! coefficient: it changes how long a compile takes, hardly what it needs. Platforms have none
//! either: each is a build of its own, and [`Model::share`] says how many run at once. A past run on this host corrects the
//! forecast of the same workload, see [`Model::corrected`].
//!
//! The coefficients stand in `memory-model.toml`, with where they come from.

use std::collections::BTreeMap;
use std::iter;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::era::{Era, TreeAge, size};
use super::workload::{Attempt, Components, Workload};
use crate::bytes::Bytes;
use crate::error::{Explain, Kind};

/// The coefficients, and what past runs say of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    coefficients: Coefficients,
    /// The era of the trees that it speaks of; the present where it is `None`.
    era: Option<Era>,
    corrections: Vec<(Workload, f64)>,
}

/// The content of `memory-model.toml`.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Coefficients {
    #[serde(deserialize_with = "size")]
    base: Bytes,
    gogc_50: f64,
    gogc_25: f64,
    headroom_percent: u64,
    mapped: f64,
    unknown: Coefficient,
    component: BTreeMap<String, Coefficient>,
    /// The eras before the present, the first that fits.
    #[serde(default)]
    era: Vec<Era>,
    /// Where the figures come from; for readers of the file.
    #[serde(rename = "measured")]
    _measured: BTreeMap<String, String>,
}

/// What one component needs with GOGC=100.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Coefficient {
    #[serde(deserialize_with = "size")]
    compile: Bytes,
    #[serde(deserialize_with = "size")]
    beside: Bytes,
    #[serde(deserialize_with = "size")]
    link: Bytes,
}

/// A memory model that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the memory model cannot be read")]
pub struct InvalidModel(#[from] toml::de::Error);

impl Explain for InvalidModel {
    fn kind(&self) -> Kind {
        Kind::Bug
    }
}

/// A run that ended well on this host. A run that was killed says nothing of its need.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct PastRun {
    /// What it built.
    pub workload: Workload,
    /// How.
    pub attempt: Attempt,
    /// The most anonymous memory that its processes held at one moment.
    pub peak: Bytes,
}

impl Model {
    /// The model that is embedded in the program.
    pub fn embedded() -> Result<Model, InvalidModel> {
        Model::parse(include_str!("memory-model.toml"))
    }

    /// Reads a model from the text of a `memory-model.toml`.
    pub fn parse(text: &str) -> Result<Model, InvalidModel> {
        Ok(Model {
            coefficients: toml::from_str(text)?,
            era: None,
            corrections: Vec::new(),
        })
    }

    /// The model for trees of an age.
    #[must_use]
    pub fn of_age(self, age: &TreeAge) -> Model {
        Model {
            era: self.era_of(age).cloned(),
            ..self
        }
    }

    /// Whether trees of an age belong to the era that it speaks of.
    pub fn speaks_of(&self, age: &TreeAge) -> bool {
        self.era_of(age) == self.era.as_ref()
    }

    fn era_of(&self, age: &TreeAge) -> Option<&Era> {
        self.coefficients.era.iter().find(|era| era.is_of(age))
    }

    /// The versions of Kubernetes that it speaks of, where these are not the present ones.
    pub fn era(&self) -> Option<&str> {
        self.era.as_ref().map(|era| era.name.as_str())
    }

    /// The model corrected by past runs on this host: the forecast of a workload is multiplied by
    /// the median of measured peak to forecast of its runs, at least by a half and at most by two.
    #[must_use]
    pub fn corrected(self, runs: &[PastRun]) -> Model {
        let mut ratios: Vec<(Workload, Vec<f64>)> = Vec::new();
        for run in runs {
            let forecast = self.plain_forecast(&run.workload, run.attempt);
            let ratio = run.peak.0 as f64 / forecast.0.max(1) as f64;
            match ratios
                .iter_mut()
                .find(|(workload, _)| *workload == run.workload)
            {
                Some((_, same)) => same.push(ratio),
                None => ratios.push((run.workload.clone(), vec![ratio])),
            }
        }
        let corrections = ratios
            .into_iter()
            .map(|(workload, ratios)| (workload, median(ratios).clamp(0.5, 2.0)))
            .collect();
        Model {
            corrections,
            ..self
        }
    }

    /// The peak that a workload is forecast to have.
    pub fn forecast(&self, workload: &Workload, attempt: Attempt) -> Bytes {
        let correction = self
            .corrections
            .iter()
            .find(|(corrected, _)| corrected == workload)
            .map_or(1.0, |(_, ratio)| *ratio);
        scale(self.plain_forecast(workload, attempt), correction)
    }

    /// The forecast with headroom: what must be there to start.
    pub(super) fn needed(&self, workload: &Workload, attempt: Attempt) -> Bytes {
        let percent = 100 + self.coefficients.headroom_percent;
        Bytes((self.forecast(workload, attempt).0 * percent).div_ceil(100))
    }

    /// What the largest link holds with all that it maps, with headroom: what must be there where pages that had to go are
    /// read again by megabytes.
    pub(super) fn needed_with_mapped(&self, workload: &Workload, attempt: Attempt) -> Bytes {
        // What is mapped was measured of the present; Go before 1.15 maps less, and holds more.
        let parts = self.present_parts(workload);
        let link = parts.iter().map(|part| part.link).max().unwrap_or_default();
        let held = scale(
            link,
            self.gogc_factor(attempt.gogc) + self.coefficients.mapped,
        );
        let percent = 100 + self.coefficients.headroom_percent;
        Bytes(((self.coefficients.base + held).0 * percent).div_ceil(100))
            .max(self.needed(workload, attempt))
    }

    /// The forecast before past runs correct it.
    fn plain_forecast(&self, workload: &Workload, attempt: Attempt) -> Bytes {
        let parts = self.parts(workload);
        let jobs = attempt.jobs.max(1) as usize;
        let largest =
            |of: fn(&Coefficient) -> Bytes| parts.iter().map(of).max().unwrap_or_default();
        let (compile, beside) = (largest(|part| part.compile), largest(|part| part.beside));
        let phases = if parts.len() > 1 {
            let limit = workload.links.map_or(usize::MAX, |links| links as usize);
            let mut links: Vec<Bytes> = parts.iter().map(|part| part.link).collect();
            links.sort_by(|a, b| b.cmp(a));
            links.truncate(limit);
            busiest(jobs, iter::once(compile).chain(links), beside)
        } else {
            busiest(jobs, iter::once(compile), beside).max(largest(|part| part.link))
        };
        let generate = self.era.as_ref().map(|era| era.generate);
        let phases = phases.max(generate.unwrap_or_default());
        self.coefficients.base + scale(phases, self.gogc_factor(attempt.gogc))
    }

    /// The coefficients of each component of a workload, in the model's era.
    fn parts(&self, workload: &Workload) -> Vec<Coefficient> {
        let parts = self.present_parts(workload);
        let Some(era) = &self.era else {
            return parts;
        };
        let of_era = |part: Coefficient| Coefficient {
            compile: scale(part.compile, era.compile),
            beside: scale(part.beside, era.compile),
            link: scale(part.link, era.link),
        };
        parts.into_iter().map(of_era).collect()
    }

    fn present_parts(&self, workload: &Workload) -> Vec<Coefficient> {
        let known = &self.coefficients.component;
        match &workload.components {
            Components::All => known.values().copied().collect(),
            Components::Named(names) => names
                .iter()
                .map(|name| {
                    known
                        .get(name)
                        .copied()
                        .unwrap_or(self.coefficients.unknown)
                })
                .collect(),
        }
    }

    /// What a value of GOGC multiplies heaps with: 1 at 100, `gogc_50` at 50, `gogc_25` at 25 and below, on a line between
    /// two of them and above.
    fn gogc_factor(&self, gogc: Option<u32>) -> f64 {
        let percent = f64::from(gogc.unwrap_or(100)).max(25.0);
        let Coefficients {
            gogc_50, gogc_25, ..
        } = self.coefficients;
        if percent < 50.0 {
            gogc_25 + (gogc_50 - gogc_25) * (percent - 25.0) / 25.0
        } else {
            gogc_50 + (1.0 - gogc_50) * (percent - 50.0) / 50.0
        }
    }
}

/// The sum of the `jobs` largest of what may run at one moment: these, and any number of `beside`.
fn busiest(jobs: usize, once: impl Iterator<Item = Bytes>, beside: Bytes) -> Bytes {
    let mut running: Vec<Bytes> = once.chain(iter::repeat_n(beside, jobs)).collect();
    running.sort_by(|a, b| b.cmp(a));
    running.into_iter().take(jobs).sum()
}

/// The middle value; of an even number the mean of the two in the middle.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match (values.len() % 2, values.get(middle)) {
        (1, Some(value)) => *value,
        (0, Some(value)) => f64::midpoint(values[middle - 1], *value),
        _ => 1.0,
    }
}

fn scale(bytes: Bytes, factor: f64) -> Bytes {
    Bytes((bytes.0 as f64 * factor).ceil() as u64)
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    pub(in crate::host) fn model() -> Model {
        Model::embedded().unwrap()
    }

    pub(in crate::host) fn attempt(jobs: u32, gogc: Option<u32>) -> Attempt {
        Attempt {
            jobs,
            gomaxprocs: 2,
            gogc,
        }
    }

    pub(in crate::host) fn made_up() -> Model {
        Model::parse(
            "base = '10MiB'\ngogc_50 = 0.5\ngogc_25 = 0.4\nheadroom_percent = 10\nmapped = 4.0\n\
             [unknown]\ncompile = '100MiB'\nbeside = '20MiB'\nlink = '50MiB'\n\
             [component.big]\ncompile = '100MiB'\nbeside = '20MiB'\nlink = '200MiB'\n\
             [component.small]\ncompile = '80MiB'\nbeside = '10MiB'\nlink = '30MiB'\n\
             [measured]\nhow = 'made up'",
        )
        .unwrap()
    }

    fn mib(model: &Model, components: &[&str], jobs: u32, gogc: Option<u32>) -> u64 {
        model
            .forecast(&Workload::of(components), attempt(jobs, gogc))
            .as_mib()
    }

    #[test]
    fn follows_the_formula_for_one_component() {
        let model = made_up();
        assert_eq!(mib(&model, &["small"], 1, None), 10 + 80);
        assert_eq!(mib(&model, &["small"], 3, None), 10 + 80 + 2 * 10);
        // The link is the larger phase, and runs alone.
        assert_eq!(mib(&model, &["big"], 2, None), 10 + 200);
        assert_eq!(mib(&model, &["other"], 1, None), 10 + 100);
    }

    #[test]
    fn links_and_compiles_of_several_components_run_side_by_side() {
        let model = made_up();
        assert_eq!(mib(&model, &["big", "small"], 1, None), 10 + 200);
        assert_eq!(mib(&model, &["big", "small"], 2, None), 10 + 200 + 100);
        assert_eq!(
            mib(&model, &["big", "small"], 4, None),
            10 + 200 + 100 + 30 + 20
        );
        let mut one_link = Workload::of(["big", "small"]);
        one_link.links = Some(1);
        let forecast = model.forecast(&one_link, attempt(3, None));
        assert_eq!(forecast.as_mib(), 10 + 200 + 100 + 20);
    }

    #[test]
    fn gogc_scales_all_but_the_base() {
        let model = made_up();
        assert_eq!(mib(&model, &["big"], 1, Some(100)), 210);
        assert_eq!(mib(&model, &["big"], 1, Some(75)), 10 + 150);
        assert_eq!(mib(&model, &["big"], 1, Some(50)), 10 + 100);
        assert_eq!(mib(&model, &["big"], 1, Some(25)), 10 + 80);
        assert_eq!(mib(&model, &["big"], 1, Some(10)), 10 + 80);
        assert_eq!(mib(&model, &["big"], 1, Some(200)), 10 + 400);
    }

    #[test]
    fn the_embedded_model_lies_close_to_what_was_measured() {
        // Peaks of cold builds in MiB; see `measured` in the file.
        for (component, jobs, gogc, peak) in [
            ("kubectl", 8, None, 952),
            ("kubectl", 2, None, 515),
            ("kubectl", 1, None, 449),
            ("kubectl", 1, Some(50), 353),
            ("kubectl", 1, Some(25), 302),
            ("kubelet", 2, None, 541),
        ] {
            let forecast = mib(&model(), &[component], jobs, gogc);
            let off = forecast.abs_diff(peak) * 100 / peak;
            assert!(
                off <= 5,
                "{component}, {jobs} jobs: {forecast} MiB for {peak} MiB"
            );
        }
    }

    #[test]
    fn trees_of_other_eras_have_their_own_figures() {
        let of = |go: &str, generates| {
            let go = Some(go.parse().unwrap());
            model().of_age(&TreeAge { go, generates })
        };
        // Peaks of cold builds of kubectl with two jobs, in MiB.
        for (go, peak) in [("1.8.3", 706), ("1.13.15", 787)] {
            let forecast = mib(&of(go, true), &["kubectl"], 2, None);
            let off = forecast.abs_diff(peak) * 100 / peak;
            assert!(off <= 5, "go{go}: {forecast} MiB for {peak} MiB");
        }
        assert_eq!(of("1.8.3", true).era(), Some("up to 1.8"));
        assert_eq!(of("1.9", true).era(), Some("up to 1.18"));
        assert_eq!(of("1.17.2", true).era(), Some("up to 1.23"));
        assert_eq!(of("1.25.1", false), model());
        let age = |go: &str, generates| TreeAge {
            go: Some(go.parse().unwrap()),
            generates,
        };
        assert!(of("1.8.3", true).speaks_of(&age("1.7.4", true)));
        assert!(!of("1.8.3", true).speaks_of(&age("1.9", true)));
        assert!(!model().speaks_of(&age("1.9", true)));
    }

    #[test]
    fn past_runs_correct_their_own_workload_within_bounds() {
        let run = |name: &str, peak| PastRun {
            workload: Workload::of([name]),
            attempt: attempt(1, None),
            peak: Bytes::mib(peak),
        };
        let plain = made_up();
        // Forecast 90 MiB each: the median of 1, 1.5 and 2 is 1.5; a tenfold is cut to a double, a
        // tenth to a half.
        let runs = [run("small", 90), run("small", 180), run("small", 135)];
        let model = plain.clone().corrected(&runs);
        assert_eq!(mib(&model, &["small"], 1, None), 135);
        assert_eq!(
            mib(&model, &["big"], 1, None),
            mib(&plain, &["big"], 1, None)
        );
        assert_eq!(
            mib(
                &plain.clone().corrected(&[run("small", 900)]),
                &["small"],
                1,
                None
            ),
            180
        );
        assert_eq!(
            mib(
                &plain.clone().corrected(&[run("small", 9)]),
                &["small"],
                1,
                None
            ),
            45
        );
        assert_eq!(plain.clone().corrected(&[]), plain);
    }

    #[test]
    fn the_median_of_an_even_number_lies_between() {
        assert!((median(vec![4.0, 1.0, 3.0, 2.0]) - 2.5).abs() < 1e-9);
        assert!((median(vec![]) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn refuses_a_model_with_words_that_it_does_not_know() {
        assert!(Model::parse("speed = 1").is_err());
    }

    proptest! {
        #[test]
        fn more_jobs_more_components_or_a_larger_heap_never_need_less(
            names in proptest::collection::vec("[a-c]|kubectl|kubelet|kube-apiserver", 1..6),
            further in "[d-f]|kubeadm|e2e.test",
            links in proptest::option::of(1u32..4),
            jobs in 1u32..40,
            gogc in 10u32..300,
        ) {
            let model = model();
            let some = Workload { links, ..Workload::of(&names) };
            let more = Workload { links, ..Workload::of(names.iter().chain([&further])) };
            let forecast = |workload, jobs, gogc| {
                model.forecast(workload, attempt(jobs, Some(gogc)))
            };
            let least = forecast(&some, jobs, gogc);
            prop_assert!(least <= forecast(&some, jobs + 1, gogc));
            prop_assert!(least <= forecast(&more, jobs, gogc));
            prop_assert!(least <= forecast(&some, jobs, gogc + 1));
        }
    }
}
