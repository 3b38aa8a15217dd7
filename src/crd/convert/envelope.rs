//! Everything of a definition but its versions.

use super::super::document::Node;
use super::super::edit::Operation;
use super::super::go::quote;
use super::super::path::Step;
use super::{Amendment, boolean, field, fields, list, map, text, versions_of};

/// The API version, the scope, the names of versions and columns, what the server had added.
pub(super) fn amend(root: &Node, kept: bool) -> Vec<Amendment> {
    let mut amendments = vec![Amendment {
        path: fields(&["apiVersion"]),
        message: "apiextensions.k8s.io/v1beta1 is gone since Kubernetes 1.22; now \
                  apiextensions.k8s.io/v1"
            .to_owned(),
        operations: vec![Operation::Set {
            path: fields(&["apiVersion"]),
            value: text("apiextensions.k8s.io/v1"),
        }],
    }];
    amendments.extend(of_server(root));
    let Some(spec) = root.get("spec") else {
        return amendments;
    };
    amendments.extend(scope(spec));
    amendments.extend(version(spec));
    if kept && spec.get("preserveUnknownFields").is_some() {
        let path = fields(&["spec", "preserveUnknownFields"]);
        amendments.push(Amendment {
            path: path.clone(),
            message: "v1 takes no true here; the schema says it, field by field".to_owned(),
            operations: vec![Operation::Set {
                path,
                value: boolean(false),
            }],
        });
    }
    let top = (fields(&["spec"]), spec);
    for (path, holder) in std::iter::once(top).chain(versions_of(root)) {
        columns(&path, holder, &mut amendments);
    }
    amendments
}

/// What the API server wrote into the object, and nobody writes into a manifest.
fn of_server(root: &Node) -> Vec<Amendment> {
    let mut gone = Vec::new();
    if root.get("status").is_some() {
        gone.push((fields(&["status"]), "the API server writes the status"));
    }
    let metadata = |key| root.dig(&["metadata", key]);
    if metadata("creationTimestamp").is_some_and(Node::is_null) {
        let path = fields(&["metadata", "creationTimestamp"]);
        gone.push((path, "the API server writes the time"));
    }
    if metadata("selfLink").is_some() {
        let path = fields(&["metadata", "selfLink"]);
        gone.push((path, "there are no links any more since Kubernetes 1.20"));
    }
    let amendment = |(path, why): (Vec<Step>, &str)| Amendment {
        message: format!("removed: {why}"),
        operations: vec![Operation::Remove { path: path.clone() }],
        path,
    };
    gone.into_iter().map(amendment).collect()
}

fn scope(spec: &Node) -> Option<Amendment> {
    if spec.get("scope").is_some() {
        return None;
    }
    let before = ["names", "version", "versions"];
    let before = before.into_iter().find(|key| spec.get(key).is_some());
    Some(Amendment {
        path: fields(&["spec", "scope"]),
        message: "added Namespaced, which v1beta1 took where there was none; v1 takes nothing"
            .to_owned(),
        operations: vec![Operation::Insert {
            map: fields(&["spec"]),
            key: "scope".to_owned(),
            value: text("Namespaced"),
            before: before.map(str::to_owned),
        }],
    })
}

/// `spec.version`, which was the name of the first version, or the only one.
fn version(spec: &Node) -> Option<Amendment> {
    let name = spec.get("version")?;
    let path = fields(&["spec", "version"]);
    let first = spec
        .get("versions")
        .and_then(Node::list)
        .and_then(<[Node]>::first);
    if let Some(first) = first {
        let first = first.get("name").and_then(Node::text).unwrap_or_default();
        let message = if name.text().is_some_and(|name| name != first) {
            let name = name.text().unwrap_or_default();
            format!(
                "removed: it says {}, and the first version is {}, which counts",
                quote(name),
                quote(first)
            )
        } else {
            "removed: spec.versions says it already".to_owned()
        };
        return Some(Amendment {
            operations: vec![Operation::Remove { path: path.clone() }],
            path,
            message,
        });
    }
    let only = map([
        ("name", name.clone()),
        ("served", boolean(true)),
        ("storage", boolean(true)),
    ]);
    let mut operations = Vec::new();
    if spec.get("versions").is_some() {
        let path = fields(&["spec", "versions"]);
        operations.push(Operation::Remove { path });
    }
    operations.push(Operation::Exchange {
        path: path.clone(),
        key: "versions".to_owned(),
        value: list(vec![only]),
    });
    Some(Amendment {
        path,
        message: "now the only one of spec.versions, served and stored".to_owned(),
        operations,
    })
}

fn columns(path: &[Step], holder: &Node, amendments: &mut Vec<Amendment>) {
    let path = field(path, "additionalPrinterColumns");
    let columns = holder.get("additionalPrinterColumns").and_then(Node::list);
    let mut operations = Vec::new();
    for (index, column) in columns.unwrap_or_default().iter().enumerate() {
        if column.get("JSONPath").is_some() && column.get("jsonPath").is_none() {
            operations.push(Operation::Rename {
                path: field(&super::below(&path, Step::Index(index)), "JSONPath"),
                key: "jsonPath".to_owned(),
            });
        }
    }
    if !operations.is_empty() {
        amendments.push(Amendment {
            path,
            message: "JSONPath is now jsonPath".to_owned(),
            operations,
        });
    }
}

const REVIEWS: &str = "conversionReviewVersions";

/// The webhook of a conversion has a map of its own.
pub(super) fn webhook(root: &Node) -> Vec<Amendment> {
    let Some(conversion) = root.dig(&["spec", "conversion"]) else {
        return Vec::new();
    };
    let (key, inner) = if conversion.get("webhookClientConfig").is_some() {
        ("webhookClientConfig", "clientConfig")
    } else if conversion.get(REVIEWS).is_some() {
        (REVIEWS, REVIEWS)
    } else {
        return Vec::new();
    };
    if conversion.get("webhook").is_some() {
        return Vec::new();
    }
    let path = fields(&["spec", "conversion", key]);
    vec![Amendment {
        path: path.clone(),
        message: format!("now spec.conversion.webhook.{inner}"),
        operations: vec![Operation::Wrap {
            path,
            outer: "webhook".to_owned(),
            inner: inner.to_owned(),
        }],
    }]
}

/// The versions of reviews that the webhook understands stand beside its address.
pub(super) fn reviews(root: &Node) -> Vec<Amendment> {
    let Some(webhook) = root.dig(&["spec", "conversion", "webhook"]) else {
        return Vec::new();
    };
    if webhook.map().is_none() || webhook.get(REVIEWS).is_some() {
        return Vec::new();
    }
    let to = fields(&["spec", "conversion", "webhook"]);
    let path = fields(&["spec", "conversion", REVIEWS]);
    if root.dig(&["spec", "conversion", REVIEWS]).is_some() {
        return vec![Amendment {
            path: path.clone(),
            message: format!("now spec.conversion.webhook.{REVIEWS}"),
            operations: vec![Operation::Move {
                path,
                to: vec![to],
                key: REVIEWS.to_owned(),
            }],
        }];
    }
    vec![Amendment {
        path: field(&to, REVIEWS),
        message: "added [v1beta1], which v1beta1 took where there was none; write v1 before it \
                  once the webhook speaks that"
            .to_owned(),
        operations: vec![Operation::Insert {
            map: to,
            key: REVIEWS.to_owned(),
            value: list(vec![text("v1beta1")]),
            before: None,
        }],
    }]
}
