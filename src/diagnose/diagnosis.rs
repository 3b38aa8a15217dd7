//! What a failure turned out to be.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Failure;

/// What a failure turned out to be: one cause, and one command to type.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Diagnosis {
    /// The row of the table.
    pub id: String,
    /// The line of the log that shows it, from 1; absent when other evidence does.
    pub line_number: Option<u64>,
    /// That line without colours, time and control characters, cut when it is very long; empty without a line.
    pub line: String,
    /// What went wrong; a sentence fragment.
    pub cause: String,
    /// What mends it; whole sentences.
    pub fix: String,
    /// What to type. Words in capitals (`COMPONENT`, `REF`) are to be replaced: nothing told them.
    pub command: String,
    /// The thread or page that it comes from.
    pub link: String,
    /// What kind of failure it is: it decides the exit code.
    pub failure: Failure,
}
