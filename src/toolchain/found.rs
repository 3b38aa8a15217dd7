//! A Go that is already on this machine: on PATH, or in a folder.

use std::ffi::OsStr;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::thread;
use std::time::Duration;

use super::{GoTraits, GoVersion, Surroundings};

/// A `go` program that was asked what it is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct FoundGo {
    /// The program that was found, which may be a link or a wrapper.
    pub(super) program: PathBuf,
    pub(super) version: GoVersion,
    /// Its GOROOT, whose `bin/go` exists.
    pub(super) root: PathBuf,
}

/// Why there is no Go to be used.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NoGo {
    /// No folder of PATH holds a program of that name.
    #[error("there is no `go` on PATH")]
    NotOnPath,
    /// There is one, but it does not work.
    #[error("`{}` does not work: {reason}", program.display())]
    Broken {
        /// The program.
        program: PathBuf,
        /// What it said, or did not say.
        reason: String,
    },
}

impl FoundGo {
    /// The first `go` on the user's PATH.
    pub(super) fn on_path(surroundings: &Surroundings) -> Result<FoundGo, NoGo> {
        let program = std::env::split_paths(&surroundings.path)
            .filter(|folder| folder.is_absolute())
            .map(|folder| folder.join("go"))
            .find(|program| is_executable(program))
            .ok_or(NoGo::NotOnPath)?;
        FoundGo::ask(program, None, surroundings)
    }

    /// The Go whose root is `folder`.
    pub(super) fn at(folder: &Path, surroundings: &Surroundings) -> Result<FoundGo, NoGo> {
        FoundGo::ask(program_of(folder), Some(folder), surroundings)
    }

    fn ask(
        program: PathBuf,
        known_root: Option<&Path>,
        surroundings: &Surroundings,
    ) -> Result<FoundGo, NoGo> {
        let answer = |arguments: &[&str]| {
            let mut command = surroundings.go(&program);
            if let Some(root) = known_root {
                command.env("GOROOT", root);
            }
            output(command.args(arguments))
        };
        let broken = |reason| NoGo::Broken {
            program: program.clone(),
            reason,
        };
        let version = read_version(&answer(&["version"]).map_err(broken)?).map_err(broken)?;
        let root = match beside(&program).filter(|_| GoTraits::of(&version).needs_goroot) {
            Some(root) => root,
            None => PathBuf::from(answer(&["env", "GOROOT"]).map_err(broken)?),
        };
        if !is_executable(&program_of(&root)) {
            let reason = format!("its GOROOT `{}` holds no `bin/go`", root.display());
            return Err(broken(reason));
        }
        Ok(FoundGo {
            program,
            version,
            root,
        })
    }
}

/// The `go` program of a GOROOT.
pub(super) fn program_of(root: &Path) -> PathBuf {
    root.join("bin/go")
}

/// The root that a Go program lies in, where it lies in one. A Go whose root is compiled in may
/// name a foreign one.
fn beside(program: &Path) -> Option<PathBuf> {
    let real = program.canonicalize().ok()?;
    let root = real.parent()?.parent()?;
    root.join("VERSION").is_file().then(|| root.to_owned())
}

fn is_executable(program: &Path) -> bool {
    program
        .metadata()
        .is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

/// What a command prints, trimmed; else why there is nothing.
fn output(command: &mut Command) -> Result<String, String> {
    let arguments: Vec<_> = command.get_args().map(OsStr::to_string_lossy).collect();
    let asked = format!("`go {}`", arguments.join(" "));
    let output =
        patient_output(command).map_err(|error| format!("{asked} cannot be run: {error}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let said = said.lines().last().unwrap_or_default().trim();
        return Err(format!("{asked} failed ({}): {said}", output.status));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Runs a program that may just have been unpacked: a child that another thread starts at that
/// moment holds the file open for writing until it runs its own program, and so long nobody can run
/// this one.
fn patient_output(command: &mut Command) -> io::Result<Output> {
    const TRIES: u32 = 20;
    for _ in 1..TRIES {
        match command.output() {
            Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy => {
                thread::sleep(Duration::from_millis(10));
            }
            outcome => return outcome,
        }
    }
    command.output()
}

/// Reads `go version go1.24.6 linux/amd64`, and `go version devel go1.27-3b3d6e2 Fri …
/// linux/amd64`.
fn read_version(report: &str) -> Result<GoVersion, String> {
    let unclear = || format!("`go version` says `{report}`");
    let said = report.strip_prefix("go version ").ok_or_else(unclear)?;
    let mut words = said
        .split_whitespace()
        .skip_while(|word| *word == "devel")
        .peekable();
    let version = words.next().ok_or_else(unclear)?;
    // GCC's Go has another runtime and no way to build Kubernetes.
    if words.peek() == Some(&"gccgo") {
        return Err(format!("{}, which is not the Go toolchain", unclear()));
    }
    GoVersion::from_report(version).map_err(|_| unclear())
}

#[cfg(test)]
mod tests {
    use super::super::testing::Fixture;
    use super::*;

    #[test]
    fn reads_what_go_programs_say_of_themselves() {
        for (report, version) in [
            ("go version go1.24.6 linux/amd64", "1.24.6"),
            ("go version go1.24.6 X:nocoverage linux/amd64", "1.24.6"),
            (
                "go version go1.21.13 (Red Hat 1.21.13-3.el9) linux/amd64",
                "1.21.13",
            ),
            (
                "go version devel go1.27-3b3d6e2 Fri Aug 7 linux/amd64",
                "1.27",
            ),
        ] {
            assert_eq!(
                read_version(report),
                Ok(version.parse().unwrap()),
                "{report}"
            );
        }
        for report in [
            "",
            "go version",
            "go version gccgo",
            "go version go1.18 gccgo (Debian) x",
        ] {
            assert!(read_version(report).is_err(), "{report}");
        }
    }

    #[test]
    fn asks_the_first_executable_on_path() {
        let mut fixture = Fixture::new();
        std::fs::create_dir_all(fixture.path("first")).unwrap();
        std::fs::write(fixture.path("first/go"), "no program").unwrap();
        let root = fixture.fake_go("second", "1.24.6");
        fixture.set_path(&["first", "missing", "second/bin"]);
        let go = FoundGo::on_path(&fixture.surroundings).unwrap();
        assert_eq!(go.version.to_string(), "1.24.6");
        assert_eq!(go.root, root);
    }

    #[test]
    fn follows_links_and_wrappers_to_the_root() {
        let mut fixture = Fixture::new();
        let root = fixture.fake_go("real", "1.24.6");
        std::fs::create_dir_all(fixture.path("links")).unwrap();
        std::os::unix::fs::symlink(root.join("bin/go"), fixture.path("links/go")).unwrap();
        fixture.set_path(&["links"]);
        let go = FoundGo::on_path(&fixture.surroundings).unwrap();
        assert_eq!((go.program, go.root), (fixture.path("links/go"), root));
    }

    #[test]
    fn a_go_with_a_compiled_in_root_is_found_by_where_it_lies() {
        let mut fixture = Fixture::new();
        let root = fixture.fake_go("old", "1.8.3");
        fixture.script(
            "old/bin/go",
            "case $1 in version) echo go version go1.8.3 linux/amd64;; *) echo /elsewhere;; esac",
        );
        fixture.set_path(&["old/bin"]);
        assert_eq!(FoundGo::on_path(&fixture.surroundings).unwrap().root, root);
    }

    #[test]
    fn says_why_a_program_cannot_be_used() {
        let mut fixture = Fixture::new();
        fixture.set_path(&["bin"]);
        assert_eq!(
            FoundGo::on_path(&fixture.surroundings),
            Err(NoGo::NotOnPath)
        );

        fixture.script("bin/go", "echo no version is set >&2; exit 126");
        let error = FoundGo::on_path(&fixture.surroundings)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("`go version` failed (exit status: 126): no version is set"),
            "{error}"
        );

        fixture.script(
            "bin/go",
            "case $1 in version) echo go version go1.24.6 linux/amd64;; *) echo /nowhere;; esac",
        );
        let error = FoundGo::on_path(&fixture.surroundings)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("GOROOT `/nowhere` holds no `bin/go`"),
            "{error}"
        );
    }
}
