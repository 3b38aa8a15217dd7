//! Building, and what is left behind.

use std::fs;
use std::path::Path;

use insta::assert_snapshot;

use crate::harness::{TestEnvironment, host_platform};

#[test]
fn a_component_is_built_once() {
    let environment = TestEnvironment::warm(&["v0.2.0"]);
    let first = environment
        .kubewright("build component kubectl --repo demo")
        .success();
    assert_snapshot!(first, @r"
    [ROOT]/home/runs/[RUN]/artifacts/[PLATFORM]/kubectl
    ------- stderr -------
       Source  v0.2.0 (2fe3467) ready in [TIME]
    Preflight  [HOST]
               [CHOICE]
    Toolchain  go1.[N] from PATH, as asked for
     Building  kubectl [PLATFORM]
     Finished  kubectl v0.2.0 [PLATFORM] · [SIZE] · sha256 [SHA] · [TIME] · run [RUN]
    ");
    let file = Path::new(first.stdout.trim_end());
    let version = environment
        .finish(
            environment
                .program(file.to_str().unwrap())
                .args(["version", "--client"]),
        )
        .success();
    assert_snapshot!(version, @r"Client Version: v0.2.0");

    let again = environment
        .kubewright("build component kubectl --repo demo")
        .success();
    assert_snapshot!(again, @r"
    [ROOT]/home/runs/[RUN]/artifacts/[PLATFORM]/kubectl
    ------- stderr -------
       Source  v0.2.0 (2fe3467) ready in [TIME]
    Preflight  [HOST]
               [CHOICE]
    Toolchain  go1.[N] from PATH, as asked for
        Fresh  kubectl v0.2.0 [PLATFORM] · [SIZE] · sha256 [SHA] · built by run [RUN]
    ");
    assert_eq!(
        fs::read(file).unwrap(),
        fs::read(again.stdout.trim_end()).unwrap()
    );
    assert!(environment.manifest().steps[0].reused);

    // As one of several it needs no build of its own either, but the others do.
    let both = environment
        .kubewright("build component kubeadm kubectl --repo demo")
        .success();
    assert_snapshot!(both, @r"
    [ROOT]/home/runs/[RUN]/artifacts/[PLATFORM]/kubeadm
    [ROOT]/home/runs/[RUN]/artifacts/[PLATFORM]/kubectl
    ------- stderr -------
       Source  v0.2.0 (2fe3467) ready in [TIME]
    Preflight  [HOST]
               [CHOICE]
    Toolchain  go1.[N] from PATH, as asked for
     Building  kubeadm kubectl [PLATFORM]
     Finished  kubeadm v0.2.0 [PLATFORM] · [SIZE] · sha256 [SHA] · [TIME] · run [RUN]
     Finished  kubectl v0.2.0 [PLATFORM] · [SIZE] · sha256 [SHA] · [TIME] · run [RUN]
         Done  2 artifacts · [TIME] · run [RUN]
    ");
    assert_eq!(environment.manifest().steps.len(), 1);
}

#[test]
fn what_a_run_leaves_behind_is_listed_and_verified() {
    let environment = TestEnvironment::warm(&["v0.2.0"]);
    assert_snapshot!(environment.kubewright("artifacts verify"), @r"
    ------- stderr -------
    error: there are no runs yet

    hint: `kubewright demo` makes the first one
    [exit code 2]
    ");
    assert_snapshot!(environment.kubewright("logs"), @r"
    ------- stderr -------
    error: there are no runs yet

    hint: `kubewright demo` makes the first one
    [exit code 2]
    ");
    assert_snapshot!(environment.kubewright("runs list"), @r"RUN  STARTED  TOOK  STATUS  VERSION  REF  WHAT");

    let built = environment
        .kubewright("build component kubectl kubeadm --repo demo --out out")
        .success();
    assert_snapshot!(built, @r"
    out/[PLATFORM]/kubeadm
    out/[PLATFORM]/kubectl
    ------- stderr -------
       Source  v0.2.0 (2fe3467) ready in [TIME]
    Preflight  [HOST]
               [CHOICE]
    Toolchain  go1.[N] from PATH, as asked for
     Building  kubeadm kubectl [PLATFORM]
     Finished  kubeadm v0.2.0 [PLATFORM] · [SIZE] · sha256 [SHA] · [TIME] · run [RUN]
     Finished  kubectl v0.2.0 [PLATFORM] · [SIZE] · sha256 [SHA] · [TIME] · run [RUN]
         Done  2 artifacts · [TIME] · run [RUN]
    ");
    assert_eq!(
        names(&environment.path("work/out")),
        [
            "SHA256SUMS",
            "SHA512SUMS",
            host_platform().split('/').next().unwrap()
        ]
    );
    let run = environment.manifest().run;
    assert_eq!(
        names(&environment.path(&format!("home/runs/{run}"))),
        [
            "artifacts",
            "events.jsonl",
            "make-kubeadm-kubectl.log",
            "manifest.json",
            "version"
        ]
    );

    assert_snapshot!(environment.kubewright("artifacts verify out"), @r"
    ------- stderr -------
    2 artifacts in out are what was built
    ");
    assert_snapshot!(environment.kubewright("artifacts verify"), @r"
    ------- stderr -------
    2 artifacts in [ROOT]/home/runs/[RUN]/artifacts are what was built
    ");
    let listed = environment
        .kubewright("artifacts list --format json")
        .success()
        .json();
    assert_eq!(listed["artifacts"].as_array().unwrap().len(), 2);
    assert_eq!(listed["artifacts"][0]["reference"], "v0.2.0");
    // Words apart: what the columns are filled up with differs from machine to machine.
    let row = |line: &str| {
        let listed = environment.kubewright(line).success();
        let words = listed.lines()[1].split_whitespace();
        words.collect::<Vec<_>>().join(" ")
    };
    let artifact = format!("kubeadm {} v0.2.0 v0.2.0 ", host_platform());
    assert!(row("artifacts list").contains(&artifact));
    assert!(row("runs list").ends_with(" succeeded v0.2.0 v0.2.0 component kubectl kubeadm"));
    assert!(
        environment
            .kubewright("logs")
            .success()
            .stdout
            .contains("Building go targets")
    );
}

#[test]
fn a_changed_byte_is_found() {
    let environment = TestEnvironment::warm(&["v0.2.0"]);
    environment
        .kubewright("build component kubectl kubeadm --repo demo -q")
        .success();
    let run = environment.manifest().run;
    environment
        .run(&["artifacts", "export", &run, "exported"])
        .success();
    environment
        .kubewright("artifacts verify exported")
        .success();
    let kubectl = environment.path(&format!("work/exported/{}/kubectl", host_platform()));
    let mut bytes = fs::read(&kubectl).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&kubectl, bytes).unwrap();
    assert_snapshot!(environment.kubewright("artifacts verify exported"), @r"
    ------- stderr -------
    error: 1 of 2 artifacts in `exported` is not what was built: [PLATFORM]/kubectl has changed
    [exit code 10]
    ");
    fs::remove_file(&kubectl).unwrap();
    assert_snapshot!(environment.kubewright("artifacts verify exported"), @r"
    ------- stderr -------
    error: 1 of 2 artifacts in `exported` is not what was built: [PLATFORM]/kubectl cannot be read
    [exit code 10]
    ");
    // An export is a copy: the run itself is as it was.
    environment.kubewright("artifacts verify").success();

    environment
        .kubewright("build component kubectl --repo demo -q")
        .success();
    assert_snapshot!(environment.kubewright("runs gc --keep 1"), @r"
    ------- stderr -------
    removed run [RUN] with kubeadm [PLATFORM] v0.2.0 and 1 more, [SIZE]
    removed 1 run, [SIZE] of artifacts
    ");
    assert_eq!(environment.runs().len(), 1);
    environment.kubewright("artifacts verify").success();
}

#[test]
fn failed_runs_go_before_artifacts() {
    let environment = TestEnvironment::warm(&["v0.2.0"]);
    environment
        .kubewright("build component kubectl --repo demo -q")
        .success();
    for _ in 0..2 {
        environment
            .kubewright("build component kubctl --repo demo -q")
            .code(2);
    }
    assert_snapshot!(environment.kubewright("runs gc --keep 1 --dry-run"), @r"
    ------- stderr -------
    would remove 2 runs, [SIZE] of artifacts
    ");
    assert_eq!(environment.runs().len(), 3);
    environment.kubewright("runs gc --keep 1").success();
    assert_eq!(environment.runs().len(), 1);
    environment.kubewright("artifacts verify").success();
}

#[test]
fn a_run_that_was_removed_takes_its_artifacts_along() {
    let environment = TestEnvironment::warm(&["v0.2.0"]);
    environment
        .kubewright("build component kubectl --repo demo -q")
        .success();
    environment.kubewright("runs gc --keep 0").success();
    assert_eq!(environment.runs().len(), 0);
    // Go finds the binary up to date: what counts is that it is handed out again.
    let again = environment
        .kubewright("build component kubectl --repo demo")
        .success();
    assert_snapshot!(again, @r"
    [ROOT]/home/runs/[RUN]/artifacts/[PLATFORM]/kubectl
    ------- stderr -------
       Source  v0.2.0 (2fe3467) ready in [TIME]
    Preflight  [HOST]
               [CHOICE]
    Toolchain  go1.[N] from PATH, as asked for
     Building  kubectl [PLATFORM]
     Finished  kubectl v0.2.0 [PLATFORM] · [SIZE] · sha256 [SHA] · [TIME] · run [RUN]
    ");
}

#[test]
fn all_components_are_built_and_a_single_one_is_taken_from_there() {
    let environment = TestEnvironment::warm(&["v0.2.0"]);
    let all = environment.kubewright("build all --repo demo").success();
    assert_snapshot!(all, @r"
    [ROOT]/home/runs/[RUN]/artifacts/[PLATFORM]/kube-apiserver
    [ROOT]/home/runs/[RUN]/artifacts/[PLATFORM]/kubelet
    [ROOT]/home/runs/[RUN]/artifacts/[PLATFORM]/kubeadm
    [ROOT]/home/runs/[RUN]/artifacts/[PLATFORM]/kubectl
    ------- stderr -------
       Source  v0.2.0 (2fe3467) ready in [TIME]
    Preflight  [HOST]
               [CHOICE]
    Toolchain  go1.[N] from PATH, as asked for
     Building  all [PLATFORM]
     Finished  kube-apiserver v0.2.0 [PLATFORM] · [SIZE] · sha256 [SHA] · [TIME] · run [RUN]
     Finished  kubelet v0.2.0 [PLATFORM] · [SIZE] · sha256 [SHA] · [TIME] · run [RUN]
     Finished  kubeadm v0.2.0 [PLATFORM] · [SIZE] · sha256 [SHA] · [TIME] · run [RUN]
     Finished  kubectl v0.2.0 [PLATFORM] · [SIZE] · sha256 [SHA] · [TIME] · run [RUN]
         Done  4 artifacts · [TIME] · run [RUN]
    ");
    let single = environment
        .kubewright("build component kubelet --repo demo")
        .success();
    assert_snapshot!(single, @r"
    [ROOT]/home/runs/[RUN]/artifacts/[PLATFORM]/kubelet
    ------- stderr -------
       Source  v0.2.0 (2fe3467) ready in [TIME]
    Preflight  [HOST]
               [CHOICE]
    Toolchain  go1.[N] from PATH, as asked for
        Fresh  kubelet v0.2.0 [PLATFORM] · [SIZE] · sha256 [SHA] · built by run [RUN]
    ");
}

#[test]
fn other_platforms_are_built_in_steps_of_their_own() {
    let environment = TestEnvironment::warm(&["v0.2.0"]);
    let built = environment
        .kubewright("build component kubectl --repo demo --platform windows/amd64,darwin/arm64")
        .success();
    assert_snapshot!(built, @r"
    [ROOT]/home/runs/[RUN]/artifacts/windows/amd64/kubectl.exe
    [ROOT]/home/runs/[RUN]/artifacts/darwin/arm64/kubectl
    ------- stderr -------
       Source  v0.2.0 (2fe3467) ready in [TIME]
    Preflight  [HOST]
               [CHOICE]
    Toolchain  go1.[N] from PATH, as asked for
     Building  kubectl windows/amd64
     Finished  kubectl v0.2.0 windows/amd64 · [SIZE] · sha256 [SHA] · [TIME] · run [RUN]
     Building  kubectl darwin/arm64
     Finished  kubectl v0.2.0 darwin/arm64 · [SIZE] · sha256 [SHA] · [TIME] · run [RUN]
         Done  2 artifacts · [TIME] · run [RUN]
    ");
    let manifest = environment.manifest();
    assert_eq!(manifest.steps.len(), 2);
    let platforms: Vec<_> = manifest
        .artifacts
        .iter()
        .map(|artifact| artifact.platform.clone().unwrap().to_string())
        .collect();
    assert_eq!(platforms, ["windows/amd64", "darwin/arm64"]);
}

#[test]
fn variables_of_make_make_another_binary() {
    let mut environment = TestEnvironment::warm(&["v0.2.0"]);
    environment
        .kubewright("build component kubectl --repo demo -q")
        .success();
    let stripped = environment.manifest().artifacts.remove(0);
    environment
        .kubewright("build component kubectl --repo demo -q -- DBG=1")
        .success();
    let manifest = environment.manifest();
    let debug = &manifest.artifacts[0];
    assert!(!manifest.steps[0].reused);
    assert_ne!(debug.key, stripped.key);
    assert!(debug.size > stripped.size);
    let sections = |run: &str, path: &str| {
        let file = fs::read(environment.path("home/runs").join(run).join(path)).unwrap();
        let file = object::File::parse(&*file).unwrap();
        object::Object::section_by_name(&file, ".debug_info").is_some()
            || object::Object::section_by_name(&file, ".zdebug_info").is_some()
    };
    assert!(
        sections(&manifest.run, &debug.path),
        "the debug binary is stripped"
    );
    let reproduce = manifest.reproduce.unwrap().join(" ");
    let go = manifest.plan.unwrap().toolchain.version;
    // The host's Go may be the one that the tree names.
    let neutral = reproduce
        .replace(&host_platform(), "[PLATFORM]")
        .replace(&format!(" --go {go}"), "");
    assert_snapshot!(neutral, @r"kubewright build component kubectl --repo demo --ref v0.2.0 --platform [PLATFORM] -- DBG=1");
    // The command of the manifest leads to the same artifact, whatever the settings are.
    environment.set("KUBEWRIGHT_GO", "tree");
    let line = reproduce.strip_prefix("kubewright ").unwrap();
    environment.kubewright(line).success().says("Fresh");
    // What ran nothing has no log, and says so.
    environment.kubewright("logs").success().says("ran no step");
}

#[test]
fn targets_of_the_makefile_run_as_they_are() {
    let environment = TestEnvironment::new();
    let output = environment.checkout("v0.2.0").join("_output");
    fs::create_dir_all(output.join("local/bin")).unwrap();
    let clean = environment
        .kubewright("build target clean --repo demo")
        .success();
    assert_snapshot!(clean, @r"
    ------- stderr -------
       Source  v0.2.0 (2fe3467) ready in [TIME]
    Preflight  [HOST]
    Toolchain  go1.[N] from PATH, as asked for
     Building  clean
         Done  [TIME] · run [RUN]
    ");
    assert!(!output.exists());
    // What is there for what it prints is data, whether it is a target or any target's own help.
    let help = environment
        .kubewright("build target help --repo demo")
        .success();
    assert!(help.stdout.contains("quick-release"), "{help}");
    let log = environment.kubewright("logs").success();
    assert_eq!(log.stdout.trim_end(), help.stdout.trim_end());
    let events = environment
        .kubewright("build target help --repo demo --message-format json")
        .success();
    for line in events.lines() {
        serde_json::from_str::<serde_json::Value>(line).unwrap();
    }
    let verify = environment
        .kubewright("build target verify --repo demo -- PRINT_HELP=y")
        .success();
    assert!(verify.stdout.contains("WHAT: Checks to run"), "{verify}");
    let component = environment
        .kubewright("build target kubectl --repo demo --dry-run")
        .success();
    assert!(
        component.stdout.contains("leaves  _output/local/bin/"),
        "{component}"
    );
}

#[test]
fn checks_and_tests_of_the_tree_are_targets_too() {
    let environment = TestEnvironment::warm(&["v0.2.0"]);
    let verify = environment.kubewright("build target verify --repo demo");
    assert_snapshot!(verify, @r"
    ------- stderr -------
       Source  v0.2.0 (2fe3467) ready in [TIME]
    Preflight  [HOST]
    Toolchain  go1.[N] from PATH, as asked for
     Building  verify
         Done  [TIME] · run [RUN]
    ");
    let test = environment
        .kubewright("build target test --repo demo -- WHAT=./pkg/api/resource KUBE_RACE=");
    assert_snapshot!(test, @r"
    ------- stderr -------
       Source  v0.2.0 (2fe3467) ready in [TIME]
    Preflight  [HOST]
    Toolchain  go1.[N] from PATH, as asked for
     Building  test
         Done  [TIME] · run [RUN]
    ");
    let log = environment.kubewright("logs").success();
    assert!(
        log.stdout
            .contains("ok  \tk8s.io/kubernetes/pkg/api/resource"),
        "{log}"
    );
}

#[test]
fn recipes_are_built() {
    let environment = TestEnvironment::warm(&["v0.2.0"]);
    environment.write(
        "work/mine.toml",
        "summary = \"Mine\"\n\n[source]\nrepo = \"demo\"\nref = \"v0.2.0\"\n\n[build]\ncomponents = [\"kubeadm\"]\n\n[limits]\njobs = 1\n",
    );
    assert_snapshot!(environment.kubewright("recipes check mine.toml"), @r"
    ------- stderr -------
    mine.toml is a valid recipe: Mine
    ");
    assert_snapshot!(environment.kubewright("build recipe mine.toml").success(), @r"
    [ROOT]/home/runs/[RUN]/artifacts/[PLATFORM]/kubeadm
    ------- stderr -------
       Source  v0.2.0 (2fe3467) ready in [TIME]
    Preflight  [HOST]
               [CHOICE]
    Toolchain  go1.[N] from PATH, as asked for
     Building  kubeadm [PLATFORM]
     Finished  kubeadm v0.2.0 [PLATFORM] · [SIZE] · sha256 [SHA] · [TIME] · run [RUN]
    ");
    assert_eq!(environment.manifest().steps[0].attempts[0].attempt.jobs, 1);
    // What stands on the command line beats the recipe.
    environment
        .kubewright("build recipe mine.toml --jobs 2 -q -- GOLDFLAGS=-v")
        .success();
    assert_eq!(environment.manifest().steps[0].attempts[0].attempt.jobs, 2);
    assert_snapshot!(environment.kubewright("build recipe minimal-memory --repo demo").success(), @r"
    [ROOT]/home/runs/[RUN]/artifacts/[PLATFORM]/kubectl
    ------- stderr -------
       Source  v0.2.0 (2fe3467) ready in [TIME]
    Preflight  [HOST]
               [CHOICE]
    Toolchain  go1.[N] from PATH, as asked for
     Building  kubectl [PLATFORM]
     Finished  kubectl v0.2.0 [PLATFORM] · [SIZE] · sha256 [SHA] · [TIME] · run [RUN]
    ");
}

#[test]
fn quiet_says_nothing_and_verbose_says_all() {
    let environment = TestEnvironment::warm(&["v0.2.0"]);
    assert_snapshot!(environment.kubewright("build component kubectl --repo demo -q"), @r"[ROOT]/home/runs/[RUN]/artifacts/[PLATFORM]/kubectl");
    let verbose = environment
        .kubewright("build component kubeadm --repo demo -v")
        .success();
    assert!(
        verbose.stderr.contains("  Running  make kubeadm\n"),
        "{verbose}"
    );
    assert!(
        verbose.stderr.contains("Building go targets for"),
        "{verbose}"
    );
}

#[test]
fn a_tree_of_the_user_is_built_in_place() {
    let environment = TestEnvironment::new();
    let tree = environment.clone_demo("work/kubernetes", "v0.2.0");
    crate::harness::fill_cache(&tree);
    let built = environment
        .run_in(&tree.join("cmd"), &["build", "component", "kubectl"])
        .success();
    assert_snapshot!(built, @r"
    [ROOT]/home/runs/[RUN]/artifacts/[PLATFORM]/kubectl
    ------- stderr -------
       Source  [ROOT]/work/kubernetes (2fe3467) as v0.2.0 ready in [TIME]
    Preflight  [HOST]
               [CHOICE]
    Toolchain  go1.[N] from PATH, as asked for
     Building  kubectl [PLATFORM]
     Finished  kubectl v0.2.0 [PLATFORM] · [SIZE] · sha256 [SHA] · [TIME] · run [RUN]
    ");
    assert!(
        tree.join("_output/local/bin")
            .join(host_platform())
            .join("kubectl")
            .exists()
    );
    let status = environment
        .bash(&tree, "git status --porcelain --ignored")
        .success();
    assert_snapshot!(status, @r"!! _output/");
    // Whoever removes the binary expects it to come back.
    fs::remove_dir_all(tree.join("_output/local/bin")).unwrap();
    environment
        .run_in(&tree, &["build", "component", "kubectl", "-q"])
        .success();
    assert!(
        tree.join("_output/local/bin")
            .join(host_platform())
            .join("kubectl")
            .exists()
    );
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn a_manifest_that_cannot_be_read_is_said() {
    let environment = TestEnvironment::new();
    environment.write("home/runs/abcdef/manifest.json", "{}");
    environment
        .kubewright("runs list")
        .success()
        .says("warning: the manifest of run abcdef cannot be read: missing field `schema`");
}
