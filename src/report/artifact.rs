//! What a run leaves behind that somebody wanted.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::bytes::Bytes;
use crate::plan::Linkage;
use crate::platform::Platform;
use crate::report::image_archive::ArchivedImage;
use crate::run::executable::GoBuildInfo;

/// A file that a run built, checked and kept.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct Artifact {
    /// The component's name, or the file's name where it is no component.
    pub name: String,
    /// The version that it carries, where it carries one.
    pub version: Option<String>,
    /// What it is, or what is in it, runs on; `None` where that is no one platform.
    pub platform: Option<Platform>,
    /// The step that built it.
    pub step: String,
    /// Where it lies, relative to the run's folder.
    pub path: String,
    /// Its size.
    pub size: Bytes,
    /// The SHA-256 of its content, 64 hex digits.
    pub sha256: String,
    /// The SHA-512 of its content, 128 hex digits; `None` in manifests of before it was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha512: Option<String>,
    /// The images in it, where it is an archive of images.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<ArchivedImage>,
    /// What decides its content, as a hash; `None` where no later run may take it over.
    pub key: Option<String>,
    /// How it is linked, where it is an executable of Linux.
    pub linkage: Option<Linkage>,
    /// What Go wrote into it: the version of Go and the settings of the build.
    pub go: Option<GoBuildInfo>,
    /// The earlier run that built it, where this one did not have to.
    pub from_run: Option<String>,
}

impl Artifact {
    /// The name with the platform: `kubectl linux/amd64`.
    pub fn title(&self) -> String {
        match &self.platform {
            Some(platform) => format!("{} {platform}", self.name),
            None => self.name.clone(),
        }
    }
}
