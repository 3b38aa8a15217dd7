//! Definitions of `apiextensions.k8s.io/v1beta1`, which ended with Kubernetes 1.22, become definitions of v1.
//!
//! What the API server of those days did by itself is written down, so that objects mean afterwards what they meant
//! before; each change is told with its reason.
//!
//! Source: pkg/apis/apiextensions/v1beta1/{defaults,conversion}.go and v1/conversion.go.

mod envelope;
mod structure;
mod unknown;
mod versions;

use super::api::Api;
use super::document::{Map, Node, Position, ReadError, Value};
use super::edit::{Draft, Operation, Unkept};
use super::path::{Step, locate};

pub(crate) use structure::{int_or_string, metadata as restricted, missing_type, nested};
pub(crate) use versions::misplaced;

/// What becomes of fields that the schema does not know, which v1beta1 kept unless it was told otherwise.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Unknown {
    /// They are kept, as before.
    #[default]
    Preserve,
    /// They are dropped from what is written from now on.
    Prune,
}

/// A change, and why it is made.
#[derive(Clone, Debug)]
pub struct Change {
    /// Where it is made.
    pub path: Vec<Step>,
    /// Where that stands in the file that was read.
    pub at: Position,
    /// What is done, and why.
    pub message: String,
}

/// A file in which one definition was converted.
#[derive(Debug)]
pub struct Converted {
    /// The file.
    pub text: String,
    /// The definition of v1; all that comes from the file that was read has its place there.
    pub result: Node,
    /// What was changed.
    pub changes: Vec<Change>,
    /// Whether the definition had to be written anew, without its comments.
    pub rewritten: bool,
}

/// A change with what is to be done for it.
#[derive(Debug)]
pub(crate) struct Amendment {
    pub(crate) path: Vec<Step>,
    pub(crate) message: String,
    pub(crate) operations: Vec<Operation>,
}

/// All changes of a definition, in the order in which they are made.
pub(crate) struct Plan {
    batches: Vec<Vec<Operation>>,
    changes: Vec<Change>,
    /// The definition of v1; what it had before keeps its place.
    pub(crate) result: Node,
}

/// Whether a document is a definition of v1beta1.
pub fn is_old(root: &Node) -> bool {
    Api::of(root) == Api::OldDefinition
}

/// Converts one document of a file, and leaves the others.
pub fn convert(text: String, document: usize, unknown: Unknown) -> Result<Converted, ReadError> {
    let mut draft = Draft::new(text, document)?;
    let plan = plan(draft.root(), unknown);
    let mut rewritten = false;
    for batch in &plan.batches {
        if draft.apply(batch) == Err(Unkept) {
            rewritten = true;
            draft.rewrite(batch).map_err(|Unkept| ReadError {
                message: "this layout cannot be edited".to_owned(),
                at: plan.result.at,
            })?;
        }
    }
    Ok(Converted {
        text: draft.into_text(),
        result: plan.result,
        changes: plan.changes,
        rewritten,
    })
}

/// What is to be done to a definition of v1beta1.
pub(crate) fn plan(root: &Node, unknown: Unknown) -> Plan {
    let preserve = root.dig(&["spec", "preserveUnknownFields"]);
    let kept = preserve.and_then(Node::bool) != Some(false);
    let marks = kept && unknown == Unknown::Preserve;
    let mut plan = Plan {
        batches: Vec::new(),
        changes: Vec::new(),
        result: root.clone(),
    };
    plan.add(versions::unfold);
    plan.add(|root| envelope::amend(root, kept));
    plan.add(envelope::webhook);
    plan.add(envelope::reviews);
    plan.add(versions::moves);
    plan.add(versions::without_schema);
    plan.add(structure::typed);
    plan.add(structure::nested);
    plan.add(|root| unknown::amend(root, marks));
    plan
}

impl Plan {
    fn add(&mut self, stage: impl Fn(&Node) -> Vec<Amendment>) {
        let amendments = stage(&self.result);
        let mut batch = Vec::new();
        let before = self.result.clone();
        for amendment in amendments {
            let at = locate(&before, &amendment.path);
            for mut operation in amendment.operations {
                operation.place(at);
                if operation.effect(&mut self.result).is_some() {
                    batch.push(operation);
                }
            }
            // What each version gets from the same place is told once.
            let is_told = self
                .changes
                .iter()
                .any(|change| change.at == at && change.message == amendment.message);
            if !amendment.message.is_empty() && !is_told {
                self.changes.push(Change {
                    path: amendment.path,
                    at,
                    message: amendment.message,
                });
            }
        }
        if !batch.is_empty() {
            self.batches.push(batch);
        }
    }
}

/// A path of fields.
pub(crate) fn fields(names: &[&str]) -> Vec<Step> {
    names
        .iter()
        .map(|name| Step::Field((*name).to_owned()))
        .collect()
}

/// A longer path.
pub(crate) fn below(path: &[Step], step: Step) -> Vec<Step> {
    let mut path = path.to_vec();
    path.push(step);
    path
}

/// A longer path, by a field.
pub(crate) fn field(path: &[Step], name: &str) -> Vec<Step> {
    below(path, Step::Field(name.to_owned()))
}

/// A text that no file has.
pub(crate) fn text(text: &str) -> Node {
    value(Value::String(text.to_owned()))
}

/// A boolean that no file has.
pub(crate) fn boolean(is: bool) -> Node {
    value(Value::Bool(is))
}

/// A list that no file has.
pub(crate) fn list(items: Vec<Node>) -> Node {
    value(Value::List(items))
}

/// A map that no file has.
pub(crate) fn map<const N: usize>(members: [(&str, Node); N]) -> Node {
    let mut map = Map::default();
    for (key, node) in members {
        map.push(super::document::Entry {
            key: key.to_owned(),
            at: node.at,
            merged: false,
            node,
        });
    }
    value(Value::Map(map))
}

fn value(value: Value) -> Node {
    Node {
        value,
        at: Position::default(),
    }
}

/// The versions of a definition, each with its path.
pub(crate) fn versions_of(root: &Node) -> Vec<(Vec<Step>, &Node)> {
    let list = root.dig(&["spec", "versions"]).and_then(Node::list);
    let path = fields(&["spec", "versions"]);
    list.unwrap_or_default()
        .iter()
        .enumerate()
        .map(|(index, version)| (below(&path, Step::Index(index)), version))
        .collect()
}
