//! Samples: values that the server takes, and values that it refuses, each with what it says to them.
//!
//! ```text
//! Node ──► value (a sample that holds) ──► broken (one thing wrong at a time) ──► verdict (what the server says)
//! ```

mod broken;
mod value;
mod verdict;

pub use broken::{Broken, broken};
pub use value::samples;
pub(crate) use verdict::verdict;

pub use crate::crd::sample::{Extent, NoSample};
