//! A schema as the API server quotes it in messages: its internal type in JSON, every field with Go's name.

use super::{Additional, Dependency, Items, Properties, Schema, ValidationRule};
use crate::crd::document::{Node, float_text};
use crate::crd::go::{json_value, push_text};

/// The schema in the internal form.
pub(crate) fn dump(schema: &Schema<'_>) -> String {
    let mut json = Json::default();
    json.schema(schema);
    json.text
}

/// A rule in JSON, as messages quote it.
pub(crate) fn rule(rule: &ValidationRule<'_>) -> String {
    let mut json = Json::default();
    json.rule(rule);
    json.text
}

/// Texts in JSON.
pub(super) fn texts(list: Option<&[&str]>) -> String {
    let mut json = Json::default();
    json.texts(list);
    json.text
}

/// JSON as it grows: a schema that is copied into the one above it again and again takes long.
#[derive(Default)]
struct Json {
    text: String,
}

impl Json {
    /// The name of a member; what follows is its value.
    fn name(&mut self, name: &str) {
        self.comma('{');
        push_text(&mut self.text, name);
        self.text.push(':');
    }

    /// Parts what is written from what comes, where something is written since an opening bracket.
    fn comma(&mut self, open: char) {
        if !self.text.ends_with(open) {
            self.text.push(',');
        }
    }

    fn object(&mut self, write: impl FnOnce(&mut Json)) {
        self.text.push('{');
        write(self);
        self.text.push('}');
    }

    fn list<T>(&mut self, list: &[T], write: impl Fn(&mut Json, &T)) {
        self.text.push('[');
        for (index, item) in list.iter().enumerate() {
            if index > 0 {
                self.text.push(',');
            }
            write(self, item);
        }
        self.text.push(']');
    }

    fn or_null<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Json, T)) {
        match value {
            Some(value) => write(self, value),
            None => self.text.push_str("null"),
        }
    }

    fn plain(&mut self, value: &str) {
        self.text.push_str(value);
    }

    fn string(&mut self, name: &str, text: &str) {
        self.name(name);
        push_text(&mut self.text, text);
    }

    fn optional(&mut self, name: &str, text: Option<&str>) {
        self.name(name);
        self.or_null(text, |json, text| push_text(&mut json.text, text));
    }

    fn bool(&mut self, name: &str, is: bool) {
        self.name(name);
        self.plain(if is { "true" } else { "false" });
    }

    fn number(&mut self, name: &str, number: Option<i64>) {
        self.name(name);
        self.or_null(number, |json, number| json.plain(&number.to_string()));
    }

    fn float(&mut self, name: &str, number: Option<f64>) {
        self.name(name);
        self.or_null(number, |json, number| json.plain(&float_text(number)));
    }

    fn value(&mut self, name: &str, node: Option<&Node>) {
        self.name(name);
        self.or_null(node, |json, node| json.plain(&json_value(node)));
    }

    fn texts(&mut self, list: Option<&[&str]>) {
        self.or_null(list, |json, list| {
            json.list(list, |json, text| push_text(&mut json.text, text));
        });
    }

    fn schema(&mut self, schema: &Schema<'_>) {
        self.object(|json| {
            json.limits(schema);
            json.name("Items");
            json.or_null(schema.items.as_ref(), Json::items);
            json.schemas("AllOf", schema.all_of.as_deref());
            json.schemas("OneOf", schema.one_of.as_deref());
            json.schemas("AnyOf", schema.any_of.as_deref());
            json.name("Not");
            json.or_null(schema.not.as_deref(), Json::schema);
            json.properties("Properties", schema.properties.as_ref());
            json.name("AdditionalProperties");
            json.or_null(schema.additional_properties.as_ref(), Json::additional);
            json.properties("PatternProperties", schema.pattern_properties.as_ref());
            json.name("Dependencies");
            json.or_null(schema.dependencies.as_ref(), |json, all| {
                json.object(|json| {
                    for (name, dependency) in all {
                        json.name(name);
                        json.dependency(dependency);
                    }
                });
            });
            json.name("AdditionalItems");
            json.or_null(schema.additional_items.as_ref(), Json::additional);
            json.properties("Definitions", schema.definitions.as_ref());
            json.extensions(schema);
        });
    }

    /// What a schema says of its own value.
    fn limits(&mut self, schema: &Schema<'_>) {
        self.string("ID", schema.id);
        self.string("Schema", schema.dialect);
        self.optional("Ref", schema.reference);
        self.string("Description", schema.description);
        self.string("Type", schema.kind);
        self.bool("Nullable", schema.nullable);
        self.string("Format", schema.format);
        self.string("Title", schema.title);
        self.value("Default", schema.default);
        self.float("Maximum", schema.maximum);
        self.bool("ExclusiveMaximum", schema.exclusive_maximum);
        self.float("Minimum", schema.minimum);
        self.bool("ExclusiveMinimum", schema.exclusive_minimum);
        self.number("MaxLength", schema.max_length);
        self.number("MinLength", schema.min_length);
        self.string("Pattern", schema.pattern);
        self.number("MaxItems", schema.max_items);
        self.number("MinItems", schema.min_items);
        self.bool("UniqueItems", schema.unique_items);
        self.float("MultipleOf", schema.multiple_of);
        self.name("Enum");
        self.or_null(schema.enumeration, |json, list| {
            json.list(list, |json, node| json.plain(&json_value(node)));
        });
        self.number("MaxProperties", schema.max_properties);
        self.number("MinProperties", schema.min_properties);
        self.name("Required");
        self.texts(schema.required.as_deref());
    }

    /// What stands behind what is within.
    fn extensions(&mut self, schema: &Schema<'_>) {
        self.name("ExternalDocs");
        self.or_null(schema.external_docs, |json, (description, url)| {
            json.object(|json| {
                json.string("Description", description);
                json.string("URL", url);
            });
        });
        self.value("Example", schema.example);
        self.name("XPreserveUnknownFields");
        self.or_null(schema.preserve_unknown_fields, |json, is| {
            json.plain(if is { "true" } else { "false" });
        });
        self.bool("XEmbeddedResource", schema.embedded_resource);
        self.bool("XIntOrString", schema.int_or_string);
        self.name("XListMapKeys");
        self.texts(schema.list_map_keys.as_deref());
        self.optional("XListType", schema.list_type);
        self.optional("XMapType", schema.map_type);
        self.name("XValidations");
        self.or_null(schema.validations.as_deref(), |json, list| {
            json.list(list, Json::rule);
        });
    }

    fn items(&mut self, items: &Items<'_>) {
        self.object(|json| {
            json.name("Schema");
            json.or_null(items.schema.as_deref(), Json::schema);
            json.schemas("JSONSchemas", items.list.as_deref());
        });
    }

    fn schemas(&mut self, name: &str, list: Option<&[Schema<'_>]>) {
        self.name(name);
        self.or_null(list, |json, list| json.list(list, Json::schema));
    }

    fn properties(&mut self, name: &str, map: Option<&Properties<'_>>) {
        self.name(name);
        self.or_null(map, |json, map| {
            json.object(|json| {
                for (name, schema) in map {
                    json.name(name);
                    json.schema(schema);
                }
            });
        });
    }

    fn additional(&mut self, or: &Additional<'_>) {
        self.object(|json| {
            json.bool("Allows", or.allows);
            json.name("Schema");
            json.or_null(or.schema.as_deref(), Json::schema);
        });
    }

    fn dependency(&mut self, or: &Dependency<'_>) {
        self.object(|json| {
            json.name("Schema");
            json.or_null(or.schema.as_deref(), Json::schema);
            json.name("Property");
            json.texts(or.names.as_deref());
        });
    }

    fn rule(&mut self, rule: &ValidationRule<'_>) {
        self.object(|json| {
            json.string("Rule", rule.rule);
            json.string("Message", rule.message);
            json.string("MessageExpression", rule.message_expression);
            json.optional("Reason", rule.reason);
            json.string("FieldPath", rule.field_path);
            json.name("OptionalOldSelf");
            json.or_null(rule.optional_old_self, |json, is| {
                json.plain(if is { "true" } else { "false" });
            });
        });
    }
}
