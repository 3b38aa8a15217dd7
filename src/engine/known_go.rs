//! The Go of images that were looked at before. A look takes a container, and an image's id names its content for good.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::{Engine, EngineError, Image};
use crate::cancel::Cancel;

/// What was found in images, one small file each.
#[derive(Debug)]
pub struct KnownGo {
    folder: PathBuf,
}

impl KnownGo {
    /// In kubewright's home.
    pub fn below(home: &Path) -> KnownGo {
        KnownGo {
            folder: home.join("images"),
        }
    }

    /// The version of the Go in an image, without `go`; `None` where there is none. The engine is asked once for each image.
    pub fn version(
        &self,
        engine: &Engine,
        image: &Image,
        cancel: &Cancel,
    ) -> Result<Option<String>, EngineError> {
        let note = self.note(image);
        if let Some(known) = note
            .as_deref()
            .and_then(|note| fs::read_to_string(note).ok())
        {
            return Ok(Some(known));
        }
        let version = engine.go_version(image, cancel)?;
        if let (Some(note), Some(version)) = (note, &version) {
            // It is looked at again where it cannot be kept.
            let _ = self.keep(&note, version);
        }
        Ok(version)
    }

    /// Where it is kept; `None` where the id is not one that names content.
    fn note(&self, image: &Image) -> Option<PathBuf> {
        let digest = image.id.strip_prefix("sha256:")?;
        let is_digest = digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_digest.then(|| self.folder.join(digest))
    }

    fn keep(&self, note: &Path, version: &str) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
        file.write_all(version.as_bytes())?;
        file.persist(note)?;
        Ok(())
    }
}
