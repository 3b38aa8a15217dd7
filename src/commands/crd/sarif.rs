//! Findings as SARIF 2.1.0, which code hosts show beside the lines.

use serde_json::{Value, json};

use super::lint::Linted;
use super::tree::Identity;
use crate::crd::{Finding, Severity, rules, written};

/// The report of one run.
pub(super) fn report(linted: &[Linted], server: Option<&Identity>) -> Value {
    let rules: Vec<Value> = rules()
        .iter()
        .map(|rule| {
            json!({
                "id": rule.id,
                "shortDescription": { "text": rule.summary },
                "help": { "text": if rule.fix.is_empty() { &rule.summary } else { &rule.fix } },
            })
        })
        .collect();
    let mut results = Vec::new();
    for linted in linted {
        results.extend(linted.unreadable.iter().map(|error| {
            result(
                "error",
                None,
                &error.message,
                &linted.name,
                error.at.line,
                error.at.column,
            )
        }));
        results.extend(
            linted
                .findings
                .iter()
                .map(|finding| found(&linted.name, finding)),
        );
    }
    let mut report = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "kubewright",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    if let Some(server) = server {
        report["runs"][0]["tool"]["extensions"] =
            json!([{ "name": "k8s.io/apiextensions-apiserver", "version": server.title() }]);
    }
    report
}

fn found(name: &str, finding: &Finding) -> Value {
    let level = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Unchecked => "note",
    };
    let message = match written(&finding.path) {
        path if path.is_empty() => finding.message.clone(),
        path => format!("{path}: {}", finding.message),
    };
    result(
        level,
        Some(finding.rule),
        &message,
        name,
        finding.at.line,
        finding.at.column,
    )
}

fn result(
    level: &str,
    rule: Option<&str>,
    message: &str,
    name: &str,
    line: usize,
    column: usize,
) -> Value {
    let mut result = json!({
        "level": level,
        "message": { "text": message },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": name },
            "region": { "startLine": line.max(1), "startColumn": column.max(1) },
        } }],
    });
    if let Some(rule) = rule {
        result["ruleId"] = rule.into();
    }
    result
}
