//! What a plan says of the tree and the Go that it builds with: commits and versions, never a path.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::source::Stamp;

/// The tree that is built.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct SourceIdentity {
    /// The repository, without credentials, or the folder that the user named.
    pub repository: String,
    /// The ref, as the user wrote it or as it was found.
    pub reference: String,
    /// Whether it is the user's own folder, built in place.
    pub in_place: bool,
    /// The commit, 40 hex digits; `None` where there is no Git.
    pub commit: Option<String>,
    /// The tree of that commit, 40 hex digits; `None` where there is no Git.
    pub tree: Option<String>,
    /// When the commit was made, in seconds since 1970: the build's `SOURCE_DATE_EPOCH`.
    pub committed_at: Option<i64>,
    /// The paths that differ from the commit.
    pub changes: Vec<String>,
    /// The version that goes into binaries, by upstream's rules.
    pub stamp: Stamp,
}

/// The Go that builds it.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct ToolchainIdentity {
    /// The version that is used, without `go`.
    pub version: String,
    /// The version that the tree asks for, where it names one.
    pub wanted: Option<String>,
}
