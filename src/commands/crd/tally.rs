//! How many documents of each kind there were.

use crate::crd::lint::Role;
use crate::plural::{count, listed};

/// How many documents of each role.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    pub(super) definitions: usize,
    pub(super) resources: usize,
    pub(super) services: usize,
    pub(super) undefined: usize,
    pub(super) other: usize,
    pub(super) nothing: usize,
    /// Files whose objects are refused as a file beside them says.
    pub(super) refused: usize,
}

impl Tally {
    pub(super) fn add(&mut self, role: Role) {
        *match role {
            Role::Definition => &mut self.definitions,
            Role::Resource => &mut self.resources,
            Role::Service => &mut self.services,
            Role::Undefined => &mut self.undefined,
            Role::Other => &mut self.other,
            Role::Nothing => &mut self.nothing,
        } += 1;
    }

    pub(super) fn merge(&mut self, other: Tally) {
        self.definitions += other.definitions;
        self.resources += other.resources;
        self.services += other.services;
        self.undefined += other.undefined;
        self.other += other.other;
        self.nothing += other.nothing;
        self.refused += other.refused;
    }

    /// How many were checked.
    pub(super) fn checked(self) -> usize {
        self.definitions + self.resources + self.services
    }

    /// `1 definition, 2 resources`
    pub(super) fn checked_in_words(self) -> String {
        let words = [
            (self.definitions, "definition"),
            (self.resources, "resource"),
            (self.services, "API service"),
        ];
        let words = words.into_iter().filter(|(number, _)| *number > 0);
        let words: Vec<String> = words
            .map(|(number, noun)| count(number as u64, noun))
            .collect();
        if words.is_empty() {
            return "nothing checked".to_owned();
        }
        words.join(", ")
    }

    /// `1 resource without its definition and 3 documents of other kinds`; empty where nothing was left alone.
    pub(super) fn left_in_words(self) -> String {
        let words = [
            (
                self.undefined,
                "resource",
                "without its definition",
                "without their definitions",
            ),
            (self.other, "document", "of another kind", "of other kinds"),
            (
                self.nothing,
                "document",
                "without kind and apiVersion",
                "without kind and apiVersion",
            ),
        ];
        let words = words.into_iter().filter(|(number, ..)| *number > 0);
        let words = words.map(|(number, noun, one, several)| {
            let what = if number == 1 { one } else { several };
            format!("{} {what}", count(number as u64, noun))
        });
        listed(&words.collect::<Vec<_>>())
    }

    pub(super) fn json(self) -> (serde_json::Value, serde_json::Value) {
        let checked = serde_json::json!({
            "definitions": self.definitions,
            "resources": self.resources,
            "api_services": self.services,
        });
        let left = serde_json::json!({
            "without_definition": self.undefined,
            "other_kinds": self.other,
            "without_kind": self.nothing,
        });
        (checked, left)
    }
}
