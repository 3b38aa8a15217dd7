//! The part of kubewright's folder that holds sources.

use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime};

use git2::Repository;

use crate::lock::Lock;

use super::error::SourceError;
use super::progress::{Progress, Watch};
use super::stamp::stamp;
use super::{Access, Options};
use crate::hexadecimal::sha256;

/// Mirrors, checkouts and their locks, below one folder.
#[derive(Clone, Debug)]
pub struct Store {
    home: PathBuf,
}

/// One checkout of the store.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Stored {
    /// The repository, without credentials.
    pub repository: String,
    /// The ref that it was made for.
    pub reference: String,
    /// The commit that it is at.
    pub commit: String,
    /// The version that goes into binaries, where it has one.
    pub version: Option<String>,
    /// Its root.
    pub path: PathBuf,
    /// When it was last provided.
    pub last_used: Option<SystemTime>,
}

impl Store {
    /// The store below `home`, which need not exist yet.
    pub fn new(home: impl Into<PathBuf>) -> Store {
        Store { home: home.into() }
    }

    /// The checkouts of the store, by repository and ref.
    pub fn list(&self) -> Result<Vec<Stored>, SourceError> {
        let mut found = Vec::new();
        for repository in folders(&self.checkouts())? {
            for path in folders(&repository)? {
                // What cannot be read will be made again when it is wanted.
                found.extend(stored(&path));
            }
        }
        found.sort_by(|a, b| (&a.repository, &a.reference).cmp(&(&b.repository, &b.reference)));
        Ok(found)
    }

    /// The checkouts of `reference`, one a repository.
    pub fn path(&self, reference: &str) -> Result<Vec<Stored>, SourceError> {
        let mut found = self.list()?;
        found.retain(|stored| stored.reference == reference || stored.commit == reference);
        Ok(found)
    }

    pub(super) fn mirrors(&self) -> PathBuf {
        self.home.join("mirrors")
    }

    pub(super) fn mirror(&self, slug: &str) -> PathBuf {
        self.mirrors().join(format!("{slug}.git"))
    }

    pub(super) fn checkouts(&self) -> PathBuf {
        self.home.join("checkouts")
    }

    /// The checkout of a ref. Slashes would nest checkouts: `feature/x` gets a name that no ref has by itself.
    pub(super) fn checkout(&self, slug: &str, reference: &str) -> PathBuf {
        let folder = if reference.contains('/') {
            let digest = sha256(reference.as_bytes());
            format!("{}~{}", reference.replace('/', "-"), &digest[..8])
        } else {
            reference.to_owned()
        };
        self.checkouts().join(slug).join(folder)
    }

    /// The lock for a tree that is not the store's: nothing is written into that.
    pub(super) fn lock_of_directory(&self, root: &Path) -> PathBuf {
        let digest = sha256(root.as_os_str().as_encoded_bytes());
        self.home
            .join("locks")
            .join(format!("{}.lock", &digest[..32]))
    }
}

/// The lock of a mirror or checkout lies beside it: `PATH.lock`. No ref's name ends like that.
pub(super) fn lock_path(path: &Path) -> PathBuf {
    with_ending(path, ".lock")
}

/// Where a mirror or checkout is made, or unmade: `.NAME.partial` beside it.
pub(super) fn partial_path(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.partial"))
}

/// Takes the lock of a tree. Where it is only read, is readable, and somebody has the lock, it does without.
pub(super) fn lock_for(
    path: &Path,
    options: &Options,
    watch: &mut Watch<'_>,
    is_readable: impl FnOnce() -> bool,
) -> Result<Option<Lock>, SourceError> {
    if options.access == Access::Read {
        let free = Lock::try_acquire(path, &options.purpose);
        match free.map_err(SourceError::store("lock", path))? {
            Some(lock) => return Ok(Some(lock)),
            None if is_readable() => return Ok(None),
            None => {}
        }
    }
    lock(path, &options.purpose, watch).map(Some)
}

/// Takes a lock, waiting for whoever has it.
pub(super) fn lock(path: &Path, purpose: &str, watch: &mut Watch<'_>) -> Result<Lock, SourceError> {
    let started = Instant::now();
    let cancel = watch.cancel();
    let taken = Lock::acquire(path, purpose, cancel, &mut |holder| {
        watch.tell(Progress::Waiting {
            holder: holder.clone(),
        });
    });
    watch.has_waited(started.elapsed());
    match taken {
        Ok(Some(lock)) => Ok(lock),
        Ok(None) => Err(watch.cancelled()),
        Err(error) => Err(SourceError::store("lock", path)(error)),
    }
}

/// The folders in a folder, without hidden ones; none where it does not exist.
pub(super) fn folders(parent: &Path) -> Result<Vec<PathBuf>, SourceError> {
    let entries = match std::fs::read_dir(parent) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(SourceError::store("read", parent)(error)),
    };
    let paths = entries.flatten().map(|entry| entry.path());
    let is_hidden = |path: &Path| {
        path.file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with('.'))
    };
    Ok(paths
        .filter(|path| path.is_dir() && !is_hidden(path))
        .collect())
}

/// When a mirror or checkout was last locked, which everyone does who uses it.
pub(super) fn last_used(path: &Path) -> Option<SystemTime> {
    lock_path(path).metadata().ok()?.modified().ok()
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut text = path.as_os_str().to_owned();
    text.push(ending);
    PathBuf::from(text)
}

fn stored(path: &Path) -> Option<Stored> {
    let repository = Repository::open(path).ok()?;
    let config = repository.config().ok()?.snapshot().ok()?;
    Some(Stored {
        repository: config.get_str("kubewright.repository").ok()?.to_owned(),
        reference: config.get_str("kubewright.reference").ok()?.to_owned(),
        commit: repository.head().ok()?.target()?.to_string(),
        version: stamp(path, Some(&repository), false).ok()?.version,
        path: path.to_owned(),
        last_used: last_used(path),
    })
}
