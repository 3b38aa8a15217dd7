//! Archives of a release with fixed times, order and owner, so that the same commit gives the same bytes.
//!
//! Upstream's scripts pack with the clock's time and the order of the file system, and engines write when an image was built.
//! What is packed is left as it is; archives in archives are packed anew as well.

mod image;
mod layer;
mod tarball;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::thread;

use crate::cancel::Cancel;
use crate::error::{Explain, Kind};
use crate::report::image_archive::{ImageArchiveError, is_image_archive};

/// How deep archives may lie in each other: tarballs of a release hold one with the sources, or image archives.
const DEEPEST: u32 = 4;

/// What archives are packed anew with.
#[derive(Clone, Copy, Debug)]
pub struct Repacking<'a> {
    /// The time that everything gets, in seconds since 1970: `SOURCE_DATE_EPOCH`.
    pub time: i64,
    /// The wish to stop.
    pub cancel: &'a Cancel,
}

/// Why an archive cannot be packed anew. It is left as it was.
#[derive(Debug, thiserror::Error)]
pub enum RepackError {
    /// It cannot be read or written.
    #[error("`{}` cannot be packed anew", .path.display())]
    Io {
        /// The archive.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// It is no sound archive of images.
    #[error("`{}` cannot be packed anew", .path.display())]
    Image {
        /// The archive.
        path: PathBuf,
        /// Why not.
        source: ImageArchiveError,
    },
    /// There is nothing.
    #[error("there is nothing to pack anew in {}", .0.iter().map(|it| format!("`{}`", it.display())).collect::<Vec<_>>().join(", "))]
    Nothing(Vec<PathBuf>),
    /// A signal.
    #[error("packing anew was interrupted")]
    Interrupted(u8),
}

impl Explain for RepackError {
    fn kind(&self) -> Kind {
        match self {
            RepackError::Io { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                Kind::OutOfDisk
            }
            RepackError::Nothing(_) => Kind::Usage,
            RepackError::Interrupted(signal) => Kind::Signal(*signal),
            RepackError::Io { .. } | RepackError::Image { .. } => Kind::Step,
        }
    }
}

/// Why one archive cannot be packed anew, before it has a name.
#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error(transparent)]
    Image(#[from] ImageArchiveError),
    #[error("interrupted")]
    Interrupted(u8),
}

impl Fault {
    fn of(self, path: &Path) -> RepackError {
        let path = path.to_owned();
        match self {
            Fault::Io(source) => RepackError::Io { path, source },
            Fault::Image(source) => RepackError::Image { path, source },
            Fault::Interrupted(signal) => RepackError::Interrupted(signal),
        }
    }
}

/// What an archive is by its name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Form {
    Tarball,
    Images,
}

impl Form {
    fn of(name: &[u8]) -> Option<Form> {
        if name.ends_with(b".tar.gz") || name.ends_with(b".tgz") {
            Some(Form::Tarball)
        } else if name.ends_with(b".tar") {
            Some(Form::Images)
        } else {
            None
        }
    }
}

/// Packs every tarball and every archive of images below these folders anew, as many at once as there are CPUs, and gives
/// their paths. Each is replaced whole or not at all. A folder that is not there holds none.
pub fn repack(folders: &[PathBuf], repacking: Repacking<'_>) -> Result<Vec<PathBuf>, RepackError> {
    let mut archives = Vec::new();
    for folder in folders {
        find(folder, &mut archives).map_err(|error| Fault::from(error).of(folder))?;
    }
    archives.sort();
    if archives.is_empty() {
        return Err(RepackError::Nothing(folders.to_vec()));
    }
    let queue = Mutex::new(archives.iter());
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
    let work = || -> Result<(), RepackError> {
        while let Some(path) = next() {
            one(path, repacking).map_err(|fault| fault.of(path))?;
        }
        Ok(())
    };
    let workers = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let running: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        let ended = running.into_iter().map(|worker| {
            worker
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        });
        // All are waited for, and the first that failed is told of.
        let ended: Vec<_> = ended.collect();
        ended.into_iter().collect::<Result<Vec<()>, _>>()
    })?;
    Ok(archives)
}

fn find(folder: &Path, archives: &mut Vec<PathBuf>) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let (path, kind) = (entry.path(), entry.file_type()?);
        if kind.is_dir() {
            find(&path, archives)?;
        } else if kind.is_file() {
            match Form::of(path.as_os_str().as_encoded_bytes()) {
                Some(Form::Tarball) => archives.push(path),
                Some(Form::Images) if is_image_archive(&path) => archives.push(path),
                _ => {}
            }
        }
    }
    Ok(())
}

/// One archive, which appears anew by rename, with the mode that it had.
fn one(path: &Path, repacking: Repacking<'_>) -> Result<(), Fault> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let archive = File::open(path)?;
    let permissions = archive.metadata()?.permissions();
    let target = tempfile::NamedTempFile::new_in(folder)?;
    let form = Form::of(path.as_os_str().as_encoded_bytes());
    packed(form, archive, target.as_file(), folder, repacking, DEEPEST)?;
    target.as_file().set_permissions(permissions)?;
    target
        .persist(path)
        .map_err(|error| Fault::Io(error.error))?;
    Ok(())
}

/// Packs an archive of a form into another file; what has no form is copied. Temporary files lie in `folder`.
fn packed(
    form: Option<Form>,
    mut archive: File,
    target: &File,
    folder: &Path,
    repacking: Repacking<'_>,
    depth: u32,
) -> Result<(), Fault> {
    match form {
        Some(Form::Tarball) => tarball::repack(archive, target, folder, repacking, depth),
        Some(Form::Images) => image::repack(archive, target, folder, repacking),
        None => {
            io::copy(&mut archive, &mut &*target)?;
            Ok(())
        }
    }
}

/// Ends the work where that is wished.
fn go_on(repacking: Repacking<'_>) -> Result<(), Fault> {
    if repacking.cancel.is_requested() {
        return Err(Fault::Interrupted(repacking.cancel.signal()));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
