//! `kubewright crd lint`

use std::convert::Infallible;
use std::path::PathBuf;

use super::human::Manner;
use super::inputs::{self, Input};
use super::tally::Tally;
use super::{fix, human, sarif, tree};
use crate::cli::{CrdLintArgs, FindingFormat, Validator};
use crate::commands::{Call, Ended};
use crate::crd::document::{Document, Limits, Node, ReadError, Reading, objects, read_each};
use crate::crd::lint::{Known, Role, document, unchecked};
use crate::crd::together::{self, Placed};
use crate::crd::{Era, Finding, Severity, written};
use crate::error::{Explain, Kind};
use crate::plural;
use crate::report::{Output, Style, width};

/// A file, and what can be read of it.
pub(super) struct File {
    pub(super) name: String,
    pub(super) text: String,
    /// Which of the arguments named it, or its folder.
    pub(super) argument: usize,
    /// The answer with which the API server is to refuse it.
    pub(super) expected: Option<String>,
    pub(super) reading: Reading,
}

/// A file, and what is wrong with it.
pub(super) struct Linted {
    pub(super) name: String,
    pub(super) text: String,
    pub(super) findings: Vec<Finding>,
    pub(super) unreadable: Vec<ReadError>,
    argument: usize,
    expected: Option<String>,
    tally: Tally,
}

impl Linted {
    /// Leaves out the errors of an object that is to be refused, where they are those that are expected; where there are none,
    /// that is an error.
    fn meet_expectation(&mut self) {
        let Some(expected) = self.expected.as_deref().map(str::trim) else {
            return;
        };
        let is_error = |finding: &Finding| finding.severity == Severity::Error;
        let is_expected = |finding: &Finding| {
            expected.contains(&finding.message) && expected.contains(&written(&finding.path))
        };
        let mut errors = self.findings.iter().filter(|finding| is_error(finding));
        if errors.clone().next().is_none() && self.unreadable.is_empty() {
            self.findings.insert(0, Finding::unexpected(expected));
        } else if errors.all(is_expected) && self.unreadable.is_empty() {
            self.findings.retain(|finding| !is_error(finding));
            self.tally.refused += 1;
        }
    }
}

/// A version of Kubernetes that has no rules here.
#[derive(Debug, thiserror::Error)]
enum NoVersion {
    #[error("`{0}` is no version of Kubernetes")]
    Unread(String),
    #[error("there are no rules of Kubernetes {0}")]
    TooOld(String),
}

impl NoVersion {
    /// The minor version that a text names.
    fn minor(text: &str) -> Result<u32, NoVersion> {
        let minor = minor(text).ok_or_else(|| NoVersion::Unread(text.to_owned()))?;
        if Era(minor) < Era::OLDEST {
            return Err(NoVersion::TooOld(text.to_owned()));
        }
        Ok(minor)
    }
}

impl Explain for NoVersion {
    fn kind(&self) -> Kind {
        Kind::Usage
    }

    fn hints(&self) -> Vec<String> {
        let hint = match self {
            NoVersion::Unread(_) => format!("versions look like `1.{NEWEST_MINOR}`"),
            NoVersion::TooOld(_) => format!(
                "the oldest are those of 1.{OLDEST_MINOR}, the first with `apiextensions.k8s.io/v1`"
            ),
        };
        vec![hint]
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
const NEWEST_MINOR: u32 = Era::NEWEST.0;
/// The oldest whose rules are known.
const OLDEST_MINOR: u32 = Era::OLDEST.0;

pub(super) fn run(arguments: &CrdLintArgs, call: &Call) -> Result<(), Ended> {
    OutOfPlace::check(arguments)?;
    let minor = match &arguments.kubernetes {
        Some(version) => NoVersion::minor(version)?,
        None => NEWEST_MINOR,
    };
    if minor > NEWEST_MINOR {
        warn(&format!(
            "the rules are those of Kubernetes 1.{NEWEST_MINOR}: what 1.{minor} has changed is not known; \
             `--validator tree --ref v1.{minor}.0` asks its own code"
        ));
    }
    let mut inputs = inputs::all(&arguments.files, &call.cancel)?;
    if arguments.fix {
        fix::run(&mut inputs)?;
    }
    let files = files(&inputs);
    let (linted, server) = match arguments.validator {
        Validator::BuiltIn => (by_rules(files, Era(minor)), None),
        Validator::Tree => {
            let server = tree::Server::provide(&arguments.source, call)?;
            let linted = lint(files, Era::NEWEST, |roots, known| {
                server.judge(roots, known)
            })?;
            (linted, Some(server.identity))
        }
    };
    let mut linted = linted;
    for linted in &mut linted {
        linted.meet_expectation();
    }
    let server = server.as_ref();
    match arguments.format {
        FindingFormat::Human => human(&linted),
        FindingFormat::Json => Output.json(&json(&linted, server)),
        FindingFormat::Sarif => Output.json(&sarif::report(&linted, server)),
    }
    let nothing = nothing_to_check(&arguments.files, &linted);
    if arguments.format == FindingFormat::Human {
        summarise(&linted, server);
    }
    let has = |severity| count(&linted, severity) > 0;
    let warned = nothing || has(Severity::Warning);
    if has(Severity::Error) || (arguments.deny_warnings && warned) {
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

/// What can be read of files.
pub(super) fn files(inputs: &[Input]) -> Vec<File> {
    let read = |input: &Input| File {
        name: input.name.clone(),
        text: String::from_utf8_lossy(&input.bytes).into_owned(),
        argument: input.argument,
        expected: input.expected.clone(),
        reading: read_each(&input.bytes, Limits::default()),
    };
    inputs.iter().map(read).collect()
}

/// What is wrong with the documents of all files by the built-in rules.
pub(super) fn by_rules(files: Vec<File>, era: Era) -> Vec<Linted> {
    let Ok(linted) = lint(files, era, |roots, known| {
        let found = roots.iter().map(|root| rules_of(root, known));
        Ok::<_, Infallible>(found.collect())
    });
    linted
}

/// What the rules say of a document.
fn rules_of(root: &Node, known: &Known<'_>) -> Vec<Finding> {
    // What follows from a definition that is wrong goes with it.
    match known.refused(root) {
        Some(definition) => vec![unchecked(root, definition)],
        None => document(root, known),
    }
}

/// What is wrong with the documents of all files by whoever judges them all at once.
fn lint<E>(
    files: Vec<File>,
    era: Era,
    judge: impl FnOnce(&[&Node], &Known<'_>) -> Result<Vec<Vec<Finding>>, E>,
) -> Result<Vec<Linted>, E> {
    let mut documents = Vec::new();
    let mut linted = Vec::new();
    for file in files {
        documents.push(objects(file.reading.documents));
        linted.push(Linted {
            name: file.name,
            text: file.text,
            findings: Vec::new(),
            unreadable: file.reading.errors,
            argument: file.argument,
            expected: file.expected,
            tally: Tally::default(),
        });
    }
    let known = Known::in_era(era, documents.iter().flatten());
    let roots: Vec<&Node> = documents
        .iter()
        .flatten()
        .map(|document| &document.root)
        .collect();
    let mut found = judge(&roots, &known)?;
    for (index, finding) in beside_each_other(&linted, &documents) {
        found[index].push(finding);
        found[index].sort_by_key(|finding| (finding.at, finding.severity));
    }
    let mut found = found.into_iter();
    for (linted, documents) in linted.iter_mut().zip(&documents) {
        for document in documents {
            linted.tally.add(Role::of(&document.root, &known));
        }
        let found = found.by_ref().take(documents.len());
        linted.findings = found.flatten().collect();
    }
    Ok(linted)
}

/// What is wrong with documents only since others are there.
fn beside_each_other(linted: &[Linted], documents: &[Vec<Document>]) -> Vec<(usize, Finding)> {
    let files = linted.iter().zip(documents);
    let placed = files.flat_map(|(linted, documents)| {
        documents.iter().map(|document| Placed {
            file: &linted.name,
            root: &document.root,
        })
    });
    together::check(&placed.collect::<Vec<_>>())
}

fn count(linted: &[Linted], severity: Severity) -> usize {
    let of = |linted: &Linted| {
        let unreadable = match severity {
            Severity::Error => linted.unreadable.len(),
            _ => 0,
        };
        let findings = linted.findings.iter();
        findings
            .filter(|finding| finding.severity == severity)
            .count()
            + unreadable
    };
    linted.iter().map(of).sum()
}

fn all<'l>(linted: impl IntoIterator<Item = &'l Linted>) -> Tally {
    let mut all = Tally::default();
    for linted in linted {
        all.merge(linted.tally);
    }
    all
}

fn human(linted: &[Linted]) {
    let manner = Manner {
        style: Style::of_stdout(),
        width: width::of_stdout(),
    };
    for linted in linted {
        for shown in human::show(linted, manner) {
            Output.data(&format!("{shown}\n"));
        }
    }
}

/// Warns of each argument that has nothing that could be checked, and tells whether there is one.
fn nothing_to_check(arguments: &[PathBuf], linted: &[Linted]) -> bool {
    let mut warned = false;
    for (index, path) in arguments.iter().enumerate() {
        let of_it = || linted.iter().filter(|linted| linted.argument == index);
        let tally = all(of_it());
        if tally.checked() > 0 || of_it().any(|linted| !linted.unreadable.is_empty()) {
            continue;
        }
        let what = match tally.left_in_words() {
            left if left.is_empty() => "it holds no document".to_owned(),
            left => left,
        };
        warn(&format!("nothing to check in `{}`: {what}", path.display()));
        warned = true;
    }
    warned
}

fn warn(text: &str) {
    let warning = Style::of_stderr().caution("warning:");
    Output.talk(&format!("{warning} {text}"));
}

fn summarise(linted: &[Linted], server: Option<&tree::Identity>) {
    let tally = all(linted);
    let count = |severity| count(linted, severity);
    let mut summary = format!(
        "{}: {}, {}",
        tally.checked_in_words(),
        plural::count(count(Severity::Error) as u64, "error"),
        plural::count(count(Severity::Warning) as u64, "warning"),
    );
    if count(Severity::Unchecked) > 0 {
        summary.push_str(", ");
        summary.push_str(&count(Severity::Unchecked).to_string());
        summary.push_str(" unchecked");
    }
    if tally.refused > 0 {
        let files = plural::count(tally.refused as u64, "file");
        summary.push_str(", ");
        summary.push_str(&files);
        summary.push_str(" refused as expected");
    }
    if let Some(server) = server {
        summary.push_str(", says the API server of ");
        summary.push_str(&server.title());
    }
    let left = tally.left_in_words();
    if !left.is_empty() {
        summary.push_str("; left alone: ");
        summary.push_str(&left);
    }
    Output.talk(&summary);
}

fn json(linted: &[Linted], server: Option<&tree::Identity>) -> serde_json::Value {
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
    let tally = all(linted);
    let (checked, left) = tally.json();
    let mut report = serde_json::json!({
        "schema": 1,
        "objects": tally.checked(),
        "checked": checked,
        "left_alone": left,
        "findings": findings,
    });
    if let Some(server) = server {
        report["tree"] = server.json();
    }
    report
}
