//! What differs from the commit: the lines of `git status --porcelain`.

use git2::{Index, IndexEntryExtendedFlag, Repository, Status, StatusEntry, StatusOptions};
use std::path::Path;

/// The changed, removed and untracked files of a work tree, without ignored ones, in the order of their paths.
/// Nothing is written: an index that is stale stays so.
pub(super) fn changes(repository: &Repository) -> Result<Vec<String>, git2::Error> {
    let mut options = StatusOptions::new();
    options
        .include_untracked(true)
        .recurse_untracked_dirs(false)
        .include_ignored(false)
        .update_index(false);
    let statuses = repository.statuses(Some(&mut options))?;
    let index = repository.index()?;
    let lines = statuses
        .iter()
        .filter(|entry| !is_left_out(entry, &index))
        .filter_map(|entry| {
            let path = String::from_utf8_lossy(entry.path_bytes()).into_owned();
            letters(entry.status()).map(|letters| format!("{letters} {path}"))
        });
    Ok(lines.collect())
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
