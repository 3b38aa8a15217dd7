//! `kubewright crd lint --validator tree`: what is refused, what is kept, and the verdict of a real tree, where
//! `KUBEWRIGHT_TEST_TREE` names one.

#![expect(
    clippy::print_stdout,
    reason = "what differs is told to whoever asks for it"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use insta::assert_snapshot;
use kubewright::crd::document::{Limits, read};
use kubewright::crd::sample::{Extent, resource};
use kubewright::crd::subject::Subject;
use serde_json::{Value, json};

use super::agreement::{count, fixture};
use super::mutation::{Dice, mutate};
use crate::harness::TestEnvironment;

const DEFINITION: &str = "apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: as.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: as, kind: A}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            properties:
              count: {type: integer, maximum: 5}
            x-kubernetes-validations:
            - {rule: self.count > 2, message: too few}
";

fn resource_of(spec: &str) -> String {
    format!("---\napiVersion: example.com/v1\nkind: A\nmetadata: {{name: a}}\nspec: {spec}\n")
}

#[test]
fn a_tree_is_named_only_where_one_is_asked() {
    let environment = TestEnvironment::new();
    environment.write("work/a.yaml", DEFINITION);
    assert_snapshot!(environment.kubewright("crd lint a.yaml --ref v1.34.1"), @r"
    ------- stderr -------
    error: `--ref` names a tree, and the built-in rules look at none

    hint: the verdict of a tree's own code: `--validator tree`
    [exit code 2]
    ");
    assert_snapshot!(environment.kubewright("crd lint a.yaml --validator tree --kubernetes 1.28"), @r"
    ------- stderr -------
    error: `--kubernetes` chooses among the built-in rules, and a tree has a version of its own

    hint: another version's tree: `--ref v1.34.1`
    [exit code 2]
    ");
}

#[test]
fn a_tree_that_is_none_or_not_whole_is_refused() {
    let environment = TestEnvironment::new();
    environment.write("work/a.yaml", DEFINITION);
    let lint =
        |tree: &str| environment.kubewright(&format!("crd lint a.yaml --validator tree {tree}"));
    lint("--repo demo")
        .code(4)
        .says("v0.2.0` has no `staging/src/k8s.io/apiextensions-apiserver`, which the validator")
        .says("hint: `--validator tree` needs a whole tree of Kubernetes");
    lint("--source .")
        .code(4)
        .says("error: this is not a Kubernetes tree: it has no `hack/lib/golang.sh`");
    let tree = tree_with_packages(&environment);
    fs::write(tree.join(FUNCTION.0), "package objectmeta\n").unwrap();
    lint("--source tree")
        .code(4)
        .says("is older than Kubernetes 1.25, the first that a validator can be compiled from");
}

#[test]
fn a_go_that_may_not_be_had_is_said() {
    let mut environment = TestEnvironment::new();
    environment.write("work/a.yaml", DEFINITION);
    let tree = tree_with_packages(&environment);
    fs::write(tree.join(".go-version"), "1.99.1\n").unwrap();
    environment.set("KUBEWRIGHT_GO", "tree");
    environment
        .kubewright("crd lint a.yaml --validator tree --source tree --offline")
        .code(3)
        .says("error: go1.99.1 is neither on PATH")
        .says("hint: with a network: `kubewright toolchain install 1.99.1`");
}

#[test]
fn what_does_not_compile_names_its_log_and_leaves_nothing_in_the_tree() {
    let environment = TestEnvironment::new();
    environment.write("work/a.yaml", DEFINITION);
    let tree = tree_with_packages(&environment);
    let before = environment.bash(&tree, "find . | sort").success().stdout;
    let lint = environment.kubewright("crd lint a.yaml --validator tree --source tree");
    let lint = lint.code(1).says("error: the validator did not compile: ");
    let log = environment.path("home/validators/failed.log");
    lint.says(&format!("log: {}", log.display()));
    let log = fs::read_to_string(log).unwrap();
    assert!(log.contains("inconsistent vendoring"), "{log}");
    assert_eq!(
        environment.bash(&tree, "find . | sort").success().stdout,
        before
    );
    // What it was compiled in is gone. Whether Go came to make its cache is its own business.
    let mut left = names(&environment.path("home/validators"));
    left.retain(|name| name != "go-cache");
    assert_eq!(left, ["failed.log", "lock"]);
}

#[test]
fn a_validator_is_kept_by_all_that_decides_what_it_says() {
    let environment = TestEnvironment::new();
    environment.write("work/a.yaml", DEFINITION);
    let tree = tree_with_packages(&environment);
    let git = "git add -A && git -c user.name=a -c user.email=a@example.com commit --quiet -m x";
    environment.bash(&tree, git).success();
    // A Go that compiles each program into the same answer, and counts.
    environment.fake_tool(
        "go",
        &format!(
            "#!/bin/sh\ncase $1 in\nversion) echo go version go1.25.1 linux/amd64;;\n\
             env) echo {root};;\nbuild)\n  echo x >> {root}/compiled\n  \
             cp $HOME/.config/go/telemetry/mode {root}\n  while [ \"$1\" != -o ]; do shift; done\n  \
             printf '#!/bin/sh\\ncat > /dev/null\\necho \\047{{\"definitions\":[{{\"errors\":[{{\"field\":\"spec.validation.openAPIV3Schema.type\",\"message\":\"no\"}}]}}],\"resources\":[]}}\\047\\n' > $2\n  \
             chmod +x $2;;\nesac\n",
            root = environment.root().display()
        ),
    );
    let compiled = || {
        let count = fs::read_to_string(environment.path("compiled")).unwrap_or_default();
        count.lines().count()
    };
    let lint = |count: usize| {
        let output = environment.kubewright("crd lint a.yaml --validator tree --source tree");
        assert_eq!(compiled(), count, "{output}");
        output.code(10)
    };
    let first = lint(1).says("1 definition: 1 error, 0 warnings, says the API server of v0.2.0-1+");
    assert_snapshot!(first.stdout, @r"
    error[tree]: spec.versions[0].schema.openAPIV3Schema.type: no
       --> a.yaml:14:15
        |
     14 |         type: object
        |               ^
    ");
    // Go's telemetry is a process that writes after Go has ended, into a folder that is to go.
    let mode = fs::read_to_string(environment.path("mode")).unwrap();
    assert_eq!(mode, "off");
    lint(1);
    // A change is part of the key, wherever it is; so is none.
    fs::write(tree.join("new.go"), "package a\n").unwrap();
    lint(2);
    fs::write(tree.join("new.go"), "package b\n").unwrap();
    lint(3);
    fs::remove_file(tree.join("new.go")).unwrap();
    lint(3);
    // What no commit names is never kept.
    fs::remove_dir_all(tree.join(".git")).unwrap();
    lint(4);
    lint(5);
    environment.kubewright("source gc").success();
    let kept = names(&environment.path("home/validators"));
    assert_eq!(kept.len(), 4, "{kept:?}");
    environment.kubewright("source gc --all").success();
    assert_eq!(names(&environment.path("home/validators")), ["lock"]);
}

/// What a tree of 1.25 has, and one before has not.
const FUNCTION: (&str, &str) = (
    "staging/src/k8s.io/apiextensions-apiserver/pkg/apiserver/schema/objectmeta/algorithm.go",
    "package objectmeta\n\nfunc CoerceWithOptions() {}\n",
);

/// The embedded repository as a tree that has the packages by their names.
fn tree_with_packages(environment: &TestEnvironment) -> PathBuf {
    let tree = environment.clone_demo("work/tree", "v0.2.0");
    for (path, text) in [FUNCTION, ("vendor/modules.txt", "")] {
        let path = tree.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    tree
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let mut names: Vec<String> = entries
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// A real tree, and where its validators are kept from one test to the next.
fn real_tree() -> Option<(TestEnvironment, String)> {
    let tree = std::env::var("KUBEWRIGHT_TEST_TREE").ok()?;
    let mut environment = TestEnvironment::new();
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join("validator-home");
    environment.set("KUBEWRIGHT_HOME", kept);
    environment.set("KUBEWRIGHT_GO", "tree");
    Some((environment, tree))
}

#[test]
fn a_real_tree_compiles_and_evaluates_rules_of_cel() {
    let Some((environment, tree)) = real_tree() else {
        return;
    };
    let text = DEFINITION.to_owned()
        + &resource_of("{count: 1}")
        + &resource_of("{count: 9, conut: 1}")
        + &resource_of("{count: 4}");
    environment.write("work/a.yaml", &text);
    let wrong = DEFINITION
        .replace("self.count > 2", "self.conut > 2")
        .replace("Namespaced", "namespaced");
    environment.write("work/b.yaml", &(wrong + &resource_of("{}")));
    let arguments = ["crd", "lint", "--validator", "tree", "--source", &tree];
    let lint =
        |file: &str| environment.run(&[&arguments[..], &["--format", "json", file]].concat());
    // What it says differs from version to version, where it says it does not.
    let places = |json: &Value| {
        let findings = json["findings"].as_array().unwrap().iter();
        let places = findings.map(|finding| {
            let text = |key: &str| finding[key].as_str().unwrap();
            format!(
                "{}:{} {}[{}] {}",
                finding["line"],
                finding["column"],
                text("severity"),
                text("rule"),
                text("path"),
            )
        });
        places.collect::<Vec<_>>().join("\n")
    };
    let first = lint("a.yaml").code(10).json();
    assert_snapshot!(places(&first), @r"
    26:1 error[tree] spec
    31:15 error[resource] spec.count
    31:25 error[resource-unknown-field] spec.conut
    ");
    assert!(first.to_string().contains("too few"), "{first:#}");
    let second = lint("b.yaml").code(10).json();
    assert_snapshot!(places(&second), @r"
    6:10 error[scope] spec.scope
    21:22 error[tree] spec.versions[0].schema.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule
    23:1 unchecked[tree]
    ");
    assert!(
        second.to_string().contains("undefined field 'conut'"),
        "{second:#}"
    );
    let version = second["tree"]["version"].as_str().unwrap();
    assert!(version.starts_with("v1."), "{version}");
    let status = environment.bash(Path::new(&tree), "git status --porcelain | head -n 3");
    assert_eq!(status.success().stdout, "");
}

#[test]
fn a_real_tree_and_the_rules_of_its_version_agree_on_broken_documents() {
    let Some((environment, tree)) = real_tree() else {
        return;
    };
    let text = super::fixture("rich", "widgets.example.com");
    let definitions = read(text.as_bytes(), Limits::default()).unwrap();
    let subject = &Subject::all(&definitions, None).unwrap()[0];
    let mut base = resource(subject, Extent::Most).unwrap().object;
    base["metadata"] =
        json!({ "name": "broken", "labels": {"a": "b"}, "finalizers": ["example.com/x"] });
    let bases = [fixture("rich"), fixture("versions")];
    for seed in 0..count() {
        let definition = &bases[usize::from(seed % 4 == 0)];
        for (kind, base) in [("definition", definition), ("resource", &base)] {
            let broken = mutate(base, &mut Dice::new(seed));
            environment.write(
                &format!("work/{kind}/{seed:05}.json"),
                &format!("{broken:#}"),
            );
        }
    }
    environment.write("work/resource/definition.yaml", &text);
    for kind in ["definition", "resource"] {
        let lint = |more: &[&str]| {
            let arguments = [&["crd", "lint", "--format", "json", kind], more].concat();
            environment.run(&arguments).code(10).json()
        };
        let server = lint(&["--validator", "tree", "--source", &tree]);
        let version = server["tree"]["version"].as_str().unwrap();
        let version: Vec<&str> = version.trim_start_matches('v').split('.').take(2).collect();
        let rules = lint(&["--kubernetes", &version.join(".")]);
        let (verdicts, messages) = differing(&server, &rules);
        println!("{kind}: {verdicts} verdicts differ, {messages} messages");
        // The rules are those of one version: another one's fields and words are its own.
        if version == ["1", "35"] {
            assert_eq!(verdicts, 0, "{kind}: the verdicts differ");
            assert!(
                messages * 50 <= count(),
                "{kind}: more than 2% of messages differ"
            );
        }
    }
}

/// Of how many files verdicts differ, and of how many what is said.
fn differing(server: &Value, rules: &Value) -> (u64, u64) {
    let files: BTreeSet<&str> = [server, rules]
        .iter()
        .flat_map(|json| json["findings"].as_array().unwrap())
        .map(|finding| finding["file"].as_str().unwrap())
        .collect();
    let of = |json: &Value, file: &str, severity: &str| -> BTreeSet<String> {
        let findings = json["findings"].as_array().unwrap().iter();
        let findings =
            findings.filter(|finding| finding["file"] == file && finding["severity"] == severity);
        let told = |finding: &Value| format!("{} {}", finding["line"], finding["message"]);
        findings.map(told).collect()
    };
    let (mut verdicts, mut messages) = (0, 0);
    for file in &files {
        let (said, expected) = (of(server, file, "error"), of(rules, file, "error"));
        let is_unchecked = !of(rules, file, "unchecked").is_empty();
        if said == expected || (is_unchecked && expected.is_empty()) {
            continue;
        }
        // Selectable fields of a schema that is not structural end the server's request.
        if said
            .iter()
            .any(|said| said.contains("the API server fails: "))
            && !expected.is_empty()
        {
            continue;
        }
        verdicts += u64::from(said.is_empty() != expected.is_empty());
        messages += u64::from(!said.is_empty() && !expected.is_empty());
        let only = |a: &BTreeSet<String>, b: &BTreeSet<String>| -> Vec<String> {
            let only = a.difference(b);
            only.map(|text| text.chars().take(300).collect()).collect()
        };
        println!(
            "{file}\n  server: {:#?}\n  rules: {:#?}",
            only(&said, &expected),
            only(&expected, &said)
        );
    }
    (verdicts, messages)
}
