//! Keywords of schemas: which are taken where, and with which values.
//!
//! Source: `validateCustomResourceDefinitionValidation`, `ValidateCustomResourceDefinitionOpenAPISchema` and
//! `specStandardValidatorV3` of pkg/apis/apiextensions/validation/validation.go.

use std::collections::HashSet;

use super::super::decoding::QUOTE_BOOLEAN;
use super::super::definition::Demands;
use super::super::era::Era;
use super::super::finding::Findings;
use super::super::go::{json_text, quote};
use super::super::path::Path;
use super::super::resource::format;
use super::super::schema::{Items, Schema, dump};
use super::{defaults, enumeration, expression, structural, validation};

const TYPES: [&str; 6] = ["array", "boolean", "integer", "number", "object", "string"];

/// Checks the schema of a version. `server` is where the API server has it, in whose messages that place stands.
pub(super) fn root(
    schema: &Schema<'_>,
    demands: Demands,
    has_status: bool,
    path: &Path<'_>,
    server: &str,
    findings: &mut Findings,
) {
    let before = findings.errors();
    if has_status {
        root_with_status(schema, demands.era, path, findings);
    }
    if schema.nullable {
        let detail = "nullable cannot be true at the root";
        findings.forbidden("root-nullable", &path.field("nullable"), detail);
    }
    let mut valid = false;
    let construct = structural::unsupported(schema).filter(|_| demands.structural());
    if construct.is_none() && demands.structural() {
        let errors = findings.errors();
        structural::check(schema, path, server, findings);
        if findings.errors() == errors {
            defaults::check(schema, path, findings);
        }
        valid = findings.errors() == errors;
    }
    let walk = Walk {
        demands,
        default_refusal: demands.beta.map(|_| no_defaults(demands.era)),
        inside_metadata: false,
    };
    let count = findings.count();
    walk.check(schema, path, true, findings);
    if let Some(message) = construct.filter(|_| findings.errors() == before) {
        findings.invalid("structural", path, "", &message);
    }
    if valid {
        let wrong = findings.errors_since(count);
        expression::check(schema, path, server, &wrong, findings);
    }
    formats(schema, path, findings);
}

/// Only these may stand at the root where `status` is checked by itself.
fn root_with_status(schema: &Schema<'_>, era: Era, path: &Path<'_>, findings: &mut Findings) {
    let rule = "root-with-status";
    let refuse = |findings: &mut Findings| {
        let rules = if era < Era(23) { "" } else { " XValidations" };
        let detail = format!(
            "only [Description Type Format Title Maximum ExclusiveMaximum Minimum \
             ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems \
             MultipleOf Required Items Properties ExternalDocs Example \
             XPreserveUnknownFields{rules}] fields are allowed at the root of the \
             schema if the status subresource is enabled"
        );
        findings.invalid(rule, path, dump(schema), &detail);
    };
    if !schema.id.is_empty() || !schema.dialect.is_empty() || schema.reference.is_some() {
        return refuse(findings);
    }
    if !schema.kind.is_empty() && schema.kind != "object" {
        let detail = "only \"object\" is allowed as the type at the root of the schema if the \
                      status subresource is enabled";
        return findings.invalid(rule, &path.field("type"), schema.kind, detail);
    }
    let forbidden = schema.nullable
        || schema.default.is_some()
        || schema.enumeration.is_some()
        || schema.max_properties.is_some()
        || schema.min_properties.is_some()
        || schema.all_of.is_some()
        || schema.one_of.is_some()
        || schema.any_of.is_some()
        || schema.not.is_some()
        || schema.additional_properties.is_some()
        || schema.pattern_properties.is_some()
        || schema.dependencies.is_some()
        || schema.additional_items.is_some()
        || schema.definitions.is_some()
        || schema.embedded_resource
        || schema.int_or_string
        || schema.list_map_keys.is_some()
        || schema.list_type.is_some()
        || schema.map_type.is_some();
    if forbidden {
        refuse(findings);
    }
}

/// Why there are no defaults in v1beta1.
fn no_defaults(era: Era) -> &'static str {
    match era {
        Era(..19) => "",
        Era(_) => {
            " (cannot set default values in apiextensions.k8s.io/v1beta1 CRDs, must use apiextensions.k8s.io/v1)"
        }
    }
}

/// What is known on the way down.
#[derive(Clone, Copy)]
struct Walk<'w> {
    demands: Demands,
    /// Why defaults are refused here.
    default_refusal: Option<&'w str>,
    /// Within `metadata`, `kind` or `apiVersion` of a resource.
    inside_metadata: bool,
}

impl Walk<'_> {
    fn check(self, schema: &Schema<'_>, path: &Path<'_>, is_root: bool, findings: &mut Findings) {
        self.standard(schema, path, findings);
        if schema.unique_items {
            let detail = "uniqueItems cannot be set to true since the runtime complexity becomes \
                          quadratic";
            findings.forbidden("unique-items", &path.field("uniqueItems"), detail);
        }
        self.additional(schema, path, findings);
        self.properties(schema, path, is_root, findings);
        self.junctors(schema, path, findings);
        if let Some(items) = &schema.items {
            self.items(items, &path.field("items"), findings);
        }
        for (name, dependency) in schema.dependencies.iter().flatten() {
            if let Some(schema) = &dependency.schema {
                self.check(
                    schema,
                    &path.field("dependencies").key(name),
                    false,
                    findings,
                );
            }
        }
        if schema.preserve_unknown_fields == Some(false) {
            let path = path.field("x-kubernetes-preserve-unknown-fields");
            let detail = "must be true or undefined";
            findings.invalid("preserve-unknown-fields", &path, "false".to_owned(), detail);
        }
        enumeration::check(schema, path, findings);
        map_type(schema, path, findings);
        list_type(schema, path, findings);
        map_keys(schema, path, findings);
        map_list(schema, path, findings);
        key_values(schema, path, findings);
        validation::check(schema, path, findings);
    }

    fn standard(self, schema: &Schema<'_>, path: &Path<'_>, findings: &mut Findings) {
        let is_typed = !schema.kind.is_empty() && self.demands.beta.is_none();
        if is_typed && !TYPES.contains(&schema.kind) {
            findings.unsupported("type", &path.field("type"), schema.kind, &TYPES);
        }
        if let (Some(_), Some(reason)) = (schema.default, self.default_refusal) {
            let detail = format!("must not be set{reason}");
            findings.forbidden("default-place", &path.field("default"), &detail);
        }
        let some =
            |map: &Option<Vec<(&str, Schema<'_>)>>| map.as_ref().is_some_and(|map| !map.is_empty());
        for (keyword, is) in [
            ("id", !schema.id.is_empty()),
            ("additionalItems", schema.additional_items.is_some()),
            ("patternProperties", some(&schema.pattern_properties)),
            ("definitions", some(&schema.definitions)),
            ("dependencies", schema.dependencies.is_some()),
            ("$ref", schema.reference.is_some()),
        ] {
            if is {
                let detail = format!("{keyword} is not supported");
                findings.forbidden("keyword", &path.field(keyword), &detail);
            }
        }
        if schema.kind == "null" {
            let detail = "type cannot be set to null, use nullable as an alternative";
            findings.forbidden("type", &path.field("type"), detail);
        }
        if is_list(schema.items.as_ref()) {
            let detail = "items must be a schema object and not an array";
            findings.forbidden("items", &path.field("items"), detail);
        }
        if self.inside_metadata && schema.embedded_resource {
            let detail = "must not be used inside of resource meta";
            findings.forbidden(
                "embedded-resource",
                &path.field("x-kubernetes-embedded-resource"),
                detail,
            );
        }
    }

    fn additional(self, schema: &Schema<'_>, path: &Path<'_>, findings: &mut Findings) {
        let Some(additional) = &schema.additional_properties else {
            return;
        };
        let path = path.field("additionalProperties");
        let says = !additional.allows || additional.schema.is_some();
        if !schema.properties().is_empty() && says {
            let detail = "additionalProperties and properties are mutual exclusive";
            findings.forbidden("properties-or-additional", &path, detail);
        }
        if let Some(schema) = &additional.schema {
            let mut below = self;
            if self.inside_metadata {
                below.default_refusal =
                    Some(" inside additionalProperties applying to object metadata");
            }
            below.check(schema, &path, false, findings);
        }
    }

    fn properties(
        self,
        schema: &Schema<'_>,
        path: &Path<'_>,
        is_root: bool,
        findings: &mut Findings,
    ) {
        let path = path.field("properties");
        for (name, property) in schema.properties() {
            let mut below = self;
            boolean_key(name, &path.key(name), findings);
            let refusal = format!(" in top-level {name}");
            let meta = ["metadata", "kind", "apiVersion"].contains(name);
            if meta && (is_root || schema.embedded_resource) {
                below.inside_metadata = true;
                if is_root {
                    below.default_refusal = Some(&refusal);
                }
            }
            below.check(property, &path.key(name), false, findings);
        }
    }

    fn junctors(self, schema: &Schema<'_>, path: &Path<'_>, findings: &mut Findings) {
        if let Some(not) = &schema.not {
            self.check(not, &path.field("not"), false, findings);
        }
        for (name, list) in [
            ("allOf", &schema.all_of),
            ("oneOf", &schema.one_of),
            ("anyOf", &schema.any_of),
        ] {
            let path = path.field(name);
            for (index, schema) in list.iter().flatten().enumerate() {
                self.check(schema, &path.index(index), false, findings);
            }
        }
        let path = path.field("definitions");
        for (name, schema) in schema.definitions.iter().flatten() {
            self.check(schema, &path.key(name), false, findings);
        }
    }

    fn items(self, items: &Items<'_>, path: &Path<'_>, findings: &mut Findings) {
        if let Some(schema) = &items.schema {
            self.check(schema, path, false, findings);
        }
        for (index, schema) in items.list.iter().flatten().enumerate() {
            self.check(schema, &path.index(index), false, findings);
        }
    }
}

/// `on:` is the key `true`.
fn boolean_key(name: &str, path: &Path<'_>, findings: &mut Findings) {
    if ["true", "false"].contains(&name) {
        let message = format!("the property is called {}", quote(name));
        findings.warning("boolean-key", path, message);
        findings.suggest(Some(QUOTE_BOOLEAN.to_owned()));
    }
}

fn is_list(items: Option<&Items<'_>>) -> bool {
    items
        .and_then(|items| items.list.as_ref())
        .is_some_and(|list| !list.is_empty())
}

/// `type` must be this, where another keyword is there.
fn needs_type(
    schema: &Schema<'_>,
    wanted: &str,
    keyword: &str,
    path: &Path<'_>,
    findings: &mut Findings,
) {
    let path = path.field("type");
    let detail = format!("must be {wanted} if {keyword} is specified");
    if schema.kind.is_empty() {
        findings.required("list-or-map-type", &path, &detail);
    } else {
        findings.invalid("list-or-map-type", &path, schema.kind, &detail);
    }
}

fn map_type(schema: &Schema<'_>, path: &Path<'_>, findings: &mut Findings) {
    let Some(map_type) = schema.map_type else {
        return;
    };
    let keyword = "x-kubernetes-map-type";
    if schema.kind != "object" {
        needs_type(schema, "object", keyword, path, findings);
    }
    if !["atomic", "granular"].contains(&map_type) {
        let known = ["atomic", "granular"];
        findings.unsupported("list-or-map-type", &path.field(keyword), map_type, &known);
    }
}

fn list_type(schema: &Schema<'_>, path: &Path<'_>, findings: &mut Findings) {
    let Some(list_type) = schema.list_type else {
        return;
    };
    let keyword = "x-kubernetes-list-type";
    if schema.kind != "array" {
        needs_type(schema, "array", keyword, path, findings);
    } else if let Some(item) = schema.item().filter(|_| list_type == "set") {
        let items = path.field("items");
        let detail = "must be atomic as item of a list with x-kubernetes-list-type=set";
        // The server quotes the list's type in both cases, through a pointer.
        let written = item.list_type.map_or_else(|| "null".to_owned(), json_text);
        match item.kind {
            "array" if item.list_type.is_some_and(|inner| inner != "atomic") => {
                findings.invalid("list-set", &items.field(keyword), written, detail);
            }
            "object" if item.map_type != Some("atomic") => {
                let path = items.field("x-kubernetes-map-type");
                findings.invalid("list-set", &path, written, detail);
            }
            _ => {}
        }
    }
    if !["atomic", "set", "map"].contains(&list_type) {
        let known = ["atomic", "set", "map"];
        findings.unsupported("list-or-map-type", &path.field(keyword), list_type, &known);
    }
}

fn map_keys(schema: &Schema<'_>, path: &Path<'_>, findings: &mut Findings) {
    if schema.list_map_keys.as_ref().is_none_or(Vec::is_empty) {
        return;
    }
    let path = path.field("x-kubernetes-list-type");
    let detail = "must be map if x-kubernetes-list-map-keys is non-empty";
    match schema.list_type {
        None => findings.required("list-map", &path, detail),
        Some("map") => {}
        Some(other) => findings.invalid("list-map", &path, other, detail),
    }
}

fn map_list(schema: &Schema<'_>, path: &Path<'_>, findings: &mut Findings) {
    if schema.list_type != Some("map") {
        return;
    }
    let keys = schema.list_map_keys.as_deref().unwrap_or_default();
    let keys_path = path.field("x-kubernetes-list-map-keys");
    let items = path.field("items");
    if keys.is_empty() {
        let detail = "must not be empty if x-kubernetes-list-type is map";
        findings.required("list-map", &keys_path, detail);
    }
    let Some(held) = &schema.items else {
        let detail = "must have a schema if x-kubernetes-list-type is map";
        return findings.required("list-map", &items, detail);
    };
    let Some(item) = held.schema.as_deref() else {
        let schemas: Vec<String> = held.list.iter().flatten().map(dump).collect();
        let list = held
            .list
            .as_ref()
            .map_or_else(|| "null".to_owned(), |_| format!("[{}]", schemas.join(",")));
        let written = format!("{{\"Schema\":null,\"JSONSchemas\":{list}}}");
        let detail = "must only have a single schema if x-kubernetes-list-type is map";
        return findings.invalid("list-map", &items, written, detail);
    };
    if item.kind != "object" {
        let detail = "must be object if parent array's x-kubernetes-list-type is map";
        findings.invalid("list-map", &items.field("type"), item.kind, detail);
        let advice =
            "only objects have keys: for others write `x-kubernetes-list-type: set` or `atomic`";
        findings.suggest(Some(advice.to_owned()));
        return;
    }
    let mut seen = HashSet::new();
    let written = super::super::schema::written_texts(Some(keys));
    for key in keys {
        match item.property(key) {
            Some(property) if ["array", "object"].contains(&property.kind) => {
                let properties = items.field("properties");
                let path = properties.key(key);
                let detail =
                    "must be a scalar type if parent array's x-kubernetes-list-type is map";
                findings.invalid("list-map", &path.field("type"), item.kind, detail);
            }
            Some(_) => {}
            None => {
                let detail = "entries must all be names of item properties";
                findings.invalid("list-map", &keys_path, written.clone(), detail);
            }
        }
        if !seen.insert(key) {
            let detail = "must not contain duplicate entries";
            findings.invalid("list-map", &keys_path, written.clone(), detail);
        }
    }
}

/// The keys of a map list must be there in each item, and no item may be nothing.
fn key_values(schema: &Schema<'_>, path: &Path<'_>, findings: &mut Findings) {
    let (Some(list_type @ ("set" | "map")), Some(item)) = (schema.list_type, schema.item()) else {
        return;
    };
    let items = path.field("items");
    if item.nullable {
        let detail = format!("cannot be nullable when x-kubernetes-list-type is {list_type}");
        findings.forbidden("list-nullable", &items.field("nullable"), &detail);
    }
    if list_type != "map" {
        return;
    }
    let properties = items.field("properties");
    let required = item.required.as_deref().unwrap_or_default();
    for key in schema.list_map_keys.iter().flatten() {
        let Some(property) = item.property(key) else {
            continue;
        };
        let path = properties.key(key);
        let detail = "this property is in x-kubernetes-list-map-keys, so it";
        if !required.contains(key) && property.default.is_none() {
            let detail = format!("{detail} must have a default or be a required property");
            findings.required("list-map-key", &path.field("default"), &detail);
        }
        if property.nullable {
            let detail = format!("{detail} cannot be nullable");
            findings.forbidden("list-map-key", &path.field("nullable"), &detail);
            findings.suggest(Some("remove `nullable`".to_owned()));
        }
    }
}

/// The server only warns of formats that it does not check.
fn formats(schema: &Schema<'_>, path: &Path<'_>, findings: &mut Findings) {
    if schema.kind == "string" && !schema.format.is_empty() && !format::is_supported(schema.format)
    {
        let message = format!("unrecognized format {}", quote(schema.format));
        findings.warning("format", &path.field("format"), message);
    }
    if let Some(item) = schema.item() {
        formats(item, &path.field("items"), findings);
    }
    if let Some(additional) = schema.additional() {
        formats(additional, &path.field("additionalProperties"), findings);
    }
    let properties = path.field("properties");
    for (name, property) in schema.properties() {
        formats(property, &properties.key(name), findings);
    }
}
