//! Samples that hold.

use serde_json::{Value, json};

use crate::crd;
use crate::crd::document;
use crate::crd::sample::{Extent, NoSample, arranged};
use crate::scaffold::field::{KEYWORDS, Node, Setting, Shape};
use crate::scaffold::schema::schema;

/// Samples of a node, one of each extent, which are checked: the server takes them, unless a rule is against it.
pub fn samples(node: &Node, path: &str, extents: [Extent; 2]) -> Result<[Value; 2], NoSample> {
    let mut node = node.clone();
    exemplify(&mut node);
    let schema = document::Node::from(&Value::Object(schema(&node)));
    let parsed = crd::schema::parse(&schema);
    let make = |extent| crd::sample::sample(&parsed, path, extent);
    let [one, other] = extents;
    Ok([make(one)?, make(other)?].map(|made| arranged(made, &schema)))
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
