//! What is found wrong with a document, in the words of the API server.

use super::document::Position;
use super::go::quote;
use super::path::{Path, Step};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Severity {
    /// The API server refuses it.
    Error,
    /// The API server takes it, and it is not what was meant.
    Warning,
    /// It was not checked.
    Unchecked,
}

impl Severity {
    /// Its name in output.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Unchecked => "unchecked",
        }
    }
}

/// When the API server finds it: what is found early hides all that is later.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Stage {
    /// It cannot be decoded.
    Decoding,
    /// It has fields that nobody knows.
    Strictness,
    /// It breaks a rule.
    Validation,
}

/// One thing that is wrong.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule's name.
    pub rule: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// When the API server finds it.
    pub stage: Stage,
    /// Where it is in the document.
    pub path: Vec<Step>,
    /// Where it is in the file; known once the document is.
    pub at: Position,
    /// The API server's words, without the path before them.
    pub message: String,
    /// What to do about this very finding, where more is known than the rule tells.
    pub suggestion: Option<String>,
}

impl Finding {
    /// An object is taken that is to be refused with an answer.
    pub fn unexpected(expected: &str) -> Finding {
        Finding {
            rule: "expected-refusal",
            severity: Severity::Error,
            stage: Stage::Validation,
            path: Vec::new(),
            at: Position { line: 1, column: 1 },
            message: format!("it is not refused as the file beside it says: {expected}"),
            suggestion: None,
        }
    }
}

/// The value that a message quotes.
pub(crate) enum Bad<'v> {
    /// A text, which is quoted.
    Text(&'v str),
    /// Anything else, written already.
    Written(String),
}

impl<'v> From<&'v str> for Bad<'v> {
    fn from(text: &'v str) -> Bad<'v> {
        Bad::Text(text)
    }
}

impl From<String> for Bad<'_> {
    fn from(written: String) -> Self {
        Bad::Written(written)
    }
}

impl Bad<'_> {
    fn write(&self) -> String {
        match self {
            Bad::Text(text) => quote(text),
            Bad::Written(written) => written.clone(),
        }
    }
}

/// Findings as they are made, with the forms of messages that the API server has.
///
/// Source: k8s.io/apimachinery/pkg/util/validation/field/errors.go.
#[derive(Default)]
pub(crate) struct Findings {
    found: Vec<Finding>,
}

impl Findings {
    /// All of them.
    pub(crate) fn into_vec(self) -> Vec<Finding> {
        self.found
    }

    /// How many errors there are.
    pub(crate) fn errors(&self) -> usize {
        let errors = self.found.iter();
        errors
            .filter(|finding| finding.severity == Severity::Error)
            .count()
    }

    /// `Required value: …`
    pub(crate) fn required(&mut self, rule: &'static str, path: &Path<'_>, detail: &str) {
        self.error(rule, path, "Required value".to_owned(), detail);
    }

    /// `Forbidden: …`
    pub(crate) fn forbidden(&mut self, rule: &'static str, path: &Path<'_>, detail: &str) {
        self.error(rule, path, "Forbidden".to_owned(), detail);
    }

    /// `Invalid value: "x": …`
    pub(crate) fn invalid<'v>(
        &mut self,
        rule: &'static str,
        path: &Path<'_>,
        value: impl Into<Bad<'v>>,
        detail: &str,
    ) {
        self.error(
            rule,
            path,
            format!("Invalid value: {}", value.into().write()),
            detail,
        );
    }

    /// `Duplicate value: "x"`
    pub(crate) fn duplicate<'v>(
        &mut self,
        rule: &'static str,
        path: &Path<'_>,
        value: impl Into<Bad<'v>>,
    ) {
        self.error(
            rule,
            path,
            format!("Duplicate value: {}", value.into().write()),
            "",
        );
    }

    /// `Unsupported value: "x": supported values: "a", "b"`
    pub(crate) fn unsupported<'v>(
        &mut self,
        rule: &'static str,
        path: &Path<'_>,
        value: impl Into<Bad<'v>>,
        supported: &[&str],
    ) {
        let supported: Vec<String> = supported.iter().map(|value| quote(value)).collect();
        let detail = if supported.is_empty() {
            String::new()
        } else {
            format!("supported values: {}", supported.join(", "))
        };
        self.error(
            rule,
            path,
            format!("Unsupported value: {}", value.into().write()),
            &detail,
        );
    }

    /// `Too many: 9: must have at most 8 items`
    pub(crate) fn too_many(
        &mut self,
        rule: &'static str,
        path: &Path<'_>,
        count: usize,
        most: i64,
    ) {
        let items = if most == 1 { "item" } else { "items" };
        let detail = if most >= 0 {
            format!("must have at most {most} {items}")
        } else {
            "has too many items".to_owned()
        };
        self.error(rule, path, format!("Too many: {count}"), &detail);
    }

    /// `Too long: may not be more than 5 bytes`
    pub(crate) fn too_long(&mut self, rule: &'static str, path: &Path<'_>, most: i64) {
        let detail = match most {
            1 => "may not be more than 1 byte".to_owned(),
            0.. => format!("may not be more than {most} bytes"),
            _ => "value is too long".to_owned(),
        };
        self.error(rule, path, "Too long".to_owned(), &detail);
    }

    /// `Internal error: …`
    pub(crate) fn internal(&mut self, rule: &'static str, path: &Path<'_>, detail: &str) {
        self.error(rule, path, "Internal error".to_owned(), detail);
    }

    fn error(&mut self, rule: &'static str, path: &Path<'_>, message: String, detail: &str) {
        let message = if detail.is_empty() {
            message
        } else {
            format!("{message}: {detail}")
        };
        self.add(rule, Severity::Error, path, message);
    }

    /// What the API server takes, and says so or not.
    pub(crate) fn warning(&mut self, rule: &'static str, path: &Path<'_>, message: String) {
        self.add(rule, Severity::Warning, path, message);
    }

    /// What is not checked.
    pub(crate) fn unchecked(&mut self, rule: &'static str, path: &Path<'_>, message: String) {
        self.add(rule, Severity::Unchecked, path, message);
    }

    fn add(&mut self, rule: &'static str, severity: Severity, path: &Path<'_>, message: String) {
        self.push(Finding {
            rule,
            severity,
            stage: Stage::Validation,
            path: path.steps(),
            at: Position::default(),
            message,
            suggestion: None,
        });
    }

    /// Says what to do about the last finding, where more is known than its rule tells.
    pub(crate) fn suggest(&mut self, suggestion: Option<String>) {
        if let Some(last) = self.found.last_mut() {
            last.suggestion = suggestion;
        }
    }

    /// Findings that are made elsewhere.
    pub(crate) fn extend(&mut self, findings: impl IntoIterator<Item = Finding>) {
        self.found.extend(findings);
    }

    /// The paths of the errors since there were as many findings.
    pub(crate) fn errors_since(&self, count: usize) -> Vec<Vec<Step>> {
        let errors = self.found.iter().skip(count);
        let errors = errors.filter(|finding| finding.severity == Severity::Error);
        errors.map(|finding| finding.path.clone()).collect()
    }

    /// How many findings there are.
    pub(crate) fn count(&self) -> usize {
        self.found.len()
    }

    /// A finding that is made elsewhere.
    pub(crate) fn push(&mut self, finding: Finding) {
        self.found.push(finding);
    }
}
