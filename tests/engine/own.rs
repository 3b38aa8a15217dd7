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
    let build = environment.start(&engine.build("--force -v -- FAKE=wait"));
    build.wait_for("waiting");
    own.end(Signal::TERM);
    let ended = build.wait().code(7);
    assert!(
        ended.stderr.contains("ended from outside") || ended.stderr.contains("connection"),
        "{ended}"
    );
    environment.kubewright("engine gc").code(7);
    own.restart();
    environment.kubewright(&engine.build("--force")).success();
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
    let build = environment.start(&engine.build("--force -v -- FAKE=wait"));
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
    environment.kubewright(&engine.build("--force")).success();
}

#[test]
fn an_engine_whose_disk_is_full() {
    let Some(own) = OwnEngine::start(&[]) else {
        return;
    };
    // In a volume, and in what belongs to the container alone.
    for file in ["/cache/filler", "/tmp/filler"] {
        let engine = own.engine();
        let environment = engine.environment();
        let line = engine.build(&format!("--force -- FAKE=fill FILE={file}"));
        let full = environment.kubewright(&line).code(6);
        assert!(
            full.stderr.contains("the engine's disk is full")
                && full.stderr.contains("`kubewright engine gc --all`"),
            "{full}"
        );
        environment.kubewright("engine gc --all").success();
        for kind in [
            &["ps", "-aq"][..],
            &["volume", "ls", "-q"],
            &["image", "ls", "-q"],
        ] {
            assert_eq!(engine.docker(kind), Vec::<String>::new());
        }
    }
}

#[test]
fn an_engine_that_has_no_room_for_a_container() {
    let Some(own) = OwnEngine::start(&[]) else {
        return;
    };
    let engine = own.engine();
    let environment = engine.environment();
    let filler = own.path("data/filler");
    std::fs::write(&filler, vec![0; 100 << 20]).unwrap_err();
    let full = environment.kubewright(&engine.build("--force")).code(6);
    assert!(
        full.stderr.contains("the container engine's disk is full"),
        "{full}"
    );
    std::fs::remove_file(&filler).unwrap();
    environment.kubewright(&engine.build("--force")).success();
    assert_eq!(engine.docker(&["ps", "-aq"]), Vec::<String>::new());
}

#[test]
fn a_tree_whose_disk_is_full() {
    let Some(own) = OwnEngine::start(&[]) else {
        return;
    };
    let engine = own.engine();
    let environment = engine.environment();
    let disk = own.small_disk("16m");
    let tree = environment.clone_demo(disk.join("tree").to_str().unwrap(), "v0.2.0");
    let line = format!(
        "build component kubectl --source {} --executor docker --image {} --force -- FAKE=fill FILE=_output/filler",
        tree.display(),
        engine.image
    );
    let full = environment.kubewright(&line).code(6);
    assert!(
        full.stderr
            .contains("the disk of the tree is full, not the engine's"),
        "{full}"
    );
    assert!(!full.stderr.contains("engine gc"), "{full}");
}

#[test]
fn a_disk_that_is_full_while_a_release_is_packed() {
    let Some(own) = OwnEngine::start(&[]) else {
        return;
    };
    let engine = own.engine();
    let environment = engine.release_environment();
    // Room for what is compiled, and not for what is packed of it.
    let disk = own.small_disk("16m");
    let tree = environment.clone_demo(disk.join("tree").to_str().unwrap(), "v0.2.0");
    let line = format!(
        "build target quick-release --source {} --image {} --force",
        tree.display(),
        engine.image
    );
    let full = environment.kubewright(&line).code(6);
    assert_eq!(full.stdout, "");
    let failed = environment.manifest();
    assert_eq!(failed.artifacts, []);
    assert_eq!(failed.steps.last().unwrap().step, "package");
    assert_eq!(failed.steps[0].attempts[0].exit_code, Some(0));
    // With more room it goes on.
    environment
        .bash(
            environment.root(),
            &format!("mount -o remount,size=96m {}", disk.display()),
        )
        .success();
    let resumed = environment
        .kubewright(&format!("{line} --resume {}", failed.run))
        .success();
    assert_eq!(resumed.lines().len(), 4, "{resumed}");
    environment.kubewright("artifacts verify").success();
}

#[test]
fn what_others_have_on_the_engine_stays() {
    let Some(own) = OwnEngine::start(&[]) else {
        return;
    };
    let engine = own.engine();
    let environment = engine.environment();
    engine.docker(&["tag", &engine.image, "others/image:v1"]);
    let mut containers = engine.docker(&["create", "--name", "others", "others/image:v1", "make"]);
    // Containers have the labels of their images, and a stand-in was made by a process that is long gone.
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap();
    let namespace = std::fs::metadata("/proc/self/ns/pid").unwrap();
    let owner = format!(
        "kubewright.owner={}/{}/1/987654321",
        boot.trim(),
        std::os::unix::fs::MetadataExt::ino(&namespace)
    );
    let inherited = engine.docker(&[
        "create",
        "--name",
        "inherited",
        "--label",
        "kubewright.purpose=stand-in",
        "--label",
        "kubewright.run=",
        "--label",
        &owner,
        "others/image:v1",
        "make",
    ]);
    containers.splice(..0, inherited);
    engine.docker(&["volume", "create", "--label", "kubewright=yes", "others"]);
    environment.kubewright(&engine.build("--force")).success();
    environment.kubewright("engine gc --all").success();
    assert_eq!(engine.docker(&["ps", "-aq", "--no-trunc"]), containers);
    assert_eq!(engine.docker(&["volume", "ls", "-q"]), ["others"]);
    let images = engine.docker(&["image", "ls", "--format", "{{.Repository}}:{{.Tag}}"]);
    assert!(images.contains(&"others/image:v1".to_owned()), "{images:?}");
}
