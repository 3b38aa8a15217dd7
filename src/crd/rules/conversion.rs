//! Conversion between versions.
//!
//! Source: `validateCustomResourceConversion` of pkg/apis/apiextensions/validation/validation.go and
//! k8s.io/apiserver/pkg/util/webhook/validation.go.

use std::collections::HashSet;

use super::super::definition::{Definition, Demands};
use super::super::document::{Node, Number};
use super::super::era::Era;
use super::super::finding::Findings;
use super::super::go::{dns_1035_label, dns_1123_subdomain, json_value};
use super::super::path::Path;

const FORM: &str = "; desired format: https://host[/path]";

pub(super) fn check(definition: &Definition<'_>, spec: &Path<'_>, findings: &mut Findings) {
    let present = |node: &&Node| !node.is_null();
    let Some(conversion) = definition.root.dig(&["spec", "conversion"]).filter(present) else {
        return;
    };
    let path = spec.field("conversion");
    let strategy = conversion
        .get("strategy")
        .and_then(Node::text)
        .unwrap_or_default();
    let at = path.field("strategy");
    match strategy {
        "" => findings.required("conversion", &at, ""),
        "None" | "Webhook" => {}
        _ => findings.unsupported("conversion", &at, strategy, &["None", "Webhook"]),
    }
    let webhook = path.field("webhook");
    let client = webhook.field("clientConfig");
    let reviews = webhook.field("conversionReviewVersions");
    let config = conversion.dig(&["webhook", "clientConfig"]).filter(present);
    let versions = conversion.dig(&["webhook", "conversionReviewVersions"]);
    let demands = definition.demands;
    let preserve = definition.root.dig(&["spec", "preserveUnknownFields"]);
    let keeps = match demands.beta {
        Some(beta) => !beta.pruned,
        None => preserve.and_then(Node::bool) == Some(true),
    };
    if keeps && strategy != "None" {
        let detail = "must be None if spec.preserveUnknownFields is true";
        findings.invalid("conversion", &at, strategy, detail);
        findings.suggest(Some("write `preserveUnknownFields: false`".to_owned()));
    }
    if strategy == "Webhook" {
        match config {
            None => {
                let detail = "required when strategy is set to Webhook";
                findings.required("conversion-webhook", &client, detail);
            }
            Some(config) => target(config, &client, findings),
        }
        review_versions(versions, demands, &reviews, findings);
    } else {
        let detail = "should not be set when strategy is not set to Webhook";
        if config.is_some() {
            findings.forbidden("conversion-webhook", &client, detail);
        }
        if versions
            .and_then(Node::list)
            .is_some_and(|list| !list.is_empty())
        {
            findings.forbidden("conversion-webhook", &reviews, detail);
        }
    }
}

fn target(config: &Node, path: &Path<'_>, findings: &mut Findings) {
    let url = config.get("url").and_then(Node::text);
    let service = config.get("service").filter(|node| !node.is_null());
    match (url, service) {
        (Some(url), None) => self::url(url, &path.field("url"), findings),
        (None, Some(service)) => self::service(service, &path.field("service"), findings),
        _ => {
            let detail = "exactly one of url or service is required";
            findings.required("conversion-webhook", path, detail);
        }
    }
}

fn url(url: &str, path: &Path<'_>, findings: &mut Findings) {
    let rule = "conversion-webhook";
    let (rest, fragment) = url.split_once('#').unwrap_or((url, ""));
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (scheme, rest) = match rest.split_once(':') {
        Some((scheme, rest)) if !scheme.contains('/') => (scheme.to_lowercase(), rest),
        _ => (String::new(), rest),
    };
    let authority = rest
        .strip_prefix("//")
        .map(|rest| rest.split('/').next().unwrap_or_default())
        .unwrap_or_default();
    let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    if scheme != "https" {
        let detail = format!("'https' is the only allowed URL scheme{FORM}");
        findings.invalid(rule, path, scheme.as_str(), &detail);
    }
    if host.is_empty() {
        findings.invalid(rule, path, host, &format!("host must be specified{FORM}"));
    }
    if authority.contains('@') {
        let detail = "user information is not permitted in the URL";
        findings.invalid(rule, path, user, detail);
    }
    if !fragment.is_empty() {
        findings.invalid(
            rule,
            path,
            fragment,
            "fragments are not permitted in the URL",
        );
    }
    if !query.is_empty() {
        let detail = "query parameters are not permitted in the URL";
        findings.invalid(rule, path, query, detail);
    }
}

fn service(service: &Node, path: &Path<'_>, findings: &mut Findings) {
    let rule = "conversion-webhook";
    let text = |key| service.get(key).and_then(Node::text).unwrap_or_default();
    // The server hands the two over in the wrong order, and so tells of the one where the other is missing.
    for (field, told) in [("namespace", "name"), ("name", "namespace")] {
        if text(field).is_empty() {
            findings.required(rule, &path.field(told), "");
        }
    }
    let port = service.get("port").and_then(Node::number);
    let port = port.map_or(Some(443), Number::integer).unwrap_or_default();
    if !(1..=65535).contains(&port) {
        let detail = "port is not valid: must be between 1 and 65535, inclusive";
        findings.invalid(rule, &path.field("port"), port.to_string(), detail);
    }
    url_path(text("path"), &path.field("path"), findings);
}

fn url_path(text: &str, path: &Path<'_>, findings: &mut Findings) {
    let rule = "conversion-webhook";
    if text.is_empty() || text == "/" {
        return;
    }
    if text == "//" {
        findings.invalid(rule, path, text, "segment[0] may not be empty");
        return;
    }
    if !text.starts_with('/') {
        findings.invalid(rule, path, text, "must start with a '/'");
    }
    let first = text.chars().next().map_or(0, char::len_utf8);
    let steps = &text[first..];
    let steps = steps.strip_suffix('/').unwrap_or(steps);
    for (index, step) in steps.split('/').enumerate() {
        if step.is_empty() {
            let detail = format!("segment[{index}] may not be empty");
            findings.invalid(rule, path, text, &detail);
            continue;
        }
        for wrong in dns_1123_subdomain(step) {
            findings.invalid(rule, path, text, &format!("segment[{index}]: {wrong}"));
        }
    }
}

fn review_versions(
    versions: Option<&Node>,
    demands: Demands,
    path: &Path<'_>,
    findings: &mut Findings,
) {
    let rule = "conversion-review-versions";
    let list = versions.and_then(Node::list).unwrap_or_default();
    let Some(node) = versions.filter(|_| !list.is_empty()) else {
        // v1beta1 had a default.
        if demands.beta.is_none() {
            findings.required(rule, path, "");
        }
        return;
    };
    let mut seen = HashSet::new();
    for (index, version) in list.iter().enumerate() {
        let version = version.text().unwrap_or_default();
        let path = path.index(index);
        if !seen.insert(version) {
            findings.invalid(rule, &path, version, "duplicate version");
            continue;
        }
        for wrong in dns_1035_label(version) {
            findings.invalid(rule, &path, version, &wrong);
        }
    }
    // What the API server before that of the era understood.
    let accepted: &[&str] = match demands.era {
        Era(..17) => &["v1beta1"],
        Era(_) => &["v1", "v1beta1"],
    };
    if !accepted.iter().any(|version| seen.contains(version)) {
        let detail = format!("must include at least one of {}", accepted.join(", "));
        findings.invalid(rule, path, json_value(node), &detail);
    }
}
