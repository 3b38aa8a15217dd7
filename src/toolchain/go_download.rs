//! The way that needs only a Go of 1.21 or newer: its own download of another version, through the
//! user's module proxy.
//!
//! Go verifies a toolchain by its checksum database in any case, also where the user switched that
//! off for modules (<https://go.dev/doc/toolchain#download>).

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Seek, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};

use super::error::WayError;
use super::store::Installation;
use super::{GoVersion, Surroundings};
use crate::bytes::Bytes;
use crate::cancel::Cancel;
use crate::lock::{Group, process_start};

/// How often the download is looked at.
const POLL: Duration = Duration::from_millis(50);

/// The settings of Go that decide where modules come from, which `go env -w` can set too.
const PROXY_SETTINGS: [&str; 7] = [
    "GOAUTH",
    "GOINSECURE",
    "GONOPROXY",
    "GONOSUMDB",
    "GOPRIVATE",
    "GOPROXY",
    "GOSUMDB",
];

/// Lets `go` download `version` into the installation's folder, and returns the tree. `on_bytes` is
/// called with how much of the archive has come.
pub(super) fn download(
    go: &Path,
    version: &GoVersion,
    surroundings: &Surroundings,
    installation: &mut Installation<'_>,
    cancel: &Cancel,
    on_bytes: &mut dyn FnMut(Bytes),
) -> Result<PathBuf, WayError> {
    let folder = installation.folder().to_owned();
    let said = folder.join("go.log");
    let log = log(&said).map_err(WayError::file("create", &said))?;
    let mut command = surroundings.go(go);
    command
        .arg("version")
        .current_dir(&folder)
        .envs(proxy_settings(go, surroundings)?)
        .env("GOTOOLCHAIN", version.name())
        // Everything that Go writes goes here, nothing into the user's module cache.
        .env("GOPATH", folder.join("gopath"))
        .env("GOMODCACHE", folder.join("modules"))
        .env("GOCACHE", folder.join("cache"))
        .stdout(Stdio::null())
        .stderr(log);
    let status = run(command, installation, cancel, &mut || {
        on_bytes(archive_size(&folder));
    })?;
    if !status.success() {
        let said = fs::read(&said).unwrap_or_default();
        let said = String::from_utf8_lossy(&said);
        return Err(WayError::Refused(reason(said.trim_matches('\0'), status)));
    }
    downloaded_tree(&folder.join("modules/golang.org"))
}

/// The file for what Go says, with room set aside: on a full disk Go could not say that it is full.
fn log(path: &Path) -> io::Result<File> {
    let mut log = File::create(path)?;
    log.write_all(&[0; 4096])?;
    log.rewind()?;
    Ok(log)
}

/// The user's settings of proxy and checksum database, from the environment and from `go env -w`.
fn proxy_settings(
    go: &Path,
    surroundings: &Surroundings,
) -> Result<BTreeMap<String, OsString>, WayError> {
    let output = surroundings
        .go_with_user_settings(go)
        .args(["env", "-json"])
        .args(PROXY_SETTINGS)
        .output()
        .map_err(WayError::file("run", go))?;
    let settings: BTreeMap<String, String> =
        serde_json::from_slice(&output.stdout).map_err(|error| {
            WayError::Refused(format!("`go env -json` gives no JSON object: {error}"))
        })?;
    Ok(settings
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| (name, value.into()))
        .collect())
}

/// Runs the download in a process group of its own.
fn run(
    mut command: Command,
    installation: &mut Installation<'_>,
    cancel: &Cancel,
    on_poll: &mut dyn FnMut(),
) -> Result<ExitStatus, WayError> {
    let program = PathBuf::from(command.get_program());
    // The lock's file is the child's standard input, which it never reads: so the lock is held for
    // as long as the child lives, even when this process is killed.
    let lock = installation.lock.file().try_clone();
    let lock = lock.map_err(WayError::file("lock", installation.folder()))?;
    let mut child = command
        .stdin(lock)
        .process_group(0)
        .spawn()
        .map_err(WayError::file("run", &program))?;
    let group = process_start(child.id()).map(|started| Group {
        id: child.id(),
        started,
    });
    // Without the record the next run waits for this child instead of ending it.
    let _ = installation.lock.record_group(group);
    let outcome = wait(&mut child, cancel, on_poll);
    let _ = installation.lock.record_group(None);
    outcome.map_err(WayError::file("wait for", &program))?
}

fn wait(
    child: &mut Child,
    cancel: &Cancel,
    on_poll: &mut dyn FnMut(),
) -> io::Result<Result<ExitStatus, WayError>> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Ok(status));
        }
        if cancel.is_requested() {
            // There is nothing worth saving: the folder is thrown away.
            if let Some(group) = Pid::from_raw(child.id().cast_signed()) {
                let _ = kill_process_group(group, Signal::KILL);
            }
            child.wait()?;
            return Ok(Err(WayError::Interrupted));
        }
        on_poll();
        thread::sleep(POLL);
    }
}

/// How much of the module's archive is there by now; Go shows no progress itself.
fn archive_size(folder: &Path) -> Bytes {
    let archives = folder.join("modules/cache/download/golang.org/toolchain/@v");
    fs::read_dir(archives)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(Bytes(entry.ok()?.metadata().ok()?.len())))
        .sum()
}

/// The one tree that the download left in the module cache.
fn downloaded_tree(folder: &Path) -> Result<PathBuf, WayError> {
    fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| {
            path.file_name()
                .and_then(|name| name.to_str())
                .is_some_and(|name| name.starts_with("toolchain@"))
        })
        .ok_or_else(|| WayError::Unusable(format!("is not in `{}`", folder.display())))
}

/// What Go said of its failure, in one line and without the line that says what it is about to do.
fn reason(said: &str, status: ExitStatus) -> String {
    let lines: Vec<_> = said
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("go: downloading "))
        .collect();
    if lines.is_empty() {
        return format!("`go version` failed ({status}) without a word");
    }
    lines.join("; ")
}
