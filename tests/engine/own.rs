//! Engines that go away or run full in the middle of a build.

use rustix::process::Signal;

use crate::harness::OwnEngine;

#[test]
fn an_engine_that_is_stopped_and_started_again() {
    let Some(mut own) = OwnEngine::start(&[]) else {
        return;
    };
    let engine = own.engine();
    let environment = engine.environment();
    let build = environment.start(&engine.build("-v -- FAKE=wait"));
    build.wait_for("waiting");
    own.end(Signal::TERM);
    let ended = build.wait().code(7);
    assert!(
        ended.stderr.contains("ended from outside") || ended.stderr.contains("connection"),
        "{ended}"
    );
    environment.kubewright("engine gc").code(7);
    own.restart();
    environment.kubewright(&engine.build("")).success();
    let swept = environment.kubewright("engine gc").success();
    assert!(swept.stderr.contains("removed 0 containers"), "{swept}");
    assert_eq!(engine.docker(&["ps", "-aq"]), Vec::<String>::new());
}

#[test]
fn an_engine_that_is_killed() {
    let Some(mut own) = OwnEngine::start(&[]) else {
        return;
    };
    let engine = own.engine();
    let environment = engine.environment();
    let build = environment.start(&engine.build("-v -- FAKE=wait"));
    build.wait_for("waiting");
    own.end(Signal::KILL);
    let ended = build.wait().code(7);
    assert!(
        ended
            .stderr
            .contains("connection to the container engine broke"),
        "{ended}"
    );
    own.restart();
    environment.kubewright("engine gc").success();
    assert_eq!(engine.docker(&["ps", "-aq"]), Vec::<String>::new());
    environment.kubewright(&engine.build("")).success();
}

#[test]
fn an_engine_whose_disk_is_full() {
    let Some(own) = OwnEngine::start(&[]) else {
        return;
    };
    let engine = own.engine();
    let environment = engine.environment();
    let full = environment
        .kubewright(&engine.build("--force -- FAKE=fill"))
        .code(6);
    assert!(full.stderr.contains("the engine's disk is full"), "{full}");
    assert!(
        full.stderr.contains("`kubewright engine gc --all`"),
        "{full}"
    );
    environment.kubewright("engine gc --all").success();
    assert_eq!(engine.docker(&["volume", "ls", "-q"]), Vec::<String>::new());
    assert_eq!(engine.docker(&["image", "ls", "-q"]), Vec::<String>::new());
}

#[test]
fn what_others_have_on_the_engine_stays() {
    let Some(own) = OwnEngine::start(&[]) else {
        return;
    };
    let engine = own.engine();
    let environment = engine.environment();
    engine.docker(&["tag", &engine.image, "others/image:v1"]);
    let container = engine.docker(&["create", "--name", "others", "others/image:v1", "make"]);
    engine.docker(&["volume", "create", "--label", "kubewright=yes", "others"]);
    environment.kubewright(&engine.build("--force")).success();
    environment.kubewright("engine gc --all").success();
    assert_eq!(engine.docker(&["ps", "-aq", "--no-trunc"]), container);
    assert_eq!(engine.docker(&["volume", "ls", "-q"]), ["others"]);
    let images = engine.docker(&["image", "ls", "--format", "{{.Repository}}:{{.Tag}}"]);
    assert!(images.contains(&"others/image:v1".to_owned()), "{images:?}");
}
