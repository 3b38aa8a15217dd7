//! What a toolchain is looked for in, and downloaded with.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where Go's own site keeps its downloads; mirrors have the same layout.
pub const DEFAULT_DOWNLOAD_BASE: &str = "https://dl.google.com/go";

/// The variables of the user's environment that reach the `go` programs which are run here, and the
/// official download: how the network is reached, and whom it is trusted to.
pub const PASSED_THROUGH: [&str; 20] = [
    "ALL_PROXY",
    "GOAUTH",
    "GOENV",
    "GOINSECURE",
    "GONOPROXY",
    "GONOSUMDB",
    "GOPRIVATE",
    "GOPROXY",
    "GOSUMDB",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NETRC",
    "NO_PROXY",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "XDG_CONFIG_HOME",
    "all_proxy",
    "http_proxy",
    "https_proxy",
    "no_proxy",
];

/// What a toolchain is looked for in, and downloaded with: everything that comes from the user's
/// environment.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// The user's PATH.
    pub path: OsString,
    /// The user's home directory: Go's settings, credentials and shims are found from it.
    pub home: PathBuf,
    /// Those of [`PASSED_THROUGH`] that are set.
    pub environment: BTreeMap<String, OsString>,
    /// The folder that holds kubewright's toolchains, `$KUBEWRIGHT_HOME/toolchains`.
    pub store: PathBuf,
    /// Where the official downloads are, without a slash at the end; [`DEFAULT_DOWNLOAD_BASE`]
    /// unless the user set a mirror.
    pub download_base: String,
    /// Whether nothing may be downloaded.
    pub offline: bool,
}

impl Surroundings {
    /// A `go` command that is that very program: it reads no settings of the user and switches to
    /// no other version.
    pub(super) fn go(&self, program: &Path) -> Command {
        let mut command = self.go_with_user_settings(program);
        command.env("GOENV", "off");
        command
    }

    /// The same with what the user set by `go env -w`, to read those settings.
    pub(super) fn go_with_user_settings(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", &self.path)
            .env("HOME", &self.home)
            .envs(&self.environment)
            .env("GOTOOLCHAIN", "local")
            .stdin(Stdio::null());
        command
    }

    /// The value of a variable that is written in upper or lower case, as the proxies are.
    pub(super) fn either_case(&self, name: &str) -> Option<&str> {
        [name.to_ascii_uppercase(), name.to_ascii_lowercase()]
            .iter()
            .filter_map(|name| self.environment.get(name)?.to_str())
            .find(|value| !value.is_empty())
    }
}
