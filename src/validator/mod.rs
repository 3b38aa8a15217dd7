//! The API server's own verdict, of any version: a small Go program that is compiled from the apiextensions packages of a
//! tree, kept, and asked.
//!
//! The tree is only read. The program's sources lie beside what Go makes of them, and stand in the tree by way of an overlay
//! of the go command alone, so that its packages are the tree's own and those that it vendors.

mod ask;
mod error;
mod key;
mod make;
mod program;
mod store;
mod tree;

pub use ask::{Answer, Fault, Question, Resource, Verdict, ask};
pub use error::ValidatorError;
pub use key::Key;
pub use make::{Made, Making};
pub use store::{Unused, Validators};
pub use tree::check;
