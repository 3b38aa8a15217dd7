//! An archive of images packed anew: no time after a given one in configurations and layers, and so other digests of what was
//! built in this run, and the same for what it was built on.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use jiff::Timestamp;
use serde_json::{Value, json};
use tar::Header;

use super::{Fault, Repacking, go_on, layer};
use crate::hexadecimal::sha256;
use crate::report::image_archive::{ImageArchiveError, ManifestEntry, name_of, resolved};

/// What engines write of the machine and the moment that they built on.
const OF_THE_MOMENT: [&str; 3] = ["container", "container_config", "docker_version"];

/// Where the content of a part lies in the archive.
#[derive(Clone, Copy)]
struct Place {
    begins: u64,
    size: u64,
}

/// The parts of an archive.
#[derive(Default)]
struct Index {
    places: BTreeMap<String, Place>,
    links: BTreeMap<String, String>,
}

impl Index {
    fn read(archive: &mut File) -> io::Result<Index> {
        archive.rewind()?;
        let mut index = Index::default();
        for entry in tar::Archive::new(&*archive).entries_with_seek()? {
            let entry = entry?;
            let name = name_of(&entry.path_bytes());
            if let Some(target) = entry.link_name_bytes() {
                let target = resolved(&name, &String::from_utf8_lossy(&target));
                index.links.insert(name, target);
            } else {
                let place = Place {
                    begins: entry.raw_file_position(),
                    size: entry.size(),
                };
                index.places.insert(name, place);
            }
        }
        Ok(index)
    }

    fn find(&self, name: &str) -> Result<Place, ImageArchiveError> {
        let target = self.links.get(name).map_or(name, String::as_str);
        let place = self.places.get(target).copied();
        place.ok_or_else(|| ImageArchiveError::Missing(name.to_owned()))
    }

    fn document(&self, archive: &mut File, name: &str) -> Result<Vec<u8>, Fault> {
        let mut content = Vec::new();
        part(archive, self.find(name)?)?.read_to_end(&mut content)?;
        Ok(content)
    }
}

fn part(archive: &mut File, place: Place) -> io::Result<io::Take<&mut File>> {
    archive.seek(SeekFrom::Start(place.begins))?;
    Ok(archive.take(place.size))
}

pub(super) fn repack(
    mut archive: File,
    target: &File,
    folder: &Path,
    repacking: Repacking<'_>,
) -> Result<(), Fault> {
    let index = Index::read(&mut archive)?;
    let manifest = index.document(&mut archive, "manifest.json")?;
    let entries: Vec<ManifestEntry> = parsed("manifest.json", &manifest)?;
    let mut builder = tar::Builder::new(io::BufWriter::new(target));
    let mut written: BTreeSet<String> = BTreeSet::new();
    let mut renewed = Vec::new();
    for entry in entries {
        let mut digests = Vec::new();
        for name in &entry.layers {
            go_on(repacking)?;
            let (content, digest) = layer(&mut archive, index.find(name)?, folder, repacking)?;
            let name = format!("{digest}/layer.tar");
            if written.insert(name.clone()) {
                append(&mut builder, &name, &content, repacking)?;
            }
            digests.push(digest);
        }
        let config = index.document(&mut archive, &entry.config)?;
        let config: Value = parsed(&entry.config, &config)?;
        let config = settled(config, &digests, repacking.time).to_string();
        let name = format!("{}.json", sha256(config.as_bytes()));
        if written.insert(name.clone()) {
            append_bytes(&mut builder, &name, config.as_bytes(), repacking)?;
        }
        let layers: Vec<String> = digests
            .iter()
            .map(|digest| format!("{digest}/layer.tar"))
            .collect();
        let names = entry.repo_tags.unwrap_or_default();
        renewed.push(json!({"Config": name, "RepoTags": names, "Layers": layers}));
    }
    let manifest = Value::Array(renewed).to_string();
    append_bytes(
        &mut builder,
        "manifest.json",
        manifest.as_bytes(),
        repacking,
    )?;
    builder.into_inner()?.flush()?;
    Ok(())
}

/// The layer without later times, in a file of its own, and its digest.
fn layer(
    archive: &mut File,
    place: Place,
    folder: &Path,
    repacking: Repacking<'_>,
) -> Result<(File, String), Fault> {
    let mut file = tempfile::tempfile_in(folder)?;
    let digest = if layer::has_later_times(part(archive, place)?, repacking.time)? {
        layer::clamp(part(archive, place)?, &file, repacking)?
    } else {
        layer::copy(part(archive, place)?, &file)?
    };
    file.rewind()?;
    Ok((file, digest))
}

/// A configuration with the digests of its layers, and no time after a given one.
fn settled(mut config: Value, digests: &[String], time: i64) -> Value {
    let latest = Timestamp::from_second(time).unwrap_or_default();
    if let Some(fields) = config.as_object_mut() {
        for name in OF_THE_MOMENT {
            fields.remove(name);
        }
        clamp(fields.get_mut("created"), latest);
        let history = fields.get_mut("history").and_then(Value::as_array_mut);
        for step in history.into_iter().flatten() {
            clamp(step.get_mut("created"), latest);
        }
    }
    let digests: Vec<String> = digests.iter().map(|it| format!("sha256:{it}")).collect();
    config["rootfs"]["diff_ids"] = json!(digests);
    config
}

fn clamp(created: Option<&mut Value>, latest: Timestamp) {
    let Some(created) = created else {
        return;
    };
    let time = created
        .as_str()
        .and_then(|text| text.parse::<Timestamp>().ok());
    if time.is_none_or(|time| time > latest) {
        *created = json!(latest.to_string());
    }
}

fn parsed<T: for<'d> serde::Deserialize<'d>>(
    name: &str,
    content: &[u8],
) -> Result<T, ImageArchiveError> {
    serde_json::from_slice(content).map_err(|source| ImageArchiveError::Document {
        name: name.to_owned(),
        source,
    })
}

fn header(size: u64, repacking: Repacking<'_>) -> Header {
    let mut header = Header::new_gnu();
    header.set_size(size);
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(u64::try_from(repacking.time).unwrap_or_default());
    header
}

fn append<W: Write>(
    builder: &mut tar::Builder<W>,
    name: &str,
    content: &File,
    repacking: Repacking<'_>,
) -> io::Result<()> {
    let mut header = header(content.metadata()?.len(), repacking);
    builder.append_data(&mut header, name, content)
}

fn append_bytes<W: Write>(
    builder: &mut tar::Builder<W>,
    name: &str,
    content: &[u8],
    repacking: Repacking<'_>,
) -> io::Result<()> {
    let mut header = header(content.len() as u64, repacking);
    builder.append_data(&mut header, name, content)
}
