//! Findings that have exactly one right answer are mended, and nothing else is touched.
//!
//! A mend is kept only where the finding is gone afterwards, and where comments and layout could stay.

mod field;
mod names;
mod schema;

use super::document::{Limits, Node, Position, ReadError, read};
use super::edit::{Draft, Operation};
use super::lint::{Known, document};
use super::path::{Step, resolve as at, written};
use super::{Finding, Stage};

/// More than any file needs, so that two mends that undo each other end.
const ROUNDS: usize = 1000;

/// A file whose findings were mended as far as there was one answer.
#[derive(Debug)]
pub struct Fixed {
    /// The file.
    pub text: String,
    /// What was mended.
    pub mended: Vec<Mended>,
}

/// A finding that is gone.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Mended {
    /// Its rule.
    pub rule: &'static str,
    /// Where it was.
    pub path: String,
    /// What was done.
    pub message: String,
}

/// What mends a finding.
pub(super) struct Mend {
    message: String,
    operations: Vec<Operation>,
}

impl Mend {
    fn new(message: impl Into<String>, operation: Operation) -> Mend {
        Mend {
            message: message.into(),
            operations: vec![operation],
        }
    }
}

/// Mends all documents of a file.
pub fn fix(text: String, known: &Known<'_>) -> Result<Fixed, ReadError> {
    let documents = read(text.as_bytes(), Limits::default())?.len();
    let mut fixed = Fixed {
        text,
        mended: Vec::new(),
    };
    for index in 0..documents {
        let mut draft = Draft::new(fixed.text, index)?;
        // Each round mends what the one before has brought to light.
        for _ in 0..ROUNDS {
            let mended = round(&mut draft, known);
            if mended.is_empty() {
                break;
            }
            fixed.mended.extend(mended);
        }
        fixed.text = draft.into_text();
    }
    Ok(fixed)
}

/// Mends what can be mended now: all at once, else one after the other.
fn round(draft: &mut Draft, known: &Known<'_>) -> Vec<Mended> {
    let findings = document(draft.root(), known);
    let mends: Vec<(&Finding, Mend)> = findings
        .iter()
        .filter_map(|finding| Some((finding, mend(draft.root(), finding)?)))
        .collect();
    if mends.is_empty() {
        return Vec::new();
    }
    if let Some(mended) = kept(draft, known, &findings, &mends) {
        return mended;
    }
    let mut one = mends.iter();
    one.find_map(|mend| kept(draft, known, &findings, std::slice::from_ref(mend)))
        .unwrap_or_default()
}

/// Carries out mends, if all of their findings are gone then.
fn kept(
    draft: &mut Draft,
    known: &Known<'_>,
    findings: &[Finding],
    mends: &[(&Finding, Mend)],
) -> Option<Vec<Mended>> {
    let mut operations: Vec<Operation> = Vec::new();
    for (_, mend) in mends {
        operations.extend(mend.operations.iter().cloned());
    }
    let mut tried = draft.clone();
    tried.apply(&operations).ok()?;
    let left = document(tried.root(), known);
    let undecoded = |findings: &[Finding]| {
        let findings = findings.iter();
        findings
            .filter(|finding| finding.stage == Stage::Decoding)
            .count()
    };
    let is_left = |finding: &Finding| {
        left.iter().any(|other| {
            other.rule == finding.rule
                && other.path == finding.path
                && other.message == finding.message
        })
    };
    if undecoded(&left) > undecoded(findings) || mends.iter().any(|(finding, _)| is_left(finding)) {
        return None;
    }
    *draft = tried;
    let mended = |(finding, mend): &(&Finding, Mend)| Mended {
        rule: finding.rule,
        path: written(&finding.path),
        message: mend.message.clone(),
    };
    Some(mends.iter().map(mended).collect())
}

/// The one answer to a finding; None where there is none, or more than one.
fn mend(root: &Node, finding: &Finding) -> Option<Mend> {
    match finding.rule {
        "unknown-field" => field::unknown(root, finding),
        "duplicate-field" => field::repeated(root, finding),
        "api-gone" => names::api(root),
        "name" | "api-service" => names::name(root, finding),
        "names" => names::lower(root, finding),
        "scope" | "conversion" | "list-or-map-type" => {
            schema::list_or_map(root, finding).or_else(|| names::case(root, finding))
        }
        "version-storage" => names::storage(root, finding),
        "column" | "type" => names::kind(root, finding),
        "column-path" | "scale-path" | "selectable-field" => names::path(root, finding),
        "list-kind" | "root-nullable" | "default-place" | "list-nullable" => {
            Some(remove(&finding.path))
        }
        "resource-namespace" => Some(remove(&finding.path)),
        _ => schema::mend(root, finding),
    }
}

fn remove(path: &[Step]) -> Mend {
    let what = match path.last() {
        Some(Step::Field(name) | Step::Key(name)) => name.clone(),
        _ => String::new(),
    };
    let path = path.to_vec();
    Mend::new(format!("removed `{what}`"), Operation::Remove { path })
}

/// The field that a path ends with, and the path above.
fn last(path: &[Step]) -> Option<(&str, &[Step])> {
    match path.split_last()? {
        (Step::Field(name) | Step::Key(name), above) => Some((name, above)),
        (Step::Index(_), _) => None,
    }
}

/// The path of the key that stands at a place.
fn key_at(root: &Node, place: Position) -> Option<Vec<Step>> {
    if let Some(map) = root.map() {
        return map.entries().iter().find_map(|entry| {
            let here = Step::Field(entry.key.clone());
            if entry.at == place {
                return Some(vec![here]);
            }
            let mut path = key_at(&entry.node, place)?;
            path.insert(0, here);
            Some(path)
        });
    }
    let items = root.list()?.iter().enumerate();
    items.into_iter().find_map(|(index, item)| {
        let mut path = key_at(item, place)?;
        path.insert(0, Step::Index(index));
        Some(path)
    })
}

#[cfg(test)]
mod tests;
