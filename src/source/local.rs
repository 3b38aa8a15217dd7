//! Fetching from a repository on this machine.
//!
//! libgit2's local transport always copies what *all* references of the repository reach, packs it anew (minutes and
//! gigabytes for the history of Kubernetes), and refuses shallow fetches. Packs never change once they are written, so
//! they are linked here, or copied where that is impossible.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use git2::{ErrorCode, Repository};
use tempfile::NamedTempFile;

use super::embedded::set_references;
use super::error::SourceError;
use super::fetcher::{Depth, Fetcher, RemoteReference, Want};
use super::in_place::open_trusted;
use super::progress::{Progress, Transfer, Watch};
use super::shallow;

/// Brings the objects of a repository whose files can be read.
pub(super) struct LocalFetcher {
    path: PathBuf,
    repository: String,
}

impl LocalFetcher {
    /// `repository` is its name for people.
    pub(super) fn new(path: PathBuf, repository: String) -> LocalFetcher {
        LocalFetcher { path, repository }
    }

    fn open(&self) -> Result<Repository, SourceError> {
        open_trusted(&self.path).map_err(|error| match error.code() {
            ErrorCode::Owner => SourceError::ForeignOwner {
                path: self.path.clone(),
            },
            _ => SourceError::NotARepository {
                repository: self.repository.clone(),
                cause: error.message().to_owned(),
            },
        })
    }
}

impl Fetcher for LocalFetcher {
    fn list(
        &mut self,
        _mirror: &Repository,
        _watch: &mut Watch<'_>,
    ) -> Result<Vec<RemoteReference>, SourceError> {
        let repository = self.open()?;
        references(&repository).map_err(|error| SourceError::fetch(&self.repository, &error))
    }

    fn fetch(
        &mut self,
        mirror: &Repository,
        wants: &[Want],
        _depth: Depth,
        watch: &mut Watch<'_>,
    ) -> Result<(), SourceError> {
        let repository = self.open()?;
        let from = object_directories(&repository.commondir().join("objects"));
        let to = mirror.path().join("objects");
        copy_objects(&from, &to, watch)?;
        let mut ends = shallow::read(mirror.path());
        ends.extend(shallow::read(repository.commondir()));
        shallow::write(mirror.path(), &ends)?;
        let references = self.list(mirror, watch)?;
        set_references(mirror, &references, wants)
    }
}

fn references(repository: &Repository) -> Result<Vec<RemoteReference>, git2::Error> {
    let mut found = Vec::new();
    for reference in repository.references()? {
        let reference = reference?;
        let (Ok(name), Ok(resolved)) = (reference.name(), reference.resolve()) else {
            continue;
        };
        let Some(id) = resolved.target() else {
            continue;
        };
        // A tag may point to something that is no commit, or that is absent: it is of no use, and no reason to fail.
        let Ok(commit) = resolved.peel_to_commit() else {
            continue;
        };
        found.push(RemoteReference {
            name: name.to_owned(),
            id,
            peeled: (commit.id() != id).then(|| commit.id()),
        });
    }
    if let Ok(head) = repository.head().and_then(|head| head.peel_to_commit()) {
        found.push(RemoteReference {
            name: "HEAD".to_owned(),
            id: head.id(),
            peeled: None,
        });
    }
    Ok(found)
}

/// The repository's own object directory and those that it borrows from.
fn object_directories(first: &Path) -> Vec<PathBuf> {
    let mut found = vec![first.to_owned()];
    let mut next = 0;
    while let Some(directory) = found.get(next).cloned() {
        let alternates = fs::read_to_string(directory.join("info/alternates")).unwrap_or_default();
        for line in alternates
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
        {
            let alternate = directory.join(line);
            if !found.contains(&alternate) {
                found.push(alternate);
            }
        }
        next += 1;
    }
    found
}

fn copy_objects(from: &[PathBuf], to: &Path, watch: &mut Watch<'_>) -> Result<(), SourceError> {
    let mut files = Vec::new();
    for directory in from {
        list_objects(directory, &mut files).map_err(SourceError::store("read", directory))?;
    }
    // An index without its pack would be an error to everyone who reads the mirror meanwhile: packs go first.
    files.sort_by_key(|(_, name)| name.extension().is_some_and(|extension| extension == "idx"));
    let mut transfer = Transfer {
        total_objects: files.len(),
        ..Transfer::default()
    };
    for (directory, name) in &files {
        watch.check()?;
        let (source, target) = (directory.join(name), to.join(name));
        transfer.received_bytes +=
            provide_file(&source, &target).map_err(SourceError::store("copy", &source))?;
        transfer.received_objects += 1;
        transfer.indexed_objects += 1;
        watch.tell(Progress::Fetching(transfer));
    }
    Ok(())
}

/// Packs with their indexes, and loose objects: each with its directory and its path in it.
fn list_objects(directory: &Path, found: &mut Vec<(PathBuf, PathBuf)>) -> io::Result<()> {
    for folder in fs::read_dir(directory)? {
        let folder = folder?;
        let name = folder.file_name();
        let name = name.to_string_lossy();
        let is_pack = name == "pack";
        let is_fan = name.len() == 2 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_pack && !is_fan {
            continue;
        }
        for file in fs::read_dir(folder.path())? {
            let file = Path::new(&*name).join(file?.file_name());
            let extension = file.extension().and_then(|extension| extension.to_str());
            let is_wanted = match extension {
                Some(extension) => is_pack && matches!(extension, "pack" | "idx"),
                None => !is_pack && file.file_name().is_some_and(|name| name.len() == 38),
            };
            if is_wanted {
                found.push((directory.to_owned(), file));
            }
        }
    }
    Ok(())
}

/// Links the file, or copies it; returns how many bytes are new.
fn provide_file(source: &Path, target: &Path) -> io::Result<u64> {
    if target.exists() {
        return Ok(0);
    }
    let folder = target.parent().unwrap_or(target);
    fs::create_dir_all(folder)?;
    if fs::hard_link(source, target).is_ok() {
        return Ok(source.metadata()?.len());
    }
    let mut copy = NamedTempFile::new_in(folder)?;
    let bytes = io::copy(&mut fs::File::open(source)?, &mut copy)?;
    copy.as_file()
        .set_permissions(source.metadata()?.permissions())?;
    // A loose object that a crash cut short would be read for ever.
    copy.as_file().sync_all()?;
    copy.persist(target)?;
    Ok(bytes)
}
