//! What a plan builds with: a Go on the host, or an image that has one.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::identity::ToolchainIdentity;

/// What carries a step out.
#[derive(
    Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, PartialOrd, Serialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Executor {
    /// make, on this machine.
    #[default]
    Native,
    /// make, in a container.
    Docker,
}

/// Where an image comes from.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ImageOrigin {
    /// A registry: its digest is known to others.
    Registry,
    /// The engine has it, and no registry is known to: somebody made it there.
    Local,
    /// kubewright made it, for want of upstream's.
    StandIn,
}

/// The image that steps run in.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct ImageIdentity {
    /// Its name.
    pub reference: String,
    /// What names its content for good, `sha256:…`: the registry's digest, else the engine's own. `None` while the engine
    /// does not have it yet.
    pub digest: Option<String>,
    /// Where it comes from; `None` while the engine does not have it yet.
    pub origin: Option<ImageOrigin>,
    /// The image that the tree asks for, where it names one.
    pub wanted: Option<String>,
    /// Whether the user named it, so that it need not be the tree's.
    pub named: bool,
}

/// An image that images of a release are built on.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct BaseImage {
    /// The variable by which the tree's scripts take it.
    pub variable: String,
    /// The image.
    pub image: ImageIdentity,
}

/// What a plan builds with.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Equipment {
    /// The Go: of the host, or of the image.
    pub toolchain: ToolchainIdentity,
    /// The image; `None` for a native build.
    pub image: Option<ImageIdentity>,
    /// What images of a release are built on.
    pub base_images: Vec<BaseImage>,
}

impl Equipment {
    /// What carries the steps that compile out.
    pub fn executor(&self) -> Executor {
        match self.image {
            Some(_) => Executor::Docker,
            None => Executor::Native,
        }
    }

    /// What decides the content of artifacts; `None` where the image is not there yet.
    pub(super) fn content(&self) -> Option<&str> {
        match &self.image {
            Some(image) => image.digest.as_deref(),
            None => Some(&self.toolchain.version),
        }
    }
}

impl ImageIdentity {
    /// What the user should know of it before the build starts.
    pub(super) fn remark(&self) -> Option<String> {
        let reference = &self.reference;
        Some(match self.origin? {
            ImageOrigin::StandIn => format!(
                "the image {reference} is a stand-in that kubewright made, and not upstream's"
            ),
            ImageOrigin::Local => format!(
                "the image {reference} has no digest of a registry: somebody made it on this engine"
            ),
            ImageOrigin::Registry => return None,
        })
    }
}
