//! `metadata.ownerReferences`
//!
//! Source: `ValidateOwnerReferences` of k8s.io/apimachinery/pkg/api/validation/objectmeta.go, and
//! `dedupOwnerReferences` of k8s.io/apiserver/pkg/endpoints/handlers/rest.go.

use crate::crd::document::{Node, Value};
use crate::crd::finding::Findings;
use crate::crd::go::{json_value, quote};
use crate::crd::path::Path;

/// Adds what is wrong with owners, and warns of those that are written twice; the API server looks at each once.
pub(super) fn check(
    rule: &'static str,
    metadata: &Node,
    path: &Path<'_>,
    warns: bool,
    findings: &mut Findings,
) {
    let path = path.field("ownerReferences");
    let owners = metadata.get("ownerReferences").and_then(Node::list);
    let (mut seen, mut twice): (Vec<String>, Vec<&str>) = (Vec::new(), Vec::new());
    let mut controller = None;
    for owner in owners.unwrap_or_default() {
        let written = written(owner);
        if seen.contains(&written) && warns {
            twice.push(text(owner, "uid"));
            continue;
        }
        seen.push(written);
        one(rule, owner, &path, findings);
        if owner.get("controller").and_then(Node::bool) == Some(true) {
            let name = format!("{}/{}", text(owner, "kind"), text(owner, "name"));
            match &controller {
                None => controller = Some(name),
                Some(first) => {
                    let all: Vec<String> = distinct(owners.unwrap_or_default(), warns);
                    let detail = format!(
                        "Only one reference can have Controller set to true. Found \"true\" in references for {first} and {name}"
                    );
                    findings.invalid(rule, &path, format!("[{}]", all.join(",")), &detail);
                }
            }
        }
    }
    if !twice.is_empty() {
        let message = format!(
            ".metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: {}",
            twice.join(", ")
        );
        findings.warning("resource-owner", &path, message);
    }
}

fn distinct(owners: &[Node], once: bool) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for owner in owners.iter().map(written) {
        if !once || !all.contains(&owner) {
            all.push(owner);
        }
    }
    all
}

fn one(rule: &'static str, owner: &Node, path: &Path<'_>, findings: &mut Findings) {
    let api_version = text(owner, "apiVersion");
    let version = match api_version.matches('/').count() {
        0 => api_version,
        1 => api_version.rsplit('/').next().unwrap_or_default(),
        _ => "",
    };
    if version.is_empty() {
        let path = path.field("apiVersion");
        findings.invalid(rule, &path, api_version, "version must not be empty");
    }
    for field in ["kind", "name", "uid"] {
        if text(owner, field).is_empty() {
            findings.invalid(rule, &path.field(field), "", "must not be empty");
        }
    }
    if api_version == "v1" && text(owner, "kind") == "Event" {
        let detail = "/v1, Kind=Event is disallowed from being an owner";
        findings.invalid(rule, path, written(owner), detail);
    }
}

fn text<'n>(owner: &'n Node, key: &str) -> &'n str {
    owner.get(key).and_then(Node::text).unwrap_or_default()
}

/// An owner as Go writes it.
fn written(owner: &Node) -> String {
    let mut fields: Vec<String> = ["apiVersion", "kind", "name", "uid"]
        .map(|key| {
            format!(
                "{}:{}",
                quote(key),
                json_value(&text_node(text(owner, key)))
            )
        })
        .to_vec();
    for key in ["controller", "blockOwnerDeletion"] {
        if let Some(is) = owner.get(key).and_then(Node::bool) {
            fields.push(format!("{}:{is}", quote(key)));
        }
    }
    format!("{{{}}}", fields.join(","))
}

fn text_node(text: &str) -> Node {
    Node {
        value: Value::String(text.to_owned()),
        at: crate::crd::document::Position::default(),
    }
}
