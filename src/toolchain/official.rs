//! The way that needs no Go at all: the archives of Go's own site or of a mirror, checked against
//! the SHA-256 that is published beside each (`go1.24.6.linux-amd64.tar.gz.sha256`).

use std::fs::File;
use std::io::{BufReader, Write};
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use sha2::{Digest, Sha256};
use tar::Archive;

use super::error::WayError;
use super::transfer::{Transfer, without_credentials};
use super::{GoVersion, Surroundings};
use crate::bytes::Bytes;
use crate::cancel::Cancel;
use crate::hexadecimal::hexadecimal;
use crate::platform::Platform;

/// The most that a checksum file may hold: a checksum and a file name.
const CHECKSUM_FILE: usize = 4 << 10;

/// How far the official download is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Stage {
    Downloading(Bytes, Option<Bytes>),
    Unpacking,
}

/// Downloads `version` for this machine into `folder`, checks it, unpacks it there and returns the
/// tree.
pub(super) fn download(
    version: &GoVersion,
    surroundings: &Surroundings,
    folder: &Path,
    cancel: &Cancel,
    on_stage: &mut dyn FnMut(Stage),
) -> Result<PathBuf, WayError> {
    let name = archive_name(version, &Platform::host());
    let url = format!("{}/{name}", surroundings.download_base);
    let expected = published_checksum(&format!("{url}.sha256"), surroundings, cancel)?;
    let archive = folder.join(&name);
    let actual = save(&url, &archive, surroundings, cancel, on_stage)?;
    if actual != expected {
        return Err(WayError::Checksum {
            url: without_credentials(&url),
            expected,
            actual,
        });
    }
    on_stage(Stage::Unpacking);
    let unpacked = folder.join("unpacked");
    unpack(&archive, &unpacked, cancel)?;
    // Every archive of Go holds one folder of that name.
    Ok(unpacked.join("go"))
}

/// The archive's name on Go's site, which calls 32-bit ARM by its oldest supported version.
pub(super) fn archive_name(version: &GoVersion, platform: &Platform) -> String {
    let arch = match platform.arch() {
        "arm" => "armv6l",
        other => other,
    };
    format!("{}.{}-{arch}.tar.gz", version.name(), platform.os())
}

/// The first word of the checksum file: some mirrors add the file's name.
fn published_checksum(
    url: &str,
    surroundings: &Surroundings,
    cancel: &Cancel,
) -> Result<String, WayError> {
    let no_checksum =
        || WayError::Refused(format!("`{}` holds no SHA-256", without_credentials(url)));
    let mut text = Vec::new();
    Transfer::start(url, surroundings)?.read(cancel, &mut |data, _| {
        text.extend_from_slice(data);
        // An error page instead of a checksum.
        (text.len() <= CHECKSUM_FILE)
            .then_some(())
            .ok_or_else(no_checksum)
    })?;
    let text = String::from_utf8_lossy(&text);
    let word = text.split_whitespace().next().unwrap_or_default();
    let is_checksum = word.len() == 64 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_checksum
        .then(|| word.to_ascii_lowercase())
        .ok_or_else(no_checksum)
}

/// Streams `url` into a file, and returns its SHA-256 in hexadecimal.
fn save(
    url: &str,
    path: &Path,
    surroundings: &Surroundings,
    cancel: &Cancel,
    on_stage: &mut dyn FnMut(Stage),
) -> Result<String, WayError> {
    let mut file = File::create(path).map_err(WayError::file("create", path))?;
    let mut hash = Sha256::new();
    let mut done = 0;
    Transfer::start(url, surroundings)?.read(cancel, &mut |data, total| {
        file.write_all(data)
            .map_err(WayError::file("write", path))?;
        hash.update(data);
        done += data.len() as u64;
        on_stage(Stage::Downloading(Bytes(done), total.map(Bytes)));
        Ok(())
    })?;
    Ok(hexadecimal(&hash.finalize()))
}

fn unpack(archive: &Path, folder: &Path, cancel: &Cancel) -> Result<(), WayError> {
    std::fs::create_dir(folder).map_err(WayError::file("create", folder))?;
    let unpacking = |source| WayError::File {
        action: "unpack",
        path: archive.to_owned(),
        source,
    };
    let file = File::open(archive).map_err(unpacking)?;
    let mut archive = Archive::new(GzDecoder::new(BufReader::new(file)));
    for entry in archive.entries().map_err(unpacking)? {
        if cancel.is_requested() {
            return Err(WayError::Interrupted);
        }
        // Nothing is ever written outside of the folder; such an entry is skipped.
        entry
            .and_then(|mut entry| entry.unpack_in(folder))
            .map_err(unpacking)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn archives_are_named_as_on_gos_site() {
        let name = |version: &str, platform: &str| {
            archive_name(&version.parse().unwrap(), &platform.parse().unwrap())
        };
        assert_eq!(name("1.24.6", "linux/amd64"), "go1.24.6.linux-amd64.tar.gz");
        assert_eq!(name("1.20", "darwin/arm64"), "go1.20.darwin-arm64.tar.gz");
        assert_eq!(name("1.21.0", "linux/arm"), "go1.21.0.linux-armv6l.tar.gz");
    }
}
