//! What an earlier description of a resource has left in a folder.
//!
//! No list of what was written is kept: the earlier files are made once more, from the description and the CRD that lie there.
//! Only what is still as it was written then is known to be nobody's work.

use std::fs;
use std::path::Path;

use super::description::Description;
use super::writing::{Change, Planned};
use super::{Files, project, read_back, specification};

/// Folders in which other descriptions have other files.
const FOLDERS: [&str; 4] = ["crd", "rbac", "samples/invalid", "samples/valid"];

/// What is left of an earlier description.
#[derive(Debug, Default)]
pub struct Stale {
    /// Files that are as they were written, to be removed.
    pub files: Vec<Planned>,
    /// Files that somebody has changed, or that cannot be told to be as they were written: they stay.
    pub changed: Vec<String>,
}

/// Looks for what an earlier description of the same resource wrote into a folder, and what is none of these files.
pub fn find(folder: &Path, description: &Description, files: &Files) -> Stale {
    let earlier = earlier(folder, description);
    let mut stale = Stale::default();
    for path in present(folder) {
        if files.contains_key(&path) {
            continue;
        }
        let Ok(text) = fs::read_to_string(folder.join(&path)) else {
            continue;
        };
        let made: Vec<&String> = earlier
            .iter()
            .filter_map(|files| files.get(&path))
            .collect();
        if made.contains(&&text) {
            stale.files.push(Planned {
                path,
                change: Change::Remove,
                before: Some(text),
                after: String::new(),
            });
        } else if !made.is_empty() || is_of_gone_version(&text, description) {
            stale.changed.push(path);
        }
    }
    stale
}

/// The files of what is described in the folder now.
fn earlier(folder: &Path, description: &Description) -> Vec<Files> {
    let mut answers = vec![specification::read(&folder.join("api.toml"))];
    let crds = names(folder, "crd").into_iter();
    answers.extend(crds.map(|path| read_back::read(&folder.join(path))));
    answers
        .into_iter()
        .filter_map(|answers| answers.ok()?.describe().ok())
        .filter(|earlier| {
            let same_kind = earlier.names.kind == description.names.kind;
            same_kind && earlier.group == description.group
        })
        .flat_map(|earlier| [other_origin(&earlier), earlier])
        .filter_map(|earlier| project::files(&earlier).ok())
        .collect()
}

/// The same with a plural of the other origin: a CRD does not tell whether it was guessed, and its comment does.
fn other_origin(description: &Description) -> Description {
    let mut other = description.clone();
    other.names.plural_is_guessed = !other.names.plural_is_guessed;
    other
}

fn present(folder: &Path) -> Vec<String> {
    let mut present: Vec<String> = FOLDERS
        .iter()
        .flat_map(|below| names(folder, below))
        .collect();
    present.sort();
    present
}

/// The files of a folder, without links.
fn names(folder: &Path, below: &str) -> Vec<String> {
    let entries = fs::read_dir(folder.join(below));
    let entries = entries.into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()))
        .filter_map(|entry| Some(format!("{below}/{}", entry.file_name().to_str()?)))
        .collect()
}

/// Whether it is a manifest of this resource in a version that is not served any more.
fn is_of_gone_version(text: &str, description: &Description) -> bool {
    let value = |key: &str| {
        let mut lines = text.lines();
        lines.find_map(|line| line.strip_prefix(key)).map(str::trim)
    };
    let version = value("apiVersion:").and_then(|api| {
        api.strip_prefix(description.group.as_str())?
            .strip_prefix('/')
    });
    let is_served = |version: &str| description.served().any(|served| served.name == version);
    value("kind:") == Some(description.names.kind.as_str())
        && version.is_some_and(|version| !is_served(version))
}
