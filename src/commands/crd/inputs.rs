//! The files that are read.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::error::{Explain, Kind};

/// A file's name, and what it holds.
pub(super) struct Input {
    pub(super) name: String,
    /// Where it lies; standard input lies nowhere.
    pub(super) path: Option<PathBuf>,
    pub(super) bytes: Vec<u8>,
}

/// A file cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read `{}`", .path.display())]
pub(super) struct Unreadable {
    path: PathBuf,
    source: io::Error,
}

impl Explain for Unreadable {
    fn kind(&self) -> Kind {
        Kind::Usage
    }
}

/// All files that are named, and those of folders that are named: what ends in .yaml, .yml or .json, sorted.
pub(super) fn all(paths: &[PathBuf]) -> Result<Vec<Input>, Unreadable> {
    let mut inputs = Vec::new();
    for path in paths {
        add(path, &mut inputs).map_err(|source| Unreadable {
            path: path.clone(),
            source,
        })?;
    }
    Ok(inputs)
}

fn add(path: &Path, inputs: &mut Vec<Input>) -> io::Result<()> {
    if path.as_os_str() == "-" {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes)?;
        inputs.push(Input {
            name: "<stdin>".to_owned(),
            path: None,
            bytes,
        });
        return Ok(());
    }
    if !path.is_dir() {
        inputs.push(Input {
            name: path.display().to_string(),
            path: Some(path.to_owned()),
            bytes: fs::read(path)?,
        });
        return Ok(());
    }
    let mut entries: Vec<PathBuf> = fs::read_dir(path)?
        .map(|entry| Ok(entry?.path()))
        .collect::<io::Result<_>>()?;
    entries.sort();
    for entry in entries {
        let extension = entry.extension().and_then(|extension| extension.to_str());
        let is_manifest = matches!(extension, Some("yaml" | "yml" | "json"));
        // Links to folders are not followed: they may lead in circles.
        let is_folder = entry.symlink_metadata()?.is_dir();
        if is_folder || (is_manifest && entry.is_file()) {
            add(&entry, inputs)?;
        }
    }
    Ok(())
}
