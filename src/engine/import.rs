//! An image out of files of this machine, as an archive that every engine takes (`docker load`).
//!
//! The Docker image specification, version 1.2: a layer, a configuration that names the layer by its SHA-256, and a
//! manifest that names both. `docker import` would be simpler, but Podman loses name and environment there.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::Path;

use bollard::body_try_stream;
use bollard::query_parameters::ImportImageOptionsBuilder;
use futures_util::StreamExt;
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;

use super::archive::Pieces;
use super::{Engine, EngineError, Image, ImageReference, Labels};
use crate::cancel::Cancel;
use crate::hexadecimal::{hexadecimal, sha256};
use crate::platform::Platform;

/// What an image is to be beside its files.
#[derive(Clone, Debug)]
pub struct Import<'a> {
    /// Its name.
    pub reference: &'a ImageReference,
    /// What it runs on.
    pub platform: &'a Platform,
    /// The environment that it gives its containers.
    pub environment: &'a [(&'a str, &'a str)],
    /// What its containers run where they are told nothing else; nothing where it is empty.
    pub entrypoint: &'a [&'a str],
    /// What it is for.
    pub labels: &'a Labels,
    /// Where its files may lie while they are packed.
    pub scratch: &'a Path,
}

/// The files of an image, packed.
struct Layer {
    file: File,
    size: u64,
    sha256: String,
}

impl Engine {
    /// Makes an image of the files that `write` puts into a tar stream.
    pub fn import(
        &self,
        import: &Import<'_>,
        cancel: &Cancel,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<Image, EngineError> {
        let mut layer = pack(import.scratch, write).map_err(|source| EngineError::Io {
            action: "write files in",
            path: import.scratch.to_owned(),
            source,
        })?;
        let configuration = configuration(import, &layer.sha256);
        self.send_images(cancel, |pieces| {
            archive(import, &configuration, &mut layer, pieces)
        })?;
        let image = self.image(import.reference)?;
        image.ok_or_else(|| EngineError::NoImage {
            image: import.reference.to_string(),
            source: io::Error::other("the engine took it in, and does not have it"),
        })
    }

    /// Sends an archive of images (`docker load`).
    pub fn load(&self, archive: &Path, cancel: &Cancel) -> Result<(), EngineError> {
        let io = |source| EngineError::Io {
            action: "read",
            path: archive.to_owned(),
            source,
        };
        let mut file = File::open(archive).map_err(io)?;
        self.send_images(cancel, |pieces| io::copy(&mut file, pieces).map(|_| ()))
    }

    fn send_images(
        &self,
        cancel: &Cancel,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()> + Send,
    ) -> Result<(), EngineError> {
        let (sender, receiver) = mpsc::channel(16);
        let (sent, taken) = std::thread::scope(|scope| {
            let writer = scope.spawn(move || {
                let mut pieces = Pieces::new(sender);
                write(&mut pieces)?;
                pieces.flush()
            });
            let taken = self.take_in(receiver, cancel);
            (writer.join().unwrap_or(Ok(())), taken)
        });
        taken?;
        sent.map_err(|source| EngineError::Lost {
            doing: "sending an image to the engine".to_owned(),
            source,
        })
    }

    fn take_in(
        &self,
        receiver: mpsc::Receiver<bytes::Bytes>,
        cancel: &Cancel,
    ) -> Result<(), EngineError> {
        let options = ImportImageOptionsBuilder::new().quiet(true).build();
        let body = futures_util::stream::unfold(receiver, |mut receiver| async {
            let piece = receiver.recv().await?;
            Some((Ok::<_, io::Error>(piece), receiver))
        });
        self.run_wanted(cancel, async {
            let patient = self.patient();
            let messages = patient.import_image(options, body_try_stream(body), None);
            let mut messages = std::pin::pin!(messages);
            while let Some(message) = messages.next().await {
                message.map_err(|error| EngineError::of("taking in an image", error))?;
            }
            Ok(())
        })
    }
}

/// A writer that counts and hashes.
struct Measured<'a> {
    file: &'a mut File,
    size: u64,
    hash: Sha256,
}

impl Write for Measured<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.file.write(bytes)?;
        self.hash.update(&bytes[..count]);
        self.size += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// The files in a nameless file: an archive tells the size of what follows.
fn pack(scratch: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<Layer> {
    let mut file = tempfile::tempfile_in(scratch)?;
    let mut measured = Measured {
        file: &mut file,
        size: 0,
        hash: Sha256::new(),
    };
    let mut buffered = io::BufWriter::with_capacity(1 << 20, &mut measured);
    write(&mut buffered)?;
    buffered.flush()?;
    drop(buffered);
    let (size, sha256) = (measured.size, hexadecimal(&measured.hash.finalize()));
    file.rewind()?;
    Ok(Layer { file, size, sha256 })
}

fn configuration(import: &Import<'_>, layer: &str) -> Vec<u8> {
    let environment: Vec<String> = import
        .environment
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    // In one order, so that the same image has the same name.
    let labels: BTreeMap<String, String> = import.labels.to_map().into_iter().collect();
    let mut config = serde_json::json!({ "Env": environment, "Labels": labels });
    if !import.entrypoint.is_empty() {
        config["Entrypoint"] = import.entrypoint.into();
    }
    let configuration = serde_json::json!({
        "architecture": import.platform.arch(),
        "os": import.platform.os(),
        "created": "1970-01-01T00:00:00Z",
        "config": config,
        "rootfs": { "type": "layers", "diff_ids": [format!("sha256:{layer}")] },
        "history": [{ "created": "1970-01-01T00:00:00Z", "created_by": "kubewright" }],
    });
    configuration.to_string().into_bytes()
}

fn archive(
    import: &Import<'_>,
    configuration: &[u8],
    layer: &mut Layer,
    writer: &mut dyn Write,
) -> io::Result<()> {
    let name = format!("{}.json", sha256(configuration));
    let place = format!("{}/layer.tar", layer.sha256);
    let manifest = serde_json::json!([{
        "Config": name,
        "RepoTags": [import.reference.to_string()],
        "Layers": [place],
    }]);
    let mut archive = tar::Builder::new(writer);
    add(
        &mut archive,
        &name,
        configuration.len() as u64,
        configuration,
    )?;
    add(&mut archive, &place, layer.size, &mut layer.file)?;
    let manifest = manifest.to_string().into_bytes();
    add(
        &mut archive,
        "manifest.json",
        manifest.len() as u64,
        manifest.as_slice(),
    )?;
    archive.into_inner()?.flush()
}

fn add(
    archive: &mut tar::Builder<&mut dyn Write>,
    path: &str,
    size: u64,
    content: impl Read,
) -> io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_mode(0o644);
    header.set_size(size);
    archive.append_data(&mut header, path, content)
}
