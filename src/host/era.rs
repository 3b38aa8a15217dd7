//! Eras of Kubernetes that take other amounts of memory than its present: those whose make generates code before it compiles.

use serde::{Deserialize, Deserializer};

use crate::bytes::Bytes;
use crate::toolchain::GoVersion;

/// What tells the era of a tree.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct TreeAge {
    /// The Go that builds it, where that is known.
    pub go: Option<GoVersion>,
    /// Whether make generates code before it compiles.
    pub generates: bool,
}

/// An era, as `memory-model.toml` describes it.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub(super) struct Era {
    /// The versions of Kubernetes, in words.
    pub(super) name: String,
    #[serde(default)]
    go_below: Option<GoVersion>,
    /// What the largest generator holds with GOGC=100.
    #[serde(deserialize_with = "size")]
    pub(super) generate: Bytes,
    /// What `compile` and `beside` of the present are multiplied with.
    pub(super) compile: f64,
    /// What `link` of the present is multiplied with.
    pub(super) link: f64,
}

impl Era {
    /// Whether a tree belongs to it.
    pub(super) fn is_of(&self, age: &TreeAge) -> bool {
        let is_old = self
            .go_below
            .as_ref()
            .is_none_or(|bound| age.go.as_ref().is_some_and(|go| go < bound));
        is_old && age.generates
    }
}

/// Reads a size such as `55MiB`.
pub(super) fn size<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Bytes, D::Error> {
    use serde::de::Error as _;
    String::deserialize(deserializer)?
        .parse()
        .map_err(D::Error::custom)
}
