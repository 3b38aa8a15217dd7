//! Raw make against kubewright, in pairs.

use std::path::Path;
use std::time::Duration;

use kubewright::bytes::Bytes;
use kubewright::plan::Plan;

use super::Failure;
use super::lab::{Called, Lab, help};

/// How often the help is printed.
const STARTS: usize = 20;

/// Measures pairs, the repeat, the start-up and the memory, and prints them as Markdown.
pub(crate) fn measure(lab: &Lab, component: &str, pairs: usize) -> Result<(), Failure> {
    // Not counted: it tells the plan, and reads the tree into the page cache.
    let first = cold(lab, component, lab.home()?.path())?;
    let plan = first.manifest.plan.ok_or("the manifest has no plan")?;
    println!("| pair | make | kubewright | ratio | outside make |\n|---|---|---|---|---|");
    let mut ratios = Vec::new();
    let mut outside = Vec::new();
    let mut resident = 0;
    for pair in 1..=pairs {
        let home = lab.home()?;
        // The order changes, so that what the first one leaves in the page cache helps both.
        let (make, called) = if pair % 2 == 1 {
            let make = raw(lab, &plan)?;
            (make, cold(lab, component, home.path())?)
        } else {
            let called = cold(lab, component, home.path())?;
            (raw(lab, &plan)?, called)
        };
        let ratio = called.wall.as_secs_f64() / make.as_secs_f64();
        let own = outside_make(&called);
        println!(
            "| {pair} | {} | {} | {ratio:.3} | {own:.2} s |",
            seconds(make),
            seconds(called.wall)
        );
        ratios.push(ratio);
        outside.push(own);
        resident = resident.max(called.resident);
    }
    println!("\n| what | figure |\n|---|---|");
    println!("| median ratio | {:.3} |", median(&mut ratios));
    println!(
        "| median of kubewright's time outside make | {:.2} s |",
        median(&mut outside)
    );
    println!("| the same again | {} |", repeat(lab, component)?);
    println!("| peak of kubewright's own memory | {} |", Bytes(resident));
    let mut starts = (0..STARTS)
        .map(|_| Ok(help()?.as_secs_f64() * 1000.0))
        .collect::<Result<Vec<_>, Failure>>()?;
    println!(
        "| `--help`, median of {STARTS} | {:.1} ms |",
        median(&mut starts)
    );
    Ok(())
}

fn raw(lab: &Lab, plan: &Plan) -> Result<Duration, Failure> {
    lab.make_cold()?;
    lab.make(plan)
}

fn cold(lab: &Lab, component: &str, home: &Path) -> Result<Called, Failure> {
    lab.make_cold()?;
    lab.kubewright(component, home, &[])
}

/// The second of two builds with kubewright in the same tree, and whether anything ran.
fn repeat(lab: &Lab, component: &str) -> Result<String, Failure> {
    let home = lab.home()?;
    lab.kubewright(component, home.path(), &[])?;
    let again = lab.kubewright(component, home.path(), &[])?;
    let how = match again.attempt() {
        None => "nothing ran",
        Some(_) => "make ran: a tree with changes has no key",
    };
    Ok(format!("{} ({how})", seconds(again.wall)))
}

/// The seconds of a call in which make did not run.
pub(crate) fn outside_make(called: &Called) -> f64 {
    let steps = called.manifest.steps.iter();
    let make: f64 = steps
        .flat_map(|step| &step.attempts)
        .map(|attempt| attempt.seconds)
        .sum();
    called.wall.as_secs_f64() - make
}

pub(crate) fn seconds(duration: Duration) -> String {
    format!("{:.2} s", duration.as_secs_f64())
}

/// The middle value; of an even number the mean of the two in the middle.
pub(crate) fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values {
        [] => f64::NAN,
        values if values.len() % 2 == 1 => values[middle],
        values => f64::midpoint(values[middle - 1], values[middle]),
    }
}
