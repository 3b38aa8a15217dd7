//! The manifest of a build, from its first line to its last.

use std::path::PathBuf;

use jiff::Timestamp;

use super::Build;
use crate::error::{Explain, Kind};
use crate::lock::process_start;
use crate::report::manifest::{self, Manifest, ProcessIdentity, Status};
use crate::report::runs::RunFolder;

/// A file of the run cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write `{}`", .path.display())]
pub(super) struct NotWritten {
    path: PathBuf,
    source: std::io::Error,
}

impl Explain for NotWritten {
    fn kind(&self) -> Kind {
        match self.source.kind() {
            std::io::ErrorKind::StorageFull => Kind::OutOfDisk,
            _ => Kind::Preflight,
        }
    }
}

pub(super) fn write(manifest: &Manifest, folder: &RunFolder) -> Result<(), NotWritten> {
    let path = folder.path.join(manifest::FILE);
    manifest
        .write(&folder.path)
        .map_err(|source| NotWritten { path, source })
}

impl Build<'_> {
    pub(super) fn manifest(&self, folder: &RunFolder) -> Manifest {
        let pid = std::process::id();
        Manifest {
            schema: manifest::SCHEMA,
            kubewright: env!("CARGO_PKG_VERSION").to_owned(),
            run: folder.id.clone(),
            process: ProcessIdentity {
                pid,
                started: process_start(pid).unwrap_or_default(),
            },
            status: Status::Running,
            started: Timestamp::now().to_string(),
            seconds: None,
            command: self.call.command.clone(),
            reproduce: None,
            plan: None,
            host: None,
            engine: None,
            steps: Vec::new(),
            artifacts: Vec::new(),
            exit_code: None,
            error: None,
        }
    }
}
