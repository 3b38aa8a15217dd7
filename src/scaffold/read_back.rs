//! A description read back from a CRD.

use std::path::Path;

use serde_json::Value;

use super::ScaffoldError;
use super::answers::{Answers, Body, VersionAnswer, column, json_path};
use super::description::{Column, Deprecation, Scale, Scope};
use super::field::{Field, Node, Shape};
use super::schema::node_of;
use super::told::{Place, Told};
use crate::crd::api::Api;
use crate::crd::document::{self, Limits};

/// Reads the one CRD of a file in YAML or JSON.
pub fn read(path: &Path) -> Result<Answers, ScaffoldError> {
    let bytes = std::fs::read(path).map_err(ScaffoldError::io(path))?;
    parse(path, &bytes)
}

/// Reads the one CRD of a file's bytes.
pub fn parse(path: &Path, bytes: &[u8]) -> Result<Answers, ScaffoldError> {
    let not = |why: &str| ScaffoldError::NotACrd {
        path: path.to_owned(),
        why: why.to_owned(),
    };
    let documents = document::read(bytes, Limits::default())
        .map_err(|error| not(&format!("line {}: {}", error.at, error.message)))?;
    let objects = document::objects(documents);
    let mut definitions = Vec::new();
    for object in &objects {
        match Api::of(&object.root) {
            Api::Definition => definitions.push(Value::from(&object.root)),
            Api::OldDefinition => {
                return Err(not(
                    "it is one of v1beta1; `kubewright crd convert` makes it v1",
                ));
            }
            Api::Unknown(unknown) if unknown.definition => {
                return Err(not(&format!("{}; {}", unknown.message, unknown.suggestion)));
            }
            _ => {}
        }
    }
    match definitions.as_slice() {
        [] => Err(not("no document in it has that kind")),
        [crd] => answers(crd, &path.to_string_lossy())
            .ok_or_else(|| not("kind, group, names or versions are missing in its spec")),
        several => Err(ScaffoldError::Several {
            path: path.to_owned(),
            names: several.iter().map(name).collect(),
        }),
    }
}

/// What a definition is called.
fn name(crd: &Value) -> String {
    let name = crd["metadata"]["name"].as_str().unwrap_or_default();
    format!("`{name}`")
}

/// What a CRD says.
fn answers(crd: &Value, file: &str) -> Option<Answers> {
    let spec = &crd["spec"];
    let told = |value: &Value| {
        let text = value.as_str()?;
        Some(Told {
            value: text.to_owned(),
            place: Place::whole(file, text),
        })
    };
    let texts = |value: &Value| {
        value
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(told)
            .collect()
    };
    let versions = spec["versions"].as_array()?;
    Some(Answers {
        kind: told(&spec["names"]["kind"])?,
        group: told(&spec["group"])?,
        plural: Some(told(&spec["names"]["plural"])?),
        singular: told(&spec["names"]["singular"]),
        list_kind: told(&spec["names"]["listKind"]),
        short: texts(&spec["names"]["shortNames"]),
        categories: texts(&spec["names"]["categories"]),
        scope: if spec["scope"] == "Cluster" {
            Scope::Cluster
        } else {
            Scope::Namespaced
        },
        approval: told(&crd["metadata"]["annotations"]["api-approved.kubernetes.io"])
            .map(|told| told.value),
        versions: versions
            .iter()
            .filter_map(|version| self::version(version, file))
            .collect(),
    })
}

fn version(version: &Value, file: &str) -> Option<VersionAnswer> {
    let name = version["name"].as_str()?;
    let warning = version["deprecationWarning"].as_str().map(str::to_owned);
    let deprecation = (version["deprecated"] == true).then_some(Deprecation { warning });
    Some(VersionAnswer {
        name: Told {
            value: name.to_owned(),
            place: Place::whole(file, name),
        },
        served: version["served"] != false,
        storage: version["storage"] == true,
        deprecation,
        body: body(version, file),
    })
}

fn body(version: &Value, file: &str) -> Body {
    let root = match &version["schema"]["openAPIV3Schema"] {
        Value::Object(schema) => without_implied(node_of(schema)),
        _ => Node::new(Shape::AnyObject),
    };
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let scale = &version["subresources"]["scale"];
    let scale = text(&scale["specReplicasPath"])
        .zip(text(&scale["statusReplicasPath"]))
        .map(|(spec, status)| Scale {
            spec,
            status,
            selector: text(&scale["labelSelectorPath"]),
        });
    let columns = version["additionalPrinterColumns"]
        .as_array()
        .into_iter()
        .flatten();
    let selectable = version["selectableFields"].as_array().into_iter().flatten();
    Body {
        root,
        status: !version["subresources"]["status"].is_null(),
        scale: scale.map(|scale| Told {
            place: Place::whole(file, &scale.spec),
            value: scale,
        }),
        columns: columns
            .filter_map(|column| self::column_told(column, file))
            .collect(),
        selectable: selectable
            .filter_map(|field| field["jsonPath"].as_str())
            .map(|path| Told {
                value: json_path(path),
                place: Place::whole(file, path),
            })
            .collect(),
        fields: Vec::new(),
    }
}

/// The root without `apiVersion`, `kind` and `metadata`, which every object has, unless something is said of them.
fn without_implied(mut root: Node) -> Node {
    let is_implied = |field: &Field| {
        let bare = match field.name.as_str() {
            "apiVersion" | "kind" => field.node.shape == Shape::String,
            "metadata" => field.node.shape == Shape::Object(Vec::new()),
            _ => false,
        };
        let only_doc = field
            .node
            .settings
            .iter()
            .all(|setting| setting.keyword.name == "doc");
        bare && only_doc && field.node.rules.is_empty() && field.node.default.is_none()
    };
    if let Shape::Object(fields) = &mut root.shape {
        fields.retain(|field| !is_implied(field));
    }
    root
}

fn column_told(value: &Value, file: &str) -> Option<Told<Column>> {
    let text = |key: &str| value[key].as_str().map(str::to_owned);
    let shown = format!("{}:{}:{}", text("name")?, text("type")?, text("jsonPath")?);
    let read = column(&shown).ok()?;
    Some(Told {
        value: Column {
            priority: value["priority"].as_i64().unwrap_or(0),
            json_path: text("jsonPath")?,
            format: text("format"),
            description: text("description"),
            ..read
        },
        place: Place::whole(file, &shown),
    })
}
