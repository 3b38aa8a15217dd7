//! An image out of a folder of this machine.

use std::io;

use bollard::body_try_stream;
use bollard::query_parameters::CreateImageOptionsBuilder;
use futures_util::StreamExt;
use tokio::sync::mpsc;

use super::archive::Pieces;
use super::{Engine, EngineError, Image, ImageReference, Labels};
use crate::cancel::Cancel;

/// What an image is to be beside its files.
#[derive(Clone, Debug)]
pub struct Import<'a> {
    /// Its name.
    pub reference: &'a ImageReference,
    /// The environment that it gives its containers.
    pub environment: &'a [(&'a str, &'a str)],
    /// What it is for.
    pub labels: &'a Labels,
}

impl Engine {
    /// Makes an image of the files that `write` puts into a tar stream.
    pub fn import(
        &self,
        import: &Import<'_>,
        cancel: &Cancel,
        write: impl FnOnce(&mut dyn io::Write) -> io::Result<()> + Send,
    ) -> Result<Image, EngineError> {
        let changes: Vec<String> = import
            .environment
            .iter()
            .map(|(name, value)| format!("ENV {name}={value}"))
            .chain(
                import
                    .labels
                    .to_map()
                    .iter()
                    .map(|(name, value)| format!("LABEL {name}=\"{value}\"")),
            )
            .collect();
        let options = CreateImageOptionsBuilder::new()
            .from_src("-")
            .repo(&import.reference.name)
            .tag(import.reference.version())
            .changes(changes)
            .platform(&self.profile.platform.to_string())
            .build();
        let (sender, receiver) = mpsc::channel(16);
        let (written, taken) = std::thread::scope(|scope| {
            let writer = scope.spawn(move || {
                let mut pieces = Pieces::new(sender);
                write(&mut pieces)?;
                io::Write::flush(&mut pieces)
            });
            let taken = self.take_in(options, receiver, cancel);
            (writer.join().unwrap_or(Ok(())), taken)
        });
        taken?;
        written.map_err(|source| EngineError::Lost {
            doing: "sending an image to the engine".to_owned(),
            source,
        })?;
        let image = self.image(import.reference)?;
        image.ok_or_else(|| EngineError::NoImage {
            image: import.reference.to_string(),
            source: io::Error::other("the engine imported it, and does not have it"),
        })
    }

    fn take_in(
        &self,
        options: bollard::query_parameters::CreateImageOptions,
        receiver: mpsc::Receiver<bytes::Bytes>,
        cancel: &Cancel,
    ) -> Result<(), EngineError> {
        let body = futures_util::stream::unfold(receiver, |mut receiver| async {
            let piece = receiver.recv().await?;
            Some((Ok::<_, io::Error>(piece), receiver))
        });
        self.run_wanted(cancel, async {
            let patient = self.patient();
            let messages = patient.create_image(Some(options), Some(body_try_stream(body)), None);
            let mut messages = std::pin::pin!(messages);
            while let Some(message) = messages.next().await {
                message.map_err(|error| EngineError::of("importing an image", error))?;
            }
            Ok(())
        })
    }
}
