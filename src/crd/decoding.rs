//! What Go's decoder says of a document, as findings: the first value of a wrong type, fields that nobody knows.

use super::document::{Node, Position};
use super::era::Era;
use super::finding::{Finding, Severity, Stage};
use super::go::{Decoded, Fault, SCHEMA, Struct, decode_in, quote};
use super::lint::nearest;
use super::path::{Path, Step, parsed};

/// What to do about a boolean that was to be a text.
pub(crate) const QUOTE_BOOLEAN: &str =
    "put it in quotes: without, YAML takes `y`, `yes`, `on`, `n`, `no`, `off` for booleans";

/// What to do about a field that is written twice.
pub(crate) const REPEATED: &str = "remove one of the two: kubectl sends the last, and the API server refuses both of whoever sends both";

/// What Go's decoder says of a document.
pub(crate) fn decoded(
    era: Era,
    root: &Node,
    into: &'static Struct,
    kind: &str,
    version: &str,
) -> Vec<Finding> {
    let Decoded { error, strict } = decode_in(era, root, into);
    let mut findings = Vec::new();
    if let Some(error) = error {
        let unquoted = error.message.ends_with("of type string").then(|| {
            let is = |kind: &str| error.message.contains(&format!("cannot unmarshal {kind}"));
            (is("bool"), is("number"))
        });
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
            suggestion: match unquoted {
                Some((true, _)) => Some(QUOTE_BOOLEAN.to_owned()),
                Some((_, true)) => Some("put it in quotes: it is a text here".to_owned()),
                Some(_) if error.message.ends_with(".type of type string") => {
                    Some("write one type; for null there is `nullable: true`".to_owned())
                }
                _ => None,
            },
        });
    }
    for error in strict {
        if let Fault::Dropped(field) = error.fault {
            findings.push(Finding {
                rule: "field-dropped",
                severity: Severity::Warning,
                stage: Stage::Strictness,
                path: parsed(root, &error.path),
                at: error.at,
                message: field.loss(era),
                suggestion: Some(field.of_use()),
            });
            continue;
        }
        let (rule, what) = if error.is_duplicate() {
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
        let foreign = error.of.filter(|of| of.name == SCHEMA.name);
        if error.is_duplicate() {
            suggestion = Some(REPEATED.to_owned());
        } else if let Some(instead) = foreign.and_then(|_| instead_of(&error.name)) {
            suggestion = Some(instead.to_owned());
        } else if let Fault::Later(field) = error.fault {
            suggestion = Some(field.of_use());
        } else if let Some(nearest) = nearest(&error.name, known) {
            suggestion = Some(format!("write `{nearest}`"));
        }
        findings.push(Finding {
            rule,
            severity: if error.silent || error.is_duplicate() {
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

/// What Kubernetes has instead of keywords of JSON Schema and OpenAPI that it does not know.
fn instead_of(keyword: &str) -> Option<&'static str> {
    Some(match keyword {
        "const" => "Kubernetes knows no `const`: write an `enum` of one value",
        "examples" => "Kubernetes knows no `examples`: write one as `example`",
        "readOnly" => {
            "Kubernetes knows no `readOnly`: what users do not write stands in the status, what they do not change in a rule \
             (`self == oldSelf`)"
        }
        "if" | "then" | "else" | "dependentRequired" | "dependentSchemas" => {
            "Kubernetes has rules of CEL for that: `x-kubernetes-validations`"
        }
        "propertyNames" | "contains" | "minContains" | "maxContains" => {
            "Kubernetes has rules of CEL for that: `self.all(key, …)`, `self.exists(item, …)`"
        }
        "unevaluatedProperties" => "unknown properties are dropped anyway: leave it out",
        "prefixItems" => "write one schema for all items, as `items`",
        "$defs" | "$anchor" | "$dynamicRef" => "write the schema out where it is used",
        "writeOnly" | "deprecated" | "discriminator" | "xml" | "$comment" | "contentEncoding" => {
            "Kubernetes knows no such keyword: say it in the `description`"
        }
        _ => return None,
    })
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
