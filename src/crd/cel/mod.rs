//! CEL: the rules of `x-kubernetes-validations`, compiled and evaluated as the API server does.
//!
//! Expressions that are right are read by hand ([`grammar`]); those that are not by the crate `cel` ([`syntax`]), whose parser is
//! made from the grammar of the API server's own, so that its errors are the same. What follows is a port of what stands behind
//! that parser there: types, overloads, cost, evaluation. Whatever is not ported is told apart ([`Unchecked`]) and never guessed.

mod call;
mod check;
mod clock;
mod convert;
mod cost;
mod declaration;
mod evaluate;
mod expression;
mod fault;
mod formatting;
mod function;
mod grammar;
mod kind;
mod library;
mod lists;
mod literal;
mod macros;
mod mapping;
mod named;
mod network;
mod operator;
mod overload;
mod quantity;
mod range;
pub(crate) mod rule;
mod semver;
mod strings;
mod syntax;
mod text;
mod token;
mod unescape;
mod url;
mod value;

pub(crate) use declaration::Declaration;
pub(crate) use function::duration;
pub(crate) use url::is_request_uri;

/// Something that is not ported: what the API server says of it is not known.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Unchecked;

#[cfg(test)]
mod tests;
