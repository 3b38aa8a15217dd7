//! Kinds and API versions that no API server has.

use crate::harness::{ApiServer, TestEnvironment};

const BODY: &str = "metadata: {name: as.example.com}
spec:
  group: example.com
  scope: Cluster
  names: {plural: as, kind: A}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object}}
";

fn manifest(api: &str, kind: &str) -> String {
    format!("apiVersion: {api}\nkind: {kind}\n{BODY}")
}

#[test]
fn what_no_server_has_is_told_as_kubectl_tells_it() {
    let environment = TestEnvironment::new();
    for (api, kind, fix) in [
        (
            "apiextension.k8s.io/v1",
            "CustomResourceDefinition",
            "write `apiVersion: apiextensions.k8s.io/v1`",
        ),
        (
            "apiextensions.k8s.io/v2",
            "CustomResourceDefinition",
            "write `apiVersion: apiextensions.k8s.io/v1`",
        ),
        (
            "foo/v1",
            "CustomResourceDefinition",
            "write `apiVersion: apiextensions.k8s.io/v1`",
        ),
        (
            "v1",
            "CustomResourceDefinition",
            "write `apiVersion: apiextensions.k8s.io/v1`",
        ),
        (
            "apiextensions.k8s.io/v1",
            "CustomResourceDefinitionn",
            "write `kind: CustomResourceDefinition`",
        ),
        (
            "apiregistration.k8s.io/v1",
            "ApiService",
            "write `kind: APIService`",
        ),
        (
            "apiregistration/v1",
            "APIService",
            "write `apiVersion: apiregistration.k8s.io/v1`",
        ),
    ] {
        let file = environment.write("work/a.yaml", &manifest(api, kind));
        let report = environment
            .kubewright("crd lint a.yaml --format json")
            .code(10)
            .json();
        let findings = report["findings"].as_array().unwrap();
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let message = findings[0]["message"].as_str().unwrap();
        assert_eq!(findings[0]["fix"], fix, "{api} {kind}");
        assert_eq!(findings[0]["rule"], "api-version");

        let told = ApiServer::shared().kubectl(
            file.parent().unwrap(),
            &["create", "--dry-run=server", "-f", "a.yaml"],
        );
        assert!(told.stderr.contains(message), "{message}: {}", told.stderr);
    }
}

#[test]
fn all_verbs_agree_on_what_is_no_definition() {
    let environment = TestEnvironment::new();
    let right = manifest("apiextensions.k8s.io/v1", "CustomResourceDefinition");
    environment.write("work/right.yaml", &right);
    environment.write(
        "work/wrong.yaml",
        &manifest("apiextension.k8s.io/v1", "CustomResourceDefinition"),
    );
    for (command, code) in [
        ("crd lint wrong.yaml", 10),
        ("crd convert wrong.yaml", 10),
        ("crd explain wrong.yaml", 2),
        ("crd sample wrong.yaml", 2),
        ("crd diff right.yaml wrong.yaml", 2),
        ("crd diff wrong.yaml right.yaml", 2),
        ("scaffold crd --from-crd wrong.yaml", 2),
    ] {
        let output = environment.kubewright(command).code(code);
        let told = format!("{}{}", output.stdout, output.stderr);
        for expected in [
            "no matches for kind \"CustomResourceDefinition\" in version \"apiextension.k8s.io/v1\"",
            "write `apiVersion: apiextensions.k8s.io/v1`",
        ] {
            assert!(told.contains(expected), "{command}: {told}");
        }
    }
}

#[test]
fn several_definitions_are_not_read_back_as_one() {
    let environment = TestEnvironment::new();
    let one = manifest("apiextensions.k8s.io/v1", "CustomResourceDefinition");
    let other = one
        .replace("as.example", "bs.example")
        .replace("{plural: as, kind: A}", "{plural: bs, kind: B}");
    environment.write("work/two.yaml", &format!("{one}---\n{other}"));
    let output = environment
        .kubewright("scaffold crd --from-crd two.yaml --out out")
        .code(2);
    let expected = "`two.yaml` has several definitions, and one project has one: `as.example.com` and `bs.example.com`";
    assert!(output.stderr.contains(expected), "{}", output.stderr);
    assert!(!environment.path("work/out").exists());
}
