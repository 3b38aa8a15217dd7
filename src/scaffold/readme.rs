//! The pages of a scaffolded CRD: a README with names, paths and a walk of commands, and a Makefile.

use std::fmt::Write;

use serde_json::{Value, json};

use super::description::{Description, Version};
use super::project::{Sample, path};

/// The Makefile.
pub(super) fn makefile(description: &Description) -> String {
    include_str!("../../templates/crd/Makefile")
        .replace("{{name}}", &description.name())
        .replace("{{kind}}", &description.names.kind)
}

/// The README.
pub(super) fn readme(description: &Description, samples: &[Sample]) -> String {
    let Some(version) = shown(description) else {
        return String::new();
    };
    let Some(sample) = full(description, version, samples) else {
        return String::new();
    };
    let names = &description.names;
    let patch = patch(&sample.object);
    let values: Vec<(&str, String)> = vec![
        ("name", description.name()),
        ("kind", names.kind.clone()),
        ("list_kind", names.list_kind.clone()),
        ("group", description.group.clone()),
        ("plural", names.plural.clone()),
        (
            "guessed",
            if names.plural_is_guessed {
                " (guessed; `plural` in `api.toml` sets it)"
            } else {
                ""
            }
            .to_owned(),
        ),
        ("singular", names.singular.clone()),
        ("short", listed(", short", &names.short)),
        (
            "categories",
            listed("; also listed by `kubectl get` with", &names.categories),
        ),
        ("scope", description.scope.name().to_owned()),
        ("versions", versions(description)),
        ("version", version.name.clone()),
        (
            "resource",
            format!("{}.{}.{}", names.plural, version.name, description.group),
        ),
        ("object", text(&sample.object["metadata"]["name"])),
        ("full", format!("samples/valid/{}.yaml", sample.name)),
        ("path", path(description, version, "default")),
        ("merge_patch", shell_text(&patch.merge)),
        ("json_patch", shell_text(&patch.json)),
        ("selectable", selectable(version, &sample.object)),
        ("scale", scale(version)),
        ("curl_scale", curl_scale(description, version)),
        ("status", status(version)),
    ];
    // Two rounds: what is put in has places of its own.
    let fill = |text: String| {
        values.iter().fold(text, |text, (key, value)| {
            text.replace(&format!("{{{{{key}}}}}"), value)
        })
    };
    fill(fill(
        include_str!("../../templates/crd/README.md").to_owned(),
    ))
}

/// The version that the walk goes through: the stored one if it is served.
fn shown(description: &Description) -> Option<&Version> {
    let stored = description.served().find(|version| version.storage);
    stored.or_else(|| description.served().next())
}

fn full<'s>(
    description: &Description,
    version: &Version,
    samples: &'s [Sample],
) -> Option<&'s Sample> {
    let version = format!("{}/{}", description.group, version.name);
    samples.iter().find(|sample| {
        sample.expected.is_none()
            && sample.name.ends_with("full")
            && sample.object["apiVersion"] == version.as_str()
    })
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn listed(before: &str, words: &[String]) -> String {
    if words.is_empty() {
        return String::new();
    }
    let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    format!("{before} {}", words.join(", "))
}

fn versions(description: &Description) -> String {
    let rows = description.versions.iter().map(|version| {
        let mut notes = Vec::new();
        for (is_so, note) in [
            (version.storage, "stored"),
            (!version.served, "not served"),
            (version.deprecation.is_some(), "deprecated"),
        ] {
            notes.extend(is_so.then_some(note));
        }
        format!(
            "| `{v}` | `{g}/{v}, Kind={k}` | `{g}/{v}, Resource={p}` | `{path}` | {notes} |",
            v = version.name,
            g = description.group,
            k = description.names.kind,
            p = description.names.plural,
            path = path(description, version, "NAMESPACE"),
            notes = notes.join(", "),
        )
    });
    rows.collect::<Vec<_>>().join("\n")
}

/// A change of one field, as two kinds of patches say it.
struct Patch {
    merge: Value,
    json: Value,
}

/// The change of the first simple field of the spec to the value that it has, or of a label.
fn patch(object: &Value) -> Patch {
    let simple = |value: &Value| !value.is_object() && !value.is_array();
    let spec = object["spec"].as_object();
    let field = spec.and_then(|spec| spec.iter().find(|(_, value)| simple(value)));
    match field {
        Some((name, value)) => {
            let pointer = name.replace('~', "~0").replace('/', "~1");
            Patch {
                merge: json!({ "spec": { name: value } }),
                json: json!([{ "op": "replace", "path": format!("/spec/{pointer}"), "value": value }]),
            }
        }
        None => Patch {
            merge: json!({ "metadata": { "labels": { "walk": "1" } } }),
            json: json!([{ "op": "add", "path": "/metadata/labels", "value": { "walk": "2" } }]),
        },
    }
}

/// JSON between single quotes of a shell.
fn shell_text(value: &Value) -> String {
    value.to_string().replace('\'', "'\\''")
}

fn selectable(version: &Version, object: &Value) -> String {
    let Some(path) = version.selectable.first() else {
        return String::new();
    };
    let value = path
        .trim_start_matches('.')
        .split('.')
        .fold(object, |value, name| &value[name]);
    let value = value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned);
    let selector = format!("{}={value}", path.trim_start_matches('.')).replace('\'', "'\\''");
    format!("kubectl get {{{{resource}}}} --field-selector '{selector}'\n")
}

fn scale(version: &Version) -> String {
    if version.scale.is_none() {
        return String::new();
    }
    format!(
        "\n# Scale it, as autoscalers do\nkubectl scale {{{{resource}}}} {{{{object}}}} --replicas={}\n",
        replicas(version)
    )
}

/// A number that the limits allow: the nearest to five.
fn replicas(version: &Version) -> i64 {
    let Some(scale) = &version.scale else {
        return 1;
    };
    let mut names = scale.spec.trim_start_matches('.').split('.');
    let node = names.try_fold(&version.root, |node, name| {
        node.field(name).map(|field| &field.node)
    });
    let limit = |name: &str| {
        node.and_then(|node| node.setting(name))
            .and_then(Value::as_i64)
    };
    5.clamp(
        limit("min").unwrap_or(0),
        limit("max")
            .unwrap_or(i64::MAX)
            .max(limit("min").unwrap_or(0)),
    )
}

fn curl_scale(description: &Description, version: &Version) -> String {
    if version.scale.is_none() {
        return String::new();
    }
    let mut text = String::new();
    let path = path(description, version, "default");
    let _ = writeln!(
        text,
        "curl --fail --no-progress-meter $server{path}/{{{{object}}}}/scale"
    );
    let _ = writeln!(
        text,
        "curl --fail --no-progress-meter -X PATCH -H 'Content-Type: application/merge-patch+json' -d '{{\"spec\":{{\"replicas\":{}}}}}' $server{path}/{{{{object}}}}/scale",
        replicas(version)
    );
    text
}

fn status(version: &Version) -> String {
    if !version.status || !version.root.has_conditions() {
        return String::new();
    }
    let condition = json!({ "status": { "conditions": [{
        "type": "Ready", "status": "True", "reason": "Walked", "message": "", "lastTransitionTime": "2026-01-31T12:00:00Z",
    }] } });
    format!(
        "\n# Write its status, as a controller does\nkubectl patch {{{{resource}}}} {{{{object}}}} --subresource=status --type=merge -p '{}'\nkubectl wait --for=condition=Ready --timeout=10s {{{{resource}}}} {{{{object}}}}\n",
        shell_text(&condition)
    )
}
