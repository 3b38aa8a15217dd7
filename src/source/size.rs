//! How large a tree is, by which the room that a build needs is reckoned.

use std::fs;
use std::path::Path;

use git2::Repository;

use crate::bytes::Bytes;

/// The size of a tree's files, without what Git and builds put there: by Git's index, which holds the size of each file since
/// it was written or last compared, else by looking at each file.
pub fn size(tree: &Path) -> Bytes {
    match by_index(tree) {
        Some(size) if size > Bytes(0) => size,
        _ => by_walking(tree),
    }
}

fn by_index(tree: &Path) -> Option<Bytes> {
    let index = Repository::open(tree).ok()?.index().ok()?;
    Some(Bytes(
        index.iter().map(|entry| u64::from(entry.file_size)).sum(),
    ))
}

fn by_walking(tree: &Path) -> Bytes {
    let mut size = 0;
    let mut pending = vec![tree.to_owned()];
    while let Some(folder) = pending.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = entry.file_name();
            match entry.file_type() {
                Ok(kind) if kind.is_dir() && name != ".git" && name != "_output" => {
                    pending.push(entry.path());
                }
                Ok(kind) if kind.is_file() => {
                    size += entry.metadata().map_or(0, |metadata| metadata.len());
                }
                _ => {}
            }
        }
    }
    Bytes(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_is_as_large_as_its_files_with_and_without_an_index() {
        let folder = tempfile::tempdir().unwrap();
        let tree = folder.path();
        for (path, length) in [
            ("Makefile", 100),
            ("cmd/kubectl/a.go", 23),
            ("_output/x", 7),
        ] {
            fs::create_dir_all(tree.join(path).parent().unwrap()).unwrap();
            fs::write(tree.join(path), vec![b'x'; length]).unwrap();
        }
        assert_eq!(size(tree), Bytes(123));
        let repository = Repository::init(tree).unwrap();
        assert_eq!(size(tree), Bytes(123), "nothing is in the index yet");
        let mut index = repository.index().unwrap();
        index.add_path(Path::new("Makefile")).unwrap();
        index.add_path(Path::new("cmd/kubectl/a.go")).unwrap();
        index.write().unwrap();
        assert_eq!(by_index(tree), Some(Bytes(123)));
        assert_eq!(size(tree), Bytes(123));
    }
}
