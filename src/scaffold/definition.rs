//! A [`Description`] as the object that the server takes.

use serde_json::{Map, Value, json};

use super::description::{Column, Description, Version};
use super::schema::schema;
use super::yaml::{self, Comment};

/// The CRD as YAML.
pub fn yaml(description: &Description) -> String {
    yaml::write(&object(description), &comments(description))
}

/// The CRD as the server takes it.
pub fn object(description: &Description) -> Value {
    let mut metadata = Map::from_iter([("name".to_owned(), json!(description.name()))]);
    if let Some(approval) = &description.approval {
        metadata.insert(
            "annotations".to_owned(),
            json!({ "api-approved.kubernetes.io": approval }),
        );
    }
    let mut spec = Map::new();
    spec.insert("group".to_owned(), json!(description.group));
    spec.insert("names".to_owned(), names(description));
    spec.insert("scope".to_owned(), json!(description.scope.name()));
    if description.versions.len() > 1 {
        spec.insert("conversion".to_owned(), json!({ "strategy": "None" }));
    }
    spec.insert(
        "versions".to_owned(),
        description.versions.iter().map(version).collect(),
    );
    json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": metadata,
        "spec": spec,
    })
}

fn names(description: &Description) -> Value {
    let names = &description.names;
    let mut object = Map::new();
    for (key, name) in [
        ("kind", &names.kind),
        ("listKind", &names.list_kind),
        ("plural", &names.plural),
        ("singular", &names.singular),
    ] {
        object.insert(key.to_owned(), json!(name));
    }
    for (key, list) in [
        ("shortNames", &names.short),
        ("categories", &names.categories),
    ] {
        if !list.is_empty() {
            object.insert(key.to_owned(), json!(list));
        }
    }
    Value::Object(object)
}

fn version(version: &Version) -> Value {
    let mut object = Map::new();
    object.insert("name".to_owned(), json!(version.name));
    object.insert("served".to_owned(), json!(version.served));
    object.insert("storage".to_owned(), json!(version.storage));
    if let Some(deprecation) = &version.deprecation {
        object.insert("deprecated".to_owned(), json!(true));
        if let Some(warning) = &deprecation.warning {
            object.insert("deprecationWarning".to_owned(), json!(warning));
        }
    }
    if version.status {
        object.insert("subresources".to_owned(), subresources(version));
    }
    if !version.columns.is_empty() {
        object.insert(
            "additionalPrinterColumns".to_owned(),
            version.columns.iter().map(column).collect(),
        );
    }
    if !version.selectable.is_empty() {
        let fields = version
            .selectable
            .iter()
            .map(|path| json!({ "jsonPath": path }));
        object.insert("selectableFields".to_owned(), fields.collect());
    }
    object.insert(
        "schema".to_owned(),
        json!({ "openAPIV3Schema": schema(&version.root) }),
    );
    Value::Object(object)
}

fn subresources(version: &Version) -> Value {
    let mut object = Map::from_iter([("status".to_owned(), json!({}))]);
    if let Some(scale) = &version.scale {
        let mut paths = Map::new();
        paths.insert("specReplicasPath".to_owned(), json!(scale.spec));
        paths.insert("statusReplicasPath".to_owned(), json!(scale.status));
        if let Some(selector) = &scale.selector {
            paths.insert("labelSelectorPath".to_owned(), json!(selector));
        }
        object.insert("scale".to_owned(), Value::Object(paths));
    }
    Value::Object(object)
}

fn column(column: &Column) -> Value {
    let mut object = Map::new();
    object.insert("name".to_owned(), json!(column.name));
    object.insert("type".to_owned(), json!(column.kind));
    if let Some(format) = &column.format {
        object.insert("format".to_owned(), json!(format));
    }
    if let Some(description) = &column.description {
        object.insert("description".to_owned(), json!(description));
    }
    if column.priority != 0 {
        object.insert("priority".to_owned(), json!(column.priority));
    }
    object.insert("jsonPath".to_owned(), json!(column.json_path));
    Value::Object(object)
}

fn comments(description: &Description) -> Vec<Comment> {
    let mut comments: Vec<Comment> = vec![
        (".apiVersion", "Made from api.toml by `kubewright scaffold crd`. Change api.toml, then make it again.".to_owned()),
        (".spec.versions.subresources", "The status has an endpoint of its own: users cannot write it, controllers write nothing else.".to_owned()),
        (".spec.versions.subresources.scale", "`kubectl scale` and autoscalers read and write these.".to_owned()),
        (".spec.versions.selectableFields", "`kubectl get --field-selector` takes these, since Kubernetes 1.32 (before, a feature gate).".to_owned()),
    ];
    if description.names.plural_is_guessed {
        comments.push((
            ".spec.names.plural",
            "Guessed from the kind; `--plural` sets it.".to_owned(),
        ));
    }
    if description.versions.len() > 1 {
        comments.push((
            ".spec.conversion",
            "Nothing is lost: all versions have the same fields.".to_owned(),
        ));
    }
    comments
}
