//! What differs from the commit: the lines of `git status --porcelain`.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fs;
use std::panic::resume_unwind;
use std::path::Path;
use std::thread;

use git2::{Index, IndexEntryExtendedFlag, Repository, Status, StatusEntry, StatusOptions};

use super::in_place::open_trusted;

/// As [`changes`], by one thread: in a process that has just written a tree, the memory for a second index would be too much.
pub(super) fn changes_in_turn(repository: &Repository) -> Result<Vec<String>, git2::Error> {
    let changes = below(repository, &[])?;
    Ok(changes.into_iter().map(Change::line).collect())
}

/// The changed, removed and untracked files of a work tree, without ignored ones, in the order of their paths.
/// Nothing is written: an index that is stale stays so.
pub(super) fn changes(repository: &Repository) -> Result<Vec<String>, git2::Error> {
    let Some(root) = repository.workdir() else {
        return Ok(Vec::new());
    };
    let parts = parts(repository, root)?;
    let mut changes = match parts.as_slice() {
        [one, other] => {
            let second = open_trusted(root)?;
            thread::scope(|scope| {
                let other = scope.spawn(move || below(&second, other));
                let mut changes = below(repository, one)?;
                changes.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic))?);
                Ok::<_, git2::Error>(changes)
            })?
        }
        _ => below(repository, &[])?,
    };
    changes.sort();
    Ok(changes.into_iter().map(Change::line).collect())
}

/// Trees with fewer files than this are looked through faster than a second thread has read the index.
const LARGE: usize = 4000;

/// The names at the top of a large tree in two parts with about as many files each; nothing for a small one. libgit2 looks at one
/// file after the other, and a tree of Kubernetes has nearly thirty thousand.
fn parts(repository: &Repository, root: &Path) -> Result<Vec<Vec<Vec<u8>>>, git2::Error> {
    let index = repository.index()?;
    if index.len() < LARGE {
        return Ok(Vec::new());
    }
    let mut sizes: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
    for entry in index.iter() {
        let name = entry.path.split(|byte| *byte == b'/').next();
        *sizes
            .entry(name.unwrap_or_default().to_owned())
            .or_default() += 1;
    }
    // What is in the commit alone, or in the folder alone, differs too.
    if let Ok(tree) = repository.head().and_then(|head| head.peel_to_tree()) {
        for entry in &tree {
            sizes.entry(entry.name_bytes().to_owned()).or_default();
        }
    }
    let names = fs::read_dir(root).into_iter().flatten().flatten();
    for name in names.map(|entry| entry.file_name().into_encoded_bytes()) {
        if name != b".git" {
            sizes.entry(name).or_default();
        }
    }
    let mut largest_first: Vec<_> = sizes.into_iter().collect();
    largest_first.sort_by_key(|(_, size)| Reverse(*size));
    let mut parts = [(0, Vec::new()), (0, Vec::new())];
    for (name, size) in largest_first {
        let [one, other] = &mut parts;
        let smaller = if one.0 <= other.0 { one } else { other };
        smaller.0 += size;
        smaller.1.push(name);
    }
    Ok(parts.map(|(_, names)| names).to_vec())
}

/// A path that differs, and how.
#[derive(Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Change {
    path: Vec<u8>,
    letters: String,
}

impl Change {
    fn line(self) -> String {
        format!("{} {}", self.letters, String::from_utf8_lossy(&self.path))
    }
}

/// What differs below these names at the top of the tree; below all where there are none.
fn below(repository: &Repository, names: &[Vec<u8>]) -> Result<Vec<Change>, git2::Error> {
    let mut options = StatusOptions::new();
    options
        .include_untracked(true)
        .recurse_untracked_dirs(false)
        .include_ignored(false)
        .update_index(false)
        .disable_pathspec_match(true);
    for name in names {
        options.pathspec(name.as_slice());
    }
    let statuses = repository.statuses(Some(&mut options))?;
    let index = repository.index()?;
    let changes = statuses
        .iter()
        .filter(|entry| !is_left_out(entry, &index))
        .filter_map(|entry| {
            letters(entry.status()).map(|letters| Change {
                path: entry.path_bytes().to_owned(),
                letters,
            })
        });
    Ok(changes.collect())
}

/// Whether a sparse checkout leaves the file out on purpose. Git takes it for unchanged, libgit2 for removed.
fn is_left_out(entry: &StatusEntry<'_>, index: &Index) -> bool {
    let path = entry.path().ok().map(Path::new);
    entry.status() == Status::WT_DELETED
        && path
            .and_then(|path| index.get_path(path, 0))
            .is_some_and(|entry| {
                entry.flags_extended & IndexEntryExtendedFlag::SKIP_WORKTREE.bits() != 0
            })
}

/// The two letters of the porcelain format: index against HEAD, work tree against index.
fn letters(status: Status) -> Option<String> {
    if status.is_conflicted() {
        return Some("UU".to_owned());
    }
    if status.is_wt_new() && !status.is_index_new() {
        return Some("??".to_owned());
    }
    let letter = |table: [(Status, char); 4]| {
        let found = table.into_iter().find(|(flag, _)| status.contains(*flag));
        found.map_or(' ', |(_, letter)| letter)
    };
    let index = letter([
        (Status::INDEX_NEW, 'A'),
        (Status::INDEX_MODIFIED, 'M'),
        (Status::INDEX_DELETED, 'D'),
        (Status::INDEX_TYPECHANGE, 'T'),
    ]);
    let tree = letter([
        (Status::WT_MODIFIED, 'M'),
        (Status::WT_DELETED, 'D'),
        (Status::WT_TYPECHANGE, 'T'),
        (Status::WT_RENAMED, 'R'),
    ]);
    (index != ' ' || tree != ' ').then(|| format!("{index}{tree}"))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;
    use crate::source::upstream::Upstream;

    /// All kinds of changes, at the top and below, in a tree that is large enough for two threads.
    #[test]
    fn a_large_tree_has_the_changes_that_git_tells() {
        let upstream = Upstream::new();
        for number in 0..LARGE / 2 {
            upstream.write(&format!("staging/a/{number}.go"), "a");
            upstream.write(&format!("pkg/b/{number}.go"), "b");
        }
        for path in ["only-in-the-commit", "removed/one", "gone", "Makefile"] {
            upstream.write(path, "as committed");
        }
        upstream.write(".gitignore", "/_output\n*.o\n");
        upstream.commit("large");
        let root = upstream.root();
        let git = |arguments: &[&str]| {
            let mut command = Command::new("git");
            let output = command
                .arg("-C")
                .arg(root)
                .args(arguments)
                .output()
                .unwrap();
            assert!(output.status.success(), "{arguments:?}");
            String::from_utf8(output.stdout).unwrap()
        };
        assert_eq!(changes(&upstream.repository).unwrap(), Vec::<String>::new());
        git(&["rm", "-q", "only-in-the-commit", "removed/one"]);
        fs::remove_file(root.join("gone")).unwrap();
        for path in [
            "Makefile",
            "staging/a/7.go",
            "pkg/b/8.go",
            "new at the top",
            "new/below",
            "pkg/new.go",
            "pkg/ignored.o",
            "_output/bin/kubectl",
            "[odd]*?",
        ] {
            upstream.write(path, "changed");
        }
        let told = git(&["status", "--porcelain", "-z"]);
        let mut told: Vec<&str> = told.split_terminator('\0').collect();
        told.sort_by_key(|line| &line[3..]);
        assert_eq!(changes(&upstream.repository).unwrap(), told);
        assert_eq!(told.len(), 10, "{told:?}");
    }
}
