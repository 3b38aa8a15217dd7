//! What an expression comes to.
//!
//! Source: github.com/google/cel-go/interpreter (interpretable.go, attributes.go) and common/types.

use std::rc::Rc;

use super::check::Checked;
use super::expression::{Comprehension, Expr, Kind, Literal};
use super::value::{Evaluated, Stop, Value, fail};
use super::{clock, convert, formatting, library, lists, operator, strings};

/// Far less than the API server lets a rule take, by a count that is never less than its own.
const LIMIT: u64 = 500_000;

/// Types that are values.
const TYPES: [&str; 9] = [
    "bool",
    "bytes",
    "double",
    "int",
    "list",
    "map",
    "null_type",
    "string",
    "uint",
];

/// An expression that runs.
pub(super) struct Evaluation<'v> {
    variables: Vec<(String, Evaluated<Value<'v>>)>,
    checked: &'v Checked,
    spent: u64,
}

impl<'v> Evaluation<'v> {
    /// One with these variables.
    pub(super) fn new(
        variables: Vec<(String, Evaluated<Value<'v>>)>,
        checked: &'v Checked,
    ) -> Evaluation<'v> {
        Evaluation {
            variables,
            checked,
            spent: 0,
        }
    }

    /// Runs it.
    pub(super) fn run(&mut self, expr: &Expr) -> Evaluated<Value<'v>> {
        self.expr(expr)
    }

    /// What it cost so far, and more.
    pub(super) fn spent(&self) -> u64 {
        self.spent
    }

    fn spend(&mut self, cost: u64) -> Evaluated<()> {
        self.spent = self.spent.saturating_add(cost);
        if self.spent > LIMIT {
            return Err(Stop::Unchecked);
        }
        Ok(())
    }

    fn expr(&mut self, expr: &Expr) -> Evaluated<Value<'v>> {
        self.spend(2)?;
        match &expr.kind {
            Kind::Literal(literal) => Ok(written(literal)),
            Kind::Ident(name) => self.ident(name),
            Kind::Select {
                operand,
                field,
                test,
            } => {
                let value = self.expr(operand)?;
                let found = selected(&value, &Value::text(field.as_str()))?;
                match found {
                    Selected::Plain(found) if *test => Ok(Value::Bool(found.is_some())),
                    Selected::Optional(found) if *test => Ok(Value::Bool(found.is_some())),
                    Selected::Plain(found) => {
                        found.map_or_else(|| fail(format!("no such key: {field}")), Ok)
                    }
                    Selected::Optional(found) => Ok(Value::Optional(found.map(Rc::new))),
                }
            }
            Kind::Call {
                function,
                target,
                arguments,
            } => self.call(expr, function, target.as_deref(), arguments),
            Kind::List(items) => {
                self.spend(10)?;
                let items: Evaluated<Vec<Value<'v>>> =
                    items.iter().map(|item| self.expr(item)).collect();
                Ok(Value::List(Rc::new(items?)))
            }
            Kind::Map(entries) => {
                self.spend(30)?;
                let mut map = Vec::with_capacity(entries.len());
                for (key, value) in entries {
                    map.push((self.expr(key)?, self.expr(value)?));
                }
                Ok(Value::Map(Rc::new(map)))
            }
            Kind::Comprehension(comprehension) => self.comprehension(comprehension),
        }
    }

    fn ident(&self, name: &str) -> Evaluated<Value<'v>> {
        let name = name.strip_prefix('.').unwrap_or(name);
        let known = self.variables.iter().rev().find(|(known, _)| known == name);
        if let Some((_, value)) = known {
            return value.clone();
        }
        let found = TYPES.into_iter().find(|known| *known == name);
        found.map(Value::Type).ok_or(Stop::Unchecked)
    }

    fn comprehension(&mut self, it: &Comprehension) -> Evaluated<Value<'v>> {
        let range = self.expr(&it.range)?;
        let rounds: Vec<(Value<'v>, Option<Value<'v>>)> = if it.second.is_some() {
            let pairs = range.pairs()?.into_iter();
            pairs.map(|(key, value)| (key, Some(value))).collect()
        } else {
            range
                .items()?
                .into_iter()
                .map(|item| (item, None))
                .collect()
        };
        let start = self.expr(&it.start);
        let scope = self.variables.len();
        self.variables.push((it.accumulator.clone(), start));
        for (first, second) in rounds {
            self.variables.push((it.variable.clone(), Ok(first)));
            if let (Some(name), Some(second)) = (&it.second, second) {
                self.variables.push((name.clone(), Ok(second)));
            }
            let goes_on = self.expr(&it.condition);
            if matches!(goes_on, Ok(Value::Bool(false))) {
                self.variables.truncate(scope + 1);
                break;
            }
            let step = match goes_on {
                Err(Stop::Unchecked) => Err(Stop::Unchecked),
                _ => self.expr(&it.step),
            };
            self.variables.truncate(scope);
            if matches!(step, Err(Stop::Unchecked)) {
                return step;
            }
            self.variables.push((it.accumulator.clone(), step));
        }
        let result = self.expr(&it.result);
        self.variables.truncate(scope);
        result
    }

    fn call(
        &mut self,
        expr: &Expr,
        function: &str,
        target: Option<&Expr>,
        arguments: &[Expr],
    ) -> Evaluated<Value<'v>> {
        match (function, arguments) {
            ("_&&_", [left, right]) => return self.logical(left, right, false),
            ("_||_", [left, right]) => return self.logical(left, right, true),
            ("_?:_" | "_?_:_", [condition, one, other]) => {
                return match self.expr(condition)? {
                    Value::Bool(true) => self.expr(one),
                    Value::Bool(false) => self.expr(other),
                    _ => Err(Stop::Unchecked),
                };
            }
            ("@not_strictly_false", [one]) => {
                return match self.expr(one) {
                    Err(Stop::Error(_)) => Ok(Value::Bool(true)),
                    other => other,
                };
            }
            _ => {}
        }
        let mut operands = Vec::with_capacity(arguments.len() + 1);
        let mut name = function.trim_start_matches('.').to_owned();
        match target {
            // What is part of the function's name is no target.
            Some(target) if self.checked.namespaced.contains(&expr.id) => {
                let space = target.qualified_name().unwrap_or_default();
                name = format!("{}.{name}", space.trim_start_matches('.'));
            }
            Some(target) => operands.push(self.expr(target)?),
            None => {}
        }
        if let ("or" | "orValue", [Value::Optional(held), ..]) = (function, &operands[..]) {
            return match (held, arguments) {
                (Some(held), _) if function == "orValue" => Ok((**held).clone()),
                (Some(_), _) => Ok(operands.remove(0)),
                (None, [other]) => self.expr(other),
                (None, _) => Err(Stop::Unchecked),
            };
        }
        for argument in arguments {
            let value = self.expr(argument);
            if name == "@sortByAssociatedKeys" && value.is_err() {
                // The server fails within itself.
                return Err(Stop::Unchecked);
            }
            operands.push(value?);
        }
        self.spend_on(&name, &operands)?;
        let overloads = &self.checked.overloads[expr.id];
        applied(&name, &operands, overloads)
    }

    /// At least what the server counts for a call.
    fn spend_on(&mut self, name: &str, operands: &[Value<'v>]) -> Evaluated<()> {
        let weights: Vec<u64> = operands.iter().map(weight).collect();
        let product = weights
            .iter()
            .fold(1_u64, |product, weight| product.saturating_mul(*weight));
        let square = || {
            weights.iter().fold(0_u64, |most, weight| {
                most.max(weight.saturating_mul(*weight))
            })
        };
        self.spend(match name {
            "sort" | "distinct" | "@sortByAssociatedKeys" => square().saturating_mul(3),
            "validate" => product.saturating_mul(64),
            "matches" | "find" | "findAll" | "contains" | "join" | "cel.@mapInsert" => product,
            _ if name.starts_with("sets.") => product.saturating_mul(2),
            "lists.range" => match operands {
                [Value::Int(end)] => end.unsigned_abs(),
                _ => 0,
            },
            _ => 0,
        })?;
        self.spend(
            weights
                .iter()
                .fold(20_u64, |sum, weight| sum.saturating_add(*weight)),
        )
    }

    /// `&&` and `||`, for which one operand may be enough.
    fn logical(&mut self, left: &Expr, right: &Expr, enough: bool) -> Evaluated<Value<'v>> {
        let mut error = None;
        for operand in [left, right] {
            match self.expr(operand) {
                Ok(Value::Bool(is)) if is == enough => return Ok(Value::Bool(enough)),
                Ok(Value::Bool(_)) => {}
                Ok(_) | Err(Stop::Unchecked) => return Err(Stop::Unchecked),
                Err(stop) => error = error.or(Some(stop)),
            }
        }
        error.map_or(Ok(Value::Bool(!enough)), Err)
    }
}

/// What a function makes of values.
pub(super) fn applied<'v>(
    name: &str,
    operands: &[Value<'v>],
    overloads: &[&str],
) -> Evaluated<Value<'v>> {
    let called = match operands {
        [Value::Optional(held), rest @ ..] => optional(name, held.as_deref(), rest),
        [one] => operator::unary(name, one),
        [one, other] => between(name, one, other).or_else(|| operator::binary(name, one, other)),
        _ => None,
    };
    let found = called
        .or_else(|| convert::call(name, operands))
        .or_else(|| strings::call(name, operands))
        .or_else(|| formatting::call(name, operands))
        .or_else(|| library::call(name, operands))
        .or_else(|| clock::call(name, operands))
        .or_else(|| general(name, operands))
        .or_else(|| lists::call(name, operands));
    match (found, overloads) {
        (Some(value), _) => value,
        (None, [overload]) if name == "sum" => lists::zero(overload)
            .filter(
                |_| matches!(operands, [list] if list.items().is_ok_and(|items| items.is_empty())),
            )
            .ok_or(Stop::Unchecked),
        (None, _) => Err(Stop::Unchecked),
    }
}

/// Comparisons, and what is taken out of lists and maps.
fn between<'v>(name: &str, one: &Value<'v>, other: &Value<'v>) -> Option<Evaluated<Value<'v>>> {
    use std::cmp::Ordering;
    let order = |is: fn(Ordering) -> bool| one.compare(other).map(|order| Value::Bool(is(order)));
    Some(match name {
        "_==_" => one.equals(other).map(Value::Bool),
        "_!=_" => one.equals(other).map(|equal| Value::Bool(!equal)),
        "_<_" => order(Ordering::is_lt),
        "_<=_" => order(Ordering::is_le),
        "_>_" => order(Ordering::is_gt),
        "_>=_" => order(Ordering::is_ge),
        "@in" => contains(one, other),
        "_[_]" => index(one, other),
        "_[?_]" | "_?._" => optional_part(one, other),
        _ => return None,
    })
}

/// What is of all types.
fn general<'v>(name: &str, operands: &[Value<'v>]) -> Option<Evaluated<Value<'v>>> {
    Some(match (name, operands) {
        ("size", [one]) => one.size().map(Value::Int),
        ("optional.none", []) => Ok(Value::Optional(None)),
        ("optional.of", [one]) => Ok(Value::Optional(Some(Rc::new(one.clone())))),
        ("optional.ofNonZeroValue", [one]) => is_zero(one).map(|is| {
            let one = Rc::new(one.clone());
            Value::Optional((!is).then_some(one))
        }),
        ("cel.@mapInsert", [map, more @ ..]) => inserted(map, more),
        _ => return None,
    })
}

fn is_zero(one: &Value<'_>) -> Evaluated<bool> {
    Ok(match one {
        Value::Bool(is) => !is,
        Value::Bytes(bytes) => bytes.is_empty(),
        Value::Double(float) => *float == 0.0,
        Value::Duration(nanoseconds) => *nanoseconds == 0,
        Value::Int(int) => *int == 0,
        Value::List(items) => items.is_empty(),
        Value::Map(entries) => entries.is_empty(),
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Uint(uint) => *uint == 0,
        // What is of the resource does not know it of itself.
        Value::Node(..) => false,
        _ => return Err(Stop::Unchecked),
    })
}

fn inserted<'v>(map: &Value<'v>, more: &[Value<'v>]) -> Evaluated<Value<'v>> {
    let Value::Map(entries) = map else {
        return Err(Stop::Unchecked);
    };
    let added = match more {
        [key, value] => vec![(key.clone(), value.clone())],
        [other] => other.pairs()?,
        _ => return Err(Stop::Unchecked),
    };
    let mut entries = entries.to_vec();
    for (key, value) in added {
        for (known, _) in &entries {
            if known.equals(&key)? {
                let key = convert::string(&key)?;
                let Value::String(key) = key else {
                    return Err(Stop::Unchecked);
                };
                return fail(format!("insert failed: key {key} already exists"));
            }
        }
        entries.push((key, value));
    }
    Ok(Value::Map(Rc::new(entries)))
}

fn contains<'v>(needle: &Value<'v>, within: &Value<'v>) -> Evaluated<Value<'v>> {
    for item in &within.items()? {
        if item.equals(needle)? {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}

fn written<'v>(literal: &Literal) -> Value<'v> {
    match literal {
        Literal::Bool(is) => Value::Bool(*is),
        Literal::Bytes(bytes) => Value::Bytes(bytes.as_slice().into()),
        Literal::Double(float) => Value::Double(*float),
        Literal::Int(int) => Value::Int(*int),
        Literal::Null => Value::Null,
        Literal::String(text) => Value::text(text.as_str()),
        Literal::Uint(uint) => Value::Uint(*uint),
    }
}

/// What an expression comes to that needs nothing else: a literal, or one that is converted; None where it is another.
pub(super) fn constant(expr: &Expr) -> Option<Evaluated<Value<'static>>> {
    match &expr.kind {
        Kind::Literal(literal) => Some(Ok(written(literal))),
        Kind::Call {
            function,
            target: None,
            arguments,
        } => {
            let name = function.trim_start_matches('.');
            let [argument] = &arguments[..] else {
                return None;
            };
            let argument = constant(argument).filter(|_| convert::CONVERSIONS.contains(&name))?;
            Some(argument.and_then(|value| applied(name, &[value], &[])))
        }
        _ => None,
    }
}

/// At least what comparing a value costs.
fn weight(value: &Value<'_>) -> u64 {
    match value {
        Value::String(text) => 1 + text.len() as u64,
        Value::Bytes(bytes) => 1 + bytes.len() as u64,
        Value::Node(node, _) => 1 + crate::crd::go::json_value(node).len() as u64,
        Value::List(items) => 1 + items.iter().map(weight).sum::<u64>(),
        Value::Map(entries) => 1 + entries.iter().map(|(_, value)| weight(value)).sum::<u64>(),
        Value::Optional(Some(held)) => 1 + weight(held),
        _ => 1,
    }
}

/// What a key or a place leads to, and whether what it was sought in is optional.
enum Selected<'v> {
    Plain(Option<Value<'v>>),
    Optional(Option<Value<'v>>),
}

fn selected<'v>(on: &Value<'v>, key: &Value<'v>) -> Evaluated<Selected<'v>> {
    Ok(match on {
        Value::Optional(None) => Selected::Optional(None),
        Value::Optional(Some(held)) => Selected::Optional(part(held, key)?),
        on => Selected::Plain(part(on, key)?),
    })
}

fn part<'v>(on: &Value<'v>, key: &Value<'v>) -> Evaluated<Option<Value<'v>>> {
    if !on.is_list() {
        return on.find_key(key);
    }
    let Value::Int(at) = key else {
        return Err(Stop::Unchecked);
    };
    let items = on.items()?;
    let found = usize::try_from(*at).ok().and_then(|at| items.get(at));
    Ok(found.cloned())
}

fn optional_part<'v>(on: &Value<'v>, key: &Value<'v>) -> Evaluated<Value<'v>> {
    let (Selected::Plain(found) | Selected::Optional(found)) = selected(on, key)?;
    Ok(Value::Optional(found.map(Rc::new)))
}

fn index<'v>(on: &Value<'v>, key: &Value<'v>) -> Evaluated<Value<'v>> {
    let found = match selected(on, key)? {
        Selected::Optional(found) => return Ok(Value::Optional(found.map(Rc::new))),
        Selected::Plain(found) => found,
    };
    let what = if on.is_list() {
        "index out of bounds"
    } else {
        "no such key"
    };
    match (found, key) {
        (Some(found), _) => Ok(found),
        (None, Value::Double(_)) => Err(Stop::Unchecked),
        (None, key) => match convert::string(key)? {
            Value::String(key) => fail(format!("{what}: {key}")),
            _ => Err(Stop::Unchecked),
        },
    }
}

fn optional<'v>(
    function: &str,
    held: Option<&Value<'v>>,
    rest: &[Value<'v>],
) -> Option<Evaluated<Value<'v>>> {
    match (function, held, rest) {
        ("hasValue", held, []) => Some(Ok(Value::Bool(held.is_some()))),
        ("value", Some(held), []) => Some(Ok(held.clone())),
        ("value", None, []) => Some(fail("optional.none() dereference")),
        (_, held, [other]) => {
            let one = Value::Optional(held.map(|held| Rc::new(held.clone())));
            between(function, &one, other)
        }
        _ => None,
    }
}
