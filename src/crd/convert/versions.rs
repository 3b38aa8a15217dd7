//! What v1beta1 had once for all versions, and v1 has in each.

use super::super::document::{Map, Node};
use super::super::edit::Operation;
use super::super::path::Step;
use super::{Amendment, boolean, field, fields, map, text, versions_of};

/// The fields, and what they are called in a version.
const MOVED: [(&str, &str); 4] = [
    ("validation", "schema"),
    ("subresources", "subresources"),
    ("additionalPrinterColumns", "additionalPrinterColumns"),
    ("selectableFields", "selectableFields"),
];

/// Versions in brackets get lines, where much moves into them.
pub(super) fn unfold(root: &Node) -> Vec<Amendment> {
    let spec = root.get("spec");
    let moves = MOVED
        .iter()
        .any(|(from, _)| spec.and_then(|spec| spec.get(from)).is_some());
    if !moves {
        return Vec::new();
    }
    let mut paths = vec![fields(&["spec"])];
    if spec.and_then(|spec| spec.get("versions")).is_some() {
        paths.push(fields(&["spec", "versions"]));
    }
    paths.extend(versions_of(root).into_iter().map(|(path, _)| path));
    let operations = paths.into_iter().map(|path| Operation::Unfold { path });
    vec![Amendment {
        path: fields(&["spec"]),
        message: String::new(),
        operations: operations.collect(),
    }]
}

/// What stood beside the versions moves into them.
pub(super) fn moves(root: &Node) -> Vec<Amendment> {
    moved(root, |to| {
        format!("now `{to}` of each version, but of those that had one already")
    })
}

/// The same for a definition that calls itself one of v1.
pub(crate) fn misplaced(root: &Node, key: &str) -> Vec<Operation> {
    let amendments = moved(root, |_| String::new());
    let path = fields(&["spec", key]);
    let amendments = amendments.into_iter();
    amendments
        .filter(|amendment| amendment.path == path)
        .flat_map(|amendment| amendment.operations)
        .collect()
}

fn moved(root: &Node, message: impl Fn(&str) -> String) -> Vec<Amendment> {
    let Some(spec) = root.get("spec") else {
        return Vec::new();
    };
    let mut amendments = Vec::new();
    for (from, to) in MOVED {
        let Some(value) = spec.get(from) else {
            continue;
        };
        let path = fields(&["spec", from]);
        let versions = versions_of(root);
        let lacking = versions
            .iter()
            .filter(|(_, version)| version.get(to).is_none() && version.map().is_some());
        let targets: Vec<Vec<Step>> = lacking.map(|(path, _)| path.clone()).collect();
        let says_nothing = value.is_null() || value.map().is_some_and(is_empty);
        let operation = if says_nothing || targets.is_empty() {
            Operation::Remove { path: path.clone() }
        } else {
            Operation::Move {
                path: path.clone(),
                to: targets,
                key: to.to_owned(),
            }
        };
        let message = if matches!(operation, Operation::Remove { .. }) {
            format!(
                "removed: {}",
                if says_nothing {
                    "it says nothing"
                } else {
                    "each version has its own"
                }
            )
        } else {
            message(to)
        };
        amendments.push(Amendment {
            path,
            message,
            operations: vec![operation],
        });
    }
    amendments
}

fn is_empty(map: &Map) -> bool {
    map.entries().is_empty()
}

/// A version without a schema took everything.
pub(super) fn without_schema(root: &Node) -> Vec<Amendment> {
    let anything = || {
        map([
            ("type", text("object")),
            ("x-kubernetes-preserve-unknown-fields", boolean(true)),
        ])
    };
    let mut amendments = Vec::new();
    for (path, version) in versions_of(root) {
        let schema = field(&path, "schema");
        let operation = match version.get("schema") {
            None => Operation::Insert {
                map: path,
                key: "schema".to_owned(),
                value: map([("openAPIV3Schema", anything())]),
                before: None,
            },
            Some(held) if held.get("openAPIV3Schema").is_none_or(Node::is_null) => {
                Operation::Exchange {
                    path: schema.clone(),
                    key: "schema".to_owned(),
                    value: map([("openAPIV3Schema", anything())]),
                }
            }
            Some(_) => continue,
        };
        amendments.push(Amendment {
            path: schema,
            message: "added: v1 wants a schema; this one takes every object, as none did"
                .to_owned(),
            operations: vec![operation],
        });
    }
    amendments
}
