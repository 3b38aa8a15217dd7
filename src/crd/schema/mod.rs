//! The schema of a custom resource, as the API server holds it: `JSONSchemaProps`.
//!
//! Source: k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/types_jsonschema.go.

mod dump;
mod parse;

use super::document::Node;

pub(crate) use dump::{dump, rule as dump_rule};
pub(crate) use parse::parse;

/// A schema. What is absent is None, empty or false, as it is in Go.
#[derive(Debug, Default)]
pub(crate) struct Schema<'d> {
    pub(crate) id: &'d str,
    pub(crate) dialect: &'d str,
    pub(crate) reference: Option<&'d str>,
    pub(crate) description: &'d str,
    pub(crate) kind: &'d str,
    pub(crate) nullable: bool,
    pub(crate) format: &'d str,
    pub(crate) title: &'d str,
    pub(crate) default: Option<&'d Node>,
    pub(crate) maximum: Option<f64>,
    pub(crate) exclusive_maximum: bool,
    pub(crate) minimum: Option<f64>,
    pub(crate) exclusive_minimum: bool,
    pub(crate) max_length: Option<i64>,
    pub(crate) min_length: Option<i64>,
    pub(crate) pattern: &'d str,
    pub(crate) max_items: Option<i64>,
    pub(crate) min_items: Option<i64>,
    pub(crate) unique_items: bool,
    pub(crate) multiple_of: Option<f64>,
    pub(crate) enumeration: Option<&'d [Node]>,
    pub(crate) max_properties: Option<i64>,
    pub(crate) min_properties: Option<i64>,
    pub(crate) required: Option<Vec<&'d str>>,
    pub(crate) items: Option<Items<'d>>,
    pub(crate) all_of: Option<Vec<Schema<'d>>>,
    pub(crate) one_of: Option<Vec<Schema<'d>>>,
    pub(crate) any_of: Option<Vec<Schema<'d>>>,
    pub(crate) not: Option<Box<Schema<'d>>>,
    pub(crate) properties: Option<Properties<'d>>,
    pub(crate) additional_properties: Option<Additional<'d>>,
    pub(crate) pattern_properties: Option<Properties<'d>>,
    pub(crate) dependencies: Option<Vec<(&'d str, Dependency<'d>)>>,
    pub(crate) additional_items: Option<Additional<'d>>,
    pub(crate) definitions: Option<Properties<'d>>,
    pub(crate) external_docs: Option<(&'d str, &'d str)>,
    pub(crate) example: Option<&'d Node>,
    pub(crate) preserve_unknown_fields: Option<bool>,
    pub(crate) embedded_resource: bool,
    pub(crate) int_or_string: bool,
    pub(crate) list_map_keys: Option<Vec<&'d str>>,
    pub(crate) list_type: Option<&'d str>,
    pub(crate) map_type: Option<&'d str>,
    pub(crate) validations: Option<Vec<ValidationRule<'d>>>,
}

/// Schemas by name, sorted.
pub(crate) type Properties<'d> = Vec<(&'d str, Schema<'d>)>;

/// `items`: one schema, or a list of them, or neither.
#[derive(Debug, Default)]
pub(crate) struct Items<'d> {
    pub(crate) schema: Option<Box<Schema<'d>>>,
    pub(crate) list: Option<Vec<Schema<'d>>>,
}

/// `additionalProperties` and `additionalItems`: a schema or a boolean.
#[derive(Debug, Default)]
pub(crate) struct Additional<'d> {
    pub(crate) allows: bool,
    pub(crate) schema: Option<Box<Schema<'d>>>,
}

/// A value of `dependencies`.
#[derive(Debug, Default)]
pub(crate) struct Dependency<'d> {
    pub(crate) schema: Option<Box<Schema<'d>>>,
    pub(crate) names: Option<Vec<&'d str>>,
}

/// An item of `x-kubernetes-validations`.
#[derive(Debug, Default)]
pub(crate) struct ValidationRule<'d> {
    pub(crate) rule: &'d str,
    pub(crate) message: &'d str,
    pub(crate) message_expression: &'d str,
    pub(crate) reason: Option<&'d str>,
    pub(crate) field_path: &'d str,
    pub(crate) optional_old_self: Option<bool>,
}

impl<'d> Schema<'d> {
    /// The one schema of `items`.
    pub(crate) fn item(&self) -> Option<&Schema<'d>> {
        self.items.as_ref()?.schema.as_deref()
    }

    /// `properties`, empty where absent.
    pub(crate) fn properties(&self) -> &[(&'d str, Schema<'d>)] {
        self.properties.as_deref().unwrap_or_default()
    }

    /// A property by name.
    pub(crate) fn property(&self, name: &str) -> Option<&Schema<'d>> {
        let properties = self.properties();
        let found = properties
            .binary_search_by(|(property, _)| (*property).cmp(name))
            .ok()?;
        Some(&properties[found].1)
    }

    /// The schema of `additionalProperties`.
    pub(crate) fn additional(&self) -> Option<&Schema<'d>> {
        self.additional_properties.as_ref()?.schema.as_deref()
    }

    /// Whether `x-kubernetes-preserve-unknown-fields` is true.
    pub(crate) fn preserves(&self) -> bool {
        self.preserve_unknown_fields == Some(true)
    }

    /// All schemas directly within, with those of keywords that the API server forbids.
    pub(crate) fn children(&self) -> Vec<&Schema<'d>> {
        let mut children = Vec::new();
        if let Some(items) = &self.items {
            children.extend(items.schema.as_deref());
            children.extend(items.list.iter().flatten());
        }
        for list in [&self.all_of, &self.any_of, &self.one_of] {
            children.extend(list.iter().flatten());
        }
        children.extend(self.not.as_deref());
        for map in [
            &self.properties,
            &self.pattern_properties,
            &self.definitions,
        ] {
            children.extend(map.iter().flatten().map(|(_, schema)| schema));
        }
        for additional in [&self.additional_properties, &self.additional_items] {
            children.extend(additional.as_ref().and_then(|or| or.schema.as_deref()));
        }
        let dependencies = self.dependencies.iter().flatten();
        children.extend(dependencies.filter_map(|(_, or)| or.schema.as_deref()));
        children
    }

    /// Whether this schema, or one within, is so.
    pub(crate) fn any(&self, is: &dyn Fn(&Schema<'d>) -> bool) -> bool {
        is(self) || self.children().iter().any(|child| child.any(is))
    }
}

/// Texts in JSON, as messages quote them.
pub(crate) fn written_texts(list: Option<&[&str]>) -> String {
    dump::texts(list)
}
