//! Documents against the rules: definitions, resources of definitions that stand beside them, API services.

use std::collections::HashMap;

use super::beta;
use super::definition::Definition;
use super::document::{Document, Node};
use super::finding::{Finding, Findings, Severity, Stage};
use super::go::{CUSTOM_RESOURCE_DEFINITION, Decoded, Struct, V1BETA1, decode, quote};
use super::path::{Path, Step, locate};
use super::resource::instance;
use super::{rules, service};

const DEFINITION: &str = "CustomResourceDefinition";

/// The definitions among documents, by group, version and kind of what they define.
#[derive(Default)]
pub struct Known<'d> {
    definitions: HashMap<(String, String, String), &'d Node>,
}

impl<'d> Known<'d> {
    /// The definitions among documents.
    pub fn among(documents: impl IntoIterator<Item = &'d Document>) -> Known<'d> {
        let mut known = Known::default();
        for document in documents {
            let root = &document.root;
            if is_definition(root) {
                known.add(root);
            }
        }
        known
    }

    fn add(&mut self, root: &'d Node) {
        let at = |path: &[&str]| root.dig(path).and_then(Node::text).unwrap_or_default();
        let versions = root.dig(&["spec", "versions"]).and_then(Node::list);
        for version in versions.unwrap_or_default() {
            let name = (
                at(&["spec", "group"]).to_owned(),
                text(version, "name").to_owned(),
                at(&["spec", "names", "kind"]).to_owned(),
            );
            self.definitions.insert(name, root);
        }
    }

    /// The definition of a resource, where it is among them.
    pub fn of(&self, root: &Node) -> Option<&'d Node> {
        let (group, version) = text(root, "apiVersion").split_once('/')?;
        let name = (
            group.to_owned(),
            version.to_owned(),
            text(root, "kind").to_owned(),
        );
        self.definitions.get(&name).copied()
    }
}

/// What is wrong with a document, in the order of its lines.
pub fn document(root: &Node, known: &Known<'_>) -> Vec<Finding> {
    let mut found = match (text(root, "apiVersion"), text(root, "kind")) {
        ("apiextensions.k8s.io/v1", DEFINITION) => definition(root),
        ("apiextensions.k8s.io/v1beta1", DEFINITION) => definition_beta(root),
        (api, DEFINITION) if api.starts_with("apiextensions.k8s.io/") || api.is_empty() => {
            vec![unknown_api(root, api)]
        }
        ("apiregistration.k8s.io/v1" | "apiregistration.k8s.io/v1beta1", "APIService") => {
            service::check(root)
        }
        _ => match known.of(root) {
            Some(definition) => instance::check(root, definition),
            None => Vec::new(),
        },
    };
    found.sort_by_key(|finding| (finding.at, finding.severity));
    found
}

/// What the API server says of a resource of a definition of v1; paths and messages are its own.
pub fn resource(definition: &Node, resource: &Node) -> Vec<Finding> {
    instance::check(resource, definition)
}

/// Whether there are rules for a document.
pub fn is_known(root: &Node, known: &Known<'_>) -> bool {
    matches!(text(root, "kind"), DEFINITION | "APIService") || known.of(root).is_some()
}

/// Whether it is a definition of v1.
pub fn is_definition(root: &Node) -> bool {
    text(root, "kind") == DEFINITION && text(root, "apiVersion") == "apiextensions.k8s.io/v1"
}

fn text<'n>(root: &'n Node, key: &str) -> &'n str {
    root.get(key).and_then(Node::text).unwrap_or_default()
}

fn definition(root: &Node) -> Vec<Finding> {
    let mut findings = decoded(root, &CUSTOM_RESOURCE_DEFINITION, DEFINITION, "v1");
    if findings
        .iter()
        .all(|finding| finding.stage != Stage::Decoding)
    {
        findings.extend(rules_of(root));
    }
    findings
}

fn rules_of(root: &Node) -> Vec<Finding> {
    let mut findings = Findings::default();
    rules::check(&Definition::read(root), &mut findings);
    let mut found = findings.into_vec();
    for finding in &mut found {
        finding.at = locate(root, &finding.path);
    }
    found
}

/// What is gone is said, and what would still be wrong once it is mended.
fn definition_beta(root: &Node) -> Vec<Finding> {
    let mut findings = decoded(root, &V1BETA1, DEFINITION, "v1beta1");
    let mut gone = Findings::default();
    beta::gone(root, &mut gone);
    for mut finding in gone.into_vec() {
        finding.at = locate(root, &finding.path);
        findings.push(finding);
    }
    if findings
        .iter()
        .all(|finding| finding.stage != Stage::Decoding)
    {
        findings.extend(rules_of(&beta::to_v1(root)));
    }
    findings
}

fn unknown_api(root: &Node, api: &str) -> Finding {
    let path = vec![Step::Field("apiVersion".to_owned())];
    Finding {
        rule: "api-version",
        severity: Severity::Error,
        stage: Stage::Decoding,
        at: locate(root, &path),
        path,
        message: format!(
            "no kind {} is registered for version {}",
            quote(DEFINITION),
            quote(api)
        ),
        suggestion: None,
    }
}

/// What Go's decoder says of a document.
pub(crate) fn decoded(
    root: &Node,
    into: &'static Struct,
    kind: &str,
    version: &str,
) -> Vec<Finding> {
    let Decoded { error, strict } = decode(root, into);
    let mut findings = Vec::new();
    if let Some(error) = error {
        findings.push(Finding {
            rule: "wrong-type",
            severity: Severity::Error,
            stage: Stage::Decoding,
            path: path_at(root, error.at),
            at: error.at,
            message: format!(
                "{kind} in version {} cannot be handled as a {kind}: {}",
                quote(version),
                error.message
            ),
            suggestion: None,
        });
    }
    for error in strict {
        let (rule, what) = if error.duplicate {
            ("duplicate-field", "duplicate field")
        } else {
            ("unknown-field", "unknown field")
        };
        let known = error
            .of
            .into_iter()
            .flat_map(|of| of.fields.iter().map(|(name, _)| *name));
        let mut suggestion = None;
        let mut message = format!("{what} {}", quote(&error.path));
        if error.silent {
            message.push_str(": the API server drops it without a word");
        }
        if let Some(nearest) = nearest(&error.name, known).filter(|_| !error.duplicate) {
            suggestion = Some(format!("write `{nearest}`"));
        }
        findings.push(Finding {
            rule,
            severity: if error.silent {
                Severity::Warning
            } else {
                Severity::Error
            },
            stage: Stage::Strictness,
            path: vec![Step::Field(error.path)],
            at: error.at,
            message,
            suggestion,
        });
    }
    findings
}

/// The known name that a misspelt one was most likely meant to be.
pub(crate) fn nearest<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let length = name.chars().count();
    known
        .into_iter()
        // What differs more in length is not alike, and may be so long that comparing it takes all memory.
        .filter(|known| length.abs_diff(known.chars().count()) <= 1 + known.len() / 4)
        .map(|known| (strsim::damerau_levenshtein(name, known), known))
        .filter(|(distance, known)| *distance <= 1 + known.len() / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

/// The path to what stands at a place.
fn path_at(root: &Node, at: super::document::Position) -> Vec<Step> {
    fn find(node: &Node, at: super::document::Position, path: &Path<'_>) -> Option<Vec<Step>> {
        if node.at == at && node.map().is_none_or(|map| map.entries().is_empty()) {
            return Some(path.steps());
        }
        if let Some(map) = node.map() {
            return map
                .entries()
                .iter()
                .find_map(|entry| find(&entry.node, at, &path.field(&entry.key)));
        }
        let list = node.list()?.iter().enumerate();
        let mut list = list.map(|(index, node)| find(node, at, &path.index(index)));
        list.find_map(|found| found)
            .or_else(|| (node.at == at).then(|| path.steps()))
    }
    find(root, at, &Path::ROOT).unwrap_or_default()
}
