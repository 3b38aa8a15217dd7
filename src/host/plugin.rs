//! buildx, the plugin of the docker command that upstream's release scripts make images with, built from its Go module where
//! no package has it.

use std::fs;
use std::path::{Path, PathBuf};

use super::packages::BUILDX;
use super::setup::{SetupError, run_expression};
use crate::run::keep;

/// How buildx is built, and where it goes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Plugin {
    folder: PathBuf,
}

impl Plugin {
    /// The version of Go to get where the one on PATH is older than [`Plugin::LEAST_GO`].
    pub const GO: &str = "1.24.6";

    /// The oldest Go that builds it.
    pub const LEAST_GO: &str = "1.23";

    /// The place where the docker command of this user looks for plugins: `cli-plugins` in its folder of configuration.
    pub fn of_user(docker_config: Option<&Path>, home: &Path) -> Plugin {
        let config = docker_config.map_or_else(|| home.join(".docker"), Path::to_owned);
        Plugin {
            folder: config.join("cli-plugins"),
        }
    }

    /// The file that is written.
    pub fn file(&self) -> PathBuf {
        self.folder.join("docker-buildx")
    }

    /// The module and its version.
    pub fn module(&self) -> &'static str {
        BUILDX
    }

    /// Builds it with a Go, and puts it in its place whole. It takes minutes, and the network.
    pub fn build(&self, go: &Path, on_line: &mut dyn FnMut(&str)) -> Result<(), SetupError> {
        let not_written = |path: &Path| {
            let path = path.to_owned();
            move |source| SetupError::NotWritten { path, source }
        };
        let scratch = tempfile::tempdir().map_err(not_written(&std::env::temp_dir()))?;
        // A module without sources: `go install` refuses buildx, whose go.mod has exclude directives.
        let module = scratch.path().join("go.mod");
        fs::write(&module, "module buildx\n").map_err(not_written(&module))?;
        let (package, version) = BUILDX.split_once('@').unwrap_or((BUILDX, ""));
        // What it calls itself otherwise is no version.
        let stamp = format!("-X github.com/docker/buildx/version.Version={version}");
        let mut run = |arguments: &[&str]| {
            let words: Vec<String> = std::iter::once("go")
                .chain(arguments.iter().copied())
                .map(str::to_owned)
                .collect();
            // What the user set for Go is for the user's own modules; ways to the network stay.
            let expression = duct::cmd(go, arguments)
                .dir(scratch.path())
                .env("GOFLAGS", "-mod=mod -buildvcs=false")
                .env("GOWORK", "off");
            run_expression(&expression, &words, on_line)
        };
        run(&["get", BUILDX])?;
        run(&["build", "-ldflags", &stamp, "-o", "docker-buildx", package])?;
        keep(&scratch.path().join("docker-buildx"), &self.file()).map_err(not_written(&self.file()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plugin_goes_where_the_docker_command_looks() {
        let file = |config: Option<&str>| {
            Plugin::of_user(config.map(Path::new), Path::new("/home/me")).file()
        };
        assert_eq!(
            file(None),
            Path::new("/home/me/.docker/cli-plugins/docker-buildx")
        );
        assert_eq!(
            file(Some("/etc/docker")),
            Path::new("/etc/docker/cli-plugins/docker-buildx")
        );
    }
}
