//! Samples that are wrong in one place each, with what the server says to them.

use serde_json::{Map, Value, json};

use super::verdict::{Finding, under, verdict};
use crate::crd::document;
use crate::crd::finding::Findings;
use crate::crd::go::quote;
use crate::crd::resource::{instance::BLOCKED, scale};
use crate::crd::sample::{child, not_of_format};
use crate::crd::schema::{Schema, parse};
use crate::scaffold::field::{Node, Rule, Shape};
use crate::scaffold::schema::schema;

/// A sample with one thing wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct Broken {
    /// Whether a rule is broken, rather than the schema.
    pub by_rule: bool,
    /// What is wrong, as the name of a file: `spec-replicas-max`.
    pub name: String,
    /// The whole object below its metadata.
    pub value: Value,
    /// What the server finds, in its words: one text an error.
    pub messages: Vec<String>,
}

/// One change of a sample.
struct Change {
    place: Vec<Step>,
    /// What it is meant to break.
    breaks: &'static str,
    /// The new value; `None` takes the field away.
    value: Option<Value>,
    /// The message of the rule that it breaks, where it breaks one.
    rule: Option<String>,
}

#[derive(Clone, Debug)]
enum Step {
    Key(String),
    Item(usize),
}

/// All samples that break one limit of the root's fields each. A change that breaks more than one thing is left out, and so is
/// one that a rule may have something to say to: rules are not evaluated here. `replicas` is the JSON path of the number that is
/// scaled.
pub fn broken(root: &Node, replicas: Option<&str>, good: &Value) -> Vec<Broken> {
    let mut changes = Vec::new();
    for field in root.fields().iter().filter(|field| field.name != "status") {
        if let Some(value) = good.get(&field.name) {
            let place = vec![Step::Key(field.name.clone())];
            collect(&field.node, value, &place, &mut changes);
        }
        if !field.optional && field.node.default.is_none() {
            changes.push(Change::new(
                &[Step::Key(field.name.clone())],
                "required",
                None,
            ));
        }
    }
    let document = document::Node::from(&Value::Object(schema(root)));
    let schema = parse(&document);
    let broken = changes
        .into_iter()
        .filter_map(|change| change.apply(root, &schema, replicas, good));
    let mut all: Vec<Broken> = Vec::new();
    for mut sample in broken {
        let same = all.iter().filter(|other| other.name == sample.name).count();
        if same == 0 {
            all.push(sample);
        } else if sample.name.contains("-cel") {
            sample.name = format!("{}-{}", sample.name, all.len());
            all.push(sample);
        }
    }
    all
}

impl Change {
    fn new(place: &[Step], breaks: &'static str, value: Option<Value>) -> Change {
        Change {
            place: place.to_vec(),
            breaks,
            value,
            rule: None,
        }
    }

    fn apply(
        self,
        root: &Node,
        schema: &Schema<'_>,
        replicas: Option<&str>,
        good: &Value,
    ) -> Option<Broken> {
        let mut value = good.clone();
        put(&mut value, &self.place, self.value)?;
        let findings = under(schema, "", &value);
        let scaling = replicas.and_then(|path| not_scalable(path, &value));
        let by_rule = self.rule.is_some();
        let messages = match (&findings[..], self.rule) {
            ([], Some(message)) => vec![message],
            ([finding], None)
                if finding.broken == self.breaks
                    && (finding.blocking || !may_judge(root, &self.place)) =>
            {
                with_blocked(root, finding, scaling)
            }
            _ => return None,
        };
        Some(Broken {
            by_rule,
            name: file_name(&self.place, self.breaks),
            value,
            messages,
        })
    }
}

fn with_blocked(root: &Node, finding: &Finding, scaling: Option<String>) -> Vec<String> {
    let mut messages = vec![finding.message.clone()];
    messages.extend(scaling);
    if finding.blocking && root.has_rules() {
        messages.push(format!("<nil>: {BLOCKED}"));
    }
    messages
}

/// What the server says of the number that is scaled, beside what the schema has to say.
fn not_scalable(path: &str, value: &Value) -> Option<String> {
    let mut findings = Findings::default();
    scale::replicas(&document::Node::from(value), path, &mut findings);
    let told = findings.into_vec().into_iter().next()?;
    Some(format!("{path}: {}", told.message))
}

/// Whether a rule may have something to say to a change at this place: one at the place itself, or one above it that names the
/// next step on the way, or whose way leads through a list or a map.
fn may_judge(root: &Node, place: &[Step]) -> bool {
    let mut node = root;
    for step in place {
        let names_it = |rule: &Rule| match step {
            Step::Key(key) if matches!(node.shape, Shape::Object(_)) => {
                rule.rule.contains(key.as_str())
            }
            _ => true,
        };
        if node.rules.iter().any(names_it) {
            return true;
        }
        let next = match (&node.shape, step) {
            (Shape::List(item), Step::Item(_)) | (Shape::Map(item), Step::Key(_)) => Some(&**item),
            (Shape::Object(_), Step::Key(key)) => node.field(key).map(|field| &field.node),
            _ => None,
        };
        match next {
            Some(next) => node = next,
            None => return false,
        }
    }
    node.has_rules()
}

fn file_name(place: &[Step], breaks: &str) -> String {
    let words = place.iter().map(|step| match step {
        Step::Key(key) => plain(key),
        Step::Item(index) => index.to_string(),
    });
    let name: Vec<String> = words.chain([breaks.to_owned()]).collect();
    name.join("-")
}

/// A key without what a file's name should not have.
fn plain(key: &str) -> String {
    key.chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .take(40)
        .collect()
}

fn put(root: &mut Value, place: &[Step], new: Option<Value>) -> Option<()> {
    let (last, way) = place.split_last()?;
    let mut at = root;
    for step in way {
        at = match step {
            Step::Key(key) => at.get_mut(key)?,
            Step::Item(index) => at.get_mut(index)?,
        };
    }
    match (last, at) {
        (Step::Key(key), Value::Object(entries)) => match new {
            Some(value) => entries.insert(key.clone(), value).map(|_| ()),
            None => entries.shift_remove(key).map(|_| ()),
        },
        (Step::Item(index), Value::Array(items)) => {
            *items.get_mut(*index)? = new?;
            Some(())
        }
        _ => None,
    }
}

fn collect(node: &Node, value: &Value, place: &[Step], changes: &mut Vec<Change>) {
    // What stands in the option `schema` is not understood here.
    if node.setting("schema").is_none() {
        own(node, value, place, changes);
    }
    match (&node.shape, value) {
        (Shape::Object(fields), Value::Object(entries)) => {
            for field in fields {
                let below = [place, &[Step::Key(field.name.clone())]].concat();
                let Some(value) = entries.get(&field.name) else {
                    continue;
                };
                if !field.optional && field.node.default.is_none() {
                    changes.push(Change::new(&below, "required", None));
                }
                collect(&field.node, value, &below, changes);
            }
        }
        (Shape::List(item), Value::Array(items)) => {
            if let Some(value) = items.first() {
                collect(item, value, &[place, &[Step::Item(0)]].concat(), changes);
            }
        }
        (Shape::Map(item), Value::Object(entries)) => {
            if let Some((key, value)) = entries.iter().next() {
                collect(
                    item,
                    value,
                    &[place, &[Step::Key(key.clone())]].concat(),
                    changes,
                );
            }
        }
        _ => {}
    }
}

/// The changes at a place itself.
fn own(node: &Node, value: &Value, place: &[Step], changes: &mut Vec<Change>) {
    let mut change = |breaks, value| changes.push(Change::new(place, breaks, Some(value)));
    match &node.shape {
        Shape::String | Shape::Duration | Shape::DateTime => {
            change("type", json!(1));
            texts(node, value, &mut change);
        }
        Shape::Enum(_) => change("enum", json!("none-of-these")),
        Shape::Quantity | Shape::IntOrString => {
            change("type", json!(true));
            texts(node, value, &mut change);
        }
        Shape::Int | Shape::Int32 | Shape::Int64 | Shape::Float => {
            change("type", json!("text"));
            numbers(node, &mut change);
        }
        Shape::Bool | Shape::AnyObject => change("type", json!("text")),
        Shape::List(_) => {
            change("type", json!("text"));
            lists(node, value, &mut change);
        }
        Shape::Map(_) | Shape::Object(_) => {
            change("type", json!("text"));
            entries(node, value, &mut change);
        }
        Shape::Any | Shape::PodTemplate => {}
    }
    let path = path_of(place);
    for rule in &node.rules {
        if let Some(counterexample) = &rule.counterexample
            && let Some(message) = broken_rule(rule, &path, node, counterexample)
        {
            changes.push(Change {
                rule: Some(message),
                ..Change::new(place, "cel", Some(counterexample.clone()))
            });
        }
    }
}

fn count(node: &Node, name: &str) -> Option<usize> {
    node.setting(name)
        .and_then(Value::as_u64)
        .map(|count| count as usize)
}

fn texts(node: &Node, value: &Value, change: &mut impl FnMut(&'static str, Value)) {
    let text = value.as_str().unwrap_or("example");
    // More than that would make a file that nobody reads.
    if let Some(most) = count(node, "maxLength").filter(|most| *most <= 2048) {
        let longer = text.chars().chain(std::iter::repeat('a')).take(most + 1);
        change("maxLength", Value::String(longer.collect()));
    }
    if let Some(least) = count(node, "minLength").filter(|least| *least > 0) {
        change(
            "minLength",
            Value::String(text.chars().take(least - 1).collect()),
        );
    }
    if node.setting("pattern").is_some() || node.shape == Shape::Quantity {
        let candidates = ["not valid", "!", "", "-", "UPPER", "123", "a"].map(str::to_owned);
        let path = "x";
        let only_pattern = |text: &String| {
            let findings = verdict(&without_rules(node), path, &json!(text));
            matches!(&findings[..], [finding] if finding.broken == "pattern")
        };
        let longer = [
            format!("{text}!"),
            format!("{text} "),
            "!".repeat(count(node, "minLength").unwrap_or(1).min(512)),
        ];
        if let Some(text) = candidates.into_iter().chain(longer).find(only_pattern) {
            change("pattern", Value::String(text));
        }
    }
    let format = match node.shape {
        Shape::Duration => Some("duration"),
        Shape::DateTime => Some("date-time"),
        _ => node.setting("format").and_then(Value::as_str),
    };
    if let Some(text) = format.and_then(not_of_format) {
        change("format", json!(text));
    }
}

fn without_rules(node: &Node) -> Node {
    Node {
        rules: Vec::new(),
        ..node.clone()
    }
}

fn numbers(node: &Node, change: &mut impl FnMut(&'static str, Value)) {
    let limit = |name: &str| node.setting(name);
    for (name, sign) in [("max", 1), ("min", -1)] {
        if let Some(whole) = limit(name).and_then(Value::as_i64)
            && node.shape != Shape::Float
            && let Some(beyond) = whole.checked_add(sign * step(node))
        {
            change(name, json!(beyond));
        } else if let Some(edge) = limit(name).and_then(Value::as_f64)
            && node.shape == Shape::Float
        {
            // A number without a fraction is another type to the server, which then cuts the limit's fraction off.
            let beyond = edge + 0.5 * f64::from(sign as i32);
            let beyond = if beyond.fract() == 0.0 {
                edge + 0.25 * f64::from(sign as i32)
            } else {
                beyond
            };
            change(name, json!(beyond));
        }
    }
    if let Some(factor) = limit("multipleOf")
        .and_then(Value::as_i64)
        .filter(|factor| *factor > 1)
        && node.shape != Shape::Float
        && let Some(min) = limit("min").map_or(Some(0), Value::as_i64)
    {
        let multiple = min.saturating_add(factor - min.rem_euclid(factor));
        change("multipleOf", json!(multiple.saturating_add(1)));
    }
}

/// How far beyond a limit the next number lies that breaks nothing else.
fn step(node: &Node) -> i64 {
    match node.setting("multipleOf").and_then(Value::as_i64) {
        Some(factor) if factor > 0 => factor,
        _ => 1,
    }
}

fn lists(node: &Node, value: &Value, change: &mut impl FnMut(&'static str, Value)) {
    let items = value.as_array().cloned().unwrap_or_default();
    if let Some(least) = count(node, "minItems").filter(|least| *least > 0) {
        change(
            "minItems",
            Value::Array(items.iter().take(least - 1).cloned().collect()),
        );
    }
    let Some(first) = items.first() else {
        return;
    };
    let list_type = node.setting("listType").and_then(Value::as_str);
    if matches!(list_type, Some("set" | "map")) {
        let mut twice = items.clone();
        twice.push(first.clone());
        change("listType", Value::Array(twice));
    } else if let Some(most) = count(node, "maxItems").filter(|most| *most < 200) {
        change("maxItems", Value::Array(vec![first.clone(); most + 1]));
    }
}

fn entries(node: &Node, value: &Value, change: &mut impl FnMut(&'static str, Value)) {
    let Value::Object(entries) = value else {
        return;
    };
    let is_map = matches!(node.shape, Shape::Map(_));
    if let Some(least) = count(node, "minProperties").filter(|least| *least > 0 && is_map) {
        let fewer: Map<String, Value> = entries.clone().into_iter().take(least - 1).collect();
        change("minProperties", Value::Object(fewer));
    }
    if let Some(most) = count(node, "maxProperties").filter(|most| *most < 200 && is_map)
        && let Some(value) = entries.values().next()
    {
        let more = (0..=most).map(|index| (format!("key-{index}"), value.clone()));
        change("maxProperties", Value::Object(more.collect()));
    }
}

fn path_of(place: &[Step]) -> String {
    place.iter().fold(String::new(), |path, step| match step {
        Step::Key(key) => child(&path, key),
        Step::Item(index) => format!("{path}[{index}]"),
    })
}

/// What the server says when a rule is broken; nothing where an expression makes the message.
fn broken_rule(rule: &Rule, path: &str, node: &Node, value: &Value) -> Option<String> {
    if rule.message_expression.is_some() {
        return None;
    }
    let message = rule
        .message
        .clone()
        .unwrap_or_else(|| format!("failed rule: {}", rule.rule));
    let path = match &rule.field_path {
        Some(relative) => format!("{path}{relative}"),
        None => path.to_owned(),
    };
    let is_compound = matches!(
        node.shape,
        Shape::List(_) | Shape::Map(_) | Shape::Object(_) | Shape::AnyObject | Shape::PodTemplate
    );
    let shown = match value {
        _ if is_compound => String::new(),
        Value::String(text) => format!(": {}", quote(text)),
        value => format!(": {value}"),
    };
    Some(match rule.reason.as_deref() {
        Some("FieldValueForbidden") => format!("{path}: Forbidden: {message}"),
        Some("FieldValueRequired") => format!("{path}: Required value: {message}"),
        Some("FieldValueDuplicate") => format!("{path}: Duplicate value{shown}"),
        _ => format!("{path}: Invalid value{shown}: {message}"),
    })
}
