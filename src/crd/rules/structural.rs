//! Structural schemas: types that are complete without `allOf`, `anyOf`, `oneOf` and `not`.
//!
//! Source: pkg/apiserver/schema/{convert,validation,complete}.go.

use super::super::finding::Findings;
use super::super::go::syntax_error;
use super::super::path::Path;
use super::super::schema::Schema;

/// Why no structural schema can be made of a schema.
pub(super) fn unsupported(schema: &Schema<'_>) -> Option<String> {
    let own = if !schema.id.is_empty() {
        Some("id")
    } else if !schema.dialect.is_empty() {
        Some("schema")
    } else if schema
        .reference
        .is_some_and(|reference| !reference.is_empty())
    {
        Some("$ref")
    } else if schema
        .pattern_properties
        .as_ref()
        .is_some_and(|map| !map.is_empty())
    {
        Some("patternProperties")
    } else if schema
        .dependencies
        .as_ref()
        .is_some_and(|map| !map.is_empty())
    {
        Some("dependencies")
    } else if schema.additional_items.is_some() {
        Some("additionalItems")
    } else if schema
        .definitions
        .as_ref()
        .is_some_and(|map| !map.is_empty())
    {
        Some("definitions")
    } else {
        None
    };
    if let Some(keyword) = own {
        return Some(format!("OpenAPIV3Schema '{keyword}' is not supported"));
    }
    first(schema.not.as_deref())
        .or_else(|| first(schema.all_of.iter().flatten()))
        .or_else(|| first(schema.any_of.iter().flatten()))
        .or_else(|| first(schema.one_of.iter().flatten()))
        .or_else(|| {
            (schema.preserve_unknown_fields == Some(false)).then(|| {
                "internal error: 'x-kubernetes-preserve-unknown-fields' must be true or undefined"
                    .to_owned()
            })
        })
        .or_else(|| {
            let items = schema.items.as_ref()?;
            let is_list = items.list.as_ref().is_some_and(|list| !list.is_empty());
            is_list
                .then(|| "OpenAPIV3Schema 'items' must be a schema, but is an array".to_owned())
                .or_else(|| items.schema.as_deref().and_then(unsupported))
        })
        .or_else(|| first(schema.properties().iter().map(|(_, schema)| schema)))
        .or_else(|| first(schema.additional()))
}

fn first<'s, 'd: 's>(schemas: impl IntoIterator<Item = &'s Schema<'d>>) -> Option<String> {
    schemas.into_iter().find_map(unsupported)
}

/// Adds what is not structural. `server` is where the API server has the schema.
pub(super) fn check(schema: &Schema<'_>, path: &Path<'_>, server: &str, findings: &mut Findings) {
    invariants(schema, Level::Root, path, findings);
    let root = Path::ROOT;
    values_complete(schema, Some(schema), path, &root.field(server), findings);
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Level {
    Root,
    Item,
    Field,
}

fn invariants(schema: &Schema<'_>, level: Level, path: &Path<'_>, findings: &mut Findings) {
    let rule = "structural";
    let item = schema.item();
    if schema.kind == "array" && item.is_none() {
        findings.required("items", &path.field("items"), "must be specified");
    }
    if let Some(item) = item {
        invariants(item, Level::Item, &path.field("items"), findings);
    }
    let properties = path.field("properties");
    for (name, property) in schema.properties() {
        invariants(property, Level::Field, &properties.key(name), findings);
    }
    let additional = path.field("additionalProperties");
    if schema.additional_properties.is_some() && level == Level::Root {
        findings.forbidden(
            "root-additional",
            &additional,
            "must not be used at the root",
        );
    }
    if let Some(schema) = schema.additional() {
        invariants(schema, Level::Field, &additional, findings);
    }
    extensions(schema, path, findings);
    let skips = Skips {
        any_of: is_int_or_string(schema.any_of.as_deref()),
        first_all_of: schema
            .all_of
            .as_deref()
            .and_then(<[_]>::first)
            .is_some_and(|first| is_int_or_string(first.any_of.as_deref())),
    };
    values(schema, skips, path, findings);
    let kind_path = path.field("type");
    if schema.embedded_resource && schema.kind != "object" {
        let detail = "must be object if x-kubernetes-embedded-resource is true";
        if schema.kind.is_empty() {
            findings.required(rule, &kind_path, detail);
        } else {
            findings.invalid(rule, &kind_path, schema.kind, detail);
        }
    } else if schema.kind.is_empty() && !schema.int_or_string && !schema.preserves() {
        let detail = match level {
            Level::Root => "must not be empty at the root",
            Level::Item => "must not be empty for specified array items",
            Level::Field => "must not be empty for specified object fields",
        };
        findings.required("structural-type", &kind_path, detail);
    }
    if schema.embedded_resource && schema.additional_properties.is_some() {
        let detail = "must not be used if x-kubernetes-embedded-resource is set";
        findings.forbidden("embedded-resource", &additional, detail);
    }
    if level == Level::Root && !schema.kind.is_empty() && schema.kind != "object" {
        findings.invalid(rule, &kind_path, schema.kind, "must be object at the root");
    }
    resource(schema, level, path, findings);
}

/// What holds of `kind`, `apiVersion` and `metadata` of a resource.
fn resource(schema: &Schema<'_>, level: Level, path: &Path<'_>, findings: &mut Findings) {
    let rule = "root-metadata";
    let properties = path.field("properties");
    let is_resource = level == Level::Root || schema.embedded_resource;
    for name in ["kind", "apiVersion"] {
        if let Some(property) = schema.property(name).filter(|_| is_resource)
            && property.kind != "string"
        {
            let path = properties.key(name);
            findings.invalid(rule, &path.field("type"), property.kind, "must be string");
        }
    }
    if let Some(metadata) = schema.property("metadata") {
        let path = properties.key("metadata");
        if is_resource && metadata.kind != "object" {
            findings.invalid(rule, &path.field("type"), metadata.kind, "must be object");
        }
        if level == Level::Root && !restricts_names_alone(metadata) {
            let detail = "must not specify anything other than name and generateName, but \
                          metadata is implicitly specified";
            findings.forbidden(rule, &path, detail);
        }
    }
    if schema.embedded_resource && !schema.preserves() && schema.properties().is_empty() {
        let detail = "must not be empty if x-kubernetes-embedded-resource is true without \
                      x-kubernetes-preserve-unknown-fields";
        findings.required("embedded-resource", &properties, detail);
    }
}

fn restricts_names_alone(metadata: &Schema<'_>) -> bool {
    let names = ["name", "generateName"];
    metadata
        .properties()
        .iter()
        .all(|(name, _)| names.contains(name))
        && is_bare(metadata)
}

/// Whether a schema says nothing but type, properties and default.
fn is_bare(schema: &Schema<'_>) -> bool {
    schema.description.is_empty()
        && schema.title.is_empty()
        && !schema.nullable
        && !schema.preserves()
        && !schema.embedded_resource
        && !schema.int_or_string
        && schema.list_map_keys.is_none()
        && schema.list_type.is_none()
        && schema.map_type.is_none()
        && schema.validations.is_none()
        && schema.item().is_none()
        && schema.additional_properties.is_none()
        && schema.format.is_empty()
        && schema.maximum.is_none()
        && !schema.exclusive_maximum
        && schema.minimum.is_none()
        && !schema.exclusive_minimum
        && schema.max_length.is_none()
        && schema.min_length.is_none()
        && schema.pattern.is_empty()
        && schema.max_items.is_none()
        && schema.min_items.is_none()
        && !schema.unique_items
        && schema.multiple_of.is_none()
        && schema.enumeration.is_none_or(<[_]>::is_empty)
        && schema.max_properties.is_none()
        && schema.min_properties.is_none()
        && schema.required.is_none()
        && [&schema.all_of, &schema.one_of, &schema.any_of]
            .iter()
            .all(|list| list.as_ref().is_none_or(Vec::is_empty))
        && schema.not.is_none()
}

/// `[{type: integer}, {type: string}]`, which may stand in `anyOf` although types may not.
fn is_int_or_string(any_of: Option<&[Schema<'_>]>) -> bool {
    let is = |schema: &Schema<'_>, kind: &str| {
        schema.kind == kind
            && schema.default.is_none()
            && schema.properties.is_none()
            && is_bare(schema)
    };
    matches!(any_of, Some([first, second]) if is(first, "integer") && is(second, "string"))
}

fn extensions(schema: &Schema<'_>, path: &Path<'_>, findings: &mut Findings) {
    let detail = "must be false if x-kubernetes-int-or-string is true";
    for (keyword, is) in [
        ("x-kubernetes-preserve-unknown-fields", schema.preserves()),
        ("x-kubernetes-embedded-resource", schema.embedded_resource),
    ] {
        if schema.int_or_string && is {
            findings.invalid(
                "int-or-string",
                &path.field(keyword),
                "true".to_owned(),
                detail,
            );
        }
    }
}

/// Where types may stand although they are nested: the two patterns of int-or-string.
#[derive(Clone, Copy, Default)]
struct Skips {
    any_of: bool,
    first_all_of: bool,
}

fn values(schema: &Schema<'_>, skips: Skips, path: &Path<'_>, findings: &mut Findings) {
    let none = Skips::default();
    let any_of = path.field("anyOf");
    for (index, schema) in schema
        .any_of
        .iter()
        .flatten()
        .enumerate()
        .filter(|_| !skips.any_of)
    {
        nested(schema, none, &any_of.index(index), findings);
    }
    let all_of = path.field("allOf");
    for (index, schema) in schema.all_of.iter().flatten().enumerate() {
        let skips = Skips {
            any_of: skips.first_all_of && index == 0,
            first_all_of: false,
        };
        nested(schema, skips, &all_of.index(index), findings);
    }
    let one_of = path.field("oneOf");
    for (index, schema) in schema.one_of.iter().flatten().enumerate() {
        nested(schema, none, &one_of.index(index), findings);
    }
    if let Some(not) = &schema.not {
        nested(not, none, &path.field("not"), findings);
    }
    if let Some(error) = Some(schema.pattern)
        .filter(|pattern| !pattern.is_empty())
        .and_then(syntax_error)
    {
        let detail = format!("must be a valid regular expression, but isn't: {error}");
        findings.invalid("pattern", &path.field("pattern"), schema.pattern, &detail);
        findings.suggest(pattern_advice(&error).map(str::to_owned));
    }
}

/// What to do about a pattern that Go refuses in these words.
fn pattern_advice(error: &str) -> Option<&'static str> {
    let advice = [
        (
            "invalid repeat count",
            "repeat at most 1000 times; repetitions within each other multiply",
        ),
        (
            "missing closing )",
            "close the group with `)`, or write `\\(` for the character itself",
        ),
        (
            "missing closing ]",
            "close the class with `]`, or write `\\[` for the character itself",
        ),
        (
            "unexpected )",
            "open the group with `(`, or write `\\)` for the character itself",
        ),
        (
            "missing argument to repetition operator",
            "write before it what is repeated, or a backslash for the character itself",
        ),
        (
            "invalid nested repetition operator",
            "put the inner repetition in parentheses",
        ),
        (
            "invalid escape sequence",
            "write the character itself, or its code as `\\x{…}`",
        ),
        ("expression too large", "repeat less, or split the field"),
        ("expression nests too deeply", "take parentheses out"),
    ];
    let found = advice.iter().find(|(code, _)| error.contains(code));
    found.map(|(_, advice)| *advice)
}

fn nested(schema: &Schema<'_>, skips: Skips, path: &Path<'_>, findings: &mut Findings) {
    let rule = "structural-nested";
    let none = Skips::default();
    values(schema, skips, path, findings);
    if let Some(item) = schema.item() {
        nested(item, none, &path.field("items"), findings);
    }
    let properties = path.field("properties");
    for (name, property) in schema.properties() {
        nested(property, none, &properties.key(name), findings);
    }
    let additional = schema.additional_properties.as_ref();
    let additional = additional.is_some_and(|or| or.allows || or.schema.is_some());
    let list_map_keys = schema
        .list_map_keys
        .as_ref()
        .is_some_and(|keys| !keys.is_empty());
    let validations = schema
        .validations
        .as_ref()
        .is_some_and(|rules| !rules.is_empty());
    for (keyword, is, state) in [
        ("type", !schema.kind.is_empty(), "empty"),
        ("additionalProperties", additional, "undefined"),
        ("default", schema.default.is_some(), "undefined"),
        ("title", !schema.title.is_empty(), "empty"),
        ("description", !schema.description.is_empty(), "empty"),
        ("nullable", schema.nullable, "false"),
        (
            "x-kubernetes-preserve-unknown-fields",
            schema.preserves(),
            "false",
        ),
        (
            "x-kubernetes-embedded-resource",
            schema.embedded_resource,
            "false",
        ),
        ("x-kubernetes-int-or-string", schema.int_or_string, "false"),
        ("x-kubernetes-list-map-keys", list_map_keys, "empty"),
        (
            "x-kubernetes-list-type",
            schema.list_type.is_some(),
            "undefined",
        ),
        (
            "x-kubernetes-map-type",
            schema.map_type.is_some(),
            "undefined",
        ),
        ("x-kubernetes-validations", validations, "empty"),
    ] {
        if is {
            let detail = format!("must be {state} to be structural");
            findings.forbidden(rule, &path.field(keyword), &detail);
        }
    }
    if schema.property("metadata").is_some() {
        let detail = "must not be specified in a nested context";
        findings.forbidden(rule, &properties.key("metadata"), detail);
    }
}

fn values_complete(
    values: &Schema<'_>,
    schema: Option<&Schema<'_>>,
    path: &Path<'_>,
    value_path: &Path<'_>,
    findings: &mut Findings,
) {
    if let Some(not) = &values.not {
        complete(not, schema, path, &value_path.field("not"), findings);
    }
    for (name, list) in [
        ("allOf", &values.all_of),
        ("anyOf", &values.any_of),
        ("oneOf", &values.one_of),
    ] {
        let value_path = value_path.field(name);
        for (index, values) in list.iter().flatten().enumerate() {
            complete(values, schema, path, &value_path.index(index), findings);
        }
    }
}

/// What is named within `allOf` and the like must be there without them.
fn complete(
    values: &Schema<'_>,
    schema: Option<&Schema<'_>>,
    path: &Path<'_>,
    value_path: &Path<'_>,
    findings: &mut Findings,
) {
    let rule = "structural-complete";
    let Some(schema) = schema else {
        return findings.required(
            rule,
            path,
            &format!("because it is defined in {value_path}"),
        );
    };
    values_complete(values, Some(schema), path, value_path, findings);
    if let Some(item) = values.item() {
        let (path, value_path) = (path.field("items"), value_path.field("items"));
        complete(item, schema.item(), &path, &value_path, findings);
    }
    let (path, value_path) = (path.field("properties"), value_path.field("properties"));
    for (name, property) in values.properties() {
        let (path, value_path) = (path.key(name), value_path.key(name));
        complete(
            property,
            schema.property(name),
            &path,
            &value_path,
            findings,
        );
    }
}
