//! A tarball packed anew: sorted by name, owned by root, all of one time.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use tar::{EntryType, Header};

use super::{Fault, Form, Repacking, go_on, packed};
use crate::report::image_archive::has_manifest;

/// An entry of the tarball, and where its content begins in the unpacked archive.
struct Item {
    name: Vec<u8>,
    link: Option<Vec<u8>>,
    header: Header,
    begins: u64,
    size: u64,
}

impl Item {
    /// Names in order, what holds for all first, and links to files behind the files.
    fn order(&self) -> (u8, &[u8]) {
        let class = match self.header.entry_type() {
            EntryType::XGlobalHeader => 0,
            EntryType::Link => 2,
            _ => 1,
        };
        (class, &self.name)
    }

    /// A header with what is to stay: kind, mode and size.
    fn header(&self, size: u64, time: u64) -> io::Result<Header> {
        let mut header = Header::new_gnu();
        header.set_entry_type(self.header.entry_type());
        header.set_mode(self.header.mode()? & 0o7777);
        header.set_size(size);
        header.set_mtime(time);
        header.set_uid(0);
        header.set_gid(0);
        Ok(header)
    }
}

pub(super) fn repack(
    archive: File,
    target: &File,
    folder: &Path,
    repacking: Repacking<'_>,
    depth: u32,
) -> Result<(), Fault> {
    let mut plain = tempfile::tempfile_in(folder)?;
    copy(
        &mut GzDecoder::new(BufReader::new(archive)),
        &mut plain,
        repacking,
    )?;
    let mut items = items(&mut plain)?;
    items.sort_by(|a, b| a.order().cmp(&b.order()));
    let time = u64::try_from(repacking.time).unwrap_or_default();
    // No name and no time in the header of gzip.
    let compressed = GzEncoder::new(BufWriter::new(target), Compression::default());
    let mut builder = tar::Builder::new(compressed);
    for item in &items {
        go_on(repacking)?;
        append(
            &mut builder,
            item,
            &mut plain,
            time,
            folder,
            repacking,
            depth,
        )?;
    }
    builder.into_inner()?.finish()?.flush()?;
    Ok(())
}

fn items(plain: &mut File) -> io::Result<Vec<Item>> {
    plain.rewind()?;
    let mut archive = tar::Archive::new(&*plain);
    let mut items = Vec::new();
    for entry in archive.entries_with_seek()? {
        let entry = entry?;
        items.push(Item {
            name: entry.path_bytes().into_owned(),
            link: entry.link_name_bytes().map(std::borrow::Cow::into_owned),
            header: entry.header().clone(),
            begins: entry.raw_file_position(),
            size: entry.size(),
        });
    }
    Ok(items)
}

fn append<W: Write>(
    builder: &mut tar::Builder<W>,
    item: &Item,
    plain: &mut File,
    time: u64,
    folder: &Path,
    repacking: Repacking<'_>,
    depth: u32,
) -> Result<(), Fault> {
    let kind = item.header.entry_type();
    let path = as_path(&item.name);
    if kind == EntryType::XGlobalHeader {
        // git archive's note of the commit, which is no file.
        let mut header = item.header.clone();
        header.set_mtime(time);
        header.set_cksum();
        builder.append(&header, content(plain, item)?)?;
        return Ok(());
    }
    if let Some(link) = &item.link {
        let mut header = item.header(0, time)?;
        builder.append_link(&mut header, path, as_path(link))?;
        return Ok(());
    }
    let form = Form::of(&item.name).filter(|_| kind.is_file() && depth > 0);
    let Some(form) = form else {
        let mut header = item.header(item.size, time)?;
        let content = Interruptible {
            inner: content(plain, item)?,
            repacking,
        };
        let appended = builder.append_data(&mut header, path, content);
        go_on(repacking)?;
        return Ok(appended?);
    };
    let mut inner = tempfile::tempfile_in(folder)?;
    copy(&mut content(plain, item)?, &mut inner, repacking)?;
    inner.rewind()?;
    let form = match form {
        Form::Images if !has_manifest(&mut inner) => None,
        form => Some(form),
    };
    inner.rewind()?;
    let mut again = tempfile::tempfile_in(folder)?;
    packed(form, inner, &again, folder, repacking, depth - 1)?;
    let size = again.seek(SeekFrom::End(0))?;
    again.rewind()?;
    let mut header = item.header(size, time)?;
    builder.append_data(&mut header, path, &again)?;
    Ok(())
}

fn content<'f>(plain: &'f mut File, item: &Item) -> io::Result<io::Take<&'f mut File>> {
    plain.seek(SeekFrom::Start(item.begins))?;
    Ok(plain.take(item.size))
}

/// Ends in the middle of a large file, too.
struct Interruptible<'a, R> {
    inner: R,
    repacking: Repacking<'a>,
}

impl<R: Read> Read for Interruptible<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.repacking.cancel.is_requested() {
            return Err(io::Error::other("interrupted"));
        }
        self.inner.read(buffer)
    }
}

fn copy(from: &mut impl Read, to: &mut File, repacking: Repacking<'_>) -> Result<(), Fault> {
    let mut from = Interruptible {
        inner: from,
        repacking,
    };
    let copied = io::copy(&mut from, to);
    go_on(repacking)?;
    copied?;
    Ok(())
}

#[cfg(unix)]
fn as_path(name: &[u8]) -> &Path {
    use std::os::unix::ffi::OsStrExt;
    Path::new(std::ffi::OsStr::from_bytes(name))
}
