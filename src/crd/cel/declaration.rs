//! What a schema is to CEL: its type, how large its values may be, and how they are read.
//!
//! Source: `SchemaDeclType` of k8s.io/apiserver/pkg/cel/common/schemas.go, and k8s.io/apiserver/pkg/cel/types.go.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::check::Objects;
use super::kind::Type;
use super::unescape::{escape, is_reserved};
use crate::crd::schema::Schema;

/// The largest request that the API server takes, in bytes.
const REQUEST: i64 = 3 * 1024 * 1024;

/// What a schema is to CEL.
#[derive(Debug)]
pub(crate) struct Declaration {
    pub(super) of: Type,
    pub(super) form: Form,
    /// How many elements, or bytes, a value has at most.
    pub(super) most: u64,
    /// How many bytes a value takes at least, as JSON.
    pub(super) least: i64,
    pub(super) nullable: bool,
}

/// How values are read.
#[derive(Debug)]
pub(super) enum Form {
    Bool,
    Integer,
    IntOrString,
    Number,
    Text,
    /// A text in a format that has a type of its own.
    Special,
    List(Rc<Declaration>, ListKind),
    Map(Rc<Declaration>),
    /// Fields by the names that CEL has for them, with their own.
    Object(BTreeMap<String, (String, Rc<Declaration>)>),
}

/// `x-kubernetes-list-type`
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum ListKind {
    Atomic,
    Set,
    Map,
}

impl Declaration {
    /// Reads a schema; None where CEL cannot see it. `is_resource` tells that it is the root of a resource.
    pub(crate) fn of(schema: &Schema<'_>, is_resource: bool) -> Option<Rc<Declaration>> {
        read(schema, is_resource, "selfType").map(Rc::new)
    }

    /// How many bytes a value takes at least, with the comma after it.
    pub(crate) fn least_with_comma(&self) -> u64 {
        self.least.unsigned_abs() + 1
    }

    /// A field of an object, by the name that an expression has for it.
    pub(super) fn field(&self, name: &str) -> Option<&Rc<Declaration>> {
        let Form::Object(fields) = &self.form else {
            return None;
        };
        let found = fields.get(name);
        // Since 1.31 words that CEL keeps for itself name fields as they are.
        let found = found.or_else(|| {
            fields
                .get(&format!("__{name}__"))
                .filter(|_| is_reserved(name))
        });
        found.map(|(_, declaration)| declaration)
    }

    /// Adds this and what is within to the objects that have names.
    pub(super) fn collect(self: &Rc<Declaration>, objects: &mut Objects) {
        match &self.form {
            Form::Object(fields) => {
                if let Type::Struct(name) = &self.of {
                    objects.insert(name.clone(), Rc::clone(self));
                }
                for (_, field) in fields.values() {
                    field.collect(objects);
                }
            }
            Form::List(inner, _) | Form::Map(inner) => inner.collect(objects),
            _ => {}
        }
    }
}

fn length_of(text: &str) -> i64 {
    i64::try_from(text.len()).unwrap_or(i64::MAX)
}

fn simple(of: Type, form: Form, most: i64, least: i64) -> Declaration {
    Declaration {
        of,
        form,
        most: most.unsigned_abs(),
        least,
        nullable: false,
    }
}

fn read(schema: &Schema<'_>, is_resource: bool, name: &str) -> Option<Declaration> {
    let mut declaration = read_plain(schema, is_resource, name)?;
    declaration.nullable = schema.nullable;
    Some(declaration)
}

fn read_plain(schema: &Schema<'_>, is_resource: bool, name: &str) -> Option<Declaration> {
    let no_less = |length: i64| length.max(0);
    if schema.int_or_string {
        let most = schema
            .max_length
            .map_or(REQUEST - 2, |most| no_less(most).saturating_mul(4));
        return Some(simple(Type::Dyn, Form::IntOrString, most, 1));
    }
    match schema.kind {
        "array" => {
            let item = schema.item()?;
            let item = read(item, item.embedded_resource, &format!("{name}.@idx"))?;
            let most = schema
                .max_items
                .map_or((REQUEST - 2) / (item.least + 1), no_less);
            let kind = match schema.list_type {
                Some("map") => ListKind::Map,
                Some("set") => ListKind::Set,
                _ => ListKind::Atomic,
            };
            let of = item.of.clone().list();
            Some(simple(of, Form::List(Rc::new(item), kind), most, 2))
        }
        "object" => object(schema, is_resource, name),
        "string" => Some(text(schema)),
        "boolean" => Some(simple(Type::Bool, Form::Bool, 0, 4)),
        "number" => Some(simple(Type::Double, Form::Number, 0, 1)),
        "integer" => Some(simple(Type::Int, Form::Integer, 0, 1)),
        _ => None,
    }
}

fn text(schema: &Schema<'_>) -> Declaration {
    let length = schema.max_length.map(|most| most.max(0));
    let special = |of, most, least| simple(of, Form::Special, most, least);
    match schema.format {
        "byte" => special(Type::Bytes, length.unwrap_or(REQUEST - 2), 2),
        "duration" => special(Type::Duration, 32, 3),
        "date" => special(Type::Timestamp, 12, 12),
        "date-time" => special(Type::Timestamp, 32, 21),
        _ => {
            let values = schema.enumeration.unwrap_or_default();
            let most = match length {
                Some(most) => most.saturating_mul(4),
                None if values.is_empty() => REQUEST - 2,
                None => {
                    let texts = values.iter().filter_map(|value| value.text());
                    texts.map(length_of).max().unwrap_or_default()
                }
            };
            simple(Type::String, Form::Text, most, 2)
        }
    }
}

fn object(schema: &Schema<'_>, is_resource: bool, name: &str) -> Option<Declaration> {
    if let Some(additional) = schema.additional() {
        let inner = read(
            additional,
            additional.embedded_resource,
            &format!("{name}.@elem"),
        )?;
        let most = schema
            .max_properties
            .map_or((REQUEST - 2) / (inner.least + 6), |most| most.max(0));
        let of = Type::Map(Box::new(Type::String), Box::new(inner.of.clone()));
        return Some(simple(of, Form::Map(Rc::new(inner)), most, 2));
    }
    let mut fields = BTreeMap::new();
    let mut least: i64 = 2;
    let required = schema.required.as_deref().unwrap_or_default();
    let mut add =
        |field: &str, declaration: Declaration, has_default: bool, escaped: Option<&str>| {
            if required.contains(&field) && !has_default {
                least += length_of(field) + declaration.least + 4;
            }
            if let Some(escaped) = escaped {
                let field = (field.to_owned(), Rc::new(declaration));
                fields.insert(escaped.to_owned(), field);
            }
        };
    let implied = is_resource && !has_meta(schema);
    for (field, property) in schema.properties() {
        if implied && META.contains(field) {
            continue;
        }
        let escaped = escape(field);
        // What CEL cannot name has a type nevertheless, whose name nobody sees.
        let path = format!("{name}.{}", escaped.as_deref().unwrap_or(field));
        if let Some(declaration) = read(property, property.embedded_resource, &path) {
            add(
                field,
                declaration,
                property.default.is_some(),
                escaped.as_deref(),
            );
        }
    }
    if implied {
        let text = || simple(Type::String, Form::Text, REQUEST - 2, 2);
        add("apiVersion", text(), false, Some("apiVersion"));
        add("kind", text(), false, Some("kind"));
        let names = ["generateName", "name"].map(|field| {
            let own = (field.to_owned(), Rc::new(text()));
            (field.to_owned(), own)
        });
        let of = Type::Struct(format!("{name}.metadata"));
        let metadata = simple(of, Form::Object(names.into()), 0, 2);
        add("metadata", metadata, false, Some("metadata"));
    }
    let of = Type::Struct(name.to_owned());
    Some(simple(of, Form::Object(fields), 0, least))
}

const META: [&str; 3] = ["apiVersion", "kind", "metadata"];

/// Whether a resource's schema says itself what is implied.
fn has_meta(schema: &Schema<'_>) -> bool {
    let is = |schema: Option<&Schema<'_>>, kind| schema.is_some_and(|schema| schema.kind == kind);
    let metadata = schema.property("metadata");
    let named = |name| {
        is(
            metadata.and_then(|metadata| metadata.property(name)),
            "string",
        )
    };
    is(schema.property("kind"), "string")
        && is(schema.property("apiVersion"), "string")
        && is(metadata, "object")
        && named("name")
        && named("generateName")
}
