//! Literals: what is looked at once all types are right.
//!
//! Source: github.com/google/cel-go/cel/validator.go.

use super::Unchecked;
use super::evaluate::{applied, constant};
use super::expression::{Expr, Kind, Literal};
use super::fault::Fault;
use super::kind::Type;
use super::value::Stop;
use crate::crd::go::syntax_error;

/// What is checked of literals once all types are right.
pub(super) fn literals(
    root: &Expr,
    types: &[Type],
    faults: &mut Vec<Fault>,
) -> Result<(), Unchecked> {
    within(root, types, false, faults)
}

/// `is_free` tells that it is what a text is filled with, which may be of any type.
fn within(
    expr: &Expr,
    types: &[Type],
    is_free: bool,
    faults: &mut Vec<Fault>,
) -> Result<(), Unchecked> {
    let mut frees = is_free;
    match &expr.kind {
        Kind::Call {
            function,
            arguments,
            ..
        } => {
            literal_arguments(function, arguments, faults)?;
            if function == "format" {
                frees = true;
                clauses(expr, types, faults)?;
            }
        }
        Kind::List(items) if !is_free => same(items.iter(), types, faults),
        Kind::Map(entries) => {
            if !is_free {
                every(entries.iter().map(|(key, _)| key), types, faults);
                every(entries.iter().map(|(_, value)| value), types, faults);
            }
            literal_keys(entries)?;
        }
        _ => {}
    }
    for part in expr.parts() {
        within(part, types, frees, faults)?;
    }
    Ok(())
}

/// Whether the clauses of a text fit what it is filled with, where both are written; of types that do not fit it is not told
/// here.
fn clauses(expr: &Expr, types: &[Type], faults: &mut Vec<Fault>) -> Result<(), Unchecked> {
    let Kind::Call {
        target, arguments, ..
    } = &expr.kind
    else {
        return Ok(());
    };
    let (Some(Kind::Literal(Literal::String(text))), Some(Kind::List(values))) = (
        target.as_ref().map(|target| &target.kind),
        arguments.first().map(|list| &list.kind),
    ) else {
        return Ok(());
    };
    let mut fault = |message| {
        faults.push(Fault {
            at: expr.at,
            message,
        });
    };
    let plain = text.replace("%%", "");
    let mut rest = plain.as_str();
    let mut count = 0;
    while let Some((_, after)) = rest.split_once('%') {
        let Some(value) = values.get(count) else {
            fault(format!("index {count} out of range"));
            return Ok(());
        };
        let clause = after.chars().next().ok_or(Unchecked)?;
        if !fits(clause, &types[value.id]) {
            return Err(Unchecked);
        }
        rest = &after[clause.len_utf8()..];
        count += 1;
    }
    if values.len() > count {
        let given = values.len();
        fault(format!(
            "too many arguments supplied to string.format (expected {count}, got {given})"
        ));
    }
    Ok(())
}

fn fits(clause: char, of: &Type) -> bool {
    let whole = matches!(of, Type::Dyn | Type::Int | Type::Uint);
    match clause {
        's' => match of {
            Type::List(of) => fits(clause, of),
            Type::Bytes | Type::Meta(_) | Type::Null | Type::String => true,
            of => whole || of.is_scalar() && of.held().is_none(),
        },
        'd' | 'o' => whole,
        'b' => whole || *of == Type::Bool,
        'x' | 'X' => whole || matches!(of, Type::Bytes | Type::String),
        _ => false,
    }
}

fn literal_arguments(
    function: &str,
    arguments: &[Expr],
    faults: &mut Vec<Fault>,
) -> Result<(), Unchecked> {
    let Some((first, literal)) = arguments.first().and_then(|first| match &first.kind {
        Kind::Literal(literal) => Some((first, literal)),
        _ => None,
    }) else {
        return Ok(());
    };
    let mut fault = || {
        faults.push(Fault {
            at: first.at,
            message: format!("invalid {function} argument"),
        });
    };
    match (function, literal) {
        ("matches", Literal::String(pattern)) if syntax_error(pattern).is_some() => fault(),
        ("duration" | "timestamp", literal) => {
            let literal = Expr {
                kind: Kind::Literal(literal.clone()),
                ..first.clone()
            };
            match constant(&literal)
                .map(|value| value.and_then(|value| applied(function, &[value], &[])))
            {
                Some(Err(Stop::Error(_))) => fault(),
                Some(Ok(_)) => {}
                Some(Err(Stop::Unchecked)) | None => return Err(Unchecked),
            }
        }
        _ => {}
    }
    Ok(())
}

/// What keeps a program from being made of an expression that is right: patterns and conversions that are known then are
/// looked at then, the inner ones first.
pub(super) fn instantiation(root: &Expr) -> Result<Option<String>, Unchecked> {
    for part in root.parts() {
        if let Some(error) = instantiation(part)? {
            return Ok(Some(error));
        }
    }
    let Kind::Call {
        function,
        target,
        arguments,
    } = &root.kind
    else {
        return Ok(None);
    };
    if let Some(value) = constant(root) {
        return match value {
            Ok(_) => Ok(None),
            Err(Stop::Error(error)) => Ok(Some(error)),
            Err(Stop::Unchecked) => Err(Unchecked),
        };
    }
    let place = match function.as_str() {
        "matches" | "find" | "findAll" => usize::from(target.is_none()),
        _ => return Ok(None),
    };
    Ok(match arguments.get(place).map(|argument| &argument.kind) {
        Some(Kind::Literal(Literal::String(pattern))) => syntax_error(pattern),
        _ => None,
    })
}

/// Items must be of one type: the first that is not is told.
fn same<'e>(items: impl Iterator<Item = &'e Expr>, types: &[Type], faults: &mut Vec<Fault>) {
    let mut faults_here = Vec::new();
    every(items, types, &mut faults_here);
    faults.extend(faults_here.into_iter().next());
}

fn every<'e>(items: impl Iterator<Item = &'e Expr>, types: &[Type], faults: &mut Vec<Fault>) {
    let mut first: Option<&Type> = None;
    for item in items {
        let of = &types[item.id];
        match first {
            None => first = Some(of),
            Some(first) if first == of => {}
            Some(first) => faults.push(Fault {
                at: item.at,
                message: format!("expected type '{first}' but found '{of}'"),
            }),
        }
    }
}

/// Keys that repeat, or are of other types than texts and whole numbers, are told when a rule runs.
fn literal_keys(entries: &[(Expr, Expr)]) -> Result<(), Unchecked> {
    for (index, (key, _)) in entries.iter().enumerate() {
        let Kind::Literal(literal @ (Literal::String(_) | Literal::Int(_))) = &key.kind else {
            return Err(Unchecked);
        };
        let repeats = entries[..index]
            .iter()
            .any(|(other, _)| matches!(&other.kind, Kind::Literal(other) if other == literal));
        if repeats {
            return Err(Unchecked);
        }
    }
    Ok(())
}
