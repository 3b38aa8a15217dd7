//! A hermetic environment for the binary: an empty home, a search path of chosen tools, nothing else of the caller's.

mod api_server;
mod background;
mod engine;
mod fake_make;
mod namespace;
mod output;
mod own_engine;
mod processes;
mod registry;
mod warm;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

pub(crate) use api_server::ApiServer;
pub(crate) use background::Background;
pub(crate) use engine::{TestEngine, connect_engine, import_image};
pub(crate) use fake_make::{FakeCall, FakeMake};
pub(crate) use namespace::can_mount;
pub(crate) use output::CommandOutput;
pub(crate) use own_engine::OwnEngine;
pub(crate) use processes::running_below;
pub(crate) use registry::{Registry, Trouble};

/// One test's own machine, as far as the binary can tell.
pub(crate) struct TestEnvironment {
    root: tempfile::TempDir,
    variables: BTreeMap<OsString, OsString>,
}

impl TestEnvironment {
    /// A machine with all tools of this one, an empty home, and Go of this one as the host's.
    pub(crate) fn new() -> TestEnvironment {
        let root = tempfile::Builder::new()
            .prefix("kubewright-test")
            .tempdir()
            .unwrap();
        for folder in ["bin", "user", "home", "work", "tmp"] {
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
            ("TMPDIR", "tmp"),
        ] {
            let folder = environment.path(folder);
            environment.set(name, folder);
        }
        environment.set("KUBEWRIGHT_GO", "host");
        environment
    }

    /// The same, with checkouts of these refs of the embedded repository in whose caches the standard library is compiled
    /// already: a build takes a second instead of half a minute.
    pub(crate) fn warm(references: &[&str]) -> TestEnvironment {
        let environment = TestEnvironment::new();
        for reference in references {
            let tree = environment.checkout(reference);
            fill_cache(&tree);
        }
        environment
    }

    /// A folder or file below the test's root.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.path().join(relative)
    }

    /// The root, below which everything of this test lies.
    pub(crate) fn root(&self) -> &Path {
        self.root.path()
    }

    /// Writes a file below the test's root, with the folders above it.
    pub(crate) fn write(&self, relative: &str, text: &str) -> PathBuf {
        let path = self.path(relative);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    /// Sets a variable for the binary.
    pub(crate) fn set(&mut self, name: impl Into<OsString>, value: impl Into<OsString>) {
        self.variables.insert(name.into(), value.into());
    }

    /// Takes a tool off the search path.
    pub(crate) fn remove_tool(&self, name: &str) {
        fs::remove_file(self.path("bin").join(name)).unwrap();
    }

    /// Puts a script on the search path in place of a tool.
    pub(crate) fn fake_tool(&self, name: &str, script: &str) {
        let path = self.path("bin").join(name);
        let _ = fs::remove_file(&path);
        fs::write(&path, script).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Links a tool of this machine that was replaced.
    pub(crate) fn restore_tool(&self, name: &str) {
        fs::remove_file(self.path("bin").join(name)).unwrap();
        symlink(real_tool(name), self.path("bin").join(name)).unwrap();
    }

    /// Runs the binary and waits.
    pub(crate) fn run(&self, arguments: &[&str]) -> CommandOutput {
        self.run_in(&self.path("work"), arguments)
    }

    /// Runs the binary with a command line as it would be typed, without quotes, and waits.
    pub(crate) fn kubewright(&self, line: &str) -> CommandOutput {
        self.run(&line.split_whitespace().collect::<Vec<_>>())
    }

    /// Runs the binary in a folder and waits.
    pub(crate) fn run_in(&self, folder: &Path, arguments: &[&str]) -> CommandOutput {
        self.finish(self.command(arguments).current_dir(folder))
    }

    /// Runs a command and waits.
    pub(crate) fn finish(&self, command: &mut Command) -> CommandOutput {
        CommandOutput::new(&command.output().unwrap(), self.root.path())
    }

    /// The binary, yet to be started.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.program(env!("CARGO_BIN_EXE_kubewright"));
        command.args(arguments);
        command
    }

    /// Another program in the same environment, yet to be started; a bare name is looked for among the test's tools.
    pub(crate) fn program(&self, program: &str) -> Command {
        let mut command = if program.contains('/') {
            Command::new(program)
        } else {
            Command::new(self.path("bin").join(program))
        };
        command
            .env_clear()
            .envs(&self.variables)
            .current_dir(self.path("work"))
            .stdin(Stdio::null());
        command
    }

    /// Runs a script of bash in the same environment, in a folder, and waits.
    pub(crate) fn bash(&self, folder: &Path, script: &str) -> CommandOutput {
        self.finish(
            self.program("bash")
                .args(["-c", script])
                .current_dir(folder),
        )
    }

    /// Starts the binary without waiting for it.
    pub(crate) fn start(&self, line: &str) -> Background {
        Background::start(
            self.command(&line.split_whitespace().collect::<Vec<_>>()),
            self.root(),
        )
    }

    /// The checkout of a ref of the embedded repository, made where it is absent.
    pub(crate) fn checkout(&self, reference: &str) -> PathBuf {
        let path = self
            .run(&["source", "path", reference, "--repo", "demo"])
            .success();
        PathBuf::from(path.stdout.trim_end())
    }

    /// A clone of the embedded repository that is the user's own, at a ref.
    pub(crate) fn clone_demo(&self, folder: &str, reference: &str) -> PathBuf {
        let (from, to) = (self.checkout(reference), self.path(folder));
        let script = format!(
            "git clone --quiet --no-local --no-checkout {} {} && cd {} && git checkout --quiet --detach {}",
            from.display(),
            to.display(),
            to.display(),
            self.bash(&from, "git rev-parse HEAD")
                .success()
                .stdout
                .trim_end(),
        );
        self.bash(self.root(), &script).success();
        to
    }

    /// The folders of all runs.
    pub(crate) fn runs(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.path("home/runs"))
            .into_iter()
            .flatten()
            .flatten();
        entries.map(|entry| entry.path()).collect()
    }

    /// The newest run's manifest.
    pub(crate) fn manifest(&self) -> kubewright::report::manifest::Manifest {
        let mut manifests: Vec<_> = self
            .runs()
            .iter()
            .filter_map(|run| kubewright::report::manifest::Manifest::read(run).ok())
            .collect();
        manifests.sort_by(|a, b| a.started.cmp(&b.started));
        manifests.pop().expect("there is no run")
    }

    /// Links every tool of this machine into the test's own folder, from which single ones can be taken.
    fn link_tools(&self) {
        for folder in search_path() {
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                // The first folder on the path wins, as it does for a shell.
                let _ = symlink(entry.path(), self.path("bin").join(entry.file_name()));
            }
        }
    }
}

/// Puts compiled packages into the cache that a tree's own builds use.
pub(crate) fn fill_cache(tree: &Path) {
    warm::fill(&tree.join("_output/local/go/cache/build"));
}

/// Waits until something is so; fails the test when it takes longer than any machine needs.
#[track_caller]
pub(crate) fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(
            started.elapsed() < Duration::from_mins(2),
            "waited in vain until {what}"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The platform that builds are for where none is named.
pub(crate) fn host_platform() -> String {
    kubewright::platform::Platform::host().to_string()
}

/// Where this machine has a tool.
pub(crate) fn real_tool(name: &str) -> PathBuf {
    search_path()
        .map(|folder| folder.join(name))
        .find(|path| path.exists())
        .unwrap_or_else(|| panic!("`{name}` is needed: `kubewright doctor --for tests` checks"))
}

fn search_path() -> impl Iterator<Item = PathBuf> {
    let path = std::env::var_os("PATH").unwrap();
    std::env::split_paths(&path).collect::<Vec<_>>().into_iter()
}
