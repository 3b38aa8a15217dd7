//! All files of a scaffolded CRD, in memory.

use serde_json::{Map, Value, json};

use super::description::{Description, Scope, Version};
use super::sample::{self, Extent, NoSample, broken};
use super::{Files, ScaffoldError, definition, lossless, rbac, readme, specification_text, yaml};
use crate::crd::definition::Definition;
use crate::crd::document::{self, Document, Limits};
use crate::crd::go::quote;
use crate::crd::lint::{self, Known};
use crate::crd::resource::instance;
use crate::crd::{Severity, written};

/// A sample as it stands in its file.
#[derive(Clone, Debug)]
pub struct Sample {
    /// The name of its file, without the ending.
    pub name: String,
    /// The whole object.
    pub object: Value,
    /// What the server says to it; nothing where it takes it.
    pub expected: Option<String>,
    /// Whether rules have a say in that.
    rules_decide: bool,
}

/// All files. Nothing is made of a description whose versions would lose fields.
pub fn files(description: &Description) -> Result<Files, ScaffoldError> {
    let losses = lossless::losses(description);
    if !losses.is_empty() {
        return Err(ScaffoldError::Lossy(losses));
    }
    let mut files = Files::new();
    let crd = definition::yaml(description);
    let samples = samples(description)?;
    let document = judge(&crd)?;
    let definition = Definition::read(&document.root);
    for sample in samples.iter().filter(|sample| sample.rules_decide) {
        hold_rules(sample, &definition)?;
    }
    files.insert(format!("crd/{}.yaml", description.name()), crd);
    for sample in &samples {
        let folder = if sample.expected.is_some() {
            "invalid"
        } else {
            "valid"
        };
        let path = format!("samples/{folder}/{}", sample.name);
        files.insert(format!("{path}.yaml"), yaml::write(&sample.object, &[]));
        if let Some(expected) = &sample.expected {
            files.insert(format!("{path}.expect"), format!("{expected}\n"));
        }
    }
    for (name, role) in rbac::roles(description) {
        files.insert(format!("rbac/{name}.yaml"), yaml::write(&role, &[]));
    }
    files.insert("api.toml".to_owned(), specification_text::text(description));
    files.insert("Makefile".to_owned(), readme::makefile(description));
    files.insert(
        "README.md".to_owned(),
        readme::readme(description, &samples),
    );
    Ok(files)
}

/// Holds the CRD against the rules of `crd lint`, which are the server's: what it would refuse is not written.
fn judge(crd: &str) -> Result<Document, ScaffoldError> {
    let documents = document::read(crd.as_bytes(), Limits::default())
        .map_err(|error| ScaffoldError::Refused(vec![error.message]))?;
    let Some(document) = documents.into_iter().next() else {
        return Err(ScaffoldError::Refused(Vec::new()));
    };
    let findings = lint::document(&document.root, &Known::default()).into_iter();
    let errors: Vec<String> = findings
        .filter(|finding| finding.severity == Severity::Error)
        .map(|finding| format!("{}: {}", written(&finding.path), finding.message))
        .collect();
    if errors.is_empty() {
        Ok(document)
    } else {
        Err(ScaffoldError::Refused(errors))
    }
}

/// A valid sample must hold the rules of the CRD, as far as they can be evaluated, and a counterexample must not.
fn hold_rules(sample: &Sample, definition: &Definition<'_>) -> Result<(), ScaffoldError> {
    let findings = instance::check(&document::Node::from(&sample.object), definition);
    let is = |severity| findings.iter().find(|finding| finding.severity == severity);
    let (path, why) = match (&sample.expected, is(Severity::Error)) {
        (None, Some(error)) => (written(&error.path), error.message.clone()),
        (Some(expected), None) if is(Severity::Unchecked).is_none() => {
            let why = format!("the server takes it, and should say {}", quote(expected));
            (sample.name.clone(), why)
        }
        _ => return Ok(()),
    };
    Err(ScaffoldError::NoSample { path, why })
}

/// The samples of every version that is served.
pub fn samples(description: &Description) -> Result<Vec<Sample>, ScaffoldError> {
    let mut samples = Vec::new();
    let several = description.served().count() > 1;
    for version in description.served() {
        let prefix = if several {
            format!("{}-", version.name)
        } else {
            String::new()
        };
        let root = without_status(version);
        let extents = [Extent::Least, Extent::Most];
        let [least, most] = sample::samples(&root, "", extents).map_err(no_sample)?;
        for (name, value) in [("minimal", &least), ("full", &most)] {
            samples.push(Sample {
                name: format!("{prefix}{name}"),
                object: object(description, version, &format!("{prefix}{name}"), value),
                expected: None,
                rules_decide: true,
            });
        }
        let replicas = version.scale.as_ref().map(|scale| scale.spec.as_str());
        for broken in broken(&version.root, replicas, &most) {
            let name = format!("{prefix}{}", broken.name);
            let resource = resource_name(&name);
            samples.push(Sample {
                object: object(description, version, &name, &broken.value),
                expected: Some(refusal(description, &resource, &broken.messages)),
                rules_decide: broken.by_rule,
                name,
            });
        }
    }
    Ok(samples)
}

fn no_sample(no: NoSample) -> ScaffoldError {
    ScaffoldError::NoSample {
        path: no.path,
        why: no.why,
    }
}

/// The root without its status: users do not write it, and the server drops it when an object is created.
fn without_status(version: &Version) -> super::field::Node {
    let mut root = version.root.clone();
    if let super::field::Shape::Object(fields) = &mut root.shape {
        fields.retain(|field| field.name != "status" || !version.status);
    }
    root
}

fn object(description: &Description, version: &Version, name: &str, value: &Value) -> Value {
    let mut object = Map::from_iter([
        (
            "apiVersion".to_owned(),
            json!(format!("{}/{}", description.group, version.name)),
        ),
        ("kind".to_owned(), json!(description.names.kind)),
        (
            "metadata".to_owned(),
            json!({ "name": resource_name(name) }),
        ),
    ]);
    if let Value::Object(entries) = value {
        object.extend(entries.clone());
    }
    Value::Object(object)
}

/// The name of a file as that of an object.
fn resource_name(file: &str) -> String {
    let lower = file.to_ascii_lowercase().replace('_', "-");
    let short: String = lower.trim_matches('-').chars().take(200).collect();
    short.trim_end_matches('-').to_owned()
}

/// The message of the status that the server answers with (`apierrors.NewInvalid`).
fn refusal(description: &Description, name: &str, messages: &[String]) -> String {
    let all = match messages {
        [one] => one.clone(),
        several => format!("[{}]", several.join(", ")),
    };
    format!(
        "{}.{} \"{name}\" is invalid: {all}",
        description.names.kind, description.group
    )
}

/// The path of the resource below the server's address.
pub(super) fn path(description: &Description, version: &Version, namespace: &str) -> String {
    let place = match description.scope {
        Scope::Namespaced => format!("/namespaces/{namespace}"),
        Scope::Cluster => String::new(),
    };
    format!(
        "/apis/{}/{}{place}/{}",
        description.group, version.name, description.names.plural
    )
}
