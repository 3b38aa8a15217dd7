//! What `kubewright crd` reads: streams, folders, lists, files in which something is broken, and what is no business of it.

use std::fs;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixDatagram;
use std::process::Stdio;
use std::time::Duration;

use insta::assert_snapshot;
use rustix::process::Signal;

use crate::harness::{ApiServer, TestEnvironment, wait_until};

/// A definition of a group, without what is wrong.
fn definition(group: &str) -> String {
    format!(
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n\
         metadata: {{name: as.{group}}}\nspec:\n  group: {group}\n  scope: Namespaced\n  \
         names: {{plural: as, kind: A}}\n  versions:\n  - name: v1\n    served: true\n    \
         storage: true\n    schema:\n      openAPIV3Schema:\n        type: object\n        \
         properties:\n          spec: {{type: object, properties: {{size: {{type: integer, maximum: 5}}}}}}\n"
    )
}

fn resource(group: &str, spec: &str) -> String {
    format!("apiVersion: {group}/v1\nkind: A\nmetadata: {{name: a}}\nspec: {spec}\n")
}

/// Deeper by so many spaces, the first line behind a dash.
fn item(text: &str) -> String {
    let lines = text.lines().enumerate();
    let lines = lines.map(|(number, line)| {
        let lead = if number == 0 { "- " } else { "  " };
        format!("{lead}{line}\n")
    });
    lines.collect()
}

fn pipe(environment: &TestEnvironment, path: &str) {
    let script = format!("mkfifo {path}");
    environment
        .bash(&environment.path("work"), &script)
        .success();
}

#[test]
fn one_signal_ends_the_wait_for_a_pipe() {
    let environment = TestEnvironment::new();
    pipe(&environment, "pipe");
    for (verb, signal, code) in [
        ("crd lint pipe", Signal::TERM, 143),
        ("crd sample pipe", Signal::INT, 130),
    ] {
        let mut run = environment.start(verb);
        let status = format!("/proc/{}/task", run.id());
        // Three threads: the main one, the one that listens to signals, and the one that waits for the pipe.
        wait_until("the pipe is waited for", || {
            fs::read_dir(&status).is_ok_and(|threads| threads.count() >= 3)
        });
        run.signal(signal);
        wait_until("it is over", || run.is_over());
        run.wait()
            .code(code)
            .says("error: interrupted while `pipe` was read");
    }
}

#[test]
fn a_pipe_that_is_named_is_read_and_one_in_a_folder_left_alone() {
    let environment = TestEnvironment::new();
    environment.write("work/some/a.yaml", &definition("pipe.example.com"));
    pipe(&environment, "some/pipe.yaml");
    let kubewright = env!("CARGO_BIN_EXE_kubewright");
    let script = format!(
        "{kubewright} crd lint <(cat some/a.yaml) && {kubewright} crd lint /dev/stdin < <(cat some/a.yaml)"
    );
    environment
        .bash(&environment.path("work"), &script)
        .success()
        .says("1 definition: 0 errors, 0 warnings");
    assert_snapshot!(environment.kubewright("crd lint some").success(), @r"
    ------- stderr -------
    warning: `some/pipe.yaml` is a named pipe, and is left alone
    1 definition: 0 errors, 0 warnings
    ");
    let script = format!("{kubewright} crd lint --fix <(cat some/a.yaml)");
    environment
        .bash(&environment.path("work"), &script)
        .code(2)
        .says("is no file that could be changed");
    environment
        .kubewright("crd lint /dev/zero")
        .code(10)
        .says("nothing checked: 1 error, 0 warnings");
}

#[test]
fn lists_are_taken_apart_and_keep_their_places() {
    let environment = TestEnvironment::new();
    let wrong = definition("list.example.com").replace("scope: Namespaced", "scop: Cluster");
    let list = format!(
        "apiVersion: v1\nkind: List\nitems:\n{}{}",
        item(&definition("other.example.com")),
        item(&resource("other.example.com", "{size: 9}"))
    );
    let typed = wrong.replace(
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n",
        "",
    );
    let typed = format!(
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinitionList\nitems:\n{}",
        item(&typed)
    );
    environment.write("work/list.yaml", &format!("{list}---\n{typed}"));
    assert_snapshot!(environment.kubewright("crd lint list.yaml").code(10));
    environment
        .kubewright("crd sample list.yaml")
        .success()
        .says("the API server refuses this definition");
}

#[test]
fn what_is_left_alone_is_said() {
    let environment = TestEnvironment::new();
    let group = "left.example.com";
    environment.write(
        "work/all.yaml",
        &format!(
            "{}---\n{}---\n{}---\napiVersion: v1\nkind: ConfigMap\n---\napiVersion: apps/v1\nkind: Deployment\n",
            definition(group),
            resource(group, "{size: 1}"),
            resource("unknown.example.com", "{}"),
        ),
    );
    environment.write("work/other.yaml", "apiVersion: v1\nkind: Secret\n");
    environment.write("work/text.yaml", "just text\n");
    environment.write("work/empty.yaml", "# nothing\n---\n");
    environment.write("work/folder/notes.txt", "no manifest");
    assert_snapshot!(environment.kubewright("crd lint all.yaml").success(), @r"
    ------- stderr -------
    1 definition, 1 resource: 0 errors, 0 warnings; left alone: 1 resource without its definition and 2 documents of other kinds
    ");
    assert_snapshot!(environment.kubewright("crd lint other.yaml text.yaml empty.yaml").success(), @r"
    ------- stderr -------
    warning: nothing to check in `other.yaml`: 1 document of another kind
    warning: nothing to check in `text.yaml`: 1 document without kind and apiVersion
    warning: nothing to check in `empty.yaml`: it holds no document
    nothing checked: 0 errors, 0 warnings; left alone: 1 document of another kind and 1 document without kind and apiVersion
    ");
    assert_snapshot!(environment.kubewright("crd lint folder").code(2), @r"
    ------- stderr -------
    error: no file in `folder` ends in .yaml, .yml or .json
    [exit code 2]
    ");
    let report = environment
        .kubewright("crd lint all.yaml --format json")
        .success()
        .json();
    assert_eq!(
        (&report["checked"], &report["left_alone"]),
        (
            &serde_json::json!({"definitions": 1, "resources": 1, "api_services": 0}),
            &serde_json::json!({"without_definition": 1, "other_kinds": 2, "without_kind": 0}),
        )
    );
}

#[test]
fn a_version_that_its_definition_has_not_is_an_error() {
    let environment = TestEnvironment::new();
    let group = "version.example.com";
    let resource = resource(group, "{}").replace("/v1\n", "/v2\n");
    environment.write(
        "work/a.yaml",
        &format!("{}---\n{resource}", definition(group)),
    );
    assert_snapshot!(environment.kubewright("crd lint a.yaml").code(10), @r#"
    error[resource-version]: apiVersion: no matches for kind "A" in version "version.example.com/v2"
       --> a.yaml:18:13
        |
     18 | apiVersion: version.example.com/v2
        |             ^
      fix: its definition has `version.example.com/v1`

    ------- stderr -------
    1 definition, 1 resource: 1 error, 0 warnings
    [exit code 10]
    "#);
}

#[test]
fn a_broken_document_hides_none_of_the_others() {
    let environment = TestEnvironment::new();
    let group = "broken.example.com";
    environment.write(
        "work/a.yaml",
        &format!(
            "{}---\na: [1,\n---\nb: {{\n---\n{}",
            definition(group),
            resource(group, "{size: 9}")
        ),
    );
    assert_snapshot!(environment.kubewright("crd lint a.yaml").code(10));
}

#[test]
fn resources_of_a_definition_that_is_refused_are_unchecked() {
    let environment = TestEnvironment::new();
    let group = "refused.example.com";
    let wrong = definition(group).replace("size: {type: integer", "size: {tpye: integer");
    environment.write(
        "work/a.yaml",
        &format!("{wrong}---\n{}", resource(group, "{size: 9, other: 1}")),
    );
    assert_snapshot!(environment.kubewright("crd lint a.yaml").code(10));
}

#[test]
fn versions_without_rules_are_refused_or_warned_of() {
    let environment = TestEnvironment::new();
    environment.write("work/a.yaml", &definition("kubernetes.example.com"));
    assert_snapshot!(environment.kubewright("crd lint a.yaml --kubernetes 1.2").code(2), @r"
    ------- stderr -------
    error: there are no rules of Kubernetes 1.2

    hint: the oldest are those of 1.16, the first with `apiextensions.k8s.io/v1`
    [exit code 2]
    ");
    assert_snapshot!(environment.kubewright("crd lint a.yaml --kubernetes 1.99").success(), @r"
    ------- stderr -------
    warning: the rules are those of Kubernetes 1.35: what 1.99 has changed is not known; `--validator tree --ref v1.99.0` asks its own code
    1 definition: 0 errors, 0 warnings
    ");
}

#[test]
fn a_line_is_written_at_once() {
    let environment = TestEnvironment::new();
    environment.write("work/a.yaml", &definition("whole.example.com"));
    // Each write is a message of its own here.
    let (ours, theirs) = UnixDatagram::pair().unwrap();
    ours.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
    let mut command = environment.command(&["crd", "lint", "a.yaml"]);
    command.stderr(Stdio::from(OwnedFd::from(theirs)));
    assert!(command.status().unwrap().success());
    let mut message = [0; 1000];
    let length = ours.recv(&mut message).unwrap();
    assert_eq!(
        String::from_utf8_lossy(&message[..length]),
        "1 definition: 0 errors, 0 warnings\n"
    );
}

#[test]
fn what_stands_twice_is_warned_of_as_kubectl_sends_it_once() {
    let environment = TestEnvironment::new();
    let group = "twice.example.com";
    let text =
        definition(group).replace("scope: Namespaced", "scope: Cluster\n  scope: Namespaced");
    environment.write("work/definition.yaml", &text);
    environment.write("work/a.yaml", &resource(group, "{size: 1, size: 2}"));
    let shown = environment.kubewright("crd lint definition.yaml a.yaml");
    assert_eq!(shown.code, Some(0), "{shown}");
    for told in [
        "warning[duplicate-field]: duplicate field \"spec.scope\"",
        "warning[duplicate-field]: duplicate field \"spec.size\"",
    ] {
        assert!(shown.stdout.contains(told), "{shown}");
    }
    let work = environment.path("work");
    let server = ApiServer::shared();
    let create = |file| server.kubectl(&work, &["create", "-f", file]).success();
    create("definition.yaml");
    let resources = format!("/apis/{group}/v1/namespaces/default/as");
    wait_until("the resource is served", || {
        server.get(&resources).code == 200
    });
    create("a.yaml");
}

#[test]
fn a_scaffolded_folder_is_without_errors_as_a_whole() {
    let environment = TestEnvironment::new();
    let field = "replicas:int32?=1{min=1,max=10}";
    let scaffold =
        "scaffold crd --kind CronTab --group whole.example.com --version v1 --out whole --field";
    environment
        .kubewright(&format!("{scaffold} {field}"))
        .success();
    let shown = environment.kubewright("crd lint whole").success();
    assert!(shown.stderr.contains("refused as expected"), "{shown}");
    let broken = "whole/samples/invalid/spec-replicas-max.yaml";
    environment
        .kubewright(&format!("crd lint whole/crd {broken}"))
        .code(10);
    let path = environment.path("work").join(broken);
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("replicas: 11", "replicas: 2")).unwrap();
    let shown = environment.kubewright("crd lint whole").code(10);
    assert!(shown.stdout.contains("error[expected-refusal]"), "{shown}");
}

#[test]
fn hidden_folders_are_left_out_and_hidden_files_read_as_kubectl_does() {
    let environment = TestEnvironment::new();
    for file in ["some/.git/a.yaml", "some/.b.yaml"] {
        environment.write(&format!("work/{file}"), "kind: [\n");
    }
    let shown = environment.kubewright("crd lint some").code(10);
    assert!(shown.stdout.contains("some/.b.yaml"), "{shown}");
    assert!(!shown.stdout.contains(".git"), "{shown}");
    let work = environment.path("work");
    let created = ApiServer::shared().kubectl(&work, &["create", "--dry-run=client", "-f", "some"]);
    assert!(created.stderr.contains(".b.yaml"), "{created}");
}

#[test]
fn many_findings_are_shown_in_part_and_written_in_whole() {
    let environment = TestEnvironment::new();
    let group = "many.example.com";
    let fields = (0..300).map(|number| format!("  f{number}: 1\n"));
    let fields = fields.collect::<Vec<_>>().concat();
    let resource = resource(group, "{}").replace("spec: {}\n", &format!("spec:\n{fields}"));
    environment.write(
        "work/a.yaml",
        &format!("{}---\n{resource}", definition(group)),
    );
    let shown = environment.kubewright("crd lint a.yaml").code(10);
    assert_eq!(shown.stdout.matches("error[").count(), 100);
    let more = "a.yaml: 200 more errors; `--format json` tells all";
    assert!(shown.stdout.contains(more), "{shown}");
    assert!(shown.stderr.contains("300 errors"), "{shown}");
    let report = environment
        .kubewright("crd lint a.yaml --format json")
        .code(10)
        .json();
    assert_eq!(report["findings"].as_array().unwrap().len(), 300);
}

#[test]
fn findings_that_cannot_be_written_are_no_success() {
    let environment = TestEnvironment::new();
    environment.write("work/a.yaml", "kind: [\n");
    let kubewright = env!("CARGO_BIN_EXE_kubewright");
    let work = environment.path("work");
    let shown = environment
        .bash(&work, &format!("{kubewright} crd lint a.yaml > /dev/full"))
        .code(6);
    assert!(
        shown.stderr.contains("cannot write standard output"),
        "{shown}"
    );
}
