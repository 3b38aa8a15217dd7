//! `cargo xtask pod-template`: the schema of the field type `podTemplate`, from the OpenAPI of Kubernetes.

use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::generated::Page;
use super::{Failure, root};

/// Where the OpenAPI of core types is in the Go module of Kubernetes.
const OPENAPI: &str = "api/openapi-spec/v3/api__v1_openapi.json";
const QUANTITY: &str = "io.k8s.apimachinery.pkg.api.resource.Quantity";
const INT_OR_STRING: &str = "io.k8s.apimachinery.pkg.util.intstr.IntOrString";
const OBJECT_META: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";
/// What of metadata has a meaning in a template.
const METADATA: [&str; 5] = ["annotations", "finalizers", "labels", "name", "namespace"];
/// What is kept of each schema.
const KEPT: [&str; 5] = [
    "type",
    "format",
    "x-kubernetes-list-map-keys",
    "x-kubernetes-list-type",
    "x-kubernetes-map-type",
];

/// The file, from the version that tests/apiserver requires: `go` finds its module.
pub(super) fn page() -> Result<Page, Failure> {
    let folder = duct::cmd!("go", "list", "-m", "-f", "{{.Dir}}", "k8s.io/kubernetes")
        .dir(root().join("tests/apiserver"))
        .read()?;
    let openapi: Value = serde_json::from_slice(&fs::read(Path::new(&folder).join(OPENAPI))?)?;
    let schemas = Schemas(&openapi["components"]["schemas"]);
    let mut template = schemas.named("io.k8s.api.core.v1.PodTemplateSpec", &[])?;
    // A template without a container is none.
    template.insert("required".to_owned(), json!(["spec"]));
    let mut template = Value::Object(template);
    template["properties"]["spec"]["properties"]["containers"]["minItems"] = json!(1);
    Ok(Page {
        path: "templates/crd/pod-template.json".to_owned(),
        text: serde_json::to_string(&template)? + "\n",
    })
}

struct Schemas<'o>(&'o Value);

impl Schemas<'_> {
    /// A schema by its name, with all that it refers to in its place. `keys` identify it in a list.
    fn named(&self, name: &str, keys: &[&str]) -> Result<Map<String, Value>, Failure> {
        match name {
            QUANTITY => {
                return Ok(object(json!({
                    "x-kubernetes-int-or-string": true,
                    "pattern": kubewright::scaffold::QUANTITY,
                })));
            }
            INT_OR_STRING => return Ok(object(json!({"x-kubernetes-int-or-string": true}))),
            _ => {}
        }
        let mut schema = self.structural(&self.0[name], keys)?;
        if name == OBJECT_META
            && let Some(Value::Object(properties)) = schema.get_mut("properties")
        {
            properties.retain(|name, _| METADATA.contains(&name.as_str()));
        }
        Ok(schema)
    }

    fn structural(&self, schema: &Value, keys: &[&str]) -> Result<Map<String, Value>, Failure> {
        let reference = schema
            .get("$ref")
            .or_else(|| schema.pointer("/allOf/0/$ref"));
        if let Some(name) = reference.and_then(Value::as_str) {
            let name = name.rsplit('/').next().unwrap_or(name);
            return self.named(name, keys);
        }
        let of = schema.as_object().ok_or("a schema is no object")?;
        let mut kept = Map::new();
        for key in KEPT {
            kept.extend(of.get(key).map(|value| (key.to_owned(), value.clone())));
        }
        if let Some(required) = of.get("required") {
            kept.insert("required".to_owned(), required.clone());
        }
        let own_keys: Vec<&str> = match of.get("x-kubernetes-list-map-keys") {
            Some(Value::Array(keys)) => keys.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        for key in ["items", "additionalProperties"] {
            if let Some(inner) = of.get(key).filter(|inner| inner.is_object()) {
                let inner = self.structural(inner, &own_keys)?;
                kept.insert(key.to_owned(), Value::Object(inner));
            }
        }
        if let Some(Value::Object(properties)) = of.get("properties") {
            let mut all = Map::new();
            for (name, property) in properties {
                let mut property_schema = self.structural(property, &[])?;
                // What identifies an item must be there, or have a default.
                if let Some(default) = property.get("default")
                    && keys.contains(&name.as_str())
                    && !is_required(of, name)
                {
                    property_schema.insert("default".to_owned(), default.clone());
                }
                all.insert(name.clone(), Value::Object(property_schema));
            }
            kept.insert("properties".to_owned(), Value::Object(all));
        }
        Ok(kept)
    }
}

fn is_required(schema: &Map<String, Value>, name: &str) -> bool {
    let required = schema.get("required").and_then(Value::as_array);
    required.is_some_and(|names| names.iter().any(|required| required == name))
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
