//! Fields that the schema does not know: v1beta1 kept them, v1 drops them.
//!
//! Source: pkg/apiserver/schema/pruning/algorithm.go: a schema that keeps what it does not know still drops what the
//! schemas within do not know, so that each has to say it.

use super::super::document::Node;
use super::super::edit::Operation;
use super::super::path::Step;
use super::structure::{Level, PRESERVE, schemas, within};
use super::{Amendment, boolean, field};

/// Writes into schemas that unknown fields are kept: into all of them, or only where nothing is known at all.
pub(super) fn amend(root: &Node, marks: bool) -> Vec<Amendment> {
    let mut amendments = Vec::new();
    for (path, schema) in schemas(root) {
        let mut operations = Vec::new();
        if marks {
            mark(schema, &path, Level::Root, &mut operations);
        } else if !says_something(schema) {
            operations.extend(marked(schema, &path));
        }
        if operations.is_empty() {
            continue;
        }
        let places = operations.len();
        let message = if marks {
            format!(
                "added `{PRESERVE}: true` in {}: v1beta1 kept fields that the schema does not \
                 know, v1 drops them; `--unknown prune` leaves it out",
                crate::plural::count(places as u64, "place")
            )
        } else {
            format!("added `{PRESERVE}: true`: this schema knows no field, v1 would drop all")
        };
        amendments.push(Amendment {
            path,
            message,
            operations,
        });
    }
    amendments
}

fn says_something(schema: &Node) -> bool {
    schema.get("properties").is_some() || schema.get(PRESERVE).is_some()
}

fn mark(node: &Node, path: &[Step], level: Level, operations: &mut Vec<Operation>) {
    if matches!(level, Level::Metadata | Level::Name) {
        return;
    }
    let is_object = node.get("type").and_then(Node::text) == Some("object");
    let keeps = node.get(PRESERVE).is_some();
    let additional = node.get("additionalProperties");
    if is_object && !keeps && additional.is_none_or(|additional| additional.bool().is_some()) {
        operations.extend(marked(node, path));
    }
    for (path, schema, level) in within(node, path, level) {
        mark(schema, &path, level, operations);
    }
}

fn marked(node: &Node, path: &[Step]) -> Option<Operation> {
    match node.get("additionalProperties").and_then(Node::bool) {
        // Such values are kept, and what they hold is dropped.
        Some(true) => Some(Operation::Exchange {
            path: field(path, "additionalProperties"),
            key: PRESERVE.to_owned(),
            value: boolean(true),
        }),
        Some(false) => None,
        None => Some(Operation::Insert {
            map: path.to_vec(),
            key: PRESERVE.to_owned(),
            value: boolean(true),
            before: None,
        }),
    }
}
