//! Versions of Kubernetes, and which fields of definitions the API server of each knows.

use std::sync::LazyLock;

use serde::Deserialize;

use super::document::{Entry, Map, Node, Value};
use super::go::{SCHEMA, Shape, Struct};
use super::rules::catalog::rule;

/// A minor version of Kubernetes 1, whose rules hold.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Era(pub u32);

/// A field that came after v1 itself.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Field {
    of: String,
    name: String,
    /// Since which minor version the API server knows it.
    pub(crate) since: u32,
    /// Since which its feature gate is on by itself.
    on: Option<u32>,
    /// Its feature gate.
    gate: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    field: Vec<Field>,
}

static FIELDS: LazyLock<Vec<Field>> = LazyLock::new(|| {
    // A test reads the table; a broken one has no fields.
    toml::from_str::<Table>(include_str!("fields.toml"))
        .map_or_else(|_| Vec::new(), |table| table.field)
});

/// What an API server makes of a field that newer ones know.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Standing {
    /// It takes it.
    Taken,
    /// It knows it, and drops it without a word.
    Dropped(&'static Field),
    /// It does not know it.
    Unknown(&'static Field),
}

impl Default for Era {
    fn default() -> Era {
        Era::NEWEST
    }
}

impl Era {
    /// The newest whose rules are known.
    pub const NEWEST: Era = Era(35);
    /// The oldest whose rules are known: before it there was no v1.
    pub const OLDEST: Era = Era(16);
    /// The first without v1beta1.
    pub(crate) const WITHOUT_BETA: Era = Era(22);

    /// Whether a rule holds.
    pub(crate) fn has(self, id: &str) -> bool {
        rule(id).is_none_or(|rule| rule.since <= self.0)
    }

    /// What the API server makes of a field of a Go type.
    pub(crate) fn standing(self, of: &str, name: &str) -> Standing {
        if self.knows_all() {
            return Standing::Taken;
        }
        let mut fields = FIELDS.iter();
        let field = fields.find(|field| field.name == name && field.of == of);
        match field {
            Some(field) if field.since > self.0 => Standing::Unknown(field),
            Some(field) if field.on.is_some_and(|on| on > self.0) => Standing::Dropped(field),
            _ => Standing::Taken,
        }
    }

    fn knows_all(self) -> bool {
        static LAST: LazyLock<u32> = LazyLock::new(|| {
            let last = |field: &Field| field.since.max(field.on.unwrap_or_default());
            FIELDS.iter().map(last).max().unwrap_or_default()
        });
        self.0 >= *LAST
    }

    /// A definition as the API server has it: without what it drops, and what it does not know. None where that is all.
    pub(crate) fn kept(self, root: &Node, of: &'static Struct) -> Option<Node> {
        if self.knows_all() {
            return None;
        }
        let mut root = root.clone();
        self.drop_from(&mut root, of).then_some(root)
    }

    /// Whether something was dropped.
    fn drop_from(self, node: &mut Node, of: &'static Struct) -> bool {
        let Value::Map(map) = &mut node.value else {
            return false;
        };
        let is_taken =
            |entry: &Entry| matches!(self.standing(of.name, &entry.key), Standing::Taken);
        let mut dropped = false;
        if !map.entries().iter().all(is_taken) {
            let mut kept = Map::default();
            for entry in map.entries().iter().filter(|entry| is_taken(entry)) {
                kept.push(entry.clone());
            }
            *map = kept;
            dropped = true;
        }
        for entry in map.entries_mut() {
            if let Some(shape) = of.field(&entry.key) {
                dropped |= self.drop_below(&mut entry.node, shape);
            }
        }
        dropped
    }

    fn drop_below(self, node: &mut Node, shape: &'static Shape) -> bool {
        let mut dropped = false;
        match (&mut node.value, shape) {
            (_, Shape::Struct(of)) => dropped = self.drop_from(node, of),
            (Value::List(items), Shape::List(_, item)) => {
                for node in items {
                    dropped |= self.drop_below(node, item);
                }
            }
            (Value::Map(map), Shape::Map(_, item)) => {
                for entry in map.entries_mut() {
                    dropped |= self.drop_below(&mut entry.node, item);
                }
            }
            (Value::Map(_), Shape::SchemaOrBool | Shape::SchemaOrList | Shape::SchemaOrTexts) => {
                dropped = self.drop_from(node, &SCHEMA);
            }
            (Value::List(items), Shape::SchemaOrList) => {
                for node in items {
                    dropped |= self.drop_from(node, &SCHEMA);
                }
            }
            _ => {}
        }
        dropped
    }
}

impl Field {
    /// What the API server of an era that drops it makes of it.
    pub(crate) fn loss(&self, era: Era) -> String {
        let gate = self.gate.as_deref().unwrap_or_default();
        format!(
            "Kubernetes 1.{} drops it without a word: its feature gate {gate} is off by default",
            era.0
        )
    }

    /// Since when it is of use.
    pub(crate) fn of_use(&self) -> String {
        let since = self.on.unwrap_or(self.since);
        format!("it is of use since Kubernetes 1.{since}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crd::document::{Limits, read};
    use crate::crd::go::{CUSTOM_RESOURCE_DEFINITION, V1BETA1};

    /// The types of definitions, each with its fields.
    fn types(of: &'static Struct, found: &mut Vec<&'static Struct>) {
        if found.iter().any(|known| std::ptr::eq(*known, of)) {
            return;
        }
        found.push(of);
        for (_, shape) in of.fields {
            match shape {
                Shape::Struct(of)
                | Shape::List(_, Shape::Struct(of))
                | Shape::Map(_, Shape::Struct(of)) => types(of, found),
                _ => {}
            }
        }
    }

    #[test]
    fn every_field_of_the_table_is_one_of_a_go_type() {
        let mut found = Vec::new();
        types(&CUSTOM_RESOURCE_DEFINITION, &mut found);
        types(&V1BETA1, &mut found);
        assert_eq!(FIELDS.len(), 12);
        for field in FIELDS.iter() {
            let mut of = found.iter().filter(|of| of.name == field.of);
            assert!(of.any(|of| of.field(&field.name).is_some()), "{field:?}");
            assert_eq!(field.on.is_some(), field.gate.is_some(), "{field:?}");
        }
    }

    #[test]
    fn what_an_era_does_not_know_is_not_there() {
        let text = "spec: {versions: [{name: v1, selectableFields: [], schema: {openAPIV3Schema: {properties: {a: \
                    {items: {x-kubernetes-map-type: atomic, x-kubernetes-validations: [{rule: a, reason: b}]}}}}}}]}";
        let root = &read(text.as_bytes(), Limits::default()).unwrap()[0].root;
        let kept = |era: u32| {
            let kept = Era(era).kept(root, &CUSTOM_RESOURCE_DEFINITION);
            let kept = kept.as_ref().unwrap_or(root);
            let mut found = Vec::new();
            for name in ["selectableFields", "map-type", "validations", "reason"] {
                if serde_json::Value::from(kept).to_string().contains(name) {
                    found.push(name);
                }
            }
            found
        };
        assert_eq!(kept(16), [""; 0]);
        assert_eq!(kept(17), ["map-type"]);
        assert_eq!(kept(24), ["map-type"]);
        assert_eq!(kept(25), ["map-type", "validations"]);
        assert_eq!(kept(30), ["map-type", "validations", "reason"]);
        assert_eq!(
            kept(31),
            ["selectableFields", "map-type", "validations", "reason"]
        );
    }
}
