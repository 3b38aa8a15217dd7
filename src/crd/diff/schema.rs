//! Schemas: which values were right, and are not any more, or lose something.

use super::super::definition::Version;
use super::super::document::{Node, Position, Value};
use super::super::go::quote;
use super::super::schema::{Schema, dump};
use super::change::{Changes, Spot, Verdict};
use super::limits;

/// A schema and what it was read from.
#[derive(Clone, Copy)]
struct Side<'d> {
    schema: &'d Schema<'d>,
    node: &'d Node,
}

impl<'d> Side<'d> {
    fn property(self, name: &str) -> Option<Side<'d>> {
        Some(Side {
            schema: self.schema.property(name)?,
            node: self.node.get("properties")?.get(name)?,
        })
    }

    fn item(self) -> Option<Side<'d>> {
        Some(Side {
            schema: self.schema.item()?,
            node: self.node.get("items")?,
        })
    }

    fn additional(self) -> Option<Side<'d>> {
        Some(Side {
            schema: self.schema.additional()?,
            node: self.node.get("additionalProperties")?,
        })
    }

    fn requires(self, name: &str) -> bool {
        self.schema
            .required
            .as_ref()
            .is_some_and(|required| required.contains(&name))
    }

    /// Whether keys without a property of their own are kept.
    fn is_open(self) -> bool {
        let additional = self.schema.additional_properties.as_ref();
        self.schema.preserves() || additional.is_some_and(|additional| additional.allows)
    }

    /// Where a keyword stands, or the schema.
    fn at(self, keyword: &str) -> Position {
        let entry = self.node.map().and_then(|map| map.entry(keyword));
        entry.map_or(self.node.at, |entry| entry.at)
    }

    /// Where a property's name stands.
    fn name_at(self, name: &str) -> Option<Position> {
        let properties = self.node.get("properties")?.map()?;
        properties.entry(name).map(|entry| entry.at)
    }
}

/// Adds the changes between the schemas of a version.
pub(super) fn version(old: &Version<'_>, new: &Version<'_>, spot: &Spot, changes: &mut Changes) {
    // Where there is no schema, everything is kept.
    let anything = Schema {
        preserve_unknown_fields: Some(true),
        ..Schema::default()
    };
    let nothing = Node {
        value: Value::Null,
        at: Position::default(),
    };
    let side = |version: &'_ Version<'_>| -> Option<Node> {
        version
            .node
            .dig(&["schema", "openAPIV3Schema"])
            .filter(|node| !node.is_null())
            .cloned()
    };
    let (old_node, new_node) = (side(old), side(new));
    let old = Side {
        schema: old.schema.as_ref().unwrap_or(&anything),
        node: old_node.as_ref().unwrap_or(&nothing),
    };
    let new = Side {
        schema: new.schema.as_ref().unwrap_or(&anything),
        node: new_node.as_ref().unwrap_or(&nothing),
    };
    compare(old, new, spot, changes);
}

fn compare(old: Side<'_>, new: Side<'_>, spot: &Spot, changes: &mut Changes) {
    if !types(old, new, spot, changes) {
        return;
    }
    let at = |keyword: &str| Spot {
        old: Some(old.at(keyword)),
        new: Some(new.at(keyword)),
        ..spot.clone()
    };
    if old.schema.nullable && !new.schema.nullable {
        let message = "null is refused".to_owned();
        changes.breaking("nullable-removed", &at("nullable"), message);
    } else if new.schema.nullable && !old.schema.nullable {
        let message = "null may be written".to_owned();
        changes.compatible("nullable-added", &at("nullable"), message);
    }
    limits::compare(old.schema, new.schema, spot, changes);
    limits::default(old.schema, new.schema, &at("default"), changes);
    unknown(old, new, spot, changes);
    properties(old, new, spot, changes);
    additional(old, new, spot, changes);
    if let (Some(old), Some(new)) = (old.item(), new.item()) {
        let spot = spot.below("[*]", Some(old.node.at), Some(new.node.at));
        compare(old, new, &spot, changes);
    }
    merging(old, new, &at("x-kubernetes-list-type"), changes);
    junctors(old, new, spot, changes);
    rules(old, new, &at("x-kubernetes-validations"), changes);
}

/// The type as people name it.
fn kind<'s>(schema: &Schema<'s>) -> &'s str {
    match schema.kind {
        _ if schema.int_or_string => "int-or-string",
        "" => "anything",
        kind => kind,
    }
}

/// Whether the rest can be compared.
fn types(old: Side<'_>, new: Side<'_>, spot: &Spot, changes: &mut Changes) -> bool {
    let (was, is) = (kind(old.schema), kind(new.schema));
    if was == is {
        return true;
    }
    // A resource is an object, whatever a schema says.
    let is_root = spot.path.is_empty() && is == "object";
    let wider = is_root
        || is == "anything"
        || matches!(
            (was, is),
            ("integer", "number") | ("integer" | "string", "int-or-string")
        );
    let spot = Spot {
        old: Some(old.at("type")),
        new: Some(new.at("type")),
        ..spot.clone()
    };
    let message = format!("{was} became {is}");
    if is_root {
        return true;
    }
    if wider {
        changes.compatible("type-widened", &spot, message);
    } else {
        changes.breaking("type-changed", &spot, message);
    }
    wider
}

fn unknown(old: Side<'_>, new: Side<'_>, spot: &Spot, changes: &mut Changes) {
    let keyword = "x-kubernetes-preserve-unknown-fields";
    let spot = Spot {
        old: Some(old.at(keyword)),
        new: Some(new.at(keyword)),
        ..spot.clone()
    };
    if old.schema.preserves() && !new.schema.preserves() {
        let message = "fields that the schema does not know are dropped".to_owned();
        changes.breaking("unknown-dropped", &spot, message);
    } else if new.schema.preserves() && !old.schema.preserves() {
        let message = "fields that the schema does not know are kept".to_owned();
        changes.compatible("unknown-kept", &spot, message);
    }
    if new.schema.embedded_resource && !old.schema.embedded_resource {
        let message = "must be a whole resource".to_owned();
        changes.breaking("embedded-resource-added", &spot, message);
    } else if old.schema.embedded_resource && !new.schema.embedded_resource {
        let message = "need not be a whole resource, and its metadata is no longer known";
        changes.breaking("embedded-resource-removed", &spot, message.to_owned());
    }
}

fn properties(old: Side<'_>, new: Side<'_>, spot: &Spot, changes: &mut Changes) {
    let of_resource = spot.path.is_empty() || new.schema.embedded_resource;
    let implied = |name: &str| of_resource && ["apiVersion", "kind", "metadata"].contains(&name);
    for (name, _) in old.schema.properties() {
        let Some(was) = old.property(name) else {
            continue;
        };
        let spot = spot.below(name, old.name_at(name), new.name_at(name));
        match new.property(name).or_else(|| new.additional()) {
            Some(is) => compare(was, is, &spot, changes),
            None if implied(name) => {}
            None => gone(new, &spot, changes),
        }
    }
    for (name, property) in new.schema.properties() {
        if old.property(name).is_none() && !implied(name) {
            let spot = spot.below(name, None, new.name_at(name));
            let spot = Spot { old: None, ..spot };
            come(old, property, &spot, changes);
        }
    }
    required(old, new, spot, changes);
}

fn gone(new: Side<'_>, spot: &Spot, changes: &mut Changes) {
    let spot = &Spot {
        new: None,
        ..spot.clone()
    };
    if new.is_open() {
        let message = "the field is gone; it is kept, and not checked any more".to_owned();
        changes.compatible("field-removed", spot, message);
    } else {
        let message = "the field is gone: it is dropped from all objects".to_owned();
        changes.breaking("field-removed", spot, message);
    }
}

fn come(old: Side<'_>, property: &Schema<'_>, spot: &Spot, changes: &mut Changes) {
    if old.is_open() && kind(property) != "anything" {
        let message = format!(
            "the field is new, and must be {}; whatever had its name was kept before",
            match kind(property) {
                "int-or-string" => "an integer or a text",
                other => other,
            }
        );
        changes.breaking("field-limited", spot, message);
    } else {
        changes.compatible("field-added", spot, "the field is new".to_owned());
    }
}

fn required(old: Side<'_>, new: Side<'_>, spot: &Spot, changes: &mut Changes) {
    let at = |side: Side<'_>| Some(side.at("required"));
    for name in new.schema.required.iter().flatten() {
        if old.requires(name) {
            continue;
        }
        let spot = spot.below(name, at(old), at(new));
        let filled = new
            .schema
            .property(name)
            .is_some_and(|property| property.default.is_some());
        if filled {
            let message = "must be there; its default fills it in".to_owned();
            changes.compatible("required-added", &spot, message);
        } else {
            let message = "must be there: objects without it are refused".to_owned();
            changes.breaking("required-added", &spot, message);
        }
    }
    for name in old.schema.required.iter().flatten() {
        if !new.requires(name) {
            let spot = spot.below(name, at(old), at(new));
            changes.compatible("required-removed", &spot, "may be left out".to_owned());
        }
    }
}

fn additional(old: Side<'_>, new: Side<'_>, spot: &Spot, changes: &mut Changes) {
    let keyword = "additionalProperties";
    let spot = spot.below("*", Some(old.at(keyword)), Some(new.at(keyword)));
    let allows = |side: Side<'_>| {
        let additional = side.schema.additional_properties.as_ref();
        additional.is_some_and(|additional| additional.allows)
    };
    match (allows(old), allows(new)) {
        (true, false) if new.schema.preserves() => {
            let message = "values of any key are kept, and not checked any more".to_owned();
            changes.compatible("keys-removed", &spot, message);
        }
        (true, false) => {
            let message = "keys that are not named are dropped".to_owned();
            changes.breaking("keys-removed", &spot, message);
        }
        (false, true) if old.schema.preserves() && new.additional().is_some() => {
            let message = "values of any key must hold a schema, and were free".to_owned();
            changes.breaking("keys-limited", &spot, message);
        }
        (false, true) => {
            changes.compatible("keys-added", &spot, "any key may be written".to_owned());
        }
        (true, true) => match (old.additional(), new.additional()) {
            (Some(old), Some(new)) => compare(old, new, &spot, changes),
            (None, Some(_)) => {
                let message = "values of any key must hold a schema, and were free".to_owned();
                changes.breaking("keys-limited", &spot, message);
            }
            (Some(_), None) => {
                // Without a schema of their own, what such values hold is dropped.
                let message =
                    "values of any key have no schema any more: what they hold is dropped";
                changes.breaking("keys-removed", &spot, message.to_owned());
            }
            (None, None) => {}
        },
        (false, false) => {}
    }
}

/// How lists and maps are merged, and whether items may stand twice.
fn merging(old: Side<'_>, new: Side<'_>, spot: &Spot, changes: &mut Changes) {
    let (was, is) = (
        old.schema.list_type.unwrap_or("atomic"),
        new.schema.list_type.unwrap_or("atomic"),
    );
    let keys = |side: Side<'_>| -> Vec<String> {
        let keys = side.schema.list_map_keys.iter().flatten();
        keys.map(|key| (*key).to_owned()).collect()
    };
    if was != is {
        let message = if is == "atomic" {
            format!("a list of type {was} became atomic: who applies an item replaces all")
        } else {
            format!("a list of type {was} became one of type {is}: items may not stand twice")
        };
        changes.breaking("list-type-changed", spot, message);
    } else if keys(old) != keys(new) {
        let message = format!(
            "the keys of items are {}, and were {}",
            keys(new).join(", "),
            keys(old).join(", ")
        );
        changes.breaking("list-type-changed", spot, message);
    }
    let map_type = |side: Side<'_>| side.schema.map_type == Some("atomic");
    match (map_type(old), map_type(new)) {
        (false, true) => {
            let message = "the map became atomic: who applies a key replaces all".to_owned();
            changes.breaking("map-type-changed", spot, message);
        }
        (true, false) => {
            let message = "the map is merged key by key".to_owned();
            changes.compatible("map-type-changed", spot, message);
        }
        _ => {}
    }
}

/// `allOf`, `anyOf`, `oneOf` and `not`: what cannot be told for certain to be looser is taken for tighter.
fn junctors(old: Side<'_>, new: Side<'_>, spot: &Spot, changes: &mut Changes) {
    let texts = |list: &Option<Vec<Schema<'_>>>| -> Vec<String> {
        list.iter().flatten().map(dump).collect()
    };
    let not = |schema: &Schema<'_>| -> Vec<String> {
        schema.not.iter().map(|schema| dump(schema)).collect()
    };
    for (name, was, is) in [
        (
            "allOf",
            texts(&old.schema.all_of),
            texts(&new.schema.all_of),
        ),
        (
            "anyOf",
            texts(&old.schema.any_of),
            texts(&new.schema.any_of),
        ),
        (
            "oneOf",
            texts(&old.schema.one_of),
            texts(&new.schema.one_of),
        ),
        ("not", not(old.schema), not(new.schema)),
    ] {
        if was == is {
            continue;
        }
        let within = |a: &[String], b: &[String]| a.iter().all(|text| b.contains(text));
        let looser = is.is_empty()
            || (name == "allOf" && within(&is, &was))
            || (name == "anyOf" && !was.is_empty() && within(&was, &is));
        let spot = Spot {
            old: Some(old.at(name)),
            new: Some(new.at(name)),
            ..spot.clone()
        };
        let (verdict, message) = if looser {
            (Verdict::Compatible, format!("`{name}` allows more"))
        } else if was.is_empty() {
            (Verdict::Breaking, format!("`{name}` is new"))
        } else {
            let message = format!("`{name}` changed, which is taken for tighter");
            (Verdict::Breaking, message)
        };
        changes.add(verdict, "junctor-changed", &spot, message);
    }
}

fn rules(old: Side<'_>, new: Side<'_>, spot: &Spot, changes: &mut Changes) {
    let texts = |side: Side<'_>| -> Vec<String> {
        let rules = side.schema.validations.iter().flatten();
        rules.map(|rule| rule.rule.trim().to_owned()).collect()
    };
    let (was, is) = (texts(old), texts(new));
    for rule in is.iter().filter(|rule| !was.contains(rule)) {
        let message = format!("the rule {} is new", quote(rule));
        changes.breaking("rule-added", spot, message);
    }
    for rule in was.iter().filter(|rule| !is.contains(rule)) {
        let message = format!("the rule {} is gone", quote(rule));
        changes.compatible("rule-removed", spot, message);
    }
}
