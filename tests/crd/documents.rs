//! What is read of files: kubewright, and the packages by which kubectl reads them.
//!
//! `KUBEWRIGHT_MUTATIONS=100000 cargo test documents -- --nocapture` asks more and lists what differs.

#![expect(
    clippy::print_stdout,
    reason = "what differs is told to whoever asks for it"
)]

use std::fs;
use std::path::Path;

use kubewright::crd::document::{Limits, read_each};
use serde_json::Value;

use super::agreement::count;
use super::mutation::Dice;
use crate::harness::ApiServer;

/// YAML and JSON on which readers differ.
const SNIPPETS: &[&str] = &[
    "a:\tb\n",
    "a: {\n\tb: c,\n\t}\n",
    "a: [b,\nc]\n",
    "a:\n  b: [c,\n d]\n",
    "a: \"b\nc\"\n",
    "  a: 'b\n  c'\n",
    "a: !!binary aGVsbG8=\n",
    "a: !!binary x\n",
    "{\"a\":1}{\"b\":2}\n",
    "{\"a\":1}\n{\"b\":2}\n{\"c\":3}",
    "{\"a\":1}\n---\n{\"b\":2,}\n",
    "{\"a\":1}{\"b\":2}\n---\nc: 3\n",
    "{\"a\":1,}\n",
    "{\"a\":\"\\/\\ud83d\\ude00\\ud800\"}",
    "{\"a\":1.0,\"b\":1e3,\"c\":-0}",
    "{a: 1}\n",
    "\t\na: 1\n",
    "a: 1\n\t\n",
    "-\ta\n",
    "-\t- a\n",
    "a: \u{7}\n",
    "a: \u{85}b\n",
    "--- a\n",
    "---a\n",
    "--- # x\na: 1\n",
    "---\t\na: 1\n",
    "a: &x 1\n---\nb: *x\n",
    "a: !!int abc\n",
    "a: !!int \"1\"\n",
    "a: !!float 1\n",
    "a: !!str 1\n",
    "a: !!bool yes\n",
    "a: !!null ''\n",
    "a: !!timestamp 2001-1-1\n",
    "a: !!timestamp x\n",
    "a: !foo 1\nb: ! 1\nc: !<tag:yaml.org,2002:int> 1\nd: !x!y 1\n",
    "%YAML 1.2\n---\na: 1\n",
    "%YAML 1.1\n---\na: 1\n",
    "a: 1\n...\nb: 2\n",
    "a: 1\n%x\n",
    "{a: 1} b\n",
    "a\nb: c\n",
    "a: b: c\n",
    "- a\n b\n- c\n",
    "? a\n: b\n? c\n",
    "? [a]\n: b\n",
    "a:\n- b\n- c\nd: e\n",
    "a: |\n b\n  c\n\n d\n",
    "a: >-\n b\n c\n\n d\n",
    "a: |2+\n   b\n\nc: d\n",
    "a: |0\n b\n",
    "a: >\n\n b\n   c\n d",
    "a: 'it''s'\nb: \"\\x41\\u0042\\U00000043\\t\\\n  x\"\n",
    "a: \"\\q\"\n",
    "a: \"\\ud800\"\n",
    "a: [b, c: d, ? e : f, ]\nb: {c, d: , ? e}\n",
    "a: [,]\n",
    "a: {,}\n",
    "a: {b:c}\n",
    "a: {\"b\":c}\n",
    "a: [a?b]\n",
    "a: b #c\nd: e#f\n",
    "'a':b\n",
    "\"a\":b\n",
    "a: *b\n",
    "a: &b [*b]\n",
    "a: &b c\nd: *b\n*b : e\n",
    "x: &x {a: 1, b: 2}\ny: {<<: *x, b: 3}\nz: {b: 3, <<: *x}\nw: {<<: [*x, {c: 4}]}\n",
    "a: {<<: 1}\n",
    "a: {'<<': 1}\n",
    "a: {<<: [1]}\n",
    "1: a\n1.5: b\n1e6: c\nyes: d\n.inf: e\n2001-01-01: f\n0x1F: g\n",
    "~: a\n",
    ": a\n",
    "18446744073709551615: a\n",
    "a: 010\nb: 0o10\nc: 0b11\nd: 0b-11\ne: 1_000\nf: 1.5e3\ng: .5\nh: ._5\ni: 09\nj: 0x\nk: +1\nl: 1e400\nm: -0b11\nn: 0.0\no: -0.0\n",
    "a: .inf\n",
    "a: +.inf\n",
    "a: .nan\n",
    "a: yes\nb: No\nc: TRUE\nd: y\ne: yEs\nf: ~\ng: Null\nh:\n",
    "a: 1:30\nb: 1e\nc: 1.2.3\n",
    "a: 18446744073709551615\nb: 18446744073709551616\nc: -9223372036854775809\n",
    "a: 1\na: 2\n",
    "a: @b\n",
    "a: `b\n",
    "a: %b\n",
    "%b\n",
    "a: -\n",
    "a: - b\n",
    "- - a\n  - b\n-\n",
    "a: ?b\nc: :d\ne: -f\n",
    "a: b\n  c\n\n  d\n",
    "a: b\n\tc\n",
    "a:\n\tb\n",
    "a: \"b\n\tc\"\n",
    "a: |\n\tb\n",
    "a: |\n  b\n\tc\n",
    "\u{feff}a: 1\n",
    "a: 1\n\u{feff}b: 2\n",
    "\u{feff}{\"a\":1}",
    "a: \u{2028}b\n",
    "a: 1\r\nb: |\r\n  c\r\n  d\r\n",
    "a: 1\rb: 2\r",
    "",
    "\n\n",
    "# only\n",
    "null\n",
    "---\n---\n",
    "a: !!map {b: c}\n",
    "[]: a\n",
    "{}: a\n",
    "[a]: b\n",
    "a: [b]: c\n",
    "&a b: c\nd: *a\n",
    "&a\nb: c\n",
    "!!str a: b\n",
    "a: !!str\nb: &c\nd: *c\n",
    "- &a !!int 1\n- !!int &b 2\n- *a\n",
    "a: \"b\" c\n",
    "a: 'b'c\n",
    "a: ]\n",
    "a: }\n",
    "- a:\n  b: c\n",
    "a: |-\n\nb: c\n",
    "a: \"b\n---\nc\"\n",
    "a: |\n  b\n---\nc: d\n",
    "a: b\n--- \n",
    "a: b\n ---\nc: d\n",
    "...\n",
    "a: [\n",
    "a: {b: c\n",
    "\"a\n",
    "'a",
    "a: [b\n]\n",
    "a: {b\n: c}\n",
];

/// What is put into texts.
const PARTS: &[&str] = &[
    "", " ", "  ", "\t", "\n", "\r", "\n  ", "\n\t", ":", ": ", ":\t", "-", "- ", "-\t", "?", "? ",
    ",", "[", "]", "{", "}", "#", " #", "&a ", "*a", "!", "!!str ", "!!int ", "|", "|\n", ">",
    ">-\n ", "'", "\"", "\\", "\\n", "\\u00e9", "%", "@", "`", "---", "\n---\n", "...", "\n...\n",
    "<<: ", "~", "yes", "0", "1.5", "0x1", "é", "\u{85}", "\u{2028}", "\u{feff}", "\u{1}", "a",
    "a: b\n", "null", "{}", "[]", "\"\"", "''",
];

fn bases() -> Vec<String> {
    let mut bases: Vec<String> = SNIPPETS.iter().map(|text| (*text).to_owned()).collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/crd");
    for folder in [folder.join("source"), folder] {
        let mut paths: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        paths.sort();
        paths.retain(|path| {
            path.extension()
                .is_some_and(|extension| extension == "yaml")
        });
        bases.extend(paths.iter().map(|path| fs::read_to_string(path).unwrap()));
    }
    bases
}

/// A text that is changed at a few places.
fn changed(bases: &[String], dice: &mut Dice) -> String {
    // Few of the texts are long, and those cost most.
    let count = if dice.roll(8) == 0 {
        bases.len()
    } else {
        SNIPPETS.len()
    };
    let mut text = bases[dice.roll(count)].clone();
    if dice.roll(4) == 0 {
        text.push_str(dice.pick::<&str>(SNIPPETS));
    }
    for _ in 0..=dice.roll(3) {
        let places: Vec<usize> = text
            .char_indices()
            .map(|(at, _)| at)
            .chain([text.len()])
            .collect();
        let (a, b) = (*dice.pick(&places), *dice.pick(&places));
        match dice.roll(5) {
            0 | 1 => text.insert_str(a, dice.pick::<&str>(PARTS)),
            2 if a < text.len() => drop(text.remove(a)),
            3 if a < text.len() => {
                text.remove(a);
                text.insert_str(a, dice.pick::<&str>(PARTS));
            }
            _ => {
                let piece: String = text[a.min(b)..a.max(b)].chars().take(20).collect();
                text.insert_str(a, &piece);
            }
        }
    }
    text
}

/// What differs of a file, told.
fn difference(text: &str, theirs: &Value) -> Option<String> {
    let ours = read_each(text.as_bytes(), Limits::default());
    let documents: Vec<Value> = ours
        .documents
        .iter()
        .map(|document| Value::from(&document.root))
        .collect();
    let is_refused = theirs["error"].is_string();
    let differs = if is_refused {
        ours.errors.is_empty()
    } else {
        !ours.errors.is_empty() || !same(&Value::Array(documents.clone()), &theirs["documents"])
    };
    differs.then(|| {
        let errors: Vec<String> = ours
            .errors
            .iter()
            .map(|error| format!("{} at {}", error.message, error.at))
            .collect();
        format!(
            "{text:?}\n  kubectl: {theirs}\n  kubewright: {} {errors:?}",
            Value::Array(documents)
        )
    })
}

/// Numbers are the same where their values are.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        _ => a == b,
    }
}

#[test]
fn agreement_on_what_files_hold() {
    let bases = bases();
    let random = (0..count() * 25).map(|seed| changed(&bases, &mut Dice::new(seed)));
    let texts: Vec<String> = bases.iter().cloned().chain(random).collect();
    let theirs = ApiServer::documents(&texts);
    assert_eq!(theirs.len(), texts.len());
    let differences: Vec<String> = texts
        .iter()
        .zip(&theirs)
        .filter_map(|(text, theirs)| difference(text, theirs))
        .collect();
    for difference in &differences {
        println!("{difference}");
    }
    let taken = theirs
        .iter()
        .filter(|reading| !reading["error"].is_string())
        .count();
    println!(
        "files: {}, of which kubectl reads {taken}; {} differ",
        texts.len(),
        differences.len()
    );
    // What stays: numbers right behind JSON, signs at which kubectl's two readers part lines otherwise, and keys of which it takes
    // either.
    assert!(
        differences.len() * 2000 <= texts.len(),
        "{} of {} differ:\n{}",
        differences.len(),
        texts.len(),
        differences[0]
    );
}
