//! Definitions such as people publish, and resources of them: the linter's verdict and a real API server's.
//!
//! `tests/fixtures/crd/published` has one definition a file, and what may be created of it behind it.

#![expect(
    clippy::print_stdout,
    reason = "what differs is told to whoever asks for it"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use kubewright::crd::Severity;
use kubewright::crd::document::{Document, Limits, read};
use kubewright::crd::lint::{self, Known, document};
use serde_json::Value;

use super::agreement::{CREATE, Tally, Verdict, count, linter, said, server};
use super::mutation::{Dice, mutate};
use crate::harness::{ApiServer, wait_until};

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/crd/published");
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
}

fn documents(file: &Path) -> Vec<Document> {
    read(&fs::read(file).unwrap(), Limits::default()).unwrap()
}

#[test]
fn are_judged_as_the_server_judges_them() {
    let mut wrong = 0;
    let mut compare = |what: &str, server: &Verdict, linter: &Verdict| {
        if server != linter {
            println!("{what}\n{}", server.difference(linter));
            wrong += 1;
        }
    };
    for file in files() {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let documents = documents(&file);
        let (definition, resources) = documents.split_first().unwrap();
        let text = Value::from(&definition.root).to_string();
        let told = server(CREATE, &text);
        let (verdict, unchecked) = linter(&text);
        assert!(!unchecked, "{name} is unchecked in part");
        compare(&name, &told, &verdict);
        if !told.accepted {
            continue;
        }
        let collection = |api: &str| collection(&definition.root, api);
        super::create(&text, &collection(""));
        for (index, resource) in resources.iter().enumerate() {
            let object = Value::from(&resource.root);
            let api = object["apiVersion"].as_str().unwrap();
            let path = format!("{}?dryRun=All&fieldValidation=Strict", collection(api));
            wait_until("its version is served", || {
                ApiServer::shared().get(&collection(api)).code == 200
            });
            let findings = lint::resource(&definition.root, &resource.root);
            let unchecked: Vec<&str> = findings
                .iter()
                .filter(|finding| finding.severity == Severity::Unchecked)
                .map(|finding| finding.message.as_str())
                .collect();
            assert_eq!(unchecked, [""; 0], "{name} {index}");
            let what = format!("{name} {index} {}", object["metadata"]["name"]);
            compare(&what, &server(&path, &object.to_string()), &said(&findings));
        }
    }
    assert_eq!(wrong, 0);
}

#[test]
fn are_judged_alike_when_they_are_broken_at_random_places() {
    let bases: Vec<Value> = files()
        .iter()
        .filter(|file| !file.to_string_lossy().contains("broken"))
        .map(|file| {
            // Those that another test creates are there already.
            let text = Value::from(&documents(file)[0].root).to_string();
            let text = text.replace("published.example.com", "broken.example.com");
            serde_json::from_str(&text).unwrap()
        })
        .collect();
    let mut tally = Tally::default();
    for seed in 0..count() {
        let base = &bases[usize::try_from(seed).unwrap() % bases.len()];
        let text = mutate(base, &mut Dice::new(seed)).to_string();
        tally.add(seed, &text);
    }
    tally.print("published definitions");
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
fn are_warned_of_where_the_server_warns() {
    for file in files() {
        let documents = documents(&file);
        let text = Value::from(&documents[0].root).to_string();
        let told = ApiServer::shared().create(CREATE, &text).warnings;
        let told: BTreeSet<String> = told
            .iter()
            .filter_map(|warning| Some(warning.split_once(": ")?.1.to_owned()))
            .collect();
        let findings = document(&documents[0].root, &Known::default());
        let warned = findings
            .iter()
            .filter(|finding| finding.severity == Severity::Warning)
            .map(|finding| finding.message.clone());
        let warned: BTreeSet<String> = warned.collect();
        let missed: Vec<&String> = told.difference(&warned).collect();
        assert!(missed.is_empty(), "{}: {missed:#?}", file.display());
    }
}

/// Where resources of a definition are created: in the version that an object names, else in the stored one.
fn collection(definition: &kubewright::crd::document::Node, api: &str) -> String {
    let definition = Value::from(definition);
    let spec = &definition["spec"];
    let versions = spec["versions"].as_array().unwrap();
    let stored = versions.iter().find(|version| version["storage"] == true);
    let version = match api.split_once('/') {
        Some((_, version)) => version,
        None => stored.unwrap()["name"].as_str().unwrap(),
    };
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let place = match &*text(&spec["scope"]) {
        "Cluster" => "",
        _ => "namespaces/default/",
    };
    let (group, plural) = (text(&spec["group"]), text(&spec["names"]["plural"]));
    format!("/apis/{group}/{version}/{place}{plural}")
}
