//! Checksums as people and tools write them.

use std::fmt::Write;
use std::fs::File;
use std::io::{self, Read};
use std::panic::resume_unwind;
use std::path::Path;
use std::sync::mpsc::{self, SyncSender};
use std::thread::{self, JoinHandle};

use sha2::{Digest, Sha256, Sha512};

/// Bytes in lower-case hexadecimal digits, as `sha256sum` writes them.
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The SHA-256 of some bytes, in 64 hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// The SHA-256 of a file, in 64 hexadecimal digits.
pub fn sha256_of_file(path: &Path) -> io::Result<String> {
    sha256_of(&mut File::open(path)?)
}

/// The SHA-256 of all that is left to read, in 64 hexadecimal digits.
pub fn sha256_of(reader: &mut impl Read) -> io::Result<String> {
    let mut hash = Sha256::new();
    pieces(reader, |piece| hash.update(piece))?;
    Ok(hexadecimal(&hash.finalize()))
}

/// Reads to the end, piece by piece.
fn pieces(reader: &mut impl Read, mut each: impl FnMut(&[u8])) -> io::Result<()> {
    let mut piece = vec![0; 256 << 10];
    loop {
        match reader.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(count) => each(&piece[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// The checksums of a file, each in hexadecimal digits.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Checksums {
    /// The SHA-256.
    pub sha256: String,
    /// The SHA-512.
    pub sha512: String,
}

impl Checksums {
    /// Reads a file once for both.
    pub fn of_file(path: &Path) -> io::Result<Checksums> {
        let mut summing = Summing::default();
        pieces(&mut File::open(path)?, |piece| summing.update(piece))?;
        Ok(summing.finish())
    }
}

/// Both checksums of what is given to it piece by piece. Each takes as long as the other, and whoever built waits for them: the
/// second is made by a thread of its own.
#[derive(Debug)]
pub struct Summing {
    sha256: Sha256,
    pieces: SyncSender<Vec<u8>>,
    sha512: JoinHandle<String>,
}

/// How many pieces may wait for the second checksum.
const WAITING: usize = 4;

impl Default for Summing {
    fn default() -> Summing {
        let (sender, receiver) = mpsc::sync_channel::<Vec<u8>>(WAITING);
        let sha512 = thread::spawn(move || {
            let mut hash = Sha512::new();
            for piece in receiver {
                hash.update(&piece);
            }
            hexadecimal(&hash.finalize())
        });
        Summing {
            sha256: Sha256::new(),
            pieces: sender,
            sha512,
        }
    }
}

impl Summing {
    /// One piece more.
    pub fn update(&mut self, piece: &[u8]) {
        // The other end is there until `finish`, unless it panicked, which that hands on.
        let _ = self.pieces.send(piece.to_owned());
        self.sha256.update(piece);
    }

    /// The checksums of all pieces.
    pub fn finish(self) -> Checksums {
        drop(self.pieces);
        let sha256 = hexadecimal(&self.sha256.finalize());
        let sha512 = self
            .sha512
            .join()
            .unwrap_or_else(|panic| resume_unwind(panic));
        Checksums { sha256, sha512 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_what_sha256sum_prints() {
        assert_eq!(
            sha256(b"abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn a_file_has_both_checksums() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "abc").unwrap();
        let found = Checksums::of_file(file.path()).unwrap();
        assert_eq!(found.sha256, sha256(b"abc"));
        assert_eq!(sha256_of_file(file.path()).unwrap(), sha256(b"abc"));
        assert!(found.sha512.starts_with("ddaf35a193617abacc417349ae204131"));
        assert_eq!(found.sha512.len(), 128);
    }
}
