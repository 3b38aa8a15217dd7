//! The files that are read.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::crd::document::{Document, Limits, ReadError, read};
use crate::error::{Error, Explain, Kind};

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

/// A file is no YAML.
#[derive(Debug, thiserror::Error)]
#[error("`{name}` cannot be read: {} at {}", .source.message, .source.at)]
pub(super) struct NotYaml {
    name: String,
    source: ReadError,
}

impl Explain for NotYaml {
    fn kind(&self) -> Kind {
        Kind::Usage
    }
}

/// The documents of one file.
pub(super) fn documents(path: &Path) -> Result<Vec<Document>, Error> {
    let mut documents = Vec::new();
    for Input { name, bytes, .. } in all(&[path.to_owned()])? {
        let read = read(&bytes, Limits::default());
        documents.extend(read.map_err(|source| NotYaml { name, source })?);
    }
    Ok(documents)
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
