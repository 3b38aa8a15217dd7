//! Whether artifacts are still what was built: names, checksums, and of images the digests of their parts. Nothing of it needs
//! a network.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::hexadecimal::Checksums;
use crate::report::artifact::Artifact;
use crate::report::image_archive::{is_image_archive, read_images};
use crate::report::manifest::Manifest;

/// The lists of checksums, in the form of `sha256sum`.
pub const SHA256: &str = "SHA256SUMS";

/// The same of `sha512sum`.
pub const SHA512: &str = "SHA512SUMS";

/// What was found in a folder of artifacts.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Verdict {
    /// How many artifacts were looked at.
    pub checked: u64,
    /// What is wrong, for people: `kubectl.tar has changed`.
    pub wrong: Vec<String>,
}

/// What is known of a file from one source or another.
#[derive(Debug, Default)]
struct Known {
    sha256: BTreeSet<String>,
    sha512: BTreeSet<String>,
    images: Option<Vec<String>>,
}

impl Known {
    fn of(artifact: &Artifact) -> Known {
        Known {
            sha256: BTreeSet::from([artifact.sha256.clone()]),
            sha512: artifact.sha512.iter().cloned().collect(),
            images: Some(names(&artifact.images)),
        }
    }
}

/// An artifact's name below the folder of artifacts.
fn name(artifact: &Artifact) -> &str {
    artifact.path.trim_start_matches("artifacts/")
}

/// The lists of checksums of artifacts, each with the name of its file; none where there are no artifacts.
pub(super) fn lists(artifacts: &[Artifact]) -> Vec<(&'static str, String)> {
    let list = |sum: &dyn Fn(&Artifact) -> Option<String>| -> String {
        let mut lines: Vec<String> = artifacts
            .iter()
            .filter_map(|artifact| Some(format!("{}  {}\n", sum(artifact)?, name(artifact))))
            .collect();
        lines.dedup();
        lines.concat()
    };
    let lists = [
        (SHA256, list(&|artifact| Some(artifact.sha256.clone()))),
        (SHA512, list(&|artifact| artifact.sha512.clone())),
    ];
    lists
        .into_iter()
        .filter(|(_, sums)| !sums.is_empty())
        .collect()
}

/// Looks at the artifacts in a folder, by its lists of checksums and, where there is one, by the manifest of the run. `None`
/// where there is neither.
pub fn verify(folder: &Path, manifest: Option<&Manifest>) -> Option<Verdict> {
    let mut known: BTreeMap<String, Known> = BTreeMap::new();
    let mut wrong = Vec::new();
    let lists = [SHA256, SHA512].map(|list| fs::read_to_string(folder.join(list)).ok());
    if lists.iter().all(Option::is_none) && manifest.is_none() {
        return None;
    }
    for (list, text) in [SHA256, SHA512].into_iter().zip(&lists) {
        for line in text.iter().flat_map(|text| text.lines()) {
            let Some((sum, name)) = line.split_once("  ") else {
                wrong.push(format!("a line of {list} cannot be read"));
                continue;
            };
            let known = known.entry(name.to_owned()).or_default();
            let sums = if list == SHA256 {
                &mut known.sha256
            } else {
                &mut known.sha512
            };
            sums.insert(sum.to_owned());
        }
    }
    for artifact in manifest.iter().flat_map(|manifest| &manifest.artifacts) {
        let known = known.entry(name(artifact).to_owned()).or_default();
        let by_manifest = Known::of(artifact);
        known.sha256.extend(by_manifest.sha256);
        known.sha512.extend(by_manifest.sha512);
        known.images = by_manifest.images;
    }
    // A name that stands in one list and not in the other is one that was changed.
    for (list, text) in [SHA256, SHA512].into_iter().zip(&lists) {
        let Some(text) = text else {
            continue;
        };
        let listed: BTreeSet<&str> = text
            .lines()
            .filter_map(|line| Some(line.split_once("  ")?.1))
            .collect();
        let absent = known.keys().filter(|name| !listed.contains(name.as_str()));
        wrong.extend(absent.map(|name| format!("{name} is not in {list}")));
    }
    for (name, known) in &known {
        wrong.extend(fault(&folder.join(name), known).map(|fault| format!("{name} {fault}")));
    }
    Some(Verdict {
        checked: known.len() as u64,
        wrong,
    })
}

/// Whether one artifact still is what was built.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Sound {
    /// It is.
    Yes,
    /// It is not, and this is why: `has changed`.
    No(String),
}

impl Sound {
    /// Looks at the file of an artifact.
    pub fn of(file: &Path, artifact: &Artifact) -> Sound {
        fault(file, &Known::of(artifact)).map_or(Sound::Yes, Sound::No)
    }
}

/// What is wrong with a file.
fn fault(file: &Path, known: &Known) -> Option<String> {
    let Ok(found) = Checksums::of_file(file) else {
        return Some("cannot be read".to_owned());
    };
    let differs = |known: &BTreeSet<String>, found: &String| known.iter().any(|sum| sum != found);
    if differs(&known.sha256, &found.sha256) || differs(&known.sha512, &found.sha512) {
        return Some("has changed".to_owned());
    }
    let is_archive = file.extension().is_some_and(|extension| extension == "tar");
    if !is_archive || !is_image_archive(file) {
        let lost = known.images.as_ref().is_some_and(|names| !names.is_empty());
        return lost.then(|| "is no archive of images any more".to_owned());
    }
    match read_images(file) {
        Err(error) => Some(format!("is no sound archive of images: {error}")),
        Ok(images) => match &known.images {
            Some(expected) if *expected != names(&images) => {
                Some("has images of other names or digests".to_owned())
            }
            _ => None,
        },
    }
}

/// Names and digests of images, as a text each.
fn names(images: &[crate::report::image_archive::ArchivedImage]) -> Vec<String> {
    let name = |image: &crate::report::image_archive::ArchivedImage| {
        format!("{} {}", image.names.join(" "), image.config)
    };
    images.iter().map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hexadecimal::sha256;
    use crate::report::image_archive::testing::archive;

    fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (name, content) in files {
            fs::write(dir.path().join(name), content).unwrap();
        }
        let names: Vec<_> = files.iter().map(|(name, _)| *name).collect();
        list(dir.path(), &names);
        dir
    }

    fn list(folder: &Path, names: &[&str]) {
        let sums = |pick: &dyn Fn(Checksums) -> String| -> String {
            let line = |name: &&str| {
                let sums = Checksums::of_file(&folder.join(name)).unwrap();
                format!("{}  {name}\n", pick(sums))
            };
            names.iter().map(line).collect()
        };
        fs::write(folder.join(SHA256), sums(&|sums| sums.sha256)).unwrap();
        fs::write(folder.join(SHA512), sums(&|sums| sums.sha512)).unwrap();
    }

    fn wrong(folder: &Path) -> Vec<String> {
        verify(folder, None).unwrap().wrong
    }

    #[test]
    fn a_changed_byte_of_any_file_is_found() {
        let image = archive(b"layer", &["x/y:v1"]);
        let files: [(&str, &[u8]); 2] = [("a.tar.gz", b"tarball"), ("y.tar", &image)];
        let dir = folder(&files);
        assert_eq!(verify(dir.path(), None).unwrap().checked, 2);
        assert_eq!(wrong(dir.path()), Vec::<String>::new());
        for name in ["a.tar.gz", "y.tar", SHA256, SHA512] {
            let path = dir.path().join(name);
            let sound = fs::read(&path).unwrap();
            for at in [0, sound.len() / 2, sound.len() - 2] {
                let mut changed = sound.clone();
                changed[at] ^= 1;
                fs::write(&path, changed).unwrap();
                assert_ne!(wrong(dir.path()), Vec::<String>::new(), "{name} {at}");
            }
            fs::write(&path, sound).unwrap();
        }
        fs::remove_file(dir.path().join("a.tar.gz")).unwrap();
        assert_eq!(wrong(dir.path()), ["a.tar.gz cannot be read"]);
    }

    #[test]
    fn a_layer_that_was_changed_with_all_checksums_is_found() {
        let image = archive(b"layer", &["x/y:v1"]);
        let dir = folder(&[("y.tar", &image)]);
        let at = image.windows(6).position(|it| it == b"layer\0").unwrap();
        let mut changed = image;
        changed[at] = b'L';
        fs::write(dir.path().join("y.tar"), changed).unwrap();
        list(dir.path(), &["y.tar"]);
        let expected = sha256(b"layer");
        let found = sha256(b"Layer");
        assert_eq!(
            wrong(dir.path()),
            [format!(
                "y.tar is no sound archive of images: `a/layer.tar` in it has the digest {found}, and should have {expected}"
            )]
        );
    }

    #[test]
    fn a_folder_without_lists_is_none_of_artifacts() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(verify(dir.path(), None), None);
    }
}
