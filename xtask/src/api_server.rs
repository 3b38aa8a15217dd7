//! `cargo xtask apiserver`: the API server that tests ask, built from tests/apiserver and kept below target/.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use super::{Failure, root, target};

/// The version of Kubernetes that tests/apiserver/go.mod requires; without it the server would not know its own.
const VERSION: (&str, &str, &str) = ("v1.35.4", "1", "35");

/// Builds it where it is absent or older than its sources. It takes minutes, and the network, the first time.
pub(super) fn build() -> Result<(), Failure> {
    let sources = root().join("tests/apiserver");
    let program = target()?.join("apiserver/apiserver");
    if let Ok(built) = modified(&program)
        && built > newest(&sources)?
    {
        return Ok(());
    }
    let (version, major, minor) = VERSION;
    let stamp = "-X k8s.io/component-base/version.git";
    let flags = format!("-s -w {stamp}Version={version} {stamp}Major={major} {stamp}Minor={minor}");
    duct::cmd!(
        "go",
        "build",
        "-trimpath",
        "-ldflags",
        flags,
        "-o",
        program,
        "."
    )
    .dir(sources)
    .stdin_null()
    .run()?;
    Ok(())
}

fn newest(folder: &Path) -> Result<SystemTime, Failure> {
    let mut newest = SystemTime::UNIX_EPOCH;
    for entry in fs::read_dir(folder)? {
        newest = newest.max(modified(&entry?.path())?);
    }
    Ok(newest)
}

fn modified(path: &Path) -> Result<SystemTime, Failure> {
    Ok(fs::metadata(path)?.modified()?)
}
