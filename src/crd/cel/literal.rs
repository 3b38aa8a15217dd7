//! Literals: what is looked at once all types are right.
//!
//! Source: github.com/google/cel-go/cel/validator.go.

use super::expression::{Expr, Kind, Literal};
use super::fault::Fault;
use super::kind::Type;
use super::{Unchecked, function};
use crate::crd::go::syntax_error;

/// What is checked of literals once all types are right.
pub(super) fn literals(
    root: &Expr,
    types: &[Type],
    faults: &mut Vec<Fault>,
) -> Result<(), Unchecked> {
    let mut result = Ok(());
    root.walk(&mut |expr| {
        let one = match &expr.kind {
            Kind::Call {
                function,
                arguments,
                ..
            } => literal_arguments(function, arguments, faults),
            Kind::List(items) => {
                same(items.iter(), types, faults);
                Ok(())
            }
            Kind::Map(entries) => {
                every(entries.iter().map(|(key, _)| key), types, faults);
                every(entries.iter().map(|(_, value)| value), types, faults);
                literal_keys(entries)
            }
            _ => Ok(()),
        };
        if one.is_err() {
            result = one;
        }
    });
    result
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
        ("duration", Literal::String(text)) if function::duration(text).is_none() => fault(),
        ("timestamp", Literal::String(text)) if function::timestamp(text).is_some() => {}
        // What converts is converted when the rule is compiled, and may fail then.
        ("timestamp" | "uint" | "bool", _)
        | ("duration", Literal::Int(_))
        | ("int" | "double", Literal::String(_) | Literal::Double(_) | Literal::Uint(_)) => {
            return Err(Unchecked);
        }
        _ => {}
    }
    Ok(())
}

/// What keeps a program from being made of an expression that is right: patterns that are known then are compiled then.
pub(super) fn instantiation(root: &Expr) -> Option<String> {
    let mut error = None;
    root.walk(&mut |expr| {
        let Kind::Call {
            function,
            target,
            arguments,
        } = &expr.kind
        else {
            return;
        };
        let place = match function.as_str() {
            "matches" | "find" | "findAll" => usize::from(target.is_none()),
            _ => return,
        };
        if let Some(argument) = arguments.get(place)
            && let Kind::Literal(Literal::String(pattern)) = &argument.kind
            && error.is_none()
        {
            error = syntax_error(pattern);
        }
    });
    error
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
