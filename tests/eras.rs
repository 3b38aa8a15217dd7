//! Trees of other times, and trees that lack something: what cannot be built is said before it starts.

use std::fs;
use std::path::Path;

use insta::assert_snapshot;

use crate::harness::{CommandOutput, TestEnvironment, fill_cache};

const COMMIT: &str = "git add -A && git -c user.name=A -c user.email=a@b.invalid commit -qm Mine";

/// What a refused build says, without the commit's id, which every run of the test gives anew.
fn refusal(run: &CommandOutput) -> &str {
    assert_eq!(run.code, Some(3), "{run}");
    let at = run.stderr.find("error: ").unwrap();
    &run.stderr[at..]
}

#[test]
fn a_tree_without_its_dotfiles() {
    let environment = TestEnvironment::new();
    let tree = environment.clone_demo("work/kubernetes", "v0.2.0");
    fs::remove_file(tree.join(".go-version")).unwrap();
    environment.bash(&tree, COMMIT).success();
    let build = |go: &str| {
        let build = ["build", "component", "kubectl", "--go", go];
        environment.run_in(&tree, &build)
    };
    assert_snapshot!(refusal(&build("tree")), @r"
    error: the build was not started: `.go-version` is missing, from which the build scripts read which Go to use: the tree was copied without its dotfiles

    hint: Build with the Go that `build/build-image/cross/VERSION` names: `--go 1.24.6`. Or copy the file from where the tree comes from.
    ");
    fill_cache(&tree);
    // Whoever says which Go builds need not mend the tree.
    build("host").success();
}

#[test]
fn a_tree_that_asks_for_a_go_that_is_too_old() {
    let environment = TestEnvironment::new();
    let tree = environment.clone_demo("work/kubernetes", "v0.1.0");
    fs::write(tree.join("build/build-image/cross/VERSION"), "v1.6.3-9\n").unwrap();
    environment.bash(&tree, COMMIT).success();
    let run = environment.run_in(&tree, &["build", "component", "kubectl", "--go", "tree"]);
    assert_snapshot!(refusal(&run), @r"
    error: the build was not started: the tree asks for go1.6.3 (`build/build-image/cross/VERSION`), and kubewright builds with go1.7 and newer: it is of a Kubernetes before 1.5

    hint: Build a newer one, `--ref v1.5.0` say; or try the oldest Go that there is: `--go 1.7.6`.
    ");
}

#[test]
fn a_file_that_is_compiled_is_missing() {
    let environment = TestEnvironment::new();
    let tree = environment.clone_demo("work/kubernetes", "v0.2.0");
    let build = |tree: &Path| environment.run_in(tree, &["build", "component", "kubectl"]);
    fs::remove_file(tree.join("cmd/kubeadm/kubeadm.go")).unwrap();
    fill_cache(&tree);
    build(&tree).success();
    fs::remove_file(tree.join("pkg/printers/printers.go")).unwrap();
    assert_snapshot!(build(&tree), @r"
    ------- stderr -------
       Source  [ROOT]/work/kubernetes (2fe3467) as v0.2.0-dirty with 2 changed ready in [TIME]
    Preflight  [HOST]
               [CHOICE]
    error: the build was not started: `pkg/printers/printers.go` is missing from the checkout, and kubectl is compiled from it

    hint: To put it back, type `git -C [ROOT]/work/kubernetes checkout -- pkg/printers`.
    [exit code 3]
    ");
}
