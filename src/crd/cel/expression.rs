//! An expression as a tree: what the crate's parser makes of it, less what is not ported.

use std::panic::resume_unwind;
use std::thread;

use cel::common::ast::{EntryExpr, Expr as Parsed, IdedExpr, LiteralValue, SourceInfo};

use super::Unchecked;
use super::fault::{Fault, Place, written};

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

/// Limits within which the API server's parser and the crate's agree, and no stack ends.
const MOST_CHARACTERS: usize = 8 * 1024;
const MOST_SIGNS: usize = 600;
const MOST_NESTING: usize = 24;

/// What the crate's parser may take of a stack, which grows with each bracket and sign: without optimisation some 100 KB
/// each. Only what is used becomes memory.
const STACK: usize = 256 << 20;

/// Reads an expression.
pub(super) fn read(source: &str) -> Result<Read, Unchecked> {
    // The crate has a macro of this name that the API server does not have.
    if !is_modest(source) || source.contains("existsOne") {
        return Err(Unchecked);
    }
    thread::scope(|scope| {
        let reader = thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, || parse(source));
        let read = reader.map_err(|_| Unchecked)?.join();
        read.unwrap_or_else(|panic| resume_unwind(panic))
    })
}

fn parse(source: &str) -> Result<Read, Unchecked> {
    let parser = cel::parser::Parser::default().enable_optional_syntax(true);
    match parser.parse_with_source_info(source) {
        Ok((root, places)) => {
            let mut tree = Tree {
                source,
                places,
                count: 0,
            };
            let root = tree.expr(root)?;
            Ok(Ok(Expression {
                root,
                count: tree.count,
            }))
        }
        Err(errors) => {
            let faults = errors.errors.into_iter().map(|error| Fault {
                at: Place {
                    line: usize::try_from(error.pos.0).unwrap_or_default(),
                    column: usize::try_from(error.pos.1 - 1).unwrap_or_default(),
                },
                message: error.msg,
            });
            let faults = as_upstream(faults.collect(), source);
            Ok(Err(written(faults, source)))
        }
    }
}

/// What only the crate tells.
const OWN: [&str; 3] = ["Incomplete `", "No `", "unexpected character, wanted"];

/// The errors as the API server's parser tells them.
fn as_upstream(mut faults: Vec<Fault>, source: &str) -> Vec<Fault> {
    let is_syntax = |fault: &Fault| fault.message.starts_with("Syntax error: ");
    if !faults.iter().any(is_syntax) {
        return faults;
    }
    // What the crate adds where a part lacks is its own.
    faults.retain(|fault| !OWN.iter().any(|own| fault.message.starts_with(own)));
    // Behind a whole expression, upstream wants nothing but its end, and looks no further.
    let rest = faults.iter().position(|fault| {
        fault.message.starts_with("Syntax error: mismatched input ")
            && fault.message.contains("'==', '!=', 'in'")
            && is_open(source, fault.at) == Some(false)
    });
    if let Some(rest) = rest {
        let fault = &mut faults[rest];
        if let Some((input, _)) = fault.message.split_once(" expecting {") {
            fault.message = format!("{input} expecting <EOF>");
        }
        let mut index = 0;
        faults.retain(|fault| {
            index += 1;
            index <= rest + 1 || fault.message.contains("token recognition error")
        });
    }
    faults
}

/// Whether a bracket or a `?` is open at a place; None where the place is not found.
fn is_open(source: &str, at: Place) -> Option<bool> {
    let line = source.split('\n').nth(at.line.checked_sub(1)?)?;
    let before: usize = source
        .split('\n')
        .take(at.line - 1)
        .map(|line| line.len() + 1)
        .sum();
    let column = line
        .char_indices()
        .nth(at.column)
        .map_or(line.len(), |(at, _)| at);
    let mut open = 0_i32;
    let mut quote = None;
    let mut escaped = false;
    for character in source.get(..before + column)?.chars() {
        match (quote, character) {
            _ if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(mark), _) if mark == character => quote = None,
            (None, '\'' | '"') => quote = Some(character),
            (None, '(' | '[' | '{' | '?') => open += 1,
            (None, ')' | ']' | '}' | ':') => open -= 1,
            (Some(_) | None, _) => {}
        }
    }
    Some(open > 0)
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

struct Tree<'s> {
    source: &'s str,
    places: SourceInfo,
    count: usize,
}

impl Tree<'_> {
    fn place(&self, id: u64) -> Place {
        let Some((start, _)) = self.places.offset_for(id) else {
            return Place::default();
        };
        let before = self.source.get(..start as usize).unwrap_or(self.source);
        let line = before.rfind('\n').map_or(0, |at| at + 1);
        Place {
            line: before.matches('\n').count() + 1,
            column: before[line..].chars().count(),
        }
    }

    fn expr(&mut self, parsed: IdedExpr) -> Result<Expr, Unchecked> {
        let at = self.place(parsed.id);
        let id = self.count;
        self.count += 1;
        let kind = match parsed.expr {
            Parsed::Literal(literal) => Kind::Literal(read_literal(literal)),
            Parsed::Ident(name) => Kind::Ident(name),
            Parsed::Select(select) => Kind::Select {
                operand: Box::new(self.expr(*select.operand)?),
                field: select.field,
                test: select.test,
            },
            Parsed::Call(call) => Kind::Call {
                function: call.func_name,
                target: match call.target {
                    Some(target) => Some(Box::new(self.expr(*target)?)),
                    None => None,
                },
                arguments: self.all(call.args)?,
            },
            Parsed::List(list) if list.optional_indices.is_empty() => {
                Kind::List(self.all(list.elements)?)
            }
            Parsed::Map(map) => {
                let mut entries = Vec::with_capacity(map.entries.len());
                for entry in map.entries {
                    let EntryExpr::MapEntry(entry) = entry.expr else {
                        return Err(Unchecked);
                    };
                    if entry.optional {
                        return Err(Unchecked);
                    }
                    let key = self.expr(entry.key)?;
                    entries.push((key, self.expr(entry.value)?));
                }
                Kind::Map(entries)
            }
            Parsed::Comprehension(it) if it.iter_var2.is_none() => {
                Kind::Comprehension(Box::new(Comprehension {
                    range: self.expr(it.iter_range)?,
                    variable: it.iter_var,
                    accumulator: it.accu_var,
                    start: self.expr(it.accu_init)?,
                    condition: self.expr(it.loop_cond)?,
                    step: self.expr(it.loop_step)?,
                    result: self.expr(it.result)?,
                }))
            }
            _ => return Err(Unchecked),
        };
        Ok(Expr { id, at, kind })
    }

    fn all(&mut self, parsed: Vec<IdedExpr>) -> Result<Vec<Expr>, Unchecked> {
        parsed.into_iter().map(|one| self.expr(one)).collect()
    }
}

fn read_literal(literal: LiteralValue) -> Literal {
    match literal {
        LiteralValue::Boolean(is) => Literal::Bool(*is.inner()),
        LiteralValue::Bytes(bytes) => Literal::Bytes(bytes.inner().to_vec()),
        LiteralValue::Double(double) => Literal::Double(*double.inner()),
        LiteralValue::Int(int) => Literal::Int(*int.inner()),
        LiteralValue::Null => Literal::Null,
        LiteralValue::String(text) => Literal::String(text.inner().to_owned()),
        LiteralValue::UInt(uint) => Literal::Uint(*uint.inner()),
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

    /// Calls on this and all that is within, the outer first.
    pub(super) fn walk<'e>(&'e self, each: &mut dyn FnMut(&'e Expr)) {
        each(self);
        for part in self.parts() {
            part.walk(each);
        }
    }
}
