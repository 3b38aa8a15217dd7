//! A change of a definition, and whether it breaks those who use it.

use schemars::JsonSchema;
use serde::Serialize;

use super::super::document::Position;

/// What a change does to those who use the old form.
#[derive(Clone, Copy, Debug, Eq, JsonSchema, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// What was right may be refused, lost, or not found.
    Breaking,
    /// What was right stays right.
    Compatible,
}

/// A change.
#[derive(Clone, Debug)]
pub struct Change {
    /// The definition's name.
    pub definition: String,
    /// The version, where it concerns one.
    pub version: Option<String>,
    /// The place: a field of the resource, such as `spec.tags[*].name`, or one of the definition, such as
    /// `spec.names.kind`.
    pub path: String,
    /// Whether it breaks something.
    pub verdict: Verdict,
    /// The kind of change.
    pub kind: &'static str,
    /// What was changed, and what that does.
    pub message: String,
    /// Where it stands in the old form; None where there is nothing.
    pub old: Option<Position>,
    /// Where it stands in the new form; None where there is nothing.
    pub new: Option<Position>,
}

/// Changes as they are found.
#[derive(Default)]
pub(super) struct Changes {
    pub(super) found: Vec<Change>,
}

/// Where something is looked at.
#[derive(Clone, Debug, Default)]
pub(super) struct Spot {
    pub(super) definition: String,
    pub(super) version: Option<String>,
    pub(super) path: String,
    pub(super) old: Option<Position>,
    pub(super) new: Option<Position>,
}

impl Spot {
    /// A place below.
    pub(super) fn below(&self, step: &str, old: Option<Position>, new: Option<Position>) -> Spot {
        let path = match self.path.as_str() {
            "" => step.to_owned(),
            path if step.starts_with('[') => format!("{path}{step}"),
            path => format!("{path}.{step}"),
        };
        Spot {
            path,
            old: old.or(self.old),
            new: new.or(self.new),
            ..self.clone()
        }
    }
}

impl Changes {
    pub(super) fn breaking(&mut self, kind: &'static str, spot: &Spot, message: String) {
        self.add(Verdict::Breaking, kind, spot, message);
    }

    pub(super) fn compatible(&mut self, kind: &'static str, spot: &Spot, message: String) {
        self.add(Verdict::Compatible, kind, spot, message);
    }

    pub(super) fn add(
        &mut self,
        verdict: Verdict,
        kind: &'static str,
        spot: &Spot,
        message: String,
    ) {
        self.found.push(Change {
            definition: spot.definition.clone(),
            version: spot.version.clone(),
            path: spot.path.clone(),
            verdict,
            kind,
            message,
            old: spot.old,
            new: spot.new,
        });
    }
}
