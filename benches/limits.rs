//! How little memory a build in a container gets by with: kubewright against raw make, each cold, under the same limit.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use kubewright::bytes::Bytes;
use kubewright::plan::Plan;

use super::Failure;
use super::build::seconds;
use super::engine::remove_caches;
use super::lab::{Lab, Tried};

/// The name of raw make's container: nothing else is to be killed.
const NAME: &str = "kubewright-bench-raw";

/// Tries each limit with each component, and prints a table.
pub(crate) fn measure(
    lab: &Lab,
    components: &[String],
    limits: &[Bytes],
    image: &str,
    patience: Duration,
) -> Result<(), Failure> {
    println!("| component | limit | what | result | time |\n|---|---|---|---|---|");
    for component in components {
        let on_image = ["--executor", "docker", "--image", image].map(str::to_owned);
        let plan = lab.plan(component, &on_image)?;
        for limit in limits {
            let row = |what: &str, result: &str, time: Duration| {
                println!(
                    "| {component} | {limit} | {what} | {result} | {} |",
                    seconds(time)
                );
            };
            let options = |more: &[&'static str]| {
                let mut options = on_image.to_vec();
                options.extend(["--memory".to_owned(), format!("{}B", limit.0)]);
                options.extend(more.iter().map(|option| (*option).to_owned()));
                options
            };
            let (result, time) = raw(lab, component, &plan, *limit, patience)?;
            row("raw make", &result, time);
            for (what, more) in [
                ("kubewright", &[][..]),
                (
                    "`--force --no-retry-on-oom`",
                    &["--force", "--no-retry-on-oom"],
                ),
                ("`--force`", &["--force"]),
            ] {
                lab.make_cold()?;
                remove_caches(&plan)?;
                let tried = lab.try_kubewright(component, &options(more), patience)?;
                row(what, &said(&tried), tried.wall);
                // What it does of itself needs no force.
                if what == "kubewright" && tried.code == Some(0) {
                    break;
                }
            }
        }
    }
    Ok(())
}

/// `exit 0, 2 attempts (2 jobs; 1 job), peak 301 MiB`
fn said(tried: &Tried) -> String {
    let code = match tried.code {
        Some(code) => format!("exit {code}"),
        None => "given up".to_owned(),
    };
    let attempts = tried.attempts.iter().map(|record| {
        let attempt = record.attempt;
        let collector = attempt.gogc.map(|gogc| format!(" GOGC={gogc}"));
        format!(
            "-p={}{}, peak {}, {:.0} s",
            attempt.jobs,
            collector.unwrap_or_default(),
            record.peak,
            record.seconds
        )
    });
    let attempts: Vec<String> = attempts.collect();
    if attempts.is_empty() {
        code
    } else {
        format!("{code}: {}", attempts.join("; then "))
    }
}

/// `make COMPONENT` in a container as upstream's own scripts run it since 1.35, with a limit.
fn raw(
    lab: &Lab,
    component: &str,
    plan: &Plan,
    limit: Bytes,
    patience: Duration,
) -> Result<(String, Duration), Failure> {
    lab.make_cold()?;
    let version = lab.version_file(plan)?;
    let image = plan.image.as_ref().ok_or("the plan has no image")?;
    let place = "/go/src/k8s.io/kubernetes";
    let memory = limit.0.to_string();
    let log = lab.log("raw.log");
    let output = File::create(&log)?;
    let mut command = Command::new("docker");
    command
        .args(["run", "--rm", "--name", NAME, "--memory", &memory])
        .args(["--memory-swap", &memory, "--workdir", place])
        .arg(format!("--volume={}:{place}", lab.source().display()))
        .arg(format!("--volume={}:/version:ro", version.display()))
        .args(["--env", "KUBE_OUTPUT_SUBPATH=_output/dockerized"])
        .args(["--env", "KUBE_GIT_VERSION_FILE=/version"])
        .args(["--env", "FORCE_HOST_GO=y"])
        .args(["--env", "GOFLAGS=-buildvcs=false"])
        .args(["--env", "HOME=/tmp", &image.reference, "make", component])
        .stdin(Stdio::null())
        .stdout(output.try_clone()?)
        .stderr(output);
    let started = Instant::now();
    let mut child = command.spawn()?;
    while child.try_wait()?.is_none() {
        if started.elapsed() > patience {
            duct::cmd!("docker", "kill", NAME)
                .stdout_null()
                .unchecked()
                .run()?;
            child.wait()?;
            return Ok(("given up".to_owned(), started.elapsed()));
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    let time = started.elapsed();
    let code = child.wait()?.code().unwrap_or_default();
    Ok((format!("exit {code}{}", reason(&log)?), time))
}

/// Why raw make failed, lest another reason be taken for want of memory.
fn reason(log: &Path) -> Result<&'static str, Failure> {
    let log = fs::read_to_string(log)?;
    let signs = [
        ("signal: killed", ", a compiler was killed"),
        ("cannot allocate memory", ", no memory was given"),
        ("***", ", for another reason than memory"),
    ];
    let sign = signs.into_iter().find(|(sign, _)| log.contains(sign));
    Ok(sign.map_or("", |(_, said)| said))
}
