//! Several builds at the same time.

use crate::harness::{FakeCall, FakeMake, TestEnvironment};

#[test]
fn two_builds_of_one_ref_take_turns() {
    let environment = TestEnvironment::warm(&["v0.2.0"]);
    let line = "build component kubectl kubeadm --repo demo";
    let builds = [environment.start(line), environment.start(line)];
    let outputs = builds.map(|build| build.wait().success());
    let first = |output: &crate::harness::CommandOutput| std::fs::read(output.lines()[0]).unwrap();
    assert_eq!(first(&outputs[0]), first(&outputs[1]));
    assert_ne!(outputs[0].stdout, outputs[1].stdout);
    environment.kubewright("artifacts verify").success();
}

#[test]
fn two_refs_are_built_side_by_side() {
    let environment = TestEnvironment::warm(&["v0.2.0", "master"]);
    let make = FakeMake::new(&environment, "read -u 3 && exec {make} \"$@\"");
    let builds = ["v0.2.0", "master"].map(|reference| {
        environment.start(&format!(
            "build component kubectl --repo demo --ref {reference}"
        ))
    });
    // Neither goes on before both are there.
    let mut calls = [make.called(), make.called()];
    calls.iter_mut().for_each(FakeCall::answer);
    for build in builds {
        build.wait().success();
    }
}

#[test]
fn a_second_build_of_a_ref_waits_and_says_for_whom() {
    let environment = TestEnvironment::warm(&["v0.2.0"]);
    let make = FakeMake::new(&environment, "read -u 3 && exec {make} \"$@\"");
    let line = "build component kubectl --repo demo";
    let first = environment.start(line);
    let mut call = make.called();
    let second = environment.start("build component kubectl kubeadm --repo demo");
    second.wait_for(&format!("waiting for process {} ({line})", first.id()));
    call.answer();
    first.wait().success();
    make.called().answer();
    second.wait().success();
}

#[test]
fn who_only_reads_waits_for_no_build() {
    let environment = TestEnvironment::warm(&["v0.2.0"]);
    let make = FakeMake::new(&environment, "read -u 3 && exec {make} \"$@\"");
    let build = environment.start("build component kubectl --repo demo");
    let mut call = make.called();
    for line in [
        "targets --repo demo",
        "source path v0.2.0 --repo demo",
        "build component kubectl --repo demo --dry-run",
        "doctor --for kubectl --repo demo",
    ] {
        environment.kubewright(line).success();
    }
    environment
        .kubewright("build component kubctl --repo demo")
        .code(2)
        .says("did you mean `kubectl`");
    call.answer();
    build.wait().success();
}

#[test]
fn the_first_builds_of_all_make_one_mirror() {
    let environment = TestEnvironment::new();
    let lines = ["v0.1.0", "v0.1.1", "v0.2.0", "master"]
        .map(|reference| environment.start(&format!("targets --repo demo --ref {reference}")));
    for listing in lines {
        listing.wait().success();
    }
    let listed = environment.kubewright("source list").success();
    assert_eq!(listed.lines().len(), 5);
}
