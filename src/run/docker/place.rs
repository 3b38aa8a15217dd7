//! Where things lie in a container.

use std::path::PathBuf;

use crate::engine::Image;
use crate::run::roots::Roots;

/// Upstream's place for the tree: old trees need to lie at their import path.
pub(in crate::run) const SOURCE: &str = "/go/src/k8s.io/kubernetes";

/// The version file, outside of the tree, so that none is left in it.
pub(super) const VERSION: &str = "/kubewright/version";

/// Go's caches.
pub(super) const CACHE: &str = "/cache";

/// Where the roots of a plan lie in a container of an image.
pub(super) fn roots(image: &Image) -> Roots {
    Roots {
        source: PathBuf::from(SOURCE),
        run: PathBuf::from("/kubewright"),
        toolchain: PathBuf::from(image.go_root()),
        path: image
            .variable("PATH")
            .unwrap_or("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
            .into(),
        // Everybody may write there, whoever they are; the user of a step is not known to the image.
        home: PathBuf::from("/tmp"),
        cache: PathBuf::from(CACHE),
        // No step in a container talks to the engine or calls this program.
        engine: String::new(),
        kubewright: PathBuf::new(),
    }
}
