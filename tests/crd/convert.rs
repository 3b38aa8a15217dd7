//! `kubewright crd convert`: what comes of it is taken by the real API server, and means what it meant.

use std::fs;
use std::path::Path;

use insta::assert_snapshot;
use serde_json::Value;

use crate::harness::{ApiServer, TestEnvironment, wait_until};

const DEFINITIONS: &str = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const TRIED: &str =
    "/apis/apiextensions.k8s.io/v1/customresourcedefinitions?dryRun=All&fieldValidation=Strict";

fn fixture(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/crd");
    fs::read_to_string(folder.join(name)).unwrap()
}

fn comments(text: &str) -> Vec<String> {
    let comment = |line: &str| line.find("# ").map(|at| line[at..].to_owned());
    text.lines().filter_map(comment).collect()
}

#[test]
fn definitions_of_old_books_are_mended_converted_and_taken() {
    let server = ApiServer::shared();
    for name in [
        "s0-function",
        "s3-crontab",
        "s3-crontab-columns",
        "s3-crontab-scale",
        "s3-crontab-validation",
        "s4-crontab",
    ] {
        let environment = TestEnvironment::new();
        let source = fixture(&format!("source/{name}.yaml"));
        environment.write("work/a.yaml", &source);
        // The old API version itself is left to the conversion.
        environment.kubewright("crd lint --fix a.yaml").code(10);
        environment
            .kubewright("crd convert --write a.yaml")
            .success();
        environment.kubewright("crd lint a.yaml").success();
        let text = fs::read_to_string(environment.path("work/a.yaml")).unwrap();
        let answer = server.create(TRIED, &text).accepted();
        assert_eq!(answer.warnings, Vec::<String>::new());
        for comment in comments(&source) {
            assert!(text.contains(&comment), "{comment} is not in {text}");
        }
    }
}

/// Creates a definition, and waits until its objects are served at a path.
fn serve(definition: &str, resources: &str) {
    let server = ApiServer::shared();
    server.create(DEFINITIONS, definition).accepted();
    wait_until("the resource is served", || {
        server.get(resources).code == 200
    });
}

#[test]
fn unknown_fields_are_kept_or_dropped_as_was_asked() {
    for (what, keeps) in [("preserve", true), ("prune", false)] {
        let environment = TestEnvironment::new();
        let group = format!("{what}.convert.example.com");
        let source = fixture("source/s3-crontab-validation.yaml");
        // `ct` is the short name that other tests ask the server for.
        let source = source.replace("stable.example.com", &group);
        environment.write(
            "work/a.yaml",
            &source.replace("- ct\n", &format!("- {what}\n")),
        );
        let converted = environment
            .kubewright(&format!("crd convert a.yaml --unknown {what}"))
            .success();
        let resources = format!("/apis/{group}/v1/namespaces/default/crontabs");
        serve(&converted.stdout, &resources);
        let server = ApiServer::shared();
        let sample = fixture("source/s3-my-crontab.yaml").replace("stable.example.com", &group);
        let answer = server.create(&resources, &sample).accepted();
        assert_eq!(answer.body["spec"]["image"].is_string(), keeps);
        let wrong = fixture("source/s3-my-crontab-invalid.yaml");
        let answer = server.create(&resources, &wrong.replace("stable.example.com", &group));
        assert_eq!(answer.code, 422, "{:#}", answer.body);
    }
}

#[test]
fn everything_that_v1beta1_had_is_converted_with_its_comments() {
    let environment = TestEnvironment::new();
    environment.write("work/old.yaml", &fixture("old.yaml"));
    let output = environment.kubewright("crd convert old.yaml").success();
    assert_snapshot!(output);
    let server = ApiServer::shared();
    server.create(TRIED, &output.stdout).accepted();
    environment.write("work/new.yaml", &output.stdout);
    let output = environment.kubewright("crd diff old.yaml new.yaml");
    assert_eq!(output.success().stdout, "");
}

#[test]
fn json_gives_the_same_definition_in_json() {
    let environment = TestEnvironment::new();
    environment.write("work/old.yaml", &fixture("old.yaml"));
    let old = super::agreement::fixture("old");
    let from_yaml = environment.kubewright("crd convert old.yaml").success();
    environment.write("work/from-yaml.yaml", &from_yaml.stdout);
    for text in [old.to_string(), format!("{old:#}")] {
        environment.write("work/old.json", &text);
        let output = environment.kubewright("crd convert old.json").success();
        let new: Value = serde_json::from_str(&output.stdout).unwrap();
        assert_eq!(new["apiVersion"], "apiextensions.k8s.io/v1");
        environment.write("work/new.json", &output.stdout);
        let output = environment.kubewright("crd diff from-yaml.yaml new.json");
        assert_eq!(output.success().stdout, "");
        ApiServer::shared()
            .create(TRIED, &new.to_string())
            .accepted();
    }
}

#[test]
fn aliases_are_written_out() {
    let environment = TestEnvironment::new();
    environment.write(
        "work/a.yaml",
        "apiVersion: apiextensions.k8s.io/v1beta1\nkind: CustomResourceDefinition\nmetadata: \
         {name: as.alias.example.com}\nspec:\n  group: alias.example.com\n  scope: Cluster\n  \
         names: {plural: as, kind: A}\n  versions:\n  - {name: v1, served: true, storage: true, schema: &s \
         {openAPIV3Schema: {properties: {a: {type: string}}}}}\n  - {name: v2, served: true, storage: \
         false, schema: *s}\n",
    );
    let output = environment
        .kubewright("crd convert a.yaml")
        .success()
        .says("written anew without its comments");
    ApiServer::shared().create(TRIED, &output.stdout).accepted();
}

#[test]
fn files_are_changed_all_or_none() {
    let environment = TestEnvironment::new();
    let old = fixture("source/s3-crontab.yaml");
    environment.write("work/some/a.yaml", &format!("---\na: 1 # kept\n---\n{old}"));
    environment.write("work/some/b.yaml", "a: [1\n");
    let output = environment.kubewright("crd convert --write some").code(2);
    assert_snapshot!(output);
    let text = fs::read_to_string(environment.path("work/some/a.yaml")).unwrap();
    assert!(text.contains("v1beta1"));
    fs::remove_file(environment.path("work/some/b.yaml")).unwrap();
    environment.write("work/some/c.yaml", "kind: Other\n");
    let output = environment.kubewright("crd convert --write some").success();
    assert_snapshot!(output);
    let text = fs::read_to_string(environment.path("work/some/a.yaml")).unwrap();
    assert!(text.starts_with("---\na: 1 # kept\n---\napiVersion: apiextensions.k8s.io/v1\n"));
    let names = fs::read_dir(environment.path("work/some")).unwrap();
    assert_eq!(names.count(), 2);
    let output = environment.kubewright("crd convert some").success();
    assert_eq!(output.lines().len(), 26);
    assert_snapshot!(environment.kubewright("crd convert --write -").code(2), @r"
    ------- stderr -------
    error: standard input is no file that could be changed

    hint: name the file instead of `-`
    [exit code 2]
    ");
}

#[test]
fn what_is_left_is_told() {
    let environment = TestEnvironment::new();
    let source = fixture("source/s0-function.yaml");
    environment.write("work/a.yaml", &source);
    let output = environment.kubewright("crd convert a.yaml").code(10);
    assert_snapshot!(output);
}

#[test]
fn what_is_left_stands_where_the_user_has_it() {
    let environment = TestEnvironment::new();
    let source = fixture("source/s0-function.yaml");
    environment.write("work/a.yaml", &source);
    let output = environment.kubewright("crd convert a.yaml").code(10);
    let line = source.lines().position(|line| line.contains("scope:"));
    let place = format!("--> a.yaml:{}:", line.unwrap() + 1);
    output.says(&place);
}
