//! Two forms of definitions: what the new one breaks for those who use the old one.
//!
//! A change is breaking where something that was right with the old form may be refused, lost or not found with the new
//! one: an object, a manifest, a client, a script that asks for a name.

mod change;
mod definition;
mod limits;
mod report;
mod schema;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::api::Api;
use super::convert::{self, Unknown};
use super::document::{Document, Node};

pub use change::{Change, Verdict};
use change::{Changes, Spot};
pub use report::{DiffReport, Place, ReportedChange};

/// The changes of all definitions among documents, paired by their names; what breaks comes first within each.
pub fn diff<'d>(
    old: impl IntoIterator<Item = &'d Document>,
    new: impl IntoIterator<Item = &'d Document>,
) -> Vec<Change> {
    let (old, new) = (definitions(old), definitions(new));
    let mut changes = Changes::default();
    for (name, old) in &old {
        let spot = Spot {
            definition: name.clone(),
            old: Some(old.at),
            ..Spot::default()
        };
        let from = changes.found.len();
        match new.get(name) {
            Some(new) => {
                let spot = Spot {
                    new: Some(new.at),
                    ..spot
                };
                definition::compare(old, new, &spot, &mut changes);
            }
            None => changes.breaking(
                "definition-removed",
                &spot,
                "the definition is gone, and all its objects with it".to_owned(),
            ),
        }
        changes.found[from..].sort_by_key(|change| change.verdict);
    }
    for (name, new) in new.iter().filter(|(name, _)| !old.contains_key(*name)) {
        let spot = Spot {
            definition: name.clone(),
            new: Some(new.at),
            ..Spot::default()
        };
        changes.compatible(
            "definition-added",
            &spot,
            "the definition is new".to_owned(),
        );
    }
    changes.found
}

/// How many definitions there are among documents.
pub fn count<'d>(documents: impl IntoIterator<Item = &'d Document>) -> usize {
    definitions(documents).len()
}

/// The definitions by their names, those of v1beta1 as what they are in v1.
fn definitions<'d>(documents: impl IntoIterator<Item = &'d Document>) -> BTreeMap<String, Node> {
    let mut definitions = BTreeMap::new();
    for document in documents {
        let root = &document.root;
        let text = |path: &[&str]| root.dig(path).and_then(Node::text).unwrap_or_default();
        if !Api::of(root).is_definition() {
            continue;
        }
        let name = match text(&["metadata", "name"]) {
            "" => format!(
                "{}.{}",
                text(&["spec", "names", "plural"]),
                text(&["spec", "group"])
            ),
            name => name.to_owned(),
        };
        let node = if convert::is_old(root) {
            convert::plan(root, Unknown::Preserve).result
        } else {
            root.clone()
        };
        definitions.insert(name, node);
    }
    definitions
}
