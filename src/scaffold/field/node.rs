//! What the field language says: fields, and the nodes of a schema.

use serde_json::Value;

use super::Keyword;

/// A named place in an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// The property's name.
    pub name: String,
    /// Whether it may be left out; a field that may not is in the object's `required`.
    pub optional: bool,
    /// What it holds.
    pub node: Node,
}

/// One place of a schema: a field's value, an item of a list, a value of a map.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Its type.
    pub shape: Shape,
    /// What the server fills in where nothing is given.
    pub default: Option<Value>,
    /// Limits, documentation and what else is in braces, in the order in which it was given.
    pub settings: Vec<Setting>,
    /// Validation rules in the Common Expression Language.
    pub rules: Vec<Rule>,
}

/// A type of the language.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// Any text.
    String,
    /// A whole number without a format.
    Int,
    /// A whole number of 32 bits.
    Int32,
    /// A whole number of 64 bits.
    Int64,
    /// A number.
    Float,
    /// True or false.
    Bool,
    /// An amount such as `100Mi` or `0.5`, as `resource.Quantity` reads it.
    Quantity,
    /// A span of time such as `1h30m`.
    Duration,
    /// A moment as RFC 3339 writes it.
    DateTime,
    /// A whole number or a text, such as a port or its name.
    IntOrString,
    /// One of several texts.
    Enum(Vec<String>),
    /// A list.
    List(Box<Node>),
    /// A map from texts.
    Map(Box<Node>),
    /// An object with these fields.
    Object(Vec<Field>),
    /// An object that may hold anything.
    AnyObject,
    /// Anything at all.
    Any,
    /// The template of a Pod: its outline is checked, the rest is kept.
    PodTemplate,
}

/// An option and its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// Which option.
    pub keyword: &'static Keyword,
    /// Its value, as it stands in the schema.
    pub value: Value,
}

/// A validation rule.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rule {
    /// The expression; it must yield true.
    pub rule: String,
    /// What is said when it does not.
    pub message: Option<String>,
    /// An expression that yields what is said.
    pub message_expression: Option<String>,
    /// `FieldValueInvalid`, `FieldValueForbidden`, `FieldValueRequired` or `FieldValueDuplicate`.
    pub reason: Option<String>,
    /// Where the error is shown, relative to the rule's own place.
    pub field_path: Option<String>,
    /// Whether `oldSelf` may be absent.
    pub optional_old_self: Option<bool>,
    /// A value that breaks the rule: an invalid sample is made of it. It is no part of the schema.
    pub counterexample: Option<Value>,
}

impl Node {
    /// A node of this type without anything else.
    pub fn new(shape: Shape) -> Node {
        Node {
            shape,
            default: None,
            settings: Vec::new(),
            rules: Vec::new(),
        }
    }

    /// The value of an option, by its name in the language.
    pub fn setting(&self, name: &str) -> Option<&Value> {
        let setting = self
            .settings
            .iter()
            .find(|setting| setting.keyword.name == name);
        setting.map(|setting| &setting.value)
    }

    /// The fields, where it is an object that names them.
    pub fn fields(&self) -> &[Field] {
        match &self.shape {
            Shape::Object(fields) => fields,
            _ => &[],
        }
    }

    /// The field of that name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields().iter().find(|field| field.name == name)
    }

    /// Whether this root has a status with conditions, as controllers write them.
    pub fn has_conditions(&self) -> bool {
        let status = self.field("status");
        let conditions = status.and_then(|status| status.node.field("conditions"));
        let Some(Shape::List(item)) = conditions.map(|field| &field.node.shape) else {
            return false;
        };
        ["type", "status"]
            .iter()
            .all(|name| item.field(name).is_some())
    }

    /// Whether a validation rule stands here or anywhere below.
    pub fn has_rules(&self) -> bool {
        if !self.rules.is_empty() {
            return true;
        }
        match &self.shape {
            Shape::List(node) | Shape::Map(node) => node.has_rules(),
            Shape::Object(fields) => fields.iter().any(|field| field.node.has_rules()),
            _ => false,
        }
    }
}

impl Shape {
    /// Whether its values are texts, which stand in the language without quotes.
    pub(crate) fn is_text(&self) -> bool {
        matches!(
            self,
            Shape::String | Shape::Duration | Shape::DateTime | Shape::Enum(_)
        )
    }

    /// Whether its values may be texts or whole numbers.
    pub(crate) fn is_text_or_number(&self) -> bool {
        matches!(self, Shape::Quantity | Shape::IntOrString)
    }
}
