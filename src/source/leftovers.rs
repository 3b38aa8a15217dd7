//! What a killed process left in a repository of the store. Whoever calls holds kubewright's own lock of that repository, so
//! nobody else is at work there.

use std::fs;
use std::path::Path;

/// Removes what libgit2 leaves of an interrupted fetch, which `git gc` does not know, and its lock files, for which the next
/// write would fail. What cannot be removed is told by that write.
pub(super) fn remove(repository: &Path) {
    remove_files(&repository.join("objects/pack"), &|name| {
        name.starts_with("pack_git2_")
    });
    remove_files(repository, &is_lock);
    remove_locks(&repository.join("refs"));
}

/// No reference ends so: Git forbids it.
fn is_lock(name: &str) -> bool {
    Path::new(name)
        .extension()
        .is_some_and(|extension| extension == "lock")
}

fn remove_locks(folder: &Path) {
    remove_files(folder, &is_lock);
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            remove_locks(&entry.path());
        }
    }
}

fn remove_files(folder: &Path, is_leftover: &dyn Fn(&str) -> bool) {
    for file in fs::read_dir(folder).into_iter().flatten().flatten() {
        if is_leftover(&file.file_name().to_string_lossy()) {
            let _ = fs::remove_file(file.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::upstream::Upstream;

    #[test]
    fn locks_and_halves_of_packs_go_and_nothing_else() {
        let upstream = Upstream::new();
        upstream.commit("second");
        let directory = upstream.repository.path();
        let left = [
            "refs/tags/v0.1.0.lock",
            "index.lock",
            "objects/pack/pack_git2_ab12",
        ];
        fs::create_dir_all(directory.join("objects/pack")).unwrap();
        for name in left {
            fs::write(directory.join(name), "").unwrap();
        }
        let head = upstream.repository.head().unwrap().target();
        remove(directory);
        assert!(left.iter().all(|name| !directory.join(name).exists()));
        assert_eq!(upstream.repository.head().unwrap().target(), head);
    }
}
