//! API services, which tell the API server of another.
//!
//! Source: k8s.io/kube-aggregator/pkg/apis/apiregistration/validation/validation.go.

use super::decoding::decoded;
use super::document::{Node, Number};
use super::era::Era;
use super::finding::{Finding, Findings, Stage};
use super::go::{API_SERVICE, dns_1035_label, dns_1123_subdomain};
use super::path::{Path, locate};
use super::resource::metadata;

const RULE: &str = "api-service";

/// What is wrong with an API service.
pub(crate) fn check(root: &Node) -> Vec<Finding> {
    let api = root
        .get("apiVersion")
        .and_then(Node::text)
        .unwrap_or_default();
    let version = api.rsplit('/').next().unwrap_or_default();
    let mut found = decoded(Era::NEWEST, root, &API_SERVICE, "APIService", version);
    let mut findings = Findings::default();
    if version == "v1beta1" {
        let detail = "apiregistration.k8s.io/v1beta1 is gone since Kubernetes 1.22; the API is \
                      apiregistration.k8s.io/v1";
        findings.invalid("api-gone", &Path::ROOT.field("apiVersion"), api, detail);
    }
    if found.iter().all(|finding| finding.stage != Stage::Decoding) {
        rules(root, &mut findings);
    }
    for mut finding in findings.into_vec() {
        finding.at = locate(root, &finding.path);
        found.push(finding);
    }
    found
}

fn rules(root: &Node, findings: &mut Findings) {
    let text = |path: &[&str]| root.dig(path).and_then(Node::text).unwrap_or_default();
    let (group, version) = (text(&["spec", "group"]), text(&["spec", "version"]));
    let path = Path::ROOT;
    let (spec, meta) = (path.field("spec"), path.field("metadata"));
    let name = text(&["metadata", "name"]);
    if name.is_empty() {
        findings.required(
            RULE,
            &meta.field("name"),
            "name or generateName is required",
        );
    } else if name != format!("{version}.{group}") {
        let detail = "must be `spec.version+\".\"+spec.group`";
        findings.invalid(RULE, &meta.field("name"), name, detail);
    }
    if let Some(node) = root.get("metadata") {
        metadata::common(RULE, node, &meta, findings);
    }
    if group.is_empty() {
        if version != "v1" {
            findings.required(
                RULE,
                &spec.field("group"),
                "only v1 may have an empty group and it better be legacy kube",
            );
        }
    } else {
        for wrong in dns_1123_subdomain(group) {
            findings.invalid(RULE, &spec.field("group"), group, &wrong);
        }
    }
    for wrong in dns_1035_label(version) {
        findings.invalid(RULE, &spec.field("version"), version, &wrong);
    }
    priorities(root, &spec, findings);
    target(root, &spec, findings);
}

fn priorities(root: &Node, spec: &Path<'_>, findings: &mut Findings) {
    for (field, most) in [("groupPriorityMinimum", 20_000), ("versionPriority", 1_000)] {
        let value = root.dig(&["spec", field]).and_then(Node::number);
        let value = value.and_then(Number::integer).unwrap_or_default();
        if !(1..=most).contains(&value) {
            let detail = format!("must be positive and less than {most}");
            findings.invalid(RULE, &spec.field(field), value.to_string(), &detail);
        }
    }
}

fn target(root: &Node, spec: &Path<'_>, findings: &mut Findings) {
    let bundle = root
        .dig(&["spec", "caBundle"])
        .and_then(Node::text)
        .unwrap_or_default();
    let insecure = root
        .dig(&["spec", "insecureSkipTLSVerify"])
        .and_then(Node::bool);
    let insecure = insecure.unwrap_or_default();
    let present = |node: &&Node| !node.is_null();
    let insecure_path = spec.field("insecureSkipTLSVerify");
    let Some(service) = root.dig(&["spec", "service"]).filter(present) else {
        if !bundle.is_empty() {
            let detail = "local APIServices may not have a caBundle";
            findings.invalid(
                RULE,
                &spec.field("caBundle"),
                format!("{bundle} bytes"),
                detail,
            );
        }
        if insecure {
            let detail = "local APIServices may not have insecureSkipTLSVerify";
            findings.invalid(RULE, &insecure_path, "true".to_owned(), detail);
        }
        return;
    };
    let path = spec.field("service");
    for field in ["namespace", "name"] {
        if service
            .get(field)
            .and_then(Node::text)
            .unwrap_or_default()
            .is_empty()
        {
            findings.required(RULE, &path.field(field), "");
        }
    }
    let port = service.get("port").and_then(Node::number);
    let port = port.map_or(Some(443), Number::integer).unwrap_or_default();
    if !(1..=65_535).contains(&port) {
        let detail = "port is not valid: must be between 1 and 65535, inclusive";
        findings.invalid(RULE, &path.field("port"), port.to_string(), detail);
    }
    if insecure && !bundle.is_empty() {
        let detail = "may not be true if caBundle is present";
        findings.invalid(RULE, &insecure_path, "true".to_owned(), detail);
    } else if insecure {
        let message = "the API server trusts whoever answers at that address".to_owned();
        findings.warning("api-service-insecure", &insecure_path, message);
    }
}
