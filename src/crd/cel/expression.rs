//! An expression as a tree.

use super::fault::Place;
use super::{Unchecked, grammar, syntax};

/// A part of an expression.
#[derive(Clone, Debug)]
pub(super) struct Expr {
    /// Its number in the expression.
    pub(super) id: usize,
    pub(super) at: Place,
    pub(super) kind: Kind,
}

/// What it is.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    Literal(Literal),
    Ident(String),
    Select {
        operand: Box<Expr>,
        field: String,
        /// Whether it is within `has()`.
        test: bool,
    },
    Call {
        function: String,
        target: Option<Box<Expr>>,
        arguments: Vec<Expr>,
    },
    List(Vec<Expr>),
    Map(Vec<(Expr, Expr)>),
    Comprehension(Box<Comprehension>),
}

/// What a macro such as `all()` stands for.
#[derive(Clone, Debug)]
pub(super) struct Comprehension {
    pub(super) range: Expr,
    pub(super) variable: String,
    /// The second variable, where the first is the index or the key.
    pub(super) second: Option<String>,
    pub(super) accumulator: String,
    pub(super) start: Expr,
    pub(super) condition: Expr,
    pub(super) step: Expr,
    pub(super) result: Expr,
}

/// A value that is written in the expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Literal {
    Bool(bool),
    Bytes(Vec<u8>),
    Double(f64),
    Int(i64),
    Null,
    String(String),
    Uint(u64),
}

/// An expression that parses.
#[derive(Clone, Debug)]
pub(super) struct Expression {
    pub(super) root: Expr,
    /// How many parts it has.
    pub(super) count: usize,
}

/// What comes of reading an expression: the tree, or the errors as they are told.
pub(super) type Read = Result<Expression, String>;

/// Limits within which no stack ends.
const MOST_CHARACTERS: usize = 8 * 1024;
const MOST_SIGNS: usize = 600;
const MOST_NESTING: usize = 24;

/// Reads an expression.
pub(super) fn read(source: &str) -> Result<Read, Unchecked> {
    if !is_modest(source) {
        return Err(Unchecked);
    }
    match grammar::parse(source) {
        Some(root) => Ok(Ok(Expression::of(root))),
        None => syntax::read(source),
    }
}

/// Whether an expression is small enough to be read.
fn is_modest(source: &str) -> bool {
    let mut depth: usize = 0;
    let mut deepest = 0;
    let mut signs = 0;
    for byte in source.bytes() {
        match byte {
            b'(' | b'[' | b'{' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b'?' | b'!' | b'-' | b'+' | b'*' | b'/' | b'%' | b'&' | b'|' | b'.' | b'<' | b'>'
            | b'=' | b':' => signs += 1,
            _ => {}
        }
    }
    source.len() <= MOST_CHARACTERS && signs <= MOST_SIGNS && deepest <= MOST_NESTING
}

impl Expression {
    /// Gives each part its number, the outer ones first.
    pub(super) fn of(mut root: Expr) -> Expression {
        let mut count = 0;
        root.number(&mut count);
        Expression { root, count }
    }
}

impl Expr {
    /// The name that selections of names spell: `a.b`.
    pub(super) fn qualified_name(&self) -> Option<String> {
        match &self.kind {
            Kind::Ident(name) => Some(name.clone()),
            Kind::Select {
                operand,
                field,
                test: false,
            } => Some(format!("{}.{field}", operand.qualified_name()?)),
            _ => None,
        }
    }

    /// The first name of such a one.
    pub(super) fn first_name(&self) -> Option<&str> {
        match &self.kind {
            Kind::Ident(name) => Some(name),
            Kind::Select { operand, .. } => operand.first_name(),
            _ => None,
        }
    }

    /// The parts directly within.
    pub(super) fn parts(&self) -> Vec<&Expr> {
        match &self.kind {
            Kind::Literal(_) | Kind::Ident(_) => Vec::new(),
            Kind::Select { operand, .. } => vec![operand],
            Kind::Call {
                target, arguments, ..
            } => target.as_deref().into_iter().chain(arguments).collect(),
            Kind::List(items) => items.iter().collect(),
            Kind::Map(entries) => entries
                .iter()
                .flat_map(|(key, value)| [key, value])
                .collect(),
            Kind::Comprehension(it) => {
                vec![&it.range, &it.start, &it.condition, &it.step, &it.result]
            }
        }
    }

    fn number(&mut self, count: &mut usize) {
        self.id = *count;
        *count += 1;
        for part in self.parts_mut() {
            part.number(count);
        }
    }

    fn parts_mut(&mut self) -> Vec<&mut Expr> {
        match &mut self.kind {
            Kind::Literal(_) | Kind::Ident(_) => Vec::new(),
            Kind::Select { operand, .. } => vec![operand],
            Kind::Call {
                target, arguments, ..
            } => target.as_deref_mut().into_iter().chain(arguments).collect(),
            Kind::List(items) => items.iter_mut().collect(),
            Kind::Map(entries) => entries
                .iter_mut()
                .flat_map(|(key, value)| [key, value])
                .collect(),
            Kind::Comprehension(it) => vec![
                &mut it.range,
                &mut it.start,
                &mut it.condition,
                &mut it.step,
                &mut it.result,
            ],
        }
    }
}
