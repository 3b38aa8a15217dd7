//! Writing a tree where there is none yet, in little memory.
//!
//! libgit2's checkout lists all differences before it writes the first file, and keeps up to 16 MB of delta bases of each
//! pack. Where nothing is there, there is nothing to compare; and a repository that is opened again now and then keeps
//! few bases.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, symlink};
use std::path::{Path, PathBuf};

use git2::{AttrCheckFlags, AttrValue, Index, IndexEntry, IndexTime, Oid, Repository};

use super::error::SourceError;
use super::progress::Watch;
use super::tree_writer::{CHECK_OUT, Told, TreeWriter};

/// How many files are written before the repository is opened again. libgit2 has no other way to let go of delta bases:
/// a thousand files leave 20 MB of them in the heap. Opening takes about a millisecond.
const BATCH: usize = 100;

/// The kinds of a tree's entries, as Git writes them: <https://git-scm.com/docs/index-format>.
const FILE: u32 = 0o100_644;
const EXECUTABLE: u32 = 0o100_755;
const LINK: u32 = 0o120_000;

const ATTRIBUTES: &str = ".gitattributes";

/// Attributes that make a file in a work tree differ from the commit's bytes, and what stands in a line that gives one.
const CONVERSIONS: [(&str, &str); 4] = [
    ("eol", "crlf"),
    ("ident", "ident"),
    ("filter", "filter"),
    ("working-tree-encoding", "working-tree-encoding"),
];

/// Writes a commit's bytes into a repository that has no index yet. All else is left to the writer inside: work trees that
/// are there, submodules, and attributes by which files are converted.
pub(super) struct NewTreeWriter<W>(pub(super) W);

impl<W: TreeWriter> TreeWriter for NewTreeWriter<W> {
    fn write(
        &self,
        root: &Path,
        commit: Oid,
        display: &str,
        watch: &mut Watch<'_>,
    ) -> Result<(), SourceError> {
        let git = SourceError::git;
        match plain_index(root, commit).map_err(git(CHECK_OUT, display))? {
            Some(index) => Tree::new(root, display).write(index, watch),
            None => self.0.write(root, commit, display, watch),
        }
    }
}

/// The index of a commit, without times and sizes, if nothing was checked out yet and all is written as it is.
fn plain_index(root: &Path, commit: Oid) -> Result<Option<Index>, git2::Error> {
    let repository = Repository::open(root)?;
    let path = repository.path().join("index");
    if path.exists() {
        return Ok(None);
    }
    let mut index = Index::open(&path)?;
    index.read_tree(&repository.find_commit(commit)?.tree()?)?;
    // Attributes are looked up in it.
    repository.set_index(&mut index)?;
    let folders = converting_folders(&repository, &index)?;
    for entry in index.iter() {
        let below = |folder: &Vec<u8>| entry.path.starts_with(folder);
        if !matches!(entry.mode, FILE | EXECUTABLE | LINK)
            || folders.iter().any(below) && is_converted(&repository, &entry.path)?
        {
            return Ok(None);
        }
    }
    Ok(Some(index))
}

/// The folders whose attributes speak of conversions, each with its last slash.
fn converting_folders(repository: &Repository, index: &Index) -> Result<Vec<Vec<u8>>, git2::Error> {
    let mut folders = Vec::new();
    for entry in index.iter() {
        if let Some(folder) = entry.path.strip_suffix(ATTRIBUTES.as_bytes()) {
            let blob = repository.find_blob(entry.id)?;
            let text = String::from_utf8_lossy(blob.content());
            if CONVERSIONS.iter().any(|(_, part)| text.contains(part)) {
                folders.push(folder.to_owned());
            }
        }
    }
    Ok(folders)
}

/// Whether a file in a work tree differs from the commit's bytes.
fn is_converted(repository: &Repository, path: &[u8]) -> Result<bool, git2::Error> {
    let path = Path::new(OsStr::from_bytes(path));
    for (attribute, value) in CONVERSIONS {
        let found = repository.get_attr_bytes(path, attribute, AttrCheckFlags::INDEX_ONLY)?;
        let is_so = match AttrValue::always_bytes(found) {
            AttrValue::True => true,
            AttrValue::Bytes(text) => attribute != "eol" || text == value.as_bytes(),
            _ => false,
        };
        if is_so {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A tree that is being written.
struct Tree<'a> {
    root: &'a Path,
    display: &'a str,
    folders: HashSet<PathBuf>,
}

impl<'a> Tree<'a> {
    fn new(root: &'a Path, display: &'a str) -> Tree<'a> {
        Tree {
            root,
            display,
            folders: HashSet::new(),
        }
    }

    /// Writes all files, then the index.
    fn write(mut self, mut index: Index, watch: &mut Watch<'_>) -> Result<(), SourceError> {
        let (total, mut told) = (index.len(), Told::default());
        for start in (0..total).step_by(BATCH) {
            let repository = Repository::open(self.root).map_err(self.failed())?;
            for number in start..total.min(start + BATCH) {
                watch.check()?;
                told.tell(number, total, watch);
                let Some(entry) = index.get(number) else {
                    continue;
                };
                let entry = self.write_entry(&repository, entry)?;
                index.add(&entry).map_err(self.failed())?;
            }
        }
        told.tell(total, total, watch);
        index.write().map_err(self.failed())
    }

    /// Writes a file, and adds to its entry what `git status` looks at.
    fn write_entry(
        &mut self,
        repository: &Repository,
        entry: IndexEntry,
    ) -> Result<IndexEntry, SourceError> {
        let inside = Path::new(OsStr::from_bytes(&entry.path));
        let path = self.root.join(inside);
        let blob = repository.find_blob(entry.id).map_err(self.failed())?;
        let written = self
            .make_folders(inside)
            .and_then(|()| write_file(&path, entry.mode, blob.content()))
            .and_then(|()| described(&path, entry));
        written.map_err(SourceError::store("write", &path))
    }

    /// Makes the folders above a file. One that is there and was not made here is no folder of this tree: a link, by which
    /// a malicious tree would write elsewhere.
    fn make_folders(&mut self, inside: &Path) -> io::Result<()> {
        let Some(folder) = inside.parent().filter(|folder| *folder != Path::new("")) else {
            return Ok(());
        };
        if self.folders.contains(folder) {
            return Ok(());
        }
        self.make_folders(folder)?;
        fs::create_dir(self.root.join(folder))?;
        self.folders.insert(folder.to_owned());
        Ok(())
    }

    fn failed(&self) -> impl FnOnce(git2::Error) -> SourceError {
        SourceError::git(CHECK_OUT, self.display)
    }
}

fn write_file(path: &Path, mode: u32, content: &[u8]) -> io::Result<()> {
    if mode == LINK {
        return symlink(OsStr::from_bytes(content), path);
    }
    // The user's umask takes its part, as with Git.
    let permissions = if mode == EXECUTABLE { 0o777 } else { 0o666 };
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(permissions);
    options.open(path)?.write_all(content)
}

/// The entry with the times and the size of the file.
fn described(path: &Path, entry: IndexEntry) -> io::Result<IndexEntry> {
    let metadata = fs::symlink_metadata(path)?;
    // Git itself keeps the lower 32 bits of each.
    let time = |seconds: i64, nanoseconds: i64| IndexTime::new(seconds as i32, nanoseconds as u32);
    Ok(IndexEntry {
        ctime: time(metadata.ctime(), metadata.ctime_nsec()),
        mtime: time(metadata.mtime(), metadata.mtime_nsec()),
        dev: metadata.dev() as u32,
        ino: metadata.ino() as u32,
        uid: metadata.uid(),
        gid: metadata.gid(),
        file_size: metadata.size() as u32,
        ..entry
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::process::Command;

    use git2::{Signature, Time};

    use super::*;
    use crate::cancel::Cancel;

    /// Says that it was asked.
    struct Other;

    impl TreeWriter for Other {
        fn write(&self, _: &Path, _: Oid, _: &str, _: &mut Watch<'_>) -> Result<(), SourceError> {
            Err(SourceError::Embedded("the other".to_owned()))
        }
    }

    /// A repository with one commit of these files: name, mode, content. A name with a slash is a file in a folder; one that
    /// stands twice is there twice.
    fn repository(files: &[(&str, i32, &str)]) -> (tempfile::TempDir, Oid) {
        let folder = tempfile::tempdir().unwrap();
        let repository = Repository::init(folder.path()).unwrap();
        let mut raw = Vec::new();
        for (name, mode, content) in files {
            let (name, mode, id) = match name.split_once('/') {
                None => (*name, *mode, repository.blob(content.as_bytes()).unwrap()),
                Some((parent, child)) => {
                    let inner =
                        raw_entry(child, *mode, repository.blob(content.as_bytes()).unwrap());
                    (
                        parent,
                        0o40_000,
                        object(&repository, git2::ObjectType::Tree, &inner),
                    )
                }
            };
            raw.extend(raw_entry(name, mode, id));
        }
        let tree = object(&repository, git2::ObjectType::Tree, &raw);
        let author = Signature::new("a", "a@b", &Time::new(0, 0)).unwrap();
        let text = format!("tree {tree}\nauthor {author} 0 +0000\ncommitter {author} 0 +0000\n\nx");
        let commit = object(&repository, git2::ObjectType::Commit, text.as_bytes());
        (folder, commit)
    }

    /// As a tree holds it; no check of libgit2's is between.
    fn raw_entry(name: &str, mode: i32, id: Oid) -> Vec<u8> {
        let mut entry = format!("{mode:o} {name}\0").into_bytes();
        entry.extend(id.as_bytes());
        entry
    }

    fn object(repository: &Repository, kind: git2::ObjectType, content: &[u8]) -> Oid {
        repository.odb().unwrap().write(kind, content).unwrap()
    }

    fn write(root: &Path, commit: Oid) -> Result<(), SourceError> {
        let (cancel, mut silent) = (Cancel::default(), |_| {});
        let mut watch = Watch::new(&cancel, &mut silent);
        NewTreeWriter(Other).write(root, commit, "test", &mut watch)
    }

    fn git(root: &Path, arguments: &[&str]) -> String {
        let mut command = Command::new("git");
        command.args(arguments).current_dir(root);
        command.env("GIT_CONFIG_GLOBAL", "/dev/null");
        let output = command.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    #[test]
    fn real_git_finds_nothing_to_say_about_what_was_written() {
        let (folder, commit) = repository(&[
            (
                ".gitattributes",
                0o100_644,
                "* text=auto eol=lf\n*.bat eol=crlf\n",
            ),
            ("a.sh", 0o100_755, "#!/bin/sh\n"),
            ("b", 0o100_644, "two\nlines\n"),
            ("c", 0o120_000, "deep/d"),
            ("deep/d", 0o100_644, ""),
        ]);
        let root = folder.path();
        write(root, commit).unwrap();
        git(
            root,
            &["update-ref", "--no-deref", "HEAD", &commit.to_string()],
        );
        assert_eq!(git(root, &["status", "--porcelain"]), "");
        assert_eq!(git(root, &["ls-files"]).lines().count(), 5);
        // Nothing needs to be read again to know that.
        assert_eq!(git(root, &["diff-files", "--name-only"]), "");
        assert_eq!(fs::read_link(root.join("c")).unwrap(), Path::new("deep/d"));
        let mode = |name: &str| fs::metadata(root.join(name)).unwrap().permissions().mode();
        assert_eq!(mode("a.sh") & 0o100, 0o100);
        assert_eq!(mode("b") & 0o111, 0);
    }

    #[test]
    fn what_is_converted_or_there_already_is_left_to_the_other_writer() {
        for files in [
            &[
                (".gitattributes", 0o100_644, "*.bat eol=crlf\n"),
                ("a.bat", 0o100_644, ""),
            ][..],
            &[(".gitattributes", 0o100_644, "[attr]old ident\n* old\n")],
            &[("module", 0o160_000, "")],
        ] {
            let (folder, commit) = repository(files);
            let error = write(folder.path(), commit).unwrap_err();
            assert!(matches!(error, SourceError::Embedded(_)), "{error}");
        }
        let (folder, commit) = repository(&[("a", 0o100_644, "")]);
        write(folder.path(), commit).unwrap();
        let error = write(folder.path(), commit).unwrap_err();
        assert!(matches!(error, SourceError::Embedded(_)), "{error}");
    }

    #[test]
    fn a_malicious_tree_writes_nothing_outside() {
        let outside = tempfile::tempdir().unwrap();
        let link = outside.path().to_str().unwrap();
        for files in [
            &[("x", 0o120_000, link), ("x/y", 0o100_644, "evil")][..],
            &[("../y", 0o100_644, "evil")],
            &[("..", 0o100_644, "evil")],
            &[(".git/config", 0o100_644, "evil")],
            &[(".GIT/config", 0o100_644, "evil")],
        ] {
            let (folder, commit) = repository(files);
            let config = fs::read(folder.path().join(".git/config")).unwrap();
            assert!(write(folder.path(), commit).is_err(), "{files:?}");
            assert_eq!(fs::read(folder.path().join(".git/config")).unwrap(), config);
            assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
        }
    }
}
