//! A schema as the API server quotes it in messages: its internal type in JSON, every field with Go's name.

use super::{Additional, Dependency, Properties, Schema, ValidationRule};
use crate::crd::document::float_text;
use crate::crd::go::{json_text, json_value, member, object};

const NULL: &str = "null";

/// The schema in the internal form.
pub(crate) fn dump(schema: &Schema<'_>) -> String {
    let fields: Vec<(&str, String)> = vec![
        ("ID", json_text(schema.id)),
        ("Schema", json_text(schema.dialect)),
        ("Ref", optional(schema.reference)),
        ("Description", json_text(schema.description)),
        ("Type", json_text(schema.kind)),
        ("Nullable", schema.nullable.to_string()),
        ("Format", json_text(schema.format)),
        ("Title", json_text(schema.title)),
        ("Default", or_null(schema.default, json_value)),
        ("Maximum", or_null(schema.maximum, float_text)),
        ("ExclusiveMaximum", schema.exclusive_maximum.to_string()),
        ("Minimum", or_null(schema.minimum, float_text)),
        ("ExclusiveMinimum", schema.exclusive_minimum.to_string()),
        ("MaxLength", number(schema.max_length)),
        ("MinLength", number(schema.min_length)),
        ("Pattern", json_text(schema.pattern)),
        ("MaxItems", number(schema.max_items)),
        ("MinItems", number(schema.min_items)),
        ("UniqueItems", schema.unique_items.to_string()),
        ("MultipleOf", or_null(schema.multiple_of, float_text)),
        (
            "Enum",
            or_null(schema.enumeration, |list| array(list, json_value)),
        ),
        ("MaxProperties", number(schema.max_properties)),
        ("MinProperties", number(schema.min_properties)),
        ("Required", texts(schema.required.as_deref())),
        (
            "Items",
            or_null(schema.items.as_ref(), |items| {
                object([
                    member("Schema", &or_null(items.schema.as_deref(), dump)),
                    member("JSONSchemas", &schemas(items.list.as_deref())),
                ])
            }),
        ),
        ("AllOf", schemas(schema.all_of.as_deref())),
        ("OneOf", schemas(schema.one_of.as_deref())),
        ("AnyOf", schemas(schema.any_of.as_deref())),
        ("Not", or_null(schema.not.as_deref(), dump)),
        ("Properties", properties(schema.properties.as_ref())),
        (
            "AdditionalProperties",
            or_null(schema.additional_properties.as_ref(), additional),
        ),
        (
            "PatternProperties",
            properties(schema.pattern_properties.as_ref()),
        ),
        (
            "Dependencies",
            or_null(schema.dependencies.as_ref(), |dependencies| {
                object(
                    dependencies
                        .iter()
                        .map(|(name, value)| member(name, &dependency(value))),
                )
            }),
        ),
        (
            "AdditionalItems",
            or_null(schema.additional_items.as_ref(), additional),
        ),
        ("Definitions", properties(schema.definitions.as_ref())),
        (
            "ExternalDocs",
            or_null(schema.external_docs, |(description, url)| {
                object([
                    member("Description", &json_text(description)),
                    member("URL", &json_text(url)),
                ])
            }),
        ),
        ("Example", or_null(schema.example, json_value)),
        (
            "XPreserveUnknownFields",
            or_null(schema.preserve_unknown_fields, |is| is.to_string()),
        ),
        ("XEmbeddedResource", schema.embedded_resource.to_string()),
        ("XIntOrString", schema.int_or_string.to_string()),
        ("XListMapKeys", texts(schema.list_map_keys.as_deref())),
        ("XListType", optional(schema.list_type)),
        ("XMapType", optional(schema.map_type)),
        (
            "XValidations",
            or_null(schema.validations.as_deref(), |list| array(list, rule)),
        ),
    ];
    object(fields.iter().map(|(name, json)| member(name, json)))
}

fn or_null<T>(value: Option<T>, write: impl FnOnce(T) -> String) -> String {
    value.map_or_else(|| NULL.to_owned(), write)
}

fn optional(text: Option<&str>) -> String {
    or_null(text, json_text)
}

fn number(number: Option<i64>) -> String {
    or_null(number, |number| number.to_string())
}

fn array<T>(list: &[T], write: impl Fn(&T) -> String) -> String {
    format!("[{}]", list.iter().map(write).collect::<Vec<_>>().join(","))
}

pub(super) fn texts(list: Option<&[&str]>) -> String {
    or_null(list, |list| array(list, |text| json_text(text)))
}

fn schemas(list: Option<&[Schema<'_>]>) -> String {
    or_null(list, |list| array(list, dump))
}

fn properties(map: Option<&Properties<'_>>) -> String {
    or_null(map, |map| {
        object(map.iter().map(|(name, schema)| member(name, &dump(schema))))
    })
}

fn additional(or: &Additional<'_>) -> String {
    object([
        member("Allows", &or.allows.to_string()),
        member("Schema", &or_null(or.schema.as_deref(), dump)),
    ])
}

fn dependency(or: &Dependency<'_>) -> String {
    object([
        member("Schema", &or_null(or.schema.as_deref(), dump)),
        member("Property", &texts(or.names.as_deref())),
    ])
}

/// A rule in JSON, as messages quote it.
pub(crate) fn rule(rule: &ValidationRule<'_>) -> String {
    object([
        member("Rule", &json_text(rule.rule)),
        member("Message", &json_text(rule.message)),
        member("MessageExpression", &json_text(rule.message_expression)),
        member("Reason", &optional(rule.reason)),
        member("FieldPath", &json_text(rule.field_path)),
        member(
            "OptionalOldSelf",
            &or_null(rule.optional_old_self, |is| is.to_string()),
        ),
    ])
}
