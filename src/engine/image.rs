//! Images that an engine has.

use std::io::Read;

use bollard::models::ImageInspect;

use super::archive::Download;
use super::container::{Container, ContainerOrder};
use super::{Engine, EngineError, ImageReference, Labels, Purpose};
use crate::cancel::Cancel;
use crate::platform::Platform;

/// Where images that have no `GOROOT` of their own keep Go, by the official Go image.
const GO_ROOT: &str = "/usr/local/go";

/// An image that an engine has.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Image {
    /// The name by which it was found.
    pub reference: String,
    /// The engine's own name for it: `sha256:…`.
    pub id: String,
    /// The digest under which a registry knows it; `None` where it did not come from one.
    pub digest: Option<String>,
    /// What it runs on.
    pub platform: Platform,
    /// The environment that it gives its containers.
    pub environment: Vec<(String, String)>,
    /// What it was made for, where kubewright made it.
    pub purpose: Option<Purpose>,
}

impl Image {
    fn new(reference: &ImageReference, found: ImageInspect) -> Image {
        let config = found.config.unwrap_or_default();
        let labels = config.labels.unwrap_or_default();
        let platform = format!(
            "{}/{}",
            found.os.unwrap_or_else(|| "linux".to_owned()),
            found.architecture.unwrap_or_default()
        );
        let environment = config.env.unwrap_or_default();
        Image {
            reference: reference.to_string(),
            id: found.id.unwrap_or_default(),
            digest: digest(&reference.name, &found.repo_digests.unwrap_or_default()),
            platform: platform.parse().unwrap_or_else(|_| Platform::host()),
            environment: environment
                .iter()
                .filter_map(|pair| pair.split_once('='))
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            purpose: Labels::read(&labels).map(|labels| labels.purpose),
        }
    }

    /// What names its content for good: the registry's digest, else the engine's own.
    pub fn content(&self) -> &str {
        self.digest.as_deref().unwrap_or(&self.id)
    }

    /// A variable of its environment.
    pub fn variable(&self, name: &str) -> Option<&str> {
        let mut variables = self.environment.iter();
        variables
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// Where it keeps Go.
    pub fn go_root(&self) -> &str {
        self.variable("GOROOT").unwrap_or(GO_ROOT)
    }
}

/// Of several names that registries know it by, the one that was asked for.
fn digest(name: &str, known: &[String]) -> Option<String> {
    let digests = known.iter().filter_map(|known| known.split_once('@'));
    let mut of_name = digests.clone().filter(|(known, _)| *known == name);
    let found = of_name.next().or_else(|| digests.clone().next())?;
    Some(found.1.to_owned())
}

impl Engine {
    /// An image, if the engine has it.
    pub fn image(&self, reference: &ImageReference) -> Result<Option<Image>, EngineError> {
        let name = reference.to_string();
        let doing = format!("looking for the image {name}");
        match self.run(&doing, self.docker.inspect_image(&name)) {
            Ok(found) => Ok(Some(Image::new(reference, found))),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The version of the Go in an image, without `go`; `None` where there is none. It is read from the file that every Go
    /// carries, so nothing of the image is run.
    pub fn go_version(
        &self,
        image: &Image,
        cancel: &Cancel,
    ) -> Result<Option<String>, EngineError> {
        let order = ContainerOrder {
            argv: vec!["true".to_owned()],
            ..ContainerOrder::new(image, Labels::new(Purpose::Look, ""))
        };
        let container = Container::create(self, &order)?;
        let path = format!("{}/VERSION", image.go_root());
        let Some(mut download) = Download::start(&container, &path, cancel)? else {
            return Ok(None);
        };
        let mut text = String::new();
        download.each_file(&mut |_, file| {
            file.take(1024).read_to_string(&mut text)?;
            Ok(())
        })?;
        let first = text.split_whitespace().next().unwrap_or_default();
        Ok(first.strip_prefix("go").map(str::to_owned))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_of_the_name_that_was_asked_for_is_taken() {
        let known =
            ["mirror/kube-cross@sha256:b", "registry/kube-cross@sha256:a"].map(str::to_owned);
        assert_eq!(digest("registry/kube-cross", &known).unwrap(), "sha256:a");
        assert_eq!(digest("other", &known).unwrap(), "sha256:b");
        assert_eq!(digest("other", &[]), None);
    }
}
