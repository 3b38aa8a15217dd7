//! What can be built, as TOML: the schema, its validation, the built-in recipes.
//!
//! ```text
//! text ──► reader ──► RecipeFile (each value knows its place) ──► check ──► Recipe
//!             └──────────── problems, with line and caret ──────────┘
//! ```
//!
//! Both steps go on after a problem, so that one run shows all that is wrong with a file.

mod builtin;
mod check;
mod definition;
mod error;
mod file;
mod nearest;
mod problem;
mod reader;
#[cfg(test)]
mod tests;

pub use builtin::{Builtin, builtin, find};
pub use definition::{
    Build, Limits, PlatformChoice, PlatformSet, Recipe, Source, UnknownPlatform, What,
};
pub use error::RecipeError;
pub use file::RecipeFile;
pub(crate) use nearest::nearest;
pub use problem::Problem;
