//! The runs on disk: one folder each, named by the run's id.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use super::artifact::Artifact;
use super::manifest::{Manifest, Status};
use crate::error::{Explain, Kind};
use crate::hexadecimal::sha256;
use crate::lock::process_start;

/// `runs/` below kubewright's home.
#[derive(Clone, Debug)]
pub struct Runs {
    folder: PathBuf,
}

/// The folder of one run.
#[derive(Clone, Debug)]
pub struct RunFolder {
    /// The run's id.
    pub id: String,
    /// The folder.
    pub path: PathBuf,
}

/// A run that was made before.
#[derive(Clone, Debug)]
pub struct Earlier {
    /// Its folder.
    pub folder: RunFolder,
    /// What it did.
    pub manifest: Manifest,
    /// Whether the user goes on where it ended, however that was.
    pub is_resumed: bool,
}

impl Earlier {
    /// The artifact of this key, if the run built it or took it over, and ended well or is gone on with.
    pub fn artifact(&self, key: &str) -> Option<&Artifact> {
        let counts = self.is_resumed || self.manifest.status == Status::Succeeded;
        let mut artifacts = self.manifest.artifacts.iter().filter(|_| counts);
        artifacts.find(|artifact| artifact.key.as_deref() == Some(key))
    }
}

/// A run that may go.
#[derive(Clone, Debug)]
pub struct Surplus {
    /// Its folder.
    pub folder: RunFolder,
    /// What goes with it.
    pub artifacts: Vec<Artifact>,
}

/// Why a run cannot be opened or read.
#[derive(Debug, thiserror::Error)]
pub enum RunsError {
    /// No run has that id.
    #[error("there is no run `{0}`")]
    Unknown(String),
    /// Several runs begin so.
    #[error("several runs begin with `{id}`: {}", .candidates.join(", "))]
    Ambiguous {
        /// What was asked for.
        id: String,
        /// Those that fit.
        candidates: Vec<String>,
    },
    /// There are no runs yet.
    #[error("there are no runs yet")]
    None,
    /// The folder of runs cannot be read or written.
    #[error("cannot use the folder of runs `{folder}`")]
    Io {
        /// The folder.
        folder: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

impl Explain for RunsError {
    fn kind(&self) -> Kind {
        match self {
            RunsError::Io { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                Kind::OutOfDisk
            }
            RunsError::Io { .. } => Kind::Preflight,
            _ => Kind::Usage,
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            RunsError::Unknown(_) | RunsError::Ambiguous { .. } => {
                vec!["`kubewright runs list` shows all of them".to_owned()]
            }
            RunsError::None => vec!["`kubewright demo` makes the first one".to_owned()],
            RunsError::Io { .. } => {
                vec![
                    "KUBEWRIGHT_HOME names another place to keep mirrors, checkouts and runs"
                        .to_owned(),
                ]
            }
        }
    }
}

impl Runs {
    /// The runs below this home.
    pub fn below(home: &Path) -> Runs {
        Runs {
            folder: home.join("runs"),
        }
    }

    /// Makes the folder of a new run.
    pub fn create(&self) -> Result<RunFolder, RunsError> {
        let io = |source| RunsError::Io {
            folder: self.folder.clone(),
            source,
        };
        fs::create_dir_all(&self.folder).map_err(io)?;
        loop {
            let id = new_id();
            let path = self.folder.join(&id);
            match fs::create_dir(&path) {
                Ok(()) => return Ok(RunFolder { id, path }),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(io(error)),
            }
        }
    }

    /// Every run that has a manifest, the newest first. A run that another version of kubewright wrote in a form that this
    /// one cannot read is left out.
    pub fn list(&self) -> Vec<Earlier> {
        let read = |folder: RunFolder| {
            let manifest = Manifest::read(&folder.path).ok()?;
            Some(Earlier {
                folder,
                manifest,
                is_resumed: false,
            })
        };
        let mut runs: Vec<Earlier> = self.folders().into_iter().filter_map(read).collect();
        runs.sort_by(|a, b| b.manifest.started.cmp(&a.manifest.started));
        runs
    }

    /// The runs whose manifest is there and cannot be read, and why.
    pub fn unreadable(&self) -> Vec<(RunFolder, io::Error)> {
        let mut unreadable = Vec::new();
        for folder in self.folders() {
            match Manifest::read(&folder.path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    unreadable.push((folder, error));
                }
                _ => {}
            }
        }
        unreadable
    }

    /// The run that begins with `id`; without one, the newest.
    pub fn find(&self, id: Option<&str>) -> Result<Earlier, RunsError> {
        let mut runs = self.list();
        let Some(id) = id else {
            return if runs.is_empty() {
                Err(RunsError::None)
            } else {
                Ok(runs.swap_remove(0))
            };
        };
        runs.retain(|run| run.folder.id.starts_with(id));
        match runs.len() {
            0 => Err(RunsError::Unknown(id.to_owned())),
            1 => Ok(runs.swap_remove(0)),
            _ => Err(RunsError::Ambiguous {
                id: id.to_owned(),
                candidates: runs.into_iter().map(|run| run.folder.id).collect(),
            }),
        }
    }

    /// The runs beyond the `keep` that are kept: the newest with artifacts, then the newest without, for artifacts may be
    /// the only copy of a build. A run that is under way is never among them.
    pub fn surplus(&self, keep: usize) -> Vec<Surplus> {
        let mut ranked = self.list();
        // The sort is stable: within both groups the newest stay first.
        ranked.sort_by_key(|run| run.manifest.artifacts.is_empty());
        let kept = ranked.iter().take(keep).map(|run| &run.folder.id);
        let kept: Vec<String> = kept.cloned().collect();
        let mut folders = self.folders();
        folders.retain(|folder| !kept.contains(&folder.id) && !folder.is_under_way());
        folders.sort_by(|a, b| a.id.cmp(&b.id));
        let surplus = folders.into_iter().map(|folder| {
            let at = ranked.iter().position(|run| run.folder.id == folder.id);
            let artifacts = at.map(|at| ranked.swap_remove(at).manifest.artifacts);
            Surplus {
                folder,
                artifacts: artifacts.unwrap_or_default(),
            }
        });
        surplus.collect()
    }

    fn folders(&self) -> Vec<RunFolder> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let folders = entries.filter(|entry| entry.path().is_dir());
        folders
            .filter_map(|entry| {
                Some(RunFolder {
                    id: entry.file_name().into_string().ok()?,
                    path: entry.path(),
                })
            })
            .collect()
    }
}

impl RunFolder {
    /// The log of a step.
    pub fn log(&self, step: &str) -> PathBuf {
        self.path.join(format!("{step}.log"))
    }

    /// Removes it with all that is in it.
    pub fn remove(&self) -> Result<(), RunsError> {
        fs::remove_dir_all(&self.path).map_err(|source| RunsError::Io {
            folder: self.path.clone(),
            source,
        })
    }

    /// Where its artifacts lie.
    pub fn artifacts(&self) -> PathBuf {
        self.path.join("artifacts")
    }

    /// Whether the process that opened it still runs. A folder without a manifest belongs to a run that was just opened or
    /// was killed at once: it counts as under way for a minute.
    pub fn is_under_way(&self) -> bool {
        if let Ok(manifest) = Manifest::read(&self.path) {
            let same = process_start(manifest.process.pid) == Some(manifest.process.started);
            return manifest.status == Status::Running && same;
        }
        let changed = fs::metadata(&self.path).and_then(|metadata| metadata.modified());
        let age = changed.ok().and_then(|changed| changed.elapsed().ok());
        age.is_some_and(|age| age.as_secs() < 60)
    }
}

/// Six hex digits: short enough to type, and a clash is noticed when the folder is made.
fn new_id() -> String {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_nanos();
    let digest = sha256(format!("{now} {}", std::process::id()).as_bytes());
    digest[..6].to_owned()
}
