//! From events to values: anchors, merges, keys.
//!
//! Source: decode.go of go.yaml.in/yaml/v2, and yaml.go of sigs.k8s.io/yaml, which makes JSON of it.

use std::collections::{HashMap, HashSet};

use super::scalar::Typed;
use super::{Entry, Limits, Map, Node, Number, Position, ReadError, Value};
use crate::crd::yaml::{Event, EventKind, Scalar};

/// The parts of one document as they are written.
pub(super) struct Tree {
    limits: Limits,
    parts: Vec<Part>,
    /// Containers that are open.
    open: Vec<usize>,
    anchors: HashMap<String, usize>,
    root: Option<usize>,
}

struct Part {
    kind: Kind,
    at: Position,
}

enum Kind {
    Scalar(Scalar),
    Sequence(Vec<usize>),
    /// Keys and values in turn.
    Mapping(Vec<usize>),
    Alias(String, usize),
}

impl Tree {
    pub(super) fn new(limits: Limits) -> Tree {
        Tree {
            limits,
            parts: Vec::new(),
            open: Vec::new(),
            anchors: HashMap::new(),
            root: None,
        }
    }

    /// Adds what comes next.
    pub(super) fn take(&mut self, event: Event) -> Result<(), ReadError> {
        let at = Position::from(event.start);
        let (kind, anchor) = match event.kind {
            EventKind::Scalar(mut scalar) => {
                let anchor = scalar.anchor.take();
                (Kind::Scalar(scalar), anchor)
            }
            EventKind::SequenceStart { anchor, .. } => (Kind::Sequence(Vec::new()), anchor),
            EventKind::MappingStart { anchor, .. } => (Kind::Mapping(Vec::new()), anchor),
            EventKind::Alias(name) => {
                let Some(part) = self.anchors.get(&name).copied() else {
                    return fail(format!("unknown anchor '{name}' referenced"), at);
                };
                (Kind::Alias(name, part), None)
            }
            EventKind::SequenceEnd | EventKind::MappingEnd => {
                self.open.pop();
                return Ok(());
            }
            EventKind::DocumentStart | EventKind::DocumentEnd | EventKind::StreamEnd => {
                return Ok(());
            }
        };
        let number = self.parts.len();
        if number >= self.limits.nodes {
            return fail(too_many(self.limits), at);
        }
        match self.open.last().map(|open| &mut self.parts[*open].kind) {
            Some(Kind::Sequence(parts) | Kind::Mapping(parts)) => parts.push(number),
            _ => self.root = Some(number),
        }
        if matches!(kind, Kind::Sequence(_) | Kind::Mapping(_)) {
            if self.open.len() >= self.limits.depth {
                return fail("lists and maps are nested too deep", at);
            }
            self.open.push(number);
        }
        if let Some(anchor) = anchor {
            self.anchors.insert(anchor, number);
        }
        self.parts.push(Part { kind, at });
        Ok(())
    }

    /// The value that all of it makes; `left` is how many values may still be made.
    pub(super) fn decoded(
        &self,
        is_json: bool,
        left: &mut usize,
    ) -> Result<Option<Node>, ReadError> {
        let mut decoder = Decoder {
            tree: self,
            is_json,
            left,
            depth: 0,
            count: 1,
            alias_count: 0,
            followed: Vec::new(),
            has_unwritable: false,
        };
        let mut root = self.root.map(|root| decoder.node(root)).transpose()?;
        if decoder.has_unwritable
            && let Some(root) = &mut root
        {
            written(root, true)?;
        }
        Ok(root)
    }
}

struct Decoder<'t> {
    tree: &'t Tree,
    /// Numbers are kept as written: kubectl sends JSON as it is.
    is_json: bool,
    left: &'t mut usize,
    depth: usize,
    /// How many parts were decoded, and how many of these behind aliases.
    count: usize,
    alias_count: usize,
    /// The aliases that are being followed.
    followed: Vec<usize>,
    /// Whether there are numbers that JSON cannot write.
    has_unwritable: bool,
}

impl Decoder<'_> {
    fn node(&mut self, number: usize) -> Result<Node, ReadError> {
        let tree = self.tree;
        let part = &tree.parts[number];
        let at = part.at;
        self.counted(at)?;
        let value = match &part.kind {
            Kind::Scalar(scalar) => self.scalar(scalar, at)?,
            Kind::Alias(name, target) => {
                let mut node = self.followed(number, name, *target)?;
                node.at = at;
                return Ok(node);
            }
            Kind::Sequence(items) => {
                self.enter(at)?;
                let items = items.iter().map(|item| self.node(*item));
                let items = items.collect::<Result<_, _>>()?;
                self.depth -= 1;
                Value::List(items)
            }
            Kind::Mapping(parts) => Value::Map(self.mapping(parts, at)?),
        };
        Ok(Node { value, at })
    }

    fn enter(&mut self, at: Position) -> Result<(), ReadError> {
        self.depth += 1;
        if self.depth > self.tree.limits.depth {
            return fail("lists and maps are nested too deep", at);
        }
        Ok(())
    }

    /// Counts a part, and ends where there are too many, or too many of them are repetitions.
    fn counted(&mut self, at: Position) -> Result<(), ReadError> {
        self.count += 1;
        self.alias_count += usize::from(!self.followed.is_empty());
        *self.left = match self.left.checked_sub(1) {
            Some(left) => left,
            None => return fail(too_many(self.tree.limits), at),
        };
        let share = self.alias_count as f64 / self.count as f64;
        if self.alias_count > 100 && self.count > 1000 && share > allowed_share(self.count) {
            return fail("document contains excessive aliasing", at);
        }
        Ok(())
    }

    fn followed(&mut self, number: usize, name: &str, target: usize) -> Result<Node, ReadError> {
        let at = self.tree.parts[number].at;
        if self.followed.contains(&number) {
            return fail(format!("anchor '{name}' value contains itself"), at);
        }
        self.enter(at)?;
        self.followed.push(number);
        let node = self.node(target);
        self.followed.pop();
        self.depth -= 1;
        node
    }

    fn mapping(&mut self, parts: &[usize], at: Position) -> Result<Map, ReadError> {
        self.enter(at)?;
        let mut map = Map::default();
        for pair in parts.chunks_exact(2) {
            if is_merge(&self.tree.parts[pair[0]]) {
                self.merge(pair[1], &mut map)?;
                continue;
            }
            let key = self.key(pair[0])?;
            let node = self.node(pair[1])?;
            map.push(Entry {
                key,
                at: self.tree.parts[pair[0]].at,
                merged: false,
                node,
            });
        }
        self.depth -= 1;
        Ok(map)
    }

    /// The text of a key, as kubectl turns it into one of JSON.
    fn key(&mut self, number: usize) -> Result<String, ReadError> {
        let tree = self.tree;
        let Part { kind, at } = &tree.parts[number];
        match kind {
            Kind::Scalar(scalar) => {
                self.counted(*at)?;
                if scalar.tag.is_empty() && !scalar.implicit {
                    return Ok(scalar.value.clone());
                }
                let typed = Typed::of(&scalar.tag, &scalar.value);
                let key = typed.and_then(Typed::key);
                key.or_else(|message| fail(message, *at))
            }
            Kind::Alias(_, target) if !matches!(tree.parts[*target].kind, Kind::Alias(..)) => {
                self.counted(*at)?;
                self.key(*target)
            }
            _ => {
                self.node(number)?;
                fail("invalid map key: a key must be a text", *at)
            }
        }
    }

    /// Takes over the entries of one map, or of several, of which the first goes before the others.
    fn merge(&mut self, number: usize, map: &mut Map) -> Result<(), ReadError> {
        let tree = self.tree;
        let part = &tree.parts[number];
        let is_map = |number: usize| match &tree.parts[number].kind {
            Kind::Mapping(_) => true,
            Kind::Alias(_, target) => matches!(tree.parts[*target].kind, Kind::Mapping(_)),
            _ => false,
        };
        let sources = match &part.kind {
            Kind::Sequence(items) => items.iter().rev().copied().collect(),
            _ => vec![number],
        };
        for source in sources {
            if !is_map(source) {
                let message = "map merge requires map or sequence of maps as the value";
                return fail(message, part.at);
            }
            if let Value::Map(source) = self.node(source)?.value {
                for entry in source.entries {
                    map.push(Entry {
                        merged: true,
                        ..entry
                    });
                }
            }
        }
        Ok(())
    }

    fn scalar(&mut self, scalar: &Scalar, at: Position) -> Result<Value, ReadError> {
        if self.is_json && scalar.implicit {
            let number = serde_json::from_str::<serde_json::Number>(&scalar.value);
            if number.is_ok() {
                return Ok(Value::Number(Number::new(scalar.value.as_str())));
            }
        }
        if scalar.tag.is_empty() && !scalar.implicit {
            return Ok(Value::String(scalar.value.clone()));
        }
        let typed = Typed::of(&scalar.tag, &scalar.value);
        let typed = typed.or_else(|message| fail(message, at))?;
        Ok(typed.value().unwrap_or_else(|| {
            self.has_unwritable = true;
            Value::Number(Number::new(UNWRITABLE))
        }))
    }
}

/// What stands for a number that JSON cannot write.
const UNWRITABLE: &str = "nan";

/// Fails where a number counts that JSON cannot write; where another value of its key goes before it, it is nothing.
fn written(node: &mut Node, counts: bool) -> Result<(), ReadError> {
    match &mut node.value {
        Value::Number(number) if number.text() == UNWRITABLE => {
            if counts {
                return fail("JSON has no such number", node.at);
            }
            node.value = Value::Null;
        }
        Value::List(list) => {
            for node in list {
                written(node, counts)?;
            }
        }
        Value::Map(map) => {
            let mut seen = HashSet::new();
            for entry in map.entries.iter_mut().rev() {
                let is_last = seen.insert(entry.key.clone());
                written(&mut entry.node, counts && is_last)?;
            }
        }
        _ => {}
    }
    Ok(())
}

/// How much of a document may come from aliases: less where it is large.
fn allowed_share(count: usize) -> f64 {
    let (low, high) = (400_000.0, 4_000_000.0);
    let count = (count as f64).clamp(low, high);
    0.99 - 0.89 * ((count - low) / (high - low))
}

fn is_merge(part: &Part) -> bool {
    match &part.kind {
        Kind::Scalar(scalar) => {
            scalar.value == "<<" && (scalar.implicit || scalar.tag == "tag:yaml.org,2002:merge")
        }
        _ => false,
    }
}

fn too_many(limits: Limits) -> String {
    format!("the file holds more than {} values", limits.nodes)
}

fn fail<T>(message: impl Into<String>, at: Position) -> Result<T, ReadError> {
    let message = message.into();
    Err(ReadError { message, at })
}
