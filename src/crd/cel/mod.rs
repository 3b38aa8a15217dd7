//! CEL: the rules of `x-kubernetes-validations`, compiled and evaluated as the API server does.
//!
//! The crate `cel` reads an expression: its parser is made from the grammar of the API server's own, so that its errors
//! are the same. What follows is a port of what stands behind that parser there: types, overloads, cost, evaluation.
//! Whatever is not ported is told apart ([`Unchecked`]) and never guessed.

mod call;
mod check;
mod cost;
mod declaration;
mod evaluate;
mod expression;
mod fault;
mod function;
mod kind;
mod literal;
mod mapping;
mod overload;
mod range;
pub(crate) mod rule;
mod unescape;
mod value;

pub(crate) use declaration::Declaration;

/// Something that is not ported: what the API server says of it is not known.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Unchecked;

#[cfg(test)]
mod tests;
