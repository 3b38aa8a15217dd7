//! An output folder of its own for each step that runs beside others.
//!
//! Two makes must not share one: see [`Step::is_cell`](crate::plan::Step::is_cell). So each such container has an empty folder
//! where the others have the tree's `_output`. Go's caches are shared; what the step was to leave is moved into the tree when
//! it has ended well.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::source::{self, Provision, SourceVolume, make_mount_point};
use super::{Docker, RunError, SOURCE};
use crate::engine::Mounting;
use crate::plan::Step;
use crate::run::keep::keep;

/// What upstream's scripts write to, relative to the tree.
const OUTPUT: &str = "_output";

/// Where the folders lie, below the tree's own output.
const CELLS: &str = "_output/kubewright-cells";

/// Removes what a killed run left of its cells.
pub(super) fn sweep(source: &Path) -> Result<(), RunError> {
    removed(&source.join(CELLS))
}

/// The output of one step; it goes with this value.
#[derive(Debug)]
pub(super) struct Cell<'c, 'd> {
    docker: &'c Docker<'d>,
    provision: &'c Provision<'d>,
    step: &'c Step,
    place: Place<'d>,
}

#[derive(Debug)]
enum Place<'d> {
    /// Where the tree is mounted: a folder in it.
    Folder(PathBuf),
    /// Where the tree was sent.
    Volume(SourceVolume<'d>),
}

impl<'c, 'd> Cell<'c, 'd> {
    pub(super) fn new(
        docker: &'c Docker<'d>,
        step: &'c Step,
        provision: &'c Provision<'d>,
    ) -> Result<Cell<'c, 'd>, RunError> {
        let place = if provision.is_sent() {
            Place::Volume(SourceVolume::new(docker, &format!("-{}", step.id))?)
        } else {
            Place::Folder(folder(docker, step, provision)?)
        };
        Ok(Cell {
            docker,
            provision,
            step,
            place,
        })
    }

    /// What is mounted in place of the tree's output.
    pub(super) fn mount(&self) -> Mounting {
        let to = format!("{SOURCE}/{OUTPUT}");
        match &self.place {
            Place::Folder(from) => Mounting::Bind {
                from: from.clone(),
                to,
                read_only: false,
            },
            Place::Volume(volume) => Mounting::Volume {
                name: volume.name.clone(),
                to,
            },
        }
    }

    /// Moves what the step was to leave to where it belongs in the tree. What it did not leave is found out by the check.
    pub(super) fn hand_over(self) -> Result<(), RunError> {
        let Place::Folder(folder) = &self.place else {
            let mut mounts = self.provision.mounts.clone();
            mounts.push(self.mount());
            return source::collect(self.docker, mounts, self.step);
        };
        for artifact in &self.step.artifacts {
            let Ok(below) = Path::new(&artifact.path).strip_prefix(OUTPUT) else {
                continue;
            };
            let target = self.docker.source.join(&artifact.path);
            if let Some(place) = Path::new(&artifact.path).parent() {
                make_mount_point(self.docker.source, place, self.provision.owner)?;
            }
            match moved(&folder.join(below), &target) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(RunError::Io {
                        action: "move a binary to",
                        path: target,
                        source: error,
                    });
                }
                _ => {}
            }
        }
        Ok(())
    }
}

impl Drop for Cell<'_, '_> {
    fn drop(&mut self) {
        if let Place::Folder(folder) = &self.place {
            let _ = fs::remove_dir_all(folder);
            // The last one takes the folder of folders along.
            let _ = fs::remove_dir(self.docker.source.join(CELLS));
        }
    }
}

/// An empty folder for a step, with the places of the caches in it.
fn folder(
    docker: &Docker<'_>,
    step: &Step,
    provision: &Provision<'_>,
) -> Result<PathBuf, RunError> {
    let below = Path::new(CELLS).join(&step.id);
    let folder = docker.source.join(&below);
    removed(&folder)?;
    make_mount_point(docker.source, &below, provision.owner)?;
    for cache in &provision.caches {
        let inside = Path::new(cache).strip_prefix(OUTPUT);
        if let Ok(inside) = inside {
            make_mount_point(&folder, inside, provision.owner)?;
        }
    }
    Ok(folder)
}

/// Moves a file; where the two places are on different disks, it is copied.
fn moved(from: &Path, to: &Path) -> io::Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => keep(from, to),
        outcome => outcome,
    }
}

fn removed(folder: &Path) -> Result<(), RunError> {
    match fs::remove_dir_all(folder) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(RunError::Io {
            action: "remove",
            path: folder.to_owned(),
            source,
        }),
        _ => Ok(()),
    }
}
