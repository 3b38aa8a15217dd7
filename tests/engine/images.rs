//! Images that cannot be had, or are not right.

use insta::assert_snapshot;
use kubewright::engine::ImageReference;
use kubewright::plan::ImageOrigin;
use kubewright::platform::Platform;

use crate::harness::{OwnEngine, TestEngine, Trouble, connect_engine, import_image};

#[test]
fn an_image_that_does_not_exist() {
    let Some(engine) = TestEngine::find() else {
        return;
    };
    let environment = engine.environment();
    let run = environment.kubewright(
        "build component kubectl --repo demo --executor docker --image localhost:1/absent:v1",
    );
    let failed = run.code(4);
    assert!(
        failed
            .stderr
            .contains("the image localhost:1/absent:v1 cannot be had"),
        "{failed}"
    );
    assert!(failed.stderr.contains("connection refused"), "{failed}");
}

#[test]
fn an_image_that_may_not_be_pulled() {
    let Some(engine) = TestEngine::find() else {
        return;
    };
    let environment = engine.environment();
    environment.checkout("v0.2.0");
    let run = environment.kubewright(
        "build component kubectl --repo demo --executor docker --image localhost:1/absent:v1 --offline",
    );
    assert_snapshot!(run.code(4), @r"
    ------- stderr -------
       Source  v0.2.0 (2fe3467) ready in [TIME]
    Preflight  [HOST]
               [CHOICE]
    error: the image localhost:1/absent:v1 cannot be had
      caused by: the engine does not have it, and the network may not be used

    hint: name a mirror by the setting engine.mirrors, another image by `--image`, or make a stand-in: `kubewright engine image --repo demo`
    [exit code 4]
    ");
}

#[test]
fn an_image_with_another_go_is_refused_unless_it_was_named() {
    let Some(engine) = TestEngine::find() else {
        return;
    };
    let real = connect_engine(&engine.host);
    let mut environment = engine.environment();
    // A mirror has what the tree asks for, with another Go than its tag says.
    let wanted = ImageReference::new(
        "kubewright/test-mirror/kube-cross",
        "v1.34.0-go1.24.6-bullseye.0",
    );
    import_image(&real, &wanted, "1.19.1");
    environment.set("KUBEWRIGHT_ENGINE_MIRRORS", "kubewright/test-mirror");
    environment.set("KUBEWRIGHT_GO", "tree");
    let run = environment.kubewright("build component kubectl --repo demo --executor docker");
    assert_snapshot!(run.code(3), @r"
    ------- stderr -------
       Source  v0.2.0 (2fe3467) ready in [TIME]
    error: the image kubewright/test-mirror/kube-cross:v1.34.0-go1.[N]-bullseye.0 has go1.[N], and the tree asks for go1.[N]

    hint: `--image kubewright/test-mirror/kube-cross:v1.34.0-go1.[N]-bullseye.0` builds with it all the same
    [exit code 3]
    ");
    engine.docker(&["rmi", &wanted.to_string()]);
}

#[test]
fn an_image_is_looked_at_once() {
    let Some(engine) = TestEngine::find() else {
        return;
    };
    let environment = engine.environment();
    let plan = || environment.kubewright(&engine.build("--dry-run")).success();
    let first = plan().stdout;
    let images = environment.path("home/images");
    let notes: Vec<_> = std::fs::read_dir(&images).unwrap().collect();
    let [Ok(note)] = notes.as_slice() else {
        panic!("{notes:?}");
    };
    let version = std::fs::read_to_string(note.path()).unwrap();
    assert!(first.contains(&format!("go{version}")), "{first}");
    // It is the note that is believed from then on.
    std::fs::write(note.path(), "1.0.7").unwrap();
    assert!(plan().stdout.contains("go1.0.7"));
}

#[test]
fn what_is_no_name_of_an_image_is_a_mistake_of_usage() {
    let Some(engine) = TestEngine::find() else {
        return;
    };
    let environment = engine.environment();
    let run =
        environment.kubewright("build component kubectl --repo demo --executor docker --image -x:");
    run.code(2);
}

#[test]
fn an_image_is_pulled_once_and_named_by_its_digest() {
    let Some(own) = OwnEngine::start(&[]) else {
        return;
    };
    let environment = own.engine().environment();
    let registry = own.registry(Platform::host().arch(), Trouble::None);
    let line = format!(
        "build component kubectl --repo demo --executor docker --force --image {}",
        registry.image()
    );
    environment.kubewright(&line).success();
    environment
        .kubewright(&format!("{line} -- AGAIN=1"))
        .success();
    assert_eq!(registry.pulls(), 1);
    let image = environment.manifest().plan.unwrap().image.unwrap();
    assert_eq!(image.origin, Some(ImageOrigin::Registry));
    assert!(image.digest.unwrap().starts_with("sha256:"));
}

#[test]
fn a_pull_that_breaks_off() {
    // Engines try again several times, with pauses.
    let Some(own) = OwnEngine::start(&["--max-download-attempts=1"]) else {
        return;
    };
    let engine = own.engine();
    let environment = engine.environment();
    let registry = own.registry(Platform::host().arch(), Trouble::BreaksOff);
    let line = format!(
        "build component kubectl --repo demo --executor docker --force --image {}",
        registry.image()
    );
    let failed = environment.kubewright(&line).code(4);
    assert!(
        failed.stderr.contains(" cannot be had") && failed.stderr.contains("EOF"),
        "{failed}"
    );
    assert_eq!(registry.pulls(), 1);
    assert_eq!(engine.docker(&["ps", "-aq"]), Vec::<String>::new());
}

#[test]
fn an_image_for_another_platform() {
    let Some(own) = OwnEngine::start(&[]) else {
        return;
    };
    let engine = own.engine();
    let environment = engine.environment();
    let registry = own.registry("s390x", Trouble::None);
    let line = format!(
        "build component kubectl --repo demo --executor docker --force --image {}",
        registry.image()
    );
    let failed = environment.kubewright(&line).code(4);
    assert!(failed.stderr.contains("s390x"), "{failed}");
    assert_eq!(engine.docker(&["ps", "-aq"]), Vec::<String>::new());
}
