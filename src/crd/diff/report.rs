//! Changes as programs read them.

use schemars::JsonSchema;
use serde::Serialize;

use super::Verdict;

/// What `kubewright crd diff --format json` writes.
#[derive(Debug, JsonSchema, Serialize)]
pub struct DiffReport {
    /// The version of this form.
    pub schema: u32,
    /// How many changes are breaking.
    pub breaking: usize,
    /// All changes.
    pub changes: Vec<ReportedChange>,
}

/// A change of a definition.
#[derive(Debug, JsonSchema, Serialize)]
pub struct ReportedChange {
    /// The definition's name.
    pub definition: String,
    /// The version, where it concerns one.
    pub version: Option<String>,
    /// A field of the resource, such as `spec.tags[*].name`, or of the definition or version.
    pub path: String,
    /// Whether it breaks those who use the old form.
    pub verdict: Verdict,
    /// The kind of change, such as `field-removed`.
    pub kind: String,
    /// What was changed, and what that does.
    pub message: String,
    /// Where it stands in the old form.
    pub old: Option<Place>,
    /// Where it stands in the new form.
    pub new: Option<Place>,
}

/// A place in a file.
#[derive(Debug, JsonSchema, Serialize)]
pub struct Place {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
}

impl DiffReport {
    /// The report as JSON.
    pub fn document(&self) -> serde_json::Value {
        // Names are texts and numbers are finite: there is nothing that JSON could not say.
        serde_json::to_value(self).unwrap_or_default()
    }
}
