//! The platforms that a tree builds for.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bash::Shell;
use crate::platform::Platform;

/// The platforms that a tree supports, one list for each set of components.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct PlatformSets {
    /// For the control plane.
    pub server: Vec<Platform>,
    /// For what runs on nodes; empty in trees before 1.6.
    pub node: Vec<Platform>,
    /// For kubectl and its like. A build places binaries of these platforms only, whatever the
    /// component is.
    pub client: Vec<Platform>,
    /// For the tests.
    pub test: Vec<Platform>,
}

impl PlatformSets {
    pub(super) fn read(shell: &Shell<'_>) -> PlatformSets {
        PlatformSets {
            server: platforms(shell, "SERVER"),
            node: platforms(shell, "NODE"),
            client: platforms(shell, "CLIENT"),
            test: platforms(shell, "TEST"),
        }
    }
}

/// What is supported has an array of its own since 1.14; before, the array is what is built without
/// `KUBE_FASTBUILD`.
fn platforms(shell: &Shell<'_>, set: &str) -> Vec<Platform> {
    [
        format!("KUBE_SUPPORTED_{set}_PLATFORMS"),
        format!("KUBE_{set}_PLATFORMS"),
    ]
    .iter()
    .find_map(|name| shell.array(name))
    .unwrap_or_default()
    .iter()
    .filter_map(|text| text.parse().ok())
    .collect()
}
