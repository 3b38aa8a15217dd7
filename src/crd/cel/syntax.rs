//! What is wrong with an expression, as the crate's parser tells it, which is made from the grammar of the API server's own.

use std::panic::resume_unwind;
use std::thread;

use cel::common::ast::{EntryExpr, Expr as Parsed, IdedExpr, LiteralValue, SourceInfo};

use super::Unchecked;
use super::expression::{Comprehension, Expr, Expression, Kind, Literal, Read};
use super::fault::{Fault, Place, written};
use super::grammar::part;

/// What the crate's parser may take of a stack, which grows with each bracket and sign: without optimisation some 100 KB
/// each. Only what is used becomes memory.
const STACK: usize = 256 << 20;

/// Reads an expression.
pub(super) fn read(source: &str) -> Result<Read, Unchecked> {
    // The crate has a macro of this name that the API server does not have.
    if source.contains("existsOne") {
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
            let tree = Tree { source, places };
            Ok(Ok(Expression::of(tree.expr(root)?)))
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
const OWN: [&str; 4] = [
    "Incomplete `",
    "No `",
    "unexpected character, wanted",
    "unsupported ident kind",
];

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

struct Tree<'s> {
    source: &'s str,
    places: SourceInfo,
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

    fn expr(&self, parsed: IdedExpr) -> Result<Expr, Unchecked> {
        let at = self.place(parsed.id);
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
                    second: None,
                    accumulator: it.accu_var,
                    start: self.expr(it.accu_init)?,
                    condition: self.expr(it.loop_cond)?,
                    step: self.expr(it.loop_step)?,
                    result: self.expr(it.result)?,
                }))
            }
            _ => return Err(Unchecked),
        };
        Ok(part(at, kind))
    }

    fn all(&self, parsed: Vec<IdedExpr>) -> Result<Vec<Expr>, Unchecked> {
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
