//! Several platforms in containers: as many at once as memory and jobs allow, each with an output folder of its own.

use std::collections::BTreeSet;
use std::fs;

use jiff::{SignedDuration, Timestamp};
use kubewright::report::manifest::Manifest;
use rustix::process::Signal;

use crate::harness::{TestEngine, TestEnvironment, running_below};

const PLATFORMS: [&str; 3] = ["linux/amd64", "linux/arm64", "linux/ppc64le"];

fn matrix(engine: &TestEngine, more: &str) -> String {
    engine.build(&format!("--platform {} {more}", PLATFORMS.join(",")))
}

/// A word that no other test's containers know.
fn unique(environment: &TestEnvironment) -> String {
    let root = environment.root().file_name().unwrap();
    root.to_string_lossy().replace('.', "")
}

/// How many steps ran at the same moment at the most.
fn at_once(manifest: &Manifest) -> usize {
    let spans: Vec<_> = manifest
        .steps
        .iter()
        .flat_map(|step| &step.attempts)
        .map(|attempt| {
            let start: Timestamp = attempt.started.parse().unwrap();
            (
                start,
                start + SignedDuration::from_secs_f64(attempt.seconds),
            )
        })
        .collect();
    let running = |moment: Timestamp| {
        let during = spans
            .iter()
            .filter(|(start, end)| *start <= moment && moment < *end);
        during.count()
    };
    spans
        .iter()
        .map(|(start, _)| running(*start))
        .max()
        .unwrap()
}

/// The artifacts of a run are those of all platforms, in the plan's order, and nothing is left of the cells.
#[track_caller]
fn all_are_there(engine: &TestEngine, environment: &TestEnvironment, lines: &[&str]) {
    let manifest = environment.manifest();
    let built: Vec<_> = manifest
        .artifacts
        .iter()
        .map(|it| it.platform.as_ref().unwrap().to_string())
        .collect();
    assert_eq!(built, PLATFORMS);
    let files: BTreeSet<_> = lines.iter().collect();
    assert_eq!(files.len(), PLATFORMS.len());
    environment.kubewright("artifacts verify").success();
    let tree = environment.checkout("v0.2.0");
    for platform in PLATFORMS {
        assert!(
            tree.join("_output/dockerized/bin")
                .join(platform)
                .join("kubectl")
                .exists()
        );
    }
    nothing_is_left(engine, environment);
}

#[track_caller]
fn nothing_is_left(engine: &TestEngine, environment: &TestEnvironment) {
    let tree = environment.checkout("v0.2.0");
    assert!(!tree.join("_output/kubewright-cells").exists());
    let manifest = environment.manifest();
    assert_eq!(engine.of_run(&manifest.run), Vec::<String>::new());
    assert_eq!(running_below(environment.root()), Vec::<String>::new());
}

#[test]
fn cells_run_at_once_where_there_is_room() {
    let Some(engine) = TestEngine::find() else {
        return;
    };
    for sync in ["bind", "upload"] {
        let environment = engine.environment();
        let meeting = unique(&environment);
        let built = environment
            .kubewright(&matrix(
                &engine,
                &format!("--sync {sync} --jobs 6 -- FAKE=meet MEET={meeting} OF=3"),
            ))
            .success()
            .says("3 at once, each 2 jobs");
        for platform in PLATFORMS {
            assert!(
                built
                    .stderr
                    .contains(&format!("Building  kubectl {platform}")),
                "{built}"
            );
        }
        assert_eq!(at_once(&environment.manifest()), 3);
        all_are_there(&engine, &environment, &built.lines());
        let events = fs::read_to_string(environment.runs()[0].join("events.jsonl")).unwrap();
        assert!(
            events.contains("\"step\":\"make-kubectl-linux-ppc64le\""),
            "{events}"
        );
    }
}

#[test]
fn cells_are_within_the_memory_together() {
    let Some(engine) = TestEngine::find() else {
        return;
    };
    // Two jobs of kubectl take 0.6 GiB, and what a linker maps may have to fit, too.
    for (memory, expected) in [("6GiB", 3), ("1GiB", 1)] {
        let environment = engine.environment();
        let more = format!("--memory {memory} --jobs 6 --force");
        let built = environment.kubewright(&matrix(&engine, &more)).success();
        let manifest = environment.manifest();
        assert!(at_once(&manifest) <= expected, "{built}");
        let attempts = manifest.steps.iter().flat_map(|step| &step.attempts);
        let largest = attempts.map(|attempt| attempt.forecast.unwrap().0).max();
        let limit: kubewright::bytes::Bytes = memory.parse().unwrap();
        assert!(largest.unwrap() * expected as u64 <= limit.0, "{built}");
        all_are_there(&engine, &environment, &built.lines());
    }
}

#[test]
fn a_cell_that_fails_stops_the_others_only_with_fail_fast() {
    let Some(engine) = TestEngine::find() else {
        return;
    };
    let environment = engine.environment();
    let failed = environment
        .kubewright(&matrix(&engine, "--jobs 6 -- FAILS=linux/arm64"))
        .code(1)
        .says("kubectl linux/arm64 did not build");
    assert_eq!(failed.lines().len(), 2, "{failed}");
    let manifest = environment.manifest();
    let built: Vec<_> = manifest
        .artifacts
        .iter()
        .map(|it| it.platform.as_ref().unwrap().to_string())
        .collect();
    assert_eq!(built, ["linux/amd64", "linux/ppc64le"]);
    nothing_is_left(&engine, &environment);
    // What is there is not built again, and what failed is.
    let resume = format!("--jobs 6 --resume {} -- FAILS=linux/arm64", manifest.run);
    let resumed = environment.kubewright(&matrix(&engine, &resume)).code(1);
    assert_eq!(
        resumed.stderr.matches("Fresh  kubectl").count(),
        2,
        "{resumed}"
    );

    let fast = engine.environment();
    let line = matrix(
        &engine,
        "--jobs 6 --fail-fast -- FAILS=linux/arm64 FAKE=wait",
    );
    let failed = fast
        .kubewright(&line)
        .code(1)
        .says("kubectl linux/arm64 did not build");
    assert_eq!(failed.stdout, "");
    assert_eq!(fast.manifest().artifacts, []);
    nothing_is_left(&engine, &fast);
}

#[test]
fn an_interrupt_ends_all_cells_and_the_next_run_builds_them() {
    let Some(engine) = TestEngine::find() else {
        return;
    };
    let environment = engine.environment();
    let waiting = environment.start(&matrix(&engine, "--jobs 6 -v -- FAKE=wait"));
    for platform in PLATFORMS {
        waiting.wait_for(&format!("[kubectl {platform}] waiting"));
    }
    waiting.signal(Signal::INT);
    let stopped = waiting.wait().code(130);
    assert_eq!(stopped.stdout, "");
    assert_eq!(environment.manifest().artifacts, []);
    nothing_is_left(&engine, &environment);
    let built = environment
        .kubewright(&matrix(&engine, "--jobs 6"))
        .success();
    all_are_there(&engine, &environment, &built.lines());
}

#[test]
fn what_a_killed_run_left_of_a_cell_stands_in_nobodys_way() {
    let Some(engine) = TestEngine::find() else {
        return;
    };
    let environment = engine.environment();
    let killed = environment.start(&matrix(&engine, "--jobs 6 -v -- FAKE=wait"));
    for platform in PLATFORMS {
        killed.wait_for(&format!("[kubectl {platform}] waiting"));
    }
    killed.signal(Signal::KILL);
    killed.wait();
    let built = environment
        .kubewright(&matrix(&engine, "--jobs 6"))
        .success();
    all_are_there(&engine, &environment, &built.lines());
}
