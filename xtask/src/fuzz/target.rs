//! What is fed.

use std::path::Path;

use kubewright::crd::document::{Limits, Node, objects, read, read_each};
use kubewright::crd::explain::explain;
use kubewright::crd::lint::{self, Known, Role, document};
use kubewright::crd::sample::{Extent, resource};
use kubewright::crd::subject::Subject;
use kubewright::scaffold::told::{Complaint, Place};
use kubewright::scaffold::{ScaffoldError, field, project, read_back, specification};

use serde_json::{Value, json};

use super::corpus::Diet;

/// A reader of input.
pub(super) struct Target {
    pub(super) name: &'static str,
    pub(super) diet: Diet,
    /// Reads an input; whether it was taken.
    pub(super) feed: fn(&[u8]) -> bool,
}

/// All of them.
pub(super) const TARGETS: &[Target] = &[
    Target {
        name: "field",
        diet: Diet::Fields,
        feed: a_field,
    },
    Target {
        name: "description",
        diet: Diet::Descriptions,
        feed: a_description,
    },
    Target {
        name: "document",
        diet: Diet::Manifests,
        feed: a_document,
    },
    Target {
        name: "lint",
        diet: Diet::Manifests,
        feed: a_manifest,
    },
    Target {
        name: "expression",
        diet: Diet::Expressions,
        feed: an_expression,
    },
    Target {
        name: "sample",
        diet: Diet::Manifests,
        feed: a_subject,
    },
    Target {
        name: "from-crd",
        diet: Diet::Manifests,
        feed: a_definition,
    },
];

/// A field, which is printed and read again as the same.
fn a_field(input: &[u8]) -> bool {
    let text = String::from_utf8_lossy(input);
    match field::parse(&text) {
        Ok(placed) => {
            let printed = placed.field.to_string();
            let again = field::parse(&printed).map(|placed| placed.field.node);
            assert!(
                again.as_ref() == Ok(&placed.field.node),
                "`{printed}` is read as {again:?}"
            );
            true
        }
        Err(problem) => {
            let source = Place::whole("--field", &text).source;
            Complaint { source, problem }.render();
            false
        }
    }
}

/// A description, up to all files that are made of it.
fn a_description(input: &[u8]) -> bool {
    let text = String::from_utf8_lossy(input);
    match specification::parse("api.toml", &text).and_then(|answers| answers.describe()) {
        Ok(description) => project::files(&description).is_ok(),
        Err(complaints) => {
            drop(ScaffoldError::invalid(&complaints));
            false
        }
    }
}

/// A document, and its JSON.
fn a_document(input: &[u8]) -> bool {
    let Ok(documents) = read(input, Limits::default()) else {
        return false;
    };
    for document in &documents {
        serde_json::Value::from(&document.root).to_string();
    }
    true
}

/// Manifests, as `crd lint` reads them.
fn a_manifest(input: &[u8]) -> bool {
    let reading = read_each(input, Limits::default());
    let documents = objects(reading.documents);
    let known = Known::among(&documents);
    for read in &documents {
        document(&read.root, &known);
        known.refused(&read.root);
        Role::of(&read.root, &known);
    }
    reading.errors.is_empty()
}

/// An expression of CEL, as a rule and as a message of a definition, and for a resource of it.
fn an_expression(input: &[u8]) -> bool {
    let expression = String::from_utf8_lossy(input);
    let resource = Node::from(&json!({
        "apiVersion": "a.b/v1", "kind": "A", "metadata": {"name": "a"},
        "spec": {
            "name": "a", "min": 1, "max": 9, "ratio": 0.5, "on": true, "port": 80, "tags": ["a", "b"], "labels": {"a": "b"},
        },
    }));
    let as_rule = with_rule(&json!({ "rule": expression }));
    drop(lint::resource(&as_rule, &resource));
    let as_message = json!({ "rule": "false", "messageExpression": expression });
    let as_message = with_rule(&as_message);
    document(&as_message, &Known::default());
    drop(lint::resource(&as_message, &resource));
    let findings = document(&as_rule, &Known::default());
    !findings
        .iter()
        .any(|finding| finding.message.contains("Syntax error"))
}

fn with_rule(rule: &Value) -> Node {
    Node::from(&json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "as.a.b"},
        "spec": {
            "group": "a.b", "scope": "Cluster", "names": {"plural": "as", "kind": "A"},
            "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {
                "type": "object", "properties": {"spec": {
                    "type": "object",
                    "x-kubernetes-validations": [rule],
                    "properties": {
                        "name": {"type": "string"}, "min": {"type": "integer"}, "max": {"type": "integer"},
                        "ratio": {"type": "number"}, "on": {"type": "boolean"},
                        "port": {"x-kubernetes-int-or-string": true},
                        "tags": {"type": "array", "items": {"type": "string"}},
                        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
                    },
                }},
            }}}],
        },
    }))
}

/// Definitions, as `crd explain` and `crd sample` read them.
fn a_subject(input: &[u8]) -> bool {
    let Ok(documents) = read(input, Limits::default()) else {
        return false;
    };
    let Ok(subjects) = Subject::all(&documents, None) else {
        return false;
    };
    for subject in &subjects {
        drop(explain(subject, &["spec"], true));
        drop(explain(subject, &[], false));
        drop(subject.wrong());
        for extent in [Extent::Least, Extent::Most] {
            drop(resource(subject, extent));
        }
    }
    true
}

/// A definition, as `scaffold crd --from-crd` reads it.
fn a_definition(input: &[u8]) -> bool {
    let answers = read_back::parse(Path::new("crd.yaml"), input);
    match answers.map(|answers| answers.describe()) {
        Ok(Ok(description)) => drop(project::files(&description)),
        Ok(Err(_)) => {}
        Err(_) => return false,
    }
    true
}
