//! What `scaffold` makes, held against a real API server.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::harness::{ApiServer, TestEnvironment, wait_until};

/// The pattern needs no quotes in the field language, only those of the shell.
const CRON_SPEC: &str = r"cronSpec:string{pattern=^(\d+|\*)(/\d+)?(\s+(\d+|\*)(/\d+)?){4}$}";

const CRON_TAB: [&str; 21] = [
    "scaffold",
    "crd",
    "--kind",
    "CronTab",
    "--group",
    "stable.example.com",
    "--version",
    "v1",
    "--short",
    "ct",
    "--field",
    CRON_SPEC,
    "--field",
    "replicas:int32?=1{min=1,max=10}",
    "--field",
    "image:string",
    "--column",
    "Spec:string:.spec.cronSpec",
    "--column",
    "Replicas:integer:.spec.replicas",
    "--column=Age:date:.metadata.creationTimestamp",
];

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.retain(|file| file.extension().is_some_and(|found| found == ending));
    files.sort();
    files
}

/// Creates the CRD of a scaffolded folder and waits until it is served; gives its object.
fn establish(server: &ApiServer, folder: &Path) -> Value {
    let crd = fs::read_to_string(&files(&folder.join("crd"), "yaml")[0]).unwrap();
    let created = server
        .create(
            "/apis/apiextensions.k8s.io/v1/customresourcedefinitions?fieldValidation=Strict",
            &crd,
        )
        .accepted();
    assert!(created.warnings.is_empty(), "{:?}", created.warnings);
    let path = format!(
        "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{}",
        created.body["metadata"]["name"].as_str().unwrap()
    );
    wait_until("the CRD is established", || {
        let conditions = server.get(&path).body["status"]["conditions"].clone();
        let is = |kind: &str| {
            conditions
                .as_array()
                .into_iter()
                .flatten()
                .any(|condition| condition["type"] == kind && condition["status"] == "True")
        };
        is("Established") && is("NamesAccepted")
    });
    created.body
}

fn collection(crd: &Value, version: &str) -> String {
    let (group, plural) = (
        crd["spec"]["group"].as_str().unwrap(),
        crd["spec"]["names"]["plural"].as_str().unwrap(),
    );
    let place = if crd["spec"]["scope"] == "Namespaced" {
        "/namespaces/default"
    } else {
        ""
    };
    format!("/apis/{group}/{version}{place}/{plural}")
}

fn version_of(manifest: &str) -> String {
    let line = manifest
        .lines()
        .find(|line| line.starts_with("apiVersion: "))
        .unwrap();
    line.rsplit('/').next().unwrap().to_owned()
}

/// Applies all samples, and fails with the list of those that the server judges otherwise than the scaffold.
fn judge_samples(server: &ApiServer, folder: &Path, crd: &Value) {
    let mut wrong = Vec::new();
    for (kind, expected) in [("valid", false), ("invalid", true)] {
        let all = files(&folder.join("samples").join(kind), "yaml");
        assert!(!all.is_empty());
        for file in all {
            let manifest = fs::read_to_string(&file).unwrap();
            let path = collection(crd, &version_of(&manifest));
            // A new CRD may be established a moment before its resource is there.
            let mut answer = server.create(&format!("{path}?fieldValidation=Strict"), &manifest);
            wait_until("the resource is served", || {
                if answer.code == 404 {
                    answer = server.create(&format!("{path}?fieldValidation=Strict"), &manifest);
                }
                answer.code != 404
            });
            let message = answer.body["message"].as_str().unwrap_or_default();
            let expect = if expected {
                fs::read_to_string(file.with_extension("expect")).unwrap()
            } else {
                String::new()
            };
            if (answer.code >= 300) != expected
                || (expected && message != expect.trim_end_matches('\n'))
            {
                wrong.push(format!(
                    "{}\n  server:   {} {message}\n  expected: {expect}",
                    file.display(),
                    answer.code
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Runs the commands of the scaffolded README as they stand, but for the port.
fn walk(environment: &TestEnvironment, server: &ApiServer, folder: &Path) {
    let kubectl = format!(
        "#!/bin/sh\nexec {} kubectl --server {} \"$@\"\n",
        ApiServer::program().display(),
        server.address()
    );
    environment.fake_tool("kubectl", &kubectl);
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
        .to_string();
    let readme = fs::read_to_string(folder.join("README.md")).unwrap();
    let blocks: Vec<&str> = readme
        .split("```sh\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap())
        .collect();
    assert_eq!(blocks.len(), 2);
    for block in blocks {
        let script = format!("set -ex\n{}", block.replace("8001", &port));
        environment.bash(folder, &script).success();
    }
}

#[test]
fn the_cron_tab_of_the_book_is_what_the_server_takes() {
    let environment = TestEnvironment::new();
    let server = ApiServer::shared();
    let arguments: Vec<&str> = CRON_TAB
        .into_iter()
        .chain(["--scale", "--out", "crontab"])
        .collect();
    let made = environment
        .run(&arguments)
        .success()
        .says("plural: crontabs (guessed; set --plural)");
    let folder = environment.path("work/crontab");
    assert!(made.lines().contains(&"crontab/README.md"));
    let crd = establish(server, &folder);
    judge_samples(server, &folder, &crd);

    let shown = server.kubectl(&folder, &["get", "ct", "full"]).success();
    let lines: Vec<Vec<&str>> = shown
        .lines()
        .iter()
        .map(|line| line.split_whitespace().collect())
        .collect();
    assert_eq!(lines[0], ["NAME", "SPEC", "REPLICAS", "AGE"]);
    assert_eq!(lines[1][..7], ["full", "1", "1", "1", "1", "1", "1"]);
    server
        .kubectl(&folder, &["scale", "ct", "full", "--replicas=5"])
        .success();
    assert_eq!(
        server.get(&format!("{}/full", collection(&crd, "v1"))).body["spec"]["replicas"],
        5
    );
    // A default is filled in where nothing is said.
    assert_eq!(
        server
            .get(&format!("{}/minimal", collection(&crd, "v1")))
            .body["spec"]["replicas"],
        1
    );
    let roles = folder.join("rbac");
    server
        .kubectl(&folder, &["create", "-f", roles.to_str().unwrap()])
        .success();
    server.kubectl(&folder, &["delete", "-f", "crd"]).success();
    walk(&environment, server, &folder);
}

#[test]
fn the_function_of_the_cookbook_is_what_the_server_takes() {
    let environment = TestEnvironment::new();
    let server = ApiServer::shared();
    environment
        .kubewright("scaffold crd --kind Function --group functions.example.com --version v1 --field code:string --field ram:quantity --out function")
        .success();
    let folder = environment.path("work/function");
    let crd = establish(server, &folder);
    judge_samples(server, &folder, &crd);
    let resource = "apiVersion: functions.example.com/v1\nkind: Function\nmetadata:\n  name: myfaas\nspec:\n  code: 'http://example.com/code.zip'\n  ram: 100Mi\n";
    server.create(&collection(&crd, "v1"), resource).accepted();
    server.kubectl(&folder, &["delete", "-f", "crd"]).success();
    walk(&environment, server, &folder);
}

#[test]
fn a_description_with_everything_in_it_is_what_the_server_takes() {
    let environment = TestEnvironment::new();
    let server = ApiServer::shared();
    let text = include_str!("fixtures/scaffold/everything.toml");
    environment.write("work/everything.toml", text);
    environment
        .kubewright("scaffold crd --spec everything.toml --out everything")
        .success();
    let folder = environment.path("work/everything");
    let crd = establish(server, &folder);
    judge_samples(server, &folder, &crd);
    let deprecated = server.get(&collection(&crd, "v1alpha1")).accepted();
    assert_eq!(
        deprecated.warnings,
        ["everything.example.com/v1alpha1 Everything is deprecated; use v1"]
    );
    // Without conversion nothing is lost: what was created in one version is all there in the other.
    let created = server
        .get(&format!("{}/v1alpha1-full", collection(&crd, "v1alpha1")))
        .accepted()
        .body;
    let other = server
        .get(&format!("{}/v1alpha1-full", collection(&crd, "v1")))
        .accepted()
        .body;
    assert_eq!(created["spec"], other["spec"]);
    assert_eq!(
        created["spec"].as_object().unwrap().len(),
        text.split("[spec]")
            .nth(1)
            .unwrap()
            .split("[status]")
            .next()
            .unwrap()
            .lines()
            .filter(|line| line.contains(" = "))
            .count()
    );
    server.kubectl(&folder, &["delete", "-f", "crd"]).success();
    walk(&environment, server, &folder);
}

#[test]
fn what_is_scaffolded_reads_back_as_the_same() {
    let environment = TestEnvironment::new();
    environment.write(
        "work/everything.toml",
        include_str!("fixtures/scaffold/everything.toml"),
    );
    environment
        .kubewright("scaffold crd --spec everything.toml --out one")
        .success();
    environment
        .kubewright("scaffold crd --spec one/api.toml --out two")
        .success();
    let crd = "crd/everythings.everything.example.com.yaml";
    environment
        .kubewright(&format!("scaffold crd --from-crd one/{crd} --out three"))
        .success();
    let read = |path: &str| fs::read_to_string(environment.path("work").join(path)).unwrap();
    assert_eq!(read(&format!("one/{crd}")), read(&format!("two/{crd}")));
    assert_eq!(read("one/api.toml"), read("two/api.toml"));
    assert_eq!(read(&format!("one/{crd}")), read(&format!("three/{crd}")));
}

#[test]
fn what_the_server_would_refuse_is_refused_with_its_place() {
    let environment = TestEnvironment::new();
    let names = environment
        .run(&[
            "scaffold",
            "crd",
            "--kind",
            "cron tab",
            "--group",
            "Example",
            "--version",
            "v1.2",
            "--plural",
            "Cron_Tabs",
            "--short",
            "CT",
        ])
        .code(2);
    insta::assert_snapshot!(names);
    let contents = environment
        .run(&[
            "scaffold",
            "crd",
            "--kind",
            "CronTab",
            "--group",
            "stable.example.com",
            "--field",
            "replicas:int32?=0{min=1}",
            "--field",
            "name:string{pattern='[a'}",
            "--field",
            "ports:[](object(name:string?)){listType=map,keys=name}",
            "--column",
            "Spec:text:.spec.nam",
        ])
        .code(2);
    insta::assert_snapshot!(contents);
    let paths = environment
        .run(&[
            "scaffold",
            "crd",
            "--kind",
            "CronTab",
            "--group",
            "stable.example.com",
            "--field",
            "name:string?=0",
            "--column",
            "Name:text:.spec.nam",
            "--scale",
            "--selectable",
            "spec.nme",
            "--version",
            "v1,v2",
        ])
        .code(2);
    insta::assert_snapshot!(paths);
    let words = r#"name:string{schema='{"oneOf":[{"type":"string"}]}'}"#;
    let refused = environment
        .run(&[
            "scaffold",
            "crd",
            "--kind",
            "CronTab",
            "--group",
            "stable.example.com",
            "--field",
            words,
        ])
        .code(2);
    insta::assert_snapshot!(refused);
    assert!(!environment.path("work/crontab").exists());
}

#[test]
fn versions_that_would_lose_fields_are_refused_by_name() {
    let environment = TestEnvironment::new();
    let text = "kind = 'A'\ngroup = 'a.example.com'\n[spec]\nkept = 'string'\n[[versions]]\nname = 'v1'\nstorage = true\n\
                [[versions]]\nname = 'v1alpha1'\n[versions.spec]\nkept = 'int'\nlost = 'string?'\n";
    environment.write("work/api.toml", text);
    let refused = environment
        .kubewright("scaffold crd --spec api.toml --out a")
        .code(2);
    insta::assert_snapshot!(refused);
    environment.write(
        "work/api.toml",
        &text.replace(
            "kept = 'int'\nlost = 'string?'",
            "kept = 'string{maxLength=5}'",
        ),
    );
    environment
        .kubewright("scaffold crd --spec api.toml --out a")
        .success();
}

#[test]
fn nothing_that_is_there_is_lost() {
    let environment = TestEnvironment::new();
    let line =
        "scaffold crd --kind Function --group example.com --field code:string --out function";
    let shown = environment
        .kubewright(&format!("{line} --dry-run"))
        .success();
    assert!(
        shown
            .stdout
            .contains("  crd/\n    functions.example.com.yaml  create\n"),
        "{shown}"
    );
    assert!(
        shown
            .stdout
            .contains("+++ b/crd/functions.example.com.yaml"),
        "{shown}"
    );
    assert!(!environment.path("work/function").exists());
    environment.kubewright(line).success();
    let readme = environment.path("work/function/README.md");
    fs::write(&readme, "mine").unwrap();
    environment
        .kubewright(line)
        .code(2)
        .says("README.md")
        .says("--force");
    assert_eq!(fs::read_to_string(&readme).unwrap(), "mine");
    let listed = environment
        .kubewright(&format!("{line} --dry-run --format json"))
        .success()
        .json();
    let changes: Vec<&Value> = listed["files"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|file| file["change"] != "keep")
        .collect();
    assert_eq!(changes.len(), 1);
    assert_eq!(
        (&changes[0]["path"], &changes[0]["change"]),
        (&"README.md".into(), &"overwrite".into())
    );
    environment.kubewright(&format!("{line} --force")).success();
    assert_ne!(fs::read_to_string(&readme).unwrap(), "mine");
}

#[test]
fn old_and_foreign_manifests_are_no_description() {
    let environment = TestEnvironment::new();
    environment.write("work/old.yaml", "apiVersion: apiextensions.k8s.io/v1beta1\nkind: CustomResourceDefinition\nmetadata:\n  name: a\n");
    environment
        .kubewright("scaffold crd --from-crd old.yaml")
        .code(2)
        .says("v1beta1");
    environment.write("work/pod.yaml", "apiVersion: v1\nkind: Pod\n");
    environment
        .kubewright("scaffold crd --from-crd pod.yaml")
        .code(2)
        .says("no document");
    environment.write("work/broken.yaml", "a: [");
    environment
        .kubewright("scaffold crd --from-crd broken.yaml")
        .code(2)
        .says("line");
}

#[test]
fn all_that_is_wrong_with_the_flags_is_told_at_once() {
    let environment = TestEnvironment::new();
    let line = "scaffold crd --group flags.example.com";
    insta::assert_snapshot!(environment.kubewright(&format!(
        "{line} --kind A --version v1.2 --field mode:enum(x,y) --field size:int32{{min=5,max=1}} --field name:string{{maxlen=1}}"
    )).code(2));
    insta::assert_snapshot!(
        environment
            .kubewright(&format!("{line} --kind A --version v1!,v2,v3!"))
            .code(2)
    );
    environment
        .kubewright(&format!("{line} --kind gadget --dry-run"))
        .success()
        .says("warning: the kind `gadget` begins with a small letter, and kinds are written in CamelCase: did you mean `Gadget`?");
}
