//! Keeping the store small: a tree's `_output` alone can reach 15 GB.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::bytes::Bytes;
use crate::lock::Lock;

use super::error::SourceError;
use super::removal::remove_tree;
use super::store::{Store, folders, last_used, lock_path, partial_path};

/// Who holds a lock while something is removed, for people.
const PURPOSE: &str = "source gc";

/// Something that was removed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Removed {
    /// The checkout or mirror.
    pub path: PathBuf,
    /// What its files took.
    pub size: Bytes,
}

impl Store {
    /// Removes the checkouts that were not used for `unused_for`, then the mirrors from which no checkout borrows and which
    /// were not used for as long. What another process holds stays.
    pub fn gc(&self, unused_for: Duration) -> Result<Vec<Removed>, SourceError> {
        let now = SystemTime::now();
        let is_old = |path: &Path| {
            last_used(path).is_none_or(|used| {
                now.duration_since(used)
                    .is_ok_and(|unused| unused >= unused_for)
            })
        };
        let mut removed = Vec::new();
        for repository in folders(&self.checkouts())? {
            for checkout in folders(&repository)?
                .into_iter()
                .filter(|path| is_old(path))
            {
                removed.extend(remove(&checkout)?);
            }
        }
        for mirror in folders(&self.mirrors())?
            .into_iter()
            .filter(|path| is_old(path))
        {
            let slug = mirror.file_stem().unwrap_or_default();
            if folders(&self.checkouts().join(slug))?.is_empty() {
                removed.extend(remove(&mirror)?);
            }
        }
        Ok(removed)
    }
}

/// Removes a checkout or mirror unless somebody holds it. Its lock's file stays: who waits for it has it open.
fn remove(path: &Path) -> Result<Option<Removed>, SourceError> {
    let lock =
        Lock::try_acquire(&lock_path(path), PURPOSE).map_err(SourceError::store("lock", path))?;
    if lock.is_none() {
        return Ok(None);
    }
    let size = size_below(path);
    let partial = partial_path(path);
    remove_tree(&partial)?;
    fs::rename(path, &partial).map_err(SourceError::store("remove", path))?;
    remove_tree(&partial)?;
    Ok(Some(Removed {
        path: path.to_owned(),
        size,
    }))
}

/// What a file, or all files below a folder, take.
pub(crate) fn size_below(path: &Path) -> Bytes {
    let Ok(meta) = path.symlink_metadata() else {
        return Bytes(0);
    };
    if !meta.is_dir() {
        return Bytes(meta.len());
    }
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    Bytes(entries.map(|entry| size_below(&entry.path()).0).sum())
}
