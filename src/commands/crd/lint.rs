//! `kubewright crd lint`

use std::convert::Infallible;

use super::inputs::{self, Input};
use super::{fix, human, sarif, tree};
use crate::cli::{CrdLintArgs, FindingFormat, Validator};
use crate::commands::{Call, Ended};
use crate::crd::document::{Document, Limits, Node, ReadError, read};
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

/// A flag that means nothing beside `--validator`.
#[derive(Debug, thiserror::Error)]
enum OutOfPlace {
    #[error("`{0}` names a tree, and the built-in rules look at none")]
    Tree(&'static str),
    #[error("`--kubernetes` chooses among the built-in rules, and a tree has a version of its own")]
    Version,
}

impl Explain for OutOfPlace {
    fn kind(&self) -> Kind {
        Kind::Usage
    }

    fn hints(&self) -> Vec<String> {
        let hint = match self {
            OutOfPlace::Tree(_) => "the verdict of a tree's own code: `--validator tree`",
            OutOfPlace::Version => "another version's tree: `--ref v1.34.1`",
        };
        vec![hint.to_owned()]
    }
}

impl OutOfPlace {
    fn check(arguments: &CrdLintArgs) -> Result<(), OutOfPlace> {
        let source = &arguments.source;
        let named = [
            ("--repo", source.repo.is_some()),
            ("--ref", source.reference.is_some()),
            ("--source", source.source.is_some()),
        ];
        let named = named.into_iter().find(|(_, is_named)| *is_named);
        match (arguments.validator, named) {
            (Validator::BuiltIn, Some((flag, _))) => Err(OutOfPlace::Tree(flag)),
            (Validator::Tree, _) if arguments.kubernetes.is_some() => Err(OutOfPlace::Version),
            _ => Ok(()),
        }
    }
}

/// The version whose rules hold where none is named.
const DEFAULT_MINOR: u32 = 35;

pub(super) fn run(arguments: &CrdLintArgs, call: &Call) -> Result<(), Ended> {
    OutOfPlace::check(arguments)?;
    let minor = match &arguments.kubernetes {
        Some(version) => minor(version).ok_or_else(|| NoVersion(version.clone()))?,
        None => DEFAULT_MINOR,
    };
    let mut inputs = inputs::all(&arguments.files)?;
    if arguments.fix {
        fix::run(&mut inputs)?;
    }
    let (linted, checked, server) = match arguments.validator {
        Validator::BuiltIn => {
            let (linted, checked) = by_rules(&inputs, minor);
            (linted, checked, None)
        }
        Validator::Tree => {
            let server = tree::Server::provide(&arguments.source, call)?;
            let (linted, checked) = lint(&inputs, |roots, known| server.judge(roots, known))?;
            (linted, checked, Some(server.identity))
        }
    };
    let server = server.as_ref();
    match arguments.format {
        FindingFormat::Human => human(&linted, checked, server),
        FindingFormat::Json => Output.json(&json(&linted, checked, server)),
        FindingFormat::Sarif => Output.json(&sarif::report(&linted, server)),
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

/// What is wrong with the documents of all files by the built-in rules, and how many were looked at.
pub(super) fn by_rules(inputs: &[Input], minor: u32) -> (Vec<Linted>, usize) {
    let Ok(linted) = lint(inputs, |roots, known| {
        let found = roots.iter().map(|root| rules_of(root, known, minor));
        Ok::<_, Infallible>(found.collect())
    });
    linted
}

/// What the rules of a version say of a document.
pub(super) fn rules_of(root: &Node, known: &Known<'_>, minor: u32) -> Vec<Finding> {
    let mut found = document(root, known);
    found.retain(|finding| rule(finding.rule).is_none_or(|rule| rule.since <= minor));
    found
}

/// What is wrong with the documents of all files by whoever judges them all at once, and how many were looked at.
fn lint<E>(
    inputs: &[Input],
    judge: impl FnOnce(&[&Node], &Known<'_>) -> Result<Vec<Vec<Finding>>, E>,
) -> Result<(Vec<Linted>, usize), E> {
    let read: Vec<(&Input, Result<Vec<Document>, ReadError>)> = inputs
        .iter()
        .map(|input| (input, read(&input.bytes, Limits::default())))
        .collect();
    let documents = || {
        read.iter()
            .filter_map(|(_, read)| read.as_ref().ok())
            .flatten()
    };
    let known = Known::among(documents());
    let roots: Vec<&Node> = documents().map(|document| &document.root).collect();
    let checked = roots.iter().filter(|root| is_known(root, &known)).count();
    let mut found = judge(&roots, &known)?.into_iter();
    let mut linted = Vec::new();
    for (input, documents) in &read {
        let count = documents.as_ref().map_or(0, Vec::len);
        linted.push(Linted {
            name: input.name.clone(),
            text: String::from_utf8_lossy(&input.bytes).into_owned(),
            findings: found.by_ref().take(count).flatten().collect(),
            unreadable: documents.as_ref().err().cloned(),
        });
    }
    Ok((linted, checked))
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

fn human(linted: &[Linted], checked: usize, server: Option<&tree::Identity>) {
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
    if let Some(server) = server {
        summary.push_str(", says the API server of ");
        summary.push_str(&server.title());
    }
    Output.talk(&summary);
}

fn json(linted: &[Linted], checked: usize, server: Option<&tree::Identity>) -> serde_json::Value {
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
    let mut report = serde_json::json!({ "schema": 1, "objects": checked, "findings": findings });
    if let Some(server) = server {
        report["tree"] = server.json();
    }
    report
}
