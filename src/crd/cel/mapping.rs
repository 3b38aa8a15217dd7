//! What type parameters stand for, as it becomes known while an expression is checked.
//!
//! Source: github.com/google/cel-go/checker/types.go.

use std::collections::BTreeMap;

use super::kind::Type;

/// Type parameters, and what they stand for.
#[derive(Clone, Debug, Default)]
pub(super) struct Mapping {
    found: BTreeMap<String, Type>,
}

impl Mapping {
    fn find(&self, of: &Type) -> Option<&Type> {
        match of {
            Type::Parameter(name) => self.found.get(name),
            _ => None,
        }
    }

    /// Says what a parameter stands for.
    pub(super) fn add(&mut self, parameter: &str, is: Type) {
        self.found.insert(parameter.to_owned(), is);
    }

    /// Whether one type can be taken for another; where it can, what follows for parameters is kept.
    pub(super) fn is_assignable(&mut self, to: &Type, from: &Type) -> bool {
        let mut copy = self.clone();
        let is = copy.assignable(to, from);
        if is {
            *self = copy;
        }
        is
    }

    /// The same of several types at once.
    pub(super) fn are_assignable(&mut self, to: &[Type], from: &[Type]) -> bool {
        let mut copy = self.clone();
        let are = to.len() == from.len()
            && to
                .iter()
                .zip(from)
                .all(|(to, from)| copy.assignable(to, from));
        if are {
            *self = copy;
        }
        are
    }

    fn assignable(&mut self, a: &Type, b: &Type) -> bool {
        if matches!(b, Type::Parameter(_)) {
            match self.substitution(a, b) {
                (true, _) => return true,
                (false, true) => return false,
                (false, false) => {}
            }
        }
        if matches!(a, Type::Parameter(_)) {
            return self.substitution(b, a).0;
        }
        if a.is_dyn_or_error() || b.is_dyn_or_error() {
            return true;
        }
        match (a, b) {
            (Type::Null, other) | (other, Type::Null) => is_nullable(other),
            (Type::Meta(_), Type::Meta(_)) => true,
            (Type::List(a), Type::List(b)) => self.assignable(a, b),
            (Type::Map(key, value), Type::Map(other_key, other_value)) => {
                self.assignable(key, other_key) && self.assignable(value, other_value)
            }
            (Type::Opaque(a, parameters), Type::Opaque(b, others)) => {
                a == b
                    && parameters.len() == others.len()
                    && parameters
                        .iter()
                        .zip(others)
                        .all(|(a, b)| self.assignable(a, b))
            }
            (a, b) => a == b,
        }
    }

    /// Whether a type is what a parameter may stand for, and whether it stands for something already.
    fn substitution(&mut self, of: &Type, parameter: &Type) -> (bool, bool) {
        if of == parameter {
            return (true, true);
        }
        let Type::Parameter(name) = parameter else {
            return (false, false);
        };
        if let Some(known) = self.found.get(name).cloned() {
            if *of == known {
                return (true, true);
            }
            if self.assignable(of, &known) {
                let general = most_general(of, &known);
                if self.is_apart(parameter, &general) {
                    self.add(name, general);
                }
                return (true, true);
            }
            return (false, true);
        }
        if self.is_apart(parameter, of) {
            self.add(name, of.clone());
            return (true, false);
        }
        (false, false)
    }

    /// Whether a parameter does not occur within a type.
    fn is_apart(&self, parameter: &Type, within: &Type) -> bool {
        if parameter == within {
            return false;
        }
        match within {
            Type::Parameter(_) => match self.find(within) {
                Some(known) => self.is_apart(parameter, known),
                None => true,
            },
            _ => within
                .parameters()
                .into_iter()
                .all(|within| self.is_apart(parameter, within)),
        }
    }

    /// The type with parameters replaced by what they stand for; the others stay, or are any type.
    pub(super) fn substitute(&self, of: &Type, to_dyn: bool) -> Type {
        if let Some(known) = self.find(of) {
            return self.substitute(known, to_dyn);
        }
        let inner = |of: &Type| Box::new(self.substitute(of, to_dyn));
        match of {
            Type::Parameter(_) if to_dyn => Type::Dyn,
            Type::List(item) => Type::List(inner(item)),
            Type::Map(key, value) => Type::Map(inner(key), inner(value)),
            Type::Opaque(name, parameters) => {
                let parameters = parameters.iter().map(|of| self.substitute(of, to_dyn));
                Type::Opaque(name.clone(), parameters.collect())
            }
            Type::Meta(Some(of)) => Type::Meta(Some(inner(of))),
            other => other.clone(),
        }
    }
}

fn is_nullable(of: &Type) -> bool {
    matches!(
        of,
        Type::Null | Type::Opaque(..) | Type::Struct(_) | Type::Duration | Type::Timestamp
    )
}

/// The more general of two types that go together.
pub(super) fn most_general(a: &Type, b: &Type) -> Type {
    if is_less_specific(a, b) { a } else { b }.clone()
}

fn is_less_specific(a: &Type, b: &Type) -> bool {
    let is_any = |of: &Type| matches!(of, Type::Dyn | Type::Parameter(_));
    if is_any(a) {
        return true;
    }
    if is_any(b) {
        return false;
    }
    match (a, b) {
        (Type::Opaque(a, parameters), Type::Opaque(b, others)) => {
            a == b
                && parameters.len() == others.len()
                && parameters
                    .iter()
                    .zip(others)
                    .all(|(a, b)| is_less_specific(a, b))
        }
        (Type::List(a), Type::List(b)) => is_less_specific(a, b),
        (Type::Map(key, value), Type::Map(other_key, other_value)) => {
            is_less_specific(key, other_key) && is_less_specific(value, other_value)
        }
        (Type::Meta(_), Type::Meta(_)) => true,
        (a, b) => a == b,
    }
}
