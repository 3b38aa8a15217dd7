//! A hermetic environment for the binary: an empty home, a search path of chosen tools, nothing else of the caller's.

mod output;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub use output::CommandOutput;

/// One test's own machine, as far as the binary can tell.
pub struct TestEnvironment {
    root: tempfile::TempDir,
    variables: BTreeMap<OsString, OsString>,
}

impl TestEnvironment {
    /// A machine with all tools of this one, an empty home, and Go of this one as the host's.
    pub fn new() -> TestEnvironment {
        let root = tempfile::Builder::new()
            .prefix("kubewright-test")
            .tempdir()
            .unwrap();
        for folder in ["bin", "user", "home", "work"] {
            fs::create_dir(root.path().join(folder)).unwrap();
        }
        let mut environment = TestEnvironment {
            root,
            variables: BTreeMap::new(),
        };
        environment.link_tools();
        for (name, folder) in [
            ("HOME", "user"),
            ("KUBEWRIGHT_HOME", "home"),
            ("PATH", "bin"),
        ] {
            let folder = environment.path(folder);
            environment.set(name, folder);
        }
        environment.set("KUBEWRIGHT_GO", "host");
        environment
    }

    /// A folder or file below the test's root.
    pub fn path(&self, relative: &str) -> PathBuf {
        self.root.path().join(relative)
    }

    /// Sets a variable for the binary.
    pub fn set(&mut self, name: impl Into<OsString>, value: impl Into<OsString>) {
        self.variables.insert(name.into(), value.into());
    }

    /// Takes a tool off the search path.
    pub fn remove_tool(&self, name: &str) {
        fs::remove_file(self.path("bin").join(name)).unwrap();
    }

    /// Puts a script on the search path in place of a tool.
    pub fn fake_tool(&self, name: &str, script: &str) {
        use std::os::unix::fs::PermissionsExt;
        let path = self.path("bin").join(name);
        let _ = fs::remove_file(&path);
        fs::write(&path, script).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Runs the binary and waits.
    pub fn run(&self, arguments: &[&str]) -> CommandOutput {
        self.run_in(&self.path("work"), arguments)
    }

    /// Runs the binary in a folder and waits.
    pub fn run_in(&self, folder: &Path, arguments: &[&str]) -> CommandOutput {
        let output = self
            .command(arguments)
            .current_dir(folder)
            .output()
            .unwrap();
        CommandOutput::new(&output, self.root.path())
    }

    /// The binary, yet to be started.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kubewright"));
        command
            .args(arguments)
            .env_clear()
            .envs(&self.variables)
            .current_dir(self.path("work"))
            .stdin(Stdio::null());
        command
    }

    /// Links every tool of this machine into the test's own folder, from which single ones can be taken.
    fn link_tools(&self) {
        let path = std::env::var_os("PATH").unwrap();
        for folder in std::env::split_paths(&path) {
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                // The first folder on the path wins, as it does for a shell.
                let _ = symlink(entry.path(), self.path("bin").join(entry.file_name()));
            }
        }
    }
}
