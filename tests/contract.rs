//! What kubewright reads from a tree is what the tree's own scripts say: on the embedded repository and, where
//! `KUBEWRIGHT_TEST_TREE` names one, on a real tree.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use kubewright::report::{Envelope, Event};

use crate::harness::{TestEnvironment, host_platform};

const REFERENCES: &[&str] = &["v0.1.0", "v0.1.1", "v0.2.0-alpha.0", "v0.2.0", "master"];

#[test]
fn the_embedded_repository_is_read_as_it_is() {
    let environment = TestEnvironment::new();
    for reference in REFERENCES {
        let tree = environment.clone_demo(&format!("work/{reference}"), reference);
        targets_are_those_of_make(&environment, &tree);
        stamp_is_that_of_the_tree(&environment, &tree);
    }
    // A change in the tree is in both stamps.
    let tree = environment.path("work/master");
    std::fs::write(tree.join("notes.txt"), "mine").unwrap();
    stamp_is_that_of_the_tree(&environment, &tree);
}

#[test]
fn a_named_tree_is_read_as_it_is() {
    let Some(tree) = std::env::var_os("KUBEWRIGHT_TEST_TREE") else {
        return;
    };
    let environment = TestEnvironment::new();
    let copy = environment.path("work/tree");
    let copied = std::process::Command::new("cp")
        .args(["-a", "--reflink=auto"])
        .args([&PathBuf::from(tree), &copy])
        .status();
    assert!(copied.unwrap().success());
    targets_are_those_of_make(&environment, &copy);
    stamp_is_that_of_the_tree(&environment, &copy);
}

#[test]
fn raw_make_puts_binaries_where_the_plan_expects_them() {
    let environment = TestEnvironment::new();
    for reference in ["v0.1.0", "v0.2.0"] {
        let tree = environment.clone_demo(&format!("work/{reference}"), reference);
        if reference == "v0.2.0" {
            crate::harness::fill_cache(&tree);
        }
        environment
            .bash(
                &tree,
                "TERM=dumb FORCE_HOST_GO=y GOTOOLCHAIN=local make kubectl kubeadm 2>&1",
            )
            .success();
        let steps = plan(&environment, &tree, "component kubectl kubeadm").steps;
        let expected: Vec<&str> = steps[0]
            .artifacts
            .iter()
            .map(|artifact| artifact.path.as_str())
            .collect();
        let platform = host_platform();
        assert_eq!(
            expected,
            [
                format!("_output/local/bin/{platform}/kubeadm"),
                format!("_output/local/bin/{platform}/kubectl")
            ]
        );
        for path in expected {
            assert!(tree.join(path).is_file(), "{reference}: {path}");
        }
    }
}

fn targets_are_those_of_make(environment: &TestEnvironment, tree: &Path) {
    // make's database: whatever the tree's Makefile makes of itself, and nothing is built.
    let database = environment.bash(
        tree,
        "make PRINT_HELP=y -rpn 2>/dev/null | sed -n 's/^\\.PHONY: //p' | tr ' ' '\\n'",
    );
    let mut phony: BTreeSet<&str> = database
        .lines()
        .into_iter()
        .filter(|name| !name.is_empty())
        .collect();
    assert!(phony.contains("quick-release"), "{database}");
    let json = environment
        .run(&[
            "targets",
            "--source",
            tree.to_str().unwrap(),
            "--format",
            "json",
        ])
        .success()
        .json();
    let names = |list: &str| -> BTreeSet<String> {
        let list = json["tree"][list].as_array().unwrap();
        list.iter()
            .map(|item| item["name"].as_str().unwrap().to_owned())
            .collect()
    };
    let targets = names("targets");
    // Upstream declares a few that have no rule.
    phony.retain(|name| has_rule(environment, tree, name));
    let missing: Vec<_> = phony
        .iter()
        .filter(|name| !targets.contains(**name))
        .collect();
    let invented: Vec<_> = targets
        .iter()
        .filter(|name| !phony.contains(name.as_str()))
        .collect();
    assert!(
        missing.is_empty() && invented.is_empty(),
        "missing: {missing:?}, invented: {invented:?}"
    );
    for entry in std::fs::read_dir(tree.join("cmd"))
        .unwrap()
        .flatten()
        .filter(|entry| entry.path().is_dir())
    {
        let name = entry.file_name().into_string().unwrap();
        assert!(targets.contains(&name), "{name}");
    }
}

fn has_rule(environment: &TestEnvironment, tree: &Path, name: &str) -> bool {
    let help = environment.bash(tree, &format!("make -n PRINT_HELP=y '{name}' 2>&1"));
    !help.stdout.contains("No rule to make target")
}

fn stamp_is_that_of_the_tree(environment: &TestEnvironment, tree: &Path) {
    let script = "set -eu; export KUBE_ROOT=$PWD; source hack/lib/init.sh >/dev/null; kube::version::get_version_vars; \
                  echo \"$KUBE_GIT_COMMIT $KUBE_GIT_TREE_STATE $KUBE_GIT_VERSION $KUBE_GIT_MAJOR $KUBE_GIT_MINOR\"";
    let own = environment.bash(tree, script).success();
    let stamp = plan(environment, tree, "component kubectl").source.stamp;
    let state = serde_json::to_value(stamp.tree_state).unwrap();
    let read = [
        stamp.commit.as_deref(),
        state.as_str(),
        stamp.version.as_deref(),
        stamp.major.as_deref(),
        stamp.minor.as_deref(),
    ];
    assert_eq!(
        read.map(Option::unwrap_or_default).join(" "),
        own.stdout.trim_end()
    );
}

fn plan(environment: &TestEnvironment, tree: &Path, goal: &str) -> kubewright::plan::Plan {
    let line = format!(
        "build {goal} --source {} --dry-run --message-format json",
        tree.display()
    );
    let output = environment.kubewright(&line).success();
    let envelopes = output
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<Envelope>(line).unwrap());
    let mut plan = envelopes.filter_map(|envelope| match envelope.event {
        Event::Planned { plan } => Some(*plan),
        _ => None,
    });
    plan.next().expect("there is no plan among the events")
}
