//! The API server that tests ask is a real one.

use crate::harness::{ApiServer, TestEnvironment};

const DEFINITIONS: &str = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

#[test]
fn it_answers_over_http_and_to_kubectl() {
    let server = ApiServer::shared();
    let version = server.get("/version").accepted().body;
    assert_eq!(version["minor"], "35");
    let environment = TestEnvironment::new();
    let namespaces = server.kubectl(environment.root(), &["get", "namespaces", "-o", "name"]);
    assert!(namespaces.success().stdout.contains("namespace/default"));
}

#[test]
fn it_tells_what_is_wrong_field_by_field() {
    let server = ApiServer::shared();
    let manifest = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n\
                    metadata: {name: a.example.com}\n\
                    spec: {group: example.com, names: {plural: as, kind: A}, versions: []}\n";
    let answer = server.create(&format!("{DEFINITIONS}?dryRun=All"), manifest);
    assert_eq!(answer.code, 422);
    let causes = answer.causes();
    assert!(
        causes
            .iter()
            .any(|(field, message)| { field == "spec.scope" && message == "Required value" })
    );
}
