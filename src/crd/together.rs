//! Definitions beside each other: two of one name, and names that one group has twice.
//!
//! Source: `calculateNamesAndConditions` of pkg/controller/status/naming_controller.go, which accepts names in the order in
//! which definitions come.

use std::collections::HashMap;

use super::api::Api;
use super::beta;
use super::definition::Definition;
use super::document::Node;
use super::finding::{Finding, Severity, Stage};
use super::go::{json_value, quote};
use super::path::{Step, locate};

/// A document, and the name of its file.
pub struct Placed<'d> {
    /// The file.
    pub file: &'d str,
    /// The document.
    pub root: &'d Node,
}

/// What is wrong with documents only since others are there: each finding with the index of its document.
pub fn check(documents: &[Placed<'_>]) -> Vec<(usize, Finding)> {
    let mut found = Vec::new();
    let mut first: HashMap<String, &Placed<'_>> = HashMap::new();
    let mut groups: HashMap<String, Taken> = HashMap::new();
    for (index, placed) in documents.iter().enumerate() {
        let root = placed.root;
        let old = Api::of(root) == Api::OldDefinition;
        if !old && Api::of(root) != Api::Definition {
            continue;
        }
        let converted = old.then(|| beta::to_v1(root));
        let definition = Definition::read(converted.as_ref().unwrap_or(root));
        let name = definition.text(&["metadata", "name"]);
        if let Some(first) = first.get(name).filter(|_| !name.is_empty()) {
            found.push((index, twice(name, first, placed)));
            continue;
        }
        first.insert(name.to_owned(), placed);
        let group = groups.entry(definition.group().to_owned()).or_default();
        let conflicts = group.take(&definition, placed);
        found.extend(conflicts.into_iter().map(|finding| (index, finding)));
    }
    found
}

/// Two definitions of one name: `kubectl create` stops at the second, `kubectl apply` takes it instead of the first.
fn twice(name: &str, first: &Placed<'_>, second: &Placed<'_>) -> Finding {
    let path = ["metadata", "name"].map(|name| Step::Field(name.to_owned()));
    let same = json_value(first.root) == json_value(second.root);
    let (severity, fix) = if same {
        (Severity::Warning, "the same")
    } else {
        (Severity::Error, "another, which this one would replace,")
    };
    let there = locate(first.root, &path);
    Finding {
        rule: "definition-unique",
        severity,
        stage: Stage::Validation,
        at: locate(second.root, &path),
        path: path.to_vec(),
        message: format!(
            "customresourcedefinitions.apiextensions.k8s.io {} already exists",
            quote(name)
        ),
        suggestion: Some(format!(
            "remove one of the two: {fix} is at {}:{there}",
            first.file
        )),
    }
}

/// The names that a group has, each with where it was taken.
#[derive(Default)]
struct Taken {
    resources: HashMap<String, String>,
    kinds: HashMap<String, String>,
}

impl Taken {
    /// Takes the names of a definition, and tells which others have already.
    fn take(&mut self, definition: &Definition<'_>, placed: &Placed<'_>) -> Vec<Finding> {
        let one = |name: &str| vec![name.to_owned()];
        let (singular, list_kind) = (definition.singular(), definition.list_kind());
        let short = definition.texts(&["spec", "names", "shortNames"]);
        let mut found = Vec::new();
        let mut taken = Vec::new();
        for (field, reason, names) in [
            (
                "plural",
                "PluralConflict",
                one(definition.text(&["spec", "names", "plural"])),
            ),
            ("singular", "SingularConflict", one(&singular)),
            (
                "shortNames",
                "ShortNamesConflict",
                short.into_iter().map(str::to_owned).collect(),
            ),
            ("kind", "KindConflict", one(definition.kind())),
            ("listKind", "ListKindConflict", one(&list_kind)),
        ] {
            let of_kind = field.ends_with("ind");
            let used = if of_kind {
                &self.kinds
            } else {
                &self.resources
            };
            for (index, name) in names.into_iter().enumerate() {
                if name.is_empty() {
                    continue;
                }
                let mut path: Vec<Step> = ["spec", "names", field]
                    .map(|name| Step::Field(name.to_owned()))
                    .to_vec();
                if field == "shortNames" {
                    path.push(Step::Index(index));
                }
                let at = locate(placed.root, &path);
                if let Some(place) = used.get(&name) {
                    found.push(Finding {
                        rule: "names-unique",
                        severity: Severity::Error,
                        stage: Stage::Validation,
                        path,
                        at,
                        message: format!(
                            "{} is already in use ({reason}: names are not accepted, nothing is served)",
                            quote(&name)
                        ),
                        suggestion: Some(format!("take another name: {place} has this one")),
                    });
                } else {
                    taken.push((of_kind, name, format!("{}:{at}", placed.file)));
                }
            }
        }
        for (of_kind, name, place) in taken {
            let names = if of_kind {
                &mut self.kinds
            } else {
                &mut self.resources
            };
            names.entry(name).or_insert(place);
        }
        found
    }
}
