//! What the API server of a tree says of a document, as findings at the user's own places.
//!
//! The server reads a definition into a form of its own before it looks at it. What is the same in all versions stands in
//! one place there, and some fields have other names: its paths are turned back into those of the document.
//!
//! Source: pkg/apis/apiextensions/v1/conversion.go of k8s.io/apiextensions-apiserver.

use super::document::Node;
use super::finding::{Finding, Severity, Stage};
use super::path::{Step, locate, parsed, resolve};
use crate::validator::Verdict;

/// The rule of what the built-in rules do not say.
const RULE: &str = "tree";

/// Where the server has something, and where a definition of v1 has it.
const MOVED: [(&str, &str); 6] = [
    ("spec.validation", "spec.versions[0].schema"),
    ("spec.subresources", "spec.versions[0].subresources"),
    (
        "spec.additionalPrinterColumns",
        "spec.versions[0].additionalPrinterColumns",
    ),
    ("spec.selectableFields", "spec.versions[0].selectableFields"),
    (
        "spec.conversion.webhookClientConfig",
        "spec.conversion.webhook.clientConfig",
    ),
    (
        "spec.conversion.conversionReviewVersions",
        "spec.conversion.webhook.conversionReviewVersions",
    ),
];

/// The findings of a verdict. Those that the built-in rules have in the same words get their names and places from them.
pub fn findings(root: &Node, verdict: &Verdict, built_in: &[Finding]) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut add = |severity, stage, path: Vec<Step>, steps: &[Step], message: &str| {
        let at = locate(root, steps);
        let alike = |finding: &&Finding| finding.message == message;
        let same = built_in
            .iter()
            .find(|finding| alike(finding) && finding.at == at)
            .or_else(|| {
                let mut others = built_in.iter().filter(alike);
                // A strict error names its whole path: in the same words it is the same.
                let is_same = steps.is_empty() || stage == Stage::Strictness;
                others.next().filter(|_| is_same)
            });
        found.push(match same {
            Some(same) => Finding {
                severity,
                stage,
                ..same.clone()
            },
            None => Finding {
                rule: RULE,
                severity,
                stage,
                path,
                at,
                message: message.to_owned(),
                suggestion: None,
            },
        });
    };
    if !verdict.decoding.is_empty() {
        let message = &verdict.decoding;
        add(Severity::Error, Stage::Decoding, Vec::new(), &[], message);
    }
    for message in &verdict.strict {
        let text = message.split_once('"').map_or("", |(_, path)| path);
        let text = text.strip_suffix('"').unwrap_or(text);
        let path = vec![Step::Field(text.to_owned())];
        let steps = steps(root, text);
        add(Severity::Error, Stage::Strictness, path, &steps, message);
    }
    for fault in &verdict.errors {
        let steps = steps(root, &moved(root, &fault.field));
        let path = steps.clone();
        add(
            Severity::Error,
            Stage::Validation,
            path,
            &steps,
            &fault.message,
        );
    }
    for warning in &verdict.warnings {
        let named = warning
            .split_once(": ")
            .map(|(path, message)| (steps(root, path), message))
            .filter(|(steps, _)| is_there(root, steps));
        let (steps, message) = named.unwrap_or((Vec::new(), warning));
        let path = steps.clone();
        add(Severity::Warning, Stage::Validation, path, &steps, message);
    }
    if !verdict.unchecked.is_empty() {
        let message = &verdict.unchecked;
        add(
            Severity::Unchecked,
            Stage::Validation,
            Vec::new(),
            &[],
            message,
        );
    }
    // The server gets documents as kubectl sends them, in which nothing stands twice any more.
    let twice = built_in.iter().filter(|finding| is_repetition(finding));
    found.extend(twice.cloned());
    found.sort_by_key(|finding| (finding.at, finding.severity));
    found
}

fn is_repetition(finding: &Finding) -> bool {
    finding.message.starts_with("duplicate field ")
}

/// A path of the server as the document has it.
fn moved(root: &Node, field: &str) -> String {
    // What Go prints of a path that is none.
    if field == "<nil>" {
        return String::new();
    }
    for (from, to) in MOVED {
        let Some(rest) = field.strip_prefix(from) else {
            continue;
        };
        let name = from.strip_prefix("spec.").unwrap_or(from);
        let keys: Vec<&str> = std::iter::once("spec").chain(name.split('.')).collect();
        if (rest.is_empty() || rest.starts_with(['.', '['])) && root.dig(&keys).is_none() {
            return format!("{to}{rest}");
        }
    }
    field.to_owned()
}

/// The steps of a path of the server.
fn steps(root: &Node, text: &str) -> Vec<Step> {
    let mut steps = parsed(root, text);
    if let Some(Step::Field(name)) = steps.last_mut()
        && name == "JSONPath"
    {
        "jsonPath".clone_into(name);
    }
    steps
}

fn is_there(root: &Node, steps: &[Step]) -> bool {
    resolve(root, steps).is_some() && !steps.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crd::document::{Document, Limits, read};
    use crate::crd::written;
    use crate::validator::Fault;

    const TEXT: &str = "\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
spec:
  conversion: {webhook: {clientConfig: {url: x}}}
  versions:
  - name: v1
    additionalPrinterColumns:
    - {name: A, jsonPath: x}
    schema:
      openAPIV3Schema:
        properties:
          a.b[c]:
            typ: string
";

    fn document(text: &str) -> Document {
        read(text.as_bytes(), Limits::default()).unwrap().remove(0)
    }

    /// Where a path of the server leads: line and column, and the path in the document.
    fn place(field: &str) -> String {
        let document = document(TEXT);
        let verdict = Verdict {
            errors: vec![Fault {
                field: field.to_owned(),
                message: "wrong".to_owned(),
            }],
            ..Verdict::default()
        };
        let found = findings(&document.root, &verdict, &[]);
        format!("{} {}", found[0].at, written(&found[0].path))
    }

    #[test]
    fn paths_of_the_server_lead_to_places_of_the_document() {
        let schema = "spec.versions[0].schema.openAPIV3Schema";
        for (field, expected) in [
            ("", "1:1 ".to_owned()),
            ("<nil>", "1:1 ".to_owned()),
            ("spec.scope", "3:1 spec.scope".to_owned()),
            (
                "spec.additionalPrinterColumns[0].JSONPath",
                "8:27 spec.versions[0].additionalPrinterColumns[0].jsonPath".to_owned(),
            ),
            (
                "spec.conversion.webhookClientConfig.url",
                "4:46 spec.conversion.webhook.clientConfig.url".to_owned(),
            ),
            (
                "spec.validation.openAPIV3Schema.properties[a.b[c]].type",
                format!("12:11 {schema}.properties[a.b[c]].type"),
            ),
            (
                "spec.versions[0].schema.openAPIV3Schema.properties[gone].type",
                format!("11:9 {schema}.properties[gone].type"),
            ),
        ] {
            assert_eq!(place(field), expected, "{field}");
        }
    }

    #[test]
    fn a_strict_error_leads_to_its_field_and_takes_the_name_of_the_rule() {
        let document = document(TEXT);
        let message =
            "unknown field \"spec.versions[0].schema.openAPIV3Schema.properties.a.b[c].typ\"";
        let verdict = Verdict {
            strict: vec![message.to_owned()],
            warnings: vec![
                "spec.versions[0].name: odd".to_owned(),
                "odd: all".to_owned(),
            ],
            ..Verdict::default()
        };
        let built_in =
            crate::crd::lint::document(&document.root, &crate::crd::lint::Known::default());
        let found = findings(&document.root, &verdict, &built_in);
        let told: Vec<String> = found
            .iter()
            .map(|finding| format!("{} {} {}", finding.at, finding.rule, finding.message))
            .collect();
        assert_eq!(
            told,
            [
                "1:1 tree odd: all",
                "6:11 tree odd",
                &format!("13:13 unknown-field {message}")
            ]
        );
    }
}
