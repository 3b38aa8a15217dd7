//! Types of an expression and of its parts.
//!
//! Source: github.com/google/cel-go/checker/checker.go.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::Unchecked;
use super::declaration::Declaration;
use super::expression::{Comprehension, Expr, Expression, Kind, Literal};
use super::fault::Fault;
use super::kind::Type;
use super::literal::literals;
use super::mapping::{Mapping, most_general};
use super::overload::{Overload, Table};

/// The logical operators, whose operands are checked one by one.
const LOGICAL: [&str; 2] = ["_&&_", "_||_"];

/// Names of macros that the parser here leaves as calls.
const MACROS: [(&str, usize); 11] = [
    ("optMap", 2),
    ("optFlatMap", 2),
    ("all", 3),
    ("exists", 3),
    ("existsOne", 3),
    ("exists_one", 3),
    ("transformList", 3),
    ("transformList", 4),
    ("transformMap", 3),
    ("transformMap", 4),
    ("sortBy", 2),
];
const MORE_MACROS: [(&str, usize); 2] = [("transformMapEntry", 3), ("transformMapEntry", 4)];

/// Objects of the schema by the names of their types.
pub(super) type Objects = HashMap<String, Rc<Declaration>>;

/// What is known of an expression's parts.
pub(super) struct Checked {
    pub(super) types: Vec<Type>,
    /// The forms of the functions that are called.
    pub(super) overloads: Vec<Vec<&'static str>>,
    /// The calls whose targets are part of the function's name.
    pub(super) namespaced: HashSet<usize>,
    pub(super) uses_old_self: bool,
}

struct Checker<'o> {
    objects: &'o Objects,
    variables: Vec<(String, Type)>,
    types: Vec<Type>,
    overloads: Vec<Vec<&'static str>>,
    namespaced: HashSet<usize>,
    mapping: Mapping,
    fresh: usize,
    faults: Vec<Fault>,
    uses_old_self: bool,
}

/// Finds types; what is wrong is listed.
pub(super) fn check(
    expression: &Expression,
    variables: Vec<(String, Type)>,
    objects: &Objects,
) -> Result<Result<Checked, Vec<Fault>>, Unchecked> {
    let mut checker = Checker {
        objects,
        variables,
        types: vec![Type::Error; expression.count],
        overloads: vec![Vec::new(); expression.count],
        namespaced: HashSet::new(),
        mapping: Mapping::default(),
        fresh: 0,
        faults: Vec::new(),
        uses_old_self: false,
    };
    checker.expr(&expression.root)?;
    let mapping = &checker.mapping;
    let types = checker.types.iter();
    let types: Vec<Type> = types.map(|of| mapping.substitute(of, true)).collect();
    let mut faults = checker.faults;
    if faults.is_empty() {
        literals(&expression.root, &types, &mut faults)?;
    }
    if !faults.is_empty() {
        return Ok(Err(faults));
    }
    Ok(Ok(Checked {
        types,
        overloads: checker.overloads,
        namespaced: checker.namespaced,
        uses_old_self: checker.uses_old_self,
    }))
}

impl Checker<'_> {
    fn fault(&mut self, on: &Expr, message: String) {
        self.faults.push(Fault { at: on.at, message });
    }

    fn undeclared(&mut self, on: &Expr, name: &str) {
        let message = format!("undeclared reference to '{name}' (in container '')");
        self.fault(on, message);
    }

    fn mismatch(&mut self, on: &Expr, expected: &Type, found: &Type) {
        let message = format!("expected type '{expected}' but found '{found}'");
        self.fault(on, message);
    }

    fn of(&self, expr: &Expr) -> Type {
        self.types[expr.id].clone()
    }

    fn fresh(&mut self) -> Type {
        self.fresh += 1;
        Type::Parameter(format!("_var{}", self.fresh - 1))
    }

    fn expr(&mut self, expr: &Expr) -> Result<(), Unchecked> {
        let of = match &expr.kind {
            Kind::Literal(literal) => type_of(literal),
            Kind::Ident(name) => self.ident(expr, name)?,
            Kind::Select {
                operand,
                field,
                test,
            } => {
                if let Some(name) = expr.first_name().filter(|name| !self.is_variable(name))
                    && Table::is_beyond(name)
                {
                    return Err(Unchecked);
                }
                let found = self.select(expr, operand, field, false)?;
                if *test {
                    Type::Bool
                } else {
                    self.mapping.substitute(&found, false)
                }
            }
            Kind::Call {
                function,
                target,
                arguments,
            } => self.call(expr, function, target.as_deref(), arguments)?,
            Kind::List(items) => {
                let mut joined = None;
                for item in items {
                    self.expr(item)?;
                    joined = Some(self.join(item, joined));
                }
                joined.unwrap_or_else(|| self.fresh()).list()
            }
            Kind::Map(entries) => {
                let mut joined = None;
                for (key, value) in entries {
                    let (keys, values) = joined.map_or((None, None), |(a, b)| (Some(a), Some(b)));
                    self.expr(key)?;
                    let keys = self.join(key, keys);
                    self.expr(value)?;
                    joined = Some((keys, self.join(value, values)));
                }
                let (key, value) = joined.unwrap_or_else(|| (self.fresh(), self.fresh()));
                Type::Map(Box::new(key), Box::new(value))
            }
            Kind::Comprehension(comprehension) => self.comprehension(comprehension)?,
        };
        self.types[expr.id] = of;
        Ok(())
    }

    fn is_variable(&self, name: &str) -> bool {
        self.variables.iter().any(|(variable, _)| variable == name)
    }

    fn ident(&mut self, expr: &Expr, name: &str) -> Result<Type, Unchecked> {
        let plain = name.strip_prefix('.').unwrap_or(name);
        let variable = self
            .variables
            .iter()
            .rev()
            .find(|(known, _)| known == plain);
        if let Some((_, of)) = variable {
            self.uses_old_self |= plain == "oldSelf";
            return Ok(of.clone());
        }
        if let Some(of) = Table::get().variable(plain) {
            return Ok(of.clone());
        }
        if Table::is_beyond(plain) {
            return Err(Unchecked);
        }
        self.undeclared(expr, name);
        Ok(Type::Error)
    }

    fn select(
        &mut self,
        expr: &Expr,
        operand: &Expr,
        field: &str,
        optional: bool,
    ) -> Result<Type, Unchecked> {
        self.expr(operand)?;
        let of = self.mapping.substitute(&self.of(operand), false);
        let target = of.held().unwrap_or(&of);
        let result = match target {
            Type::Map(_, value) => (**value).clone(),
            Type::Struct(name) => {
                let object = self.objects.get(name).ok_or(Unchecked)?;
                if let Some(field) = object.field(field) {
                    field.of.clone()
                } else {
                    self.fault(expr, format!("undefined field '{field}'"));
                    Type::Error
                }
            }
            Type::Parameter(_) => {
                self.mapping.is_assignable(&Type::Dyn, target);
                Type::Dyn
            }
            Type::Dyn | Type::Error => Type::Dyn,
            other => {
                let message = format!("type '{other}' does not support field selection");
                self.fault(expr, message);
                Type::Dyn
            }
        };
        if optional || of.held().is_some() {
            return Ok(result.optional());
        }
        Ok(result)
    }

    fn call(
        &mut self,
        expr: &Expr,
        function: &str,
        target: Option<&Expr>,
        arguments: &[Expr],
    ) -> Result<Type, Unchecked> {
        if function == "_?._" {
            let [operand, field] = arguments else {
                return Err(Unchecked);
            };
            let Kind::Literal(Literal::String(name)) = &field.kind else {
                return Err(Unchecked);
            };
            let of = self.select(expr, operand, name, true)?;
            self.overloads[expr.id] = vec!["select_optional_field"];
            self.types[field.id] = Type::String;
            return Ok(self.mapping.substitute(&of, false));
        }
        let shape = (function, arguments.len());
        if target.is_some() && (MACROS.contains(&shape) || MORE_MACROS.contains(&shape)) {
            return Err(Unchecked);
        }
        for argument in arguments {
            self.expr(argument)?;
        }
        let table = Table::get();
        let plain = function.strip_prefix('.').unwrap_or(function);
        let Some(target) = target else {
            let Some(overloads) = table.function(plain) else {
                self.undeclared(expr, function);
                return Ok(Type::Error);
            };
            return Ok(self.resolve(expr, plain, overloads, None, arguments));
        };
        if let Some(prefix) = target.qualified_name() {
            let name = format!("{}.{function}", prefix.trim_start_matches('.'));
            if let Some(overloads) = table.function(&name) {
                self.namespaced.insert(expr.id);
                return Ok(self.resolve(expr, &name, overloads, None, arguments));
            }
        }
        self.expr(target)?;
        let Some(overloads) = table.function(function) else {
            self.undeclared(expr, function);
            return Ok(Type::Error);
        };
        Ok(self.resolve(expr, function, overloads, Some(target), arguments))
    }

    fn resolve(
        &mut self,
        expr: &Expr,
        name: &str,
        overloads: &'static [Overload],
        target: Option<&Expr>,
        arguments: &[Expr],
    ) -> Type {
        let given: Vec<Type> = target
            .into_iter()
            .chain(arguments)
            .map(|argument| self.of(argument))
            .collect();
        let mut result: Option<Type> = None;
        for overload in overloads {
            if overload.member != target.is_some() {
                continue;
            }
            if LOGICAL.contains(&name) {
                return self.logical(expr, overload, arguments, &given);
            }
            let mut fresh = Mapping::default();
            let mut parameters = Vec::new();
            for argument in &overload.arguments {
                collect(argument, &mut parameters);
            }
            collect(&overload.result, &mut parameters);
            for parameter in parameters {
                fresh.add(parameter, self.fresh());
            }
            let wanted = overload.arguments.iter();
            let wanted: Vec<Type> = wanted.map(|of| fresh.substitute(of, false)).collect();
            if !self.mapping.are_assignable(&given, &wanted) {
                continue;
            }
            self.overloads[expr.id].push(&overload.id);
            let found = fresh.substitute(&overload.result, false);
            let found = self.mapping.substitute(&found, false);
            match &result {
                None => result = Some(found),
                Some(before) if !before.is_dyn() && found != *before => result = Some(Type::Dyn),
                Some(_) => {}
            }
        }
        if let Some(result) = result {
            return result;
        }
        let given = given.iter();
        let mut given = given.map(|of| self.mapping.substitute(of, true).to_string());
        let on = match target {
            Some(_) => format!("{}.", given.next().unwrap_or_default()),
            None => String::new(),
        };
        let given: Vec<String> = given.collect();
        let signature = format!("{on}({})", given.join(", "));
        let message = format!("found no matching overload for '{name}' applied to '{signature}'");
        self.fault(expr, message);
        Type::Error
    }

    fn logical(
        &mut self,
        expr: &Expr,
        overload: &'static Overload,
        arguments: &[Expr],
        given: &[Type],
    ) -> Type {
        let mut of = Type::Bool;
        for (argument, given) in arguments.iter().zip(given) {
            if !self.mapping.is_assignable(given, &Type::Bool) {
                self.mismatch(argument, &Type::Bool, given);
                of = Type::Error;
            }
        }
        self.overloads[expr.id] = vec![&overload.id];
        of
    }

    /// The common type of what stands in a list or a map.
    fn join(&mut self, expr: &Expr, before: Option<Type>) -> Type {
        let now = self.of(expr);
        let Some(before) = before else {
            return now;
        };
        if self.mapping.is_assignable(&before, &now) {
            return most_general(&before, &now);
        }
        // That they must be is told once all types are right.
        Type::Dyn
    }

    fn comprehension(&mut self, it: &Comprehension) -> Result<Type, Unchecked> {
        self.expr(&it.range)?;
        self.expr(&it.start)?;
        let range = self.mapping.substitute(&self.of(&it.range), false);
        let accumulator = self.of(&it.start);
        let scope = self.variables.len();
        self.variables
            .push((it.accumulator.clone(), accumulator.clone()));
        let (first, second) = match &range {
            Type::List(item) if it.second.is_some() => (Type::Int, (**item).clone()),
            Type::List(item) => ((**item).clone(), Type::Dyn),
            Type::Map(key, value) => ((**key).clone(), (**value).clone()),
            Type::Dyn | Type::Error | Type::Parameter(_) => {
                self.mapping.is_assignable(&Type::Dyn, &range);
                (Type::Dyn, Type::Dyn)
            }
            other => {
                let message = format!(
                    "expression of type '{other}' cannot be range of a comprehension (must be \
                     list, map, or dynamic)"
                );
                self.fault(&it.range, message);
                (Type::Error, Type::Error)
            }
        };
        self.variables.push((it.variable.clone(), first));
        if let Some(name) = &it.second {
            self.variables.push((name.clone(), second));
        }
        self.expr(&it.condition)?;
        self.must_be(&it.condition, &Type::Bool);
        self.expr(&it.step)?;
        self.must_be(&it.step, &accumulator);
        self.variables.truncate(scope + 1);
        self.expr(&it.result)?;
        self.variables.truncate(scope);
        Ok(self.mapping.substitute(&self.of(&it.result), false))
    }

    fn must_be(&mut self, expr: &Expr, wanted: &Type) {
        let found = self.of(expr);
        if !self.mapping.is_assignable(wanted, &found) {
            self.mismatch(expr, wanted, &found);
        }
    }
}

fn collect<'t>(of: &'t Type, parameters: &mut Vec<&'t str>) {
    if let Type::Parameter(name) = of
        && !parameters.contains(&name.as_str())
    {
        parameters.push(name);
    }
    for of in of.parameters() {
        collect(of, parameters);
    }
}

fn type_of(literal: &Literal) -> Type {
    match literal {
        Literal::Bool(_) => Type::Bool,
        Literal::Bytes(_) => Type::Bytes,
        Literal::Double(_) => Type::Double,
        Literal::Int(_) => Type::Int,
        Literal::Null => Type::Null,
        Literal::String(_) => Type::String,
        Literal::Uint(_) => Type::Uint,
    }
}
