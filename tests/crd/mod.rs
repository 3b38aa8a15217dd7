//! Custom resource definitions: the verdict of `kubewright crd`, and the API server's.

mod agreement;
mod column;
mod convert;
mod diff;
mod documents;
mod eras;
mod explain;
mod expressions;
mod fix;
mod formats;
mod grammar;
mod hints;
mod inputs;
mod kind;
mod lint;
mod metadata;
mod mutation;
mod phrases;
mod published;
mod random;
mod sample;
mod terminal;
mod together;
mod tree;

use std::path::Path;

use crate::harness::{ApiServer, wait_until};

/// A definition of the fixtures, in a group of a test's own.
fn fixture(name: &str, group: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/crd");
    let text = std::fs::read_to_string(folder.join(format!("{name}.yaml"))).unwrap();
    text.replace(&format!("{name}.example.com"), group)
}

/// Creates a definition, and waits until its resources are served.
fn create(definition: &str, resources: &str) {
    let server = ApiServer::shared();
    let definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    server.create(definitions, definition).accepted();
    wait_until("the resource is served", || {
        server.get(resources).code == 200
    });
}
