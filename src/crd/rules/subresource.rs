//! Subresources: status and scale.
//!
//! Source: `ValidateCustomResourceDefinitionSubresources` of pkg/apis/apiextensions/validation/validation.go.

use super::super::definition::Version;
use super::super::document::Node;
use super::super::finding::Findings;
use super::super::go::json_text;
use super::super::path::Path;
use super::column::{dotted, missing};

pub(super) fn check(
    subresources: &Node,
    version: &Version<'_>,
    path: &Path<'_>,
    findings: &mut Findings,
) {
    let Some(scale) = subresources.get("scale").filter(|node| !node.is_null()) else {
        return;
    };
    let path = path.field("scale");
    for (field, prefixes, required) in [
        ("specReplicasPath", &[".spec."][..], true),
        ("statusReplicasPath", &[".status."], true),
        ("labelSelectorPath", &[".spec.", ".status."], false),
    ] {
        let at = path.field(field);
        let value = scale.get(field).and_then(Node::text).unwrap_or_default();
        if value.is_empty() {
            if required {
                findings.required("scale-path", &at, "");
            }
        } else if !value.starts_with('.') {
            let detail = "must be a simple json path starting with .";
            findings.invalid("scale-path", &at, value, detail);
            findings.suggest(dotted(value));
        } else if !prefixes.iter().any(|prefix| value.starts_with(prefix)) {
            if required {
                let root = &prefixes[0][..prefixes[0].len() - 1];
                let detail = format!("should be a json path under {root}");
                findings.invalid("scale-path", &at, value, &detail);
            } else {
                // A pointer, which the server writes as JSON.
                let detail = "should be a json path under either .spec or .status";
                findings.invalid("scale-path", &at, json_text(value), detail);
            }
        } else if let Some(missing) = version
            .schema
            .as_ref()
            .and_then(|schema| missing(schema, value))
        {
            let message = format!("`{value}` leads nowhere: the schema has no `{missing}`");
            findings.warning("scale-target", &at, message);
        }
    }
}
