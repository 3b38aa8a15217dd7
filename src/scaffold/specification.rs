//! `api.toml`: a description as a file, read and written.

use std::ops::Range;
use std::path::Path;
use std::rc::Rc;

use serde_json::Value as Json;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::ScaffoldError;
use super::answers::{self, Answers, Body, VersionAnswer};
use super::description::{Deprecation, Scope};
use super::field::{self, Field, Node, Placed, Shape};
use super::told::{Complaint, Place, Source, Told};
use crate::recipe::{Problem, nearest};

/// Keys of a body; they stand at the top for all versions, or in a version for it alone.
const BODY: [&str; 9] = [
    "spec",
    "status",
    "root",
    "columns",
    "selectable",
    "cel",
    "scale",
    "status-subresource",
    "standard-status",
];
/// Keys that stand at the top alone.
const TOP: [&str; 10] = [
    "kind",
    "group",
    "plural",
    "singular",
    "list-kind",
    "short",
    "categories",
    "scope",
    "api-approved",
    "versions",
];
/// Keys of a version beside those of its body.
const VERSION: [&str; 4] = ["name", "served", "storage", "deprecated"];

/// Reads a file.
pub fn read(path: &Path) -> Result<Answers, ScaffoldError> {
    let text = std::fs::read_to_string(path).map_err(ScaffoldError::io(path))?;
    parse(&path.to_string_lossy(), &text).map_err(|complaints| ScaffoldError::invalid(&complaints))
}

/// Reads a file's text.
pub fn parse(name: &str, text: &str) -> Result<Answers, Vec<Complaint>> {
    let source = Rc::new(Source {
        name: name.to_owned(),
        text: text.to_owned(),
    });
    let (document, errors) = DeTable::parse_recoverable(text);
    let mut reader = Reader {
        source,
        complaints: Vec::new(),
    };
    for error in &errors {
        reader.complain(
            error.span().unwrap_or_default(),
            "broken TOML",
            error.message().replace('\n', "; "),
        );
    }
    let answers = if errors.is_empty() {
        reader.answers(document.get_ref())
    } else {
        None
    };
    match answers {
        Some(answers) if reader.complaints.is_empty() => Ok(answers),
        _ => Err(reader.complaints),
    }
}

type Value<'t> = Spanned<DeValue<'t>>;

struct Reader {
    source: Rc<Source>,
    complaints: Vec<Complaint>,
}

impl Reader {
    fn complain(
        &mut self,
        span: Range<usize>,
        message: impl Into<String>,
        label: impl Into<String>,
    ) {
        self.complaints
            .push(self.place(span).complain(message, label));
    }

    fn place(&self, span: Range<usize>) -> Place {
        Place {
            source: Rc::clone(&self.source),
            span,
        }
    }

    fn answers(&mut self, top: &DeTable<'_>) -> Option<Answers> {
        self.unknown_keys(top, &[&TOP[..], &BODY[..]].concat());
        for key in ["kind", "group"] {
            if !top.contains_key(key) {
                self.complain(
                    0..0,
                    format!("`{key}` is missing"),
                    format!("add `{key} = \"…\"`"),
                );
            }
        }
        let scope = match self.text(top, "scope") {
            Some(told) if told.value == "Cluster" => Scope::Cluster,
            Some(told) if told.value != "Namespaced" => {
                self.complaints.push(
                    told.place
                        .complain("supported values: \"Cluster\", \"Namespaced\"", ""),
                );
                Scope::Namespaced
            }
            _ => Scope::Namespaced,
        };
        let versions = self.versions(top);
        Some(Answers {
            kind: self.text(top, "kind")?,
            group: self.text(top, "group")?,
            plural: self.text(top, "plural"),
            singular: self.text(top, "singular"),
            list_kind: self.text(top, "list-kind"),
            short: self.texts(top, "short"),
            categories: self.texts(top, "categories"),
            scope,
            approval: self.text(top, "api-approved").map(|told| told.value),
            versions,
        })
    }

    fn unknown_keys(&mut self, table: &DeTable<'_>, known: &[&str]) {
        for key in table.keys() {
            let word = key.get_ref().as_ref();
            if !known.contains(&word) {
                let label = match nearest(word, known.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("known keys: {}", known.join(", ")),
                };
                self.complain(key.span(), format!("unknown key `{word}`"), label);
            }
        }
    }

    fn versions(&mut self, top: &DeTable<'_>) -> Vec<VersionAnswer> {
        let Some(value) = top.get("versions") else {
            let name = Told {
                value: "v1".to_owned(),
                place: self.place(0..0),
            };
            return vec![self.version(name, top, top)];
        };
        let Some(array) = value.get_ref().as_array() else {
            self.complain(value.span(), "expected tables: [[versions]]", "");
            return Vec::new();
        };
        let mut versions = Vec::new();
        for item in array {
            let Some(table) = item.get_ref().as_table() else {
                self.complain(item.span(), "expected a table: [[versions]]", "");
                continue;
            };
            self.unknown_keys(table, &[&VERSION[..], &BODY[..]].concat());
            match self.text(table, "name") {
                Some(name) => versions.push(self.version(name, table, top)),
                None => self.complain(item.span(), "a version has no name", "add `name = \"v1\"`"),
            }
        }
        if array.is_empty() {
            self.complain(value.span(), "there is no version", "");
        }
        versions
    }

    fn version(
        &mut self,
        name: Told<String>,
        table: &DeTable<'_>,
        top: &DeTable<'_>,
    ) -> VersionAnswer {
        let is_own = !std::ptr::eq(table, top);
        let flag = |reader: &mut Reader, key: &str| {
            if is_own {
                reader.flag(table, key)
            } else {
                None
            }
        };
        let deprecation = match table
            .get("deprecated")
            .filter(|_| is_own)
            .map(|value| (value.get_ref(), value.span()))
        {
            Some((DeValue::Boolean(true), _)) => Some(Deprecation::default()),
            Some((DeValue::String(warning), _)) => Some(Deprecation {
                warning: Some(warning.to_string()),
            }),
            Some((DeValue::Boolean(false), _)) | None => None,
            Some((_, span)) => {
                self.complain(span, "expected true or the text of a warning", "");
                None
            }
        };
        VersionAnswer {
            served: flag(self, "served").unwrap_or(true),
            storage: flag(self, "storage").unwrap_or(false),
            deprecation,
            body: self.body(table, top),
            name,
        }
    }

    /// A body, each key of it from the version if it stands there, else from the top.
    fn body<'t>(&mut self, table: &'t DeTable<'t>, top: &'t DeTable<'t>) -> Body {
        let get = |key: &str| table.get(key).or_else(|| top.get(key));
        let from = |key: &str| if table.contains_key(key) { table } else { top };
        let mut body = Body::new();
        body.root = Node::new(Shape::Object(Vec::new()));
        for key in ["spec", "status"] {
            if let Some(value) = get(key) {
                self.part(key, value, &mut body);
            }
        }
        if get("spec").is_none() && get("root").is_none() {
            body.root = Body::new().root;
        }
        if let Some(root) = get("root") {
            self.root(root, &mut body);
        }
        body.status = self
            .flag(from("status-subresource"), "status-subresource")
            .unwrap_or(get("status").is_none_or(|value| value.get_ref().as_bool() != Some(false)));
        body.scale = self.scale(get("scale"));
        for told in self.texts(from("columns"), "columns") {
            match answers::column(&told.value) {
                Ok(column) => body.columns.push(Told {
                    value: column,
                    place: told.place,
                }),
                Err(message) => self.complaints.push(told.place.complain(message, "")),
            }
        }
        for told in self.texts(from("selectable"), "selectable") {
            let value = answers::json_path(&told.value);
            body.selectable.push(Told {
                value,
                place: told.place,
            });
        }
        for told in self.texts(from("cel"), "cel") {
            let added =
                answers::rule_at(&told.value).map_err(|message| told.place.complain(message, ""));
            let added = added.and_then(|(path, rule)| body.add_rule(&path, rule, &told.place));
            self.complaints.extend(added.err());
        }
        if get("status").is_none()
            || self.flag(from("standard-status"), "standard-status") == Some(true)
        {
            body.standard_status();
        }
        body
    }

    fn scale(&mut self, value: Option<&Value<'_>>) -> Option<Told<super::description::Scale>> {
        let value = value?;
        let text = match value.get_ref() {
            DeValue::Boolean(true) => "",
            DeValue::String(text) => text.as_ref(),
            DeValue::Boolean(false) => return None,
            _ => "\0",
        };
        let place = self.place(value.span());
        match answers::scale(text) {
            Ok(scale) => Some(Told {
                value: scale,
                place,
            }),
            Err(message) => {
                self.complaints.push(place.complain(message, ""));
                None
            }
        }
    }

    /// `spec` or `status`: a table of fields, a type, or false.
    fn part(&mut self, name: &str, value: &Value<'_>, body: &mut Body) {
        if value.get_ref().as_bool() == Some(false) {
            return;
        }
        if let Some(field) = self.field(name, value)
            && let Shape::Object(fields) = &mut body.root.shape
        {
            self.remember(&field, value.span(), &mut body.fields);
            fields.push(field);
        }
    }

    fn remember(&self, field: &Field, span: Range<usize>, fields: &mut Vec<Told<Placed>>) {
        let value = Placed {
            path: Vec::new(),
            field: field.clone(),
        };
        fields.push(Told {
            value,
            place: self.place(span),
        });
    }

    fn root(&mut self, value: &Value<'_>, body: &mut Body) {
        let Some(field) = self.field("root", value) else {
            return;
        };
        let more = match field.node.shape {
            Shape::Object(more) => more,
            _ => Vec::new(),
        };
        body.root.settings = field.node.settings;
        body.root.rules = field.node.rules;
        if let Shape::Object(fields) = &mut body.root.shape {
            fields.extend(more);
        }
    }

    /// A field: its type as a text, or a table of its own fields, in which `"."` says what stands behind the type.
    fn field(&mut self, name: &str, value: &Value<'_>) -> Option<Field> {
        match value.get_ref() {
            DeValue::String(text) => {
                let (node, optional) = self.typed(text, value.span())?;
                Some(Field {
                    name: name.to_owned(),
                    optional,
                    node,
                })
            }
            DeValue::Table(table) => Some(self.object(name, table)),
            _ => {
                self.complain(
                    value.span(),
                    format!("the field `{name}` has no type"),
                    "expected a type in quotes, such as 'int32?=1{min=1}', or a table of fields",
                );
                None
            }
        }
    }

    fn object(&mut self, name: &str, table: &DeTable<'_>) -> Field {
        let mut entries: Vec<_> = table.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        // The status is optional by nature: nobody has one at first.
        let mut object = Field {
            name: name.to_owned(),
            optional: name == "status",
            node: Node::new(Shape::Object(Vec::new())),
        };
        let mut fields = Vec::new();
        for (key, value) in entries {
            if key.get_ref() == "." {
                if let Some(suffix) = value.get_ref().as_str()
                    && let Some((node, optional)) =
                        self.typed(&format!("object(){suffix}"), value.span())
                {
                    object.node = node;
                    object.optional = optional;
                }
            } else {
                fields.extend(self.field(key.get_ref(), value));
            }
        }
        object.node.shape = Shape::Object(fields);
        object
    }

    fn typed(&mut self, text: &str, span: Range<usize>) -> Option<(Node, bool)> {
        match field::parse_node(text) {
            Ok(typed) => Some(typed),
            Err(problem) => {
                let problem = self.shifted(text, span, problem);
                self.complaints.push(Complaint {
                    source: Rc::clone(&self.source),
                    problem,
                });
                None
            }
        }
    }

    /// The problem at its place in the file, where the text stands there as it is; else the whole value is shown.
    fn shifted(&self, text: &str, span: Range<usize>, problem: Problem) -> Problem {
        let start = span.start + 1;
        let stands_there = self.source.text.get(start..start + text.len()) == Some(text);
        let shifted = start + problem.span.start..start + problem.span.end;
        Problem {
            span: if stands_there { shifted } else { span },
            ..problem
        }
    }

    fn text(&mut self, table: &DeTable<'_>, key: &str) -> Option<Told<String>> {
        let value = table.get(key)?;
        self.as_text(key, value)
    }

    fn as_text(&mut self, key: &str, value: &Value<'_>) -> Option<Told<String>> {
        let place = self.place(value.span());
        if let Some(text) = value.get_ref().as_str() {
            return Some(Told {
                value: text.to_owned(),
                place,
            });
        }
        self.complain(
            value.span(),
            format!("wrong type of `{key}`"),
            "expected a text in quotes",
        );
        None
    }

    fn texts(&mut self, table: &DeTable<'_>, key: &str) -> Vec<Told<String>> {
        let Some(value) = table.get(key) else {
            return Vec::new();
        };
        let Some(array) = value.get_ref().as_array() else {
            let message = format!("wrong type of `{key}`");
            self.complain(value.span(), message, "expected an array of texts");
            return Vec::new();
        };
        let items = array.iter();
        items.filter_map(|item| self.as_text(key, item)).collect()
    }

    fn flag(&mut self, table: &DeTable<'_>, key: &str) -> Option<bool> {
        let value = table.get(key)?;
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            self.complain(
                value.span(),
                format!("wrong type of `{key}`"),
                "expected true or false",
            );
        }
        flag
    }
}

/// A TOML string; in single quotes where possible, so that patterns stand as they are.
pub(super) fn toml_text(text: &str) -> String {
    if text.contains('\'') || text.chars().any(char::is_control) {
        Json::String(text.to_owned())
            .to_string()
            .replace('\u{7f}', "\\u007f")
    } else {
        format!("'{text}'")
    }
}
