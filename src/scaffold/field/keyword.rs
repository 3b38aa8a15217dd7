//! The options that stand in braces: their names in the language and in the schema, and where they belong.

use super::Shape;

/// An option of the language.
#[derive(Debug, Eq, PartialEq)]
pub struct Keyword {
    /// Its name in the language.
    pub name: &'static str,
    /// Its key in the schema.
    pub schema: &'static str,
    /// What stands behind its `=`.
    pub takes: Takes,
    /// One line for messages and for the book.
    pub help: &'static str,
    families: &'static [Family],
}

/// What stands behind an option's `=`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Takes {
    /// Any number.
    Number,
    /// A whole number that is not negative.
    Count,
    /// A text.
    Text,
    /// One of these words.
    Word(&'static [&'static str]),
    /// Names with bars between them.
    Names,
    /// A value as the field itself takes it.
    Value,
    /// A JSON object in quotes or bare.
    Schema,
    /// Nothing: the option alone means true.
    Flag,
}

/// Types that take the same options.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Family {
    All,
    Text,
    TextOrNumber,
    Number,
    List,
    Map,
    Object,
    Open,
}

use Family::{All, List, Map, Number, Object, Open, Text, TextOrNumber};

const fn keyword(
    name: &'static str,
    schema: &'static str,
    takes: Takes,
    families: &'static [Family],
    help: &'static str,
) -> Keyword {
    Keyword {
        name,
        schema,
        takes,
        help,
        families,
    }
}

/// All options but `cel`, which may stand several times and has parts.
pub const KEYWORDS: &[Keyword] = &[
    keyword(
        "doc",
        "description",
        Takes::Text,
        &[All],
        "what `kubectl explain` shows",
    ),
    keyword(
        "example",
        "example",
        Takes::Value,
        &[All],
        "the value that samples take",
    ),
    keyword(
        "nullable",
        "nullable",
        Takes::Flag,
        &[All],
        "null is allowed",
    ),
    keyword(
        "min",
        "minimum",
        Takes::Number,
        &[Number],
        "the smallest number",
    ),
    keyword(
        "max",
        "maximum",
        Takes::Number,
        &[Number],
        "the largest number",
    ),
    keyword(
        "exclusiveMin",
        "exclusiveMinimum",
        Takes::Flag,
        &[Number],
        "`min` itself is not allowed",
    ),
    keyword(
        "exclusiveMax",
        "exclusiveMaximum",
        Takes::Flag,
        &[Number],
        "`max` itself is not allowed",
    ),
    keyword(
        "multipleOf",
        "multipleOf",
        Takes::Number,
        &[Number],
        "only multiples of this",
    ),
    keyword(
        "minLength",
        "minLength",
        Takes::Count,
        &[Text, TextOrNumber],
        "the fewest characters",
    ),
    keyword(
        "maxLength",
        "maxLength",
        Takes::Count,
        &[Text, TextOrNumber],
        "the most characters",
    ),
    keyword(
        "pattern",
        "pattern",
        Takes::Text,
        &[Text, TextOrNumber],
        "a regular expression as Go's `regexp` reads it",
    ),
    keyword(
        "format",
        "format",
        Takes::Text,
        &[Text, Number, TextOrNumber],
        "a format that the server knows, such as `uuid`",
    ),
    keyword(
        "minItems",
        "minItems",
        Takes::Count,
        &[List],
        "the fewest items",
    ),
    keyword(
        "maxItems",
        "maxItems",
        Takes::Count,
        &[List],
        "the most items",
    ),
    keyword(
        "listType",
        "x-kubernetes-list-type",
        Takes::Word(&["atomic", "set", "map"]),
        &[List],
        "how server-side apply merges the list: `atomic`, `set` or `map`",
    ),
    keyword(
        "keys",
        "x-kubernetes-list-map-keys",
        Takes::Names,
        &[List],
        "which fields identify an item of a list of type `map`",
    ),
    keyword(
        "minProperties",
        "minProperties",
        Takes::Count,
        &[Map, Object, Open],
        "the fewest entries",
    ),
    keyword(
        "maxProperties",
        "maxProperties",
        Takes::Count,
        &[Map, Object, Open],
        "the most entries",
    ),
    keyword(
        "mapType",
        "x-kubernetes-map-type",
        Takes::Word(&["atomic", "granular"]),
        &[Map, Object, Open],
        "how server-side apply merges it: `atomic` or `granular`",
    ),
    keyword(
        "preserve",
        "x-kubernetes-preserve-unknown-fields",
        Takes::Flag,
        &[Object],
        "fields that are not named are kept",
    ),
    keyword(
        "embedded",
        "x-kubernetes-embedded-resource",
        Takes::Flag,
        &[Object, Open],
        "it is a whole Kubernetes object",
    ),
    keyword(
        "schema",
        "",
        Takes::Schema,
        &[All],
        "keys of the schema that the language has no word for, as JSON",
    ),
];

impl Keyword {
    /// The option of that name.
    pub(super) fn named(name: &str) -> Option<&'static Keyword> {
        KEYWORDS.iter().find(|keyword| keyword.name == name)
    }

    /// Whether it may stand at a value of this type.
    pub fn applies_to(&self, shape: &Shape) -> bool {
        let family = Family::of(shape);
        self.families.contains(&All) || family.is_some_and(|family| self.families.contains(&family))
    }
}

impl Family {
    fn of(shape: &Shape) -> Option<Family> {
        match shape {
            Shape::String | Shape::Duration | Shape::DateTime | Shape::Enum(_) => Some(Text),
            Shape::Quantity | Shape::IntOrString => Some(TextOrNumber),
            Shape::Int | Shape::Int32 | Shape::Int64 | Shape::Float => Some(Number),
            Shape::List(_) => Some(List),
            Shape::Map(_) => Some(Map),
            Shape::Object(_) => Some(Object),
            Shape::AnyObject => Some(Open),
            Shape::Bool | Shape::Any | Shape::PodTemplate => None,
        }
    }
}
