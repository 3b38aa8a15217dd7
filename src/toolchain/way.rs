//! The ways to download a toolchain, and how each is gone.

use std::path::PathBuf;

use super::error::WayError;
use super::official::Stage;
use super::store::Installation;
use super::transfer::without_credentials;
use super::{GoVersion, Origin, Progress, Surroundings, go_download, official};
use crate::cancel::Cancel;

/// A way to download a toolchain.
#[derive(Debug)]
pub(super) enum Way {
    /// This `go` program downloads it.
    Go(PathBuf),
    Official,
}

/// The ways in their order; the first one only where there is a `go` that can.
pub(super) fn ways(downloader: Option<PathBuf>) -> impl Iterator<Item = Way> {
    downloader.map(Way::Go).into_iter().chain([Way::Official])
}

impl Way {
    pub(super) fn origin(&self) -> Origin {
        match self {
            Way::Go(_) => Origin::GoDownload,
            Way::Official => Origin::OfficialDownload,
        }
    }

    /// The way as a phrase, for messages.
    pub(super) fn name(&self, surroundings: &Surroundings) -> String {
        match self {
            Way::Go(program) => format!("Go's own download by `{}`", program.display()),
            Way::Official => format!(
                "the official download from `{}`",
                without_credentials(&surroundings.download_base)
            ),
        }
    }

    /// Downloads `version` and takes it into the store; returns its root there.
    pub(super) fn get(
        &self,
        version: &GoVersion,
        surroundings: &Surroundings,
        installation: &mut Installation<'_>,
        cancel: &Cancel,
        on_progress: &mut dyn FnMut(Progress),
    ) -> Result<PathBuf, WayError> {
        let mut on_stage = |stage| on_progress(self.progress(version, stage));
        let tree = match self {
            Way::Go(program) => {
                let on_bytes = &mut |done| on_stage(Stage::Downloading(done, None));
                go_download::download(
                    program,
                    version,
                    surroundings,
                    installation,
                    cancel,
                    on_bytes,
                )
            }
            Way::Official => {
                let folder = installation.folder();
                official::download(version, surroundings, folder, cancel, &mut on_stage)
            }
        }?;
        installation.adopt(&tree, surroundings)
    }

    fn progress(&self, version: &GoVersion, stage: Stage) -> Progress {
        let version = version.clone();
        match stage {
            Stage::Unpacking => Progress::Unpacking { version },
            Stage::Downloading(done, total) => Progress::Downloading {
                version,
                origin: self.origin(),
                done,
                total,
            },
        }
    }
}
