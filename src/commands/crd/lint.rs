//! `kubewright crd lint`

use super::inputs::{self, Input};
use super::{fix, human, sarif};
use crate::cli::{CrdLintArgs, FindingFormat};
use crate::commands::Ended;
use crate::crd::document::{Document, Limits, ReadError, read};
use crate::crd::lint::{Known, document, is_known};
use crate::crd::{Finding, Severity, rule, written};
use crate::error::{Explain, Kind};
use crate::plural;
use crate::report::{Output, Style};

/// A file, and what is wrong with it.
pub(super) struct Linted {
    pub(super) name: String,
    pub(super) text: String,
    pub(super) findings: Vec<Finding>,
    pub(super) unreadable: Option<ReadError>,
}

/// The version of Kubernetes is no version.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is no version of Kubernetes")]
struct NoVersion(String);

impl Explain for NoVersion {
    fn kind(&self) -> Kind {
        Kind::Usage
    }

    fn hints(&self) -> Vec<String> {
        vec!["versions look like `1.35`".to_owned()]
    }
}

pub(super) fn run(arguments: &CrdLintArgs) -> Result<(), Ended> {
    let minor =
        minor(&arguments.kubernetes).ok_or_else(|| NoVersion(arguments.kubernetes.clone()))?;
    let mut inputs = inputs::all(&arguments.files)?;
    if arguments.fix {
        fix::run(&mut inputs)?;
    }
    let (linted, checked) = lint(&inputs, minor);
    match arguments.format {
        FindingFormat::Human => human(&linted, checked),
        FindingFormat::Json => Output.json(&json(&linted, checked)),
        FindingFormat::Sarif => Output.json(&sarif::report(&linted)),
    }
    let has = |severity| count(&linted, severity) > 0;
    if has(Severity::Error) || (arguments.deny_warnings && has(Severity::Warning)) {
        return Err(Ended::Reported(Kind::Findings.exit_code()));
    }
    Ok(())
}

fn minor(version: &str) -> Option<u32> {
    let rest = version
        .strip_prefix('v')
        .unwrap_or(version)
        .strip_prefix("1.")?;
    rest.split('.').next()?.parse().ok()
}

/// What is wrong with the documents of all files, and how many were looked at.
pub(super) fn lint(inputs: &[Input], minor: u32) -> (Vec<Linted>, usize) {
    let read: Vec<(&Input, Result<Vec<Document>, ReadError>)> = inputs
        .iter()
        .map(|input| {
            let documents = read(&input.bytes, Limits::default());
            (input, documents)
        })
        .collect();
    let known = Known::among(
        read.iter()
            .filter_map(|(_, read)| read.as_ref().ok())
            .flatten(),
    );
    let mut checked = 0;
    let mut linted = Vec::new();
    for (input, documents) in &read {
        let documents_read = documents.as_deref().unwrap_or_default();
        let roots = documents_read.iter().map(|document| &document.root);
        checked += roots.clone().filter(|root| is_known(root, &known)).count();
        let findings = roots.flat_map(|root| document(root, &known));
        let holds = |finding: &Finding| rule(finding.rule).is_none_or(|rule| rule.since <= minor);
        linted.push(Linted {
            name: input.name.clone(),
            text: String::from_utf8_lossy(&input.bytes).into_owned(),
            findings: findings.filter(holds).collect(),
            unreadable: documents.as_ref().err().cloned(),
        });
    }
    (linted, checked)
}

fn count(linted: &[Linted], severity: Severity) -> usize {
    let of = |linted: &Linted| {
        let unreadable = usize::from(linted.unreadable.is_some() && severity == Severity::Error);
        let findings = linted.findings.iter();
        findings
            .filter(|finding| finding.severity == severity)
            .count()
            + unreadable
    };
    linted.iter().map(of).sum()
}

fn human(linted: &[Linted], checked: usize) {
    let style = Style::of_stdout();
    for linted in linted {
        for shown in human::show(linted, style) {
            Output.data(&format!("{shown}\n"));
        }
    }
    let count = |severity| count(linted, severity);
    let mut summary = format!(
        "{}: {}, {}",
        plural::count(checked as u64, "object"),
        plural::count(count(Severity::Error) as u64, "error"),
        plural::count(count(Severity::Warning) as u64, "warning"),
    );
    if count(Severity::Unchecked) > 0 {
        summary.push_str(", ");
        summary.push_str(&count(Severity::Unchecked).to_string());
        summary.push_str(" unchecked");
    }
    Output.talk(&summary);
}

fn json(linted: &[Linted], checked: usize) -> serde_json::Value {
    let finding = |name: &str, finding: &Finding| {
        serde_json::json!({
            "file": name,
            "line": finding.at.line,
            "column": finding.at.column,
            "path": written(&finding.path),
            "severity": finding.severity.name(),
            "rule": finding.rule,
            "message": finding.message,
            "fix": human::fix(finding),
        })
    };
    let mut findings = Vec::new();
    for linted in linted {
        findings.extend(linted.unreadable.iter().map(|error| {
            serde_json::json!({
                "file": linted.name, "line": error.at.line, "column": error.at.column, "path": "",
                "severity": "error", "rule": "unreadable", "message": error.message, "fix": null,
            })
        }));
        findings.extend(
            linted
                .findings
                .iter()
                .map(|found| finding(&linted.name, found)),
        );
    }
    serde_json::json!({ "schema": 1, "objects": checked, "findings": findings })
}
