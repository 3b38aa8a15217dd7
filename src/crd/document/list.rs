//! Lists of objects: a document of kind `List`, or of the kind of lists of some kind.
//!
//! Source: `decodeToList` of k8s.io/apimachinery/pkg/apis/meta/v1/unstructured/unstructured.go, with which kubectl takes
//! them apart.

use super::{Document, Entry, Node, Value};

/// The objects of documents, those of lists one by one, each at its place.
pub fn objects(documents: Vec<Document>) -> Vec<Document> {
    let mut objects = Vec::with_capacity(documents.len());
    for document in documents {
        add(document.root, &mut objects);
    }
    objects
}

fn add(mut root: Node, objects: &mut Vec<Document>) {
    let Some(items) = items(&mut root) else {
        objects.push(Document { root });
        return;
    };
    let text = |key| root.get(key).and_then(Node::text).unwrap_or_default();
    let (kind, api) = (text("kind").strip_suffix("List"), text("apiVersion"));
    for mut item in items {
        if let Some(kind) = kind {
            typed(&mut item, kind, api);
        }
        add(item, objects);
    }
}

/// The items of a list, which it loses.
fn items(root: &mut Node) -> Option<Vec<Node>> {
    let kind = root.get("kind")?.text()?;
    if !kind.ends_with("List") {
        return None;
    }
    let Value::Map(map) = &mut root.value else {
        return None;
    };
    let mut entries = map.entries_mut().iter_mut().rev();
    let entry = entries.find(|entry| entry.key == "items")?;
    match &mut entry.node.value {
        Value::List(items) => Some(std::mem::take(items)),
        _ => None,
    }
}

/// In the list of a kind, items need not say that they are of that kind.
fn typed(item: &mut Node, kind: &str, api: &str) {
    let at = item.at;
    let Value::Map(map) = &mut item.value else {
        return;
    };
    if kind.is_empty() || map.get("kind").is_some() {
        return;
    }
    for (key, text) in [("kind", kind), ("apiVersion", api)] {
        if map.get(key).is_none() {
            let node = Node {
                value: Value::String(text.to_owned()),
                at,
            };
            map.push(Entry {
                key: key.to_owned(),
                at,
                merged: false,
                node,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Limits, read};
    use super::*;

    #[test]
    fn lists_are_taken_apart_with_the_places_of_their_items() {
        let text = "kind: List\nitems:\n- {kind: A}\n- kind: BList\n  apiVersion: x/v1\n  items:\n  - spec: 1\n---\n\
                    kind: C\nitems: [1]\n---\nkind: List\nitems: []\n";
        let objects = objects(read(text.as_bytes(), Limits::default()).unwrap());
        let told = objects.iter().map(|object| {
            let text = |key| {
                object
                    .root
                    .get(key)
                    .and_then(Node::text)
                    .unwrap_or_default()
            };
            format!("{} {}{}", object.root.at, text("apiVersion"), text("kind"))
        });
        assert_eq!(told.collect::<Vec<_>>(), ["3:3 A", "7:5 x/v1B", "9:1 C"]);
    }
}
