//! Files in memory, and how they come to lie in a folder: all of them or none.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

use super::ScaffoldError;

/// Files by their paths below the folder, with `/` between names.
pub type Files = BTreeMap<String, String>;

/// What writing a file would do, or has done.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Change {
    /// It is not there yet.
    Create,
    /// It is there with other content.
    Overwrite,
    /// It is there with the same content.
    Keep,
    /// It is there, and goes.
    Remove,
}

/// A file, and what becomes of it.
#[derive(Clone, Debug)]
pub struct Planned {
    /// Its path below the folder.
    pub path: String,
    /// What becomes of it.
    pub change: Change,
    /// What is there now.
    pub before: Option<String>,
    /// What will be there.
    pub after: String,
}

impl Change {
    /// The word in listings.
    pub const fn word(self) -> &'static str {
        match self {
            Change::Create => "create",
            Change::Overwrite => "overwrite",
            Change::Keep => "keep",
            Change::Remove => "remove",
        }
    }
}

/// What writing these files into a folder would do. It reads and changes nothing.
pub fn plan(folder: &Path, files: &Files) -> Result<Vec<Planned>, ScaffoldError> {
    files
        .iter()
        .map(|(path, text)| planned(folder, path, text))
        .collect()
}

fn planned(folder: &Path, path: &str, text: &str) -> Result<Planned, ScaffoldError> {
    let target = below(folder, path)?;
    let before = match fs::symlink_metadata(&target) {
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(source) => {
            return Err(ScaffoldError::Io {
                path: target,
                source,
            });
        }
        Ok(metadata) if !metadata.is_file() => return Err(ScaffoldError::InTheWay(target)),
        Ok(_) => {
            let bytes = fs::read(&target).map_err(ScaffoldError::io(&target))?;
            Some(String::from_utf8_lossy(&bytes).into_owned())
        }
    };
    let change = match &before {
        None => Change::Create,
        Some(before) if before == text => Change::Keep,
        Some(_) => Change::Overwrite,
    };
    Ok(Planned {
        path: path.to_owned(),
        change,
        before,
        after: text.to_owned(),
    })
}

/// The path below the folder; an error if a link, or a name that climbs, leads out of it.
fn below(folder: &Path, path: &str) -> Result<PathBuf, ScaffoldError> {
    let mut target = folder.to_owned();
    let mut names = Path::new(path).components().peekable();
    while let Some(name) = names.next() {
        let Component::Normal(name) = name else {
            return Err(ScaffoldError::InTheWay(folder.join(path)));
        };
        target.push(name);
        match fs::symlink_metadata(&target) {
            Ok(metadata) if metadata.is_symlink() => return Err(ScaffoldError::Link(target)),
            Ok(metadata) if names.peek().is_some() && !metadata.is_dir() => {
                return Err(ScaffoldError::InTheWay(target));
            }
            _ => {}
        }
    }
    Ok(target)
}

/// Writes what was planned. Everything is written beside the folder first; a new folder then appears by one rename, files of one
/// that is there by one each, and what was replaced comes back if one of them fails.
pub fn write(folder: &Path, planned: &[Planned], force: bool) -> Result<(), ScaffoldError> {
    let foreign: Vec<PathBuf> = planned
        .iter()
        .filter(|file| file.change == Change::Overwrite && !force)
        .map(|file| folder.join(&file.path))
        .collect();
    if !foreign.is_empty() {
        return Err(ScaffoldError::Exists(foreign));
    }
    let parent = match folder.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    if folder.is_dir() {
        return into_folder(folder, planned);
    }
    fs::create_dir_all(parent).map_err(ScaffoldError::io(parent))?;
    let stage = stage(parent, planned)?;
    let staged = stage.path().join(NEW);
    // A folder that somebody else has made meanwhile is not replaced: renaming onto one that has files fails.
    fs::rename(&staged, folder).map_err(ScaffoldError::io(folder))
}

/// The folder below the stage that holds the new files.
const NEW: &str = "new";

fn stage(parent: &Path, planned: &[Planned]) -> Result<tempfile::TempDir, ScaffoldError> {
    let stage = tempfile::Builder::new()
        .prefix(".kubewright-")
        .tempdir_in(parent)
        .map_err(ScaffoldError::io(parent))?;
    for file in planned.iter().filter(|file| file.change != Change::Remove) {
        let path = stage.path().join(NEW).join(&file.path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(ScaffoldError::io(folder))?;
        }
        fs::write(&path, &file.after).map_err(ScaffoldError::io(&path))?;
    }
    Ok(stage)
}

fn into_folder(folder: &Path, planned: &[Planned]) -> Result<(), ScaffoldError> {
    let stage = stage(folder, planned)?;
    let mut done = Vec::new();
    for (index, file) in planned.iter().enumerate() {
        if file.change == Change::Keep {
            continue;
        }
        let kept = stage.path().join(format!("old-{index}"));
        match put(
            folder,
            file,
            &stage.path().join(NEW).join(&file.path),
            &kept,
        ) {
            Ok(()) => done.push((file, kept)),
            Err(error) => {
                take_back(folder, &done);
                return Err(error);
            }
        }
    }
    Ok(())
}

fn put(folder: &Path, file: &Planned, staged: &Path, kept: &Path) -> Result<(), ScaffoldError> {
    // Looked at again: a link may have come since it was planned.
    let target = below(folder, &file.path)?;
    if let Some(parent) = target.parent() {
        fs::create_dir_all(parent).map_err(ScaffoldError::io(parent))?;
    }
    if matches!(file.change, Change::Overwrite | Change::Remove) {
        fs::hard_link(&target, kept)
            .or_else(|_| fs::copy(&target, kept).map(|_| ()))
            .map_err(ScaffoldError::io(&target))?;
    }
    if file.change == Change::Remove {
        return fs::remove_file(&target).map_err(ScaffoldError::io(&target));
    }
    fs::rename(staged, &target).map_err(ScaffoldError::io(&target))
}

fn take_back(folder: &Path, done: &[(&Planned, PathBuf)]) {
    for (file, kept) in done {
        let target = folder.join(&file.path);
        let _ = match file.change {
            Change::Overwrite | Change::Remove => fs::rename(kept, target),
            _ => fs::remove_file(target),
        };
    }
}

/// The difference between what is there and what will be, as `diff -u` shows it.
pub fn difference(file: &Planned) -> String {
    let before = file.before.as_deref().unwrap_or_default();
    let old = if file.before.is_some() {
        format!("a/{}", file.path)
    } else {
        "/dev/null".to_owned()
    };
    let new = match file.change {
        Change::Remove => "/dev/null".to_owned(),
        _ => format!("b/{}", file.path),
    };
    similar::TextDiff::from_lines(before, &file.after)
        .unified_diff()
        .header(&old, &new)
        .to_string()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn files(entries: &[(&str, &str)]) -> Files {
        entries
            .iter()
            .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
            .collect()
    }

    fn run(folder: &Path, entries: &[(&str, &str)], force: bool) -> Result<(), ScaffoldError> {
        write(folder, &plan(folder, &files(entries))?, force)
    }

    #[test]
    fn a_new_folder_has_everything_and_nothing_else() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("a/b");
        run(&folder, &[("x", "1"), ("y/z", "2")], false).unwrap();
        assert_eq!(fs::read_to_string(folder.join("y/z")).unwrap(), "2");
        assert_eq!(fs::read_dir(root.path().join("a")).unwrap().count(), 1);
    }

    #[test]
    fn what_is_there_is_overwritten_with_force_alone() {
        let root = tempfile::tempdir().unwrap();
        run(root.path(), &[("x", "1"), ("y", "1")], false).unwrap();
        run(root.path(), &[("x", "1")], false).unwrap();
        let error = run(root.path(), &[("new", "1"), ("x", "2")], false).unwrap_err();
        assert!(matches!(error, ScaffoldError::Exists(_)), "{error}");
        assert!(!root.path().join("new").exists());
        run(root.path(), &[("x", "2")], true).unwrap();
        assert_eq!(fs::read_to_string(root.path().join("x")).unwrap(), "2");
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 2);
    }

    #[test]
    fn nothing_is_written_through_links_or_above_the_folder() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("project");
        fs::create_dir(&folder).unwrap();
        fs::create_dir(root.path().join("elsewhere")).unwrap();
        symlink(root.path().join("elsewhere"), folder.join("crd")).unwrap();
        symlink(root.path().join("elsewhere/file"), folder.join("README.md")).unwrap();
        for path in ["crd/x.yaml", "README.md", "../x", "/x", "a/../../x"] {
            assert!(run(&folder, &[(path, "1")], true).is_err(), "{path}");
        }
        assert_eq!(
            fs::read_dir(root.path().join("elsewhere")).unwrap().count(),
            0
        );
    }

    #[test]
    fn when_one_file_fails_all_is_as_before() {
        let root = tempfile::tempdir().unwrap();
        run(root.path(), &[("a", "1")], false).unwrap();
        let planned = plan(root.path(), &files(&[("a", "2"), ("b", "2"), ("c/d", "2")])).unwrap();
        // It comes between the plan and the writing.
        fs::write(root.path().join("c"), "a file where a folder is to be").unwrap();
        write(root.path(), &planned, true).unwrap_err();
        assert_eq!(fs::read_to_string(root.path().join("a")).unwrap(), "1");
        assert!(!root.path().join("b").exists());
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 2);
    }
}
