//! The version that binaries say they are.

use std::fs;
use std::path::Path;

use insta::assert_snapshot;

use crate::harness::{CommandOutput, TestEnvironment, fill_cache};

fn version(environment: &TestEnvironment, built: &CommandOutput) -> String {
    let binary = built.stdout.trim_end();
    let mut command = environment.program(binary);
    let output = environment.finish(command.args(["version", "--client"]));
    output.success().stdout
}

#[test]
fn past_a_tag() {
    let environment = TestEnvironment::warm(&["master"]);
    let built = environment
        .kubewright("build component kubectl --repo demo --ref master -q")
        .success();
    assert_snapshot!(version(&environment, &built), @r"Client Version: v0.2.0-1+b7025eb716c879");
}

#[test]
fn past_a_tag_before_a_release() {
    let environment = TestEnvironment::new();
    let master = environment.checkout("master");
    let past = environment
        .bash(&master, "git rev-parse v0.2.0~1")
        .success();
    let reference = past.stdout.trim_end();
    fill_cache(&environment.checkout(reference));
    let built = environment
        .run(&[
            "build",
            "component",
            "kubectl",
            "--repo",
            "demo",
            "--ref",
            reference,
            "-q",
        ])
        .success();
    assert_snapshot!(version(&environment, &built), @r"Client Version: v0.2.0-alpha.0.1+513001899910ad");
}

#[test]
fn a_tree_of_the_user_as_it_is() {
    let environment = TestEnvironment::new();
    let tree = environment.clone_demo("work/kubernetes", "v0.2.0");
    fill_cache(&tree);
    let build = |tree: &Path| {
        let built = environment
            .run_in(tree, &["build", "component", "kubectl"])
            .success();
        (version(&environment, &built), built)
    };
    assert_snapshot!(build(&tree).0, @r"Client Version: v0.2.0");
    // A new file that Git does not know is enough.
    fs::write(tree.join("notes.txt"), "mine").unwrap();
    let (dirty, output) = build(&tree);
    assert_snapshot!(dirty, @r"Client Version: v0.2.0-dirty");
    assert_snapshot!(output, @r"
    [ROOT]/home/runs/[RUN]/artifacts/[PLATFORM]/kubectl
    ------- stderr -------
       Source  [ROOT]/work/kubernetes (2fe3467) as v0.2.0-dirty with 1 changed ready in [TIME]
    Preflight  [HOST]
               [CHOICE]
    Toolchain  go1.[N] from PATH, as asked for
         Note  1 file differs from the commit, so the version ends in -dirty and nothing is taken from earlier runs
     Building  kubectl [PLATFORM]
     Finished  kubectl v0.2.0-dirty [PLATFORM] · [SIZE] · sha256 [SHA] · [TIME] · run [RUN]
    ");
    // The same dirt is not taken for the same source.
    assert!(
        !environment
            .run_in(&tree, &["build", "component", "kubectl"])
            .success()
            .stderr
            .contains("Fresh")
    );
    environment
        .bash(
            &tree,
            "git add . && git -c user.name=A -c user.email=a@b.invalid commit -qm Mine",
        )
        .success();
    assert!(build(&tree).0.starts_with("Client Version: v0.2.0-1+"));
}

#[test]
fn one_key_gives_the_same_bytes_in_every_folder() {
    let environment = TestEnvironment::warm(&["v0.2.0"]);
    let tree = environment.clone_demo("work/kubernetes", "v0.2.0");
    fill_cache(&tree);
    let artifact = |build: &[&str]| {
        environment.run(build).success();
        let artifact = environment.manifest().artifacts.remove(0);
        // What is not there cannot be taken from an earlier run.
        fs::remove_dir_all(environment.path("home/runs")).unwrap();
        artifact
    };
    let kubectl = ["build", "component", "kubectl"];
    let first = artifact(&[&kubectl[..], &["--repo", "demo", "--ref", "v0.2.0"]].concat());
    let folder = tree.to_string_lossy();
    let second = artifact(&[&kubectl[..], &["--source", &folder]].concat());
    assert_eq!((first.key, first.sha256), (second.key, second.sha256));
    // Nor does it depend on which tags there are: the stamp is upstream's, not Go's.
    let settings = first.go.unwrap().settings;
    assert!(
        settings.keys().all(|name| !name.starts_with("vcs")),
        "{settings:?}"
    );
}
