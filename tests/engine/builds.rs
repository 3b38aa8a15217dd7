//! Builds that end well.

use std::fs;

use kubewright::platform::Platform;

use crate::harness::{OwnEngine, TestEngine, Trouble, host_platform};

#[test]
fn a_component_is_built_and_nothing_is_left() {
    let Some(engine) = TestEngine::find() else {
        return;
    };
    let environment = engine.environment();
    let built = environment.kubewright(&engine.build("")).success();
    let artifact = fs::metadata(built.lines()[0]).unwrap();
    assert!(artifact.len() > 0);
    let manifest = environment.manifest();
    let plan = manifest.plan.unwrap();
    assert_eq!(
        plan.image.unwrap().digest.unwrap().len(),
        "sha256:".len() + 64
    );
    assert!(manifest.engine.is_some());
    assert_eq!(plan.steps[0].executor, kubewright::plan::Executor::Docker);
    assert_eq!(engine.of_run(&manifest.run), Vec::<String>::new());
    // The version comes from a file outside the tree, of which nothing is left in it.
    let log = environment.kubewright("logs").success();
    assert!(
        log.stdout.contains("version file: KUBE_GIT_COMMIT="),
        "{log}"
    );
    let tree = environment.checkout("v0.2.0");
    let state = environment
        .bash(&tree, "git status --porcelain --ignored")
        .success();
    assert_eq!(state.stdout, "!! _output/\n");
}

#[test]
fn a_second_build_has_nothing_to_do() {
    let Some(engine) = TestEngine::find() else {
        return;
    };
    let environment = engine.environment();
    environment.kubewright(&engine.build("")).success();
    let again = environment.kubewright(&engine.build("")).success();
    assert!(again.stderr.contains("Fresh  kubectl"), "{again}");
    // A native build of the same tree is something else.
    let plan = environment
        .kubewright("build component kubectl --repo demo --dry-run")
        .success();
    assert!(!plan.stdout.contains("_output/dockerized"), "{plan}");
}

#[test]
fn a_tree_that_is_sent_gives_the_same_bytes() {
    let Some(engine) = TestEngine::find() else {
        return;
    };
    let environment = engine.environment();
    let bound = environment.kubewright(&engine.build("")).success();
    let other = engine.environment();
    let sent = other.kubewright(&engine.build("--sync upload")).success();
    assert_eq!(
        fs::read(bound.lines()[0]).unwrap(),
        fs::read(sent.lines()[0]).unwrap()
    );
    let placed = other.checkout("v0.2.0").join(format!(
        "_output/dockerized/bin/{}/kubectl",
        host_platform()
    ));
    assert!(placed.exists());
    assert_eq!(engine.of_run(&other.manifest().run), Vec::<String>::new());
}

#[test]
fn changes_that_are_not_committed_are_sent_too() {
    let Some(engine) = TestEngine::find() else {
        return;
    };
    let environment = engine.environment();
    let tree = environment.clone_demo("mine", "v0.2.0");
    fs::write(tree.join("new.txt"), "new").unwrap();
    let line = format!(
        "build component kubectl --source {} --executor docker --image {} --sync upload",
        tree.display(),
        engine.image
    );
    environment.kubewright(&line).success();
    let version = environment.manifest().artifacts[0].version.clone();
    assert_eq!(version, None);
    let plan = environment.manifest().plan.unwrap();
    assert_eq!(plan.source.changes.len(), 1);
}

#[test]
fn ten_builds_at_once_do_not_disturb_each_other() {
    let Some(own) = OwnEngine::start(&[]) else {
        return;
    };
    let engine = own.engine();
    let registry = own.registry(Platform::host().arch(), Trouble::None);
    let line = |reference: &str| {
        let image = registry.image();
        format!(
            "build component kubectl --repo demo --executor docker --image {image} --force --ref {reference}"
        )
    };
    let copies: Vec<_> = (0..3).map(|_| engine.environment()).collect();
    let mut builds = Vec::new();
    for copy in &copies {
        for reference in ["v0.1.1", "v0.2.0-alpha.0", "v0.2.0"] {
            builds.push(copy.start(&line(reference)));
        }
    }
    builds.push(copies[0].start(&line("v0.2.0")));
    for build in builds {
        build.wait().success();
    }
    assert_eq!(registry.pulls(), 1);
    assert_eq!(engine.docker(&["ps", "-aq"]), Vec::<String>::new());
    // One cache for all, which goes last of all.
    assert_eq!(engine.docker(&["volume", "ls", "-q"]).len(), 1);
    copies[0].kubewright("engine gc --all").success();
    assert_eq!(engine.docker(&["volume", "ls", "-q"]), Vec::<String>::new());
}

#[test]
fn a_tree_whose_git_folder_is_elsewhere_is_stamped_right() {
    let Some(engine) = TestEngine::find() else {
        return;
    };
    let environment = engine.environment();
    let tree = environment.clone_demo("mine", "v0.2.0");
    environment
        .bash(&tree, "git worktree add --quiet --detach ../linked")
        .success();
    assert!(environment.path("linked/.git").is_file());
    for sync in ["bind", "upload"] {
        let line = format!(
            "build component kubectl --source {} --executor docker --image {} --sync {sync} -- AGAIN={sync}",
            environment.path("linked").display(),
            engine.image
        );
        environment.kubewright(&line).success();
        let log = environment.kubewright("logs").success();
        assert!(
            log.stdout.contains("KUBE_GIT_VERSION='v0.2.0'")
                && log.stdout.contains("KUBE_GIT_TREE_STATE='clean'"),
            "{log}"
        );
    }
}
