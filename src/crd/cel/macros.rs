//! Macros: calls that stand for something else.
//!
//! Source: github.com/google/cel-go/parser/macro.go, cel/library.go (`optMap`), ext/comprehensions.go and ext/lists.go
//! (`sortBy`).

use super::expression::{Comprehension, Expr, Kind, Literal};
use super::fault::Place;
use super::grammar::{call, part};

/// What accumulates; no expression can name it.
const RESULT: &str = "@result";
const UNUSED: &str = "#unused";
const SORTED: &str = "@__sortBy_input__";

/// A call without a target, or what it stands for; None where it must not be so.
pub(super) fn global(at: Place, name: &str, mut arguments: Vec<Expr>) -> Option<Expr> {
    if name != "has" || arguments.len() != 1 {
        return Some(call(at, name, arguments));
    }
    match arguments.pop()?.kind {
        Kind::Select { operand, field, .. } => {
            let test = true;
            Some(part(
                at,
                Kind::Select {
                    operand,
                    field,
                    test,
                },
            ))
        }
        _ => None,
    }
}

/// A call on a target, or what it stands for; None where it must not be so.
pub(super) fn member(at: Place, name: &str, target: Expr, arguments: Vec<Expr>) -> Option<Expr> {
    let shape = Shape { at };
    match (name, arguments.len()) {
        ("all" | "exists" | "exists_one" | "map" | "filter", 2) | ("map", 3) => {
            shape.one_variable(name, target, arguments)
        }
        ("all" | "exists" | "existsOne" | "exists_one", 3)
        | ("transformList" | "transformMap" | "transformMapEntry", 3 | 4) => {
            shape.two_variables(name, target, arguments)
        }
        ("optMap" | "optFlatMap", 2) => shape.optional(name == "optFlatMap", target, arguments),
        ("sortBy", 2) => shape.sorted(target, arguments),
        _ => Some(shape.on(target, name, arguments)),
    }
}

/// Where the call is: all that it stands for has its place.
struct Shape {
    at: Place,
}

/// A loop from its start to its result.
struct Fold {
    start: Expr,
    condition: Expr,
    step: Expr,
    result: Expr,
}

impl Shape {
    fn ident(&self, name: &str) -> Expr {
        part(self.at, Kind::Ident(name.to_owned()))
    }

    fn result(&self) -> Expr {
        self.ident(RESULT)
    }

    fn literal(&self, literal: Literal) -> Expr {
        part(self.at, Kind::Literal(literal))
    }

    fn list(&self, items: Vec<Expr>) -> Expr {
        part(self.at, Kind::List(items))
    }

    fn call(&self, function: &str, arguments: Vec<Expr>) -> Expr {
        call(self.at, function, arguments)
    }

    fn on(&self, target: Expr, function: &str, arguments: Vec<Expr>) -> Expr {
        let function = function.to_owned();
        let target = Some(Box::new(target));
        part(
            self.at,
            Kind::Call {
                function,
                target,
                arguments,
            },
        )
    }

    fn fold(&self, range: Expr, variables: (String, Option<String>), fold: Fold) -> Expr {
        let (variable, second) = variables;
        part(
            self.at,
            Kind::Comprehension(Box::new(Comprehension {
                range,
                variable,
                second,
                accumulator: RESULT.to_owned(),
                start: fold.start,
                condition: fold.condition,
                step: fold.step,
                result: fold.result,
            })),
        )
    }

    fn one_variable(&self, name: &str, target: Expr, mut arguments: Vec<Expr>) -> Option<Expr> {
        let last = arguments.pop()?;
        let guard = (arguments.len() == 2).then(|| arguments.pop()).flatten();
        let variable = arguments.pop()?;
        let named = simple(&variable)?;
        let fold = match name {
            "all" | "exists" | "exists_one" => self.quantified(name, last),
            "filter" => self.gathered(self.list(vec![variable]), Some(last)),
            _ => self.gathered(self.list(vec![last]), guard),
        };
        Some(self.fold(target, (named, None), fold))
    }

    fn two_variables(&self, name: &str, target: Expr, mut arguments: Vec<Expr>) -> Option<Expr> {
        let last = arguments.pop()?;
        let guard = (arguments.len() == 3).then(|| arguments.pop()).flatten();
        let second = simple(&arguments.pop()?)?;
        let first = simple(&arguments.pop()?)?;
        if first == second || [&first, &second].iter().any(|name| *name == "__result__") {
            return None;
        }
        let fold = match name {
            "all" | "exists" | "exists_one" | "existsOne" => self.quantified(name, last),
            "transformList" => self.gathered(self.list(vec![last]), guard),
            _ => {
                let mut arguments = vec![self.result(), last];
                if name == "transformMap" {
                    arguments.insert(1, self.ident(&first));
                }
                let step = self.call("cel.@mapInsert", arguments);
                self.guarded(part(self.at, Kind::Map(Vec::new())), step, guard)
            }
        };
        Some(self.fold(target, (first, Some(second)), fold))
    }

    fn quantified(&self, name: &str, holds: Expr) -> Fold {
        let strictly = |one| self.call("@not_strictly_false", vec![one]);
        match name {
            "all" => Fold {
                start: self.literal(Literal::Bool(true)),
                condition: strictly(self.result()),
                step: self.call("_&&_", vec![self.result(), holds]),
                result: self.result(),
            },
            "exists" => Fold {
                start: self.literal(Literal::Bool(false)),
                condition: strictly(self.call("!_", vec![self.result()])),
                step: self.call("_||_", vec![self.result(), holds]),
                result: self.result(),
            },
            _ => {
                let one = || self.literal(Literal::Int(1));
                let more = self.call("_+_", vec![self.result(), one()]);
                Fold {
                    start: self.literal(Literal::Int(0)),
                    condition: self.literal(Literal::Bool(true)),
                    step: self.call("_?_:_", vec![holds, more, self.result()]),
                    result: self.call("_==_", vec![self.result(), one()]),
                }
            }
        }
    }

    fn gathered(&self, more: Expr, guard: Option<Expr>) -> Fold {
        let step = self.call("_+_", vec![self.result(), more]);
        self.guarded(self.list(Vec::new()), step, guard)
    }

    fn guarded(&self, start: Expr, step: Expr, guard: Option<Expr>) -> Fold {
        Fold {
            start,
            condition: self.literal(Literal::Bool(true)),
            step: match guard {
                Some(guard) => self.call("_?_:_", vec![guard, step, self.result()]),
                None => step,
            },
            result: self.result(),
        }
    }

    /// What names a value for one expression: a loop over nothing.
    fn bound(&self, name: &str, value: Expr, within: Expr) -> Expr {
        part(
            self.at,
            Kind::Comprehension(Box::new(Comprehension {
                range: self.list(Vec::new()),
                variable: UNUSED.to_owned(),
                second: None,
                accumulator: name.to_owned(),
                start: value,
                condition: self.literal(Literal::Bool(false)),
                step: self.ident(name),
                result: within,
            })),
        )
    }

    fn optional(&self, is_flat: bool, target: Expr, mut arguments: Vec<Expr>) -> Option<Expr> {
        let within = arguments.pop()?;
        let name = simple(&arguments.pop()?)?;
        let value = self.on(target.clone(), "value", Vec::new());
        let bound = self.bound(&name, value, within);
        let made = if is_flat {
            bound
        } else {
            self.call("optional.of", vec![bound])
        };
        let none = self.call("optional.none", Vec::new());
        let has = self.on(target, "hasValue", Vec::new());
        Some(self.call("_?_:_", vec![has, made, none]))
    }

    fn sorted(&self, target: Expr, arguments: Vec<Expr>) -> Option<Expr> {
        if !matches!(
            target.kind,
            Kind::List(_)
                | Kind::Select { .. }
                | Kind::Ident(_)
                | Kind::Comprehension(_)
                | Kind::Call { .. }
        ) {
            return None;
        }
        let keys = self.one_variable("map", self.ident(SORTED), arguments)?;
        let sorted = self.on(self.ident(SORTED), "@sortByAssociatedKeys", vec![keys]);
        Some(self.bound(SORTED, target, sorted))
    }
}

/// The name that an argument is.
fn simple(argument: &Expr) -> Option<String> {
    match &argument.kind {
        Kind::Ident(name) => Some(name.clone()),
        _ => None,
    }
}
