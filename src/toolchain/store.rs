//! kubewright's own toolchains on disk.
//!
//! ```text
//! toolchains/
//!   go1.24.6/          a whole toolchain: it came here by rename, after it was checked
//!   .locks/go1.24.6    held while that version is installed, also by a download that
//!                      outlives its kubewright
//!   .tmp/go1.24.6/     what is not whole yet; whoever gets the lock removes what a
//!                      killed download left here
//!   .refused/go1.12.5  why a version cannot be had, in a server's words: it is not asked
//!                      again at every build
//! ```

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rustix::process::{Pid, Signal, kill_process_group};

use super::error::WayError;
use super::found::{FoundGo, program_of};
use super::{GoVersion, Surroundings, ToolchainError};
use crate::cancel::Cancel;
use crate::lock::{Holder, Lock, process_start};
use crate::run::write_whole;

/// A toolchain in the store.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Installed {
    /// Its version.
    pub version: GoVersion,
    /// Its GOROOT.
    pub root: PathBuf,
}

/// The toolchains in a store, oldest version first. A store that does not exist yet holds none.
pub fn installed(store: &Path) -> Vec<Installed> {
    let mut found: Vec<_> = names(store)
        .filter_map(|name| {
            let version = name.strip_prefix("go")?.parse().ok()?;
            let root = find(store, &version)?;
            Some(Installed { version, root })
        })
        .collect();
    found.sort_by(|a, b| a.version.cmp(&b.version));
    found
}

/// The root of a version in the store.
pub(super) fn find(store: &Path, version: &GoVersion) -> Option<PathBuf> {
    let root = store.join(version.name());
    program_of(&root).is_file().then_some(root)
}

/// Whether a server said once that it does not give this version away.
pub(super) fn is_refused(store: &Path, version: &GoVersion) -> bool {
    refusal(store, version).is_file()
}

/// Notes that a version cannot be had. A note that cannot be written costs the next build a
/// question, nothing else.
pub(super) fn note_refused(store: &Path, version: &GoVersion, reason: &str) {
    let note = refusal(store, version);
    if let Some(folder) = note.parent()
        && fs::create_dir_all(folder).is_ok()
    {
        let _ = write_whole(&note, reason.as_bytes());
    }
}

/// Forgets it: the version has come after all.
pub(super) fn forget_refused(store: &Path, version: &GoVersion) {
    let _ = fs::remove_file(refusal(store, version));
}

fn refusal(store: &Path, version: &GoVersion) -> PathBuf {
    store.join(".refused").join(version.name())
}

/// The names in a folder that can be read as text; none where there is no folder.
fn names(folder: &Path) -> impl Iterator<Item = String> + use<> {
    fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
}

/// The right to install one version, and the folder to do it in; both end when it is dropped.
#[derive(Debug)]
pub(super) struct Installation<'a> {
    store: &'a Path,
    version: &'a GoVersion,
    folder: PathBuf,
    /// Dropped after the folder was removed.
    pub(super) lock: Lock,
}

impl<'a> Installation<'a> {
    /// Waits for whoever installs the same version, then makes an empty folder and sweeps what
    /// killed downloads left.
    pub(super) fn begin(
        store: &'a Path,
        version: &'a GoVersion,
        cancel: &Cancel,
        on_wait: &mut dyn FnMut(&Holder),
    ) -> Result<Installation<'a>, ToolchainError> {
        let path = lock_path(store, &version.name());
        let purpose = format!("install {}", version.name());
        let lock = Lock::acquire(&path, &purpose, cancel, &mut |holder| {
            if !end_orphan(holder) {
                on_wait(holder);
            }
        })
        .map_err(ToolchainError::store("lock", &path))?
        .ok_or_else(|| ToolchainError::Interrupted(cancel.signal()))?;
        sweep(store);
        let folder = temporary(store).join(version.name());
        remove_tree(&folder).map_err(ToolchainError::store("remove", &folder))?;
        fs::create_dir_all(&folder).map_err(ToolchainError::store("create", &folder))?;
        Ok(Installation {
            store,
            version,
            folder,
            lock,
        })
    }

    /// The folder for what is not whole yet; on the store's file system.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Takes a whole tree into the store, if it is a working Go of this version.
    pub(super) fn adopt(
        &self,
        tree: &Path,
        surroundings: &Surroundings,
    ) -> Result<PathBuf, WayError> {
        make_writable(tree).map_err(WayError::file("make writable", tree))?;
        let go = FoundGo::at(tree, surroundings)
            .map_err(|error| WayError::Unusable(format!("cannot be used: {error}")))?;
        if go.version != *self.version {
            let name = go.version.name();
            return Err(WayError::Unusable(format!("calls itself {name}")));
        }
        let root = self.store.join(self.version.name());
        // Only a toolchain that somebody damaged can be here: a whole one would have been used.
        remove_tree(&root).map_err(WayError::file("remove", &root))?;
        fs::rename(tree, &root).map_err(WayError::file("create", &root))?;
        Ok(root)
    }
}

impl Drop for Installation<'_> {
    fn drop(&mut self) {
        // What cannot be removed now is swept later.
        let _ = remove_tree(&self.folder);
    }
}

fn temporary(store: &Path) -> PathBuf {
    store.join(".tmp")
}

fn lock_path(store: &Path, name: &str) -> PathBuf {
    store.join(".locks").join(name)
}

/// Removes what downloads of any version left that nobody works on any more.
fn sweep(store: &Path) {
    for name in names(&temporary(store)) {
        if let Ok(Some(_lock)) = Lock::try_acquire(&lock_path(store, &name), "sweep") {
            let _ = remove_tree(&temporary(store).join(&name));
        }
    }
}

/// Ends a download whose kubewright was killed: nobody would use what it brings, and it holds the
/// lock. Tells whether there was one.
fn end_orphan(holder: &Holder) -> bool {
    if process_start(holder.pid) == Some(holder.started) {
        return false;
    }
    holder.group.as_ref().is_some_and(|group| {
        process_start(group.id) == Some(group.started)
            && Pid::from_raw(group.id.cast_signed())
                .is_some_and(|id| kill_process_group(id, Signal::KILL).is_ok())
    })
}

/// Gives the owner the right to write, which Go's module cache takes away.
fn make_writable(path: &Path) -> io::Result<()> {
    let metadata = fs::symlink_metadata(path)?;
    if metadata.is_symlink() {
        return Ok(());
    }
    let mut permissions = metadata.permissions();
    permissions.set_mode(permissions.mode() | 0o200);
    fs::set_permissions(path, permissions)?;
    if metadata.is_dir() {
        for entry in fs::read_dir(path)? {
            make_writable(&entry?.path())?;
        }
    }
    Ok(())
}

/// Removes a folder, if there is one, whatever its permissions are.
fn remove_tree(path: &Path) -> io::Result<()> {
    match make_writable(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        other => other?,
    }
    fs::remove_dir_all(path)
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::CommandExt;
    use std::process::Command;

    use super::super::testing::Fixture;
    use super::*;
    use crate::lock::Group;

    fn begin<'a>(store: &'a Path, version: &'a GoVersion) -> Installation<'a> {
        Installation::begin(store, version, &Cancel::default(), &mut |_| {}).unwrap()
    }

    #[test]
    fn lists_whole_toolchains_by_version() {
        let fixture = Fixture::new();
        let store = &fixture.surroundings.store;
        assert_eq!(installed(store), []);
        for version in ["1.9.7", "1.24.6", "1.10.8"] {
            fixture.fake_go(&format!("store/go{version}"), version);
        }
        fs::create_dir_all(store.join("go1.25.1/src")).unwrap();
        fs::create_dir_all(store.join("notes")).unwrap();
        let versions: Vec<_> = installed(store)
            .into_iter()
            .map(|toolchain| toolchain.version.to_string())
            .collect();
        assert_eq!(versions, ["1.9.7", "1.10.8", "1.24.6"]);
    }

    #[test]
    fn adopts_a_read_only_tree_and_makes_it_writable() {
        let fixture = Fixture::new();
        let version = "1.24.6".parse().unwrap();
        let store = &fixture.surroundings.store;
        let installation = begin(store, &version);
        let tree = fixture.fake_go("store/.tmp/go1.24.6/tree", "1.24.6");
        for path in ["bin/go", "bin", ""] {
            fs::set_permissions(tree.join(path), fs::Permissions::from_mode(0o555)).unwrap();
        }
        let root = installation.adopt(&tree, &fixture.surroundings).unwrap();
        assert_eq!(find(store, &version), Some(root.clone()));
        assert_eq!(
            program_of(&root).metadata().unwrap().permissions().mode() & 0o777,
            0o755
        );
        let folder = installation.folder().to_owned();
        drop(installation);
        assert!(!folder.exists());
    }

    #[test]
    fn refuses_a_tree_that_is_not_that_go() {
        let fixture = Fixture::new();
        let version = "1.24.6".parse().unwrap();
        let installation = begin(&fixture.surroundings.store, &version);
        let other = fixture.fake_go("store/.tmp/go1.24.6/other", "1.24.5");
        let error = installation
            .adopt(&other, &fixture.surroundings)
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "what was downloaded calls itself go1.24.5"
        );
        let empty = installation.folder().join("empty");
        fs::create_dir(&empty).unwrap();
        assert!(installation.adopt(&empty, &fixture.surroundings).is_err());
        assert_eq!(find(&fixture.surroundings.store, &version), None);
    }

    #[test]
    fn replaces_a_damaged_toolchain() {
        let fixture = Fixture::new();
        let version = "1.24.6".parse().unwrap();
        let store = &fixture.surroundings.store;
        fs::create_dir_all(store.join("go1.24.6/src/left")).unwrap();
        let installation = begin(store, &version);
        let tree = fixture.fake_go("store/.tmp/go1.24.6/tree", "1.24.6");
        let root = installation.adopt(&tree, &fixture.surroundings).unwrap();
        assert!(!root.join("src/left").exists() && root.join("bin/go").exists());
    }

    #[test]
    fn sweeps_what_killed_downloads_left_and_spares_those_at_work() {
        let fixture = Fixture::new();
        let store = &fixture.surroundings.store;
        let left = store.join(".tmp/go1.21.7/mod/read-only");
        fs::create_dir_all(&left).unwrap();
        fs::set_permissions(&left, fs::Permissions::from_mode(0o555)).unwrap();
        fs::create_dir_all(store.join(".tmp/go1.24.6/half")).unwrap();
        let other = "1.15.15".parse().unwrap();
        let at_work = begin(store, &other);
        let version = "1.24.6".parse().unwrap();
        let installation = begin(store, &version);
        assert!(!store.join(".tmp/go1.21.7").exists());
        assert!(at_work.folder().exists());
        assert_eq!(names(installation.folder()).count(), 0);
    }

    #[test]
    fn a_download_whose_kubewright_was_killed_is_ended() {
        let mut download = Command::new("tail")
            .args(["-f", "/dev/null"])
            .process_group(0)
            .spawn()
            .unwrap();
        let own = std::process::id();
        let mut holder = Holder {
            pid: own,
            started: process_start(own).unwrap(),
            purpose: "install go1.24.6".to_owned(),
            group: Some(Group {
                id: download.id(),
                started: process_start(download.id()).unwrap(),
            }),
        };
        assert!(!end_orphan(&holder));
        assert!(download.try_wait().unwrap().is_none());
        // The same process id, but of another process: the one that held the lock is gone.
        holder.started += 1;
        assert!(end_orphan(&holder));
        assert!(!download.wait().unwrap().success());
    }
}
