//! One tree a ref, reused: a repository of its own that borrows the mirror's objects.
//!
//! It is never a linked work tree: libgit2 does not find the ends of a shallow history in those, and upstream's scripts
//! expect a `.git` folder to mount into containers. It holds the one tag that its version comes from, so that `git
//! describe` inside says what kubewright says.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use git2::{Repository, RepositoryInitOptions};
use tempfile::NamedTempFile;

use crate::lock::Lock;

use super::Options;
use super::changes::{changes, changes_in_turn};
use super::error::SourceError;
use super::leftovers;
use super::mirror::Target;
use super::progress::{Progress, Watch};
use super::removal::remove_tree;
use super::shallow;
use super::stamp::{Stamp, stamp};
use super::store::{lock_for, lock_path, partial_path};
use super::tree_writer::TreeWriter;

/// A tree that can be built, and is this process's alone while this value lives.
#[derive(Debug)]
pub struct Checkout {
    /// The tree's root.
    pub root: PathBuf,
    /// The repository for people, without credentials; for a directory its path.
    pub repository: String,
    /// The tag, branch or commit; for a directory what its `HEAD` is.
    pub reference: String,
    /// The commit; absent where there is no Git and no archive's note.
    pub commit: Option<String>,
    /// The id of the commit's tree: the tree on disk is the same if there are no changes.
    pub tree: Option<String>,
    /// When the commit was made, in seconds since 1970: `SOURCE_DATE_EPOCH`.
    pub committed_at: Option<i64>,
    /// What differs from the commit: the lines of `git status --porcelain`.
    pub changes: Vec<String>,
    /// The version that goes into binaries.
    pub stamp: Stamp,
    /// Whether it is the user's own tree.
    pub in_place: bool,
    /// Held by this process; absent where somebody else works on a tree that is only read.
    pub lock: Option<Lock>,
    /// How long it took to get, without the time that others were waited for.
    pub took: Duration,
}

/// Where a checkout of the store comes from and goes to.
pub(super) struct Place<'a> {
    /// Its root.
    pub(super) root: PathBuf,
    /// The mirror whose objects it borrows.
    pub(super) mirror: &'a Path,
    /// The repository for people.
    pub(super) display: &'a str,
}

impl Place<'_> {
    /// Provides the tree of `target`: as it is, brought up to date, or new.
    pub(super) fn provide(
        &self,
        target: &Target,
        writer: &dyn TreeWriter,
        options: &Options,
        watch: &mut Watch<'_>,
    ) -> Result<Checkout, SourceError> {
        let lock = lock_for(&lock_path(&self.root), options, watch, || {
            self.is_at(target)
        })?;
        if lock.is_none() {
            return self.describe(target, false, lock, watch);
        }
        let partial = partial_path(&self.root);
        remove_tree(&partial)?;
        leftovers::remove(&self.root.join(".git"));
        let is_clean = if self.is_usable(target) {
            self.refresh(target, writer, watch)?
        } else {
            self.discard(&partial)?;
            self.create(&partial, target, writer, watch)?;
            false
        };
        self.describe(target, is_clean, lock, watch)
    }

    /// Whether the commit was checked out: `HEAD` is written last.
    fn is_at(&self, target: &Target) -> bool {
        let head = Repository::open(&self.root).and_then(|repository| {
            repository
                .head()?
                .peel_to_commit()
                .map(|commit| commit.id())
        });
        head.is_ok_and(|head| head == target.commit)
    }

    /// Whether what is there is a repository to start from. A damaged one is not worth a diagnosis: it is made again.
    fn is_usable(&self, target: &Target) -> bool {
        let Ok(repository) = Repository::open(&self.root) else {
            return false;
        };
        self.borrow(&repository, target).is_ok()
            && Repository::open(&self.root).is_ok_and(|repository| {
                let head = repository.head().and_then(|head| head.peel_to_commit());
                head.is_ok_and(|commit| commit.tree().is_ok()) && repository.index().is_ok()
            })
    }

    fn discard(&self, partial: &Path) -> Result<(), SourceError> {
        if !self.root.exists() {
            return Ok(());
        }
        // By rename first: half a tree must not stay under its name.
        fs::rename(&self.root, partial).map_err(SourceError::store("remove", &self.root))?;
        remove_tree(partial)
    }

    fn create(
        &self,
        partial: &Path,
        target: &Target,
        writer: &dyn TreeWriter,
        watch: &mut Watch<'_>,
    ) -> Result<(), SourceError> {
        let repository = self
            .init(partial, target)
            .map_err(self.failed("make a checkout"))?;
        self.borrow(&repository, target)?;
        drop(repository);
        self.write(partial, target, writer, watch)?;
        fs::rename(partial, &self.root).map_err(SourceError::store("create", &self.root))
    }

    fn init(&self, directory: &Path, target: &Target) -> Result<Repository, git2::Error> {
        let mut options = RepositoryInitOptions::new();
        let repository = Repository::init_opts(directory, options.mkpath(true))?;
        let mut config = repository.config()?;
        config.set_str("kubewright.repository", self.display)?;
        config.set_str("kubewright.reference", &target.name)?;
        // The files are the commit's bytes, whatever the user's own settings say.
        config.set_bool("core.autocrlf", false)?;
        config.set_bool("core.fsmonitor", false)?;
        config.set_str("gc.auto", "0")?;
        drop(config);
        Ok(repository)
    }

    /// Lets the checkout use the mirror's objects, ends of history and version tag.
    fn borrow(&self, repository: &Repository, target: &Target) -> Result<(), SourceError> {
        let info = repository.path().join("objects/info");
        let alternates = format!("{}\n", self.mirror.join("objects").display());
        replace(&info.join("alternates"), &alternates)?;
        shallow::write(repository.path(), &shallow::read(self.mirror))?;
        let Some(tag) = &target.version_tag else {
            return Ok(());
        };
        let copy = || {
            let mirror = Repository::open_bare(self.mirror)?;
            let id = mirror.refname_to_id(tag)?;
            // Opened again: the objects can be seen only now.
            Repository::open(repository.path())?.reference(tag, id, true, "borrowed")?;
            Ok(())
        };
        copy().map_err(self.failed("copy the version tag"))
    }

    /// Brings a checkout to its commit, and puts back what somebody changed. `_output` is ignored by Git and stays. Tells whether
    /// all was as in the commit already.
    fn refresh(
        &self,
        target: &Target,
        writer: &dyn TreeWriter,
        watch: &mut Watch<'_>,
    ) -> Result<bool, SourceError> {
        let repository = Repository::open(&self.root).map_err(self.failed("open a checkout"))?;
        let head = repository.head().ok().and_then(|head| head.target());
        let changes = changes(&repository).map_err(self.failed("read a checkout"))?;
        if !changes.is_empty() {
            watch.tell(Progress::Restoring {
                changes: changes.clone(),
            });
        }
        drop(repository);
        let is_clean = head == Some(target.commit) && changes.is_empty();
        if !is_clean {
            self.write(&self.root, target, writer, watch)?;
        }
        Ok(is_clean)
    }

    /// Files first, `HEAD` last: what was killed in between has the old `HEAD`, and is written again.
    fn write(
        &self,
        root: &Path,
        target: &Target,
        writer: &dyn TreeWriter,
        watch: &mut Watch<'_>,
    ) -> Result<(), SourceError> {
        writer.write(root, target.commit, self.display, watch)?;
        Repository::open(root)
            .and_then(|repository| repository.set_head_detached(target.commit))
            .map_err(self.failed("set the head of a checkout"))
    }

    fn describe(
        &self,
        target: &Target,
        is_clean: bool,
        lock: Option<Lock>,
        watch: &Watch<'_>,
    ) -> Result<Checkout, SourceError> {
        let repository = Repository::open(&self.root).map_err(self.failed("open a checkout"))?;
        let changes = if is_clean {
            Vec::new()
        } else {
            changes_in_turn(&repository).map_err(self.failed("read a checkout"))?
        };
        let commit = repository
            .find_commit(target.commit)
            .map_err(self.failed("read the commit"))?;
        Ok(Checkout {
            root: self.root.clone(),
            repository: self.display.to_owned(),
            reference: target.name.clone(),
            commit: Some(commit.id().to_string()),
            tree: Some(commit.tree_id().to_string()),
            committed_at: Some(commit.time().seconds()),
            stamp: stamp(&self.root, Some(&repository), !changes.is_empty())?,
            changes,
            in_place: false,
            lock,
            took: watch.took(),
        })
    }

    fn failed(&self, action: &str) -> impl FnOnce(git2::Error) -> SourceError {
        SourceError::git(action, self.display)
    }
}

/// Writes a file unless it has that content.
fn replace(path: &Path, text: &str) -> Result<(), SourceError> {
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    let folder = path.parent().unwrap_or(path);
    let write = || {
        fs::create_dir_all(folder)?;
        let mut file = NamedTempFile::new_in(folder)?;
        file.write_all(text.as_bytes())?;
        file.persist(path)?;
        Ok(())
    };
    write().map_err(SourceError::store("write", path))
}
