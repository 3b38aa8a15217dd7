//! How much an expression costs at most.
//!
//! Source: github.com/google/cel-go/checker/cost.go.

use std::collections::HashMap;

use super::Unchecked;
use super::call::Operand;
use super::check::Checked;
use super::declaration::{Declaration, Form};
use super::expression::{Comprehension, Expr, Expression, Kind, Literal};
use super::kind::Type;
use super::range::{ONE, Range, UNKNOWN, ZERO};

/// How large the keys and the values of a list or a map are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    is_list: bool,
    key: Range,
    value: Range,
}

impl Entry {
    pub(super) fn union(one: Option<Entry>, other: Option<Entry>) -> Option<Entry> {
        let (one, other) = (one?, other?);
        Some(Entry {
            is_list: one.is_list,
            key: one.key.union(other.key),
            value: one.value.union(other.value),
        })
    }
}

/// A variable of a comprehension.
#[derive(Clone, Debug)]
struct Local {
    path: Vec<String>,
    size: Option<Range>,
    entry: Option<Entry>,
}

/// What is known on the way through an expression.
pub(super) struct Coster<'c> {
    checked: &'c Checked,
    root: &'c Declaration,
    paths: Vec<Vec<String>>,
    locals: HashMap<String, Vec<Local>>,
    sizes: Vec<Option<Range>>,
    pub(super) entries: Vec<Option<Entry>>,
}

/// The most that an expression costs.
pub(super) fn most(
    expression: &Expression,
    checked: &Checked,
    root: &Declaration,
) -> Result<u64, Unchecked> {
    let mut coster = Coster {
        checked,
        root,
        paths: vec![Vec::new(); expression.count],
        locals: HashMap::new(),
        sizes: vec![None; expression.count],
        entries: vec![None; expression.count],
    };
    Ok(coster.cost(&expression.root)?.max)
}

type Cost = Result<Range, Unchecked>;

impl Coster<'_> {
    fn cost(&mut self, expr: &Expr) -> Cost {
        match &expr.kind {
            Kind::Literal(_) => Ok(ZERO),
            Kind::Ident(name) => {
                self.paths[expr.id] = match self.local(name) {
                    Some(local) => local.path.clone(),
                    None => vec![name.clone()],
                };
                Ok(ONE)
            }
            Kind::Select {
                operand,
                field,
                test,
            } => {
                let cost = self.cost(operand)?;
                if *test {
                    return Ok(cost);
                }
                let mut path = self.path(operand);
                path.push(field.clone());
                self.paths[expr.id] = path;
                Ok(match self.of(operand) {
                    Type::Map(..) | Type::Struct(_) | Type::Parameter(_) => cost.add(ONE),
                    _ => cost,
                })
            }
            Kind::Call {
                function,
                target,
                arguments,
            } => self.call(expr, function, target.as_deref(), arguments),
            Kind::List(items) => {
                let mut cost = Range::exactly(10);
                let mut size = empty(items.is_empty());
                for item in items {
                    cost = cost.add(self.cost(item)?);
                    size = size.union(self.size_or_unknown(item));
                }
                self.entries[expr.id] = Some(Entry {
                    is_list: true,
                    key: ONE,
                    value: size,
                });
                Ok(cost)
            }
            Kind::Map(entries) => {
                let mut cost = Range::exactly(30);
                let mut keys = empty(entries.is_empty());
                let mut values = keys;
                for (key, value) in entries {
                    cost = cost.add(self.cost(key)?).add(self.cost(value)?);
                    keys = keys.union(self.size_or_unknown(key));
                    values = values.union(self.size_or_unknown(value));
                }
                self.entries[expr.id] = Some(Entry {
                    is_list: false,
                    key: keys,
                    value: values,
                });
                Ok(cost)
            }
            Kind::Comprehension(it) => self.comprehension(expr, it),
        }
    }

    fn comprehension(&mut self, expr: &Expr, it: &Comprehension) -> Cost {
        let mut cost = self.cost(&it.range)?.add(self.cost(&it.start)?);
        let start = Local {
            path: self.path(&it.start),
            size: self.size(&it.start),
            entry: self.entry(&it.start),
        };
        self.push(&it.accumulator, start);
        let entry = self.entry(&it.range);
        let is_list = match entry {
            Some(entry) => entry.is_list,
            None => matches!(self.of(&it.range), Type::List(_)),
        };
        let local = |step: &str, size: Option<Range>, mut path: Vec<String>| {
            path.push(step.to_owned());
            Local {
                path,
                size,
                entry: None,
            }
        };
        let (key, value) = (entry.map(|entry| entry.key), entry.map(|entry| entry.value));
        let path = self.path(&it.range);
        let (keys, values) = match (is_list, it.second.is_some()) {
            (true, true) => (local("@indices", key, path.clone()), "@items"),
            (true, false) => (local("@items", value, path.clone()), "@items"),
            (false, _) => (local("@keys", key, path.clone()), "@values"),
        };
        self.push(&it.variable, keys);
        if let Some(second) = &it.second {
            self.push(second, local(values, value, path));
        }
        let each = self.cost(&it.condition)?;
        let each = self.cost(&it.step)?.add(each);
        self.pop(&it.variable);
        if let Some(second) = &it.second {
            self.pop(second);
        }
        cost = cost.add(self.cost(&it.result)?);
        self.pop(&it.accumulator);
        let count = self.size_or_unknown(&it.range);
        cost = cost.add(count.multiply(each));
        match &it.start.kind {
            Kind::Literal(_) => {
                if let Some(size) = self.size(&it.start) {
                    self.sizes[expr.id] = Some(size);
                }
            }
            Kind::List(_) | Kind::Map(_) => {
                self.sizes[expr.id] = Some(count);
                if let Some(entry) = self.entry(&it.step) {
                    self.entries[expr.id] = Some(entry);
                }
            }
            _ => {}
        }
        Ok(cost)
    }

    fn call(
        &mut self,
        expr: &Expr,
        function: &str,
        target: Option<&Expr>,
        arguments: &[Expr],
    ) -> Cost {
        if function == "dyn"
            && let [argument] = arguments
        {
            let cost = self.cost(argument)?;
            if let Some(size) = self.size(argument) {
                self.sizes[expr.id] = Some(size);
            }
            if let Some(entry) = self.entry(argument) {
                self.entries[expr.id] = Some(entry);
            }
            return Ok(cost.add(ONE));
        }
        let mut costs = Vec::with_capacity(arguments.len());
        let mut operands = Vec::with_capacity(arguments.len());
        for argument in arguments {
            costs.push(self.cost(argument)?);
            operands.push(self.operand(argument));
        }
        let checked = self.checked;
        let overloads = &checked.overloads[expr.id];
        if overloads.is_empty() {
            return Ok(ZERO);
        }
        // What is resolved as the name of a function is no target.
        let is_member = target.is_some() && !checked.namespaced.contains(&expr.id);
        let mut cost = ZERO;
        let mut on = None;
        if let Some(target) = target.filter(|_| is_member) {
            cost = self.cost(target)?;
            on = Some(self.operand(target));
        }
        let name = match target {
            Some(target) if !is_member => {
                format!("{}.{function}", target.qualified_name().unwrap_or_default())
            }
            _ => function.to_owned(),
        };
        let mut calls = Range {
            min: u64::MAX,
            max: 0,
        };
        let mut result: Option<Range> = None;
        for overload in overloads {
            let (call, size) =
                self.function(expr, &name, overload, on.as_ref(), &operands, &costs)?;
            calls = calls.union(call);
            if let Some(size) = size {
                result = Some(result.map_or(size, |result| result.union(size)));
            }
            if let ("index_list" | "index_map", [first, ..]) = (*overload, arguments) {
                result = self.entry(first).map(|entry| entry.value);
                let mut path = self.path(first);
                let step = if *overload == "index_list" {
                    "@items"
                } else {
                    "@values"
                };
                path.push(step.to_owned());
                self.paths[expr.id] = path;
            }
            if result.is_none() {
                result = self.size(expr);
            }
        }
        if let Some(result) = result {
            self.sizes[expr.id] = Some(result);
        }
        Ok(cost.add(calls))
    }

    fn operand<'e>(&mut self, expr: &'e Expr) -> Operand<'e> {
        Operand {
            path: self.path(expr),
            size: self.size(expr),
            expr,
        }
    }

    pub(super) fn of(&self, expr: &Expr) -> Type {
        self.checked.types[expr.id].clone()
    }

    fn path(&self, expr: &Expr) -> Vec<String> {
        if let Kind::Ident(name) = &expr.kind
            && let Some(local) = self.local(name)
        {
            return local.path.clone();
        }
        self.paths[expr.id].clone()
    }

    fn local(&self, name: &str) -> Option<&Local> {
        self.locals.get(name)?.last()
    }

    fn push(&mut self, name: &str, local: Local) {
        self.locals.entry(name.to_owned()).or_default().push(local);
    }

    fn pop(&mut self, name: &str) {
        if let Some(locals) = self.locals.get_mut(name) {
            locals.pop();
        }
    }

    fn size_or_unknown(&mut self, expr: &Expr) -> Range {
        self.size(expr).unwrap_or(UNKNOWN)
    }

    fn size(&mut self, expr: &Expr) -> Option<Range> {
        if let Some(size) = self.sizes[expr.id] {
            return Some(size);
        }
        let written = match &expr.kind {
            Kind::Literal(Literal::String(text)) => Some(text.chars().count()),
            Kind::Literal(Literal::Bytes(bytes)) => Some(bytes.len()),
            Kind::Literal(_) => Some(1),
            Kind::List(items) => Some(items.len()),
            Kind::Map(entries) => Some(entries.len()),
            _ => None,
        };
        if let Some(size) = written {
            return Some(Range::exactly(size as u64));
        }
        if let Some(size) = self.declared(&self.path(expr)) {
            self.sizes[expr.id] = Some(size);
            return Some(size);
        }
        if self.checked.types[expr.id].is_scalar() {
            return Some(ONE);
        }
        match &expr.kind {
            Kind::Ident(name) => self.local(name)?.size,
            _ => None,
        }
    }

    pub(super) fn entry(&self, expr: &Expr) -> Option<Entry> {
        if let Some(entry) = self.entries[expr.id] {
            return Some(entry);
        }
        match &expr.kind {
            Kind::Ident(name) => self.local(name)?.entry,
            _ => None,
        }
    }

    /// The size that the schema says of what a path leads to.
    pub(super) fn declared(&self, path: &[String]) -> Option<Range> {
        let mut here = self.root;
        let (_, steps) = path.split_first()?;
        for step in steps {
            here = match (step.as_str(), &here.form) {
                ("@items" | "@values", Form::List(inner, _) | Form::Map(inner)) => inner,
                ("@keys", Form::Map(_)) => return Some(ZERO),
                (name, Form::Object(fields)) => &fields.get(name)?.1,
                _ => return None,
            };
        }
        Some(Range {
            min: 0,
            max: here.most,
        })
    }
}

/// The size of items of a list that has none, or of which none is known yet.
fn empty(is: bool) -> Range {
    Range {
        min: if is { 0 } else { u64::MAX },
        max: 0,
    }
}
