//! CEL rules (`x-kubernetes-validations`): all but their expressions.
//!
//! Source: `ValidateCustomResourceDefinitionOpenAPISchema` of pkg/apis/apiextensions/validation/validation.go.

use super::super::finding::Findings;
use super::super::path::Path;
use super::super::schema::Schema;
use super::selectable::resolve;
use super::structural;

const REASONS: [&str; 4] = [
    "FieldValueDuplicate",
    "FieldValueForbidden",
    "FieldValueInvalid",
    "FieldValueRequired",
];

pub(super) fn check(schema: &Schema<'_>, path: &Path<'_>, findings: &mut Findings) {
    let list = path.field("x-kubernetes-validations");
    for (index, rule) in schema.validations.iter().flatten().enumerate() {
        let path = list.index(index);
        let text = rule.rule.trim();
        let message = rule.message.trim();
        let message_path = path.field("message");
        if text.is_empty() {
            findings.required("cel-rule", &path.field("rule"), "rule is not specified");
        } else if !rule.message.is_empty() && message.is_empty() {
            let detail = "must be non-empty if specified";
            findings.invalid("cel-message", &message_path, rule.message, detail);
        } else if has_line_breaks(message) {
            let detail = "must not contain line breaks";
            findings.invalid("cel-message", &message_path, rule.message, detail);
        } else if has_line_breaks(text) && message.is_empty() {
            let detail = "message must be specified if rule contains line breaks";
            findings.required("cel-message", &message_path, detail);
        }
        if !rule.message_expression.is_empty() && rule.message_expression.trim().is_empty() {
            let detail = "messageExpression must be non-empty if specified";
            findings.required("cel-message", &path.field("messageExpression"), detail);
        }
        if let Some(reason) = rule.reason.filter(|reason| !REASONS.contains(reason)) {
            findings.unsupported("cel-reason", &path.field("reason"), reason, &REASONS);
        }
        field_path(schema, rule.field_path, &path.field("fieldPath"), findings);
    }
}

fn field_path(schema: &Schema<'_>, value: &str, path: &Path<'_>, findings: &mut Findings) {
    let rule = "cel-field-path";
    if value.is_empty() {
        return;
    }
    if value.trim().is_empty() {
        findings.invalid(rule, path, value, "must be non-empty if specified");
    }
    if has_line_breaks(value) {
        findings.invalid(rule, path, value, "must not contain line breaks");
    }
    if structural::unsupported(schema).is_none() && resolve(value, schema, true).is_err() {
        findings.invalid(rule, path, value, "must be a valid path");
    }
}

fn has_line_breaks(text: &str) -> bool {
    text.contains(['\n', '\r'])
}
