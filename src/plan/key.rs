//! The key of an artifact: a hash of all that decides its content.
//!
//! What an attempt may change without changing the result (jobs, memory, verbosity) is not in it, nor is the request that
//! led to it: kubectl from `build all` is the kubectl of `build component kubectl`.

use std::collections::BTreeMap;

use serde::Serialize;

use super::equipment::{Equipment, Executor};
use super::identity::SourceIdentity;
use crate::hexadecimal::sha256;
use crate::platform::Platform;

#[derive(Serialize)]
struct Ingredients<'a> {
    schema: u32,
    tree: &'a str,
    commit: &'a str,
    stamp: String,
    committed_at: Option<i64>,
    component: &'a str,
    platform: &'a Platform,
    variables: &'a BTreeMap<String, String>,
    toolchain: &'a str,
    executor: Executor,
}

/// The key of one component of a tree; `None` where the tree has changes that no commit names, or the
/// image is not there yet.
pub(super) fn of(
    component: &str,
    platform: &Platform,
    variables: &BTreeMap<String, String>,
    source: &SourceIdentity,
    equipment: &Equipment,
) -> Option<String> {
    if !source.changes.is_empty() {
        return None;
    }
    let ingredients = Ingredients {
        schema: 2,
        tree: source.tree.as_ref()?,
        commit: source.commit.as_ref()?,
        stamp: source.stamp.version_file(),
        committed_at: source.committed_at,
        component,
        platform,
        variables,
        toolchain: equipment.content()?,
        executor: equipment.executor(),
    };
    let text = serde_json::to_vec(&ingredients).ok()?;
    Some(sha256(&text))
}
