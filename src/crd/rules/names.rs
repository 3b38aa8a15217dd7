//! The names of the custom resource.
//!
//! Source: `ValidateCustomResourceDefinitionNames` of pkg/apis/apiextensions/validation/validation.go.

use super::super::definition::Definition;
use super::super::finding::Findings;
use super::super::go::dns_1035_label;
use super::super::path::Path;

pub(super) fn check(definition: &Definition<'_>, path: &Path<'_>, findings: &mut Findings) {
    let (singular, list_kind) = (definition.singular(), definition.list_kind());
    let plural = definition.text(&["spec", "names", "plural"]);
    for (field, name) in [
        ("plural", plural),
        ("singular", &singular),
        ("kind", definition.kind()),
        ("listKind", &list_kind),
    ] {
        let path = path.field(field);
        let kind = field.ends_with("ind");
        let rule = if kind { "kind" } else { "names" };
        if name.is_empty() {
            findings.required(rule, &path, "");
            continue;
        }
        let lower = name.to_lowercase();
        let wrong = dns_1035_label(if kind { &lower } else { name }).join(",");
        if wrong.is_empty() {
            continue;
        }
        let detail = if kind {
            format!("may have mixed case, but should otherwise match: {wrong}")
        } else {
            wrong
        };
        findings.invalid(rule, &path, name, &detail);
    }
    if !definition.kind().is_empty() && definition.kind() == list_kind {
        let detail = "kind and listKind may not be the same";
        findings.invalid(
            "list-kind",
            &path.field("listKind"),
            list_kind.as_str(),
            detail,
        );
    }
    for field in ["shortNames", "categories"] {
        let path = path.field(field);
        for (index, name) in definition
            .texts(&["spec", "names", field])
            .into_iter()
            .enumerate()
        {
            let wrong = dns_1035_label(name);
            if !wrong.is_empty() {
                findings.invalid("names", &path.index(index), name, &wrong.join(","));
            }
        }
    }
}
