//! A custom resource against its definition.

use std::collections::HashSet;

use super::rules::Rules;
use super::value::{Use, validate};
use super::{default, identity, lists, metadata, prune, rules, scale};
use crate::crd::decoding::REPEATED;
use crate::crd::definition::{Definition, Version};
use crate::crd::document::{Node, Position, Value};
use crate::crd::finding::{Finding, Findings, Severity, Stage};
use crate::crd::go::quote;
use crate::crd::path::{Path, Step, locate, parsed, resolve, written};
use crate::crd::schema::Schema;

/// What the API server adds where rules were not evaluated because of another error.
pub(crate) const BLOCKED: &str = "Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation";

/// What the API server says when a resource is created, strictly, as kubectl asks it to.
pub(crate) fn check(root: &Node, definition: &Definition<'_>) -> Vec<Finding> {
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
        let is_cluster = definition.text(&["spec", "scope"]) == "Cluster";
        against(root, schema, version, is_cluster, &mut findings);
    }
    let mut found = findings.into_vec();
    for finding in &mut found {
        if finding.stage == Stage::Strictness {
            continue;
        }
        // Some of the server's paths are one text, in which keys may hold dots themselves.
        finding.at = locate(root, &parsed(root, &written(&finding.path)));
    }
    found
}

fn against(
    root: &Node,
    schema: &Schema<'_>,
    version: &Version<'_>,
    is_cluster: bool,
    findings: &mut Findings,
) {
    let path = Path::ROOT;
    let mut unknown = prune::unknown_fields(root, schema, true, &path);
    metadata::unknown_fields(&path, root, schema, true, &mut unknown);
    findings.extend(
        unknown
            .into_iter()
            .map(|path| strict("unknown", path, root)),
    );
    let mut twice = Vec::new();
    repeated(root, &path, &mut twice);
    findings.extend(
        twice
            .into_iter()
            .map(|path| strict("duplicate", path, root)),
    );
    let mut complete = root.clone();
    default::apply(&mut complete, schema);
    if let Some(finding) = undecodable(&complete, schema, version) {
        findings.push(finding);
        return;
    }
    // Creating clears what another request writes (`PrepareForCreate` of
    // k8s.io/apiextensions-apiserver/pkg/registry/customresource/strategy.go).
    if version.has_status()
        && let Value::Map(map) = &mut complete.value
    {
        while map.remove("status").is_some() {}
    }
    metadata::validate(
        "resource-metadata",
        &path,
        &complete,
        schema,
        true,
        findings,
    );
    let nameless = identity::name(root, findings);
    identity::namespace(root, is_cluster, findings);
    identity::finalizers(root, findings);
    let purpose = Use::Resource;
    let invalid = validate("resource", &path, &complete, schema, purpose, findings);
    let scale = version
        .get("subresources")
        .and_then(|node| node.get("scale"));
    if let Some(scale) = scale.filter(|scale| !scale.is_null()) {
        scale::check(&complete, scale, version.has_status(), findings);
    }
    lists::check("resource-list", &path, &complete, schema, findings);
    cel_rules(&complete, schema, nameless || invalid, findings);
}

/// A field that strict decoding refuses; its name is what is wrong.
fn strict(what: &str, path: Vec<Step>, root: &Node) -> Finding {
    let named = match path.split_last() {
        Some((Step::Field(name) | Step::Key(name), above)) => {
            let map = resolve(root, above).and_then(Node::map);
            map.and_then(|map| map.entry(name)).map(|entry| entry.at)
        }
        _ => None,
    };
    // kubectl sends the last of two, of which the server then knows nothing.
    let is_repetition = what == "duplicate";
    Finding {
        rule: if is_repetition {
            "duplicate-field"
        } else {
            "resource-unknown-field"
        },
        severity: if is_repetition {
            Severity::Warning
        } else {
            Severity::Error
        },
        stage: Stage::Strictness,
        message: format!("{what} field {}", quote(&written(&path))),
        at: named.unwrap_or_else(|| locate(root, &path)),
        path,
        suggestion: is_repetition.then(|| REPEATED.to_owned()),
    }
}

/// Adds the paths of keys that are written twice.
fn repeated(node: &Node, path: &Path<'_>, twice: &mut Vec<Vec<Step>>) {
    match &node.value {
        Value::Map(map) => {
            let mut seen = HashSet::new();
            for entry in map.entries().iter().filter(|entry| !entry.merged) {
                let path = path.field(&entry.key);
                if !seen.insert(&entry.key) {
                    twice.push(path.steps());
                }
                repeated(&entry.node, &path, twice);
            }
        }
        Value::List(list) => {
            for (index, node) in list.iter().enumerate() {
                repeated(node, &path.index(index), twice);
            }
        }
        _ => {}
    }
}

/// What keeps the API server from decoding a resource: metadata that is none, its own or that of what it embeds.
fn undecodable(root: &Node, schema: &Schema<'_>, version: &Version<'_>) -> Option<Finding> {
    let kind = root.get("kind").and_then(Node::text).unwrap_or_default();
    let cannot = format!(
        "{kind} in version {} cannot be handled as a {kind}",
        quote(version.name)
    );
    let finding = |path, message: &str| Finding {
        rule: "resource-metadata",
        severity: Severity::Error,
        stage: Stage::Decoding,
        path,
        at: root.at,
        message: format!("{cannot}: {message}"),
        suggestion: None,
    };
    let path = Path::ROOT;
    if let Some(error) = root.get("metadata").and_then(metadata::metadata_error) {
        return Some(finding(path.field("metadata").steps(), &error));
    }
    let mut findings = Findings::default();
    metadata::coerce(
        "resource-metadata",
        &path,
        root,
        schema,
        true,
        &mut findings,
    );
    let error = findings.into_vec().into_iter().next()?;
    let message = format!("{}: {}", written(&error.path), error.message);
    Some(finding(error.path, &message))
}

/// CEL rules are not evaluated where something else is wrong.
fn cel_rules(root: &Node, schema: &Schema<'_>, blocked: bool, findings: &mut Findings) {
    if blocked && rules::any(schema) {
        findings.push(Finding {
            rule: "cel-resource",
            severity: Severity::Error,
            stage: Stage::Validation,
            path: Vec::new(),
            at: Position::default(),
            message: BLOCKED.to_owned(),
            suggestion: Some("correct the other errors first".to_owned()),
        });
    } else if let Some(rules) = Rules::of(schema, true).filter(|_| !blocked) {
        rules.check("cel-resource", root, false, &Path::ROOT, findings);
    }
}
