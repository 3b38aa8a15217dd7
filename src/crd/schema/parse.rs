//! A schema from a document that Go's decoder takes.

use super::{Additional, Dependency, Items, Properties, Schema, ValidationRule};
use crate::crd::document::{Node, Value};

/// Reads a schema; values that Go would refuse are passed over.
pub(crate) fn parse(node: &Node) -> Schema<'_> {
    let text = |key| node.get(key).and_then(Node::text).unwrap_or_default();
    let optional = |key| node.get(key).and_then(Node::text);
    let is = |key| node.get(key).and_then(Node::bool).unwrap_or_default();
    let integer = |key| node.get(key)?.number()?.integer();
    let float = |key| node.get(key)?.number()?.float();
    let any = |key| node.get(key).filter(|node| !node.is_null());
    Schema {
        id: text("id"),
        dialect: text("$schema"),
        reference: optional("$ref"),
        description: text("description"),
        kind: text("type"),
        nullable: is("nullable"),
        format: text("format"),
        title: text("title"),
        default: any("default"),
        maximum: float("maximum"),
        exclusive_maximum: is("exclusiveMaximum"),
        minimum: float("minimum"),
        exclusive_minimum: is("exclusiveMinimum"),
        max_length: integer("maxLength"),
        min_length: integer("minLength"),
        pattern: text("pattern"),
        max_items: integer("maxItems"),
        min_items: integer("minItems"),
        unique_items: is("uniqueItems"),
        multiple_of: float("multipleOf"),
        enumeration: node.get("enum").and_then(Node::list),
        max_properties: integer("maxProperties"),
        min_properties: integer("minProperties"),
        required: texts(node.get("required")),
        items: any("items").map(items),
        all_of: schemas(node.get("allOf")),
        one_of: schemas(node.get("oneOf")),
        any_of: schemas(node.get("anyOf")),
        not: any("not").map(boxed),
        properties: properties(node.get("properties")),
        additional_properties: any("additionalProperties").map(additional),
        pattern_properties: properties(node.get("patternProperties")),
        dependencies: node.get("dependencies").and_then(Node::map).map(|map| {
            let entries = map.sorted().into_iter();
            entries
                .map(|entry| (entry.key.as_str(), dependency(&entry.node)))
                .collect()
        }),
        additional_items: any("additionalItems").map(additional),
        definitions: properties(node.get("definitions")),
        external_docs: any("externalDocs").map(|docs| {
            let text = |key| docs.get(key).and_then(Node::text).unwrap_or_default();
            (text("description"), text("url"))
        }),
        example: any("example"),
        preserve_unknown_fields: node
            .get("x-kubernetes-preserve-unknown-fields")
            .and_then(Node::bool),
        embedded_resource: is("x-kubernetes-embedded-resource"),
        int_or_string: is("x-kubernetes-int-or-string"),
        list_map_keys: texts(node.get("x-kubernetes-list-map-keys")),
        list_type: optional("x-kubernetes-list-type"),
        map_type: optional("x-kubernetes-map-type"),
        validations: node
            .get("x-kubernetes-validations")
            .and_then(Node::list)
            .map(|list| list.iter().map(rule).collect()),
    }
}

fn boxed(node: &Node) -> Box<Schema<'_>> {
    Box::new(parse(node))
}

fn texts(node: Option<&Node>) -> Option<Vec<&str>> {
    let list = node?.list()?;
    Some(
        list.iter()
            .map(|item| item.text().unwrap_or_default())
            .collect(),
    )
}

fn schemas(node: Option<&Node>) -> Option<Vec<Schema<'_>>> {
    Some(node?.list()?.iter().map(parse).collect())
}

fn properties(node: Option<&Node>) -> Option<Properties<'_>> {
    let entries = node?.map()?.sorted().into_iter();
    Some(
        entries
            .map(|entry| (entry.key.as_str(), parse(&entry.node)))
            .collect(),
    )
}

fn items(node: &Node) -> Items<'_> {
    match &node.value {
        Value::Map(_) => Items {
            schema: Some(boxed(node)),
            list: None,
        },
        _ => Items {
            schema: None,
            list: schemas(Some(node)),
        },
    }
}

fn additional(node: &Node) -> Additional<'_> {
    match &node.value {
        Value::Map(_) => Additional {
            allows: true,
            schema: Some(boxed(node)),
        },
        _ => Additional {
            allows: node.bool().unwrap_or_default(),
            schema: None,
        },
    }
}

fn dependency(node: &Node) -> Dependency<'_> {
    match &node.value {
        Value::Map(_) => Dependency {
            schema: Some(boxed(node)),
            names: None,
        },
        _ => Dependency {
            schema: None,
            names: texts(Some(node)),
        },
    }
}

fn rule(node: &Node) -> ValidationRule<'_> {
    let text = |key| node.get(key).and_then(Node::text).unwrap_or_default();
    ValidationRule {
        rule: text("rule"),
        message: text("message"),
        message_expression: text("messageExpression"),
        reason: node.get("reason").and_then(Node::text),
        field_path: text("fieldPath"),
        optional_old_self: node.get("optionalOldSelf").and_then(Node::bool),
    }
}
