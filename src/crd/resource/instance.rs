//! A custom resource against its definition.

use super::value::{Use, validate};
use super::{default, lists, metadata, prune};
use crate::crd::definition::Definition;
use crate::crd::document::Node;
use crate::crd::finding::{Finding, Findings, Severity, Stage};
use crate::crd::go::quote;
use crate::crd::path::{Path, locate, written};
use crate::crd::schema::Schema;

/// What the API server says when a resource is created, strictly, as kubectl asks it to.
pub(crate) fn check(root: &Node, definition: &Node) -> Vec<Finding> {
    let definition = Definition::read(definition);
    let version = root
        .get("apiVersion")
        .and_then(Node::text)
        .unwrap_or_default();
    let version = version.rsplit('/').next().unwrap_or_default();
    let versions = &definition.versions;
    let Some(version) = versions.iter().find(|candidate| candidate.name == version) else {
        return Vec::new();
    };
    let mut findings = Findings::default();
    let path = Path::ROOT;
    if !version.served {
        let message = format!("version {} is not served", quote(version.name));
        findings.warning("resource-not-served", &path.field("apiVersion"), message);
    }
    if let Some(schema) = &version.schema {
        against(root, schema, &mut findings);
    }
    let namespace = root.dig(&["metadata", "namespace"]);
    let namespace = namespace.and_then(Node::text).unwrap_or_default();
    if definition.text(&["spec", "scope"]) == "Cluster" && !namespace.is_empty() {
        let metadata = path.field("metadata");
        let message = "resources of scope Cluster have no namespace".to_owned();
        findings.warning("resource-namespace", &metadata.field("namespace"), message);
    }
    let mut found = findings.into_vec();
    for finding in &mut found {
        finding.at = locate(root, &finding.path);
    }
    found
}

fn against(root: &Node, schema: &Schema<'_>, findings: &mut Findings) {
    let path = Path::ROOT;
    for steps in prune::unknown_fields(root, schema, true, &path) {
        findings.push(Finding {
            rule: "resource-unknown-field",
            severity: Severity::Error,
            stage: Stage::Strictness,
            message: format!("unknown field {}", quote(&written(&steps))),
            at: root.at,
            path: steps,
            suggestion: None,
        });
    }
    let mut complete = root.clone();
    default::apply(&mut complete, schema);
    let errors = findings.errors();
    metadata::embedded(
        "resource-metadata",
        &path,
        &complete,
        schema,
        true,
        findings,
    );
    if findings.errors() > errors {
        return;
    }
    validate(
        "resource",
        &path,
        &complete,
        schema,
        Use::Resource,
        findings,
    );
    lists::check("resource-list", &path, &complete, schema, findings);
    unchecked(schema, findings);
}

fn unchecked(schema: &Schema<'_>, findings: &mut Findings) {
    let has_rules = |schema: &Schema<'_>| {
        schema
            .validations
            .as_ref()
            .is_some_and(|rules| !rules.is_empty())
    };
    if schema.any(&has_rules) {
        let message = "the CEL rules of its definition are not evaluated".to_owned();
        findings.unchecked("cel-resource", &Path::ROOT, message);
    }
}
