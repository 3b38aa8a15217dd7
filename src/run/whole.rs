//! Small files that appear whole or not at all, for everybody whom the caller's umask lets read them.

use std::fs::Permissions;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Writes a file by rename.
pub fn write_whole(path: &Path, content: &[u8]) -> io::Result<()> {
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    // The kernel takes the umask off. A temporary file's own mode would keep the file from everybody else.
    let mut file = tempfile::Builder::new()
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(folder)?;
    file.write_all(content)?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mode_is_that_of_any_new_file() {
        let dir = tempfile::tempdir().unwrap();
        let (whole, plain) = (dir.path().join("whole"), dir.path().join("plain"));
        write_whole(&whole, b"text").unwrap();
        std::fs::write(&plain, "text").unwrap();
        let mode = |path| std::fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&whole), mode(&plain));
        assert_eq!(std::fs::read(&whole).unwrap(), b"text");
    }
}
