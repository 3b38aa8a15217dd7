//! A made-up root folder with `/proc`, `/sys/fs/cgroup` and `/etc` for the tests.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// A root folder that is deleted when it goes out of scope.
pub(super) struct Fixture {
    root: TempDir,
}

impl Default for Fixture {
    fn default() -> Fixture {
        Fixture {
            root: TempDir::new().unwrap(),
        }
    }
}

impl Fixture {
    pub(super) fn root(&self) -> &Path {
        self.root.path()
    }

    pub(super) fn path(&self, below: &str) -> PathBuf {
        self.root.path().join(below)
    }

    pub(super) fn folder(self, path: &str) -> Fixture {
        fs::create_dir_all(self.path(path)).unwrap();
        self
    }

    pub(super) fn file(self, path: &str, content: &str) -> Fixture {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    /// Writes `/proc/meminfo` with these amounts of MiB.
    pub(super) fn meminfo(self, total: u64, available: u64) -> Fixture {
        let text = format!(
            "MemTotal:       {} kB\nMemFree:  12 kB\nMemAvailable: {} kB\n",
            total << 10,
            available << 10
        );
        self.file("proc/meminfo", &text)
    }

    pub(super) fn own_cgroups(self, lines: &str) -> Fixture {
        self.file("proc/self/cgroup", lines)
    }

    /// Adds a line to `/proc/self/mountinfo`: `PART POINT`, and `KIND OPTIONS`.
    pub(super) fn mount(self, place: &str, kind: &str) -> Fixture {
        let path = self.path("proc/self/mountinfo");
        let before = fs::read_to_string(&path).unwrap_or_default();
        let (kind, options) = kind.split_once(' ').unwrap();
        let line = format!("35 31 0:32 {place} rw,relatime shared:9 - {kind} none {options}\n");
        self.file("proc/self/mountinfo", &(before + &line))
    }

    /// Makes a named pipe.
    pub(super) fn pipe(self, path: &str) -> Fixture {
        let made = Command::new("mkfifo").arg(self.path(path)).status();
        assert!(made.unwrap().success());
        self
    }

    /// A value of PATH with the folder `bin` before the real one, which scripts need for their own
    /// commands.
    pub(super) fn search_path(&self) -> OsString {
        let real = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(self.path("bin")).chain(std::env::split_paths(&real));
        std::env::join_paths(folders).unwrap()
    }

    /// Puts an executable script into the folder `bin`.
    ///
    /// Another process writes it: were it written here, a test in another thread that forks
    /// meanwhile would hold it open for writing, and the kernel refuses to execute such a file.
    pub(super) fn program(self, name: &str, script: &str) -> Fixture {
        fs::create_dir_all(self.path("bin")).unwrap();
        let written = Command::new("sh")
            .args([
                "-c",
                "printf '#!/bin/sh\\n%s\\n' \"$1\" >\"$2\" && chmod 755 \"$2\"",
                "sh",
            ])
            .arg(script)
            .arg(self.path("bin").join(name))
            .status()
            .unwrap();
        assert!(written.success());
        self
    }
}
