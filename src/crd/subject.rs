//! What `explain` and `sample` are about: one version of one definition of a file.

use std::cmp::Ordering;

use super::api::Api;
use super::definition::{Definition, Version};
use super::document::{Document, Node, Position};
use super::finding::{Findings, Severity};
use super::lint::nearest;
use super::path::{locate, written};
use super::{beta, rules, schema::Schema};
use crate::error::{Explain, Kind};

/// A version of a definition.
#[derive(Debug)]
pub struct Subject {
    /// The definition, in the form of v1.
    root: Node,
    version: usize,
}

/// A file has nothing of what is asked for.
#[derive(Debug, thiserror::Error)]
pub enum NoSubject {
    /// No definition at all.
    #[error("no document of it is a CustomResourceDefinition")]
    NoDefinition,
    /// What was meant to be one, and no API server knows.
    #[error(transparent)]
    Unknown(#[from] UnknownApi),
    /// A definition without versions.
    #[error("the definition of `{0}` has no versions")]
    NoVersions(String),
    /// The version that is asked for is not there.
    #[error("`{kind}` has no version `{asked}`")]
    NoVersion {
        /// The kind.
        kind: String,
        /// What was asked for.
        asked: String,
        /// The versions that are there.
        there: Vec<String>,
    },
    /// Several definitions, and none is named.
    #[error("it holds several definitions, and a path without a resource is of none of them")]
    Several(Vec<String>),
}

/// A document was meant to be a definition, and no API server knows its kind in its version.
#[derive(Debug, thiserror::Error)]
#[error("{message}, at {at}")]
pub struct UnknownApi {
    message: String,
    at: Position,
    suggestion: String,
}

impl UnknownApi {
    /// The first such document.
    pub fn check<'d>(documents: impl IntoIterator<Item = &'d Document>) -> Result<(), UnknownApi> {
        for document in documents {
            if let Api::Unknown(unknown) = Api::of(&document.root)
                && unknown.definition
            {
                return Err(UnknownApi {
                    message: unknown.message,
                    at: locate(&document.root, &unknown.path),
                    suggestion: unknown.suggestion,
                });
            }
        }
        Ok(())
    }
}

impl Explain for UnknownApi {
    fn kind(&self) -> Kind {
        Kind::Usage
    }

    fn hints(&self) -> Vec<String> {
        vec![self.suggestion.clone()]
    }
}

impl Explain for NoSubject {
    fn kind(&self) -> Kind {
        Kind::Usage
    }

    fn hints(&self) -> Vec<String> {
        match self {
            NoSubject::NoDefinition => {
                vec!["`kubewright scaffold crd` makes a definition".to_owned()]
            }
            NoSubject::Unknown(unknown) => unknown.hints(),
            NoSubject::NoVersions(_) => {
                vec!["`kubewright crd lint FILE` tells what else is missing".to_owned()]
            }
            NoSubject::NoVersion { asked, there, .. } => {
                let near = nearest(asked, there.iter().map(String::as_str));
                let all: Vec<String> = there.iter().map(|name| format!("`{name}`")).collect();
                let known = format!("its versions are {}", all.join(", "));
                near.map_or(vec![known.clone()], |near| {
                    vec![format!("did you mean `--api-version {near}`? {known}")]
                })
            }
            NoSubject::Several(names) => {
                let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
                vec![format!(
                    "begin the path with one of {}, as in `{}.spec`",
                    names.join(", "),
                    names.first().map_or("", |name| name.trim_matches('`'))
                )]
            }
        }
    }
}

impl Subject {
    /// All definitions of a file, each in the version that is asked for, else in the one that kubectl prefers.
    /// `version` is a version, or a group and a version with a slash between them.
    pub fn all(documents: &[Document], version: Option<&str>) -> Result<Vec<Subject>, NoSubject> {
        UnknownApi::check(documents)?;
        let roots = documents
            .iter()
            .filter_map(|document| definition(&document.root));
        let subjects: Vec<Subject> = roots
            .map(|root| Subject::of(root, version))
            .collect::<Result<_, _>>()?;
        if subjects.is_empty() {
            return Err(NoSubject::NoDefinition);
        }
        Ok(subjects)
    }

    fn of(root: Node, asked: Option<&str>) -> Result<Subject, NoSubject> {
        let definition = Definition::read(&root);
        let versions = &definition.versions;
        let kind = definition.kind().to_owned();
        let Some(asked) = asked else {
            let version = preferred(versions).ok_or(NoSubject::NoVersions(kind))?;
            return Ok(Subject { root, version });
        };
        let name = match asked.split_once('/') {
            Some((group, name)) if group == definition.group() => name,
            _ => asked,
        };
        match versions.iter().position(|version| version.name == name) {
            Some(version) => Ok(Subject { root, version }),
            None => Err(NoSubject::NoVersion {
                kind,
                asked: asked.to_owned(),
                there: versions
                    .iter()
                    .map(|version| version.name.to_owned())
                    .collect(),
            }),
        }
    }

    /// The one that a path begins with by name, and what is left of the path. Where there is but one, it need not be named.
    pub fn chosen<'s, 'p>(
        subjects: &'s [Subject],
        path: &'p [&'p str],
    ) -> Result<(&'s Subject, &'p [&'p str]), NoSubject> {
        let named = path.first().and_then(|name| {
            let is = |subject: &&Subject| subject.is_called(name);
            subjects.iter().find(is)
        });
        match (named, subjects) {
            // A field of the root goes before a resource of that name.
            (Some(subject), [_, _, ..]) => Ok((subject, &path[1..])),
            (Some(subject), _) if !subject.has_field(path[0]) => Ok((subject, &path[1..])),
            (_, [only]) => Ok((only, path)),
            _ => {
                let all = subjects.iter().map(Subject::plural);
                Err(NoSubject::Several(all.map(str::to_owned).collect()))
            }
        }
    }

    fn is_called(&self, name: &str) -> bool {
        let definition = self.definition();
        let lower = name.to_lowercase();
        lower == definition.kind().to_lowercase()
            || lower == self.plural()
            || lower == definition.singular()
            || definition
                .texts(&["spec", "names", "shortNames"])
                .contains(&lower.as_str())
    }

    fn has_field(&self, name: &str) -> bool {
        let schema = self.schema();
        schema.is_some_and(|schema| schema.property(name).is_some())
    }

    fn plural(&self) -> &str {
        let plural = self.root.dig(&["spec", "names", "plural"]);
        plural.and_then(Node::text).unwrap_or_default()
    }

    /// The definition.
    pub(crate) fn definition(&self) -> Definition<'_> {
        Definition::read(&self.root)
    }

    /// The version's name.
    pub fn version(&self) -> &str {
        let version = self.version_node().and_then(|node| node.get("name"));
        version.and_then(Node::text).unwrap_or_default()
    }

    /// What the API server refuses of the definition, in the form of v1.
    pub fn wrong(&self) -> Vec<String> {
        let mut found = Findings::default();
        rules::check(&self.definition(), &mut found);
        let found = found.into_vec().into_iter();
        found
            .filter(|finding| finding.severity == Severity::Error)
            .map(|finding| format!("{}: {}", written(&finding.path), finding.message))
            .collect()
    }

    /// The version's schema.
    pub(crate) fn schema(&self) -> Option<Schema<'_>> {
        Some(super::schema::parse(self.schema_node()?))
    }

    /// The version's schema as it is written.
    pub(crate) fn schema_node(&self) -> Option<&Node> {
        let schema = self.version_node()?.dig(&["schema", "openAPIV3Schema"]);
        schema.filter(|schema| !schema.is_null())
    }

    /// Whether the status has an endpoint of its own.
    pub(crate) fn has_status(&self) -> bool {
        let definition = self.definition();
        let version = definition.versions.get(self.version);
        version.is_some_and(Version::has_status)
    }

    fn version_node(&self) -> Option<&Node> {
        let versions = self.root.dig(&["spec", "versions"])?.list()?;
        versions.get(self.version)
    }
}

/// A definition in the form of v1.
fn definition(root: &Node) -> Option<Node> {
    match Api::of(root) {
        Api::Definition => Some(root.clone()),
        Api::OldDefinition => Some(beta::to_v1(root)),
        _ => None,
    }
}

/// The version that kubectl asks for where none is named.
fn preferred(versions: &[Version<'_>]) -> Option<usize> {
    let numbers = 0..versions.len();
    numbers.max_by(|a, b| {
        let (a, b) = (&versions[*a], &versions[*b]);
        let order = a.served.cmp(&b.served);
        order.then_with(|| priority(a.name, b.name))
    })
}

/// Which of two versions stands before the other in discovery.
///
/// Source: `CompareKubeAwareVersionStrings` of k8s.io/apimachinery/pkg/version/helpers.go.
fn priority(a: &str, b: &str) -> Ordering {
    match (parts(a), parts(b)) {
        (Some(a), Some(b)) => a.cmp(&b),
        (Some(_), None) => Ordering::Greater,
        (None, Some(_)) => Ordering::Less,
        (None, None) => b.cmp(a),
    }
}

/// Of `v1beta2`: how stable, the major and the minor number.
fn parts(version: &str) -> Option<(u8, u64, u64)> {
    let rest = version.strip_prefix('v')?;
    let end = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    let (major, rest) = rest.split_at(end);
    let (stability, minor) = if rest.is_empty() {
        return Some((2, major.parse().ok()?, 0));
    } else if let Some(minor) = rest.strip_prefix("beta") {
        (1, minor)
    } else {
        (0, rest.strip_prefix("alpha")?)
    };
    // Go's numbers have no signs here, and Rust's parser would take one.
    let digits = minor.bytes().all(|byte| byte.is_ascii_digit());
    let minor = minor.parse().ok().filter(|_| digits)?;
    Some((stability, major.parse().ok()?, minor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_preferred_as_discovery_lists_them() {
        let mut versions = [
            "v1alpha1",
            "v2",
            "v10beta3",
            "foo1",
            "v1",
            "v11beta2",
            "v3beta1",
            "foo10",
            "v12alpha1",
        ];
        versions.sort_by(|a, b| priority(b, a));
        assert_eq!(
            versions,
            [
                "v2",
                "v1",
                "v11beta2",
                "v10beta3",
                "v3beta1",
                "v12alpha1",
                "v1alpha1",
                "foo1",
                "foo10"
            ]
        );
    }
}
