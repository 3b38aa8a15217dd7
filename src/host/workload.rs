//! What a build builds, and what may change from try to try.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What may change from try to try of a build without changing its result.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Attempt {
    /// How many compiles and links run at a time: Go's `-p`.
    pub jobs: u32,
    /// How many threads each of them runs: GOMAXPROCS.
    pub gomaxprocs: u32,
    /// GOGC, where it is not left at Go's default of 100.
    pub gogc: Option<u32>,
}

impl Default for Attempt {
    /// One of each: right anywhere, and slow.
    fn default() -> Attempt {
        Attempt {
            jobs: 1,
            gomaxprocs: 1,
            gogc: None,
        }
    }
}

/// What one call of make builds.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Workload {
    /// The components.
    pub components: Components,
    /// How many links may run at a time, where something beside the number of jobs limits it.
    pub links: Option<u32>,
}

/// A set of components.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Components {
    /// All that the tree has; the model stands all that it knows in for them.
    All,
    /// These, sorted, each once.
    Named(Vec<String>),
}

impl Workload {
    /// All components of a tree.
    pub fn all() -> Workload {
        Workload {
            components: Components::All,
            links: None,
        }
    }

    /// These components. A path such as `cmd/kubectl` counts as its last name.
    pub fn of<S: AsRef<str>>(components: impl IntoIterator<Item = S>) -> Workload {
        let mut names: Vec<String> = components
            .into_iter()
            .filter_map(|name| Some(name.as_ref().rsplit('/').next()?.to_owned()))
            .collect();
        names.sort();
        names.dedup();
        Workload {
            components: Components::Named(names),
            links: None,
        }
    }
}
