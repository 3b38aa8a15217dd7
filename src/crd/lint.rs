//! Documents against the rules: definitions, resources of definitions that stand beside them, API services.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::api::{Api, Unknown as UnknownApi};
use super::beta;
use super::convert::{self, missing_type};
use super::decoding::decoded;
use super::definition::{Definition, Demands};
use super::document::{Document, Map, Node, Position};
use super::era::Era;
use super::finding::{Finding, Findings, Severity, Stage};
use super::go::{CUSTOM_RESOURCE_DEFINITION, V1BETA1, quote};
use super::path::{Step, locate, resolve};
use super::resource::instance;
use super::{rules, service};
use crate::plural;

const DEFINITION: &str = "CustomResourceDefinition";

/// The definitions among documents, by group, version and kind of what they define, for the API server of an era.
#[derive(Default)]
pub struct Known<'d> {
    era: Era,
    definitions: HashMap<(String, String, String), &'d Node>,
    /// The versions of a group and a kind.
    versions: HashMap<(String, String), Vec<String>>,
    /// What is wrong with a definition, by where it lies in memory: asked for once, told for itself and for its resources.
    judged: HashMap<usize, OnceLock<Judged>>,
}

/// What an API server makes of a definition.
struct Judged {
    findings: Vec<Finding>,
    /// The definition without what it drops, where that is not all of it.
    kept: Option<Node>,
}

impl<'d> Known<'d> {
    /// The definitions among documents, for the newest API server.
    pub fn among(documents: impl IntoIterator<Item = &'d Document>) -> Known<'d> {
        Known::in_era(Era::NEWEST, documents)
    }

    /// The definitions among documents.
    pub fn in_era(era: Era, documents: impl IntoIterator<Item = &'d Document>) -> Known<'d> {
        let mut known = Known {
            era,
            ..Known::default()
        };
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
    fn judged(&self, root: &Node) -> Option<&Judged> {
        let judged = self.judged.get(&address(root))?;
        Some(judged.get_or_init(|| definition(root, self.era)))
    }

    /// The definition of a resource that the API server would refuse.
    pub fn refused(&self, root: &Node) -> Option<&'d Node> {
        let definition = self.of(root)?;
        let mut found = self.judged(definition)?.findings.iter();
        let is_error =
            |finding: &Finding| finding.severity == Severity::Error && self.era.has(finding.rule);
        found.any(is_error).then_some(definition)
    }

    /// The definition of a resource as the API server has it.
    fn kept(&self, root: &Node) -> Option<&Node> {
        let definition = self.of(root)?;
        // Nothing is dropped, and nothing need be judged to know that.
        if self.era >= Era::NEWEST {
            return Some(definition);
        }
        let kept = self
            .judged(definition)
            .and_then(|judged| judged.kept.as_ref());
        Some(kept.unwrap_or(definition))
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
        if known.of(root).is_some() || known.other_versions(root).is_some() {
            return Role::Resource;
        }
        match Api::of(root) {
            Api::Definition | Api::OldDefinition => return Role::Definition,
            // What it was meant to be.
            Api::Unknown(unknown) if unknown.definition => return Role::Definition,
            Api::Service | Api::Unknown(_) => return Role::Service,
            Api::Other if kind.is_empty() || api.is_empty() => return Role::Nothing,
            Api::Other => {}
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
    let era = known.era;
    let mut found = if let Some(definition) = known.kept(root) {
        resource(definition, root)
    } else if let Some(versions) = known.other_versions(root) {
        vec![unknown_version(root, versions)]
    } else {
        match Api::of(root) {
            Api::Definition => match known.judged(root) {
                Some(judged) => judged.findings.clone(),
                None => definition(root, era).findings,
            },
            Api::OldDefinition => definition_beta(root, era),
            Api::Service => service::check(root),
            Api::Unknown(unknown) => vec![unknown_api(root, unknown)],
            Api::Other => Vec::new(),
        }
    };
    found.retain(|finding| era.has(finding.rule));
    // That rules were not evaluated follows from what else is wrong.
    let follows = |finding: &Finding| finding.message == instance::BLOCKED;
    found.sort_by_key(|finding| (follows(finding), finding.at, finding.severity));
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
    Api::of(root) == Api::Definition
}

fn text<'n>(root: &'n Node, key: &str) -> &'n str {
    root.get(key).and_then(Node::text).unwrap_or_default()
}

fn definition(root: &Node, era: Era) -> Judged {
    let mut findings = decoded(era, root, &CUSTOM_RESOURCE_DEFINITION, DEFINITION, "v1");
    let kept = era.kept(root, &CUSTOM_RESOURCE_DEFINITION);
    if findings
        .iter()
        .all(|finding| finding.stage != Stage::Decoding)
    {
        let root = kept.as_ref().unwrap_or(root);
        findings.extend(rules_of(root, Demands::of_v1(era)));
    }
    typed(root, &mut findings);
    Judged { findings, kept }
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

fn rules_of(root: &Node, demands: Demands) -> Vec<Finding> {
    let mut findings = Findings::default();
    rules::check(&Definition::read_under(root, demands), &mut findings);
    let mut found = findings.into_vec();
    for finding in &mut found {
        finding.at = locate(root, &finding.path);
    }
    found
}

/// What is gone is said, and what would still be wrong once it is mended; before it went, what was wrong with it then.
fn definition_beta(root: &Node, era: Era) -> Vec<Finding> {
    let mut findings = decoded(era, root, &V1BETA1, DEFINITION, "v1beta1");
    let kept = era.kept(root, &V1BETA1);
    let root = kept.as_ref().unwrap_or(root);
    let mut of_beta = Findings::default();
    let demands = if era < Era::WITHOUT_BETA {
        beta::check(root, &mut of_beta);
        Demands::of_beta(root, era)
    } else {
        beta::gone(root, &mut of_beta);
        Demands::of_v1(era)
    };
    for mut finding in of_beta.into_vec() {
        finding.at = locate(root, &finding.path);
        findings.push(finding);
    }
    if findings
        .iter()
        .all(|finding| finding.stage != Stage::Decoding)
    {
        let form = beta::to_v1(root);
        findings.extend(rules_of(&form, demands));
        typed(&form, &mut findings);
        if demands.beta.is_none() {
            mended_by_conversion(root, era, &mut findings);
        }
    }
    findings
}

/// Says of which errors converting the definition rids it.
fn mended_by_conversion(root: &Node, era: Era, findings: &mut [Finding]) {
    let converted = convert::plan(root, convert::Unknown::Preserve).result;
    let left = rules_of(&converted, Demands::of_v1(era));
    let stays = |finding: &Finding| {
        let same = |left: &Finding| left.rule == finding.rule && left.at == finding.at;
        left.iter().any(same)
    };
    for finding in findings.iter_mut() {
        let validated = finding.severity == Severity::Error && finding.stage == Stage::Validation;
        if validated && !["api-gone", "field-gone"].contains(&finding.rule) && !stays(finding) {
            finding.suggestion = Some("`kubewright crd convert` mends it".to_owned());
        }
    }
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

fn unknown_api(root: &Node, unknown: UnknownApi) -> Finding {
    Finding {
        rule: "api-version",
        severity: Severity::Error,
        stage: Stage::Decoding,
        at: locate(root, &unknown.path),
        path: unknown.path,
        message: unknown.message,
        suggestion: Some(unknown.suggestion),
    }
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
