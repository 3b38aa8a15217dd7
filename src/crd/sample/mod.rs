//! Samples: values that a schema takes, whole resources of a definition among them.
//!
//! ```text
//! schema ──► terms (which alternatives hold) ──► value (candidates, the first that holds) ──► checked as the server checks
//! ```

mod given;
mod order;
mod pattern;
mod resource;
mod terms;
mod value;

pub(crate) use order::arranged;
pub(crate) use pattern::not_of_format;
pub use resource::{Sample, resource};
pub(crate) use value::{child, sample};

use crate::error::{Explain, Kind};

/// How much a sample says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Extent {
    /// Only what is required and has no default.
    Least,
    /// Every field.
    Most,
}

/// No value could be found that holds.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("no sample can be made of {}: {why}", place(.path))]
pub struct NoSample {
    /// The place, such as `spec.code`; empty for the whole.
    pub path: String,
    /// Why not.
    pub why: String,
}

fn place(path: &str) -> String {
    if path.is_empty() {
        "the whole".to_owned()
    } else {
        format!("`{path}`")
    }
}

impl NoSample {
    fn new(path: &str, why: impl Into<String>) -> NoSample {
        NoSample {
            path: path.to_owned(),
            why: why.into(),
        }
    }
}

impl Explain for NoSample {
    fn kind(&self) -> Kind {
        Kind::Usage
    }

    fn hints(&self) -> Vec<String> {
        vec!["give the field an `example` in its schema: samples take it".to_owned()]
    }
}
