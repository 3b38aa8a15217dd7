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

const CREATE: &str =
    "/apis/apiextensions.k8s.io/v1/customresourcedefinitions?dryRun=All&fieldValidation=Strict";

/// What either says: whether it is taken, and what is wrong.
#[derive(Debug, Eq, PartialEq)]
struct Verdict {
    accepted: bool,
    messages: BTreeSet<String>,
}

#[test]
fn of_definitions_that_are_broken_at_random_places() {
    let bases = [fixture("rich"), fixture("versions")];
    for base in &bases {
        assert_eq!(
            server(CREATE, &base.to_string()),
            linter(&base.to_string()).0
        );
    }
    let mut tally = Tally::default();
    for seed in 0..count() {
        let base = &bases[usize::from(seed % 4 == 0)];
        let text = mutate(base, &mut Dice::new(seed)).to_string();
        tally.add(seed, &text);
    }
    println!("{tally:?}");
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
        "name": "broken", "labels": {"a": "b"}, "annotations": {"c": "d"}, "finalizers": ["example.com/x"],
    });
    let mut tally = Tally::default();
    for seed in 0..count() {
        let broken = mutate(&base, &mut Dice::new(seed));
        let path = format!("{resources}?dryRun=All&fieldValidation=Strict");
        let server = server(&path, &broken.to_string());
        let findings = lint::resource(&definitions[0].root, &Node::from(&broken));
        tally.compare(seed, &server, &said(&findings), &broken);
    }
    println!("{tally:?}");
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
struct Tally {
    count: u64,
    rejected: u64,
    unchecked: u64,
    verdicts_differ: u64,
    messages_differ: u64,
    server_failed: u64,
}

impl Tally {
    fn add(&mut self, seed: u64, text: &str) {
        let server = server(CREATE, text);
        let (linter, unchecked) = linter(text);
        if unchecked && linter.accepted {
            self.count += 1;
            self.unchecked += 1;
            return;
        }
        self.compare(seed, &server, &linter, &text);
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
            self.messages_differ += 1;
        } else {
            return;
        }
        let only = |a: &BTreeSet<String>, b: &BTreeSet<String>| -> Vec<String> {
            a.difference(b)
                .map(|text| text.chars().take(400).collect())
                .collect()
        };
        println!(
            "{seed}: server {}, linter {}\n  server: {:#?}\n  linter: {:#?}\n  input: {:.2000}",
            server.accepted,
            linter.accepted,
            only(&server.messages, &linter.messages),
            only(&linter.messages, &server.messages),
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

fn server(path: &str, text: &str) -> Verdict {
    let answer = ApiServer::shared().send("POST", path, "application/json", text);
    let messages = answer
        .causes()
        .into_iter()
        .flat_map(|(_, message)| apart(&message))
        .collect();
    Verdict {
        accepted: answer.code < 300,
        messages,
    }
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
fn linter(text: &str) -> (Verdict, bool) {
    let documents = read(text.as_bytes(), Limits::default()).unwrap();
    let findings = document(&documents[0].root, &Known::default());
    let unchecked = findings
        .iter()
        .any(|finding| finding.severity == Severity::Unchecked);
    (said(&findings), unchecked)
}

fn said(findings: &[Finding]) -> Verdict {
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
