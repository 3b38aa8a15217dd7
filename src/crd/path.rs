//! Where something is wrong: steps from the root of a document.

use std::fmt;

use super::document::{Node, Position, Value};

/// A step of a path.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Step {
    /// A field: `.spec`
    Field(String),
    /// A key that the user chose: `[replicas]`
    Key(String),
    /// A place in a list: `[0]`
    Index(usize),
}

/// A path that grows on the stack while a document is walked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Path<'p> {
    parent: Option<&'p Path<'p>>,
    step: Here<'p>,
}

#[derive(Clone, Copy, Debug)]
enum Here<'p> {
    Root,
    Field(&'p str),
    Key(&'p str),
    Index(usize),
}

impl<'p> Path<'p> {
    /// The root.
    pub(crate) const ROOT: Path<'static> = Path {
        parent: None,
        step: Here::Root,
    };

    /// A field of what is here.
    pub(crate) fn field(&'p self, name: &'p str) -> Path<'p> {
        self.step(Here::Field(name))
    }

    /// A key of the map that is here.
    pub(crate) fn key(&'p self, name: &'p str) -> Path<'p> {
        self.step(Here::Key(name))
    }

    /// A place in the list that is here.
    pub(crate) fn index(&'p self, index: usize) -> Path<'p> {
        self.step(Here::Index(index))
    }

    fn step(&'p self, step: Here<'p>) -> Path<'p> {
        Path {
            parent: Some(self),
            step,
        }
    }

    /// The steps from the root.
    pub(crate) fn steps(&self) -> Vec<Step> {
        let mut steps = self.parent.map(Path::steps).unwrap_or_default();
        match self.step {
            Here::Root => {}
            Here::Field(name) => steps.push(Step::Field(name.to_owned())),
            Here::Key(name) => steps.push(Step::Key(name.to_owned())),
            Here::Index(index) => steps.push(Step::Index(index)),
        }
        steps
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&written(&self.steps()))
    }
}

/// A path as the API server writes it: `spec.versions[0].schema.openAPIV3Schema.properties[spec]`.
pub fn written(steps: &[Step]) -> String {
    let mut text = String::new();
    for step in steps {
        match step {
            Step::Field(name) if text.is_empty() => text.push_str(name),
            Step::Field(name) => {
                text.push('.');
                text.push_str(name);
            }
            Step::Key(name) => {
                text.push('[');
                text.push_str(name);
                text.push(']');
            }
            Step::Index(index) => {
                text.push('[');
                text.push_str(&index.to_string());
                text.push(']');
            }
        }
    }
    text
}

/// Where a path leads in a document: its value, or, where there is none, what should hold it.
pub(crate) fn locate(root: &Node, steps: &[Step]) -> Position {
    let mut node = root;
    let mut at = root.at;
    for step in steps {
        let next = match (step, &node.value) {
            (Step::Field(name) | Step::Key(name), Value::Map(map)) => match map.entry(name) {
                Some(entry) => {
                    // A container starts at its first line; its key tells more.
                    at = entry.at;
                    Some(&entry.node)
                }
                None => None,
            },
            (Step::Index(index), Value::List(list)) => {
                let item = list.get(*index);
                if let Some(item) = item {
                    at = item.at;
                }
                item
            }
            _ => None,
        };
        match next {
            Some(next) => node = next,
            None => return at,
        }
    }
    match node.value {
        Value::Map(_) | Value::List(_) => at,
        _ => node.at,
    }
}

/// What stands at a path.
pub(crate) fn resolve<'n>(root: &'n Node, steps: &[Step]) -> Option<&'n Node> {
    steps.iter().try_fold(root, |node, step| match step {
        Step::Field(name) | Step::Key(name) => node.get(name),
        Step::Index(index) => node.list()?.get(*index),
    })
}

/// The steps of a path that is written as the API server writes it. A key may hold dots and brackets itself, so that the document is asked which keys there are.
pub(crate) fn parsed(root: &Node, text: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut node = Some(root);
    let mut rest = text;
    while !rest.is_empty() {
        let (step, after) = next(node, rest);
        node = node.and_then(|node| match &step {
            Step::Field(name) | Step::Key(name) => node.get(name),
            Step::Index(index) => node.list()?.get(*index),
        });
        steps.push(step);
        rest = after;
    }
    steps
}

/// The first step of a path, and what is behind it: the longest key that is there, else what looks like one.
fn next<'t>(node: Option<&Node>, text: &'t str) -> (Step, &'t str) {
    let map = node.and_then(Node::map);
    let is_key = |name: &str| map.is_some_and(|map| map.entry(name).is_some());
    if let Some(inside) = text.strip_prefix('[') {
        let ends = inside.rmatch_indices(']').map(|(end, _)| end);
        let known = ends.map(|end| &inside[..end]).find(|name| is_key(name));
        let end = inside.find(']').unwrap_or(inside.len());
        let name = known.unwrap_or(&inside[..end]);
        let after = inside[name.len()..].strip_prefix(']').unwrap_or_default();
        let index = node
            .filter(|node| matches!(node.value, Value::List(_)))
            .and_then(|_| name.parse().ok());
        return (
            index.map_or_else(|| Step::Key(name.to_owned()), Step::Index),
            after,
        );
    }
    let text = text.strip_prefix('.').unwrap_or(text);
    let ends = text.rmatch_indices(['.', '[']).map(|(end, _)| end);
    let known = std::iter::once(text.len())
        .chain(ends)
        .filter(|end| *end > 0)
        .find(|end| is_key(&text[..*end]));
    // Behind an empty name nothing would be left to stop at.
    let end = known.or_else(|| text.find(['.', '[']).filter(|end| *end > 0));
    let (name, after) = text.split_at(end.unwrap_or(text.len()));
    (Step::Field(name.to_owned()), after)
}
