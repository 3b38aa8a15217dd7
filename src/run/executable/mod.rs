//! What an executable file is, read from its headers and its data, without running it.
//!
//! An artifact's exit code and name prove nothing: it must be for the platform that was asked for, linked as the tree says,
//! and carry the stamp. A file is never read into memory as a whole: headers are read where they stand, and one pass over
//! the data gives both its checksums and which texts stand in it.

mod build_info;
mod layout;
mod scan;
#[cfg(test)]
mod testing;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Seek};
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use build_info::GoBuildInfo;

use crate::bytes::Bytes;
use crate::error::{Explain, Kind};
pub use crate::plan::Linkage;
use crate::platform::Platform;
use layout::Layout;
use scan::Scan;

/// What an executable file is.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Executable {
    /// The file's size in bytes.
    pub size: Bytes,
    /// The SHA-256 of its content, in hexadecimal.
    pub sha256: String,
    /// The SHA-512 of its content, in hexadecimal.
    pub sha512: String,
    /// The format of its headers.
    pub format: Format,
    /// What it runs on.
    pub platform: Platform,
    /// How it is linked; only ELF files tell. Go links every program for macOS with `libSystem`, and every one for Windows
    /// with `kernel32`, also those that it calls static.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub linkage: Option<Linkage>,
    /// What Go recorded of the build; nothing where the program is not Go's or its Go is older than 1.13.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub build_info: Option<GoBuildInfo>,
    /// The texts that were asked for, and whether each stands in the file's data.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub strings: BTreeMap<String, bool>,
}

/// The format of an executable's headers.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Linux and the BSDs.
    Elf,
    /// macOS.
    MachO,
    /// Windows.
    Pe,
}

/// Why a file could not be read as an executable.
#[derive(Debug, thiserror::Error)]
pub enum ExecutableError {
    /// The file cannot be read.
    #[error("cannot read `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// It is no executable, or only a part of one.
    #[error("`{}` is not a whole executable: {reason}", path.display())]
    NotExecutable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

impl ExecutableError {
    fn read(path: &Path) -> impl Fn(io::Error) -> ExecutableError {
        move |source| ExecutableError::Read {
            path: path.to_owned(),
            source,
        }
    }
}

impl Explain for ExecutableError {
    fn kind(&self) -> Kind {
        Kind::Step
    }
}

/// Reads what the executable at `path` is, and which of `needles` stand in its data.
///
/// The stamp has to be looked for like that: with `-trimpath` Go leaves the `-ldflags` out of the build information.
///
/// # Errors
///
/// The file cannot be read, or is no whole executable.
pub fn inspect(path: &Path, needles: &[&str]) -> Result<Executable, ExecutableError> {
    let mut file = File::open(path).map_err(ExecutableError::read(path))?;
    let layout = Layout::read(&file).map_err(|reason| ExecutableError::NotExecutable {
        path: path.to_owned(),
        reason,
    })?;
    let build_info = GoBuildInfo::read(&file, &layout).map_err(ExecutableError::read(path))?;
    let scan = whole_file(&mut file, needles).map_err(ExecutableError::read(path))?;
    let strings = needles.iter().map(|needle| (*needle).to_owned());
    Ok(Executable {
        size: Bytes(scan.size),
        sha256: scan.sums.sha256,
        sha512: scan.sums.sha512,
        format: layout.format,
        platform: layout.platform,
        linkage: layout.linkage,
        build_info,
        strings: strings.zip(scan.found).collect(),
    })
}

/// Tells for each of `needles` whether it stands in the file's data, whatever kind of file it is.
///
/// # Errors
///
/// The file cannot be read.
pub fn contains(path: &Path, needles: &[&str]) -> Result<Vec<bool>, ExecutableError> {
    let scan = File::open(path).and_then(|mut file| whole_file(&mut file, needles));
    Ok(scan.map_err(ExecutableError::read(path))?.found)
}

fn whole_file(file: &mut File, needles: &[&str]) -> io::Result<Scan> {
    file.rewind()?;
    scan::scan(file, needles, scan::PIECE)
}

#[cfg(test)]
mod tests {
    use super::testing::{elf, write};
    use super::*;
    use crate::hexadecimal::{Checksums, sha256_of_file};

    #[test]
    fn tells_what_a_file_is_and_what_stands_in_it() {
        let image = elf().with_data(b"clientset v1.35.0-alpha.0 and more");
        let (_folder, path) = write(&image.content);
        let executable = inspect(&path, &["v1.35.0-alpha.0", "v1.34.1"]).unwrap();
        let strings = [("v1.34.1", false), ("v1.35.0-alpha.0", true)];
        assert_eq!(
            executable,
            Executable {
                size: Bytes(image.content.len() as u64),
                sha256: sha256_of_file(&path).unwrap(),
                sha512: Checksums::of_file(&path).unwrap().sha512,
                format: Format::Elf,
                platform: "linux/amd64".parse().unwrap(),
                linkage: Some(Linkage::Static),
                build_info: None,
                strings: strings.map(|(text, found)| (text.to_owned(), found)).into(),
            }
        );
        let json = serde_json::to_string(&executable).unwrap();
        assert_eq!(
            serde_json::from_str::<Executable>(&json).unwrap(),
            executable
        );
    }

    #[test]
    fn one_pass_gives_checksum_and_texts() {
        let (_folder, path) = write(b"abc");
        assert_eq!(
            sha256_of_file(&path).unwrap(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(
            contains(&path, &["bc", "cb", "abcd"]).unwrap(),
            [true, false, false]
        );
    }

    #[test]
    fn refuses_what_is_no_whole_executable() {
        let whole = elf().content;
        let cases: [(&[u8], &str); 5] = [
            (b"", "it is empty"),
            (b"#!/bin/sh\necho kubectl\n", "it is a script"),
            (
                b"!<arch>\nsomething that is long enough",
                "it is no ELF, Mach-O or PE file",
            ),
            (&whole[..70], "Invalid ELF program header"),
            (&whole[..whole.len() - 1], "it ends after"),
        ];
        for (content, reason) in cases {
            let (_folder, path) = write(content);
            let error = inspect(&path, &[]).unwrap_err();
            assert!(error.to_string().contains(reason), "{error}");
        }
    }

    #[test]
    fn a_missing_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let error = inspect(&folder.path().join("kubectl"), &[]).unwrap_err();
        assert!(matches!(&error, ExecutableError::Read { path, .. } if path.ends_with("kubectl")));
        assert_eq!(error.kind(), Kind::Step);
    }
}
