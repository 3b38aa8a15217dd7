//! What Go's decoder says of a document: values of the wrong type, unknown and repeated fields.
//!
//! Source: sigs.k8s.io/json/internal/golang/encoding/json/decode.go, which the API server decodes requests with, strictly.

use std::collections::HashSet;

use super::types::{SCHEMA, Shape, Struct};
use crate::crd::document::{Entry, Map, Node, Position, Value};
use crate::crd::era::{Era, Field, Standing};

/// What the decoder says.
#[derive(Debug, Default)]
pub(crate) struct Decoded {
    /// The first value that cannot be decoded, which ends all.
    pub(crate) error: Option<Failure>,
    /// Fields that are unknown, dropped, or written twice.
    pub(crate) strict: Vec<StrictError>,
}

/// A value that cannot be decoded.
#[derive(Debug)]
pub(crate) struct Failure {
    /// Go's message, from `json: ` on.
    pub(crate) message: String,
    /// Where it is.
    pub(crate) at: Position,
}

/// What is wrong with a field's name.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    /// Nobody knows it.
    Unknown,
    /// It is known to later versions of Kubernetes.
    Later(&'static Field),
    /// It is known, and dropped without a word.
    Dropped(&'static Field),
    /// It is written twice.
    Duplicate,
}

/// A field that is unknown, dropped, or written twice.
#[derive(Debug)]
pub(crate) struct StrictError {
    /// Its name.
    pub(crate) name: String,
    /// Its path, as Go writes it.
    pub(crate) path: String,
    /// Where its key is.
    pub(crate) at: Position,
    /// What is wrong with it.
    pub(crate) fault: Fault,
    /// The struct that it stands in, where that is one.
    pub(crate) of: Option<&'static Struct>,
    /// Whether the API server drops it without a word, because it decodes what is here loosely.
    pub(crate) silent: bool,
}

impl StrictError {
    /// Whether it is written twice.
    pub(crate) fn is_duplicate(&self) -> bool {
        matches!(self.fault, Fault::Duplicate)
    }
}

/// Decodes a document into a struct.
pub(crate) fn decode(root: &Node, into: &'static Struct) -> Decoded {
    decode_in(Era::NEWEST, root, into)
}

/// Decodes a document into a struct of a version of Kubernetes.
pub(crate) fn decode_in(era: Era, root: &Node, into: &'static Struct) -> Decoded {
    let mut decoder = Decoder {
        era,
        ..Decoder::default()
    };
    let entries = root.map().map(Map::entries).unwrap_or_default();
    let ended = decoder.structure(entries, into).err();
    Decoded {
        error: ended.or(decoder.saved).map(Unmarshal::failure),
        strict: decoder.strict,
    }
}

/// Why a value cannot be decoded.
#[derive(Debug)]
enum Unmarshal {
    Type {
        value: String,
        wanted: String,
        structure: Option<&'static str>,
        field: Vec<String>,
        at: Position,
    },
    Other {
        message: String,
        at: Position,
    },
}

impl Unmarshal {
    fn failure(self) -> Failure {
        match self {
            Unmarshal::Other { message, at } => Failure { message, at },
            Unmarshal::Type {
                value,
                wanted,
                structure,
                field,
                at,
            } => {
                let target = match structure {
                    Some(name) => format!("Go struct field {name}.{}", field.join(".")),
                    None => "Go value".to_owned(),
                };
                let message =
                    format!("json: cannot unmarshal {value} into {target} of type {wanted}");
                Failure { message, at }
            }
        }
    }
}

#[derive(Default)]
struct Decoder {
    era: Era,
    /// The struct whose field is decoded.
    structure: Option<&'static str>,
    /// The fields on the way, without keys of maps and indices.
    fields: Vec<String>,
    /// The whole way, as strict errors tell it.
    path: String,
    /// The first error that lets decoding go on.
    saved: Option<Unmarshal>,
    strict: Vec<StrictError>,
    /// Within what decodes itself, and loosely.
    silent: bool,
}

impl Decoder {
    fn value(&mut self, node: &Node, shape: &'static Shape) -> Result<(), Unmarshal> {
        if let (Shape::SchemaOrBool | Shape::SchemaOrList | Shape::SchemaOrTexts, false) =
            (shape, node.is_null())
        {
            return self.own(node, shape);
        }
        match (&node.value, shape) {
            // Raw JSON is kept as it is: nothing looks into it here.
            (Value::Null, _)
            | (_, Shape::Any)
            | (Value::String(_), Shape::Text(_))
            | (Value::Bool(_), Shape::Bool) => {}
            (Value::String(text), Shape::Bytes) => self.bytes(text, node),
            (Value::String(text), Shape::Time) => return time(text, node),
            (Value::Number(number), Shape::Int32) => {
                let fits = number
                    .integer()
                    .is_some_and(|integer| i32::try_from(integer).is_ok());
                self.number(fits, number.text(), shape, node);
            }
            (Value::Number(number), Shape::Int64) => {
                self.number(number.integer().is_some(), number.text(), shape, node);
            }
            (Value::Number(number), Shape::Float) => {
                self.number(number.float().is_some(), number.text(), shape, node);
            }
            (Value::List(list), Shape::List(_, item)) => return self.list(list, item),
            (Value::Map(map), Shape::Map(_, item)) => {
                return self.map(map.entries(), item);
            }
            (Value::Map(map), Shape::Struct(structure)) => {
                return self.structure(map.entries(), structure);
            }
            (_, Shape::Time) => return Err(self.type_error(kind(node), "string", node)),
            _ => self.wrong(node, shape),
        }
        Ok(())
    }

    fn number(&mut self, fits: bool, text: &str, shape: &Shape, node: &Node) {
        if !fits {
            let error = self.type_error(&format!("number {text}"), &type_name(shape), node);
            self.save(error);
        }
    }

    fn bytes(&mut self, text: &str, node: &Node) {
        if let Some(at) = base64_error(text) {
            self.save(Unmarshal::Other {
                message: format!("illegal base64 data at input byte {at}"),
                at: node.at,
            });
        }
    }

    fn list(&mut self, list: &[Node], item: &'static Shape) -> Result<(), Unmarshal> {
        for (index, node) in list.iter().enumerate() {
            self.at(&format!("[{index}]"), |decoder| decoder.value(node, item))?;
        }
        Ok(())
    }

    fn map(&mut self, entries: &[Entry], item: &'static Shape) -> Result<(), Unmarshal> {
        let mut seen = HashSet::new();
        for entry in entries {
            self.once(&mut seen, entry, None);
            let key = self.step(&entry.key);
            self.at(&key, |decoder| decoder.value(&entry.node, item))?;
        }
        Ok(())
    }

    fn structure(&mut self, entries: &[Entry], of: &'static Struct) -> Result<(), Unmarshal> {
        let mut seen = HashSet::new();
        for entry in entries {
            let Some(shape) = of.field(&entry.key) else {
                self.strict(entry, Fault::Unknown, Some(of));
                continue;
            };
            match self.era.standing(of.name, &entry.key) {
                Standing::Taken => {}
                Standing::Dropped(field) => self.strict(entry, Fault::Dropped(field), Some(of)),
                Standing::Unknown(field) => {
                    self.strict(entry, Fault::Later(field), Some(of));
                    continue;
                }
            }
            self.once(&mut seen, entry, Some(of));
            let outer = self.structure.replace(of.name);
            self.fields.push(entry.key.clone());
            let key = self.step(&entry.key);
            self.at(&key, |decoder| decoder.value(&entry.node, shape))?;
            self.fields.pop();
            self.structure = outer;
        }
        Ok(())
    }

    /// Values that decode themselves: their errors end all, and strictness ends with them.
    fn own(&mut self, node: &Node, shape: &'static Shape) -> Result<(), Unmarshal> {
        static SCHEMA_SHAPE: Shape = Shape::Struct(&SCHEMA);
        static SCHEMAS: Shape = Shape::List("[]v1.JSONSchemaProps", &SCHEMA_SHAPE);
        static TEXT: Shape = Shape::Text("string");
        static TEXTS: Shape = Shape::List("[]string", &TEXT);
        let inner = match (&node.value, shape) {
            (Value::Map(_), _) => &SCHEMA_SHAPE,
            (Value::List(_), Shape::SchemaOrList) => &SCHEMAS,
            (Value::List(_), Shape::SchemaOrTexts) => &TEXTS,
            (Value::Bool(_), Shape::SchemaOrBool) => return Ok(()),
            (_, Shape::SchemaOrBool) => {
                return Err(Unmarshal::Other {
                    message: "boolean or JSON schema expected".to_owned(),
                    at: node.at,
                });
            }
            _ => return Ok(()),
        };
        let mut decoder = Decoder {
            era: self.era,
            path: self.path.clone(),
            silent: true,
            ..Decoder::default()
        };
        let ended = decoder.value(node, inner).err();
        self.strict.append(&mut decoder.strict);
        match ended.or(decoder.saved) {
            Some(error) => Err(self.within(error)),
            None => Ok(()),
        }
    }

    /// Adds the way to here to an error of what decodes itself.
    fn within(&self, error: Unmarshal) -> Unmarshal {
        match error {
            Unmarshal::Type {
                value,
                wanted,
                field,
                at,
                ..
            } => Unmarshal::Type {
                value,
                wanted,
                structure: self.structure,
                field: self.fields.iter().cloned().chain(field).collect(),
                at,
            },
            other @ Unmarshal::Other { .. } => other,
        }
    }

    fn step(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!(".{key}")
        }
    }

    fn at(
        &mut self,
        step: &str,
        decode: impl FnOnce(&mut Decoder) -> Result<(), Unmarshal>,
    ) -> Result<(), Unmarshal> {
        let length = self.path.len();
        self.path.push_str(step);
        let ended = decode(self);
        self.path.truncate(length);
        ended
    }

    fn once<'e>(
        &mut self,
        seen: &mut HashSet<&'e str>,
        entry: &'e Entry,
        of: Option<&'static Struct>,
    ) {
        if !seen.insert(&entry.key) && !entry.merged {
            self.strict(entry, Fault::Duplicate, of);
        }
    }

    fn strict(&mut self, entry: &Entry, fault: Fault, of: Option<&'static Struct>) {
        let path = format!("{}{}", self.path, self.step(&entry.key));
        let duplicate = matches!(fault, Fault::Duplicate);
        let known = |error: &StrictError| error.path == path && error.is_duplicate() == duplicate;
        if self.strict.iter().any(known) {
            return;
        }
        self.strict.push(StrictError {
            name: entry.key.clone(),
            path,
            at: entry.at,
            fault,
            of,
            silent: self.silent,
        });
    }

    fn wrong(&mut self, node: &Node, shape: &Shape) {
        let error = self.type_error(kind(node), &type_name(shape), node);
        self.save(error);
    }

    fn type_error(&self, value: &str, wanted: &str, node: &Node) -> Unmarshal {
        Unmarshal::Type {
            value: value.to_owned(),
            wanted: wanted.to_owned(),
            structure: self.structure,
            field: self.fields.clone(),
            at: node.at,
        }
    }

    fn save(&mut self, error: Unmarshal) {
        self.saved.get_or_insert(error);
    }
}

fn kind(node: &Node) -> &'static str {
    match node.value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::List(_) => "array",
        Value::Map(_) => "object",
    }
}

fn type_name(shape: &Shape) -> String {
    match shape {
        Shape::Text(name) | Shape::Map(name, _) | Shape::List(name, _) => (*name).to_owned(),
        Shape::Bool => "bool".to_owned(),
        Shape::Int32 => "int32".to_owned(),
        Shape::Int64 => "int64".to_owned(),
        Shape::Float => "float64".to_owned(),
        Shape::Bytes => "[]uint8".to_owned(),
        Shape::Struct(structure) => format!("{}.{}", structure.package, structure.name),
        _ => String::new(),
    }
}

/// Where standard base64 with padding ends to be it.
///
/// Source: `Decode` of Go's encoding/base64, which passes over line breaks.
fn base64_error(text: &str) -> Option<usize> {
    let mut digits = 0_usize;
    let bytes: Vec<(usize, u8)> = text
        .bytes()
        .enumerate()
        .filter(|(_, byte)| !b"\r\n".contains(byte))
        .collect();
    for (place, (at, byte)) in bytes.iter().enumerate() {
        if byte.is_ascii_alphanumeric() || b"+/".contains(byte) {
            digits += 1;
            continue;
        }
        if *byte != b'=' || digits % 4 < 2 {
            return Some(*at);
        }
        let rest = &bytes[place + 1..];
        // Three digits want one sign, two want two.
        let wanted = 3 - digits % 4;
        let signs = rest
            .iter()
            .take(wanted)
            .take_while(|(_, byte)| *byte == b'=')
            .count();
        return match rest.get(signs) {
            Some((at, _)) => Some(*at),
            None => (signs < wanted).then_some(text.len()),
        };
    }
    (!digits.is_multiple_of(4)).then(|| digits / 4 * 4)
}

fn time(text: &str, node: &Node) -> Result<(), Unmarshal> {
    if text.parse::<jiff::Timestamp>().is_ok() {
        return Ok(());
    }
    Err(Unmarshal::Other {
        message: format!(
            "parsing time {0} as \"2006-01-02T15:04:05Z07:00\": cannot parse {0} as \"2006\"",
            super::quote(text)
        ),
        at: node.at,
    })
}

#[cfg(test)]
mod tests {
    use super::super::CUSTOM_RESOURCE_DEFINITION;
    use super::*;
    use crate::crd::document::{Limits, read};

    fn decoded(text: &str) -> Decoded {
        let documents = read(text.as_bytes(), Limits::default()).unwrap();
        decode(&documents[0].root, &CUSTOM_RESOURCE_DEFINITION)
    }

    #[test]
    fn values_of_the_wrong_type_are_refused_in_the_words_of_go() {
        for (text, message) in [
            (
                "spec: {names: {plural: 5}}",
                "number into Go struct field CustomResourceDefinitionNames.spec.names.plural of type string",
            ),
            (
                "spec: {versions: {}}",
                "object into Go struct field CustomResourceDefinitionSpec.spec.versions of type []v1.CustomResourceDefinitionVersion",
            ),
            (
                "spec: {versions: [{schema: {openAPIV3Schema: {properties: {a: {items: {type: 1}}}}}}]}",
                "number into Go struct field JSONSchemaProps.spec.versions.schema.openAPIV3Schema.properties.items.type of type string",
            ),
            (
                "spec: {versions: [{schema: {openAPIV3Schema: {maxLength: 1.5}}}]}",
                "number 1.5 into Go struct field JSONSchemaProps.spec.versions.schema.openAPIV3Schema.maxLength of type int64",
            ),
        ] {
            let message = format!("json: cannot unmarshal {message}");
            assert_eq!(decoded(text).error.unwrap().message, message);
        }
        let text = "spec: {versions: [{schema: {openAPIV3Schema: {additionalProperties: 1}}}]}";
        assert_eq!(
            decoded(text).error.unwrap().message,
            "boolean or JSON schema expected"
        );
    }

    #[test]
    fn unknown_and_repeated_fields_are_told_with_their_paths() {
        let decoded = decoded(
            "spec:\n  names: {scope: Namespaced}\n  group: a\n  group: b\n  versions: [{items: 1}]\n",
        );
        let paths: Vec<(&str, bool)> = decoded
            .strict
            .iter()
            .map(|error| (error.path.as_str(), error.is_duplicate()))
            .collect();
        assert_eq!(
            paths,
            [
                ("spec.names.scope", false),
                ("spec.group", true),
                ("spec.versions[0].items", false)
            ]
        );
    }
}
