//! Where a tree's files come from: a folder on disk, or a tree object in a Git repository.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use git2::{ObjectType, Repository, Tree, TreeEntry};

/// No file that the reader looks at comes near this size; a bigger one is not what it seems.
const MAX_BYTES: u64 = 8 * 1024 * 1024;

/// How many symlinks may lead to each other.
const MAX_LINKS: usize = 8;

/// What an [`Entry`] is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symlink, wherever it leads.
    Symlink,
}

/// A name in a folder of the tree.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Entry {
    /// The name without the folder.
    pub name: String,
    /// What it is.
    pub kind: EntryKind,
    /// Whether it may be executed.
    pub executable: bool,
}

/// A tree's files; paths are relative to its root, with `/` between their parts.
pub trait Files {
    /// A file's text, where bytes that are not UTF-8 are replaced; symlinks are followed. `None`
    /// when there is no file.
    fn read(&self, path: &str) -> io::Result<Option<String>>;

    /// What a folder holds, sorted by name; empty when there is no such folder.
    fn list(&self, folder: &str) -> io::Result<Vec<Entry>>;
}

/// A tree that is checked out.
#[derive(Clone, Debug)]
pub struct DiskFiles {
    root: PathBuf,
}

impl DiskFiles {
    /// The tree whose root is this folder.
    pub fn new(root: impl Into<PathBuf>) -> DiskFiles {
        DiskFiles { root: root.into() }
    }
}

impl Files for DiskFiles {
    fn read(&self, path: &str) -> io::Result<Option<String>> {
        let path = self.root.join(path);
        let Some(metadata) = found(fs::metadata(&path))? else {
            return Ok(None);
        };
        if !metadata.is_file() {
            return Ok(None);
        }
        if metadata.len() > MAX_BYTES {
            return Err(too_big(&path));
        }
        let bytes = found(fs::read(&path))?;
        Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
    }

    fn list(&self, folder: &str) -> io::Result<Vec<Entry>> {
        let Some(entries) = found(fs::read_dir(self.root.join(folder)))? else {
            return Ok(Vec::new());
        };
        let mut list = Vec::new();
        for entry in entries {
            let entry = entry?;
            let Some(metadata) = found(entry.metadata())? else {
                continue;
            };
            list.push(Entry {
                name: entry.file_name().to_string_lossy().into_owned(),
                kind: kind_of(metadata.file_type()),
                executable: is_executable(&metadata),
            });
        }
        list.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(list)
    }
}

fn found<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn too_big(path: &Path) -> io::Error {
    io::Error::new(
        io::ErrorKind::FileTooLarge,
        format!("`{}` is bigger than any build script", path.display()),
    )
}

fn kind_of(kind: fs::FileType) -> EntryKind {
    if kind.is_symlink() {
        EntryKind::Symlink
    } else if kind.is_dir() {
        EntryKind::Folder
    } else {
        EntryKind::File
    }
}

#[cfg(unix)]
fn is_executable(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;

    metadata.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(_metadata: &fs::Metadata) -> bool {
    true
}

/// A tree that lies in a Git repository, checked out or not.
pub struct GitFiles<'r> {
    repository: &'r Repository,
    root: Tree<'r>,
}

/// Git's mode of a symlink.
const SYMLINK: i32 = 0o120_000;

impl<'r> GitFiles<'r> {
    /// The tree of a commit, say.
    pub fn new(repository: &'r Repository, root: Tree<'r>) -> GitFiles<'r> {
        GitFiles { repository, root }
    }

    /// The entry at a path, with symlinks in its last part followed inside the tree.
    fn entry(&self, path: &str) -> io::Result<Option<TreeEntry<'static>>> {
        let mut path = path.to_owned();
        for _ in 0..MAX_LINKS {
            let entry = match self.root.get_path(Path::new(&path)) {
                Ok(entry) => entry,
                Err(error) if error.code() == git2::ErrorCode::NotFound => return Ok(None),
                Err(error) => return Err(io::Error::other(error)),
            };
            if entry.filemode() != SYMLINK {
                return Ok(Some(entry));
            }
            let Some(target) = follow(&path, &self.blob(&entry)?) else {
                return Ok(None);
            };
            path = target;
        }
        Ok(None)
    }

    fn blob(&self, entry: &TreeEntry<'_>) -> io::Result<String> {
        let blob = self
            .repository
            .find_blob(entry.id())
            .map_err(io::Error::other)?;
        if blob.size() as u64 > MAX_BYTES {
            return Err(too_big(Path::new(&*String::from_utf8_lossy(
                entry.name_bytes(),
            ))));
        }
        Ok(String::from_utf8_lossy(blob.content()).into_owned())
    }
}

/// Where a symlink at `path` leads; `None` where it leads out of the tree.
fn follow(path: &str, target: &str) -> Option<String> {
    if target.starts_with('/') {
        return None;
    }
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

impl Files for GitFiles<'_> {
    fn read(&self, path: &str) -> io::Result<Option<String>> {
        match self.entry(path)? {
            Some(entry) if entry.kind() == Some(ObjectType::Blob) => self.blob(&entry).map(Some),
            _ => Ok(None),
        }
    }

    fn list(&self, folder: &str) -> io::Result<Vec<Entry>> {
        let tree = if folder.is_empty() {
            self.root.clone()
        } else {
            match self.entry(folder)? {
                Some(entry) if entry.kind() == Some(ObjectType::Tree) => self
                    .repository
                    .find_tree(entry.id())
                    .map_err(io::Error::other)?,
                _ => return Ok(Vec::new()),
            }
        };
        let mut list: Vec<Entry> = tree
            .iter()
            .map(|entry| Entry {
                name: String::from_utf8_lossy(entry.name_bytes()).into_owned(),
                kind: match (entry.kind(), entry.filemode()) {
                    (_, SYMLINK) => EntryKind::Symlink,
                    (Some(ObjectType::Blob), _) => EntryKind::File,
                    _ => EntryKind::Folder,
                },
                executable: entry.filemode() & 0o111 != 0,
            })
            .collect();
        list.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(list)
    }
}
