//! `cargo xtask buildx`: the plugin of the docker command that tests of releases call, built from its Go module and kept below
//! target/.

use std::fs;

use super::{Failure, target};

/// The version of the module. Newer ones may ask for a newer Go than there is.
const MODULE: &str = "github.com/docker/buildx/cmd/buildx@v0.25.0";

/// Builds it where it is absent. It takes minutes, and the network.
pub(super) fn build() -> Result<(), Failure> {
    let folder = target()?.join("buildx");
    let program = folder.join("cli-plugins/docker-buildx");
    if program.exists() {
        return Ok(());
    }
    // A module without sources: `go install` refuses buildx, whose go.mod has exclude directives.
    let module = folder.join("module");
    fs::create_dir_all(&module)?;
    fs::write(module.join("go.mod"), "module buildx\n")?;
    let package = MODULE.split('@').next().unwrap_or(MODULE);
    let go = |arguments: &[&str]| duct::cmd("go", arguments).dir(&module).stdin_null().run();
    go(&["get", MODULE])?;
    go(&["build", "-o", "docker-buildx", package])?;
    fs::create_dir_all(folder.join("cli-plugins"))?;
    fs::rename(module.join("docker-buildx"), program)?;
    Ok(())
}
