//! Samples that hold.

use serde_json::{Value, json};

use crate::crd;
use crate::crd::document;
use crate::crd::sample::{Extent, NoSample, arranged};
use crate::scaffold::field::{KEYWORDS, Node, Setting, Shape};
use crate::scaffold::schema::schema;

/// A sample of a node, which is checked: the server takes it, unless a rule is against it.
pub fn sample(node: &Node, path: &str, extent: Extent) -> Result<Value, NoSample> {
    let mut node = node.clone();
    exemplify(&mut node);
    let schema = document::Node::from(&Value::Object(schema(&node)));
    let made = crd::sample::sample(&crd::schema::parse(&schema), path, extent)?;
    Ok(arranged(made, &schema))
}

/// Gives types of which more is known than their schema tells an example, where they have none.
fn exemplify(node: &mut Node) {
    match &mut node.shape {
        Shape::List(inner) | Shape::Map(inner) => exemplify(inner),
        Shape::Object(fields) => fields
            .iter_mut()
            .for_each(|field| exemplify(&mut field.node)),
        _ => {}
    }
    if node.setting("example").is_some() || node.default.is_some() {
        return;
    }
    let example = match node.shape {
        Shape::Quantity => json!("100Mi"),
        Shape::PodTemplate => json!({
            "metadata": { "labels": { "app": "example" } },
            "spec": { "containers": [{ "name": "main", "image": "registry.k8s.io/pause:3.10" }] },
        }),
        _ => return,
    };
    if let Some(keyword) = KEYWORDS.iter().find(|keyword| keyword.name == "example") {
        node.settings.push(Setting {
            keyword,
            value: example,
        });
    }
}
