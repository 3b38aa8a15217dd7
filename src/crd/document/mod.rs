//! YAML and JSON kept with positions, read as Kubernetes' own tools read them.
//!
//! A type that drops unknown keys cannot see a misspelt one, so that documents stay trees here. Plain scalars mean what
//! they mean to kubectl (YAML 1.1: `yes` is a boolean, `010` is eight), and numbers keep the text that the API server
//! gets to read.

mod base64;
mod json;
mod list;
mod number;
mod read;
mod scalar;
mod tree;

use std::collections::HashMap;
use std::fmt;
use std::sync::OnceLock;

pub use list::objects;
pub use number::Number;
pub(crate) use number::{float_digits, float_text, float_verb};
pub use read::{Limits, ReadError, Reading, read, read_each};
pub(crate) use scalar::plain;

/// A place in a file: line and column, both from 1; columns count characters.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

impl From<super::yaml::Mark> for Position {
    fn from(mark: super::yaml::Mark) -> Position {
        Position {
            line: mark.text_line,
            column: mark.text_column,
        }
    }
}

/// A value and where it stands.
#[derive(Clone, Debug)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Where it starts.
    pub at: Position,
}

/// A value of JSON's data model.
#[derive(Clone, Debug)]
pub enum Value {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number
    Number(Number),
    /// A text
    String(String),
    /// A list
    List(Vec<Node>),
    /// A map
    Map(Map),
}

/// A map in the order of its file, with what is written twice.
#[derive(Clone, Debug, Default)]
pub struct Map {
    entries: Vec<Entry>,
    /// Which entry of a key is the last, where there are many; made when it is first asked for.
    index: OnceLock<HashMap<String, usize>>,
}

/// How many entries are looked through one by one.
const FEW: usize = 32;

/// A key and its value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key stands.
    pub at: Position,
    /// Whether it comes from a `<<` merge, which others may override.
    pub merged: bool,
    /// The value.
    pub node: Node,
}

impl Map {
    /// The value of a key; of a key that is written twice, the last.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.node)
    }

    /// The entry of a key; of a key that is written twice, the last.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        if self.entries.len() <= FEW {
            return self.entries.iter().rev().find(|entry| entry.key == key);
        }
        let index = self.index.get_or_init(|| {
            let keys = self.entries.iter().enumerate();
            keys.map(|(place, entry)| (entry.key.clone(), place))
                .collect()
        });
        index.get(key).map(|place| &self.entries[*place])
    }

    /// All entries in the order of the file.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entries that count, sorted by key: each key once.
    pub fn sorted(&self) -> Vec<&Entry> {
        let mut sorted: Vec<&Entry> = self.entries.iter().collect();
        sorted.sort_by(|a, b| a.key.cmp(&b.key));
        // The sort is stable: of equal keys the last is the one that was written last.
        let mut once: Vec<&Entry> = Vec::with_capacity(sorted.len());
        for entry in sorted {
            match once.last_mut() {
                Some(last) if last.key == entry.key => *last = entry,
                _ => once.push(entry),
            }
        }
        once
    }

    /// All entries, to be changed.
    pub(crate) fn entries_mut(&mut self) -> &mut [Entry] {
        // Their keys may change.
        self.index.take();
        &mut self.entries
    }

    /// Takes out a key; of a key that is written twice, the first.
    pub(crate) fn remove(&mut self, key: &str) -> Option<Entry> {
        let place = self.entries.iter().position(|entry| entry.key == key)?;
        self.index.take();
        Some(self.entries.remove(place))
    }

    /// Adds an entry at the end.
    pub fn push(&mut self, entry: Entry) {
        if let Some(index) = self.index.get_mut() {
            index.insert(entry.key.clone(), self.entries.len());
        }
        self.entries.push(entry);
    }
}

impl Node {
    /// The value of a key, where this is a map that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.map()?.get(key)
    }

    /// The value at a path of keys.
    pub fn dig(&self, keys: &[&str]) -> Option<&Node> {
        keys.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The map, where this is one.
    pub fn map(&self) -> Option<&Map> {
        match &self.value {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The list, where this is one.
    pub fn list(&self) -> Option<&[Node]> {
        match &self.value {
            Value::List(list) => Some(list),
            _ => None,
        }
    }

    /// The text, where this is one.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The boolean, where this is one.
    pub fn bool(&self) -> Option<bool> {
        match &self.value {
            Value::Bool(is) => Some(*is),
            _ => None,
        }
    }

    /// The number, where this is one.
    pub fn number(&self) -> Option<&Number> {
        match &self.value {
            Value::Number(number) => Some(number),
            _ => None,
        }
    }

    /// Whether this is `null`.
    pub fn is_null(&self) -> bool {
        matches!(self.value, Value::Null)
    }
}

/// A document of a file.
#[derive(Clone, Debug)]
pub struct Document {
    /// Its root.
    pub root: Node,
}
