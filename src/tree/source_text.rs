//! The tree's files as texts, with errors that name the path.

use super::TreeError;
use super::files::{Entry, Files};

/// The files of the tree that is being read.
#[derive(Clone, Copy)]
pub(super) struct SourceText<'f> {
    pub(super) files: &'f dyn Files,
}

impl SourceText<'_> {
    pub(super) fn read(&self, path: &str) -> Result<Option<String>, TreeError> {
        self.files.read(path).map_err(|source| TreeError::Read {
            path: path.to_owned(),
            source,
        })
    }

    pub(super) fn list(&self, folder: &str) -> Result<Vec<Entry>, TreeError> {
        self.files.list(folder).map_err(|source| TreeError::Read {
            path: folder.to_owned(),
            source,
        })
    }
}
