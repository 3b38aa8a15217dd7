//! Signals: whatever a build started ends with it.

use std::time::{Duration, Instant};

use insta::assert_snapshot;
use kubewright::report::manifest::Status;
use rustix::process::Signal;

use crate::harness::{FakeMake, TestEnvironment, running_below, wait_until};

const LINE: &str = "build component kubectl --repo demo";

/// A make whose grandchild holds the socket while make itself waits for it.
const GRANDCHILD: &str = "(sleep 100000; true) & exec 3<&- 3>&-; wait";

/// The same, with a grandchild that takes no notice of a request to end. It says when it is that far.
const STUBBORN: &str = "(trap '' TERM; echo deaf >&3; sleep 100000; true) & exec 3<&- 3>&-; wait";

fn nothing_is_left(environment: &TestEnvironment) {
    wait_until("no process is left", || {
        running_below(environment.root()).is_empty()
    });
}

#[test]
fn an_interrupt_ends_the_whole_tree() {
    let environment = TestEnvironment::new();
    let make = FakeMake::new(&environment, GRANDCHILD);
    let run = environment.start(LINE);
    let mut call = make.called();
    run.signal(Signal::INT);
    call.wait_until_gone();
    let output = run.wait();
    assert_snapshot!(output, @r"
    ------- stderr -------
       Source  v0.2.0 (2fe3467) ready in [TIME]
    Preflight  [HOST]
               [CHOICE]
    Toolchain  go1.[N] from PATH, as asked for
     Building  kubectl [PLATFORM]
    error: interrupted by SIGINT
    [exit code 130]
    ");
    let manifest = environment.manifest();
    assert_eq!(manifest.status, Status::Interrupted);
    assert_eq!(manifest.exit_code, Some(130));
    nothing_is_left(&environment);
}

#[test]
fn a_termination_ends_the_whole_tree() {
    let environment = TestEnvironment::new();
    let make = FakeMake::new(&environment, GRANDCHILD);
    let run = environment.start(LINE);
    let mut call = make.called();
    run.signal(Signal::TERM);
    call.wait_until_gone();
    run.wait().code(143);
    nothing_is_left(&environment);
}

#[test]
fn who_ignores_the_request_is_killed_after_the_grace_period() {
    let mut environment = TestEnvironment::new();
    environment.set("KUBEWRIGHT_GRACE_PERIOD", "1");
    let make = FakeMake::new(&environment, STUBBORN);
    let run = environment.start(LINE);
    let mut call = make.called();
    assert_eq!(call.line(), "deaf\n");
    let asked = Instant::now();
    run.signal(Signal::INT);
    call.wait_until_gone();
    assert!(
        asked.elapsed() >= Duration::from_secs(1),
        "it had no time to end"
    );
    run.wait().code(130);
    nothing_is_left(&environment);
}

#[test]
fn a_second_interrupt_kills_at_once() {
    let mut environment = TestEnvironment::new();
    environment.set("KUBEWRIGHT_GRACE_PERIOD", "100000");
    let asked = environment.path("asked");
    let script = format!(
        "trap 'touch {}' TERM; {STUBBORN}; wait; wait",
        asked.display()
    );
    let make = FakeMake::new(&environment, &script);
    let run = environment.start(LINE);
    let mut call = make.called();
    assert_eq!(call.line(), "deaf\n");
    run.signal(Signal::INT);
    wait_until("make is asked to end", || asked.exists());
    run.signal(Signal::INT);
    call.wait_until_gone();
    run.wait().code(130);
    nothing_is_left(&environment);
}

#[test]
fn a_process_that_left_the_group_ends_too() {
    let environment = TestEnvironment::new();
    let make = FakeMake::new(&environment, "setsid sleep 100000 & exec 3<&- 3>&-; wait");
    let run = environment.start(LINE);
    let mut call = make.called();
    run.signal(Signal::INT);
    call.wait_until_gone();
    run.wait().code(130);
    nothing_is_left(&environment);
}

#[test]
fn what_a_step_leaves_running_ends_with_it() {
    let environment = TestEnvironment::new();
    let make = FakeMake::new(&environment, "sleep 100000 & exit 0");
    let run = environment.start(LINE);
    make.called().wait_until_gone();
    // And a make that does nothing is found out.
    run.wait()
        .code(1)
        .says("ended well, but `_output/local/bin/");
    nothing_is_left(&environment);
}

#[test]
fn a_make_that_outlived_a_killed_kubewright_is_ended_by_the_next_run() {
    let environment = TestEnvironment::warm(&["v0.2.0"]);
    let make = FakeMake::new(&environment, STUBBORN);
    let run = environment.start(LINE);
    let mut call = make.called();
    assert_eq!(call.line(), "deaf\n");
    run.signal(Signal::KILL);
    assert_eq!(run.wait().code, None);
    assert!(
        !running_below(environment.root()).is_empty(),
        "make ended by itself"
    );
    environment.restore_tool("make");
    let next = environment.kubewright(LINE).success();
    assert_snapshot!(next, @r"
    [ROOT]/home/runs/[RUN]/artifacts/[PLATFORM]/kubectl
    ------- stderr -------
         Note  what a killed kubewright left behind (build component kubectl --repo demo) was still running and is ended
       Source  v0.2.0 (2fe3467) ready in [TIME]
    Preflight  [HOST]
               [CHOICE]
    Toolchain  go1.[N] from PATH, as asked for
     Building  kubectl [PLATFORM]
     Finished  kubectl v0.2.0 [PLATFORM] · [SIZE] · sha256 [SHA] · [TIME] · run [RUN]
    ");
    call.wait_until_gone();
    nothing_is_left(&environment);
    let listed = environment.kubewright("runs list").success();
    assert_eq!(listed.stdout.matches("succeeded").count(), 1, "{listed}");
    environment.kubewright("artifacts verify").success();
}

#[test]
fn an_interrupt_while_another_run_is_waited_for() {
    let environment = TestEnvironment::new();
    let make = FakeMake::new(&environment, "read -u 3; exit 1");
    let first = environment.start(LINE);
    let mut call = make.called();
    let second = environment.start(LINE);
    second.wait_for("waiting for process");
    second.signal(Signal::INT);
    second.wait().code(130);
    call.answer();
    first.wait().code(1);
}
