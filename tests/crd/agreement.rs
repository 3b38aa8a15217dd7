//! The linter and a real API server are asked about the same broken definitions.
//!
//! A few hundred each run; `KUBEWRIGHT_MUTATIONS=5000 cargo test agreement -- --nocapture` asks more and lists what differs.

#![expect(
    clippy::print_stdout,
    reason = "what differs is told to whoever asks for it"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use kubewright::crd::document::{Limits, Node, read};
use kubewright::crd::lint::{self, Known, document};
use kubewright::crd::sample::{Extent, resource};
use kubewright::crd::subject::Subject;
use kubewright::crd::{Finding, Severity, Stage};
use serde_json::{Value, json};

use super::mutation::{Dice, mutate};
use crate::harness::ApiServer;

pub(super) const CREATE: &str =
    "/apis/apiextensions.k8s.io/v1/customresourcedefinitions?dryRun=All&fieldValidation=Strict";

/// What either says: whether it is taken, and what is wrong.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Verdict {
    pub(super) accepted: bool,
    messages: BTreeSet<String>,
}

impl Verdict {
    /// What only one of the server and the linter says.
    pub(super) fn difference(&self, linter: &Verdict) -> String {
        let only = |a: &BTreeSet<String>, b: &BTreeSet<String>| -> Vec<String> {
            a.difference(b)
                .map(|text| text.chars().take(400).collect())
                .collect()
        };
        format!(
            "server {}, linter {}\n  server: {:#?}\n  linter: {:#?}",
            self.accepted,
            linter.accepted,
            only(&self.messages, &linter.messages),
            only(&linter.messages, &self.messages),
        )
    }
}

#[test]
fn of_definitions_that_are_broken_at_random_places() {
    let bases = [fixture("rich"), fixture("versions"), fixture("rules")];
    for base in &bases {
        assert_eq!(
            server(CREATE, &base.to_string()),
            linter(&base.to_string()).0
        );
    }
    let mut tally = Tally::default();
    for seed in 0..count() {
        let base = &bases[[1, 0, 2, 0][(seed % 4) as usize]];
        let text = mutate(base, &mut Dice::new(seed)).to_string();
        tally.add(seed, &text);
    }
    tally.print("definitions");
    assert_eq!(tally.verdicts_differ, 0, "the verdicts differ");
    assert!(
        tally.messages_differ * 50 <= tally.count,
        "more than 2% of messages differ"
    );
    assert!(
        tally.unchecked * 50 <= tally.count,
        "more than 2% are unchecked"
    );
}

#[test]
fn of_resources_that_are_broken_at_random_places() {
    let group = "brokenresources.example.com";
    let text = super::fixture("rich", group);
    let resources = format!("/apis/{group}/v1/namespaces/default/widgets");
    super::create(&text, &resources);
    let definitions = read(text.as_bytes(), Limits::default()).unwrap();
    let subjects = Subject::all(&definitions, None).unwrap();
    let mut base = resource(&subjects[0], Extent::Most).unwrap().object;
    base["metadata"] = json!({
        "name": "broken", "labels": {"a": "b"}, "annotations": {"c": "d"}, "finalizers": ["example.com/x", "orphan"],
        "ownerReferences": [
            {"apiVersion": "v1", "kind": "Pod", "name": "a", "uid": "b", "controller": true},
            {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "a", "uid": "c", "controller": false},
        ],
    });
    let mut tally = Tally::default();
    for seed in 0..count() {
        let mut broken = mutate(&base, &mut Dice::new(seed));
        // It must be that of the request, which is the test's.
        if let Some(metadata) = broken["metadata"].as_object_mut() {
            metadata.remove("namespace");
        }
        let path = format!("{resources}?dryRun=All&fieldValidation=Strict");
        let server = server(&path, &broken.to_string());
        let findings = lint::resource(&definitions[0].root, &Node::from(&broken));
        let unchecked = findings
            .iter()
            .any(|finding| finding.severity == Severity::Unchecked);
        tally.add_verdicts(seed, &server, (said(&findings), unchecked), &broken);
    }
    tally.print("resources");
    assert_eq!(tally.verdicts_differ, 0, "the verdicts differ");
    assert!(
        tally.messages_differ * 50 <= tally.count,
        "more than 2% of messages differ"
    );
}

/// How many mutations are asked about.
pub(super) fn count() -> u64 {
    let count = std::env::var("KUBEWRIGHT_MUTATIONS").ok();
    count.and_then(|count| count.parse().ok()).unwrap_or(400)
}

#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) count: u64,
    rejected: u64,
    pub(super) unchecked: u64,
    pub(super) verdicts_differ: u64,
    pub(super) messages_differ: u64,
    /// Expressions that do not parse: the place is the same, what is expected there is said otherwise.
    syntax_differs: u64,
    server_failed: u64,
}

impl Tally {
    pub(super) fn add(&mut self, seed: u64, text: &str) {
        let server = server(CREATE, text);
        self.add_verdicts(seed, &server, linter(text), &text);
    }

    /// Counts what the linter leaves unchecked apart.
    pub(super) fn add_verdicts(
        &mut self,
        seed: u64,
        server: &Verdict,
        (linter, unchecked): (Verdict, bool),
        input: &dyn std::fmt::Display,
    ) {
        if unchecked {
            self.count += 1;
            self.unchecked += 1;
            // What is wrong for certain is, whatever else is unchecked.
            if server.accepted && !linter.accepted {
                self.verdicts_differ += 1;
                println!("{seed}: wrong beside what is unchecked: {linter:?} {input:.2000}");
            }
            return;
        }
        self.compare(seed, server, &linter, input);
    }

    pub(super) fn print(&self, of: &str) {
        let share = |part: u64| part as f64 * 100.0 / self.count.max(1) as f64;
        println!(
            "{of}: {self:?}; verdicts differ {:.2}%, messages {:.2}%, syntax errors {:.2}%, unchecked {:.2}%",
            share(self.verdicts_differ),
            share(self.messages_differ),
            share(self.syntax_differs),
            share(self.unchecked),
        );
    }

    fn compare(
        &mut self,
        seed: u64,
        server: &Verdict,
        linter: &Verdict,
        input: &dyn std::fmt::Display,
    ) {
        self.count += 1;
        self.rejected += u64::from(!server.accepted);
        if server.accepted != linter.accepted {
            self.verdicts_differ += 1;
        } else if server.messages.contains("") {
            // It failed, and says nothing: selectable fields of a schema that is not structural end its request.
            self.server_failed += 1;
            return;
        } else if server.messages != linter.messages {
            let plain = |verdict: &Verdict| -> BTreeSet<String> {
                verdict
                    .messages
                    .iter()
                    .map(|message| place_of_syntax_error(message))
                    .collect()
            };
            if plain(server) == plain(linter) {
                self.syntax_differs += 1;
                return;
            }
            self.messages_differ += 1;
        } else {
            return;
        }
        println!(
            "{seed}: {}\n  input: {:.2000}",
            server.difference(linter),
            input.to_string(),
        );
    }
}

/// A definition of the fixtures, as JSON.
pub(super) fn fixture(name: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/crd");
    let text = fs::read(folder.join(format!("{name}.yaml"))).unwrap();
    Value::from(&read(&text, Limits::default()).unwrap()[0].root)
}

pub(super) fn server(path: &str, text: &str) -> Verdict {
    let answer = ApiServer::shared().send("POST", path, "application/json", text);
    let messages = answer
        .causes()
        .into_iter()
        .flat_map(|(_, message)| apart(&message))
        .map(|message| unnumbered(&message))
        .collect();
    Verdict {
        accepted: answer.code < 300,
        messages,
    }
}

/// A message up to the place of its first syntax error.
fn place_of_syntax_error(message: &str) -> String {
    match message.split_once(": Syntax error: ") {
        Some((place, _)) => place.to_owned(),
        None => message.to_owned(),
    }
}

/// The server makes up a name for the type of `self`, another each time.
fn unnumbered(message: &str) -> String {
    let mut parts = message.split("selfType");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text.push_str("selfType");
        text.push_str(part.trim_start_matches(|c: char| c.is_ascii_digit()));
    }
    text
}

/// The strict decoder's errors stand in one line.
fn apart(message: &str) -> Vec<String> {
    match message.split_once("strict decoding error: ") {
        Some((_, errors)) => errors
            .split("\", ")
            .map(|error| format!("{}\"", error.trim_end_matches('"')))
            .collect(),
        None => vec![message.to_owned()],
    }
}

/// What the linter says, of that which the server finds first; and whether it left something unchecked.
pub(super) fn linter(text: &str) -> (Verdict, bool) {
    let documents = read(text.as_bytes(), Limits::default()).unwrap();
    let findings = document(&documents[0].root, &Known::default());
    let unchecked = findings
        .iter()
        .any(|finding| finding.severity == Severity::Unchecked);
    (said(&findings), unchecked)
}

pub(super) fn said(findings: &[Finding]) -> Verdict {
    let errors: Vec<&Finding> = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .collect();
    let first = errors
        .iter()
        .map(|finding| finding.stage)
        .min()
        .unwrap_or(Stage::Validation);
    let told = errors.iter().filter(|finding| finding.stage == first);
    Verdict {
        accepted: errors.is_empty(),
        messages: told.map(|finding| finding.message.clone()).collect(),
    }
}
