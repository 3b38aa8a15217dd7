//! Getting an image from a registry, with progress by layer.

use std::collections::HashMap;
use std::io;

use bollard::query_parameters::CreateImageOptionsBuilder;
use futures_util::StreamExt;

use super::{Engine, EngineError, Image, ImageReference};
use crate::cancel::Cancel;
use crate::error::{Explain, Kind};

/// How far a pull is.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct PullProgress {
    /// How many layers are there.
    pub layers_done: usize,
    /// How many the image has, as far as is known.
    pub layers: usize,
    /// How many bytes of the layers that are under way have come.
    pub bytes: u64,
    /// How many bytes those layers have, as far as is known.
    pub bytes_in_all: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Layer {
    bytes: u64,
    in_all: u64,
    done: bool,
}

/// The layers of an image, as the engine's messages tell of them.
#[derive(Debug, Default)]
struct Layers(HashMap<String, Layer>);

impl Layers {
    /// Takes in one message; its words are those of `distribution/pull_v2.go` of the engine.
    fn note(&mut self, id: &str, status: &str, current: Option<i64>, total: Option<i64>) {
        let is_layer = id.len() == 12 && id.chars().all(|c| c.is_ascii_hexdigit());
        if !is_layer {
            return;
        }
        let layer = self.0.entry(id.to_owned()).or_default();
        let size =
            |count: Option<i64>| u64::try_from(count.unwrap_or_default()).unwrap_or_default();
        match status {
            "Downloading" => {
                layer.bytes = size(current);
                layer.in_all = layer.in_all.max(size(total));
            }
            "Download complete" | "Extracting" | "Verifying Checksum" => layer.bytes = layer.in_all,
            "Pull complete" | "Already exists" => {
                layer.bytes = layer.in_all;
                layer.done = true;
            }
            _ => {}
        }
    }

    fn progress(&self) -> PullProgress {
        PullProgress {
            layers_done: self.0.values().filter(|layer| layer.done).count(),
            layers: self.0.len(),
            bytes: self.0.values().map(|layer| layer.bytes).sum(),
            bytes_in_all: self.0.values().map(|layer| layer.in_all).sum(),
        }
    }
}

impl Engine {
    /// Gets an image for the engine's own platform, and checks that it is for it.
    ///
    /// # Errors
    /// [`EngineError::NoImage`] where no registry gives it, with what the engine says of that.
    pub fn pull(
        &self,
        reference: &ImageReference,
        cancel: &Cancel,
        progress: &mut dyn FnMut(PullProgress),
    ) -> Result<Image, EngineError> {
        let options = CreateImageOptionsBuilder::new()
            .from_image(&reference.name)
            .tag(reference.version())
            .platform(&self.profile.platform.to_string())
            .build();
        let pulling = async {
            let mut layers = Layers::default();
            let patient = self.patient();
            let mut messages = std::pin::pin!(patient.create_image(Some(options), None, None));
            while let Some(message) = messages.next().await {
                let message = message
                    .map_err(|error| EngineError::of(format!("pulling {reference}"), error))?;
                let detail = message.progress_detail.unwrap_or_default();
                let (id, status) = (
                    message.id.unwrap_or_default(),
                    message.status.unwrap_or_default(),
                );
                layers.note(&id, &status, detail.current, detail.total);
                progress(layers.progress());
            }
            Ok(())
        };
        self.run_wanted(cancel, pulling)
            .map_err(|error| not_had(reference, error))?;
        let image = self.image(reference)?.ok_or_else(|| EngineError::NoImage {
            image: reference.to_string(),
            source: io::Error::other("the engine pulled it, and does not have it"),
        })?;
        self.suits(&image)?;
        Ok(image)
    }

    /// Whether the engine runs what the image is for. It may know an emulator; a build in one takes hours.
    pub fn suits(&self, image: &Image) -> Result<(), EngineError> {
        if image.platform == self.profile.platform {
            return Ok(());
        }
        Err(EngineError::WrongPlatform {
            image: image.reference.clone(),
            found: image.platform.clone(),
            expected: self.profile.platform.clone(),
        })
    }
}

/// What the registry or the way to it is to blame for is told from what the engine is.
fn not_had(reference: &ImageReference, error: EngineError) -> EngineError {
    match error {
        EngineError::Refused { message, .. } => EngineError::NoImage {
            image: reference.to_string(),
            source: io::Error::other(message),
        },
        error => {
            debug_assert_ne!(error.kind(), Kind::Source);
            error
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_are_counted_and_their_bytes_added() {
        let mut layers = Layers::default();
        for (id, status, current, total) in [
            ("v1.35.0", "Pulling from build-image/kube-cross", None, None),
            ("aaaaaaaaaaaa", "Pulling fs layer", None, None),
            ("bbbbbbbbbbbb", "Already exists", None, None),
            ("aaaaaaaaaaaa", "Downloading", Some(40), Some(100)),
        ] {
            layers.note(id, status, current, total);
        }
        let half = layers.progress();
        assert_eq!((half.layers_done, half.layers), (1, 2));
        assert_eq!((half.bytes, half.bytes_in_all), (40, 100));
        layers.note("aaaaaaaaaaaa", "Pull complete", None, None);
        let whole = layers.progress();
        assert_eq!((whole.layers_done, whole.bytes), (2, 100));
    }
}
