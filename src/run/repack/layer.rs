//! A layer of an image without times after a given one. A layer that has none of them, as those of base images, stays as it is
//! to the last byte, and so keeps its digest.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};

use sha2::{Digest, Sha256};
use tar::EntryType;

use super::{Fault, Repacking, go_on};
use crate::hexadecimal::hexadecimal;

const BLOCK: u64 = 512;

/// Hashes what goes through.
struct Hashed<'f> {
    inner: BufWriter<&'f File>,
    hash: Sha256,
}

impl<'f> Hashed<'f> {
    fn new(target: &'f File) -> Hashed<'f> {
        Hashed {
            inner: BufWriter::new(target),
            hash: Sha256::new(),
        }
    }

    fn end(mut self) -> io::Result<String> {
        self.inner.flush()?;
        Ok(hexadecimal(&self.hash.finalize()))
    }
}

impl Write for Hashed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.hash.update(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Whether a layer has a time after `latest`, in seconds since 1970.
pub(super) fn has_later_times(layer: impl Read, latest: i64) -> io::Result<bool> {
    let seconds = u64::try_from(latest).unwrap_or_default();
    let mut archive = tar::Archive::new(BufReader::new(layer));
    for entry in archive.entries()?.raw(true) {
        let mut entry = entry?;
        if entry.header().mtime()? > seconds {
            return Ok(true);
        }
        if entry.header().entry_type() == EntryType::XHeader {
            let mut records = Vec::new();
            entry.read_to_end(&mut records)?;
            if without_later_times(&records, latest) != records {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Copies a layer as it is, and gives its SHA-256.
pub(super) fn copy(mut layer: impl Read, target: &File) -> io::Result<String> {
    let mut out = Hashed::new(target);
    io::copy(&mut layer, &mut out)?;
    out.end()
}

/// Copies a layer, in which every later time becomes `repacking.time`, and gives its SHA-256.
pub(super) fn clamp(
    layer: impl Read,
    target: &File,
    repacking: Repacking<'_>,
) -> Result<String, Fault> {
    let mut out = Hashed::new(target);
    let latest = u64::try_from(repacking.time).unwrap_or_default();
    let mut layer = BufReader::new(layer);
    let mut archive = tar::Archive::new(&mut layer);
    for entry in archive.entries()?.raw(true) {
        go_on(repacking)?;
        let mut entry = entry?;
        let mut header = entry.header().clone();
        if header.mtime()? > latest {
            header.set_mtime(latest);
            header.set_cksum();
        }
        let size = header.entry_size()?;
        if header.entry_type() == EntryType::XHeader {
            let mut records = Vec::new();
            entry.read_to_end(&mut records)?;
            let kept = without_later_times(&records, repacking.time);
            if kept.is_empty() {
                continue;
            }
            header.set_size(kept.len() as u64);
            header.set_cksum();
            out.write_all(header.as_bytes())?;
            out.write_all(&kept)?;
            pad(&mut out, kept.len() as u64)?;
            continue;
        }
        out.write_all(header.as_bytes())?;
        let copied = io::copy(&mut entry, &mut out)?;
        if copied != size {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
        pad(&mut out, size)?;
    }
    // What ends an archive.
    out.write_all(&[0; 2 * BLOCK as usize])?;
    Ok(out.end()?)
}

fn pad(out: &mut impl Write, size: u64) -> io::Result<()> {
    let rest = (BLOCK - size % BLOCK) % BLOCK;
    out.write_all(&vec![0; rest as usize])
}

/// The records of a PAX header (`LENGTH NAME=VALUE\n`) without times after `latest`; the header of the file has its own.
fn without_later_times(records: &[u8], latest: i64) -> Vec<u8> {
    let mut kept = Vec::new();
    let mut rest = records;
    while let Some((length, _)) = split_once(rest, b' ') {
        let length: usize = std::str::from_utf8(length)
            .ok()
            .and_then(|text| text.parse().ok())
            .unwrap_or(rest.len());
        let (record, after) = rest.split_at(length.clamp(1, rest.len()));
        if !is_later(record, latest) {
            kept.extend_from_slice(record);
        }
        rest = after;
    }
    kept
}

fn is_later(record: &[u8], latest: i64) -> bool {
    let text = String::from_utf8_lossy(record);
    let Some((name, value)) = text
        .split_once(' ')
        .and_then(|(_, assignment)| assignment.split_once('='))
    else {
        return false;
    };
    let time = value.trim_end().parse::<f64>();
    ["mtime", "atime", "ctime"].contains(&name) && time.is_ok_and(|time| time > latest as f64)
}

fn split_once(bytes: &[u8], separator: u8) -> Option<(&[u8], &[u8])> {
    let at = bytes.iter().position(|byte| *byte == separator)?;
    Some((&bytes[..at], &bytes[at + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_times_go_from_the_records_of_a_header() {
        let records = b"20 mtime=1000000001\n12 path=abc\n20 atime=1000000000\n";
        assert_eq!(
            without_later_times(records, 1_000_000_000),
            b"12 path=abc\n20 atime=1000000000\n"
        );
        assert_eq!(without_later_times(b"", 1), b"");
        assert_eq!(without_later_times(b"garbage", 1), b"");
        assert_eq!(without_later_times(b"99 x=y\n", 1), b"99 x=y\n");
    }
}
