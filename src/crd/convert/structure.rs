//! Schemas that v1beta1 took become structural: each value has one type, outside of `allOf`, `anyOf`, `oneOf` and `not`.
//!
//! Source: pkg/apiserver/schema/{convert,validation}.go.

use super::super::document::{Map, Node, Value};
use super::super::edit::Operation;
use super::super::path::Step;
use super::{Amendment, below, boolean, field, map, text, versions_of};

pub(super) const PRESERVE: &str = "x-kubernetes-preserve-unknown-fields";
const INT_OR_STRING: &str = "x-kubernetes-int-or-string";

/// Where a schema stands.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Level {
    /// The schema of a version.
    Root,
    /// `metadata` of the root.
    Metadata,
    /// `kind` or `apiVersion` of a resource.
    Name,
    /// Anything else.
    Field,
}

/// The schemas of all versions, each with its path.
pub(super) fn schemas(root: &Node) -> Vec<(Vec<Step>, &Node)> {
    versions_of(root)
        .into_iter()
        .filter_map(|(path, version)| {
            let path = field(&field(&path, "schema"), "openAPIV3Schema");
            Some((path, version.dig(&["schema", "openAPIV3Schema"])?))
        })
        .collect()
}

/// What stands within a schema and has a structure of its own: not what is in junctors.
pub(super) fn within<'n>(
    node: &'n Node,
    path: &[Step],
    level: Level,
) -> Vec<(Vec<Step>, &'n Node, Level)> {
    let mut within = Vec::new();
    let is_resource = level == Level::Root
        || node
            .get("x-kubernetes-embedded-resource")
            .and_then(Node::bool)
            == Some(true);
    let properties = field(path, "properties");
    let entries = node.get("properties").and_then(Node::map);
    for entry in entries.map(Map::sorted).unwrap_or_default() {
        let level = match entry.key.as_str() {
            "metadata" if level == Level::Root => Level::Metadata,
            "kind" | "apiVersion" if is_resource => Level::Name,
            _ => Level::Field,
        };
        let path = below(&properties, Step::Key(entry.key.clone()));
        within.push((path, &entry.node, level));
    }
    for key in ["items", "additionalProperties"] {
        if let Some(schema) = node.get(key).filter(|schema| schema.map().is_some()) {
            within.push((field(path, key), schema, Level::Field));
        }
    }
    within
}

/// Types where there are none, and what contradicts v1 outside of junctors.
pub(super) fn typed(root: &Node) -> Vec<Amendment> {
    let mut amendments = Vec::new();
    for (path, schema) in schemas(root) {
        walk(schema, &path, Level::Root, &mut amendments);
    }
    amendments
}

fn walk(node: &Node, path: &[Step], level: Level, amendments: &mut Vec<Amendment>) {
    if level == Level::Metadata && !names_alone(node) {
        amendments.push(metadata(node, path));
        let properties = within(node, path, Level::Field).into_iter();
        let is_name = |path: &[Step]| matches!(path.last(), Some(Step::Key(name)) if name == "name" || name == "generateName");
        for (path, schema, level) in properties.filter(|(path, ..)| is_name(path)) {
            walk(schema, &path, level, amendments);
        }
        return;
    }
    amendments.extend(booleans(node, path, level));
    amendments.extend(kind(node, path, level));
    amendments.extend(items(node, path));
    for (path, schema, level) in within(node, path, level) {
        walk(schema, &path, level, amendments);
    }
}

/// The type that a schema has to get, with its reason; None where it has one, or needs none.
pub(crate) fn missing_type(node: &Node, is_root: bool) -> Option<(&'static str, String)> {
    let is = |key| node.get(key).and_then(Node::bool) == Some(true);
    if node.get("type").is_some() || is(INT_OR_STRING) || is(PRESERVE) && !is_root {
        return None;
    }
    if is_root {
        return Some(("object", "a resource is one".to_owned()));
    }
    for (kind, keywords) in TELLING {
        if let Some(keyword) = keywords.iter().find(|keyword| node.get(keyword).is_some()) {
            return Some((kind, format!("`{keyword}` stands only at one")));
        }
    }
    let format = node.get("format").and_then(Node::text).unwrap_or_default();
    for (kind, formats) in FORMATS {
        if formats.contains(&format) {
            return Some((kind, format!("`format: {format}` stands only at one")));
        }
    }
    if let Some(kind) = alike(node.get("enum").and_then(Node::list)) {
        return Some((kind, "all values of `enum` are such".to_owned()));
    }
    let kind = branches(node)?;
    Some((kind, "its branches say so".to_owned()))
}

const TELLING: [(&str, &[&str]); 4] = [
    (
        "object",
        &[
            "properties",
            "additionalProperties",
            "required",
            "minProperties",
            "maxProperties",
            "x-kubernetes-embedded-resource",
            "x-kubernetes-map-type",
        ],
    ),
    (
        "array",
        &[
            "items",
            "minItems",
            "maxItems",
            "x-kubernetes-list-type",
            "x-kubernetes-list-map-keys",
        ],
    ),
    ("string", &["pattern", "minLength", "maxLength"]),
    ("number", &["minimum", "maximum", "multipleOf"]),
];

const FORMATS: [(&str, &[&str]); 3] = [
    ("integer", &["int32", "int64"]),
    ("number", &["float", "double"]),
    (
        "string",
        &[
            "date",
            "date-time",
            "duration",
            "byte",
            "email",
            "hostname",
            "ipv4",
            "ipv6",
            "uri",
            "uuid",
            "password",
        ],
    ),
];

/// The type that all values have.
fn alike(values: Option<&[Node]>) -> Option<&'static str> {
    let kind = |node: &Node| match &node.value {
        Value::String(_) => Some("string"),
        Value::Bool(_) => Some("boolean"),
        Value::Number(number) if number.integer().is_some() => Some("integer"),
        _ => None,
    };
    let mut kinds = values?.iter().map(kind);
    let first = kinds.next()??;
    kinds.all(|kind| kind == Some(first)).then_some(first)
}

/// The type that junctors give: all branches of one, or one of those that all hold.
fn branches(node: &Node) -> Option<&'static str> {
    const TYPES: [&str; 6] = ["array", "boolean", "integer", "number", "object", "string"];
    let kind = |branch: &Node| {
        let kind = branch.get("type").and_then(Node::text)?;
        TYPES.into_iter().find(|known| *known == kind)
    };
    for key in ["allOf", "anyOf", "oneOf"] {
        let list = node.get(key).and_then(Node::list).unwrap_or_default();
        let kinds: Vec<_> = list.iter().map(kind).collect();
        let told = kinds.iter().flatten().next().copied();
        let all = kinds.iter().all(|kind| *kind == told);
        let any = key == "allOf" && kinds.iter().flatten().all(|kind| Some(*kind) == told);
        if told.is_some() && (all || any) {
            return told;
        }
    }
    None
}

fn kind(node: &Node, path: &[Step], level: Level) -> Option<Amendment> {
    if level == Level::Name && node.get("type").is_none() {
        return Some(insert(
            node,
            path,
            "type",
            text("string"),
            "added `type: string`: it is a text",
        ));
    }
    if level != Level::Root
        && let Some(amendment) = int_or_string(node, path)
    {
        return Some(amendment);
    }
    let needs_none = [INT_OR_STRING, PRESERVE]
        .iter()
        .any(|key| node.get(key).and_then(Node::bool) == Some(true));
    match missing_type(node, level == Level::Root) {
        Some((kind, why)) => {
            let message = format!("added `type: {kind}`: {why}");
            Some(insert(node, path, "type", text(kind), &message))
        }
        None if node.get("type").is_none() && !needs_none => {
            let message = format!(
                "added `{PRESERVE}: true`: nothing tells its type, so it may be anything, as before"
            );
            Some(insert(node, path, PRESERVE, boolean(true), &message))
        }
        None => None,
    }
}

/// `anyOf` or `oneOf` of an integer and a text.
pub(crate) fn int_or_string(node: &Node, path: &[Step]) -> Option<Amendment> {
    if node.get("type").is_some() || node.get(INT_OR_STRING).is_some() {
        return None;
    }
    let (key, list) = ["anyOf", "oneOf"].into_iter().find_map(|key| {
        let list = node.get(key)?.list()?;
        Some((key, list))
    })?;
    let bare = |node: &Node| {
        let map = node.map().filter(|map| map.entries().len() == 1)?;
        map.get("type")?.text().map(str::to_owned)
    };
    let mut kinds: Vec<String> = list.iter().filter_map(bare).collect();
    kinds.sort();
    if list.len() != 2 || kinds != ["integer", "string"] {
        return None;
    }
    Some(Amendment {
        path: path.to_vec(),
        message: format!("`{INT_OR_STRING}: true` is now what `{key}` said with two types"),
        operations: vec![Operation::Exchange {
            path: field(path, key),
            key: INT_OR_STRING.to_owned(),
            value: boolean(true),
        }],
    })
}

/// A list without `items` held anything.
fn items(node: &Node, path: &[Step]) -> Option<Amendment> {
    let is_list = node.get("type").and_then(Node::text) == Some("array");
    if !is_list || node.get("items").is_some() {
        return None;
    }
    let message = "added `items`: v1 wants them; these may be anything, as before";
    let anything = map([(PRESERVE, boolean(true))]);
    Some(insert(node, path, "items", anything, message))
}

/// Booleans that v1 does not take.
fn booleans(node: &Node, path: &[Step], level: Level) -> Vec<Amendment> {
    let mut amendments = Vec::new();
    let is = |key, is| node.get(key).and_then(Node::bool) == Some(is);
    let mut remove = |key, why: &str| {
        amendments.push(Amendment {
            path: field(path, key),
            message: format!("removed: {why}"),
            operations: vec![Operation::Remove {
                path: field(path, key),
            }],
        });
    };
    if is(PRESERVE, false) {
        remove(PRESERVE, "false says nothing, and v1 takes only true");
    }
    let additional = "additionalProperties";
    if is(additional, false) && (node.get("properties").is_some() || level == Level::Root) {
        remove(
            additional,
            "v1 drops fields that are not named instead of refusing them",
        );
    }
    if is(additional, true) && level == Level::Root {
        remove(additional, "v1 takes none at the root");
    }
    amendments
}

fn names_alone(metadata: &Node) -> bool {
    let entries = |node: &'_ Node| {
        let map = node.map().map(Map::sorted).unwrap_or_default();
        map.into_iter()
            .map(|entry| entry.key.clone())
            .collect::<Vec<_>>()
    };
    let own = entries(metadata);
    let properties = metadata.get("properties").map(entries).unwrap_or_default();
    own.iter().all(|key| key == "type" || key == "properties")
        && properties
            .iter()
            .all(|key| key == "name" || key == "generateName")
}

pub(crate) fn metadata(node: &Node, path: &[Step]) -> Amendment {
    let mut gone = Vec::new();
    for entry in node.map().map(Map::sorted).unwrap_or_default() {
        let properties = entry.node.map().map(Map::sorted).unwrap_or_default();
        let is_name = |name: &str| name == "name" || name == "generateName";
        let here = field(path, &entry.key);
        match entry.key.as_str() {
            "type" => {}
            "properties" if properties.iter().any(|property| is_name(&property.key)) => {
                let others = properties.iter().filter(|property| !is_name(&property.key));
                gone.extend(others.map(|property| below(&here, Step::Key(property.key.clone()))));
            }
            _ => gone.push(here),
        }
    }
    let gone = gone.into_iter().map(|path| Operation::Remove { path });
    let mut operations: Vec<Operation> = gone.collect();
    if node.get("type").is_none() {
        operations.push(Operation::Insert {
            map: path.to_vec(),
            key: "type".to_owned(),
            value: text("object"),
            before: Some("properties".to_owned()),
        });
    }
    Amendment {
        path: path.to_vec(),
        message: "reduced: v1 knows what metadata is, and takes rules for name and generateName \
                  alone"
            .to_owned(),
        operations,
    }
}

fn insert(node: &Node, path: &[Step], key: &str, value: Node, message: &str) -> Amendment {
    // A type stands before what it holds.
    let holds = ["properties", "items", "additionalProperties", "required"];
    let mut entries = node.map().map(Map::entries).unwrap_or_default().iter();
    let before = entries.find(|entry| holds.contains(&entry.key.as_str()));
    Amendment {
        path: path.to_vec(),
        message: message.to_owned(),
        operations: vec![Operation::Insert {
            map: path.to_vec(),
            key: key.to_owned(),
            value,
            before: before
                .filter(|_| key == "type")
                .map(|entry| entry.key.clone()),
        }],
    }
}

/// What junctors say that only the schema around them may say.
pub(crate) fn nested(root: &Node) -> Vec<Amendment> {
    let mut amendments = Vec::new();
    for (path, schema) in schemas(root) {
        outside(schema, &path, Level::Root, &mut amendments);
    }
    amendments
}

fn outside(node: &Node, path: &[Step], level: Level, amendments: &mut Vec<Amendment>) {
    junctors(node, node, path, amendments);
    for (path, schema, level) in within(node, path, level) {
        outside(schema, &path, level, amendments);
    }
}

fn junctors(node: &Node, around: &Node, path: &[Step], amendments: &mut Vec<Amendment>) {
    let is_int_or_string =
        |key: &str| key != "oneOf" && node.get(INT_OR_STRING).and_then(Node::bool) == Some(true);
    for key in ["allOf", "anyOf", "oneOf"] {
        let list = node.get(key).and_then(Node::list).unwrap_or_default();
        if is_int_or_string(key) {
            continue;
        }
        for (index, branch) in list.iter().enumerate() {
            let path = below(&field(path, key), Step::Index(index));
            inside(branch, Some(around), &path, amendments);
        }
    }
    if let Some(not) = node.get("not") {
        inside(not, Some(around), &field(path, "not"), amendments);
    }
}

/// Takes out of a branch what the schema around it says already, or what says nothing about values.
fn inside(branch: &Node, around: Option<&Node>, path: &[Step], amendments: &mut Vec<Amendment>) {
    let same = |key: &str| {
        let text = |node: &Node| node.get(key).and_then(Node::text).map(str::to_owned);
        text(branch).is_some() && around.and_then(text) == text(branch)
    };
    let mut operations = Vec::new();
    let mut gone = Vec::new();
    for (key, goes) in [
        ("type", same("type") && !path.iter().any(is_not)),
        ("description", branch.get("description").is_some()),
        ("title", branch.get("title").is_some()),
    ] {
        if goes {
            gone.push(format!("`{key}`"));
            operations.push(Operation::Remove {
                path: field(path, key),
            });
        }
    }
    if !operations.is_empty() {
        amendments.push(Amendment {
            path: path.to_vec(),
            message: format!(
                "removed {}: v1 takes it only outside of allOf, anyOf, oneOf and not",
                gone.join(" and ")
            ),
            operations,
        });
    }
    if let Some(around) = around {
        junctors(branch, around, path, amendments);
    }
    for (path, schema, _) in within(branch, path, Level::Field) {
        let around = match path.last() {
            Some(Step::Key(name)) => around
                .and_then(|around| around.get("properties"))
                .and_then(|properties| properties.get(name)),
            Some(Step::Field(name)) => around.and_then(|around| around.get(name)),
            _ => None,
        };
        inside(schema, around, &path, amendments);
    }
}

/// Below `not` a type is a rule of its own: what has it is refused.
fn is_not(step: &Step) -> bool {
    matches!(step, Step::Field(name) if name == "not")
}
