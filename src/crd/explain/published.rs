//! A schema as the API server publishes it: with what every object has.
//!
//! Source: `buildKubeNative` and `addEmbeddedProperties` of
//! k8s.io/apiextensions-apiserver/pkg/controller/openapi/builder/builder.go.

use std::sync::LazyLock;

use crate::crd::document::{Limits, Node, read};
use crate::crd::schema::{Schema, parse};

/// The schemas of what every object has, as the API server of Kubernetes 1.35 publishes them, references filled in.
static NATIVE: LazyLock<Option<Node>> = LazyLock::new(|| {
    let documents = read(include_bytes!("native.json"), Limits::default()).ok()?;
    documents.into_iter().next().map(|document| document.root)
});

/// The schema with what every object has.
pub(super) fn schema(schema: Option<Schema<'_>>) -> Schema<'_> {
    let Some(mut schema) = schema else {
        return Schema {
            kind: "object",
            ..Schema::default()
        };
    };
    embed(&mut schema);
    native(&mut schema, "apiVersion", "kind");
    schema
}

/// Gives resources within what every object has.
fn embed(schema: &mut Schema<'_>) {
    for (_, property) in schema.properties.iter_mut().flatten() {
        embed(property);
    }
    if let Some(item) = schema
        .items
        .as_mut()
        .and_then(|items| items.schema.as_deref_mut())
    {
        embed(item);
    }
    let additional = schema.additional_properties.as_mut();
    if let Some(additional) = additional.and_then(|additional| additional.schema.as_deref_mut()) {
        embed(additional);
    }
    if schema.embedded_resource {
        native(schema, "embeddedApiVersion", "embeddedKind");
        let required = schema.required.get_or_insert_default();
        for name in ["kind", "apiVersion"] {
            if !required.contains(&name) {
                required.push(name);
            }
        }
    }
}

fn native(schema: &mut Schema<'_>, api_version: &str, kind: &str) {
    for (name, from) in [
        ("apiVersion", api_version),
        ("kind", kind),
        ("metadata", "metadata"),
    ] {
        let native = NATIVE.as_ref().and_then(|native| native.get(from));
        if let Some(native) = native {
            put(schema, name, parse(native));
        }
    }
}

fn put<'d>(schema: &mut Schema<'d>, name: &'d str, property: Schema<'d>) {
    let properties = schema.properties.get_or_insert_default();
    match properties.binary_search_by(|(other, _)| (*other).cmp(name)) {
        Ok(place) => properties[place].1 = property,
        Err(place) => properties.insert(place, (name, property)),
    }
}
