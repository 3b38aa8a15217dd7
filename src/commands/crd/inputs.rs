//! The files that are read.

use std::fs;
use std::io::{self, Read};
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use crate::cancel::Cancel;
use crate::crd::document::{Document, Limits, ReadError, objects, read};
use crate::error::{Error, Explain, Kind};
use crate::report::{Output, Style};

/// A file's name, and what it holds.
pub(super) struct Input {
    pub(super) name: String,
    /// Where it lies; what is a stream lies nowhere.
    pub(super) path: Option<PathBuf>,
    pub(super) bytes: Vec<u8>,
    /// Which of the arguments named it, or its folder.
    pub(super) argument: usize,
    /// The answer with which the API server is to refuse it, where a file beside it says so.
    pub(super) expected: Option<String>,
}

/// A file cannot be had.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unread {
    /// It cannot be read.
    #[error("cannot read `{}`", .path.display())]
    Io { path: PathBuf, source: io::Error },
    /// A folder has nothing to read.
    #[error("no file in `{}` ends in .yaml, .yml or .json", .0.display())]
    Nothing(PathBuf),
    /// The user interrupted it, with this signal.
    #[error("interrupted while `{name}` was read")]
    Interrupted { name: String, signal: u8 },
}

impl Explain for Unread {
    fn kind(&self) -> Kind {
        match self {
            Unread::Io { .. } | Unread::Nothing(_) => Kind::Usage,
            Unread::Interrupted { signal, .. } => Kind::Signal(*signal),
        }
    }
}

/// A file is no YAML.
#[derive(Debug, thiserror::Error)]
#[error("`{name}` cannot be read: {} at {}", .source.message, .source.at)]
pub(super) struct NotYaml {
    name: String,
    source: ReadError,
}

impl Explain for NotYaml {
    fn kind(&self) -> Kind {
        Kind::Usage
    }
}

/// The objects of one file.
pub(super) fn documents(path: &Path, cancel: &Cancel) -> Result<Vec<Document>, Error> {
    let mut documents = Vec::new();
    for Input { name, bytes, .. } in all(&[path.to_owned()], cancel)? {
        let read = read(&bytes, Limits::default());
        documents.extend(read.map_err(|source| NotYaml { name, source })?);
    }
    Ok(objects(documents))
}

/// All files that are named, and those of folders that are named: what ends in .yaml, .yml or .json, sorted, and not in hidden
/// folders below.
pub(super) fn all(paths: &[PathBuf], cancel: &Cancel) -> Result<Vec<Input>, Unread> {
    let mut reading = Reading {
        cancel,
        argument: 0,
        inputs: Vec::new(),
    };
    for (argument, path) in paths.iter().enumerate() {
        reading.argument = argument;
        let before = reading.inputs.len();
        reading.add(path)?;
        if reading.inputs.len() == before {
            return Err(Unread::Nothing(path.clone()));
        }
    }
    Ok(reading.inputs)
}

struct Reading<'c> {
    cancel: &'c Cancel,
    argument: usize,
    inputs: Vec<Input>,
}

impl Reading<'_> {
    fn add(&mut self, path: &Path) -> Result<(), Unread> {
        if path.as_os_str() == "-" {
            let bytes = self.stream("<stdin>", path, || Ok(io::stdin()))?;
            self.push("<stdin>".to_owned(), None, bytes);
            return Ok(());
        }
        let name = path.display().to_string();
        let metadata = fs::metadata(path).map_err(unreadable(path))?;
        if metadata.is_dir() {
            return self.folder(path);
        }
        if metadata.is_file() {
            return self.file(path);
        }
        let file = path.to_owned();
        let bytes = self.stream(&name, path, move || fs::File::open(file))?;
        self.push(name, None, bytes);
        Ok(())
    }

    fn file(&mut self, path: &Path) -> Result<(), Unread> {
        let bytes = fs::read(path).map_err(unreadable(path))?;
        self.push(path.display().to_string(), Some(path.to_owned()), bytes);
        Ok(())
    }

    fn push(&mut self, name: String, path: Option<PathBuf>, bytes: Vec<u8>) {
        self.inputs.push(Input {
            name,
            path,
            bytes,
            argument: self.argument,
            expected: None,
        });
    }

    fn folder(&mut self, path: &Path) -> Result<(), Unread> {
        let entries = fs::read_dir(path).map_err(unreadable(path))?;
        let entries = entries.map(|entry| Ok(entry?.path()));
        let entries: io::Result<Vec<PathBuf>> = entries.collect();
        let mut entries = entries.map_err(unreadable(path))?;
        entries.sort();
        for entry in entries {
            let extension = entry.extension().and_then(|extension| extension.to_str());
            let is_manifest = matches!(extension, Some("yaml" | "yml" | "json"));
            // Links to folders are not followed: they may lead in circles.
            let metadata = entry.symlink_metadata().map_err(unreadable(&entry))?;
            if metadata.is_dir() {
                if !is_hidden(&entry) {
                    self.folder(&entry)?;
                }
            } else if is_manifest && entry.is_file() {
                self.file(&entry)?;
                let expected = fs::read_to_string(entry.with_extension("expect")).ok();
                if let Some(input) = self.inputs.last_mut() {
                    input.expected = expected;
                }
            } else if is_manifest && !entry.is_dir() {
                let kind = entry.metadata().map_or("leads nowhere", |metadata| {
                    kind_of_special(metadata.file_type())
                });
                let warning = Style::of_stderr().caution("warning:");
                Output.talk(&format!(
                    "{warning} `{}` {kind}, and is left alone",
                    entry.display()
                ));
            }
        }
        Ok(())
    }

    /// Reads what may never end, or never begin: whoever interrupts is heard meanwhile.
    fn stream<R: Read>(
        &self,
        name: &str,
        path: &Path,
        open: impl FnOnce() -> io::Result<R> + Send + 'static,
    ) -> Result<Vec<u8>, Unread> {
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            // One byte more than is read of any file tells that there are too many.
            let most = Limits::default().bytes as u64 + 1;
            let mut bytes = Vec::new();
            let read = open().and_then(|file| file.take(most).read_to_end(&mut bytes));
            // Nobody waits for it any more after an interrupt.
            let _ = sender.send(read.map(|_| bytes));
        });
        loop {
            match receiver.recv_timeout(LOOK) {
                Ok(read) => return read.map_err(unreadable(path)),
                Err(RecvTimeoutError::Disconnected) => {
                    let source = io::Error::other("its reader has gone");
                    return Err(unreadable(path)(source));
                }
                Err(RecvTimeoutError::Timeout) if self.cancel.is_requested() => {
                    return Err(Unread::Interrupted {
                        name: name.to_owned(),
                        signal: self.cancel.signal(),
                    });
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }
}

/// Whether it is a folder of some tool, as `.git` is.
fn is_hidden(folder: &Path) -> bool {
    let name = folder.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| name.starts_with('.'))
}

/// How often it is looked whether somebody interrupted.
const LOOK: Duration = Duration::from_millis(50);

fn unreadable(path: &Path) -> impl FnOnce(io::Error) -> Unread {
    let path = path.to_owned();
    move |source| Unread::Io { path, source }
}

fn kind_of_special(kind: fs::FileType) -> &'static str {
    if kind.is_fifo() {
        "is a named pipe"
    } else if kind.is_socket() {
        "is a socket"
    } else {
        "is a device"
    }
}
