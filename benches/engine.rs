//! Raw make on this machine against kubewright in a container, in pairs: cold, then with what Go compiled still there.

use std::fs;
use std::path::Path;
use std::time::Duration;

use kubewright::hexadecimal::sha256;
use kubewright::plan::Plan;
use kubewright::report::artifact::Artifact;

use super::Failure;
use super::build::{median, outside_make, seconds};
use super::lab::{Called, Lab};

/// How long something took, and the SHA-256 of what came out.
struct Built {
    wall: Duration,
    sha256: String,
}

/// Measures the pairs, compares what was built, and prints both as Markdown.
pub(crate) fn measure(
    lab: &Lab,
    component: &str,
    pairs: usize,
    options: &[String],
) -> Result<(), Failure> {
    let options: Vec<&str> = options.iter().map(String::as_str).collect();
    // Not counted: they tell the plan and the stamps, and read the tree and the image into the page cache.
    lab.make_cold()?;
    let native = lab.kubewright(component, lab.home()?.path(), &[])?;
    let (plan, native) = told(native)?;
    let (container_plan, container) =
        told(in_container(lab, component, lab.home()?.path(), &options)?)?;
    println!(
        "| pair | make, cold | container, cold | ratio | make, warm | container, warm | ratio | outside make, cold and warm |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    let (mut cold, mut warm) = (Vec::new(), Vec::new());
    let mut bytes = vec![native.sha256.clone(), container.sha256.clone()];
    for pair in 1..=pairs {
        let (made, called) = if pair % 2 == 1 {
            let made = by_make(lab, component, &plan)?;
            (
                made,
                by_kubewright(lab, component, &container_plan, &options)?,
            )
        } else {
            let called = by_kubewright(lab, component, &container_plan, &options)?;
            (by_make(lab, component, &plan)?, called)
        };
        let ratio =
            |number: usize| called[number].0.wall.as_secs_f64() / made[number].wall.as_secs_f64();
        println!(
            "| {pair} | {} | {} | {:.3} | {} | {} | {:.3} | {:.2} s, {:.2} s |",
            seconds(made[0].wall),
            seconds(called[0].0.wall),
            ratio(0),
            seconds(made[1].wall),
            seconds(called[1].0.wall),
            ratio(1),
            called[0].1,
            called[1].1,
        );
        cold.push(ratio(0));
        warm.push(ratio(1));
        bytes.extend(made.into_iter().map(|made| made.sha256));
        bytes.extend(called.into_iter().map(|(built, _)| built.sha256));
    }
    println!("\n| what | figure |\n|---|---|");
    println!("| median ratio, cold | {:.3} |", median(&mut cold));
    println!("| median ratio, warm | {:.3} |", median(&mut warm));
    let stamp = |artifact: Artifact| artifact.version.unwrap_or_else(|| "none".to_owned());
    println!("| stamps | {} and {} |", stamp(native), stamp(container));
    let built = bytes.len();
    bytes.sort_unstable();
    bytes.dedup();
    println!("| different binaries among {built} | {} |", bytes.len());
    Ok(())
}

/// What a call wrote down of its plan and of the first thing that it built.
fn told(called: Called) -> Result<(Plan, Artifact), Failure> {
    let manifest = called.manifest;
    let artifact = manifest.artifacts.into_iter().next();
    Ok((
        manifest.plan.ok_or("the manifest has no plan")?,
        artifact.ok_or("the manifest has no artifact")?,
    ))
}

/// Cold, then with Go's cache but without the binary.
fn by_make(lab: &Lab, component: &str, plan: &Plan) -> Result<[Built; 2], Failure> {
    let file = &plan.steps[0].artifacts[0].path;
    let once = || {
        Ok::<_, Failure>(Built {
            wall: lab.make(plan)?,
            sha256: sha256(&fs::read(lab.file(file))?),
        })
    };
    lab.make_cold()?;
    let cold = once()?;
    lab.remove_binaries(component)?;
    rustix::fs::sync();
    Ok([cold, once()?])
}

/// Pairs with what Go compiled still there, and nothing else: make with its `_output` but without the binary, the container
/// without `_output`. Prints them as Markdown.
pub(crate) fn measure_warm(
    lab: &Lab,
    component: &str,
    pairs: usize,
    options: &[String],
) -> Result<(), Failure> {
    let options: Vec<&str> = options.iter().map(String::as_str).collect();
    let home = lab.home()?;
    lab.make_cold()?;
    let native = lab.kubewright(component, lab.home()?.path(), &[])?;
    let (plan, _) = told(native)?;
    lab.set_aside()?;
    in_container(lab, component, home.path(), &options)?;
    println!("| pair | make, warm | container, warm | ratio | outside make |");
    println!("|---|---|---|---|---|");
    let mut ratios = Vec::new();
    for pair in 1..=pairs {
        let natively = || {
            lab.make_cold()?;
            lab.bring_back()?;
            lab.remove_binaries(component)?;
            rustix::fs::sync();
            let wall = lab.make(&plan)?;
            lab.set_aside()?;
            Ok::<_, Failure>(wall)
        };
        let in_engine = || {
            lab.make_cold()?;
            in_container(lab, component, home.path(), &options)
        };
        let (made, called) = if pair % 2 == 1 {
            let made = natively()?;
            (made, in_engine()?)
        } else {
            let called = in_engine()?;
            (natively()?, called)
        };
        let ratio = called.wall.as_secs_f64() / made.as_secs_f64();
        println!(
            "| {pair} | {} | {} | {ratio:.3} | {:.2} s |",
            seconds(made),
            seconds(called.wall),
            outside_make(&called)
        );
        ratios.push(ratio);
    }
    println!("\nmedian ratio: {:.3}", median(&mut ratios));
    Ok(())
}

/// Without volumes, then with them; both without `_output`. With each comes its time outside make.
fn by_kubewright(
    lab: &Lab,
    component: &str,
    plan: &Plan,
    options: &[&str],
) -> Result<[(Built, f64); 2], Failure> {
    let home = lab.home()?;
    let once = || {
        lab.make_cold()?;
        let called = in_container(lab, component, home.path(), options)?;
        let (wall, outside) = (called.wall, outside_make(&called));
        let sha256 = told(called)?.1.sha256;
        Ok::<_, Failure>((Built { wall, sha256 }, outside))
    };
    remove_caches(plan)?;
    Ok([once()?, once()?])
}

fn in_container(
    lab: &Lab,
    component: &str,
    home: &Path,
    options: &[&str],
) -> Result<Called, Failure> {
    let options = [&["--executor", "docker"], options].concat();
    lab.kubewright(component, home, &options)
}

/// Removes what Go compiled in containers of the plan's image.
pub(crate) fn remove_caches(plan: &Plan) -> Result<(), Failure> {
    let image = plan.image.as_ref().and_then(|image| image.digest.as_ref());
    let image = image.ok_or("the plan has no image that the engine has")?;
    let name = image.trim_start_matches("sha256:").get(..12);
    let name = name.ok_or("the image has no digest")?;
    let label = "label=kubewright.purpose=cache";
    let volumes = duct::cmd!("docker", "volume", "ls", "--quiet", "--filter", label).read()?;
    for volume in volumes.lines().filter(|volume| volume.ends_with(name)) {
        duct::cmd!("docker", "volume", "rm", volume)
            .stdout_null()
            .run()?;
    }
    Ok(())
}
