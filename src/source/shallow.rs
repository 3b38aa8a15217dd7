//! Where a repository's history ends on purpose: its `shallow` file.
//!
//! A fetch at depth 1 lists the commit that it brought as an end of history, even where that commit's parents were fetched
//! before, which would cut the history of everything above it. And libgit2 writes down only what one fetch said. So the
//! ends before and after a fetch are united here, and those whose parents are all present are dropped.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;

use git2::{ObjectType, Oid, Repository};
use tempfile::NamedTempFile;

use super::error::SourceError;

/// The commits at which the history of the repository in `directory` ends.
pub(super) fn read(directory: &Path) -> BTreeSet<Oid> {
    let text = std::fs::read_to_string(directory.join("shallow")).unwrap_or_default();
    text.lines()
        .filter_map(|line| Oid::from_str(line.trim()).ok())
        .collect()
}

/// Writes the ends of history; without any, the file is removed.
pub(super) fn write(directory: &Path, ends: &BTreeSet<Oid>) -> Result<(), SourceError> {
    let path = directory.join("shallow");
    if read(directory) == *ends {
        return Ok(());
    }
    if ends.is_empty() {
        return std::fs::remove_file(&path).map_err(SourceError::store("remove", &path));
    }
    let mut lines: Vec<String> = ends.iter().map(Oid::to_string).collect();
    lines.push(String::new());
    let text = lines.join("\n");
    let replace = || {
        let mut file = NamedTempFile::new_in(directory)?;
        file.write_all(text.as_bytes())?;
        file.persist(&path)?;
        Ok(())
    };
    replace().map_err(SourceError::store("write", &path))
}

/// After a fetch: keeps of the ends `before` it and of the ends that it wrote those that lack a parent.
pub(super) fn settle(mirror: &Repository, before: BTreeSet<Oid>) -> Result<(), SourceError> {
    let mut ends = before;
    ends.extend(read(mirror.path()));
    let odb = mirror
        .odb()
        .map_err(SourceError::git("read the mirror", "the mirror"))?;
    // Objects that just arrived are in packs that this handle does not know yet.
    let _ = odb.refresh();
    ends.retain(|&end| lacks_a_parent(&odb, end));
    write(mirror.path(), &ends)
}

/// Read from the object itself: libgit2 hides the parents of a commit at which history ends.
fn lacks_a_parent(odb: &git2::Odb<'_>, commit: Oid) -> bool {
    let Ok(object) = odb.read(commit) else {
        return false;
    };
    object.kind() == ObjectType::Commit && parents(object.data()).any(|parent| !odb.exists(parent))
}

fn parents(commit: &[u8]) -> impl Iterator<Item = Oid> {
    commit
        .split(|&byte| byte == b'\n')
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.strip_prefix(b"parent "))
        .filter_map(|id| Oid::from_str(std::str::from_utf8(id).ok()?).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::upstream::Upstream;

    #[test]
    fn only_ends_that_lack_a_parent_stay() {
        let upstream = Upstream::new();
        let second = upstream.commit("second");
        let root = upstream
            .repository
            .find_commit(second)
            .unwrap()
            .parent_id(0)
            .unwrap();
        settle(&upstream.repository, BTreeSet::from([second, root])).unwrap();
        assert!(read(upstream.repository.path()).is_empty());
        let objects = upstream.repository.path().join("objects");
        let id = root.to_string();
        std::fs::remove_file(objects.join(&id[..2]).join(&id[2..])).unwrap();
        let reopened = Repository::open(upstream.root()).unwrap();
        settle(&reopened, BTreeSet::from([second])).unwrap();
        assert_eq!(read(reopened.path()), BTreeSet::from([second]));
    }
}
