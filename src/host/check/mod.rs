//! One check: whether one thing is as a build needs it and, if not, what mends it.
//!
//! This file has the words; the checks themselves are constructors in the files beside it, each a
//! pure function of facts.

mod cross;
mod engine;
mod go;
mod resources;
mod tools;
mod tree;

pub use resources::DiskClaim;
pub use tree::OutputFacts;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::tool::Tool;

/// What a check found.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Check {
    /// Its name for programs, such as `memory` or `tool.rsync`.
    pub id: String,
    /// Its name for people, such as `memory`.
    pub title: String,
    /// How it ended.
    pub status: Status,
    /// What was found, and for what it matters: the part of a sentence.
    pub message: String,
    /// What it contributes to the one line that sums a preflight up, such as `2 cpus`.
    pub brief: Option<String>,
    /// What mends it, where it did not pass.
    pub fix: Option<Fix>,
    /// Whether `--force` builds in spite of it: only checks of memory and disk, which rest on
    /// forecasts.
    pub overridable: bool,
}

/// How a check ended.
#[derive(
    Clone, Copy, Debug, Deserialize, Eq, JsonSchema, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// All is well.
    Passed,
    /// The build goes on, but something is worth knowing.
    Warned,
    /// The build cannot go on.
    Failed,
}

/// What mends a failed check.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Fix {
    /// Installing a tool; `--setup` can.
    Install {
        /// The tool.
        tool: Tool,
    },
    /// Typing commands.
    Type {
        /// What they do, as the beginning of a sentence: `give it back to yourself`.
        purpose: String,
        /// The command lines, in order.
        commands: Vec<String>,
    },
    /// Something that no command does.
    Advise {
        /// What to do, in a sentence.
        text: String,
    },
}

impl Check {
    /// The id of the check whether an engine answers; a preflight that fails on it alone has an
    /// exit code of its own.
    pub(super) const ENGINE: &'static str = "engine";

    fn new(id: &str, title: &str, status: Status, message: String) -> Check {
        Check {
            id: id.to_owned(),
            title: title.to_owned(),
            status,
            message,
            brief: None,
            fix: None,
            overridable: false,
        }
    }

    fn passed(id: &str, title: &str, message: String) -> Check {
        Check::new(id, title, Status::Passed, message)
    }

    fn warned(id: &str, title: &str, message: String) -> Check {
        Check::new(id, title, Status::Warned, message)
    }

    fn failed(id: &str, title: &str, message: String, fix: Fix) -> Check {
        Check {
            fix: Some(fix),
            ..Check::new(id, title, Status::Failed, message)
        }
    }

    fn with_brief(self, brief: String) -> Check {
        Check {
            brief: Some(brief),
            ..self
        }
    }

    fn overridable(self) -> Check {
        Check {
            overridable: true,
            ..self
        }
    }

    /// The same check where its failure is only worth a warning, because what is asked for can do
    /// without.
    #[must_use]
    pub fn lenient(self) -> Check {
        Check {
            status: self.status.min(Status::Warned),
            ..self
        }
    }
}

impl Fix {
    fn advise(text: impl Into<String>) -> Fix {
        Fix::Advise { text: text.into() }
    }

    fn commands(purpose: &str, commands: Vec<String>) -> Fix {
        Fix::Type {
            purpose: purpose.to_owned(),
            commands,
        }
    }
}

/// A word of a command line as a POSIX shell takes it; only for showing.
pub(super) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=+,@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lenient_check_warns_where_it_would_fail_and_passes_as_before() {
        let fix = Fix::advise("Do it.");
        let failed = Check::failed("a", "a", "no".to_owned(), fix.clone()).lenient();
        assert_eq!((failed.status, failed.fix), (Status::Warned, Some(fix)));
        let passed = Check::passed("a", "a", "yes".to_owned()).lenient();
        assert_eq!(passed.status, Status::Passed);
    }

    #[test]
    fn quotes_what_a_shell_would_take_apart() {
        assert_eq!(quoted("/a/b-c_1.2"), "/a/b-c_1.2");
        assert_eq!(quoted("a b"), "'a b'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
    }
}
