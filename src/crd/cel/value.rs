//! Values, as expressions have them while they run.
//!
//! Source: k8s.io/apiserver/pkg/cel/common/valuesunstructured.go and github.com/google/cel-go/common/types.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::rc::Rc;

use super::declaration::{Declaration, Form, ListKind};
use super::function;
use super::kind::Type;
use super::network::Prefix;
use super::quantity::Quantity;
use super::semver::Version;
use super::url::Url;
use crate::crd::document::{Map, Node, Value as Json};
use crate::crd::go::json_value;
use crate::crd::resource::format::parsed_duration;

/// Why an expression has no value.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Stop {
    /// It fails, with these words.
    Error(String),
    /// What it does is not ported.
    Unchecked,
}

/// A value.
#[derive(Clone, Debug)]
pub(super) enum Value<'v> {
    Address(IpAddr),
    Bool(bool),
    Bytes(Rc<[u8]>),
    Double(f64),
    /// In nanoseconds.
    Duration(i64),
    /// A format of texts, by its name.
    Format(&'static str),
    Int(i64),
    List(Rc<Vec<Value<'v>>>),
    Map(Rc<Vec<(Value<'v>, Value<'v>)>>),
    /// A list, a map or an object of the resource.
    Node(&'v Node, &'v Declaration),
    Null,
    Optional(Option<Rc<Value<'v>>>),
    Prefix(Prefix),
    Quantity(Quantity),
    Semver(Rc<Version>),
    String(Rc<str>),
    Timestamp(Time),
    Type(&'static str),
    Uint(u64),
    Url(Rc<Url>),
}

/// A time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Time {
    /// In nanoseconds since 1970.
    pub(super) nanoseconds: i128,
    /// How many seconds its clock is ahead of UTC.
    pub(super) ahead: i32,
}

pub(super) type Evaluated<T> = Result<T, Stop>;

/// What is told where a function has no form for the values that come to it.
pub(super) const NO_OVERLOAD: &str = "no such overload";

/// Fails with words.
pub(super) fn fail<T>(message: impl Into<String>) -> Evaluated<T> {
    Err(Stop::Error(message.into()))
}

impl<'v> Value<'v> {
    /// A text.
    pub(super) fn text(text: impl Into<Rc<str>>) -> Value<'v> {
        Value::String(text.into())
    }

    /// A list.
    pub(super) fn list(items: Vec<Value<'v>>) -> Value<'v> {
        Value::List(Rc::new(items))
    }

    /// A number of things.
    pub(super) fn count(count: usize) -> Evaluated<Value<'v>> {
        i64::try_from(count)
            .map(Value::Int)
            .map_err(|_| Stop::Unchecked)
    }

    /// A value of the resource.
    pub(super) fn load(node: &'v Node, declaration: &'v Declaration) -> Evaluated<Value<'v>> {
        if node.is_null() {
            return if declaration.nullable {
                Ok(Value::Null)
            } else {
                Err(Stop::Unchecked)
            };
        }
        match (&declaration.form, &node.value) {
            (Form::Bool, Json::Bool(is)) => Ok(Value::Bool(*is)),
            (Form::Integer | Form::IntOrString, Json::Number(number)) => {
                number.integer().map(Value::Int).ok_or(Stop::Unchecked)
            }
            (Form::Number, Json::Number(number)) => {
                number.float().map(Value::Double).ok_or(Stop::Unchecked)
            }
            (Form::Text | Form::IntOrString, Json::String(text)) => {
                Ok(Value::String(text.as_str().into()))
            }
            (Form::Special, Json::String(text)) => match declaration.of {
                Type::Duration => parsed_duration(text).map(Value::Duration),
                Type::Timestamp if text.len() == 10 => {
                    function::timestamp(&format!("{text}T00:00:00Z")).map(Value::Timestamp)
                }
                Type::Timestamp => function::timestamp(text)
                    .filter(|time| time.ahead == 0)
                    .map(Value::Timestamp),
                _ => None,
            }
            .ok_or(Stop::Unchecked),
            (Form::List(..), Json::List(_)) | (Form::Map(_) | Form::Object(_), Json::Map(_)) => {
                Ok(Value::Node(node, declaration))
            }
            _ => Err(Stop::Unchecked),
        }
    }

    /// The items of a list, or the keys of a map.
    pub(super) fn items(&self) -> Evaluated<Vec<Value<'v>>> {
        match self {
            Value::List(items) => Ok(items.to_vec()),
            Value::Map(entries) => Ok(entries.iter().map(|(key, _)| key.clone()).collect()),
            Value::Node(node, declaration) => match &declaration.form {
                Form::List(item, _) => {
                    let list = node.list().unwrap_or_default().iter();
                    list.map(|node| Value::load(node, item)).collect()
                }
                Form::Map(_) => {
                    let keys = node.map().map(Map::sorted).unwrap_or_default();
                    let keys = keys.into_iter();
                    Ok(keys
                        .map(|entry| Value::String(entry.key.as_str().into()))
                        .collect())
                }
                _ => Err(Stop::Unchecked),
            },
            _ => Err(Stop::Unchecked),
        }
    }

    /// How many items, entries or characters there are.
    pub(super) fn size(&self) -> Evaluated<i64> {
        let size = match self {
            Value::String(text) => text.chars().count(),
            Value::Bytes(bytes) => bytes.len(),
            Value::Map(entries) => entries.len(),
            other => other.items()?.len(),
        };
        i64::try_from(size).map_err(|_| Stop::Unchecked)
    }

    /// The value of a field or a key; None where it is not there.
    pub(super) fn find(&self, key: &str) -> Evaluated<Option<Value<'v>>> {
        match self {
            Value::Map(entries) => {
                let is = |entry: &&(Value<'_>, Value<'_>)| matches!(&entry.0, Value::String(text) if **text == *key);
                Ok(entries.iter().find(is).map(|(_, value)| value.clone()))
            }
            Value::Node(node, declaration) => match &declaration.form {
                Form::Map(inner) => node
                    .get(key)
                    .map(|node| Value::load(node, inner))
                    .transpose(),
                Form::Object(fields) => {
                    let reserved = format!("__{key}__");
                    let Some((own, inner)) = fields.get(key).or_else(|| fields.get(&reserved))
                    else {
                        return Err(Stop::Unchecked);
                    };
                    // What is null and may be is as absent.
                    let node = node.get(own).filter(|node| !node.is_null());
                    node.map(|node| Value::load(node, inner)).transpose()
                }
                _ => Err(Stop::Unchecked),
            },
            _ => Err(Stop::Unchecked),
        }
    }

    /// The value of a key of any type; None where it is not there.
    pub(super) fn find_key(&self, key: &Value<'v>) -> Evaluated<Option<Value<'v>>> {
        match (self, key) {
            (_, Value::String(key)) => self.find(key),
            (Value::Map(entries), key) => {
                for (known, value) in entries.iter() {
                    if known.equals(key)? {
                        return Ok(Some(value.clone()));
                    }
                }
                Ok(None)
            }
            _ => Err(Stop::Unchecked),
        }
    }

    /// The entries of a map, or the items of a list with their places.
    pub(super) fn pairs(&self) -> Evaluated<Vec<(Value<'v>, Value<'v>)>> {
        let keys = self.items()?;
        if self.is_list() {
            let pairs = keys.into_iter().enumerate();
            return pairs
                .map(|(place, item)| Ok((Value::count(place)?, item)))
                .collect();
        }
        keys.into_iter()
            .map(|key| {
                let value = self.find_key(&key)?.ok_or(Stop::Unchecked)?;
                Ok((key, value))
            })
            .collect()
    }

    /// Whether two values are equal.
    pub(super) fn equals(&self, other: &Value<'v>) -> Evaluated<bool> {
        match (self, other) {
            (Value::Null, other) | (other, Value::Null) => Ok(matches!(other, Value::Null)),
            (Value::Bool(a), Value::Bool(b)) => Ok(a == b),
            (Value::String(a), Value::String(b)) => Ok(a == b),
            (Value::Type(a), Value::Type(b)) | (Value::Format(a), Value::Format(b)) => Ok(a == b),
            (Value::Duration(a), Value::Duration(b)) => Ok(a == b),
            (Value::Timestamp(a), Value::Timestamp(b)) => Ok(a.nanoseconds == b.nanoseconds),
            (Value::Bytes(a), Value::Bytes(b)) => Ok(a == b),
            (Value::Address(a), Value::Address(b)) => Ok(a == b),
            (Value::Prefix(a), Value::Prefix(b)) => Ok(a == b),
            (Value::Semver(a), Value::Semver(b)) => Ok(a.compare(b) == Ordering::Equal),
            (Value::Quantity(_), Value::Quantity(b)) if b.is_computed => fail(NO_OVERLOAD),
            (Value::Quantity(a), Value::Quantity(b)) => Ok(a.compare(b) == Ordering::Equal),
            (Value::Url(a), Value::Url(b)) if a.text == b.text => Ok(true),
            (
                Value::Int(_) | Value::Uint(_) | Value::Double(_),
                Value::Int(_) | Value::Uint(_) | Value::Double(_),
            ) if self.is_nan() || other.is_nan() => Ok(false),
            (
                Value::Int(_) | Value::Uint(_) | Value::Double(_),
                Value::Int(_) | Value::Uint(_) | Value::Double(_),
            ) => Ok(self.compare(other)? == Ordering::Equal),
            (Value::Node(node, declaration), other) => equals_node(node, declaration, other),
            (Value::List(_), _) => lists_equal(&self.items()?, &other.items()?),
            (Value::Map(entries), _) => {
                if other.items()?.len() != entries.len() {
                    return Ok(false);
                }
                for (key, value) in entries.iter() {
                    match other.find_key(key)? {
                        Some(found) if value.equals(&found)? => {}
                        _ => return Ok(false),
                    }
                }
                Ok(true)
            }
            (Value::Optional(None), Value::Optional(other)) => Ok(other.is_none()),
            (Value::Optional(Some(_)), Value::Optional(None)) => Ok(false),
            (Value::Optional(Some(a)), Value::Optional(Some(b))) => a.equals(b),
            // Values of different kinds meet where types are dynamic alone.
            (one, other) if one.is_plain() && other.is_plain() => Ok(false),
            _ => Err(Stop::Unchecked),
        }
    }

    /// Whether it is a list.
    pub(super) fn is_list(&self) -> bool {
        match self {
            Value::List(_) => true,
            Value::Node(_, declaration) => matches!(declaration.form, Form::List(..)),
            _ => false,
        }
    }

    /// Whether it is a number.
    pub(super) fn is_number(&self) -> bool {
        matches!(self, Value::Double(_) | Value::Int(_) | Value::Uint(_))
    }

    /// Whether it is of a type that the language itself has, and holds nothing.
    pub(super) fn is_plain(&self) -> bool {
        matches!(
            self,
            Value::Bool(_)
                | Value::Bytes(_)
                | Value::Double(_)
                | Value::Duration(_)
                | Value::Int(_)
                | Value::String(_)
                | Value::Timestamp(_)
                | Value::Uint(_)
        )
    }

    fn is_nan(&self) -> bool {
        matches!(self, Value::Double(float) if float.is_nan())
    }

    /// Which of two values is the smaller.
    pub(super) fn compare(&self, other: &Value<'v>) -> Evaluated<Ordering> {
        let floats = |a: f64, b: f64| a.partial_cmp(&b).ok_or(Stop::Unchecked);
        match (self, other) {
            (one, other) if one.is_nan() || other.is_nan() => fail("NaN values cannot be ordered"),
            (Value::Bool(a), Value::Bool(b)) => Ok(a.cmp(b)),
            (Value::Int(a), Value::Int(b)) | (Value::Duration(a), Value::Duration(b)) => {
                Ok(a.cmp(b))
            }
            (Value::Uint(a), Value::Uint(b)) => Ok(a.cmp(b)),
            (Value::Int(a), Value::Uint(b)) => Ok(i128::from(*a).cmp(&i128::from(*b))),
            (Value::Uint(a), Value::Int(b)) => Ok(i128::from(*a).cmp(&i128::from(*b))),
            (Value::Double(a), Value::Double(b)) => floats(*a, *b),
            (Value::Int(a), Value::Double(b)) => int_to_float(*a, *b),
            (Value::Double(a), Value::Int(b)) => Ok(int_to_float(*b, *a)?.reverse()),
            (Value::String(a), Value::String(b)) => Ok(a.cmp(b)),
            (Value::Uint(a), Value::Double(b)) => uint_to_float(*a, *b),
            (Value::Double(a), Value::Uint(b)) => Ok(uint_to_float(*b, *a)?.reverse()),
            (Value::Bytes(a), Value::Bytes(b)) => Ok(a.cmp(b)),
            (Value::Timestamp(a), Value::Timestamp(b)) => Ok(a.nanoseconds.cmp(&b.nanoseconds)),
            (one, other) if one.is_plain() && other.is_plain() => fail(NO_OVERLOAD),
            _ => Err(Stop::Unchecked),
        }
    }

    /// The name of its type.
    pub(super) fn type_name(&self) -> Evaluated<&'static str> {
        Ok(match self {
            Value::Bool(_) => "bool",
            Value::Bytes(_) => "bytes",
            Value::Double(_) => "double",
            Value::Duration(_) => "google.protobuf.Duration",
            Value::Int(_) => "int",
            Value::List(_) => "list",
            Value::Map(_) => "map",
            Value::Null => "null_type",
            Value::String(_) => "string",
            Value::Timestamp(_) => "google.protobuf.Timestamp",
            Value::Type(_) => "type",
            Value::Uint(_) => "uint",
            Value::Node(_, declaration) => match declaration.form {
                Form::List(..) => "list",
                _ => "map",
            },
            _ => return Err(Stop::Unchecked),
        })
    }
}

/// Source: `compareIntDouble` of github.com/google/cel-go/common/types/compare.go.
fn int_to_float(int: i64, float: f64) -> Evaluated<Ordering> {
    if float.is_nan() {
        return Err(Stop::Unchecked);
    }
    if float < i64::MIN as f64 {
        return Ok(Ordering::Greater);
    }
    if float > i64::MAX as f64 {
        return Ok(Ordering::Less);
    }
    (int as f64).partial_cmp(&float).ok_or(Stop::Unchecked)
}

/// Source: `compareUintDouble` of the same file.
fn uint_to_float(uint: u64, float: f64) -> Evaluated<Ordering> {
    if float < 0.0 {
        return Ok(Ordering::Greater);
    }
    if float > u64::MAX as f64 {
        return Ok(Ordering::Less);
    }
    (uint as f64).partial_cmp(&float).ok_or(Stop::Unchecked)
}

fn lists_equal<'v>(one: &[Value<'v>], other: &[Value<'v>]) -> Evaluated<bool> {
    if one.len() != other.len() {
        return Ok(false);
    }
    for (one, other) in one.iter().zip(other) {
        if !one.equals(other)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn equals_node<'v>(
    node: &'v Node,
    declaration: &'v Declaration,
    other: &Value<'v>,
) -> Evaluated<bool> {
    let here = Value::Node(node, declaration);
    match &declaration.form {
        Form::List(_, ListKind::Atomic) => lists_equal(&here.items()?, &other.items()?),
        Form::List(_, ListKind::Set) => {
            let (one, other) = (here.items()?, other.items()?);
            if one.len() != other.len() {
                return Ok(false);
            }
            // Go finds these in a map, by value and type.
            let mut texts = BTreeSet::new();
            for item in &one {
                let Value::String(text) = item else {
                    return Err(Stop::Unchecked);
                };
                texts.insert(text.clone());
            }
            Ok(other
                .iter()
                .all(|item| matches!(item, Value::String(text) if texts.contains(text))))
        }
        Form::Map(_) => {
            let keys = here.items()?;
            if keys.len() != other.items()?.len() {
                return Ok(false);
            }
            for key in keys {
                let Value::String(key) = key else {
                    return Err(Stop::Unchecked);
                };
                match (here.find(&key)?, other.find(&key)?) {
                    (Some(one), Some(other)) if one.equals(&other)? => {}
                    _ => return Ok(false),
                }
            }
            Ok(true)
        }
        Form::Object(fields) => {
            let Value::Node(other, _) = other else {
                return Err(Stop::Unchecked);
            };
            let map = node.map().ok_or(Stop::Unchecked)?;
            let keys = map.sorted();
            if keys.len() != other.map().ok_or(Stop::Unchecked)?.sorted().len() {
                return Ok(false);
            }
            for entry in keys {
                let field = fields.values().find(|(own, _)| *own == entry.key);
                let Some((own, inner)) = field else {
                    return Err(Stop::Unchecked);
                };
                let present = |node: &'v Node| node.get(own).filter(|node| !node.is_null());
                match (present(node), present(other)) {
                    (None, None) => {}
                    (Some(one), Some(other)) => {
                        let (one, other) = (Value::load(one, inner)?, Value::load(other, inner)?);
                        if !one.equals(&other)? {
                            return Ok(false);
                        }
                    }
                    _ => return Ok(false),
                }
            }
            Ok(true)
        }
        // Lists of the kind of map are equal in any order of their keys.
        Form::List(item, ListKind::Map) => {
            let Value::Node(other, _) = other else {
                return Err(Stop::Unchecked);
            };
            let _ = item;
            if json_value(node) == json_value(other) {
                Ok(true)
            } else {
                Err(Stop::Unchecked)
            }
        }
        _ => Err(Stop::Unchecked),
    }
}
