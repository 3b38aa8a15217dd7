//! Roles for people who read, write and administer the resource. The built-in roles of clusters take them in by their labels.

use serde_json::{Value, json};

use super::description::Description;

/// The three roles, each with the name of its file.
pub(super) fn roles(description: &Description) -> Vec<(&'static str, Value)> {
    let read = ["get", "list", "watch"];
    let write = [
        "create",
        "delete",
        "deletecollection",
        "get",
        "list",
        "patch",
        "update",
        "watch",
    ];
    vec![
        (
            "viewer",
            role(description, "viewer", &["view"], &read, &["get"]),
        ),
        (
            "editor",
            role(
                description,
                "editor",
                &["edit"],
                &write,
                &["get", "patch", "update"],
            ),
        ),
        // Whoever administers may also write the status, which is a controller's otherwise.
        (
            "admin",
            role(description, "admin", &["admin"], &["*"], &["*"]),
        ),
    ]
}

fn role(
    description: &Description,
    name: &str,
    aggregated: &[&str],
    verbs: &[&str],
    scale_verbs: &[&str],
) -> Value {
    let plural = &description.names.plural;
    let labels: serde_json::Map<String, Value> = aggregated
        .iter()
        .map(|role| {
            (
                format!("rbac.authorization.k8s.io/aggregate-to-{role}"),
                json!("true"),
            )
        })
        .collect();
    let rule = |resource: String, verbs: &[&str]| json!({ "apiGroups": [description.group], "resources": [resource], "verbs": verbs });
    let mut rules = vec![rule(plural.clone(), verbs)];
    if description.versions.iter().any(|version| version.status) {
        let verbs = if name == "admin" {
            &["*"][..]
        } else {
            &["get"][..]
        };
        rules.push(rule(format!("{plural}/status"), verbs));
    }
    if description
        .versions
        .iter()
        .any(|version| version.scale.is_some())
    {
        rules.push(rule(format!("{plural}/scale"), scale_verbs));
    }
    json!({
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": { "name": format!("{}-{name}", description.name()), "labels": labels },
        "rules": rules,
    })
}
