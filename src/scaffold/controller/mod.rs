//! A controller for a resource: the CRD with its samples and roles, and a project around a reconcile that does real work.

mod go;
mod language;
mod template;

use minijinja::context;

pub use language::Language;

use super::description::{Description, Scope, Version};
use super::field::Shape;
use super::{Files, ScaffoldError, project};

/// A controller, as it was asked for.
#[derive(Clone, Debug)]
pub struct Controller {
    /// The resource that it works on.
    pub description: Description,
    /// The language of the project.
    pub language: Language,
    /// The path of the Go module; absent: the group and the singular name.
    pub module: Option<String>,
}

/// The first lines of two files that `scaffold crd` would make again from the other.
const CRD_HEADER: &str =
    "# Made from api.toml; api/ holds the same as types, and a test compares the two.";
const DESCRIPTION_HEADER: &str = "# What the API is: crd/, samples/ and api/ were made from it.";

/// How long names may be that stand in labels.
const LABEL: usize = 63;

impl Controller {
    /// All files of the project.
    ///
    /// # Errors
    ///
    /// Those of the description; a resource whose status has no endpoint of its own, or no conditions, since it is there that controllers report;
    /// a module path that Go does not take.
    pub fn files(&self) -> Result<Files, ScaffoldError> {
        let mut files = self.resource()?;
        let version = self.version();
        if !version.status {
            return Err(ScaffoldError::NoStatus(version.name.clone()));
        }
        if !go::has_conditions(version) {
            return Err(ScaffoldError::NoConditions(version.name.clone()));
        }
        let names = &self.description.names;
        let api = go::api(version, &names.kind);
        let values = context! {
            kind => &names.kind,
            list_kind => &names.list_kind,
            type => api.kind,
            package => go::package(&version.name),
            types => api.types.trim_end(),
            copies => api.copies.trim_end(),
            group => &self.description.group,
            version => &version.name,
            plural => &names.plural,
            singular => &names.singular,
            name => self.description.name(),
            program => shortened(&names.singular, "-controller"),
            namespace => shortened(&names.singular, "-system"),
            has_observed_generation => observes_generation(version),
            sample => self.sample(),
            has_scalars => api.types.contains("Scalar"),
            is_namespaced => self.description.scope == Scope::Namespaced,
            module => self.module()?,
        };
        let made = template::render(self.language.folder(), &version.name, &values)
            .map_err(|broken| ScaffoldError::Template(broken.to_string()))?;
        files.extend(made);
        Ok(files)
    }

    /// What `scaffold crd` makes, as far as it belongs into a project.
    fn resource(&self) -> Result<Files, ScaffoldError> {
        let all = project::files(&self.description)?.into_iter();
        let kept = all.filter_map(|(path, text)| {
            let folder = path.split('/').next().unwrap_or_default();
            match folder {
                "crd" => Some((path, headed(CRD_HEADER, &text))),
                "api.toml" => Some((path, headed(DESCRIPTION_HEADER, &text))),
                "samples" => {
                    let sample = path.strip_prefix("samples/valid/")?;
                    Some((format!("samples/{sample}"), text))
                }
                "rbac" => {
                    let role = path.strip_prefix("rbac/")?;
                    Some((format!("config/users/{role}"), text))
                }
                _ => None,
            }
        });
        Ok(kept.collect())
    }

    /// The name of the file of the sample in the controller's version that has all fields.
    fn sample(&self) -> String {
        if self.description.served().count() > 1 {
            format!("{}-full.yaml", self.version().name)
        } else {
            "full.yaml".to_owned()
        }
    }

    /// Whether a file of the project is made from the description alone, so that whoever changes it would change that.
    pub fn is_made(path: &str) -> bool {
        path == "api.toml"
            || ["api/", "crd/", "samples/", "config/users/"]
                .iter()
                .any(|folder| path.starts_with(folder))
    }

    /// The version that the controller works with: the stored one if it is served, which costs the server no conversion.
    fn version(&self) -> &Version {
        let stored = self.description.served().find(|version| version.storage);
        stored
            .or_else(|| self.description.served().next())
            .unwrap_or(&self.description.versions[0])
    }

    fn module(&self) -> Result<String, ScaffoldError> {
        let names = &self.description.names;
        let usual = || format!("{}/{}", self.description.group, names.singular);
        let module = self.module.clone().unwrap_or_else(usual);
        if go::is_module_path(&module) {
            Ok(module)
        } else {
            Err(ScaffoldError::Module(module))
        }
    }
}

/// Whether the status has the field `observedGeneration`, a whole number.
fn observes_generation(version: &Version) -> bool {
    let field = version
        .root
        .field("status")
        .and_then(|status| status.node.field("observedGeneration"));
    field.is_some_and(|field| {
        matches!(field.node.shape, Shape::Int | Shape::Int64) && field.optional
    })
}

/// A text with another first line, which is a comment.
fn headed(header: &str, text: &str) -> String {
    let rest = text.split_once('\n').map_or("", |(_, rest)| rest);
    format!("{header}\n{rest}")
}

/// A name with an ending, cut so that it may stand in a label.
fn shortened(name: &str, ending: &str) -> String {
    let longest = LABEL - ending.len();
    let cut = name.get(..longest).unwrap_or(name);
    format!("{}{ending}", cut.trim_end_matches('-'))
}
