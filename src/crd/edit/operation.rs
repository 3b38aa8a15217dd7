//! What can be done to a document, and what its values are afterwards.

use super::super::document::{Entry, Map, Node, Position, Value};
use super::super::path::Step;

/// A change of a document.
#[derive(Clone, Debug)]
pub(crate) enum Operation {
    /// A key gets another name.
    Rename { path: Vec<Step>, key: String },
    /// A value becomes another.
    Set { path: Vec<Step>, value: Node },
    /// A key gets another name and its value becomes another.
    Exchange {
        path: Vec<Step>,
        key: String,
        value: Node,
    },
    /// A key goes with its value; of a key that is written twice, the first.
    Remove { path: Vec<Step> },
    /// A map gets a key: before another, or at its end.
    Insert {
        map: Vec<Step>,
        key: String,
        value: Node,
        before: Option<String>,
    },
    /// A value moves to the end of these maps, by another name, and is gone where it was.
    Move {
        path: Vec<Step>,
        to: Vec<Vec<Step>>,
        key: String,
    },
    /// A value becomes the only one of a new map: `a: 1` becomes `outer: {inner: 1}`.
    Wrap {
        path: Vec<Step>,
        outer: String,
        inner: String,
    },
    /// A list or map in brackets is written on lines; its values stay.
    Unfold { path: Vec<Step> },
}

impl Operation {
    /// Tells where what is new is to be looked for in the file, which has it nowhere.
    pub(crate) fn place(&mut self, at: Position) {
        if let Operation::Set { value, .. }
        | Operation::Exchange { value, .. }
        | Operation::Insert { value, .. } = self
        {
            place(value, at);
        }
    }

    /// Does it to the values. None where there is no such place.
    pub(crate) fn effect(&self, root: &mut Node) -> Option<()> {
        match self {
            Operation::Rename { path, key } => {
                key.clone_into(&mut entry(root, path)?.key);
            }
            Operation::Set { path, value } => dig(root, path)?.value = value.value.clone(),
            Operation::Exchange { path, key, value } => {
                let entry = entry(root, path)?;
                key.clone_into(&mut entry.key);
                entry.node.value = value.value.clone();
            }
            Operation::Remove { path } => {
                remove(root, path)?;
            }
            Operation::Insert {
                map, key, value, ..
            } => add(root, map, key, value.clone())?,
            Operation::Move { path, to, key } => {
                let moved = remove(root, path)?;
                for map in to {
                    add(root, map, key, moved.node.clone())?;
                }
            }
            Operation::Wrap { path, outer, inner } => {
                let entry = entry(root, path)?;
                outer.clone_into(&mut entry.key);
                let mut map = Map::default();
                let at = entry.at;
                map.push(Entry {
                    key: inner.clone(),
                    at,
                    merged: false,
                    node: entry.node.clone(),
                });
                entry.node.value = Value::Map(map);
            }
            Operation::Unfold { path } => {
                dig(root, path)?;
            }
        }
        Some(())
    }
}

fn place(node: &mut Node, at: Position) {
    if node.at == Position::default() {
        node.at = at;
    }
    match &mut node.value {
        Value::List(list) => list.iter_mut().for_each(|item| place(item, at)),
        Value::Map(map) => {
            for entry in map.entries_mut() {
                if entry.at == Position::default() {
                    entry.at = at;
                }
                place(&mut entry.node, at);
            }
        }
        _ => {}
    }
}

fn dig<'n>(root: &'n mut Node, path: &[Step]) -> Option<&'n mut Node> {
    path.iter()
        .try_fold(root, |node, step| match (step, &mut node.value) {
            (Step::Field(name) | Step::Key(name), Value::Map(map)) => {
                let entries = map.entries_mut().iter_mut().rev();
                let mut entries = entries.filter(|entry| entry.key == *name);
                entries.next().map(|entry| &mut entry.node)
            }
            (Step::Index(index), Value::List(list)) => list.get_mut(*index),
            _ => None,
        })
}

fn holder<'n, 'p>(root: &'n mut Node, path: &'p [Step]) -> Option<(&'n mut Map, &'p str)> {
    let (Step::Field(name) | Step::Key(name), above) = path.split_last()? else {
        return None;
    };
    match &mut dig(root, above)?.value {
        Value::Map(map) => Some((map, name)),
        _ => None,
    }
}

fn entry<'n>(root: &'n mut Node, path: &[Step]) -> Option<&'n mut Entry> {
    let (map, name) = holder(root, path)?;
    let mut entries = map.entries_mut().iter_mut().rev();
    entries.find(|entry| entry.key == name)
}

fn remove(root: &mut Node, path: &[Step]) -> Option<Entry> {
    let (map, name) = holder(root, path)?;
    map.remove(name)
}

fn add(root: &mut Node, path: &[Step], key: &str, node: Node) -> Option<()> {
    let Value::Map(map) = &mut dig(root, path)?.value else {
        return None;
    };
    map.push(Entry {
        key: key.to_owned(),
        at: node.at,
        merged: false,
        node,
    });
    Some(())
}

/// Whether two values are the same, wherever they stand, in whatever order maps hold them.
pub(crate) fn same(a: &Node, b: &Node) -> bool {
    match (&a.value, &b.value) {
        (Value::Null, Value::Null) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Number(a), Value::Number(b)) => a == b,
        (Value::String(a), Value::String(b)) => a == b,
        (Value::List(a), Value::List(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Map(a), Value::Map(b)) => {
            let (a, b) = (a.sorted(), b.sorted());
            a.len() == b.len()
                && a.iter()
                    .zip(b)
                    .all(|(a, b)| a.key == b.key && same(&a.node, &b.node))
        }
        _ => false,
    }
}
