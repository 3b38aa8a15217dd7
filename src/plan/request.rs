//! What somebody wants built, with every choice made: no options are left.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::platform::Platform;

/// What is to be built.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Goal {
    /// Commands of Kubernetes, by name.
    Components(Vec<String>),
    /// What plain `make` builds: every default command of one platform.
    All,
    /// A target of the tree's Makefile.
    Target(String),
}

impl Goal {
    /// The words that say it on the command line, after `kubewright build`.
    pub fn words(&self) -> Vec<String> {
        let words = |verb: &str, names: &[String]| {
            let verb = std::iter::once(verb.to_owned());
            verb.chain(names.iter().cloned()).collect()
        };
        match self {
            Goal::Components(names) => words("component", names),
            Goal::All => words("all", &[]),
            Goal::Target(name) if name == "quick-release" => words(name, &[]),
            Goal::Target(name) => words("target", std::slice::from_ref(name)),
        }
    }
}

/// A request to [`plan`](super::plan).
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Request {
    /// What is to be built.
    pub goal: Goal,
    /// For which platforms: at least one for components and `all`; for a target, none unless the user named some.
    pub platforms: Vec<Platform>,
    /// Variables that go to make as arguments, such as `DBG=1`.
    pub variables: BTreeMap<String, String>,
    /// Whether archives get fixed times, order and owner, so that the same commit gives the same bytes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reproducible: bool,
}
