//! The field language: `replicas:int32?=1{min=1,max=10}`. Its grammar is written down in `docs/field-language.md`.
//!
//! ```text
//! text ──► parse ──► Placed { path, Field { name, optional, Node } } ──► print ──► the same text, in its canonical form
//! ```
//!
//! A [`Node`] is one place of a schema. What the language has no word for stands in the option `schema` as JSON, so that any
//! schema can be said in it.

mod cursor;
mod keyword;
mod node;
mod option;
mod parse;
mod print;
#[cfg(test)]
mod tests;

pub use keyword::{KEYWORDS, Keyword, Takes};
pub use node::{Field, Node, Rule, Setting, Shape};
pub use parse::{Placed, parse, parse_node};
pub(crate) use print::suffix;
