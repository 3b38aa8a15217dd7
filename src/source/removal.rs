//! Removing trees that builds wrote into.

use std::fs;
use std::io;
use std::path::Path;

use super::error::SourceError;

/// Removes a folder; it is no error where there is none. Go makes the folders of its module cache read-only, which would
/// keep their files from being removed.
pub(super) fn remove_tree(path: &Path) -> Result<(), SourceError> {
    match fs::remove_dir_all(path) {
        Ok(()) => return Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => make_writable(path),
        Err(_) => {}
    }
    fs::remove_dir_all(path).map_err(SourceError::store("remove", path))
}

/// Lets the owner write into all folders of a tree, as far as that is possible.
fn make_writable(folder: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let _ = fs::set_permissions(folder, fs::Permissions::from_mode(0o755));
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            make_writable(&entry.path());
        }
    }
}
