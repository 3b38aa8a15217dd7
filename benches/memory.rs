//! The coefficients of the memory model: peaks of cold builds as manifests record them, put into the formula of
//! `src/host/memory.rs`.

use std::thread;

use kubewright::bytes::Bytes;
use kubewright::host::{Model, Workload};

use super::Failure;
use super::build::median;
use super::lab::Lab;

const MODEL: &str = include_str!("../src/host/memory-model.toml");

/// Coefficients are rounded to this.
const STEP: u64 = 5 << 20;

/// The peaks of one component.
struct Peaks {
    one_job: Bytes,
    two_jobs: Bytes,
    small_heap: Bytes,
    link: Bytes,
}

/// Measures each component and prints what belongs into `memory-model.toml`.
pub(crate) fn measure(lab: &Lab, components: &[String]) -> Result<(), Failure> {
    let base = base()?;
    let mut factors = Vec::new();
    for component in components {
        let peaks = peaks(lab, component)?;
        let above = |peak: Bytes| peak.0.saturating_sub(base.0);
        factors.push(above(peaks.small_heap) as f64 / above(peaks.one_job).max(1) as f64);
        println!("[component.{component}]");
        println!("compile = \"{}\"", rounded(above(peaks.one_job)));
        println!(
            "beside = \"{}\"",
            rounded(peaks.two_jobs.0.saturating_sub(peaks.one_job.0))
        );
        println!("link = \"{}\"", rounded(above(peaks.link)));
        println!(
            "# 2 jobs {}, 1 job {}, 1 job with GOGC=50 {}, link {}\n",
            peaks.two_jobs, peaks.one_job, peaks.small_heap, peaks.link
        );
    }
    println!("# base = \"{base}\", as it is in the file");
    println!("gogc_50 = {:.2}", median(&mut factors));
    Ok(())
}

fn peaks(lab: &Lab, component: &str) -> Result<Peaks, Failure> {
    let small = small_budget(component)?.0.to_string();
    Ok(Peaks {
        two_jobs: cold(lab, component, &["--jobs", "2"])?,
        small_heap: cold(lab, component, &["--memory", &small])?,
        one_job: cold(lab, component, &["--jobs", "1"])?,
        // Behind a build with the same settings, of which all but the binary is still there.
        link: {
            lab.remove_binaries(component)?;
            peak(lab, component, &["--jobs", "1"])?
        },
    })
}

fn cold(lab: &Lab, component: &str, options: &[&str]) -> Result<Bytes, Failure> {
    lab.make_cold()?;
    peak(lab, component, options)
}

fn peak(lab: &Lab, component: &str, options: &[&str]) -> Result<Bytes, Failure> {
    let home = lab.home()?;
    let called = lab.kubewright(component, home.path(), options)?;
    let attempt = called.attempt().ok_or("nothing was built")?;
    eprintln!(
        "{component} {}: peak {}, forecast {}, {:?}",
        options.join(" "),
        attempt.peak,
        attempt.forecast.unwrap_or_default(),
        attempt.attempt
    );
    Ok(attempt.peak)
}

/// The largest budget, in steps, with which kubewright takes to a small heap: one job, GOGC=50.
fn small_budget(component: &str) -> Result<Bytes, Failure> {
    let model = Model::embedded()?;
    let workload = Workload::of([component]);
    let cpus = u32::try_from(thread::available_parallelism()?.get())?;
    (1..=1024)
        .rev()
        .map(|steps| Bytes(steps * STEP))
        .find(|budget| {
            let choice = model.choose(&workload, *budget, cpus, None);
            choice.is_ok_and(|choice| choice.attempt.gogc == Some(50))
        })
        .ok_or_else(|| format!("no budget makes {component} take a small heap").into())
}

fn base() -> Result<Bytes, Failure> {
    let model: toml::Table = toml::from_str(MODEL)?;
    let base = model.get("base").and_then(toml::Value::as_str);
    Ok(base.ok_or("the model has no base")?.parse()?)
}

fn rounded(bytes: u64) -> String {
    let steps = (bytes + STEP / 2) / STEP;
    format!("{}MiB", steps * (STEP >> 20))
}
