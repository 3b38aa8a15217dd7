//! The folder of `--out`, looked at before a build that would end there in vain.

use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, access};

use crate::error::{Explain, Kind};

/// Artifacts cannot be put where the user wants them.
#[derive(Debug, thiserror::Error)]
#[error("`--out {}` cannot be written, because of `{}`", .out.display(), .culprit.display())]
pub(super) struct NoPlace {
    out: PathBuf,
    /// The folder or file that stands in the way.
    culprit: PathBuf,
    source: io::Error,
}

impl Explain for NoPlace {
    fn kind(&self) -> Kind {
        Kind::Preflight
    }

    fn hints(&self) -> Vec<String> {
        vec![
            "name another folder with `--out DIR`; without it artifacts are kept in the run's folder"
                .to_owned(),
        ]
    }
}

/// Whether files can be put into `out`, or into the nearest folder above it that is there.
pub(super) fn check(out: &Path) -> Result<(), NoPlace> {
    let there = |path: &&Path| path.symlink_metadata().is_ok();
    let nearest = out.ancestors().find(there).unwrap_or(Path::new("."));
    let looked_at = if nearest.is_dir() {
        access(nearest, Access::WRITE_OK | Access::EXEC_OK).map_err(io::Error::from)
    } else {
        Err(io::ErrorKind::NotADirectory.into())
    };
    looked_at.map_err(|source| NoPlace {
        out: out.to_owned(),
        culprit: nearest.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_can_be_made_will_do_and_a_file_will_not() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        std::fs::write(&file, "").unwrap();
        assert!(check(&dir.path().join("deep/er")).is_ok());
        assert!(check(Path::new("relative")).is_ok());
        for out in [file.clone(), file.join("below")] {
            assert_eq!(check(&out).unwrap_err().culprit, file);
        }
    }
}
