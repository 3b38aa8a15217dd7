//! What a document says it is, and what the API server makes of that.

use super::document::Node;
use super::go::quote;
use super::path::Step;

/// What the API server makes of a document's `apiVersion` and `kind`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Api {
    /// A definition of v1.
    Definition,
    /// A definition of v1beta1, which ended with Kubernetes 1.22.
    OldDefinition,
    /// An API service, of v1 or v1beta1.
    Service,
    /// It was meant to be one of these, and no API server has it.
    Unknown(Unknown),
    /// Anything else.
    Other,
}

/// A kind that no API server has in that version.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Unknown {
    /// Whether a definition was meant, else an API service.
    pub(crate) definition: bool,
    /// Where it is wrong.
    pub(crate) path: Vec<Step>,
    /// What kubectl says of it.
    pub(crate) message: String,
    /// What to write instead.
    pub(crate) suggestion: String,
}

/// A group that is looked at, and its kind.
struct Family {
    group: &'static str,
    kind: &'static str,
    /// What else it has, which nobody creates.
    others: &'static [&'static str],
}

const FAMILIES: [Family; 2] = [
    Family {
        group: "apiextensions.k8s.io",
        kind: "CustomResourceDefinition",
        others: &["CustomResourceDefinitionList", "ConversionReview"],
    },
    Family {
        group: "apiregistration.k8s.io",
        kind: "APIService",
        others: &["APIServiceList"],
    },
];

/// The versions that either group has, or had.
const VERSIONS: [&str; 2] = ["v1", "v1beta1"];

/// In how many letters a group may differ from the one that it was meant to be.
const MISSPELT: usize = 2;

impl Api {
    /// What the API server makes of a document.
    pub(crate) fn of(root: &Node) -> Api {
        let text = |key| root.get(key).and_then(Node::text).unwrap_or_default();
        let (api, kind) = (text("apiVersion"), text("kind"));
        let (group, version) = api.split_once('/').unwrap_or(("", api));
        for family in &FAMILIES {
            let definition = family.kind == FAMILIES[0].kind;
            let known = VERSIONS.contains(&version);
            let exact = group == family.group && known;
            if exact && kind == family.kind {
                return match (definition, version) {
                    (true, "v1") => Api::Definition,
                    (true, _) => Api::OldDefinition,
                    (false, _) => Api::Service,
                };
            }
            if exact && family.others.contains(&kind) {
                return Api::Other;
            }
            if !family.is_meant(group, kind) {
                continue;
            }
            let version = if known { version } else { "v1" };
            let right = format!("`apiVersion: {}/{version}`", family.group);
            let right_kind = format!("`kind: {}`", family.kind);
            let (field, suggestion) = match (exact, kind == family.kind) {
                (true, _) => ("kind", format!("write {right_kind}")),
                (false, true) => ("apiVersion", format!("write {right}")),
                (false, false) => ("apiVersion", format!("write {right} and {right_kind}")),
            };
            let message = if kind.is_empty() {
                "Object 'Kind' is missing".to_owned()
            } else {
                let (kind, api) = (quote(kind), quote(api));
                format!("no matches for kind {kind} in version {api}")
            };
            return Api::Unknown(Unknown {
                definition,
                path: vec![Step::Field(field.to_owned())],
                message,
                suggestion,
            });
        }
        Api::Other
    }

    /// Whether it is a definition, of whichever version.
    pub(crate) fn is_definition(&self) -> bool {
        matches!(self, Api::Definition | Api::OldDefinition)
    }
}

impl Family {
    /// Whether a group and a kind, of which one is wrong, were meant to be those of this family.
    fn is_meant(&self, group: &str, kind: &str) -> bool {
        let misspelt = strsim::damerau_levenshtein(group, self.group) <= MISSPELT;
        // A domain of somebody's own may have a kind named `APIService`; none has definitions.
        let foreign =
            self.kind == "APIService" && group.contains('.') && !group.ends_with(".k8s.io");
        misspelt || (kind == self.kind && !foreign)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crd::document::{Limits, read};

    fn of(api: &str, kind: &str) -> Api {
        let text = format!("apiVersion: {api}\nkind: {kind}\n");
        Api::of(&read(text.as_bytes(), Limits::default()).unwrap()[0].root)
    }

    #[test]
    fn what_is_known_is_told_from_what_is_left_alone() {
        for (api, kind, expected) in [
            (
                "apiextensions.k8s.io/v1",
                "CustomResourceDefinition",
                Api::Definition,
            ),
            (
                "apiextensions.k8s.io/v1beta1",
                "CustomResourceDefinition",
                Api::OldDefinition,
            ),
            ("apiregistration.k8s.io/v1", "APIService", Api::Service),
            ("apiregistration.k8s.io/v1beta1", "APIService", Api::Service),
            ("apiextensions.k8s.io/v1", "ConversionReview", Api::Other),
            (
                "apiextensions.crossplane.io/v1",
                "CompositeResourceDefinition",
                Api::Other,
            ),
            ("hub.example.com/v1", "APIService", Api::Other),
            ("v1", "Service", Api::Other),
        ] {
            assert_eq!(of(api, kind), expected, "{api} {kind}");
        }
    }

    #[test]
    fn what_is_misspelt_is_told_with_what_was_meant() {
        for (api, kind, field, suggestion) in [
            (
                "apiextension.k8s.io/v1",
                "CustomResourceDefinition",
                "apiVersion",
                "write `apiVersion: apiextensions.k8s.io/v1`",
            ),
            (
                "apiextension.k8s.io/v1beta1",
                "CustomResourceDefinition",
                "apiVersion",
                "write `apiVersion: apiextensions.k8s.io/v1beta1`",
            ),
            (
                "apiextensions.k8s.io/v2",
                "CustomResourceDefinition",
                "apiVersion",
                "write `apiVersion: apiextensions.k8s.io/v1`",
            ),
            (
                "foo/v1",
                "CustomResourceDefinition",
                "apiVersion",
                "write `apiVersion: apiextensions.k8s.io/v1`",
            ),
            (
                "example.com/v1",
                "CustomResourceDefinition",
                "apiVersion",
                "write `apiVersion: apiextensions.k8s.io/v1`",
            ),
            (
                "v1",
                "CustomResourceDefinition",
                "apiVersion",
                "write `apiVersion: apiextensions.k8s.io/v1`",
            ),
            (
                "apiextensions.k8s.io",
                "CustomResourceDefinition",
                "apiVersion",
                "write `apiVersion: apiextensions.k8s.io/v1`",
            ),
            (
                "''",
                "CustomResourceDefinition",
                "apiVersion",
                "write `apiVersion: apiextensions.k8s.io/v1`",
            ),
            (
                "apiextensions.k8s.io/v1",
                "CustomResourceDefinitionn",
                "kind",
                "write `kind: CustomResourceDefinition`",
            ),
            (
                "apiextensions.k8s.io/v1",
                "''",
                "kind",
                "write `kind: CustomResourceDefinition`",
            ),
            (
                "v1",
                "APIService",
                "apiVersion",
                "write `apiVersion: apiregistration.k8s.io/v1`",
            ),
            (
                "apiregistration.k8s.io/v1",
                "ApiService",
                "kind",
                "write `kind: APIService`",
            ),
            (
                "apiregistratin.k8s.io/v1",
                "Apiservice",
                "apiVersion",
                "write `apiVersion: apiregistration.k8s.io/v1` and `kind: APIService`",
            ),
        ] {
            let Api::Unknown(unknown) = of(api, kind) else {
                panic!("{api} {kind} is known");
            };
            let told = (unknown.path, unknown.suggestion.as_str());
            let path = vec![Step::Field(field.to_owned())];
            assert_eq!(told, (path, suggestion), "{api} {kind}");
        }
    }
}
