//! What a validator is kept by: a hash of all that decides what it says.

use std::fs;
use std::path::Path;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::program;
use crate::hexadecimal::{hexadecimal, sha256};
use crate::platform::Platform;
use crate::source::Checkout;
use crate::toolchain::GoVersion;

/// The key of a validator.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Key(String);

#[derive(Serialize)]
struct Ingredients<'a> {
    schema: u32,
    program: String,
    tree: &'a str,
    changes: String,
    go: String,
    platform: String,
}

impl Key {
    /// The key for a tree as it is now; `None` where no commit names the tree, so that nobody can tell whether it is still
    /// the same.
    pub fn of(checkout: &Checkout, go: &GoVersion) -> Option<Key> {
        let ingredients = Ingredients {
            schema: 1,
            program: program::digest(),
            tree: checkout.tree.as_ref()?,
            changes: changes(&checkout.root, &checkout.changes),
            go: go.to_string(),
            platform: Platform::host().to_string(),
        };
        let text = serde_json::to_vec(&ingredients).ok()?;
        Some(Key(sha256(&text)[..32].to_owned()))
    }

    pub(super) fn name(&self) -> &str {
        &self.0
    }
}

/// A hash of what differs from the commit: which paths, how, and what they hold; empty where nothing does.
fn changes(root: &Path, lines: &[String]) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let mut hash = Sha256::new();
    for line in lines {
        hash.update(line.as_bytes());
        hash.update([0]);
        // Behind the two letters and a space.
        add(&root.join(line.get(3..).unwrap_or_default()), &mut hash);
    }
    hexadecimal(&hash.finalize())
}

fn add(path: &Path, hash: &mut Sha256) {
    let Ok(meta) = path.symlink_metadata() else {
        return;
    };
    if meta.is_dir() {
        let mut entries: Vec<_> = fs::read_dir(path).into_iter().flatten().flatten().collect();
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            hash.update(entry.file_name().as_encoded_bytes());
            hash.update([0]);
            add(&entry.path(), hash);
        }
        return;
    }
    let content = if meta.is_symlink() {
        let target = fs::read_link(path).unwrap_or_default();
        target.as_os_str().as_encoded_bytes().to_vec()
    } else {
        fs::read(path).unwrap_or_default()
    };
    hash.update(content.len().to_le_bytes());
    hash.update(content);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_told_by_what_it_holds() {
        let root = tempfile::tempdir().unwrap();
        let lines =
            |lines: &[&str]| -> Vec<String> { lines.iter().map(ToString::to_string).collect() };
        let hash = |changed: &[&str]| changes(root.path(), &lines(changed));
        assert_eq!(hash(&[]), "");
        fs::write(root.path().join("a.go"), "one").unwrap();
        fs::create_dir(root.path().join("new")).unwrap();
        fs::write(root.path().join("new/b.go"), "one").unwrap();
        let (file, folder) = (hash(&[" M a.go"]), hash(&["?? new/"]));
        assert_ne!(file, folder);
        assert_eq!(file, hash(&[" M a.go"]));
        fs::write(root.path().join("a.go"), "two").unwrap();
        fs::write(root.path().join("new/b.go"), "two").unwrap();
        assert_ne!(file, hash(&[" M a.go"]));
        assert_ne!(folder, hash(&["?? new/"]));
        fs::remove_file(root.path().join("a.go")).unwrap();
        assert_ne!(hash(&[" D a.go"]), hash(&[" M a.go"]));
    }
}
