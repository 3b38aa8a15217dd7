//! One thing to build: a component of a tree, by an executor.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// A tree to build from.
#[derive(Clone, Debug)]
pub(super) enum Tree {
    /// A ref of a repository.
    Ref { repo: String, reference: String },
    /// A checkout, built in place.
    Folder(PathBuf),
}

impl Tree {
    /// The flags that name it.
    pub(super) fn flags(&self) -> Vec<String> {
        match self {
            Tree::Ref { repo, reference } => ["--repo", repo, "--ref", reference]
                .map(str::to_owned)
                .to_vec(),
            Tree::Folder(folder) => vec!["--source".to_owned(), folder.display().to_string()],
        }
    }

    /// What it is called in the record: never by a place of this machine.
    pub(super) fn reference(&self) -> String {
        match self {
            Tree::Ref { reference, .. } => reference.clone(),
            Tree::Folder(folder) => last_part(folder),
        }
    }

    fn origin(&self) -> String {
        match self {
            Tree::Ref { repo, .. } if repo.starts_with("http") => repo.clone(),
            Tree::Ref { repo, .. } => last_part(Path::new(repo)),
            Tree::Folder(_) => "a checkout".to_owned(),
        }
    }
}

fn last_part(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// What names a row of the record.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(super) struct Cell {
    /// The repository, without the place where it lies on this machine.
    pub(super) origin: String,
    /// The ref; for a checkout its folder's name.
    pub(super) reference: String,
    /// What is built.
    pub(super) component: String,
    /// What builds it.
    pub(super) executor: String,
}

impl Cell {
    pub(super) fn new(tree: &Tree, component: &str, executor: &str) -> Cell {
        Cell {
            origin: tree.origin(),
            reference: tree.reference(),
            component: component.to_owned(),
            executor: executor.to_owned(),
        }
    }
}
