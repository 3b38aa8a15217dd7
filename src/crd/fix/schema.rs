//! Keywords of schemas.

use super::super::Finding;
use super::super::convert::{
    Amendment, field, int_or_string, missing_type, nested, restricted, text,
};
use super::super::document::Node;
use super::super::edit::Operation;
use super::super::path::Step;
use super::{Mend, at, last, remove};

/// The one answer to a finding in a schema.
pub(super) fn mend(root: &Node, finding: &Finding) -> Option<Mend> {
    let (key, above) = last(&finding.path)?;
    let holder = at(root, above);
    let is = |is: bool| holder.and_then(|node| node.get(key)?.bool()) == Some(is);
    match (finding.rule, key) {
        ("root-additional" | "properties-or-additional" | "preserve-unknown-fields", _)
            if is(false) =>
        {
            Some(remove(&finding.path))
        }
        ("list-map-key", "nullable") => Some(remove(&finding.path)),
        ("structural-type", "type") => missing(root, above),
        ("root-metadata", "type") => match last(above)?.0 {
            "metadata" => typed(holder?, above, "object"),
            _ => typed(holder?, above, "string"),
        },
        ("root-metadata", "metadata") => Some(from(restricted(holder?.get(key)?, &finding.path))),
        ("structural" | "embedded-resource", "type") if holder?.get(key).is_none() => {
            typed(holder?, above, "object")
        }
        ("structural-nested", _) => {
            let mut amendments = nested(root).into_iter();
            let one = |operation: &Operation| matches!(operation, Operation::Remove { path } if *path == finding.path);
            amendments
                .any(|amendment| amendment.operations.iter().any(one))
                .then(|| remove(&finding.path))
        }
        ("items", "items") => items(holder?, &finding.path),
        ("unique-items", _) => unique(holder?, above),
        ("list-set", "x-kubernetes-map-type") if holder?.get(key).is_none() => Some(Mend::new(
            "added `x-kubernetes-map-type: atomic`",
            Operation::Insert {
                map: above.to_vec(),
                key: key.to_owned(),
                value: text("atomic"),
                before: None,
            },
        )),
        _ => None,
    }
}

fn from(amendment: Amendment) -> Mend {
    Mend {
        message: amendment.message,
        operations: amendment.operations,
    }
}

/// A type where another keyword tells which.
fn missing(root: &Node, path: &[Step]) -> Option<Mend> {
    let node = at(root, path)?;
    if let Some(amendment) = int_or_string(node, path) {
        return Some(from(amendment));
    }
    let is_root = matches!(path.last(), Some(Step::Field(name)) if name == "openAPIV3Schema");
    let (kind, _) = missing_type(node, is_root)?;
    // A limit of numbers stands at integers too.
    (kind != "number").then(|| typed(node, path, kind))?
}

/// A type, where there is none.
fn typed(node: &Node, path: &[Step], kind: &str) -> Option<Mend> {
    let key = "type";
    if node.get(key).is_some() {
        return Some(Mend::new(
            format!("now `type: {kind}`"),
            Operation::Set {
                path: field(path, key),
                value: text(kind),
            },
        ));
    }
    let holds = ["properties", "items", "additionalProperties", "required"];
    let mut entries = node.map()?.entries().iter();
    let before = entries.find(|entry| holds.contains(&entry.key.as_str()));
    Some(Mend::new(
        format!("added `type: {kind}`"),
        Operation::Insert {
            map: path.to_vec(),
            key: key.to_owned(),
            value: text(kind),
            before: before.map(|entry| entry.key.clone()),
        },
    ))
}

/// The type that a list type or map type needs.
pub(super) fn list_or_map(root: &Node, finding: &Finding) -> Option<Mend> {
    let ("type", above) = last(&finding.path)? else {
        return None;
    };
    let node = at(root, above)?;
    if finding.rule != "list-or-map-type" || node.get("type").is_some() {
        return None;
    }
    let is_list = node.get("x-kubernetes-list-type").is_some();
    let is_map = node.get("x-kubernetes-map-type").is_some();
    match (is_list, is_map) {
        (true, false) => typed(node, above, "array"),
        (false, true) => typed(node, above, "object"),
        _ => None,
    }
}

/// A list of one schema is that schema.
fn items(holder: &Node, path: &[Step]) -> Option<Mend> {
    let [only] = holder.get("items")?.list()? else {
        return None;
    };
    Some(Mend::new(
        "now one schema",
        Operation::Exchange {
            path: path.to_vec(),
            key: "items".to_owned(),
            value: only.clone(),
        },
    ))
}

/// Lists without repetition are sets, where their items are scalar.
fn unique(node: &Node, path: &[Step]) -> Option<Mend> {
    let list_type = node.get("x-kubernetes-list-type").and_then(Node::text);
    let unique = field(path, "uniqueItems");
    if matches!(list_type, Some("set" | "map")) {
        return Some(remove(&unique));
    }
    let kind = node.dig(&["items", "type"]).and_then(Node::text)?;
    let scalar = ["string", "integer", "number", "boolean"].contains(&kind);
    (scalar && list_type.is_none()).then(|| {
        Mend::new(
            "now `x-kubernetes-list-type: set`",
            Operation::Exchange {
                path: unique,
                key: "x-kubernetes-list-type".to_owned(),
                value: text("set"),
            },
        )
    })
}
