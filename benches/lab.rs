//! Where it is measured: a tree, a Go, and homes of kubewright that know nothing of earlier runs.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use kubewright::plan::{Plan, Root, Step, locate};
use kubewright::report::manifest::{AttemptRecord, Manifest};
use kubewright::report::runs::Runs;
use kubewright::report::{Envelope, Event};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use super::Failure;

/// kubewright, as people install it.
const PROGRAM: &str = env!("CARGO_BIN_EXE_kubewright");

/// How often kubewright's own memory is looked at. The kernel keeps the peak, so that it need not be often.
const LOOK: Duration = Duration::from_millis(20);

/// A tree, a Go, and room for logs.
pub(crate) struct Lab {
    source: PathBuf,
    path: OsString,
    go_root: PathBuf,
    room: TempDir,
}

/// How a call of kubewright went that may fail.
pub(crate) struct Tried {
    /// The exit code; `None` where patience ended first.
    pub code: Option<i32>,
    /// From its start to its end.
    pub wall: Duration,
    /// What its step was given and took, try by try.
    pub attempts: Vec<AttemptRecord>,
}

/// How a call of kubewright went.
pub(crate) struct Called {
    /// From its start to its end.
    pub wall: Duration,
    /// The most that its own process held, without make: `VmHWM`.
    pub resident: u64,
    /// What it wrote down.
    pub manifest: Manifest,
}

impl Called {
    /// What the last step that ran was given and took; `None` where nothing had to run.
    pub(crate) fn attempt(&self) -> Option<&AttemptRecord> {
        self.manifest.steps.last()?.attempts.last()
    }
}

impl Lab {
    /// Refuses what is no tree of Kubernetes: its `_output` would be removed.
    pub(crate) fn new(source: &Path, go_root: Option<PathBuf>) -> Result<Lab, Failure> {
        let source = fs::canonicalize(source)?;
        if !source.join("hack/lib/init.sh").is_file() {
            return Err(format!("{} is no tree of Kubernetes", source.display()).into());
        }
        let go_root = match go_root {
            Some(folder) => fs::canonicalize(folder)?,
            None => toolchain(&source)?,
        };
        let path = env::var_os("PATH").unwrap_or_default();
        let folders = [go_root.join("bin")]
            .into_iter()
            .chain(env::split_paths(&path));
        Ok(Lab {
            source,
            path: env::join_paths(folders)?,
            go_root,
            room: TempDir::new()?,
        })
    }

    /// A home that knows nothing, so that nothing is reused and no forecast corrected.
    pub(crate) fn home(&self) -> Result<TempDir, Failure> {
        Ok(tempfile::tempdir_in(self.room.path())?)
    }

    /// Removes all that was built, the Go cache too.
    pub(crate) fn make_cold(&self) -> Result<(), Failure> {
        remove(&self.source.join("_output"))?;
        rustix::fs::sync();
        Ok(())
    }

    /// Puts `_output` where no build sees it, in place of what a killed bench left there.
    pub(crate) fn set_aside(&self) -> Result<(), Failure> {
        remove(&self.aside())?;
        Ok(fs::rename(self.source.join("_output"), self.aside())?)
    }

    /// Puts `_output` back.
    pub(crate) fn bring_back(&self) -> Result<(), Failure> {
        Ok(fs::rename(self.aside(), self.source.join("_output"))?)
    }

    /// On the same file system, and outside of the tree, which Git is asked about.
    fn aside(&self) -> PathBuf {
        self.source.with_extension("output-set-aside")
    }

    /// Removes the binaries only, so that the next build links and compiles nothing.
    pub(crate) fn remove_binaries(&self, component: &str) -> Result<(), Failure> {
        let found = duct::cmd!(
            "find",
            self.source.join("_output"),
            "-type",
            "f",
            "-name",
            component,
            "-delete"
        );
        found.run()?;
        Ok(())
    }

    /// Builds components with kubewright, with options of its command line.
    pub(crate) fn kubewright(
        &self,
        component: &str,
        home: &Path,
        options: &[&str],
    ) -> Result<Called, Failure> {
        let mut command = self.command(component, home);
        command.args(options);
        let log = File::create(self.room.path().join("kubewright.log"))?;
        let (output, error) = (log.try_clone()?, log);
        let started = Instant::now();
        let mut child = command.stdout(output).stderr(error).spawn()?;
        let resident = watch(&mut child)?;
        let wall = started.elapsed();
        let status = child.wait()?;
        if !status.success() {
            let log = fs::read_to_string(self.room.path().join("kubewright.log"))?;
            return Err(format!("kubewright ended with {status}\n{log}").into());
        }
        let newest = Runs::below(home).list().into_iter().next();
        let manifest = newest.ok_or("kubewright left no manifest")?.manifest;
        Ok(Called {
            wall,
            resident,
            manifest,
        })
    }

    /// Builds a component with kubewright where that may fail or take for ever, with options of its command line.
    pub(crate) fn try_kubewright(
        &self,
        component: &str,
        options: &[String],
        patience: Duration,
    ) -> Result<Tried, Failure> {
        let home = self.home()?;
        let log = File::create(self.room.path().join("kubewright.log"))?;
        let mut command = self.command(component, home.path());
        command.args(options).stdout(log.try_clone()?).stderr(log);
        let started = Instant::now();
        let mut child = command.spawn()?;
        let mut given_up = false;
        while child.try_wait()?.is_none() {
            if started.elapsed() > patience && !given_up {
                given_up = true;
                // It stops its container before it ends.
                let id = Pid::from_child(&child);
                kill_process(id, Signal::TERM)?;
            }
            thread::sleep(LOOK);
        }
        let (wall, status) = (started.elapsed(), child.wait()?);
        let newest = Runs::below(home.path()).list().into_iter().next();
        let steps = newest.map(|run| run.manifest.steps).unwrap_or_default();
        Ok(Tried {
            code: status.code().filter(|_| !given_up),
            wall,
            attempts: steps.into_iter().flat_map(|step| step.attempts).collect(),
        })
    }

    /// The tree.
    pub(crate) fn source(&self) -> &Path {
        &self.source
    }

    /// The place of a log.
    pub(crate) fn log(&self, name: &str) -> PathBuf {
        self.room.path().join(name)
    }

    /// A file of the tree.
    pub(crate) fn file(&self, relative: &str) -> PathBuf {
        self.source.join(relative)
    }

    /// What kubewright would do.
    pub(crate) fn plan(&self, component: &str, options: &[String]) -> Result<Plan, Failure> {
        let home = self.home()?;
        let mut command = self.command(component, home.path());
        command.args(options);
        let output = command
            .args(["--dry-run", "--message-format", "json"])
            .output()?;
        let planned =
            String::from_utf8(output.stdout)?.lines().find_map(
                |line| match serde_json::from_str::<Envelope>(line).ok()?.event {
                    Event::Planned { plan } => Some(*plan),
                    _ => None,
                },
            );
        Ok(planned.ok_or_else(|| String::from_utf8_lossy(&output.stderr).into_owned())?)
    }

    /// Writes upstream's version file for the tree as a plan has it.
    pub(crate) fn version_file(&self, plan: &Plan) -> Result<PathBuf, Failure> {
        let file = self.room.path().join("version");
        fs::write(&file, plan.source.stamp.version_file())?;
        Ok(file)
    }

    /// Runs what a plan says with raw make, in exactly the environment of the plan.
    pub(crate) fn make(&self, plan: &Plan) -> Result<Duration, Failure> {
        self.version_file(plan)?;
        let step = plan.steps.first().ok_or("the plan has no step")?;
        let log = File::create(self.room.path().join("make.log"))?;
        let started = Instant::now();
        let status = Command::new(&step.argv[0])
            .args(&step.argv[1..])
            .current_dir(&self.source)
            .env_clear()
            .envs(self.environment(step))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .status()?;
        let wall = started.elapsed();
        if !status.success() {
            let log = fs::read_to_string(self.room.path().join("make.log"))?;
            return Err(format!("make ended with {status}\n{log}").into());
        }
        Ok(wall)
    }

    fn environment(&self, step: &Step) -> BTreeMap<String, OsString> {
        let place = |root| match root {
            Root::Source => self.source.display().to_string(),
            Root::Run => self.room.path().display().to_string(),
            Root::Toolchain => self.go_root.display().to_string(),
            Root::Path => self.path.to_string_lossy().into_owned(),
            Root::Home | Root::Cache => env::var("HOME").unwrap_or_default(),
            Root::Engine => env::var("DOCKER_HOST").unwrap_or_default(),
            Root::Kubewright => PROGRAM.to_owned(),
        };
        let set = step
            .environment
            .iter()
            .map(|(name, value)| (name.clone(), locate(value, place).into()));
        let passed = step
            .passes
            .iter()
            .filter_map(|name| Some((name.clone(), env::var_os(name)?)));
        set.chain(passed).collect()
    }

    fn command(&self, component: &str, home: &Path) -> Command {
        let mut command = Command::new(PROGRAM);
        command
            .args(["build", "component", component, "--go", "host", "--source"])
            .arg(&self.source)
            .env("PATH", &self.path)
            .env("GOTOOLCHAIN", "local")
            .env("KUBEWRIGHT_HOME", home)
            .stdin(Stdio::null());
        command
    }
}

/// How long a call of kubewright takes that only prints its help.
pub(crate) fn help() -> Result<Duration, Failure> {
    let started = Instant::now();
    Command::new(PROGRAM)
        .arg("--help")
        .stdout(Stdio::null())
        .status()?;
    Ok(started.elapsed())
}

/// The Go that a tree names, out of kubewright's own store.
fn toolchain(source: &Path) -> Result<PathBuf, Failure> {
    let named = fs::read_to_string(source.join(".go-version"));
    let version = named.map_err(|_| "the tree has no .go-version: name a Go by --go-root")?;
    let version = version.trim();
    duct::cmd!(PROGRAM, "toolchain", "install", version)
        .stdout_null()
        .run()?;
    let path = duct::cmd!(PROGRAM, "toolchain", "path", version).read()?;
    Ok(PathBuf::from(path))
}

/// Waits for the end, and gives the peak of the process's own resident memory in bytes.
fn watch(child: &mut Child) -> Result<u64, Failure> {
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait()?.is_none() {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
        peak = kilobytes.map_or(peak, |kilobytes: u64| peak.max(kilobytes * 1024));
        thread::sleep(LOOK);
    }
    Ok(peak)
}

/// Removes the output of builds, in which the Go cache has folders that cannot be written to.
fn remove(output: &Path) -> Result<(), Failure> {
    if output.exists() {
        duct::cmd!("chmod", "-R", "u+w", output).run()?;
        fs::remove_dir_all(output)?;
    }
    Ok(())
}
