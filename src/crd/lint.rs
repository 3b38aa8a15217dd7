//! Documents against the rules: definitions, resources of definitions that stand beside them, API services.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::beta;
use super::convert::missing_type;
use super::definition::Definition;
use super::document::{Document, Map, Node, Position};
use super::finding::{Finding, Findings, Severity, Stage};
use super::go::{CUSTOM_RESOURCE_DEFINITION, Decoded, Struct, V1BETA1, decode, quote};
use super::path::{Path, Step, locate, resolve};
use super::resource::instance;
use super::{rules, service};
use crate::plural;

const DEFINITION: &str = "CustomResourceDefinition";

/// The definitions among documents, by group, version and kind of what they define.
#[derive(Default)]
pub struct Known<'d> {
    definitions: HashMap<(String, String, String), &'d Node>,
    /// The versions of a group and a kind.
    versions: HashMap<(String, String), Vec<String>>,
    /// What is wrong with a definition, by where it lies in memory: asked for once, told for itself and for its resources.
    judged: HashMap<usize, OnceLock<Vec<Finding>>>,
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
        let group = at(&["spec", "group"]).to_owned();
        let kind = at(&["spec", "names", "kind"]).to_owned();
        let versions = root.dig(&["spec", "versions"]).and_then(Node::list);
        for version in versions.unwrap_or_default() {
            let version = text(version, "name").to_owned();
            let of_kind = self.versions.entry((group.clone(), kind.clone()));
            of_kind.or_default().push(version.clone());
            let name = (group.clone(), version, kind.clone());
            self.definitions.insert(name, root);
        }
        self.judged.insert(address(root), OnceLock::new());
    }

    /// What is wrong with a definition that is among them.
    fn judged(&self, root: &Node) -> Option<&[Finding]> {
        let judged = self.judged.get(&address(root))?;
        Some(judged.get_or_init(|| definition(root)))
    }

    /// The definition of a resource that the API server of this minor version of Kubernetes would refuse.
    pub fn refused(&self, root: &Node, minor: u32) -> Option<&'d Node> {
        let definition = self.of(root)?;
        let mut found = self.judged(definition)?.iter();
        found
            .any(|finding| {
                let holds =
                    rules::catalog::rule(finding.rule).is_none_or(|rule| rule.since <= minor);
                finding.severity == Severity::Error && holds
            })
            .then_some(definition)
    }

    /// The versions of the definition of a resource whose own version is none of them.
    fn other_versions(&self, root: &Node) -> Option<&[String]> {
        let (group, _) = text(root, "apiVersion").split_once('/')?;
        let kind = text(root, "kind").to_owned();
        self.versions
            .get(&(group.to_owned(), kind))
            .map(Vec::as_slice)
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

fn address(node: &Node) -> usize {
    std::ptr::from_ref(node).addr()
}

/// What a document is to the rules.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Role {
    /// A definition.
    Definition,
    /// A resource whose definition is known.
    Resource,
    /// An API service.
    Service,
    /// A resource of a group of its own whose definition is not known.
    Undefined,
    /// An object of another kind.
    Other,
    /// No object: it has no kind, or no API version.
    Nothing,
}

impl Role {
    /// What a document is.
    pub fn of(root: &Node, known: &Known<'_>) -> Role {
        let (api, kind) = (text(root, "apiVersion"), text(root, "kind"));
        match kind {
            "" => return Role::Nothing,
            DEFINITION => return Role::Definition,
            "APIService" => return Role::Service,
            _ if known.of(root).is_some() || known.other_versions(root).is_some() => {
                return Role::Resource;
            }
            _ if api.is_empty() => return Role::Nothing,
            _ => {}
        }
        let group = api.split_once('/').map_or("", |(group, _)| group);
        if group.contains('.') && !group.ends_with(".k8s.io") {
            Role::Undefined
        } else {
            Role::Other
        }
    }
}

/// What is wrong with a document, in the order of its lines.
pub fn document(root: &Node, known: &Known<'_>) -> Vec<Finding> {
    let mut found = match (text(root, "apiVersion"), text(root, "kind")) {
        ("apiextensions.k8s.io/v1", DEFINITION) => match known.judged(root) {
            Some(found) => found.to_vec(),
            None => definition(root),
        },
        ("apiextensions.k8s.io/v1beta1", DEFINITION) => definition_beta(root),
        (api, DEFINITION) if api.starts_with("apiextensions.k8s.io/") || api.is_empty() => {
            vec![unknown_api(root, api)]
        }
        ("apiregistration.k8s.io/v1" | "apiregistration.k8s.io/v1beta1", "APIService") => {
            service::check(root)
        }
        _ => {
            if let Some(definition) = known.of(root) {
                resource(definition, root)
            } else {
                let versions = known.other_versions(root);
                let unknown = versions.map(|versions| unknown_version(root, versions));
                unknown.into_iter().collect()
            }
        }
    };
    found.sort_by_key(|finding| (finding.at, finding.severity));
    found
}

/// What the API server says of a resource of a definition of v1; paths and messages are its own.
pub fn resource(definition: &Node, resource: &Node) -> Vec<Finding> {
    instance::check(resource, &Definition::read(definition))
}

/// What is said of a resource whose definition is refused, instead of all that follows from that.
pub fn unchecked(root: &Node, definition: &Node) -> Finding {
    let name = definition.dig(&["metadata", "name"]).and_then(Node::text);
    Finding {
        rule: "resource-unchecked",
        severity: Severity::Unchecked,
        stage: Stage::Validation,
        path: Vec::new(),
        at: root.at,
        message: format!(
            "not checked, since its definition {} is refused",
            quote(name.unwrap_or_default())
        ),
        suggestion: None,
    }
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
    typed(root, &mut findings);
    findings
}

/// Says which type is missing. Where one is only misspelt, that was told already.
fn typed(root: &Node, findings: &mut Vec<Finding>) {
    const RULE: &str = "structural-type";
    if !findings.iter().any(|finding| finding.rule == RULE) {
        return;
    }
    let misspelt: Vec<Position> = findings
        .iter()
        .filter(|finding| finding.suggestion.as_deref() == Some("write `type`"))
        .map(|finding| finding.at)
        .collect();
    findings.retain_mut(|finding| {
        let schema = match finding.path.split_last() {
            Some((_, above)) if finding.rule == RULE => resolve(root, above),
            _ => return true,
        };
        let Some(schema) = schema else { return true };
        let is_root = finding.message.contains("at the root");
        finding.suggestion = missing_type(schema, is_root).map(|(kind, why)| {
            let kinds = match kind {
                "number" => "`type: number` or `type: integer`".to_owned(),
                kind => format!("`type: {kind}`"),
            };
            format!("write {kinds}: {why}")
        });
        let entries = schema.map().map(Map::entries).unwrap_or_default();
        !entries.iter().any(|entry| misspelt.contains(&entry.at))
    });
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
        let root = beta::to_v1(root);
        findings.extend(rules_of(&root));
        typed(&root, &mut findings);
    }
    findings
}

fn unknown_version(root: &Node, versions: &[String]) -> Finding {
    let path = vec![Step::Field("apiVersion".to_owned())];
    let (api, kind) = (text(root, "apiVersion"), text(root, "kind"));
    let group = api.split_once('/').map_or("", |(group, _)| group);
    let known: Vec<String> = versions
        .iter()
        .map(|version| format!("`{group}/{version}`"))
        .collect();
    Finding {
        rule: "resource-version",
        severity: Severity::Error,
        stage: Stage::Decoding,
        at: locate(root, &path),
        path,
        message: format!(
            "no matches for kind {} in version {}",
            quote(kind),
            quote(api)
        ),
        suggestion: Some(format!("its definition has {}", plural::listed(&known))),
    }
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

/// What to do about a field that is written twice.
pub(crate) const REPEATED: &str = "remove one of the two: kubectl sends the last, and the API server refuses both of whoever sends both";

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
        if error.duplicate {
            suggestion = Some(REPEATED.to_owned());
        } else if let Some(nearest) = nearest(&error.name, known) {
            suggestion = Some(format!("write `{nearest}`"));
        }
        findings.push(Finding {
            rule,
            severity: if error.silent || error.duplicate {
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
fn path_at(root: &Node, at: Position) -> Vec<Step> {
    fn find(node: &Node, at: Position, path: &Path<'_>) -> Option<Vec<Step>> {
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
