//! Why there is no recipe.

use std::io;
use std::path::PathBuf;

use super::Problem;
use crate::error::{Explain, Kind};

/// Why there is no recipe.
#[derive(Debug, thiserror::Error)]
pub enum RecipeError {
    /// The file is wrong. Its text is that of all problems, the first without the word "error", since whoever prints
    /// the error begins with it.
    #[error("{rendered}")]
    Invalid {
        /// What is wrong, in the order of the file; at least one.
        problems: Vec<Problem>,
        /// All of them as they are shown.
        rendered: String,
    },
    /// No built-in recipe has that name.
    #[error("no recipe is called `{name}`")]
    Unknown {
        /// The name that was asked for.
        name: String,
        /// The built-in recipe with the nearest name.
        near: Option<&'static str>,
    },
    /// The file cannot be read.
    #[error("cannot read the recipe `{}`", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

impl RecipeError {
    pub(super) fn invalid(path: &str, text: &str, mut problems: Vec<Problem>) -> RecipeError {
        problems.sort_by_key(|problem| problem.span.start);
        let shown: Vec<String> = problems
            .iter()
            .map(|problem| problem.render(path, text))
            .collect();
        RecipeError::Invalid {
            rendered: shown.join("\n\nerror: "),
            problems,
        }
    }
}

impl Explain for RecipeError {
    fn kind(&self) -> Kind {
        Kind::Usage
    }

    fn hints(&self) -> Vec<String> {
        match self {
            RecipeError::Invalid { .. } => Vec::new(),
            RecipeError::Unknown { near, .. } => near
                .map(|name| format!("did you mean `{name}`?"))
                .into_iter()
                .chain([
                    "`kubewright recipes list` lists the built-in ones; a file's name ends in \
                     `.toml`"
                        .to_owned(),
                ])
                .collect(),
            RecipeError::Read { .. } => {
                vec!["`kubewright recipes list` lists the built-in recipes".to_owned()]
            }
        }
    }
}
