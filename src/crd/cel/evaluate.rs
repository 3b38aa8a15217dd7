//! What an expression comes to.
//!
//! Source: github.com/google/cel-go/interpreter (interpretable.go, attributes.go) and common/types.

use std::collections::HashSet;
use std::rc::Rc;

use super::expression::{Comprehension, Expr, Kind, Literal};
use super::value::{Evaluated, Stop, Value, fail};
use crate::crd::go::compile;

/// Far less than the API server lets a rule take, by a count that is never less than its own.
const LIMIT: u64 = 500_000;

/// Types that are values.
const TYPES: [&str; 8] = [
    "bool",
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
    /// The calls whose targets are part of the function's name.
    namespaced: &'v HashSet<usize>,
    spent: u64,
}

impl<'v> Evaluation<'v> {
    /// One with these variables.
    pub(super) fn new(
        variables: Vec<(String, Evaluated<Value<'v>>)>,
        namespaced: &'v HashSet<usize>,
    ) -> Evaluation<'v> {
        Evaluation {
            variables,
            namespaced,
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
            Kind::Literal(literal) => written(literal),
            Kind::Ident(name) => self.ident(name),
            Kind::Select {
                operand,
                field,
                test,
            } => {
                let value = self.expr(operand)?;
                if let Value::Optional(held) = &value {
                    let Some(held) = held else {
                        return Ok(if *test { Value::Bool(false) } else { value });
                    };
                    let found = held.find(field)?;
                    return Ok(if *test {
                        Value::Bool(found.is_some())
                    } else {
                        Value::Optional(found.map(Rc::new))
                    });
                }
                let found = value.find(field)?;
                if *test {
                    return Ok(Value::Bool(found.is_some()));
                }
                found.map_or_else(|| fail(format!("no such key: {field}")), Ok)
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
        let items = self.expr(&it.range)?.items()?;
        let start = self.expr(&it.start);
        let scope = self.variables.len();
        self.variables.push((it.accumulator.clone(), start));
        for item in items {
            self.variables.push((it.variable.clone(), Ok(item)));
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
        let namespaced = self.namespaced.contains(&expr.id);
        let on = match target {
            Some(_) if namespaced => return Err(Stop::Unchecked),
            Some(target) => Some(self.expr(target)?),
            None => None,
        };
        let values: Evaluated<Vec<Value<'v>>> = arguments
            .iter()
            .map(|argument| self.expr(argument))
            .collect();
        let values = values?;
        match (on, &values[..]) {
            (Some(on), values) => self.member(function, &on, values),
            (None, [one]) => unary(function, one),
            (None, [one, other]) => self.binary(function, one, other),
            _ => Err(Stop::Unchecked),
        }
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

    fn binary(
        &mut self,
        function: &str,
        one: &Value<'v>,
        other: &Value<'v>,
    ) -> Evaluated<Value<'v>> {
        use std::cmp::Ordering;
        let order =
            |is: fn(Ordering) -> bool| one.compare(other).map(|order| Value::Bool(is(order)));
        match function {
            "_==_" | "_!=_" => {
                self.spend(weight(one).min(weight(other)))?;
                let equal = one.equals(other)?;
                Ok(Value::Bool(equal == (function == "_==_")))
            }
            "_<_" => order(Ordering::is_lt),
            "_<=_" => order(Ordering::is_le),
            "_>_" => order(Ordering::is_gt),
            "_>=_" => order(Ordering::is_ge),
            "@in" => self.contains(one, other),
            "_[_]" => index(one, other),
            "matches" => self.member("matches", one, std::slice::from_ref(other)),
            _ => self.arithmetic(function, one, other),
        }
    }

    fn contains(&mut self, needle: &Value<'v>, within: &Value<'v>) -> Evaluated<Value<'v>> {
        let items = within.items()?;
        for item in &items {
            self.spend(1 + weight(item))?;
            if item.equals(needle)? {
                return Ok(Value::Bool(true));
            }
        }
        Ok(Value::Bool(false))
    }

    fn arithmetic(
        &mut self,
        function: &str,
        one: &Value<'v>,
        other: &Value<'v>,
    ) -> Evaluated<Value<'v>> {
        match (function, one, other) {
            ("_+_", Value::Int(a), Value::Int(b)) => checked(a.checked_add(*b)),
            ("_-_", Value::Int(a), Value::Int(b)) => checked(a.checked_sub(*b)),
            ("_*_", Value::Int(a), Value::Int(b)) => checked(a.checked_mul(*b)),
            ("_/_", Value::Int(_), Value::Int(0)) => fail("division by zero"),
            ("_/_", Value::Int(a), Value::Int(b)) => checked(a.checked_div(*b)),
            ("_%_", Value::Int(_), Value::Int(0)) => fail("modulus by zero"),
            ("_%_", Value::Int(a), Value::Int(b)) => checked(a.checked_rem(*b)),
            ("_+_", Value::Double(a), Value::Double(b)) => Ok(Value::Double(a + b)),
            ("_-_", Value::Double(a), Value::Double(b)) => Ok(Value::Double(a - b)),
            ("_*_", Value::Double(a), Value::Double(b)) => Ok(Value::Double(a * b)),
            ("_/_", Value::Double(a), Value::Double(b)) => Ok(Value::Double(a / b)),
            ("_+_", Value::String(a), Value::String(b)) => {
                self.spend((a.len() + b.len()) as u64)?;
                Ok(Value::String(format!("{a}{b}").into()))
            }
            ("_+_", Value::List(a), Value::List(b)) => {
                self.spend((a.len() + b.len()) as u64)?;
                Ok(Value::List(Rc::new(
                    a.iter().chain(b.iter()).cloned().collect(),
                )))
            }
            _ => Err(Stop::Unchecked),
        }
    }

    fn member(
        &mut self,
        function: &str,
        on: &Value<'v>,
        arguments: &[Value<'v>],
    ) -> Evaluated<Value<'v>> {
        if let Value::Optional(held) = on {
            return optional(function, held.as_deref(), arguments);
        }
        match (function, arguments) {
            ("size", []) => return Ok(Value::Int(on.size()?)),
            ("join", []) => return self.join(on, ""),
            ("join", [Value::String(between)]) => return self.join(on, between),
            _ => {}
        }
        let Value::String(text) = on else {
            return Err(Stop::Unchecked);
        };
        let length = text.len() as u64;
        self.spend(1 + length)?;
        let new = |text: String| Ok(Value::String(text.into()));
        match (function, arguments) {
            ("startsWith", [Value::String(part)]) => Ok(Value::Bool(text.starts_with(&**part))),
            ("endsWith", [Value::String(part)]) => Ok(Value::Bool(text.ends_with(&**part))),
            ("contains", [Value::String(part)]) => {
                self.spend(length.saturating_mul(part.len() as u64) / 16)?;
                Ok(Value::Bool(text.contains(&**part)))
            }
            ("matches", [Value::String(pattern)]) => {
                self.spend((1 + length).saturating_mul(1 + pattern.len() as u64) / 8)?;
                let pattern = compile(pattern).ok_or(Stop::Unchecked)?;
                Ok(Value::Bool(pattern.is_match(text)))
            }
            ("lowerAscii", []) => new(text.to_ascii_lowercase()),
            ("upperAscii", []) => new(text.to_ascii_uppercase()),
            ("trim", []) => new(text.trim().to_owned()),
            ("replace", [Value::String(from), Value::String(to)]) if !from.is_empty() => {
                new(text.replace(&**from, to))
            }
            ("split", [Value::String(at)]) if !at.is_empty() => {
                let parts = text.split(&**at);
                let parts = parts.map(|part| Value::String(part.into())).collect();
                Ok(Value::List(Rc::new(parts)))
            }
            ("indexOf", [Value::String(part)]) => {
                let at = text.find(&**part).map(|at| text[..at].chars().count());
                let at = at.map_or(Ok(-1), i64::try_from);
                at.map(Value::Int).map_err(|_| Stop::Unchecked)
            }
            _ => Err(Stop::Unchecked),
        }
    }

    fn join(&mut self, on: &Value<'v>, between: &str) -> Evaluated<Value<'v>> {
        let mut texts = Vec::new();
        for item in on.items()? {
            let Value::String(text) = item else {
                return Err(Stop::Unchecked);
            };
            self.spend((text.len() + between.len()) as u64)?;
            texts.push(text.to_string());
        }
        Ok(Value::String(texts.join(between).into()))
    }
}

fn unary<'v>(function: &str, one: &Value<'v>) -> Evaluated<Value<'v>> {
    match (function, one) {
        ("!_", Value::Bool(is)) => Ok(Value::Bool(!is)),
        ("-_", Value::Int(int)) => checked(int.checked_neg()),
        ("-_", Value::Double(float)) => Ok(Value::Double(-float)),
        ("size", one) => Ok(Value::Int(one.size()?)),
        ("type", one) => Ok(Value::Type(one.type_name()?)),
        ("string", Value::Int(int)) => Ok(Value::String(int.to_string().into())),
        ("string", Value::Bool(is)) => Ok(Value::String(is.to_string().into())),
        ("dyn", _)
        | ("string", Value::String(_))
        | ("int", Value::Int(_))
        | ("double", Value::Double(_)) => Ok(one.clone()),
        ("int", Value::String(text)) => {
            let signed = text.strip_prefix(['+', '-']).unwrap_or(text);
            let digits = !signed.is_empty() && signed.bytes().all(|byte| byte.is_ascii_digit());
            let int = text.parse().ok().filter(|_| digits);
            int.map(Value::Int).ok_or(Stop::Unchecked)
        }
        ("double", Value::Int(int)) => Ok(Value::Double(*int as f64)),
        ("duration", Value::String(text)) => super::function::duration(text)
            .map(Value::Duration)
            .ok_or(Stop::Unchecked),
        ("timestamp", Value::String(text)) => super::function::timestamp(text)
            .map(Value::Timestamp)
            .ok_or(Stop::Unchecked),
        _ => Err(Stop::Unchecked),
    }
}

fn written<'v>(literal: &Literal) -> Evaluated<Value<'v>> {
    Ok(match literal {
        Literal::Bool(is) => Value::Bool(*is),
        Literal::Double(float) => Value::Double(*float),
        Literal::Int(int) => Value::Int(*int),
        Literal::Null => Value::Null,
        Literal::String(text) => Value::String(text.as_str().into()),
        Literal::Uint(uint) => Value::Uint(*uint),
        Literal::Bytes(_) => return Err(Stop::Unchecked),
    })
}

fn checked<'v>(int: Option<i64>) -> Evaluated<Value<'v>> {
    int.map_or_else(|| fail("integer overflow"), |int| Ok(Value::Int(int)))
}

/// At least what comparing a value costs.
fn weight(value: &Value<'_>) -> u64 {
    match value {
        Value::String(text) => 1 + text.len() as u64,
        Value::Node(node, _) => 1 + crate::crd::go::json_value(node).len() as u64,
        Value::List(items) => 1 + items.iter().map(weight).sum::<u64>(),
        Value::Map(entries) => 1 + entries.iter().map(|(_, value)| weight(value)).sum::<u64>(),
        _ => 1,
    }
}

fn index<'v>(on: &Value<'v>, key: &Value<'v>) -> Evaluated<Value<'v>> {
    match key {
        Value::String(key) => {
            let found = on.find(key)?;
            found.map_or_else(|| fail(format!("no such key: {key}")), Ok)
        }
        Value::Int(at) => {
            if matches!(on, Value::Map(_)) {
                return Err(Stop::Unchecked);
            }
            let items = on.items()?;
            let found = usize::try_from(*at).ok().and_then(|at| items.get(at));
            found.map_or_else(
                || fail(format!("index out of bounds: {at}")),
                |item| Ok(item.clone()),
            )
        }
        _ => Err(Stop::Unchecked),
    }
}

fn optional<'v>(
    function: &str,
    held: Option<&Value<'v>>,
    arguments: &[Value<'v>],
) -> Evaluated<Value<'v>> {
    match (function, held, arguments) {
        ("hasValue", held, []) => Ok(Value::Bool(held.is_some())),
        ("value", Some(held), []) | ("orValue", Some(held), [_]) => Ok(held.clone()),
        ("orValue", None, [other]) => Ok(other.clone()),
        _ => Err(Stop::Unchecked),
    }
}
