//! Where validators are kept: a folder each, complete or absent.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::ValidatorError;
use crate::bytes::Bytes;
use crate::lock::Lock;
use crate::source::size_below;

/// `validators/` below kubewright's home.
#[derive(Clone, Debug)]
pub struct Validators {
    pub(super) folder: PathBuf,
}

/// Something that was removed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Unused {
    /// The folder.
    pub path: PathBuf,
    /// What its files took.
    pub size: Bytes,
}

impl Validators {
    /// The validators below this home.
    pub fn below(home: &Path) -> Validators {
        Validators {
            folder: home.join("validators"),
        }
    }

    /// What Go compiled for all of them: a tree that changes a little is compiled again in seconds.
    pub(super) fn go_cache(&self) -> PathBuf {
        self.folder.join("go-cache")
    }

    pub(super) fn lock(&self) -> PathBuf {
        self.folder.join("lock")
    }

    /// Removes what was not used for `unused_for`, unless somebody makes one.
    pub fn gc(&self, unused_for: Duration) -> Result<Vec<Unused>, ValidatorError> {
        if !self.folder.is_dir() {
            return Ok(Vec::new());
        }
        let lock_path = self.lock();
        let lock = Lock::try_acquire(&lock_path, "source gc");
        let Some(_lock) = lock.map_err(ValidatorError::io("lock", lock_path))? else {
            return Ok(Vec::new());
        };
        let mut removed = Vec::new();
        let entries = fs::read_dir(&self.folder);
        for entry in entries
            .map_err(ValidatorError::io("read", &self.folder))?
            .flatten()
        {
            let path = entry.path();
            if path != self.lock() && is_unused(&path, unused_for) {
                let size = size_below(&path);
                let gone = if path.is_dir() {
                    fs::remove_dir_all(&path)
                } else {
                    fs::remove_file(&path)
                };
                gone.map_err(ValidatorError::io("remove", &path))?;
                removed.push(Unused { path, size });
            }
        }
        Ok(removed)
    }
}

/// The program in the folder of a validator.
pub(super) fn program_in(folder: &Path) -> PathBuf {
    folder.join("validator")
}

/// Notes that a file or folder is used now.
pub(super) fn touch(path: &Path) {
    // Whoever cannot write here does not clean up here either.
    if let Ok(file) = fs::File::open(path) {
        let _ = file.set_modified(SystemTime::now());
    }
}

fn is_unused(path: &Path, unused_for: Duration) -> bool {
    let program = program_in(path);
    let used = program.metadata().or_else(|_| path.metadata());
    let used = used.and_then(|meta| meta.modified());
    used.is_ok_and(|used| {
        SystemTime::now()
            .duration_since(used)
            .is_ok_and(|unused| unused >= unused_for)
    })
}
