//! What is wrong with fields, columns and paths, found before the server does.

use serde_json::Value;

use super::answers::{Body, COLUMN_TYPES};
use super::description::Scale;
use super::field::{Node, Shape};
use super::sample::verdict;
use super::told::{Complaint, Told};
use crate::crd::go::{parse_json_path, syntax_error};
use crate::recipe::nearest;

/// All that is wrong with a body.
pub(super) fn body(body: &Body, complaints: &mut Vec<Complaint>) {
    for told in &body.fields {
        let mut path = told.value.path.clone();
        path.push(told.value.field.name.clone());
        let mut wrong = Vec::new();
        node(&told.value.field.node, &path.join("."), &mut wrong);
        complaints.extend(
            wrong
                .into_iter()
                .map(|(message, label)| told.place.complain(message, label)),
        );
    }
    for column in &body.columns {
        columns(body, column, complaints);
    }
    if let Some(told) = &body.scale {
        scale(body, told, complaints);
    }
    selectable(body, complaints);
}

type Wrong = Vec<(String, String)>;

/// What is wrong with a node and below it, as message and label.
pub(super) fn node(node: &Node, path: &str, wrong: &mut Wrong) {
    pattern(node, path, wrong);
    defaults(node, path, wrong);
    list_type(node, path, wrong);
    match &node.shape {
        Shape::List(item) | Shape::Map(item) => self::node(item, &format!("{path}[]"), wrong),
        Shape::Object(fields) => {
            for field in fields {
                self::node(&field.node, &format!("{path}.{}", field.name), wrong);
            }
        }
        _ => {}
    }
}

fn pattern(node: &Node, path: &str, wrong: &mut Wrong) {
    let Some(pattern) = node.setting("pattern").and_then(Value::as_str) else {
        return;
    };
    if let Some(error) = syntax_error(pattern) {
        let reason = error
            .trim_start_matches("error parsing regexp: ")
            .to_owned();
        wrong.push((
            format!("the pattern of `{path}` must be a valid regular expression"),
            reason,
        ));
    }
}

fn defaults(node: &Node, path: &str, wrong: &mut Wrong) {
    for (what, value) in [
        ("default", node.default.as_ref()),
        ("example", node.setting("example")),
    ] {
        let Some(value) = value else { continue };
        for finding in verdict(node, path, value) {
            wrong.push((
                format!("the {what} of `{path}` does not hold"),
                finding.message,
            ));
        }
    }
}

fn list_type(node: &Node, path: &str, wrong: &mut Wrong) {
    let Shape::List(item) = &node.shape else {
        return;
    };
    let keys = node.setting("keys").and_then(Value::as_array);
    match (node.setting("listType").and_then(Value::as_str), keys) {
        (Some("map"), None) => wrong.push((
            format!("the list `{path}` of type map has no keys"),
            "add `keys=name`".to_owned(),
        )),
        (Some("map"), Some(keys)) => {
            for key in keys.iter().filter_map(Value::as_str) {
                map_key(item, key, path, wrong);
            }
        }
        (_, Some(_)) => wrong.push((
            format!("the list `{path}` has keys but is not of type map"),
            "add `listType=map`".to_owned(),
        )),
        (Some("set"), None)
            if !is_scalar(&item.shape)
                && item.setting("mapType") != Some(&Value::from("atomic")) =>
        {
            wrong.push((
                format!("the items of the set `{path}` are neither simple nor atomic"),
                "take `listType=map` with keys, or `atomic`".to_owned(),
            ));
        }
        _ => {}
    }
}

fn map_key(item: &Node, key: &str, path: &str, wrong: &mut Wrong) {
    let Shape::Object(_) = item.shape else {
        wrong.push((
            format!("the items of the list `{path}` of type map are no objects"),
            String::new(),
        ));
        return;
    };
    match item.field(key) {
        None => wrong.push((format!("the items of `{path}` have no field `{key}`, which identifies them"), String::new())),
        Some(field) if !is_scalar(&field.node.shape) => {
            wrong.push((format!("the field `{key}`, which identifies items of `{path}`, is not simple"), String::new()));
        }
        // The server: "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property".
        Some(field) if field.optional && field.node.default.is_none() => wrong.push((
            format!("the field `{key}`, which identifies items of `{path}`, must have a default or be required"),
            "take its `?` away, or add a default".to_owned(),
        )),
        Some(_) => {}
    }
}

fn is_scalar(shape: &Shape) -> bool {
    !matches!(
        shape,
        Shape::List(_)
            | Shape::Map(_)
            | Shape::Object(_)
            | Shape::AnyObject
            | Shape::Any
            | Shape::PodTemplate
    )
}

fn columns(body: &Body, told: &Told<super::description::Column>, complaints: &mut Vec<Complaint>) {
    let column = &told.value;
    if !COLUMN_TYPES.contains(&column.kind.as_str()) {
        let meant = match column.kind.as_str() {
            "int" | "int32" | "int64" => Some("integer"),
            "bool" => Some("boolean"),
            "float" => Some("number"),
            "date-time" | "time" => Some("date"),
            "text" => Some("string"),
            other => nearest(other, COLUMN_TYPES),
        };
        let label = meant.map_or_else(
            || COLUMN_TYPES.join(", "),
            |meant| format!("did you mean `{meant}`?"),
        );
        complaints.push(told.place.complain(format!("the type `{}` of the column `{}` must be one of boolean,date,integer,number,string", column.kind, column.name), label));
    }
    if column.name.is_empty() {
        complaints.push(told.place.complain("the column has no name", ""));
    }
    if !column.json_path.starts_with('.') {
        complaints.push(told.place.complain(
            format!(
                "the path of the column `{}` must be a simple json path starting with .",
                column.name
            ),
            format!("did you mean `.{}`?", column.json_path),
        ));
    } else if let Err(error) = parse_json_path(&column.json_path) {
        complaints.push(told.place.complain(
            format!("the path of the column `{}` is no JSONPath", column.name),
            error,
        ));
    } else if let Err(missing) = resolve(&body.root, &column.json_path) {
        complaints.push(told.place.complain(
            format!(
                "the column `{}` would always be empty: {}",
                column.name, missing.message
            ),
            missing.label,
        ));
    }
}

fn scale(body: &Body, told: &Told<Scale>, complaints: &mut Vec<Complaint>) {
    let scale = &told.value;
    for (path, root) in [(&scale.spec, ".spec."), (&scale.status, ".status.")] {
        if !path.starts_with(root) {
            complaints.push(told.place.complain(
                format!(
                    "`{path}` should be a json path under {}",
                    root.trim_end_matches('.')
                ),
                "",
            ));
            continue;
        }
        match resolve(&body.root, path) {
            Err(missing) => {
                let field = path.trim_start_matches(root);
                let label = if root == ".spec." {
                    format!("add `--field {field}:int32?=1`")
                } else {
                    missing.label
                };
                complaints.push(
                    told.place
                        .complain(format!("nothing to scale: {}", missing.message), label),
                );
            }
            Ok(Some(node)) if !matches!(node.shape, Shape::Int | Shape::Int32 | Shape::Int64) => {
                complaints.push(told.place.complain(
                    format!("nothing to scale: `{path}` is no whole number"),
                    "make it an int32",
                ));
            }
            Ok(_) => {}
        }
    }
    if let Some(path) = &scale.selector
        && !path.starts_with(".spec.")
        && !path.starts_with(".status.")
    {
        complaints.push(told.place.complain(
            format!("`{path}` should be a json path under either .spec or .status"),
            "",
        ));
    }
    if !body.status {
        complaints.push(
            told.place
                .complain("scaling needs the status, which is switched off", ""),
        );
    }
}

fn selectable(body: &Body, complaints: &mut Vec<Complaint>) {
    for (index, told) in body.selectable.iter().enumerate() {
        let path = &told.value;
        let complaint = if index == 8 {
            Some(("at most 8 fields are selectable".to_owned(), String::new()))
        } else if body.selectable[..index]
            .iter()
            .any(|other| other.value == *path)
        {
            Some((format!("`{path}` is selectable twice"), String::new()))
        } else if path.starts_with(".metadata") {
            Some((
                format!("`{path}` is selectable anyway, or not at all"),
                String::new(),
            ))
        } else {
            match resolve(&body.root, path) {
                Err(missing) => Some((
                    format!("`{path}` is an invalid path: {}", missing.message),
                    missing.label,
                )),
                Ok(Some(node)) if !is_selectable(&node.shape) => Some((
                    format!("`{path}` is no text, whole number or bool, so it cannot be selected"),
                    String::new(),
                )),
                Ok(_) => None,
            }
        };
        complaints.extend(complaint.map(|(message, label)| told.place.complain(message, label)));
    }
}

fn is_selectable(shape: &Shape) -> bool {
    let numbers = matches!(
        shape,
        Shape::Int | Shape::Int32 | Shape::Int64 | Shape::Bool
    );
    numbers || shape.is_text()
}

/// A path that leads nowhere.
pub(super) struct Missing {
    message: String,
    label: String,
}

/// The node that a JSON path leads to. Paths into metadata, with brackets, or into what may hold anything are not followed.
pub(super) fn resolve<'n>(root: &'n Node, path: &str) -> Result<Option<&'n Node>, Missing> {
    let mut node = root;
    let mut way = String::new();
    for name in path.trim_start_matches('.').split('.') {
        if name.contains(['[', '\'', '\\'])
            || (way.is_empty() && matches!(name, "metadata" | "apiVersion" | "kind"))
        {
            return Ok(None);
        }
        match &node.shape {
            Shape::Object(fields) => match fields.iter().find(|field| field.name == name) {
                Some(field) => node = &field.node,
                None if node.setting("preserve").is_some() || node.setting("schema").is_some() => {
                    return Ok(None);
                }
                None => {
                    let near = nearest(name, fields.iter().map(|field| field.name.as_str()));
                    return Err(Missing {
                        message: format!("there is no field `{way}.{name}`"),
                        label: near.map_or_else(String::new, |near| {
                            format!("did you mean `{way}.{near}`?")
                        }),
                    });
                }
            },
            Shape::Map(_) | Shape::Any | Shape::AnyObject | Shape::PodTemplate => return Ok(None),
            _ => {
                return Err(Missing {
                    message: format!("`{way}` is no object"),
                    label: String::new(),
                });
            }
        }
        way.push('.');
        way.push_str(name);
    }
    Ok(Some(node))
}
