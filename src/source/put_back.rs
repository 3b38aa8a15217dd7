//! Putting back what a build generates anew although it is committed (Kubernetes up to 1.23).
//!
//! The generators write the year into the heads of their files, so that a build of an old tree changes files that are
//! committed. It would make the stamp of the next build dirty, and nothing would be taken from this one.

use std::io;
use std::path::Path;

use git2::Repository;

use super::changes::changes;
use super::in_place::open_trusted;
use crate::run::write_whole;

/// Gives files the content of the commit again: those below `root` that differ from it now and did not `before` (lines of
/// `git status --porcelain`), and whose names begin with one of `beginnings`. Returns their paths; none where the tree has
/// no Git. Nothing is written into `.git`.
///
/// # Errors
///
/// The repository cannot be read, or a file cannot be written.
pub fn put_back(root: &Path, before: &[String], beginnings: &[String]) -> io::Result<Vec<String>> {
    if beginnings.is_empty() || !root.join(".git").exists() {
        return Ok(Vec::new());
    }
    let repository = open_trusted(root).map_err(io::Error::other)?;
    let after = changes(&repository).map_err(io::Error::other)?;
    let is_generated = |path: &str| {
        let name = path.rsplit('/').next().unwrap_or(path);
        beginnings
            .iter()
            .any(|beginning| name.starts_with(beginning))
    };
    let paths = after
        .iter()
        .filter(|line| !before.contains(line))
        .filter_map(|line| line.strip_prefix(" M "))
        .filter(|path| is_generated(path));
    let mut done = Vec::new();
    for path in paths {
        let content = committed(&repository, path).map_err(io::Error::other)?;
        write_whole(&root.join(path), &content)?;
        done.push(path.to_owned());
    }
    Ok(done)
}

fn committed(repository: &Repository, path: &str) -> Result<Vec<u8>, git2::Error> {
    let tree = repository.head()?.peel_to_tree()?;
    let entry = tree.get_path(Path::new(path))?;
    let blob = repository.find_blob(entry.id())?;
    Ok(blob.content().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::upstream::Upstream;

    #[test]
    fn what_a_build_generated_anew_is_as_committed_again() {
        let upstream = Upstream::new();
        let (generated, own) = ("pkg/api/zz_generated.deepcopy.go", "pkg/api/types.go");
        let mine = "pkg/apps/zz_generated.deepcopy.go";
        for path in [generated, own, mine] {
            upstream.write(path, "// 2016\n");
        }
        upstream.commit("generated");
        upstream.write(mine, "// mine\n");
        let before = changes(&upstream.repository).unwrap();
        assert_eq!(before, [format!(" M {mine}")]);
        for path in [generated, own] {
            upstream.write(path, "// 2026\n");
        }
        let beginnings = ["zz_generated.".to_owned()];
        let index = std::fs::read(upstream.repository.path().join("index")).unwrap();
        let done = put_back(upstream.root(), &before, &beginnings).unwrap();
        assert_eq!(done, [generated]);
        let after = changes(&upstream.repository).unwrap();
        assert_eq!(after, [format!(" M {own}"), format!(" M {mine}")]);
        let untouched = std::fs::read(upstream.repository.path().join("index")).unwrap();
        assert!(index == untouched);
        assert_eq!(
            put_back(upstream.root(), &before, &[]).unwrap(),
            Vec::<String>::new()
        );
    }
}
