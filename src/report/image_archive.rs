//! Reading an archive of images, as `docker save` writes it: what is in it, and whether its parts are what they are named
//! after.
//!
//! The form is that of the Docker image specification, version 1.2: `manifest.json` names the configuration and the layers of
//! each image; the configuration's own name is its SHA-256, and it names the layers by theirs. Engines since 25 lay the same
//! files out as OCI does (`blobs/sha256/…`), with the same `manifest.json`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::hexadecimal::{sha256, sha256_of};
use crate::platform::Platform;

/// Larger files of an archive are layers, and are not kept in memory.
const LARGEST_DOCUMENT: u64 = 4 << 20;

/// An image in an archive.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct ArchivedImage {
    /// Its names, with tags.
    pub names: Vec<String>,
    /// The digest of its configuration, which engines take for its id: `sha256:…`.
    pub config: String,
    /// The digests of its layers, unpacked, from the lowest to the highest.
    pub layers: Vec<String>,
    /// What it runs on.
    pub platform: Option<Platform>,
}

/// Why a file is no sound archive of images.
#[derive(Debug, thiserror::Error)]
pub enum ImageArchiveError {
    /// It cannot be read, or is no archive.
    #[error("it cannot be read as an archive")]
    Read(#[from] io::Error),
    /// A document in it is not of that form.
    #[error("`{name}` in it is not what an engine writes")]
    Document {
        /// Its name.
        name: String,
        /// Why not.
        source: serde_json::Error,
    },
    /// A part of it is not there.
    #[error("`{0}` is not in it")]
    Missing(String),
    /// A part has another content than its digest says.
    #[error("`{name}` in it has the digest {found}, and should have {expected}")]
    Changed {
        /// The part.
        name: String,
        /// Its digest.
        found: String,
        /// What it should be.
        expected: String,
    },
    /// There is not one layer for each digest.
    #[error("it has {found} layers, and its configuration names {expected}")]
    Layers {
        /// How many there are.
        found: usize,
        /// How many there should be.
        expected: usize,
    },
}

/// An image in `manifest.json`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ManifestEntry {
    /// The part that is its configuration.
    pub(crate) config: String,
    /// Its names.
    #[serde(default)]
    pub(crate) repo_tags: Option<Vec<String>>,
    /// The parts that are its layers, the lowest first.
    pub(crate) layers: Vec<String>,
}

#[derive(Deserialize)]
struct Config {
    architecture: Option<String>,
    os: Option<String>,
    rootfs: RootFs,
}

#[derive(Deserialize)]
struct RootFs {
    #[serde(default)]
    diff_ids: Vec<String>,
}

/// The parts of an archive: the digest of each, and the content of those that may be documents.
#[derive(Default)]
struct Parts {
    digests: BTreeMap<String, String>,
    documents: BTreeMap<String, Vec<u8>>,
    links: BTreeMap<String, String>,
}

/// Reads an archive to its end and compares every configuration and layer with its digest.
///
/// # Errors
/// The first part that is not sound.
pub fn read_images(path: &Path) -> Result<Vec<ArchivedImage>, ImageArchiveError> {
    let parts = Parts::read(BufReader::new(File::open(path)?))?;
    let entries: Vec<ManifestEntry> = parts.document("manifest.json")?;
    entries
        .into_iter()
        .map(|entry| parts.image(entry))
        .collect()
}

/// Whether a file is an archive of images: it has a `manifest.json`.
pub fn is_image_archive(path: &Path) -> bool {
    File::open(path).is_ok_and(|mut file| has_manifest(&mut file))
}

/// The same of an open file, from its place on.
pub(crate) fn has_manifest(file: &mut File) -> bool {
    let mut archive = tar::Archive::new(&*file);
    let Ok(entries) = archive.entries_with_seek() else {
        return false;
    };
    entries
        .map_while(Result::ok)
        .any(|entry| entry.path_bytes().as_ref() == b"manifest.json")
}

impl Parts {
    fn read(reader: impl Read) -> Result<Parts, ImageArchiveError> {
        let mut parts = Parts::default();
        let mut archive = tar::Archive::new(reader);
        for entry in archive.entries()? {
            let mut entry = entry?;
            let name = name_of(&entry.path_bytes());
            if let Some(target) = entry.link_name_bytes() {
                let target = resolved(&name, &String::from_utf8_lossy(&target));
                parts.links.insert(name, target);
                continue;
            }
            if !entry.header().entry_type().is_file() {
                continue;
            }
            if entry.size() <= LARGEST_DOCUMENT {
                let mut content = Vec::new();
                entry.read_to_end(&mut content)?;
                parts.digests.insert(name.clone(), sha256(&content));
                parts.documents.insert(name, content);
            } else {
                parts.digests.insert(name, sha256_of(&mut entry)?);
            }
        }
        Ok(parts)
    }

    fn image(&self, entry: ManifestEntry) -> Result<ArchivedImage, ImageArchiveError> {
        let config: Config = self.document(&entry.config)?;
        let digest = self.digest(&entry.config)?;
        // `HEX.json`, or `blobs/sha256/HEX`.
        let named = entry.config.rsplit('/').next().unwrap_or_default();
        agree(&entry.config, digest, named.trim_end_matches(".json"))?;
        let expected = config.rootfs.diff_ids;
        if expected.len() != entry.layers.len() {
            return Err(ImageArchiveError::Layers {
                found: entry.layers.len(),
                expected: expected.len(),
            });
        }
        for (layer, expected) in entry.layers.iter().zip(&expected) {
            let expected = expected.strip_prefix("sha256:").unwrap_or(expected);
            agree(layer, self.digest(layer)?, expected)?;
        }
        let platform = config.os.zip(config.architecture);
        Ok(ArchivedImage {
            names: entry.repo_tags.unwrap_or_default(),
            config: format!("sha256:{digest}"),
            layers: expected,
            platform: platform.and_then(|(os, arch)| format!("{os}/{arch}").parse().ok()),
        })
    }

    fn document<T: for<'d> Deserialize<'d>>(&self, name: &str) -> Result<T, ImageArchiveError> {
        let content = self.documents.get(name);
        let content = content.ok_or_else(|| ImageArchiveError::Missing(name.to_owned()))?;
        serde_json::from_slice(content).map_err(|source| ImageArchiveError::Document {
            name: name.to_owned(),
            source,
        })
    }

    /// The digest of a part; a layer that two images share is a link in all but one place.
    fn digest(&self, name: &str) -> Result<&str, ImageArchiveError> {
        let mut at = name;
        let mut seen = BTreeSet::new();
        while let Some(target) = self.links.get(at)
            && seen.insert(at)
        {
            at = target;
        }
        let found = self.digests.get(at).map(String::as_str);
        found.ok_or_else(|| ImageArchiveError::Missing(name.to_owned()))
    }
}

fn agree(name: &str, found: &str, expected: &str) -> Result<(), ImageArchiveError> {
    if found == expected {
        return Ok(());
    }
    Err(ImageArchiveError::Changed {
        name: name.to_owned(),
        found: found.to_owned(),
        expected: expected.to_owned(),
    })
}

/// The name of a part, as `manifest.json` writes it.
pub(crate) fn name_of(path: &[u8]) -> String {
    let text = String::from_utf8_lossy(path);
    text.strip_prefix("./").unwrap_or(&text).to_owned()
}

/// Where a link leads, from the folder that it lies in.
pub(crate) fn resolved(link: &str, target: &str) -> String {
    let mut folders: Vec<&str> = link.split('/').collect();
    folders.pop();
    for part in target.split('/') {
        match part {
            ".." => {
                folders.pop();
            }
            "." | "" => {}
            part => folders.push(part),
        }
    }
    folders.join("/")
}

#[cfg(test)]
pub(crate) mod testing {
    use super::*;

    /// An archive with an image of one layer, and another name for it.
    pub(crate) fn archive(layer: &[u8], names: &[&str]) -> Vec<u8> {
        let diff_id = format!("sha256:{}", sha256(layer));
        let config = serde_json::json!({
            "architecture": "amd64", "os": "linux", "created": "2001-02-03T04:05:06Z",
            "rootfs": {"type": "layers", "diff_ids": [diff_id, diff_id]},
        })
        .to_string();
        let config_name = format!("{}.json", sha256(config.as_bytes()));
        let manifest = serde_json::json!([{
            "Config": config_name, "RepoTags": names, "Layers": ["a/layer.tar", "b/layer.tar"],
        }])
        .to_string();
        let mut archive = tar::Builder::new(Vec::new());
        let mut add = |name: &str, content: &[u8]| {
            let mut header = tar::Header::new_gnu();
            header.set_size(content.len() as u64);
            header.set_mode(0o644);
            archive.append_data(&mut header, name, content).unwrap();
        };
        add("a/layer.tar", layer);
        add(&config_name, config.as_bytes());
        add("manifest.json", manifest.as_bytes());
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(tar::EntryType::Symlink);
        header.set_size(0);
        archive
            .append_link(&mut header, "b/layer.tar", "../a/layer.tar")
            .unwrap();
        archive.into_inner().unwrap()
    }
}

#[cfg(test)]
mod tests {
    use super::testing::archive;
    use super::*;

    fn read(bytes: &[u8]) -> Result<Vec<ArchivedImage>, ImageArchiveError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        read_images(file.path())
    }

    #[test]
    fn an_image_is_told_by_its_names_and_digests() {
        let images = read(&archive(b"layer", &["x/y:v1", "z/y:v1"])).unwrap();
        let [image] = &images[..] else {
            panic!("{images:?}");
        };
        assert_eq!(image.names, ["x/y:v1", "z/y:v1"]);
        assert_eq!(image.platform.as_ref().unwrap().to_string(), "linux/amd64");
        let layer = format!("sha256:{}", sha256(b"layer"));
        assert_eq!(image.layers, [layer.clone(), layer]);
    }

    #[test]
    fn a_changed_part_is_found() {
        let sound = archive(b"layer", &["x/y:v1"]);
        let changed = |from: &[u8], to: &[u8]| {
            let mut bytes = sound.clone();
            let at = bytes.windows(from.len()).position(|it| it == from).unwrap();
            bytes[at..at + to.len()].copy_from_slice(to);
            read(&bytes).unwrap_err()
        };
        assert!(matches!(
            changed(b"layer\0", b"Layer\0"),
            ImageArchiveError::Changed { name, .. } if name == "a/layer.tar"
        ));
        assert!(matches!(
            changed(b"amd64", b"amd46"),
            ImageArchiveError::Changed { name, .. } if name.contains(".json")
        ));
        assert!(matches!(
            changed(b"a/layer.tar\",\"b", b"c/layer.tar\",\"b"),
            ImageArchiveError::Missing(name) if name == "c/layer.tar"
        ));
        assert!(read(b"no archive").is_err());
    }
}
