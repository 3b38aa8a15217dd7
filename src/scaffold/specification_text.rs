//! A description written as `api.toml`, which reads back as the same description.

use std::fmt::Write;

use super::answers::Body;
use super::description::{Description, Scope, Version};
use super::field::{Field, Shape, suffix};
use super::specification::toml_text;
use super::told::Told;

/// The text of the file.
pub fn text(description: &Description) -> String {
    let mut text = "# What the API is. `kubewright scaffold crd --spec api.toml --out . --force` makes everything else from it.\n".to_owned();
    head(description, &mut text);
    match &description.versions[..] {
        // One version that is as versions are needs no table of its own, but for its name.
        [version] => {
            body_keys(version, &mut text);
            let _ = writeln!(text, "\n[[versions]]\nname = {}", toml_text(&version.name));
            version_keys(version, &mut text, false);
            tables(version, "", &mut text);
        }
        versions => {
            for version in versions {
                let _ = writeln!(text, "\n[[versions]]\nname = {}", toml_text(&version.name));
                version_keys(version, &mut text, true);
                body_keys(version, &mut text);
                tables(version, "versions.", &mut text);
            }
        }
    }
    text
}

fn head(description: &Description, text: &mut String) {
    let names = &description.names;
    let mut put = |key: &str, value: &str| {
        let _ = writeln!(text, "{key} = {}", toml_text(value));
    };
    put("kind", &names.kind);
    put("group", &description.group);
    if !names.plural_is_guessed {
        put("plural", &names.plural);
    }
    if names.singular != names.kind.to_ascii_lowercase() {
        put("singular", &names.singular);
    }
    if names.list_kind != format!("{}List", names.kind) {
        put("list-kind", &names.list_kind);
    }
    if description.scope == Scope::Cluster {
        put("scope", "Cluster");
    }
    if let Some(approval) = &description.approval {
        put("api-approved", approval);
    }
    array("short", &names.short, text);
    array("categories", &names.categories, text);
}

fn array(key: &str, items: &[String], text: &mut String) {
    if !items.is_empty() {
        let items: Vec<String> = items.iter().map(|item| toml_text(item)).collect();
        let _ = writeln!(text, "{key} = [{}]", items.join(", "));
    }
}

fn version_keys(version: &Version, text: &mut String, with_storage: bool) {
    if !version.served {
        let _ = writeln!(text, "served = false");
    }
    if with_storage && version.storage {
        let _ = writeln!(text, "storage = true");
    }
    if let Some(deprecation) = &version.deprecation {
        let value = deprecation
            .warning
            .as_ref()
            .map_or("true".to_owned(), |warning| toml_text(warning));
        let _ = writeln!(text, "deprecated = {value}");
    }
}

fn body_keys(version: &Version, text: &mut String) {
    if !version.columns.is_empty() {
        let columns = version
            .columns
            .iter()
            .map(|column| format!("    {},\n", toml_text(&column.text())));
        let _ = writeln!(text, "columns = [\n{}]", columns.collect::<String>());
    }
    array("selectable", &version.selectable, text);
    if let Some(scale) = &version.scale {
        let paths = [
            Some(&scale.spec),
            Some(&scale.status),
            scale.selector.as_ref(),
        ];
        let paths: Vec<&str> = paths.into_iter().flatten().map(String::as_str).collect();
        let _ = writeln!(text, "scale = {}", toml_text(&paths.join(",")));
    }
    let has_status = version.root.field("status").is_some();
    if !has_status {
        let _ = writeln!(text, "status = false");
    }
    let more = standard(version).map(|standard| status_fields(version).len() - standard);
    if more.is_some_and(|more| more > 0) {
        let _ = writeln!(text, "standard-status = true");
    }
    if version.status != has_status {
        let _ = writeln!(text, "status-subresource = {}", version.status);
    }
}

/// The tables of `spec`, `status` and of all else that stands at the root. The tables of a single version stand at the top.
fn tables(version: &Version, prefix: &str, text: &mut String) {
    let mut others = Vec::new();
    for field in version.root.fields() {
        match &field.node.shape {
            Shape::Object(fields) if field.name == "status" && standard(version).is_some() => {
                let more = fields.len() - standard(version).unwrap_or_default();
                if more > 0 {
                    let _ = writeln!(text, "\n[{prefix}status]");
                    entries(&fields[..more], text);
                }
            }
            Shape::Object(fields) if field.name == "spec" || field.name == "status" => {
                let _ = writeln!(text, "\n[{prefix}{}]", field.name);
                let usual = field.optional == (field.name == "status");
                let behind = suffix(&field.node, field.optional);
                if !usual || !behind.trim_start_matches('?').is_empty() {
                    let _ = writeln!(text, "\".\" = {}", toml_text(&behind));
                }
                entries(fields, text);
            }
            _ => others.push(field.clone()),
        }
    }
    let behind = suffix(&version.root, false);
    let has_spec = version
        .root
        .field("spec")
        .is_some_and(|field| matches!(field.node.shape, Shape::Object(_)));
    if !others.is_empty() || !behind.is_empty() || !has_spec {
        let _ = writeln!(text, "\n[{prefix}root]");
        if !behind.is_empty() {
            let _ = writeln!(text, "\".\" = {}", toml_text(&behind));
        }
        entries(&others, text);
    }
}

fn status_fields(version: &Version) -> &[Field] {
    version
        .root
        .field("status")
        .map_or(&[], |status| status.node.fields())
}

/// How many fields at the end of the status are those that every status gets, if it ends with all of them.
fn standard(version: &Version) -> Option<usize> {
    let status = version.root.field("status")?;
    let mut body = Body::new();
    body.scale = version
        .scale
        .clone()
        .map(|scale| Told::argument("", "", scale));
    body.standard_status();
    let usual = body.root.field("status")?;
    let plain = suffix(&status.node, status.optional) == "?";
    (plain && status.node.fields().ends_with(usual.node.fields()))
        .then(|| usual.node.fields().len())
}

fn entries(fields: &[Field], text: &mut String) {
    for field in fields {
        let is_bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        let key = if !field.name.is_empty() && field.name.chars().all(is_bare) {
            field.name.clone()
        } else {
            serde_json::Value::String(field.name.clone()).to_string()
        };
        let _ = writeln!(text, "{key} = {}", toml_text(&field.typed()));
    }
}
