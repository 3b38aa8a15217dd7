//! Trees on their way to the engine and back, as tar.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::thread;

use bollard::body_try_stream;
use bollard::query_parameters::{
    DownloadFromContainerOptionsBuilder, UploadToContainerOptionsBuilder,
};
use bytes::Bytes as Chunk;
use futures_util::StreamExt;
use tokio::sync::mpsc;

use super::{Container, EngineError};
use crate::cancel::Cancel;

/// How many pieces may be on their way between a thread and the runtime.
const PIECES: usize = 16;

/// The size of a piece.
const PIECE: usize = 256 * 1024;

/// What goes up: entries of a tar stream, written one after the other by a thread of its own.
pub struct Upload {
    archive: tar::Builder<Pieces>,
    owner: (u64, u64),
}

impl Upload {
    /// Sends what `write` adds into a container's file system, whose root is `/`. All entries belong to `owner`.
    ///
    /// # Errors
    /// What `write` failed with, else why the engine did not take it.
    pub fn send(
        container: &Container<'_>,
        owner: (u64, u64),
        cancel: &Cancel,
        write: impl FnOnce(&mut Upload) -> Result<(), EngineError> + Send,
    ) -> Result<(), EngineError> {
        let (sender, receiver) = mpsc::channel(PIECES);
        thread::scope(|scope| {
            let writer = scope.spawn(move || {
                let mut upload = Upload {
                    archive: tar::Builder::new(Pieces::new(sender)),
                    owner,
                };
                upload.archive.follow_symlinks(false);
                write(&mut upload)?;
                upload.finish().map_err(|source| EngineError::Lost {
                    doing: "sending the tree to the engine".to_owned(),
                    source,
                })
            });
            let sent = put(container, receiver, cancel);
            let written = writer.join().unwrap_or(Ok(()));
            // A writer whose reader is gone fails because of it; an engine whose writer is gone, because of that.
            match (written, sent) {
                (Err(EngineError::Lost { .. }) | Ok(()), sent) => sent,
                (Err(error), _) => Err(error),
            }
        })
    }

    /// Adds a folder of this owner.
    pub fn folder(&mut self, path: &str, mode: u32) -> Result<(), EngineError> {
        let mut header = self.header(tar::EntryType::Directory, mode);
        header.set_size(0);
        let added = self.archive.append_data(&mut header, path, io::empty());
        added.map_err(lost)
    }

    /// Adds a file of this owner.
    pub fn file(&mut self, path: &str, mode: u32, content: &[u8]) -> Result<(), EngineError> {
        let mut header = self.header(tar::EntryType::Regular, mode);
        header.set_size(content.len() as u64);
        let added = self.archive.append_data(&mut header, path, content);
        added.map_err(lost)
    }

    /// Adds a tree below `path`, without what `skip` says of paths relative to it. `sent` is told how many bytes went.
    pub fn tree(
        &mut self,
        root: &Path,
        path: &str,
        skip: &dyn Fn(&Path) -> bool,
        sent: &mut dyn FnMut(u64),
    ) -> Result<(), EngineError> {
        let mut pending = vec![PathBuf::new()];
        while let Some(relative) = pending.pop() {
            let place = root.join(&relative);
            let read = |source| EngineError::Io {
                action: "read",
                path: place.clone(),
                source,
            };
            let metadata = fs::symlink_metadata(&place).map_err(read)?;
            let target = Path::new(path).join(&relative);
            if metadata.is_dir() {
                for entry in fs::read_dir(&place).map_err(read)? {
                    let below = relative.join(entry.map_err(read)?.file_name());
                    if !skip(&below) {
                        pending.push(below);
                    }
                }
            }
            sent(self.entry(&place, &target, &metadata)?);
        }
        Ok(())
    }

    /// Adds what lies at `place`; sockets and the like are left out. Gives its size.
    fn entry(
        &mut self,
        place: &Path,
        target: &Path,
        metadata: &fs::Metadata,
    ) -> Result<u64, EngineError> {
        let read = |source| EngineError::Io {
            action: "read",
            path: place.to_owned(),
            source,
        };
        let mut header = tar::Header::new_gnu();
        header.set_metadata(metadata);
        header.set_uid(self.owner.0);
        header.set_gid(self.owner.1);
        if metadata.is_symlink() {
            let link = fs::read_link(place).map_err(read)?;
            header.set_size(0);
            let added = self.archive.append_link(&mut header, target, link);
            added.map_err(lost)?;
            return Ok(0);
        }
        if metadata.is_dir() {
            header.set_size(0);
            let added = self.archive.append_data(&mut header, target, io::empty());
            added.map_err(lost)?;
            return Ok(0);
        }
        if !metadata.is_file() {
            return Ok(0);
        }
        // A file that shrinks or grows while it is read must not shift what follows it.
        let content = fs::File::open(place).map_err(read)?;
        let content = content.take(metadata.len()).chain(io::repeat(0));
        let added = self
            .archive
            .append_data(&mut header, target, content.take(metadata.len()));
        added.map_err(lost)?;
        Ok(metadata.len())
    }

    fn header(&self, kind: tar::EntryType, mode: u32) -> tar::Header {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_mode(mode);
        header.set_uid(self.owner.0);
        header.set_gid(self.owner.1);
        header
    }

    fn finish(self) -> io::Result<()> {
        self.archive.into_inner()?.flush()
    }
}

fn lost(source: io::Error) -> EngineError {
    EngineError::Lost {
        doing: "sending files to the engine".to_owned(),
        source,
    }
}

fn put(
    container: &Container<'_>,
    receiver: mpsc::Receiver<Chunk>,
    cancel: &Cancel,
) -> Result<(), EngineError> {
    let options = UploadToContainerOptionsBuilder::new().path("/").build();
    let engine = container.engine;
    let body = futures_util::stream::unfold(receiver, |mut receiver| async {
        let piece = receiver.recv().await?;
        Some((Ok::<_, io::Error>(piece), receiver))
    });
    engine.run_wanted(cancel, async {
        engine
            .patient()
            .upload_to_container(&container.id, Some(options), body_try_stream(body))
            .await
            .map_err(|error| EngineError::of("sending files to the engine", error))
    })
}

/// A writer whose pieces the runtime takes.
#[derive(Debug)]
pub(super) struct Pieces {
    sender: mpsc::Sender<Chunk>,
    buffer: Vec<u8>,
}

impl Pieces {
    pub(super) fn new(sender: mpsc::Sender<Chunk>) -> Pieces {
        Pieces {
            sender,
            buffer: Vec::with_capacity(PIECE),
        }
    }
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = bytes.len().min(PIECE - self.buffer.len());
        self.buffer.extend_from_slice(&bytes[..count]);
        if self.buffer.len() == PIECE {
            self.flush()?;
        }
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let piece = std::mem::replace(&mut self.buffer, Vec::with_capacity(PIECE));
        self.sender
            .blocking_send(piece.into())
            .map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

/// What comes back: the tar stream of a path in a container.
pub(super) struct Download<'a> {
    container: &'a Container<'a>,
    path: String,
    cancel: &'a Cancel,
    first: Option<Chunk>,
    pieces: std::pin::Pin<Box<dyn futures_util::Stream<Item = Result<Chunk, EngineError>> + 'a>>,
}

impl<'a> Download<'a> {
    /// Begins; `None` where there is no such path.
    pub(super) fn start(
        container: &'a Container<'a>,
        path: &str,
        cancel: &'a Cancel,
    ) -> Result<Option<Download<'a>>, EngineError> {
        let options = DownloadFromContainerOptionsBuilder::new()
            .path(path)
            .build();
        let doing = format!("getting {path} from the engine");
        let engine = container.engine;
        let pieces = engine
            .docker
            .download_from_container(&container.id, Some(options))
            .map(move |piece| piece.map_err(|error| EngineError::of(doing.clone(), error)));
        let mut download = Download {
            container,
            path: path.to_owned(),
            cancel,
            first: None,
            pieces: Box::pin(pieces),
        };
        match download.next() {
            Ok(first) => {
                download.first = first;
                Ok(Some(download))
            }
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn next(&mut self) -> Result<Option<Chunk>, EngineError> {
        let pieces = &mut self.pieces;
        let next = async { pieces.next().await.transpose() };
        self.container.engine.run_wanted(self.cancel, next)
    }

    /// Calls `each` for every file with its path below the folder that was asked for.
    pub(super) fn each_file(
        &mut self,
        each: &mut dyn FnMut(&Path, &mut dyn Read) -> io::Result<()>,
    ) -> Result<(), EngineError> {
        let doing = format!("getting {} from the engine", self.path);
        let mut error = None;
        let reader = Incoming {
            download: self,
            chunk: Chunk::new(),
            error: &mut error,
        };
        let mut archive = tar::Archive::new(reader);
        let read = (|| {
            for entry in archive.entries()? {
                let mut entry = entry?;
                let path = entry.path()?.into_owned();
                // The first part is the name of the folder itself.
                let below: PathBuf = path.components().skip(1).collect();
                if entry.header().entry_type().is_file() {
                    each(&below, &mut entry)?;
                }
            }
            Ok(())
        })();
        drop(archive);
        match (error, read) {
            (Some(error), _) => Err(error),
            (None, read) => read.map_err(|source| EngineError::Lost { doing, source }),
        }
    }
}

/// Pieces as a reader; an error of the engine is kept beside, for a reader can only pass on those of the system.
struct Incoming<'a, 'b> {
    download: &'a mut Download<'b>,
    chunk: Chunk,
    error: &'a mut Option<EngineError>,
}

impl Read for Incoming<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.chunk.is_empty() {
            let next = match self.download.first.take() {
                Some(first) => Ok(Some(first)),
                None => self.download.next(),
            };
            match next {
                Ok(Some(chunk)) => self.chunk = chunk,
                Ok(None) => return Ok(0),
                Err(error) => {
                    *self.error = Some(error);
                    return Err(io::ErrorKind::BrokenPipe.into());
                }
            }
        }
        let count = buffer.len().min(self.chunk.len());
        buffer[..count].copy_from_slice(&self.chunk.split_to(count));
        Ok(count)
    }
}

/// Writes the files of a folder in a container below a folder of this machine, those that `wanted` says of their paths
/// relative to it. A file appears whole or not at all.
///
/// # Errors
/// What the engine or this machine's disk says. A path that leads outside the folder is an error, too.
pub fn unpack(
    container: &Container<'_>,
    from: &str,
    to: &Path,
    wanted: &dyn Fn(&Path) -> bool,
    cancel: &Cancel,
) -> Result<(), EngineError> {
    let Some(mut download) = Download::start(container, from, cancel)? else {
        return Ok(());
    };
    let mut failed = None;
    let unpacked = download.each_file(&mut |relative, content| {
        if !wanted(relative) || !stays_below(relative) {
            return Ok(());
        }
        let path = to.join(relative);
        place(&path, content).inspect_err(|error| {
            failed = Some(EngineError::Io {
                action: "write",
                path,
                source: io::Error::new(error.kind(), error.to_string()),
            });
        })
    });
    match failed {
        Some(error) => Err(error),
        None => unpacked,
    }
}

fn stays_below(path: &Path) -> bool {
    path.components()
        .all(|part| matches!(part, std::path::Component::Normal(_)))
}

fn place(path: &Path, content: &mut dyn Read) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    io::copy(content, &mut file)?;
    file.as_file()
        .set_permissions(fs::Permissions::from_mode(0o755))?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}
