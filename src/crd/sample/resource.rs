//! Whole resources of a definition.

use serde_json::{Map, Value as Json, json};

use super::order::arranged;
use super::value::sample;
use super::{Extent, NoSample};
use crate::crd::document::Node;
use crate::crd::finding::Severity;
use crate::crd::path::written;
use crate::crd::resource::instance;
use crate::crd::schema::Schema;
use crate::crd::subject::Subject;

/// A resource, and what could not be looked at.
#[derive(Debug)]
pub struct Sample {
    /// The resource.
    pub object: Json,
    /// What was not checked, such as rules.
    pub unchecked: Vec<String>,
}

/// A resource of a definition that the API server takes. It has no status where that has an endpoint of its own, since the
/// server drops it then.
pub fn resource(subject: &Subject, extent: Extent) -> Result<Sample, NoSample> {
    let object = object(subject, extent)?;
    let findings = instance::check(&Node::from(&object), &subject.definition());
    let errors: Vec<String> = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .map(|finding| format!("{}: {}", written(&finding.path), finding.message))
        .collect();
    if !errors.is_empty() {
        return Err(NoSample::new("", errors.join("; ")));
    }
    let unchecked = findings
        .into_iter()
        .filter(|finding| finding.severity == Severity::Unchecked);
    Ok(Sample {
        object,
        unchecked: unchecked.map(|finding| finding.message).collect(),
    })
}

fn object(subject: &Subject, extent: Extent) -> Result<Json, NoSample> {
    let definition = subject.definition();
    let api_version = format!("{}/{}", definition.group(), subject.version());
    let mut object = Map::from_iter([
        ("apiVersion".to_owned(), json!(api_version)),
        ("kind".to_owned(), json!(definition.kind())),
    ]);
    let usual = format!("{}-sample", definition.singular());
    let Some(mut schema) = subject.schema() else {
        object.insert("metadata".to_owned(), json!({ "name": usual }));
        return Ok(Json::Object(object));
    };
    let of = schema
        .property("metadata")
        .and_then(|metadata| metadata.property("name"));
    let name = match of {
        Some(of) => sample(of, "metadata.name", Extent::Least)?,
        None => json!(usual),
    };
    object.insert("metadata".to_owned(), json!({ "name": name }));
    leave_out(&mut schema, &["apiVersion", "kind", "metadata"]);
    if subject.has_status() {
        leave_out(&mut schema, &["status"]);
    }
    let body = sample(&schema, "", extent)?;
    let order = subject.schema_node();
    if let (Json::Object(body), Some(order)) = (body, order)
        && let Json::Object(body) = arranged(Json::Object(body), order)
    {
        object.extend(body);
    }
    Ok(Json::Object(object))
}

fn leave_out(schema: &mut Schema<'_>, names: &[&str]) {
    if let Some(properties) = &mut schema.properties {
        properties.retain(|(name, _)| !names.contains(name));
    }
    if let Some(required) = &mut schema.required {
        required.retain(|name| !names.contains(name));
    }
}
