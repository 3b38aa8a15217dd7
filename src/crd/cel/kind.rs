//! The types of CEL.
//!
//! Source: github.com/google/cel-go/common/types/types.go and checker/format.go.

use std::fmt;

/// A type.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Type {
    Bool,
    Bytes,
    Double,
    Duration,
    Dyn,
    /// Of what is wrong already.
    Error,
    Int,
    List(Box<Type>),
    Map(Box<Type>, Box<Type>),
    Null,
    /// `optional_type` and the types of libraries that have parameters.
    Opaque(String, Vec<Type>),
    /// A type parameter.
    Parameter(String),
    String,
    /// An object of the schema, or a type of a library.
    Struct(String),
    Timestamp,
    /// The type of types.
    Meta(Option<Box<Type>>),
    Uint,
}

/// What optional values are called.
const OPTIONAL: &str = "optional_type";

impl Type {
    /// A list of this.
    pub(super) fn list(self) -> Type {
        Type::List(Box::new(self))
    }

    /// An optional value of this.
    pub(super) fn optional(self) -> Type {
        Type::Opaque(OPTIONAL.to_owned(), vec![self])
    }

    /// What an optional value holds.
    pub(super) fn held(&self) -> Option<&Type> {
        match self {
            Type::Opaque(name, parameters) if name == OPTIONAL => parameters.first(),
            _ => None,
        }
    }

    /// Whether it is any type.
    pub(super) fn is_dyn(&self) -> bool {
        *self == Type::Dyn
    }

    /// Whether it is any type, or that of an error.
    pub(super) fn is_dyn_or_error(&self) -> bool {
        matches!(self, Type::Dyn | Type::Error)
    }

    /// Its parameters.
    pub(super) fn parameters(&self) -> Vec<&Type> {
        match self {
            Type::List(item) => vec![item],
            Type::Map(key, value) => vec![key, value],
            Type::Opaque(_, parameters) => parameters.iter().collect(),
            Type::Meta(of) => of.iter().map(|of| &**of).collect(),
            _ => Vec::new(),
        }
    }

    /// Whether its values have one size.
    pub(super) fn is_scalar(&self) -> bool {
        match self {
            Type::Bool
            | Type::Double
            | Type::Duration
            | Type::Int
            | Type::Timestamp
            | Type::Uint => true,
            _ => self.held().is_some_and(Type::is_scalar),
        }
    }

    /// Reads a type as the table of overloads writes it.
    pub(super) fn read(text: &str) -> Type {
        let (name, inner) = match text.split_once('(') {
            Some((name, inner)) => (name, inner.strip_suffix(')').unwrap_or(inner)),
            None => (text, ""),
        };
        let mut parameters = split(inner).into_iter().map(Type::read);
        let mut next = || parameters.next().unwrap_or(Type::Dyn);
        match name {
            "bool" => Type::Bool,
            "bytes" => Type::Bytes,
            "double" => Type::Double,
            "duration" => Type::Duration,
            "dyn" => Type::Dyn,
            "int" => Type::Int,
            "list" => next().list(),
            "map" => {
                let key = next();
                Type::Map(Box::new(key), Box::new(next()))
            }
            "null" | "null_type" => Type::Null,
            "string" => Type::String,
            "timestamp" => Type::Timestamp,
            "type" if inner.is_empty() => Type::Meta(None),
            "type" => Type::Meta(Some(Box::new(next()))),
            "uint" => Type::Uint,
            _ if inner.is_empty() && name.len() == 1 => Type::Parameter(name.to_owned()),
            _ if inner.is_empty() => Type::Struct(name.to_owned()),
            _ => Type::Opaque(name.to_owned(), parameters.collect()),
        }
    }
}

/// Parameters, parted by commas that are in no brackets.
fn split(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut depth = 0;
    let mut start = 0;
    for (at, character) in text.char_indices() {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(text[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    if !text[start..].trim().is_empty() {
        parts.push(text[start..].trim());
    }
    parts
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Bool => f.write_str("bool"),
            Type::Bytes => f.write_str("bytes"),
            Type::Double => f.write_str("double"),
            Type::Duration => f.write_str("duration"),
            Type::Dyn => f.write_str("dyn"),
            Type::Error => f.write_str("!error!"),
            Type::Int => f.write_str("int"),
            Type::List(item) => write!(f, "list({item})"),
            Type::Map(key, value) => write!(f, "map({key}, {value})"),
            Type::Null => f.write_str("null"),
            Type::Opaque(name, parameters) => {
                let parameters: Vec<String> = parameters.iter().map(Type::to_string).collect();
                write!(f, "{name}({})", parameters.join(", "))
            }
            Type::Parameter(name) | Type::Struct(name) => f.write_str(name),
            Type::String => f.write_str("string"),
            Type::Timestamp => f.write_str("timestamp"),
            Type::Meta(None) => f.write_str("type"),
            Type::Meta(Some(of)) => write!(f, "type({of})"),
            Type::Uint => f.write_str("uint"),
        }
    }
}
