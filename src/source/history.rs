//! The description of the embedded repository: `templates/demo/history.toml`.

use std::collections::BTreeMap;

use serde::Deserialize;

/// All commits, the oldest first; each is the only parent of the next.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct History {
    #[serde(rename = "commit")]
    pub(super) commits: Vec<Entry>,
}

/// One commit: its parent's tree, with some files put over it and some taken out.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    /// The folder beside `history.toml` whose files are put over the parent's.
    pub(super) overlay: String,
    /// The commit's message.
    pub(super) message: String,
    /// When it was made, as RFC 3339 writes it.
    pub(super) time: String,
    /// The annotated tag at it.
    pub(super) tag: Option<String>,
    /// Files and folders of the parent that it lacks.
    #[serde(default)]
    pub(super) remove: Vec<String>,
    /// Symbolic links: path to target.
    #[serde(default)]
    pub(super) symlinks: BTreeMap<String, String>,
}
