//! Fields that are misspelt, stand in the wrong place, or stand there twice.

use super::super::Finding;
use super::super::convert::{boolean, fields, list, map, misplaced};
use super::super::document::{Map, Node};
use super::super::edit::{Operation, same};
use super::super::path::{Step, written};
use super::{Mend, at, key_at, last, remove};

/// A field that nobody knows: it moves where it belongs, or gets the name that was meant.
pub(super) fn unknown(root: &Node, finding: &Finding) -> Option<Mend> {
    let path = key_at(root, finding.at)?;
    place(root, &path).or_else(|| name(root, &path, finding))
}

fn place(root: &Node, path: &[Step]) -> Option<Mend> {
    let text = written(path);
    let (key, above) = last(path)?;
    if key == "JSONPath" {
        let is_there = at(root, above)?.get("jsonPath").is_some();
        return (!is_there).then(|| rename(path, "jsonPath"));
    }
    let moved = |to: &str, operations: Vec<Operation>| Mend {
        message: format!("moved to {to}"),
        operations,
    };
    match text.as_str() {
        "spec.names.scope" => {
            let scope = root.dig(&["spec", "scope"]);
            match scope {
                None => Some(moved(
                    "spec.scope",
                    vec![Operation::Move {
                        path: path.to_vec(),
                        to: vec![fields(&["spec"])],
                        key: "scope".to_owned(),
                    }],
                )),
                Some(scope) if same(scope, at(root, path)?) => Some(remove(path)),
                Some(_) => None,
            }
        }
        "spec.version" => version(root, path),
        "spec.validation"
        | "spec.subresources"
        | "spec.additionalPrinterColumns"
        | "spec.selectableFields" => {
            let operations = misplaced(root, key);
            // What each version has already is another answer.
            let is_one = matches!(operations[..], [Operation::Move { .. }]);
            is_one.then(|| moved("spec.versions", operations))
        }
        _ => within_version(root, path),
    }
}

/// `spec.version`, which v1beta1 had.
fn version(root: &Node, path: &[Step]) -> Option<Mend> {
    let name = at(root, path)?;
    let versions = root.dig(&["spec", "versions"]);
    if let Some(versions) = versions {
        let mut versions = versions.list()?.iter();
        let known = versions.any(|version| version.get("name").is_some_and(|one| same(one, name)));
        return known.then(|| remove(path));
    }
    let only = map([
        ("name", name.clone()),
        ("served", boolean(true)),
        ("storage", boolean(true)),
    ]);
    Some(Mend::new(
        "now the only one of spec.versions, served and stored",
        Operation::Exchange {
            path: path.to_vec(),
            key: "versions".to_owned(),
            value: list(vec![only]),
        },
    ))
}

fn within_version(root: &Node, path: &[Step]) -> Option<Mend> {
    let (key, above) = last(path)?;
    let holder = at(root, above)?;
    let is_version = matches!(above, [Step::Field(spec), Step::Field(versions), Step::Index(_)]
        if spec == "spec" && versions == "versions");
    if !is_version || holder.get("schema").is_some() {
        return None;
    }
    match key {
        "openAPIV3Schema" => Some(Mend::new(
            "moved to schema.openAPIV3Schema",
            Operation::Wrap {
                path: path.to_vec(),
                outer: "schema".to_owned(),
                inner: key.to_owned(),
            },
        )),
        "validation" => Some(rename(path, "schema")),
        _ => None,
    }
}

fn rename(path: &[Step], key: &str) -> Mend {
    Mend::new(
        format!("now `{key}`"),
        Operation::Rename {
            path: path.to_vec(),
            key: key.to_owned(),
        },
    )
}

/// The known name that differs in so little that no other can be meant.
fn name(root: &Node, path: &[Step], finding: &Finding) -> Option<Mend> {
    let suggestion = finding.suggestion.as_deref()?;
    let known = suggestion.strip_prefix("write `")?.strip_suffix('`')?;
    let (key, above) = last(path)?;
    let is_there = at(root, above)?.map().is_some_and(|map| has(map, known));
    let bare = |name: &str| name.replace(['-', '_'], "").to_lowercase();
    let most = if known.len() >= 8 { 2 } else { 1 };
    let near = strsim::damerau_levenshtein(key, known) <= most && known.len() > 3;
    let close = bare(key) == bare(known) || near;
    (close && !is_there).then(|| rename(path, known))
}

fn has(map: &Map, key: &str) -> bool {
    map.get(key).is_some()
}

/// A field that is written twice with the same value.
pub(super) fn repeated(root: &Node, finding: &Finding) -> Option<Mend> {
    let path = key_at(root, finding.at)?;
    let (key, above) = last(&path)?;
    let map = at(root, above)?.map()?;
    let mut values = map.entries().iter().filter(|entry| entry.key == key);
    let first = values.next()?;
    let alike = values.all(|entry| !entry.merged && same(&entry.node, &first.node));
    alike.then(|| {
        Mend::new(
            format!("removed `{key}`, which stands there again with the same value"),
            Operation::Remove { path: path.clone() },
        )
    })
}
