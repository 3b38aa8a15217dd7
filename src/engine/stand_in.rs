//! An image that stands in for upstream's kube-cross where no registry can be reached: a small Debian or Ubuntu from the
//! packages that this machine's own system is made of, with the Go that the tree asks for.
//!
//! It has no cross compilers: pure Go is built for every platform, what needs cgo for the engine's own.

use std::cell::Cell;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{Engine, EngineError, Image, Import, Labels, Purpose, stand_in_name};
use crate::cancel::Cancel;
use crate::error::{Explain, Kind};
use crate::lock::Lock;
use crate::settings::Environment;

/// What kube-cross has of Debian's packages, without its cross compilers
/// (`images/build/cross/default/Dockerfile` of kubernetes/release).
const PACKAGES: &str = "bash,make,rsync,gcc,g++,libc6-dev,git,curl,ca-certificates,file,jq,patch,\
                        procps,iproute2,gnupg,openssh-client,unzip,python3-minimal";

/// The same environment as kube-cross.
const ENVIRONMENT: [(&str, &str); 5] = [
    (
        "PATH",
        "/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    ),
    ("GOPATH", "/usr/local/go"),
    ("GOROOT", "/usr/local/go"),
    ("TMPDIR", "/tmp.k8s"),
    ("GOTOOLCHAIN", "local"),
];

/// What passes from the caller to debootstrap: ways to the network.
const PASSES: [&str; 6] = [
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
];

/// What a stand-in is made of.
#[derive(Clone, Copy, Debug)]
pub struct StandIn<'a> {
    /// The version of Go, without `go`.
    pub go: &'a str,
    /// Its folder on this machine.
    pub toolchain: &'a Path,
    /// Where the system's part is kept for the next stand-in.
    pub cache: &'a Path,
    /// The caller's `PATH`.
    pub path: &'a OsStr,
    /// The caller's environment.
    pub environment: &'a Environment,
}

/// Why no stand-in can be made.
#[derive(Debug, thiserror::Error)]
pub enum StandInError {
    /// There is no debootstrap.
    #[error("there is no `debootstrap` on PATH to make the image's system with")]
    NoTool,
    /// Only root can make the files of a system.
    #[error("only root can make the image's system: its files belong to root")]
    NotRoot,
    /// debootstrap failed.
    #[error("`debootstrap` failed: {last}")]
    Failed {
        /// The last line that it said.
        last: String,
    },
    /// The tree's Go does not compile what an image needs.
    #[error("the tree's Go does not compile `go-runner`: {last}")]
    NotCompiled {
        /// The last line that it said.
        last: String,
    },
    /// A file cannot be read or written.
    #[error("cannot use `{path}`")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The engine does not take it.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl Explain for StandInError {
    fn kind(&self) -> Kind {
        match self {
            StandInError::Failed { .. } => Kind::Source,
            StandInError::Io { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                Kind::OutOfDisk
            }
            StandInError::NoTool
            | StandInError::NotRoot
            | StandInError::NotCompiled { .. }
            | StandInError::Io { .. } => Kind::Preflight,
            StandInError::Engine(error) => error.kind(),
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            StandInError::NoTool => {
                vec!["`sudo apt-get install debootstrap` brings it on Debian and Ubuntu".to_owned()]
            }
            StandInError::NotRoot => vec!["`sudo kubewright engine image`".to_owned()],
            StandInError::Engine(error) => error.hints(),
            StandInError::Failed { .. }
            | StandInError::NotCompiled { .. }
            | StandInError::Io { .. } => Vec::new(),
        }
    }
}

impl Engine {
    /// Makes a stand-in and gives it its name. `say` is told what debootstrap says.
    pub fn make_stand_in(
        &self,
        stand_in: &StandIn<'_>,
        cancel: &Cancel,
        say: &mut dyn FnMut(&str),
    ) -> Result<Image, StandInError> {
        let base = base(stand_in, cancel, say)?;
        let import = Import {
            reference: &stand_in_name(stand_in.go),
            platform: &self.profile.platform,
            scratch: stand_in.cache,
            environment: &ENVIRONMENT,
            entrypoint: &[],
            labels: &Labels::new(Purpose::StandIn, ""),
        };
        let toolchain = stand_in.toolchain.to_owned();
        let image = self.import(&import, cancel, move |writer| {
            write_files(&toolchain, &base, writer)
        })?;
        Ok(image)
    }
}

/// The system's part as a tar archive, made where it is absent.
fn base(
    stand_in: &StandIn<'_>,
    cancel: &Cancel,
    say: &mut dyn FnMut(&str),
) -> Result<PathBuf, StandInError> {
    let name = |system: &System| format!("{}-{}.tar", system.suite, std::env::consts::ARCH);
    archived(stand_in, cancel, say, &name, |system, scratch, say| {
        let root = scratch.join("root");
        debootstrap(stand_in, system, PACKAGES, &[], &root, say)?;
        clean(&root);
        pack(stand_in, &root, &scratch.join("root.tar"))
    })
}

/// An archive of files that belong to root, kept for later; `make` leaves it as `root.tar` in the folder that it is given.
pub(super) fn archived(
    stand_in: &StandIn<'_>,
    cancel: &Cancel,
    say: &mut dyn FnMut(&str),
    name: &dyn Fn(&System) -> String,
    make: impl FnOnce(&System, &Path, &mut dyn FnMut(&str)) -> Result<(), StandInError>,
) -> Result<PathBuf, StandInError> {
    let io = |path: &Path| {
        let path = path.to_owned();
        move |source| StandInError::Io { path, source }
    };
    let cache = stand_in.cache;
    fs::create_dir_all(cache).map_err(io(cache))?;
    let lock_path = cache.join("lock");
    let lock = Lock::acquire(&lock_path, "making an image", cancel, &mut |holder| {
        say(&format!("waiting for process {}", holder.pid));
    });
    let Some(_lock) = lock.map_err(io(&lock_path))? else {
        return Err(EngineError::Interrupted(cancel.signal()).into());
    };
    let system = System::of_host(stand_in);
    let archive = cache.join(name(&system));
    if archive.exists() {
        return Ok(archive);
    }
    if !rustix::process::geteuid().is_root() {
        return Err(StandInError::NotRoot);
    }
    let scratch = tempfile::Builder::new()
        .prefix("making-")
        .tempdir_in(cache)
        .map_err(io(cache))?;
    make(&system, scratch.path(), say)?;
    fs::rename(scratch.path().join("root.tar"), &archive).map_err(io(&archive))?;
    Ok(archive)
}

/// The system whose packages are taken.
#[derive(Debug)]
pub(super) struct System {
    pub(super) suite: String,
    mirror: Option<String>,
}

impl System {
    /// This machine's own, where it is Debian or Ubuntu; else Debian 12 from its usual mirror.
    fn of_host(stand_in: &StandIn<'_>) -> System {
        let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
        let field = |name: &str| {
            let line = release
                .lines()
                .find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
            line.map(|value| value.trim_matches('"').to_owned())
        };
        let known = ["debian", "ubuntu"].contains(&field("ID").as_deref().unwrap_or_default());
        match field("VERSION_CODENAME").filter(|_| known) {
            Some(suite) => System {
                mirror: mirror(stand_in, &suite),
                suite,
            },
            None => System {
                suite: "bookworm".to_owned(),
                mirror: None,
            },
        }
    }
}

/// Where this machine gets its packages from: that way is open.
fn mirror(stand_in: &StandIn<'_>, suite: &str) -> Option<String> {
    let output = command("apt-get", stand_in)
        .args([
            "indextargets",
            "--format",
            "$(RELEASE) $(REPO_URI)",
            "Created-By: Packages",
        ])
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().find_map(|line| {
        let (release, uri) = line.split_once(' ')?;
        (release == suite && uri.starts_with("http")).then(|| uri.to_owned())
    })
}

pub(super) fn command(program: impl AsRef<OsStr>, stand_in: &StandIn<'_>) -> Command {
    let mut command = Command::new(program);
    let passed = PASSES
        .iter()
        .filter_map(|name| Some((name, stand_in.environment.get(name)?)));
    command
        .env_clear()
        .envs(passed)
        .env("PATH", search_path(stand_in.path))
        .env("LC_ALL", "C")
        .stdin(Stdio::null());
    command
}

/// debootstrap lies where only root looks.
fn search_path(path: &OsStr) -> std::ffi::OsString {
    let mut path = path.to_owned();
    path.push(":/usr/local/sbin:/usr/sbin:/sbin");
    path
}

pub(super) fn debootstrap(
    stand_in: &StandIn<'_>,
    system: &System,
    packages: &str,
    more: &[String],
    root: &Path,
    say: &mut dyn FnMut(&str),
) -> Result<(), StandInError> {
    let mut arguments = vec![
        "--variant=minbase".to_owned(),
        format!("--include={packages}"),
    ];
    arguments.extend_from_slice(more);
    arguments.extend([system.suite.clone(), root.display().to_string()]);
    arguments.extend(system.mirror.clone());
    let started = command("debootstrap", stand_in)
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let mut child = started.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => StandInError::NoTool,
        _ => StandInError::Failed {
            last: error.to_string(),
        },
    })?;
    let mut last = String::new();
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            // One line a package, twice: too much for people.
            if !line.starts_with("I: Retrieving ") && !line.starts_with("I: Validating ") {
                if !line.starts_with("I: Unpacking ") && !line.starts_with("I: Extracting ") {
                    say(&line);
                }
                last = line;
            }
        }
    }
    match child.wait() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(StandInError::Failed { last }),
        Err(error) => Err(StandInError::Failed {
            last: error.to_string(),
        }),
    }
}

/// What only the making needed.
fn clean(root: &Path) {
    for folder in ["var/cache/apt/archives", "var/lib/apt/lists"] {
        for entry in fs::read_dir(root.join(folder))
            .into_iter()
            .flatten()
            .flatten()
        {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// By the system's tar: it knows hard links and devices.
pub(super) fn pack(
    stand_in: &StandIn<'_>,
    root: &Path,
    archive: &Path,
) -> Result<(), StandInError> {
    let packed = command("tar", stand_in)
        .args(["--numeric-owner", "--one-file-system", "-C"])
        .arg(root)
        .arg("-cf")
        .arg(archive)
        .arg(".")
        .output();
    match packed {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(StandInError::Failed {
            last: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        }),
        Err(source) => Err(StandInError::Io {
            path: archive.to_owned(),
            source,
        }),
    }
}

/// Go's files, then the system's archive as it is, with its end mark.
fn write_files(toolchain: &Path, base: &Path, writer: &mut dyn Write) -> io::Result<()> {
    let is_open = Cell::new(true);
    let mut archive = tar::Builder::new(Gate {
        writer: &mut *writer,
        is_open: &is_open,
    });
    archive.follow_symlinks(false);
    add_folder(&mut archive, "tmp.k8s", 0o1777)?;
    add_tree(&mut archive, toolchain, Path::new("usr/local/go"))?;
    // The builder would write an end mark when it goes.
    is_open.set(false);
    drop(archive);
    io::copy(&mut File::open(base)?, writer)?;
    Ok(())
}

/// A folder of root's.
pub(super) fn add_folder<W: Write>(
    archive: &mut tar::Builder<W>,
    path: &str,
    mode: u32,
) -> io::Result<()> {
    let mut header = header(mode, 0);
    header.set_entry_type(tar::EntryType::Directory);
    archive.append_data(&mut header, path, io::empty())
}

/// A file of root's.
pub(super) fn add_file<W: Write>(
    archive: &mut tar::Builder<W>,
    path: &str,
    mode: u32,
    content: &[u8],
) -> io::Result<()> {
    archive.append_data(&mut header(mode, content.len() as u64), path, content)
}

fn header(mode: u32, size: u64) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_mode(mode);
    header.set_size(size);
    header.set_uid(0);
    header.set_gid(0);
    header
}

/// A writer that can be shut.
struct Gate<'a> {
    writer: &'a mut dyn Write,
    is_open: &'a Cell<bool>,
}

impl Write for Gate<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.is_open.get() {
            self.writer.write(bytes)
        } else {
            Ok(bytes.len())
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// The files of a toolchain, which root may change: those of a module cache are read-only.
fn add_tree(archive: &mut tar::Builder<Gate<'_>>, root: &Path, target: &Path) -> io::Result<()> {
    let mut pending = vec![PathBuf::new()];
    while let Some(relative) = pending.pop() {
        let place = root.join(&relative);
        let metadata = fs::symlink_metadata(&place)?;
        let mut header = tar::Header::new_gnu();
        header.set_metadata(&metadata);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mode(header.mode()? | 0o644);
        let target: PathBuf = target.components().chain(relative.components()).collect();
        if metadata.is_dir() {
            for entry in fs::read_dir(&place)? {
                pending.push(relative.join(entry?.file_name()));
            }
            header.set_mode(0o755);
            header.set_size(0);
            archive.append_data(&mut header, target, io::empty())?;
        } else if metadata.is_symlink() {
            header.set_size(0);
            archive.append_link(&mut header, target, fs::read_link(&place)?)?;
        } else if metadata.is_file() {
            archive.append_data(&mut header, target, File::open(&place)?)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_parts_are_one_archive() {
        let folder = tempfile::tempdir().unwrap();
        let go = folder.path().join("go");
        fs::create_dir_all(go.join("bin")).unwrap();
        fs::write(go.join("VERSION"), "go1.25.1\n").unwrap();
        let base = folder.path().join("base.tar");
        let mut system = tar::Builder::new(File::create(&base).unwrap());
        let mut header = tar::Header::new_gnu();
        header.set_size(3);
        system
            .append_data(&mut header, "etc/os", &b"\0\0\0"[..])
            .unwrap();
        system.into_inner().unwrap();
        let mut bytes = Vec::new();
        write_files(&go, &base, &mut bytes).unwrap();
        let mut archive = tar::Archive::new(bytes.as_slice());
        let entries = archive.entries().unwrap().map(|entry| entry.unwrap());
        let mut names: Vec<String> = entries
            .map(|entry| entry.path().unwrap().display().to_string())
            .collect();
        names.sort();
        assert_eq!(
            names,
            [
                "etc/os",
                "tmp.k8s",
                "usr/local/go",
                "usr/local/go/VERSION",
                "usr/local/go/bin"
            ]
        );
    }
}
