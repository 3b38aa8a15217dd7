//! Where the logical roots of a plan lie: on this host, or in a container.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::plan::{Root, locate};

/// Where the roots of a plan lie, as its steps see them.
#[derive(Clone, Debug)]
pub struct Roots {
    /// The tree.
    pub source: PathBuf,
    /// The run's folder.
    pub run: PathBuf,
    /// The Go toolchain.
    pub toolchain: PathBuf,
    /// The caller's `PATH`.
    pub path: OsString,
    /// The caller's `HOME`.
    pub home: PathBuf,
    /// Where a container keeps what Go compiled; no step on the host speaks of it.
    pub cache: PathBuf,
    /// Where the container engine listens, as `DOCKER_HOST` takes it; empty where there is none.
    pub engine: String,
    /// This program.
    pub kubewright: PathBuf,
}

impl Roots {
    pub(super) fn locate(&self, text: &str) -> String {
        locate(text, |root| match root {
            Root::Source => self.source.display().to_string(),
            Root::Run => self.run.display().to_string(),
            Root::Toolchain => self.toolchain.display().to_string(),
            Root::Path => self.path.to_string_lossy().into_owned(),
            Root::Home => self.home.display().to_string(),
            Root::Cache => self.cache.display().to_string(),
            Root::Engine => self.engine.clone(),
            Root::Kubewright => self.kubewright.display().to_string(),
        })
    }
}
