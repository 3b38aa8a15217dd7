//! The name of the definition, its group, scope and approval.
//!
//! Source: `ValidateCustomResourceDefinition`, `validateCustomResourceDefinitionSpec`, `validateAPIApproval` and
//! `validatePreserveUnknownFields` of pkg/apis/apiextensions/validation/validation.go.

use super::super::definition::Definition;
use super::super::document::Node;
use super::super::era::Era;
use super::super::finding::Findings;
use super::super::go::{dns_1123_subdomain, quote};
use super::super::path::Path;
use super::super::resource::metadata;

const APPROVAL: &str = "api-approved.kubernetes.io";
const APPROVAL_HELP: &str = "see https://github.com/kubernetes/enhancements/pull/1111";

pub(super) fn check(definition: &Definition<'_>, findings: &mut Findings) {
    let root = Path::ROOT;
    let spec = root.field("spec");
    name(definition, &root.field("metadata"), findings);
    group(definition, &spec.field("group"), findings);
    let scope = definition.text(&["spec", "scope"]);
    let path = spec.field("scope");
    match scope {
        "" => findings.required("scope", &path, ""),
        "Cluster" | "Namespaced" => {}
        _ => findings.unsupported("scope", &path, scope, &["Cluster", "Namespaced"]),
    }
    if definition.demands.beta.is_some() {
        return;
    }
    approval(definition, &root, findings);
    let preserve = definition.root.dig(&["spec", "preserveUnknownFields"]);
    if preserve.and_then(Node::bool) == Some(true) {
        let path = spec.field("preserveUnknownFields");
        let keyword = match definition.demands.era {
            Era(..25) => "x-preserve-unknown-fields",
            Era(_) => "x-kubernetes-preserve-unknown-fields",
        };
        let detail =
            format!("cannot set to true, set {keyword} to true in spec.versions[*].schema instead");
        findings.invalid("preserve-unknown-fields", &path, "true".to_owned(), &detail);
    }
}

fn name(definition: &Definition<'_>, path: &Path<'_>, findings: &mut Findings) {
    let plural = definition.text(&["spec", "names", "plural"]);
    let wanted = format!("{plural}.{}", definition.group());
    let wrong = |name: &str| {
        let mut wrong = dns_1123_subdomain(name);
        if name != wanted {
            wrong.push("must be spec.names.plural+\".\"+spec.group".to_owned());
        }
        wrong
    };
    let prefix = definition.text(&["metadata", "generateName"]);
    if !prefix.is_empty() {
        // A prefix may end with a dash, which gives way to a letter in the check.
        let masked = match prefix.strip_suffix('-') {
            Some(rest) if !rest.is_empty() => format!("{rest}a"),
            _ => prefix.to_owned(),
        };
        let mut messages = dns_1123_subdomain(&masked);
        if prefix != wanted {
            messages.push("must be spec.names.plural+\".\"+spec.group".to_owned());
        }
        for message in messages {
            findings.invalid("name", &path.field("generateName"), prefix, &message);
        }
    }
    let name = definition.text(&["metadata", "name"]);
    let path_of_name = path.field("name");
    if name.is_empty() {
        findings.required("name", &path_of_name, "name or generateName is required");
    }
    for message in wrong(name).iter().filter(|_| !name.is_empty()) {
        findings.invalid("name", &path_of_name, name, message);
    }
    if let Some(node) = definition.root.get("metadata") {
        metadata::common("metadata", node, path, findings);
    }
}

fn group(definition: &Definition<'_>, path: &Path<'_>, findings: &mut Findings) {
    let group = definition.group();
    let wrong = dns_1123_subdomain(group);
    if group.is_empty() {
        findings.required("group", path, "");
    } else if !wrong.is_empty() {
        findings.invalid("group", path, group, &wrong.join(","));
    } else if !group.contains('.') {
        findings.invalid(
            "group",
            path,
            group,
            "should be a domain with at least one dot",
        );
    }
}

fn approval(definition: &Definition<'_>, root: &Path<'_>, findings: &mut Findings) {
    let group = definition.group();
    let protected = ["k8s.io", "kubernetes.io"]
        .iter()
        .any(|domain| group == *domain || group.ends_with(&format!(".{domain}")));
    if !protected {
        return;
    }
    let metadata = root.field("metadata");
    let annotations = metadata.field("annotations");
    let path = annotations.key(APPROVAL);
    let value = definition.text(&["metadata", "annotations", APPROVAL]);
    let must = format!(
        "protected groups must have approval annotation {}",
        quote(APPROVAL)
    );
    if value.is_empty() {
        findings.required("approval", &path, &format!("{must}, {APPROVAL_HELP}"));
    } else if !value.starts_with("unapproved") && !is_url(value) {
        let detail = format!(
            "{must} with either a URL or a reason starting with \"unapproved\", {APPROVAL_HELP}"
        );
        findings.invalid("approval", &path, value, &detail);
    }
}

/// Whether a text is a URL with scheme and host, as Go's `url.ParseRequestURI` has it for what people write.
fn is_url(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else {
        return false;
    };
    let host = rest.split(['/', '?']).next().unwrap_or_default();
    scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || "+-.".contains(letter))
        && !host.is_empty()
        && !text.contains(|letter: char| letter.is_ascii_control() || letter == ' ')
}
