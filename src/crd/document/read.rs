//! Reading a file's documents, in bounded time, memory and depth.

use std::collections::HashMap;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Tag};

use super::{Document, Entry, Map, Node, Number, Position, Value, scalar};

/// What is the most that a file may hold.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Its size in bytes.
    pub bytes: usize,
    /// How deep lists and maps may nest.
    pub depth: usize,
    /// How many values it may hold, with what aliases repeat.
    pub nodes: usize,
}

impl Default for Limits {
    /// Far above what the API server takes (a request has at most 3 MiB), far below what hurts.
    fn default() -> Limits {
        Limits {
            bytes: 64 << 20,
            depth: 200,
            nodes: 2_000_000,
        }
    }
}

/// A file cannot be read.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct ReadError {
    /// What is wrong.
    pub message: String,
    /// Where.
    pub at: Position,
}

/// Reads all documents of a file; empty ones are left out.
pub fn read(bytes: &[u8], limits: Limits) -> Result<Vec<Document>, ReadError> {
    let mut reader = Reader::new(text(bytes, limits)?, limits);
    reader.run()?;
    Ok(reader.documents)
}

fn text(bytes: &[u8], limits: Limits) -> Result<&str, ReadError> {
    if bytes.len() > limits.bytes {
        return Err(ReadError {
            message: format!("the file has more than {} bytes", limits.bytes),
            at: Position { line: 1, column: 1 },
        });
    }
    let text = utf8(bytes)?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// What can be read of a file in which documents are broken.
#[derive(Debug, Default)]
pub struct Reading {
    /// The documents that can be read.
    pub documents: Vec<Document>,
    /// What is wrong with the others.
    pub errors: Vec<ReadError>,
}

/// The most documents that may be broken before the rest of a file is left alone.
const MOST_BROKEN: usize = 20;

/// Reads the documents of a file that can be read: behind one that is broken, the next starts at the next `---`.
pub fn read_each(bytes: &[u8], limits: Limits) -> Reading {
    let mut reading = Reading::default();
    let text = match text(bytes, limits) {
        Ok(text) => text,
        Err(error) => {
            reading.errors.push(error);
            return reading;
        }
    };
    let (mut rest, mut first_line, mut nodes) = (text, 0, 0);
    while reading.errors.len() < MOST_BROKEN {
        let mut reader = Reader::new(rest, limits);
        (reader.first_line, reader.nodes) = (first_line, nodes);
        let outcome = reader.run();
        nodes = reader.nodes;
        reading.documents.append(&mut reader.documents);
        let Err(error) = outcome else { break };
        let broken = error.at.line.saturating_sub(first_line + 1);
        reading.errors.push(error);
        let Some((lines, next)) = next_document(rest, broken) else {
            break;
        };
        first_line += lines;
        rest = &rest[next..];
    }
    reading
}

/// Where the first document starts that begins on a line, counted from 0, or behind it, and how many lines are before it.
fn next_document(text: &str, line: usize) -> Option<(usize, usize)> {
    let mut at = 0;
    for (number, found) in text.split_inclusive('\n').enumerate() {
        let is_start = found.trim_end() == "---" || found.starts_with("--- ");
        if is_start && at > 0 && number >= line {
            return Some((number, at));
        }
        at += found.len();
    }
    None
}

fn utf8(bytes: &[u8]) -> Result<&str, ReadError> {
    std::str::from_utf8(bytes).map_err(|error| {
        let before = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
        let line = before.matches('\n').count() + 1;
        let last = before.rsplit('\n').next().unwrap_or_default();
        ReadError {
            message: "this is no UTF-8 text".to_owned(),
            at: Position {
                line,
                column: last.chars().count() + 1,
            },
        }
    })
}

/// A container that is still open.
struct Open {
    node: Node,
    anchor: usize,
    /// The key whose value is yet to come.
    key: Option<(String, Position)>,
    /// How many values stood before it.
    before: usize,
}

struct Reader<'t> {
    text: &'t str,
    parser: Parser<'t, saphyr_parser::StrInput<'t>>,
    /// How many lines of the file are before the text.
    first_line: usize,
    limits: Limits,
    /// Numbers are kept as written: kubectl sends JSON as it is.
    json: bool,
    open: Vec<Open>,
    anchors: HashMap<usize, (Node, usize)>,
    nodes: usize,
    documents: Vec<Document>,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str, limits: Limits) -> Reader<'t> {
        Reader {
            text,
            parser: Parser::new_from_str(text),
            first_line: 0,
            limits,
            json: text.trim_start().starts_with('{'),
            open: Vec::new(),
            anchors: HashMap::new(),
            nodes: 0,
            documents: Vec::new(),
        }
    }

    fn run(&mut self) -> Result<(), ReadError> {
        while let Some(next) = self.parser.next() {
            let (event, span) = match next {
                Ok(next) => next,
                Err(error) => return Err(self.unparsed(&error)),
            };
            let at = self.position(span.start);
            self.take(event, at)?;
        }
        Ok(())
    }

    fn position(&self, marker: Marker) -> Position {
        Position {
            line: self.first_line + marker.line(),
            column: marker.col() + 1,
        }
    }

    fn unparsed(&self, error: &ScanError) -> ReadError {
        let mut at = self.position(*error.marker());
        // The parser is at the end of the line before where it finds some tabs.
        if error.info().contains("tab") {
            at = self.tab(at).unwrap_or(at);
        }
        ReadError {
            message: error.info().to_owned(),
            at,
        }
    }

    /// The tab that indents a line, or the line behind it.
    fn tab(&self, at: Position) -> Option<Position> {
        let before = at.line.saturating_sub(self.first_line + 1);
        let mut lines = self.text.lines().enumerate().skip(before).take(2);
        lines.find_map(|(number, line)| {
            let mut indentation = line.chars().take_while(|c| matches!(c, ' ' | '\t'));
            let column = indentation.position(|c| c == '\t')? + 1;
            let line = self.first_line + number + 1;
            Some(Position { line, column })
        })
    }

    fn take(&mut self, event: Event<'_>, at: Position) -> Result<(), ReadError> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let value = self.scalar(&text, style, tag.as_deref(), at)?;
                self.value(Node { value, at }, anchor, 1)
            }
            Event::Alias(anchor) => self.alias(anchor, at),
            Event::SequenceStart(anchor, _) => self.start(Value::List(Vec::new()), anchor, at),
            Event::MappingStart(anchor, _) => self.start(Value::Map(Map::default()), anchor, at),
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            _ => Ok(()),
        }
    }

    fn scalar(
        &self,
        text: &str,
        style: ScalarStyle,
        tag: Option<&Tag>,
        at: Position,
    ) -> Result<Value, ReadError> {
        let core = tag.filter(|tag| tag.handle == "tag:yaml.org,2002:");
        let plain = match core.map(|tag| tag.suffix.as_str()) {
            Some("binary") => return Err(fail("`!!binary` is not read", at)),
            Some("str") => false,
            Some(_) => true,
            None => tag.is_none() && style == ScalarStyle::Plain,
        };
        if !plain {
            return Ok(Value::String(text.to_owned()));
        }
        if self.json && serde_json::from_str::<serde_json::Number>(text).is_ok() {
            return Ok(Value::Number(Number::new(text)));
        }
        scalar::plain(text).ok_or_else(|| fail("JSON has no such number", at))
    }

    fn alias(&mut self, anchor: usize, at: Position) -> Result<(), ReadError> {
        let Some((node, size)) = self.anchors.get(&anchor) else {
            return Err(fail("this alias stands for what contains it", at));
        };
        if self.nodes + size > self.limits.nodes {
            return Err(self.too_many(at));
        }
        let (mut node, size) = (node.clone(), *size);
        node.at = at;
        self.value(node, 0, size)
    }

    fn start(&mut self, value: Value, anchor: usize, at: Position) -> Result<(), ReadError> {
        if self.open.len() >= self.limits.depth {
            return Err(fail("lists and maps are nested too deep", at));
        }
        if self.key_is_next() {
            return Err(fail("a key must be a text", at));
        }
        self.open.push(Open {
            node: Node { value, at },
            anchor,
            key: None,
            before: self.nodes,
        });
        Ok(())
    }

    fn end(&mut self) -> Result<(), ReadError> {
        let Some(ended) = self.open.pop() else {
            return Ok(());
        };
        let size = self.nodes - ended.before + 1;
        self.nodes = ended.before;
        self.value(ended.node, ended.anchor, size)
    }

    /// Whether a map waits for a key.
    fn key_is_next(&self) -> bool {
        self.open
            .last()
            .is_some_and(|open| matches!(open.node.value, Value::Map(_)) && open.key.is_none())
    }

    /// Puts a value that is complete where it belongs.
    fn value(&mut self, node: Node, anchor: usize, size: usize) -> Result<(), ReadError> {
        self.nodes += size;
        if self.nodes > self.limits.nodes {
            return Err(self.too_many(node.at));
        }
        if anchor != 0 {
            self.anchors.insert(anchor, (node.clone(), size));
        }
        let Some(open) = self.open.last_mut() else {
            if !node.is_null() {
                self.documents.push(Document { root: node });
            }
            return Ok(());
        };
        match (&mut open.node.value, open.key.take()) {
            (Value::List(list), _) => list.push(node),
            (Value::Map(map), Some((key, at))) if key == "<<" => merge(map, node, at)?,
            (Value::Map(map), Some((key, at))) => map.push(Entry {
                key,
                at,
                merged: false,
                node,
            }),
            (_, None) => open.key = Some((key(&node)?, node.at)),
            _ => {}
        }
        Ok(())
    }

    fn too_many(&self, at: Position) -> ReadError {
        let message = format!("the file holds more than {} values", self.limits.nodes);
        ReadError { message, at }
    }
}

/// The text of a key, as kubectl turns it into one of JSON.
fn key(node: &Node) -> Result<String, ReadError> {
    match &node.value {
        Value::String(text) => Ok(text.clone()),
        Value::Bool(is) => Ok(is.to_string()),
        Value::Number(number) => Ok(number.text().to_owned()),
        _ => Err(fail("a key must be a text", node.at)),
    }
}

fn merge(map: &mut Map, node: Node, at: Position) -> Result<(), ReadError> {
    let sources = match node.value {
        Value::Map(source) => vec![source],
        Value::List(list) => list
            .into_iter()
            .rev()
            .map(|item| match item.value {
                Value::Map(source) => Ok(source),
                _ => Err(fail(
                    "map merge requires map or sequence of maps as the value",
                    at,
                )),
            })
            .collect::<Result<_, _>>()?,
        _ => {
            return Err(fail(
                "map merge requires map or sequence of maps as the value",
                at,
            ));
        }
    };
    for source in sources {
        for entry in source.entries {
            map.push(Entry {
                merged: true,
                ..entry
            });
        }
    }
    Ok(())
}

fn fail(message: &str, at: Position) -> ReadError {
    ReadError {
        message: message.to_owned(),
        at,
    }
}

#[cfg(test)]
mod tests;
