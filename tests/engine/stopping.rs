//! Builds that are stopped, and what is left behind.

use rustix::process::Signal;

use crate::harness::{TestEngine, wait_until};

/// The run of an environment that has one.
fn run(environment: &crate::harness::TestEnvironment) -> String {
    let runs = environment.runs();
    runs[0].file_name().unwrap().to_str().unwrap().to_owned()
}

#[test]
fn an_interrupt_stops_and_removes_the_container() {
    let Some(engine) = TestEngine::find() else {
        return;
    };
    let environment = engine.environment();
    let build = environment.start(&engine.build("-v -- FAKE=wait"));
    build.wait_for("waiting");
    build.signal(Signal::INT);
    let stopped = build.wait();
    stopped.code(130);
    let log = environment.kubewright("logs").success();
    assert!(log.stdout.contains("asked to end"), "{log}");
    assert_eq!(engine.of_run(&run(&environment)), Vec::<String>::new());
}

#[test]
fn what_a_killed_run_left_behind_goes_with_the_next_one() {
    let Some(engine) = TestEngine::find() else {
        return;
    };
    let environment = engine.environment();
    let other = engine.docker(&[
        "create",
        "--label",
        "kubewright.purpose=other",
        &engine.image,
        "x",
    ]);
    let build = environment.start(&engine.build("-v -- FAKE=wait"));
    build.wait_for("waiting");
    build.signal(Signal::KILL);
    build.wait();
    let killed = run(&environment);
    assert_eq!(engine.of_run(&killed).len(), 1);
    environment.kubewright(&engine.build("")).success();
    wait_until("the container is gone", || {
        engine.of_run(&killed).is_empty()
    });
    // Somebody else's label of that name does not make it kubewright's.
    assert_eq!(engine.docker(&["rm", &other[0]]), other);
}

#[test]
fn a_container_that_somebody_stops_is_no_lack_of_memory() {
    let Some(engine) = TestEngine::find() else {
        return;
    };
    let environment = engine.environment();
    let build = environment.start(&engine.build("-v -- FAKE=wait"));
    build.wait_for("waiting");
    let container = engine.of_run(&run(&environment));
    engine.docker(&["kill", &container[0]]);
    let ended = build.wait().code(7);
    assert!(ended.stderr.contains("ended from outside"), "{ended}");
}

#[test]
fn a_failing_step_is_a_failed_build() {
    let Some(engine) = TestEngine::find() else {
        return;
    };
    let environment = engine.environment();
    let failed = environment
        .kubewright(&engine.build("-- FAKE=fail"))
        .code(1);
    assert!(
        failed
            .stderr
            .contains("step `make kubectl FAKE=fail` exited with 2"),
        "{failed}"
    );
}
