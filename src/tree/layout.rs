//! Where a build leaves what it makes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bash::Shell;

/// The folders that a build writes to, below the tree's root.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct OutputLayout {
    /// Everything that a build makes lies here; `_output`, as a rule.
    pub root: String,
    /// Where a native build puts binaries, one folder a platform: `_output/local/bin`.
    pub binaries: String,
    /// Where a build in a container puts them: `_output/dockerized/bin`.
    pub dockerized: String,
    /// GOPATH of a native build: `_output/local/go`.
    pub go_path: String,
    /// Where Go's build cache lies unless the environment says otherwise; `None` where the scripts
    /// leave it to Go.
    pub go_cache: Option<String>,
    /// Where Go's module cache lies unless the environment says otherwise; `None` where the scripts
    /// leave it to Go.
    pub module_cache: Option<String>,
    /// Whether GOCACHE of the environment is honoured; otherwise the scripts overwrite it.
    pub honours_go_cache: bool,
    /// Where releases are put together.
    pub release_stage: Option<String>,
    /// Where a release's image archives land, one folder an architecture.
    pub release_images: Option<String>,
    /// Where a release's tarballs land.
    pub release_tars: Option<String>,
}

/// The function that prepares Go's environment.
pub(super) const SETUP: &str = "kube::golang::setup_env";

impl OutputLayout {
    /// Reads it from a shell that has sourced `hack/lib/init.sh`, `golang.sh`, the release scripts,
    /// and called [`SETUP`]. `honours_go_cache` is found out by a second call, with GOCACHE set.
    pub(super) fn read(shell: &mut Shell<'_>) -> OutputLayout {
        let path = |name: &str| shell.relative(name);
        let either = |first: &str, second: &str| path(first).or_else(|| path(second));
        let output = path("KUBE_OUTPUT").unwrap_or_else(|| "_output/local".to_owned());
        let container =
            path("LOCAL_OUTPUT_SUBPATH").unwrap_or_else(|| "_output/dockerized".to_owned());
        let mut layout = OutputLayout {
            root: path("LOCAL_OUTPUT_ROOT").unwrap_or_else(|| "_output".to_owned()),
            binaries: either("KUBE_OUTPUT_BIN", "KUBE_OUTPUT_BINPATH")
                .unwrap_or_else(|| format!("{output}/bin")),
            dockerized: path("LOCAL_OUTPUT_BINPATH").unwrap_or_else(|| format!("{container}/bin")),
            go_path: path("KUBE_GOPATH").unwrap_or_else(|| format!("{output}/go")),
            go_cache: path("GOCACHE"),
            module_cache: path("GOMODCACHE"),
            honours_go_cache: true,
            release_stage: path("RELEASE_STAGE"),
            release_images: path("RELEASE_IMAGES"),
            release_tars: either("RELEASE_TARS", "RELEASE_DIR"),
        };
        shell.set("GOCACHE", "/elsewhere");
        shell.call(SETUP);
        layout.honours_go_cache = shell.first("GOCACHE").as_deref() == Some("/elsewhere");
        layout
    }
}
