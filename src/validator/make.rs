//! Compiling a validator, with the tree's own Go and what the tree vendors; no network is used.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::store::{program_in, touch};
use super::{Key, ValidatorError, Validators, program};
use crate::cancel::Cancel;
use crate::host::Attempt;
use crate::lock::{Holder, Lock};
use crate::plan::{Executor, Step, literal};
use crate::report::{Event, Events};
use crate::run::{Native, Roots};
use crate::settings::Environment;
use crate::toolchain::{GoTraits, Toolchain};

/// The name of the step, and of its log.
const STEP: &str = "validator";

/// What passes from the caller to Go.
const PASSES: [&str; 1] = ["TMPDIR"];

/// What a validator is made of, and how.
pub struct Making<'a> {
    /// The tree's root.
    pub tree: &'a Path,
    /// The version that the tree stamps, for people.
    pub version: &'a str,
    /// The tree's Go.
    pub toolchain: &'a Toolchain,
    /// How many packages are compiled at once; Go decides where it is `None`.
    pub jobs: Option<u32>,
    /// The caller's environment.
    pub environment: &'a Environment,
    /// How long Go has to end after an interrupt.
    pub grace: Duration,
    /// The wish to stop.
    pub cancel: &'a Cancel,
    /// Where events go.
    pub events: &'a Events,
    /// Tells of whom is waited for.
    pub waiting: &'a dyn Fn(&Holder),
}

/// A validator that can be asked. One that nobody can name is gone with this value.
#[derive(Debug)]
pub struct Made {
    /// The program.
    pub program: PathBuf,
    /// The folder of one that is not kept; the lock keeps others from sweeping it.
    #[expect(dead_code, reason = "they are held, and dropped in this order")]
    scratch: Option<(tempfile::TempDir, Lock)>,
}

impl Validators {
    /// Makes a validator, and keeps it by its key. `still` is asked once it is compiled: where the key of the tree is another
    /// by then, somebody changed the tree meanwhile, and the validator is not kept.
    pub fn make(
        &self,
        key: Option<&Key>,
        making: &Making<'_>,
        still: &dyn Fn() -> Option<Key>,
    ) -> Result<Made, ValidatorError> {
        fs::create_dir_all(&self.folder).map_err(ValidatorError::io("create", &self.folder))?;
        let mut lock = self.locked(making)?;
        // Whoever was waited for may have made it.
        if let Some(made) = key.and_then(|key| self.find(key)) {
            return Ok(made);
        }
        // What a killed kubewright left is found by its name.
        let scratch = tempfile::Builder::new()
            .prefix("making-")
            .tempdir_in(&self.folder)
            .map_err(ValidatorError::io("create a folder in", &self.folder))?;
        self.compile(scratch.path(), making, &mut lock)?;
        let kept = key.filter(|key| still().as_ref() == Some(*key));
        let Some(key) = kept else {
            return Ok(Made {
                program: program_in(scratch.path()),
                scratch: Some((scratch, lock)),
            });
        };
        let folder = self.folder.join(key.name());
        let made = scratch.keep();
        fs::rename(&made, &folder).map_err(ValidatorError::io("create", &folder))?;
        Ok(Made {
            program: program_in(&folder),
            scratch: None,
        })
    }

    /// The validator of a key, where it was made.
    pub fn find(&self, key: &Key) -> Option<Made> {
        let program = program_in(&self.folder.join(key.name()));
        if !program.is_file() {
            return None;
        }
        touch(&program);
        Some(Made {
            program,
            scratch: None,
        })
    }

    fn locked(&self, making: &Making<'_>) -> Result<Lock, ValidatorError> {
        let path = self.lock();
        let purpose = format!("the validator of {}", making.version);
        let lock = Lock::acquire(&path, &purpose, making.cancel, &mut |holder| {
            (making.waiting)(holder);
        });
        let lock = lock.map_err(ValidatorError::io("lock", path))?;
        let lock = lock.ok_or_else(|| ValidatorError::Interrupted(making.cancel.signal()))?;
        self.sweep();
        Ok(lock)
    }

    /// Removes what a killed kubewright left behind.
    fn sweep(&self) {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        for entry in entries {
            if entry.file_name().to_string_lossy().starts_with("making-") {
                let _ = fs::remove_dir_all(entry.path());
            }
        }
    }

    fn compile(
        &self,
        folder: &Path,
        making: &Making<'_>,
        lock: &mut Lock,
    ) -> Result<(), ValidatorError> {
        program::write(folder, making.tree).map_err(ValidatorError::io("write into", folder))?;
        // Go keeps its own notes there.
        let home = folder.join("home");
        count_nothing(&home).map_err(ValidatorError::io("write into", &home))?;
        let roots = Roots {
            source: making.tree.to_owned(),
            run: folder.to_owned(),
            toolchain: making.toolchain.root.clone(),
            path: "/usr/bin:/bin".into(),
            home,
            cache: self.go_cache(),
            engine: String::new(),
            kubewright: PathBuf::new(),
        };
        let native = Native {
            roots: &roots,
            environment: making.environment,
            grace: making.grace,
            cancel: making.cancel,
        };
        let step = step(making);
        let log = folder.join("log");
        making.events.send(Event::StepStarted {
            title: step.title.clone(),
            command: step.argv.join(" "),
            informs: step.informs(),
        });
        let ran = native
            .run(&step, &Attempt::default(), &log, Some(lock), making.events)
            .map_err(ValidatorError::io("run", &making.toolchain.root))?;
        making.events.send(Event::StepFinished {
            exit_code: ran.ended.status.code(),
            seconds: ran.ended.took.as_secs_f64(),
            peak: ran.ended.peak,
        });
        if making.cancel.is_requested() {
            return Err(ValidatorError::Interrupted(making.cancel.signal()));
        }
        let _ = fs::remove_dir_all(&roots.home);
        touch(&roots.cache);
        if ran.ended.status.success() {
            return Ok(());
        }
        let said = fs::read_to_string(&log).unwrap_or_default();
        let kept = self.folder.join("failed.log");
        fs::rename(&log, &kept).map_err(ValidatorError::io("write", &kept))?;
        Err(ValidatorError::NotCompiled {
            last: told(&said).unwrap_or_else(|| ran.ended.status.to_string()),
            log: kept,
        })
    }
}

/// Turns Go's telemetry off. Since 1.23 a Go that finds no mode leaves a process behind that goes on writing into its home, and
/// a folder in which somebody writes cannot be removed.
fn count_nothing(home: &Path) -> io::Result<()> {
    let folder = home.join(".config/go/telemetry");
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("mode"), "off")
}

/// The line of Go's output that tells most: the first error of the compiler, else the last line that names no package.
fn told(said: &str) -> Option<String> {
    let is_package = |line: &str| !line.contains([' ', ':']);
    let lines = || said.lines().filter(|line| !is_package(line));
    let error = lines().find(|line| line.contains(".go:"));
    error.or_else(|| lines().next_back()).map(str::to_owned)
}

/// The call of Go. Workspaces came to the trees with 1.30; whatever the caller's own environment says of either is not asked.
fn step(making: &Making<'_>) -> Step {
    let workspace = making.tree.join("go.work");
    let workspace = if workspace.is_file() {
        literal(&workspace.display().to_string())
    } else {
        "off".to_owned()
    };
    let mut argv = vec!["{toolchain}/bin/go", "build", "-v", "-trimpath"];
    if GoTraits::of(&making.toolchain.version).stamps_vcs {
        argv.push("-buildvcs=false");
    }
    let mut argv: Vec<String> = argv.into_iter().map(str::to_owned).collect();
    argv.extend(making.jobs.map(|jobs| format!("-p={jobs}")));
    argv.extend(["-overlay", "{run}/overlay.json", "-o", "{run}/validator"].map(str::to_owned));
    argv.push(format!("./{}", program::PACKAGE));
    let environment = BTreeMap::from([
        ("PATH".to_owned(), "{toolchain}/bin:{path}".to_owned()),
        ("HOME".to_owned(), "{home}".to_owned()),
        ("CGO_ENABLED".to_owned(), "0".to_owned()),
        ("GOCACHE".to_owned(), "{cache}".to_owned()),
        ("GOFLAGS".to_owned(), "-mod=vendor".to_owned()),
        ("GOPROXY".to_owned(), "off".to_owned()),
        ("GOWORK".to_owned(), workspace),
        ("GOENV".to_owned(), "off".to_owned()),
        ("GOTOOLCHAIN".to_owned(), "local".to_owned()),
    ]);
    Step {
        id: STEP.to_owned(),
        title: format!("the validator of {}", making.version),
        why: "the API server's own verdict was asked for".to_owned(),
        executor: Executor::Native,
        argv,
        environment,
        passes: PASSES.map(str::to_owned).to_vec(),
        folder: "{source}".to_owned(),
        needs: Vec::new(),
        compiles: Vec::new(),
        packages: program::IMPORTS.map(str::to_owned).to_vec(),
        cache: Some("{cache}".to_owned()),
        takes_go_flags: false,
        puts_back: Vec::new(),
        tools: Vec::new(),
        artifacts: Vec::new(),
        collects: Vec::new(),
        hands_on: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_that_tells_most_is_an_error_of_the_compiler() {
        let said = "k8s.io/api/core/v1\n# k8s.io/kubernetes/cmd/kubewright-validator\n\
                    cmd/kubewright-validator/main.go:3:1: undefined: judge\nnote: module requires Go 1.99\n";
        assert_eq!(
            told(said).unwrap(),
            "cmd/kubewright-validator/main.go:3:1: undefined: judge"
        );
        let said = "k8s.io/api\ngo: inconsistent vendoring in /tree:\n";
        assert_eq!(told(said).unwrap(), "go: inconsistent vendoring in /tree:");
        assert_eq!(told("k8s.io/api\n"), None);
    }
}
