//! Copies of artifacts that a later build does not change: a reflink where the file system has them, else a copy.

use std::fs::{self, File};
use std::io;
use std::path::Path;

/// Copies a file with its mode; it appears under its new name whole or not at all.
pub fn keep(from: &Path, to: &Path) -> io::Result<()> {
    let folder = to.parent().ok_or(io::ErrorKind::InvalidInput)?;
    fs::create_dir_all(folder)?;
    let mut source = File::open(from)?;
    let target = tempfile::NamedTempFile::new_in(folder)?;
    if !reflink(&source, target.as_file()) {
        // Between two plain files the kernel copies by itself.
        io::copy(&mut source, &mut target.as_file())?;
    }
    target
        .as_file()
        .set_permissions(source.metadata()?.permissions())?;
    target.persist(to).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(target_os = "linux")]
fn reflink(source: &File, target: &File) -> bool {
    rustix::fs::ioctl_ficlone(target, source).is_ok()
}

#[cfg(not(target_os = "linux"))]
fn reflink(_source: &File, _target: &File) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn mode_and_content_are_kept_and_an_old_file_is_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let from = dir.path().join("kubectl");
        let to = dir.path().join("deep/er/kubectl");
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::write(&to, "old").unwrap();
        fs::write(&from, "new").unwrap();
        fs::set_permissions(&from, fs::Permissions::from_mode(0o755)).unwrap();
        keep(&from, &to).unwrap();
        assert_eq!(fs::read_to_string(&to).unwrap(), "new");
        assert_eq!(
            fs::metadata(&to).unwrap().permissions().mode() & 0o777,
            0o755
        );
        assert_eq!(fs::read_dir(to.parent().unwrap()).unwrap().count(), 1);
    }
}
