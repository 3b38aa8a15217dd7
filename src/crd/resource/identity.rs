//! What a resource is called: its name, its namespace, and the names of its finalizers.
//!
//! Source: `ValidateObjectMetaAccessor` of k8s.io/apimachinery/pkg/api/validation/objectmeta.go, and `validateKubeFinalizerName`
//! of k8s.io/apiextensions-apiserver/pkg/registry/customresource/validator.go.

use std::collections::BTreeSet;

use crate::crd::document::Node;
use crate::crd::finding::Findings;
use crate::crd::go::{dns_1123_label, dns_1123_subdomain, label_key, masked_prefix, quote};
use crate::crd::path::Path;

const RULE: &str = "resource-metadata";

fn text<'n>(root: &'n Node, key: &str) -> &'n str {
    let node = root.dig(&["metadata", key]);
    node.and_then(Node::text).unwrap_or_default()
}

/// Adds what is wrong with the name, and tells whether there is none.
pub(super) fn name(root: &Node, findings: &mut Findings) -> bool {
    let path = Path::ROOT;
    let metadata = path.field("metadata");
    let (name, prefix) = (text(root, "name"), text(root, "generateName"));
    if !prefix.is_empty() {
        // The name that the server makes of a wrong prefix is wrong, too, and another each time.
        for wrong in dns_1123_subdomain(&masked_prefix(prefix)) {
            findings.invalid(RULE, &metadata.field("generateName"), prefix, &wrong);
        }
    }
    if name.is_empty() && prefix.is_empty() {
        let detail = "name or generateName is required";
        findings.required(RULE, &metadata.field("name"), detail);
        return true;
    }
    if !name.is_empty() {
        for wrong in dns_1123_subdomain(name) {
            findings.invalid(RULE, &metadata.field("name"), name, &wrong);
        }
    }
    false
}

/// Adds what is wrong with the namespace. Without one, it is that of whoever calls.
pub(super) fn namespace(root: &Node, is_cluster: bool, findings: &mut Findings) {
    let path = Path::ROOT;
    let metadata = path.field("metadata");
    let path = metadata.field("namespace");
    let namespace = text(root, "namespace");
    if namespace.is_empty() {
        return;
    }
    if is_cluster {
        let message = "resources of scope Cluster have no namespace".to_owned();
        findings.warning("resource-namespace", &path, message);
        return;
    }
    for wrong in dns_1123_label(namespace) {
        findings.invalid(RULE, &path, namespace, &wrong);
        findings.suggest(Some(
            "name a namespace that there can be: kubectl is told that this one is not found"
                .to_owned(),
        ));
    }
}

/// Finalizers that Kubernetes itself knows.
const STANDARD_FINALIZERS: [&str; 3] = ["orphan", "foregroundDeletion", "kubernetes"];

/// Warns of finalizers that others may call the same.
pub(super) fn finalizers(root: &Node, findings: &mut Findings) {
    let path = Path::ROOT;
    let metadata = path.field("metadata");
    let path = metadata.field("finalizers");
    let list = root.dig(&["metadata", "finalizers"]).and_then(Node::list);
    let names: BTreeSet<&str> = list
        .unwrap_or_default()
        .iter()
        .filter_map(Node::text)
        .collect();
    for name in names {
        // What is no name at all is an error, and is told as one.
        if name.contains('/') || STANDARD_FINALIZERS.contains(&name) || !label_key(name).is_empty()
        {
            continue;
        }
        let including = if name.contains('.') {
            " including a path (/)"
        } else {
            ""
        };
        let message = format!(
            "metadata.finalizers: {}: prefer a domain-qualified finalizer name{including} to avoid accidental conflicts with other finalizer writers",
            quote(name)
        );
        findings.warning("resource-finalizer", &path, message);
    }
}
