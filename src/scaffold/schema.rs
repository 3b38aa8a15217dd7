//! Nodes of the field language as OpenAPI schemas that are structural, and back.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::QUANTITY;
use super::field::{Field, KEYWORDS, Node, Rule, Setting, Shape, Takes};

/// `PodTemplateSpec` of Kubernetes 1.35, without documentation and without defaults but those of keys of lists; of metadata it
/// has what means something in a template. It is 60 KB, which an object holds (1.5 MiB) and the annotation of `kubectl apply`
/// too (256 KiB). `cargo xtask pod-template` writes it.
static POD_TEMPLATE: LazyLock<Map<String, Value>> = LazyLock::new(|| {
    let text = include_str!("../../templates/crd/pod-template.json");
    serde_json::from_str(text).unwrap_or_default()
});

/// The schema of a node.
pub fn schema(node: &Node) -> Map<String, Value> {
    let mut schema = plain_schema(node);
    if let Some(Value::Object(more)) = node.setting("schema") {
        for (key, value) in more {
            if value.is_null() {
                schema.shift_remove(key);
            } else {
                schema.insert(key.clone(), value.clone());
            }
        }
    }
    schema
}

/// The schema without what stands in the option `schema`.
fn plain_schema(node: &Node) -> Map<String, Value> {
    let mut schema = Map::new();
    let doc = node
        .settings
        .iter()
        .find(|setting| setting.keyword.name == "doc");
    let others = node
        .settings
        .iter()
        .filter(|setting| setting.keyword.takes != Takes::Schema && setting.keyword.name != "doc");
    let put = |schema: &mut Map<String, Value>, setting: &Setting| {
        schema.insert(setting.keyword.schema.to_owned(), setting.value.clone());
    };
    if let Some(doc) = doc {
        put(&mut schema, doc);
    }
    let children = shape_schema(&node.shape, &mut schema);
    if let Some(default) = &node.default {
        schema.insert("default".to_owned(), default.clone());
    }
    others.for_each(|setting| put(&mut schema, setting));
    schema.extend(children);
    if !node.rules.is_empty() {
        let rules = node.rules.iter().map(rule_schema).collect();
        schema.insert("x-kubernetes-validations".to_owned(), Value::Array(rules));
    }
    schema
}

/// Writes what the type alone says; what it holds is given back, since it stands behind the limits.
fn shape_schema(shape: &Shape, schema: &mut Map<String, Value>) -> Map<String, Value> {
    let mut children = Map::new();
    let (kind, format) = match shape {
        Shape::String | Shape::Enum(_) => ("string", ""),
        Shape::Duration => ("string", "duration"),
        Shape::DateTime => ("string", "date-time"),
        Shape::Int => ("integer", ""),
        Shape::Int32 => ("integer", "int32"),
        Shape::Int64 => ("integer", "int64"),
        Shape::Float => ("number", ""),
        Shape::Bool => ("boolean", ""),
        Shape::List(_) => ("array", ""),
        Shape::Map(_) | Shape::Object(_) | Shape::AnyObject => ("object", ""),
        Shape::Quantity | Shape::IntOrString | Shape::Any | Shape::PodTemplate => ("", ""),
    };
    for (key, word) in [("type", kind), ("format", format)] {
        if !word.is_empty() {
            schema.insert(key.to_owned(), json!(word));
        }
    }
    match shape {
        Shape::Enum(words) => {
            schema.insert("enum".to_owned(), json!(words));
        }
        Shape::List(node) => {
            children.insert("items".to_owned(), Value::Object(self::schema(node)));
        }
        Shape::Map(node) => {
            children.insert(
                "additionalProperties".to_owned(),
                Value::Object(self::schema(node)),
            );
        }
        Shape::Object(fields) => children = object_schema(fields),
        Shape::Quantity => {
            schema.insert("x-kubernetes-int-or-string".to_owned(), json!(true));
            schema.insert("pattern".to_owned(), json!(QUANTITY));
        }
        Shape::IntOrString => {
            schema.insert("x-kubernetes-int-or-string".to_owned(), json!(true));
        }
        Shape::AnyObject | Shape::Any => {
            schema.insert(
                "x-kubernetes-preserve-unknown-fields".to_owned(),
                json!(true),
            );
        }
        Shape::PodTemplate => schema.extend(POD_TEMPLATE.clone()),
        _ => {}
    }
    children
}

fn object_schema(fields: &[Field]) -> Map<String, Value> {
    let mut children = Map::new();
    let required: Vec<&str> = fields
        .iter()
        .filter(|field| !field.optional)
        .map(|field| field.name.as_str())
        .collect();
    if !required.is_empty() {
        children.insert("required".to_owned(), json!(required));
    }
    if !fields.is_empty() {
        let properties: Map<String, Value> = fields
            .iter()
            .map(|field| (field.name.clone(), Value::Object(schema(&field.node))))
            .collect();
        children.insert("properties".to_owned(), Value::Object(properties));
    }
    children
}

fn rule_schema(rule: &Rule) -> Value {
    let mut schema = Map::from_iter([("rule".to_owned(), json!(rule.rule))]);
    for (key, part) in [
        ("message", &rule.message),
        ("messageExpression", &rule.message_expression),
        ("reason", &rule.reason),
        ("fieldPath", &rule.field_path),
    ] {
        schema.extend(part.as_ref().map(|part| (key.to_owned(), json!(part))));
    }
    schema.extend(
        rule.optional_old_self
            .map(|flag| ("optionalOldSelf".to_owned(), json!(flag))),
    );
    Value::Object(schema)
}

/// The node whose schema this is. What the language has no word for goes into the option `schema`, so that nothing is lost.
pub fn node_of(schema: &Map<String, Value>) -> Node {
    let mut node = Node::new(shape_of(schema));
    if let Some(default) = schema.get("default")
        && fits(&node.shape, default)
    {
        node.default = Some(default.clone());
    }
    for (key, value) in schema {
        let keyword = KEYWORDS
            .iter()
            .find(|keyword| keyword.schema == key.as_str());
        if let Some(keyword) = keyword
            && keyword.applies_to(&node.shape)
            && takes(keyword.takes, value, &node.shape)
            && plain_schema(&Node::new(node.shape.clone())).get(key) != Some(value)
        {
            let value = value.clone();
            node.settings.push(Setting { keyword, value });
        }
    }
    if let Some(Value::Array(rules)) = schema.get("x-kubernetes-validations") {
        node.rules = rules.iter().filter_map(rule_of).collect();
    }
    keep_the_rest(&mut node, schema);
    node
}

/// Puts into the option `schema` what the node does not say of this schema, and null for what it says too much.
fn keep_the_rest(node: &mut Node, schema: &Map<String, Value>) {
    let said = plain_schema(node);
    let mut rest = Map::new();
    for (key, value) in schema {
        if said.get(key) != Some(value) {
            rest.insert(key.clone(), value.clone());
        }
    }
    for key in said.keys().filter(|key| !schema.contains_key(*key)) {
        rest.insert(key.clone(), Value::Null);
    }
    if let Some(keyword) = KEYWORDS
        .iter()
        .find(|keyword| keyword.takes == Takes::Schema)
        && !rest.is_empty()
    {
        let value = Value::Object(rest);
        node.settings.push(Setting { keyword, value });
    }
}

fn shape_of(schema: &Map<String, Value>) -> Shape {
    let text = |key: &str| schema.get(key).and_then(Value::as_str).unwrap_or_default();
    let is_true = |key: &str| schema.get(key) == Some(&Value::Bool(true));
    if is_true("x-kubernetes-int-or-string") {
        let quantity = text("pattern") == QUANTITY;
        return if quantity {
            Shape::Quantity
        } else {
            Shape::IntOrString
        };
    }
    if POD_TEMPLATE
        .iter()
        .all(|(key, value)| schema.get(key) == Some(value))
    {
        return Shape::PodTemplate;
    }
    match (text("type"), text("format")) {
        ("string", "duration") => Shape::Duration,
        ("string", "date-time") => Shape::DateTime,
        ("string", _) => words_of(schema).map_or(Shape::String, Shape::Enum),
        ("integer", "int32") => Shape::Int32,
        ("integer", "int64") => Shape::Int64,
        ("integer", _) => Shape::Int,
        ("number", _) => Shape::Float,
        ("boolean", _) => Shape::Bool,
        ("array", _) => match schema.get("items") {
            Some(Value::Object(items)) => Shape::List(Box::new(node_of(items))),
            _ => Shape::Any,
        },
        ("object", _) => object_of(schema),
        _ => Shape::Any,
    }
}

fn words_of(schema: &Map<String, Value>) -> Option<Vec<String>> {
    let words = schema.get("enum")?.as_array()?;
    let words: Option<Vec<String>> = words
        .iter()
        .map(|word| word.as_str().map(str::to_owned))
        .collect();
    words.filter(|words| !words.is_empty())
}

fn object_of(schema: &Map<String, Value>) -> Shape {
    if let Some(Value::Object(values)) = schema.get("additionalProperties") {
        return Shape::Map(Box::new(node_of(values)));
    }
    let Some(Value::Object(properties)) = schema.get("properties") else {
        let open = schema.contains_key("x-kubernetes-preserve-unknown-fields");
        return if open {
            Shape::AnyObject
        } else {
            Shape::Object(Vec::new())
        };
    };
    let required = schema.get("required").and_then(Value::as_array);
    let is_required =
        |name: &str| required.is_some_and(|names| names.iter().any(|required| required == name));
    let fields = properties.iter().map(|(name, schema)| Field {
        name: name.clone(),
        optional: !is_required(name),
        node: match schema {
            Value::Object(schema) => node_of(schema),
            _ => Node::new(Shape::Any),
        },
    });
    Shape::Object(fields.collect())
}

/// Whether a value can stand bare in the language at a value of this type.
fn fits(shape: &Shape, value: &Value) -> bool {
    !shape.is_text() || value.is_string()
}

fn takes(takes: Takes, value: &Value, shape: &Shape) -> bool {
    match takes {
        Takes::Number => value.is_number(),
        Takes::Count => value
            .as_u64()
            .is_some_and(|count| u32::try_from(count).is_ok()),
        Takes::Text => value.is_string(),
        Takes::Word(words) => value.as_str().is_some_and(|word| words.contains(&word)),
        Takes::Names => value
            .as_array()
            .is_some_and(|names| !names.is_empty() && names.iter().all(Value::is_string)),
        Takes::Value => fits(shape, value),
        Takes::Flag => value == &Value::Bool(true),
        Takes::Schema => false,
    }
}

fn rule_of(schema: &Value) -> Option<Rule> {
    let text = |key: &str| schema.get(key).and_then(Value::as_str).map(str::to_owned);
    let rule = text("rule").filter(|rule| !rule.is_empty())?;
    Some(Rule {
        rule,
        message: text("message"),
        message_expression: text("messageExpression"),
        reason: text("reason"),
        field_path: text("fieldPath"),
        optional_old_self: schema.get("optionalOldSelf").and_then(Value::as_bool),
        counterexample: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scaffold::field::parse;

    fn of(text: &str) -> Value {
        Value::Object(schema(&parse(text).unwrap().field.node))
    }

    #[test]
    fn each_type_has_its_schema() {
        for (text, expected) in [
            ("a:string", json!({"type": "string"})),
            (
                "a:int32?=1{min=1,max=10}",
                json!({"type": "integer", "format": "int32", "default": 1, "minimum": 1, "maximum": 10}),
            ),
            (
                "a:quantity",
                json!({"x-kubernetes-int-or-string": true, "pattern": QUANTITY}),
            ),
            ("a:enum(x|y)", json!({"type": "string", "enum": ["x", "y"]})),
            (
                "a:[]string{maxItems=3}",
                json!({"type": "array", "items": {"type": "string"}, "maxItems": 3}),
            ),
            (
                "a:map[string](int{min=0})",
                json!({"type": "object", "additionalProperties": {"type": "integer", "minimum": 0}}),
            ),
            (
                "a:object(b:bool, c:any?)",
                json!({"type": "object", "required": ["b"], "properties": {"b": {"type": "boolean"}, "c": {"x-kubernetes-preserve-unknown-fields": true}}}),
            ),
            (
                r#"a:string{cel=self != 'x' => not x,schema='{"not":{"enum":["y"]}}'}"#,
                json!({"type": "string", "x-kubernetes-validations": [{"rule": "self != 'x'", "message": "not x"}], "not": {"enum": ["y"]}}),
            ),
        ] {
            assert_eq!(of(text), expected, "{text}");
        }
    }

    #[test]
    fn any_schema_is_read_back_without_loss() {
        for value in [
            json!({}),
            json!({"type": "string", "format": "duration", "default": 1}),
            json!({"type": "integer", "enum": [1, 2], "nullable": false}),
            json!({"type": "object", "properties": {"a": {"oneOf": [{"required": ["b"]}]}}, "required": ["z"]}),
            json!({"x-kubernetes-int-or-string": true, "anyOf": [{"type": "integer"}, {"type": "string"}], "pattern": "x"}),
            json!({"type": "array"}),
            json!({"type": "object", "additionalProperties": true}),
            json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true, "properties": {"b": {"type": "string"}}}),
            json!({"type": "object", "x-kubernetes-validations": [{"rule": ""}]}),
        ] {
            let Value::Object(schema) = &value else {
                unreachable!()
            };
            let node = node_of(schema);
            assert_eq!(Value::Object(super::schema(&node)), value, "{node:?}");
            let printed = Field {
                name: "a".to_owned(),
                optional: false,
                node: node.clone(),
            }
            .to_string();
            assert_eq!(parse(&printed).unwrap().field.node, node, "{printed}");
        }
    }
}
