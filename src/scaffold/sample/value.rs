//! Samples that hold.

use serde_json::{Map, Value, json};

use super::pattern;
use super::verdict::{child, verdict};
use crate::scaffold::field::{Node, Shape};

/// How much a sample says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Extent {
    /// Only what is required and has no default.
    Least,
    /// Every field.
    Most,
}

/// No value could be found that holds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NoSample {
    /// The place, such as `spec.code`.
    pub path: String,
    /// Why not.
    pub why: String,
}

/// A sample of a node, which is checked: the server takes it, unless a rule is against it.
pub fn sample(node: &Node, path: &str, extent: Extent) -> Result<Value, NoSample> {
    let value = make(node, path, extent, 0)?;
    match verdict(node, path, &value).into_iter().next() {
        None => Ok(value),
        Some(finding) => Err(NoSample {
            path: path.to_owned(),
            why: finding.message,
        }),
    }
}

/// Makes the sample number `index` of those that must differ from each other.
fn make(node: &Node, path: &str, extent: Extent, index: u64) -> Result<Value, NoSample> {
    let given = node
        .setting("example")
        .or(node.default.as_ref())
        .or(fixed(node));
    if let Some(given) = given.filter(|_| index == 0) {
        return match verdict(node, path, given).into_iter().next() {
            None => Ok(given.clone()),
            Some(finding) => Err(NoSample {
                path: path.to_owned(),
                why: finding.message,
            }),
        };
    }
    match &node.shape {
        Shape::Enum(words) => {
            let word = words.get(index as usize % words.len().max(1));
            word.map(|word| json!(word))
                .ok_or_else(|| none(path, "its enum is empty"))
        }
        Shape::String | Shape::Duration | Shape::DateTime => text(node, path, index),
        Shape::Quantity => Ok(json!(format!("{}Mi", 100 * (index + 1)))),
        Shape::IntOrString if node.setting("pattern").is_some() => text(node, path, index),
        Shape::IntOrString => Ok(json!(8080 + index)),
        Shape::Int | Shape::Int32 | Shape::Int64 => integer(node, path, index),
        Shape::Float => float(node, path, index),
        Shape::Bool => Ok(json!(index == 0)),
        Shape::List(item) => list(node, item, path, extent),
        Shape::Map(item) => map(node, item, path, extent),
        Shape::Object(_) => object(node, path, extent, index),
        Shape::AnyObject if node.setting("embedded").is_some() => Ok(
            json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "example" } }),
        ),
        Shape::AnyObject => entries(node, path, |_| Ok(json!("value"))),
        Shape::Any => Ok(json!("anything")),
        Shape::PodTemplate => Ok(json!({
            "metadata": { "labels": { "app": "example" } },
            "spec": { "containers": [{ "name": "main", "image": "registry.k8s.io/pause:3.10" }] },
        })),
    }
}

/// The first value of an enum that stands in the option `schema`, as one of numbers does.
fn fixed(node: &Node) -> Option<&Value> {
    node.setting("schema")?.get("enum")?.as_array()?.first()
}

fn none(path: &str, why: &str) -> NoSample {
    NoSample {
        path: path.to_owned(),
        why: why.to_owned(),
    }
}

/// What nobody wants to read is not made.
fn small(path: &str, least: u64, most: u64) -> Result<u64, NoSample> {
    if least > most {
        return Err(none(path, "it would have to be too long"));
    }
    Ok(least)
}

fn count(node: &Node, name: &str) -> Option<u64> {
    node.setting(name).and_then(Value::as_u64)
}

fn text(node: &Node, path: &str, index: u64) -> Result<Value, NoSample> {
    let least = small(path, count(node, "minLength").unwrap_or(0), 1 << 16)? as usize;
    let most = count(node, "maxLength").map_or(usize::MAX, |most| most as usize);
    let format = match node.shape {
        Shape::Duration => Some("duration"),
        Shape::DateTime => Some("date-time"),
        _ => node.setting("format").and_then(Value::as_str),
    };
    if let Some(pattern) = node.setting("pattern").and_then(Value::as_str) {
        // Items that must differ do so by their lengths.
        let least = least.max(if index == 0 { 0 } else { index as usize + 1 });
        let text = pattern::matching(pattern, least..=most);
        return text
            .map(Value::String)
            .ok_or_else(|| none(path, "no text was found that matches its pattern"));
    }
    if let Some(text) = format.and_then(pattern::of_format) {
        return Ok(json!(text));
    }
    let name = path.rsplit('.').next().unwrap_or_default();
    let word = match name.split('[').next().unwrap_or_default() {
        "image" => "registry.k8s.io/pause:3.10",
        "" | "key" => "example",
        name => name,
    };
    let word = if index == 0 {
        word.to_owned()
    } else {
        format!("{index}-{word}")
    };
    let padded = word
        .chars()
        .chain(std::iter::repeat('a'))
        .take(least.max(word.chars().count()).min(most));
    Ok(Value::String(padded.collect()))
}

fn integer(node: &Node, path: &str, index: u64) -> Result<Value, NoSample> {
    let limit = |name: &str| node.setting(name).and_then(Value::as_f64);
    let is_set = |name: &str| node.setting(name).is_some();
    let least = limit("min").map(|min| {
        (min.ceil() as i64).saturating_add(i64::from(is_set("exclusiveMin") && min.fract() == 0.0))
    });
    let most = limit("max").map(|max| {
        (max.floor() as i64).saturating_sub(i64::from(is_set("exclusiveMax") && max.fract() == 0.0))
    });
    let step = limit("multipleOf").map_or(1, |factor| (factor as i64).max(1));
    let first = match (least, most) {
        (Some(least), _) => least,
        (None, Some(most)) if most < 1 => most
            .saturating_sub(most.rem_euclid(step))
            .saturating_sub(step.saturating_mul(4)),
        _ => 1,
    };
    let first = first.saturating_add((step - first.rem_euclid(step)) % step);
    let value = first.saturating_add(step.saturating_mul(i64::try_from(index).unwrap_or(i64::MAX)));
    if most.is_some_and(|most| value > most) {
        return Err(none(path, "no whole number lies within its limits"));
    }
    Ok(json!(value))
}

fn float(node: &Node, path: &str, index: u64) -> Result<Value, NoSample> {
    let limit = |name: &str| node.setting(name).and_then(Value::as_f64);
    if let Some(factor) = limit("multipleOf") {
        let first = limit("min").map_or(1.0, |min| (min / factor).floor() + 1.0);
        return Ok(json!(factor * (first + index as f64)));
    }
    let value = match (limit("min"), limit("max")) {
        (Some(min), Some(max)) if min > max => {
            return Err(none(path, "no number lies within its limits"));
        }
        (Some(min), Some(max)) => min + (max - min) / (index as f64 + 2.0),
        (Some(min), None) => min + 0.5 + index as f64,
        (None, Some(max)) => max - 0.5 - index as f64,
        (None, None) => 0.5 + index as f64,
    };
    Ok(json!(value))
}

fn list(node: &Node, item: &Node, path: &str, extent: Extent) -> Result<Value, NoSample> {
    let least = small(path, count(node, "minItems").unwrap_or(0), 1000)?;
    let length = match extent {
        Extent::Least => least,
        Extent::Most => least
            .max(1)
            .min(count(node, "maxItems").unwrap_or(u64::MAX)),
    };
    let must_differ = matches!(
        node.setting("listType").and_then(Value::as_str),
        Some("set" | "map")
    );
    let items = (0..length).map(|index| {
        let place = format!("{path}[{index}]");
        make(item, &place, extent, if must_differ { index } else { 0 })
    });
    items.collect::<Result<Vec<_>, _>>().map(Value::Array)
}

fn map(node: &Node, item: &Node, path: &str, extent: Extent) -> Result<Value, NoSample> {
    if extent == Extent::Least && count(node, "minProperties").is_none() {
        return Ok(json!({}));
    }
    entries(node, path, |place| make(item, place, extent, 0))
}

fn entries(
    node: &Node,
    path: &str,
    value: impl Fn(&str) -> Result<Value, NoSample>,
) -> Result<Value, NoSample> {
    let most = count(node, "maxProperties").unwrap_or(u64::MAX);
    let least = small(path, count(node, "minProperties").unwrap_or(0), 1000)?;
    let length = least.max(1).min(most);
    let names = (0..length).map(|index| {
        if index == 0 {
            "key".to_owned()
        } else {
            format!("key-{}", index + 1)
        }
    });
    let entries = names.map(|name| Ok((name.clone(), value(&child(path, &name))?)));
    entries.collect::<Result<Map<_, _>, _>>().map(Value::Object)
}

fn object(node: &Node, path: &str, extent: Extent, index: u64) -> Result<Value, NoSample> {
    let mut entries = Map::new();
    let mut optional = Vec::new();
    for field in node.fields() {
        let is_needed = !field.optional && field.node.default.is_none();
        if is_needed || extent == Extent::Most {
            let value = make(&field.node, &child(path, &field.name), extent, index)?;
            entries.insert(field.name.clone(), value);
        } else {
            optional.push(field);
        }
    }
    let least = count(node, "minProperties").unwrap_or(0) as usize;
    for field in optional
        .into_iter()
        .take(least.saturating_sub(entries.len()))
    {
        let value = make(&field.node, &child(path, &field.name), extent, index)?;
        entries.insert(field.name.clone(), value);
    }
    if node.setting("embedded").is_some() {
        for (key, value) in [
            ("apiVersion", json!("v1")),
            ("kind", json!("ConfigMap")),
            ("metadata", json!({ "name": "example" })),
        ] {
            entries.entry(key).or_insert(value);
        }
    }
    Ok(Value::Object(entries))
}
