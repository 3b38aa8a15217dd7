//! The image with Go and the cross compilers in which releases are built.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::TreeError;
use super::bash::Shell;
use super::source_text::SourceText;

/// The kube-cross image that a tree asks for.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct KubeCross {
    /// The image without its tag, as the tree writes it: `registry.k8s.io/build-image/kube-cross`.
    pub image: String,
    /// The tag: `v1.35.0-go1.25.1-bullseye.0`.
    pub tag: String,
    /// The file that holds the tag.
    pub read_from: String,
}

impl KubeCross {
    /// `build` is the folder of the release scripts; `shell` has read its `common.sh`.
    pub(super) fn read(
        source: &SourceText<'_>,
        build: &str,
        shell: &Shell<'_>,
    ) -> Result<Option<KubeCross>, TreeError> {
        let version_file = format!("{build}/build-image/cross/VERSION");
        let in_file = source
            .read(&version_file)?
            .map(|text| text.trim().to_owned());
        let in_script = ["KUBE_CROSS_VERSION", "KUBE_BUILD_IMAGE_CROSS_TAG"]
            .iter()
            .find_map(|name| shell.first(name));
        let (tag, read_from) = match (in_file, in_script) {
            (Some(tag), _) if !tag.is_empty() => (tag, version_file),
            (_, Some(tag)) if tag.starts_with('v') => (tag, format!("{build}/common.sh")),
            _ => return Ok(None),
        };
        let image = match shell.first("KUBE_CROSS_IMAGE") {
            Some(image) if !image.is_empty() => Some(image),
            _ => from_dockerfile(source, &format!("{build}/build-image/Dockerfile"))?,
        };
        Ok(image.map(|image| KubeCross {
            image,
            tag,
            read_from,
        }))
    }
}

/// `FROM k8s.gcr.io/kube-cross:KUBE_BUILD_IMAGE_CROSS_TAG`, where `sed` puts the tag in.
fn from_dockerfile(source: &SourceText<'_>, path: &str) -> Result<Option<String>, TreeError> {
    let Some(text) = source.read(path)? else {
        return Ok(None);
    };
    let image = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("FROM ")?.trim().split_once(':'))
        .map(|(image, _)| image)
        .find(|image| image.ends_with("kube-cross"));
    Ok(image.map(str::to_owned))
}
