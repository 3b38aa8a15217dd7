//! How long `scaffold crd` takes from its start to its end.

use std::process::Command;
use std::time::{Duration, Instant};

use super::Failure;

/// kubewright, as people install it.
const PROGRAM: &str = env!("CARGO_BIN_EXE_kubewright");

/// Scaffolds the CronTab of the book into new folders, and prints the median and the longest.
pub(crate) fn measure(runs: usize) -> Result<(), Failure> {
    let room = tempfile::tempdir()?;
    let mut times = Vec::new();
    for run in 0..runs.max(1) {
        let started = Instant::now();
        let output = Command::new(PROGRAM)
            .args(["scaffold", "crd", "--kind", "CronTab"])
            .args(["--group", "stable.example.com", "--short", "ct", "--scale"])
            .args([
                "--field",
                r"cronSpec:string{pattern=^(\d+|\*)(/\d+)?(\s+(\d+|\*)(/\d+)?){4}$}",
            ])
            .args([
                "--field",
                "replicas:int32?=1{min=1,max=10}",
                "--field",
                "image:string",
            ])
            .arg("--out")
            .arg(room.path().join(run.to_string()))
            .output()?;
        times.push(started.elapsed());
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into());
        }
    }
    times.sort();
    let milliseconds = |time: Option<&Duration>| time.map_or(0.0, |time| time.as_secs_f64() * 1e3);
    println!(
        "`scaffold crd`, {} runs: median {:.1} ms, longest {:.1} ms",
        times.len(),
        milliseconds(times.get(times.len() / 2)),
        milliseconds(times.last())
    );
    Ok(())
}
