//! Free disk on the file systems that a build writes to.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::read_ahead::ReadAhead;
use crate::bytes::Bytes;

/// A file system that at least one of the folders in question is on.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct FileSystem {
    /// The number of its device, by which two folders on one file system are known.
    pub device: u64,
    /// What this user may still write: `f_bavail`, without the part that is reserved for root.
    pub free: Bytes,
    /// Its size.
    pub total: Bytes,
    /// The folders in question that are on it, or will be when they are made.
    pub folders: Vec<PathBuf>,
    /// How far ahead its files are read, where that is known.
    #[serde(default)]
    pub read_ahead: Option<ReadAhead>,
}

impl FileSystem {
    /// The file systems of folders, each once. Of a folder that does not exist yet the nearest
    /// existing ancestor counts; a folder whose file system does not answer is left out. `root` holds `sys`.
    pub fn probe(root: &Path, folders: &[PathBuf]) -> Vec<FileSystem> {
        let mut systems: Vec<FileSystem> = Vec::new();
        for folder in folders {
            let Some((device, existing)) = nearest_existing(folder) else {
                continue;
            };
            if let Some(known) = systems.iter_mut().find(|system| system.device == device) {
                known.folders.push(folder.clone());
            } else if let Ok(status) = rustix::fs::statvfs(existing) {
                systems.push(FileSystem {
                    device,
                    free: Bytes(status.f_bavail.saturating_mul(status.f_frsize)),
                    total: Bytes(status.f_blocks.saturating_mul(status.f_frsize)),
                    folders: vec![folder.clone()],
                    read_ahead: ReadAhead::probe(root, device),
                });
            }
        }
        systems
    }
}

/// The nearest ancestor that exists, the folder itself included, and its device.
fn nearest_existing(folder: &Path) -> Option<(u64, &Path)> {
    folder
        .ancestors()
        // The last ancestor of a relative path is empty and means here.
        .map(|path| {
            if path.as_os_str().is_empty() {
                Path::new(".")
            } else {
                path
            }
        })
        .find_map(|path| Some((path.metadata().ok()?.dev(), path)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::fixture::Fixture;

    #[test]
    fn two_folders_on_one_file_system_are_one() {
        let fixture = Fixture::default().folder("cache");
        let folders = [fixture.path("cache"), fixture.path("not/made/yet")];
        let systems = FileSystem::probe(fixture.root(), &folders);
        assert_eq!(systems.len(), 1);
        assert_eq!(systems[0].folders, folders);
        assert!(systems[0].total >= systems[0].free);
        assert!(systems[0].total > Bytes(0));
    }

    #[test]
    fn a_relative_folder_that_is_not_there_counts_from_here() {
        let systems = FileSystem::probe(Path::new("/"), &["not-made-yet".into()]);
        assert_eq!(systems.len(), 1);
    }
}
