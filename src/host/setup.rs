//! Set-up: installing the tools that checks found missing, with the package manager of the host.
//!
//! Whether to do it is asked by the caller. Only apt's commands are run; those of other package
//! managers are shown. What no package has is built from its Go module, where it is [one](super::Plugin).

use std::io::{self, BufRead, BufReader};
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::check::quoted;
use super::packages::{PackageManager, by_hand};
use super::system::SystemFacts;
use super::tool::Tool;
use crate::error::{Explain, Kind};

/// What installs the tools that are missing.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Setup {
    /// The package manager, where there is one that kubewright knows.
    pub manager: Option<PackageManager>,
    /// The commands, each as program and arguments, in order.
    pub commands: Vec<Vec<String>>,
    /// The tools that no package brings here.
    pub unpackaged: Vec<Tool>,
}

impl Setup {
    /// The commands that install tools on this system.
    pub fn plan(tools: &[Tool], manager: Option<PackageManager>, system: &SystemFacts) -> Setup {
        let mut packages: Vec<&str> = Vec::new();
        let mut unpackaged = Vec::new();
        for tool in tools {
            let names = manager.map_or(&[][..], |it| {
                it.packages(*tool, system.distribution.as_ref())
            });
            if names.is_empty() {
                unpackaged.push(*tool);
            }
            for name in names {
                if !packages.contains(name) {
                    packages.push(name);
                }
            }
        }
        let commands = match manager {
            Some(manager) if !packages.is_empty() => manager.install(&packages, system.superuser),
            _ => Vec::new(),
        };
        Setup {
            manager,
            commands,
            unpackaged,
        }
    }

    /// Whether [`Setup::run`] runs the commands, and does not leave them to the user.
    pub fn is_runnable(&self) -> bool {
        self.manager == Some(PackageManager::Apt) && !self.commands.is_empty()
    }

    /// Whether buildx is to be built, for want of a package.
    pub fn builds_buildx(&self) -> bool {
        self.unpackaged.contains(&Tool::Buildx)
    }

    /// The commands as lines to type.
    pub fn lines(&self) -> Vec<String> {
        self.commands.iter().map(|argv| line(argv)).collect()
    }

    /// What to type, in sentences.
    pub fn hints(&self) -> Vec<String> {
        let lines = self.lines().join("`, then `");
        let packaged = match (self.commands.is_empty(), self.is_runnable()) {
            (true, _) => None,
            (_, true) => Some(format!(
                "`--setup` installs what is missing; by hand: `{lines}`."
            )),
            (_, false) => Some(format!("`{lines}` installs what is missing.")),
        };
        let unpackaged = self
            .unpackaged
            .iter()
            .map(|tool| match by_hand(*tool, self.manager) {
                [] => format!("Install `{tool}`; kubewright knows no package of it here."),
                lines if *tool == Tool::Buildx => format!(
                    "`--setup` builds `{tool}` from its Go module, for want of a package; by hand: `{}`.",
                    lines.join("`, then `")
                ),
                lines => format!(
                    "`{tool}` comes without a package: `{}`.",
                    lines.join("`, then `")
                ),
            });
        packaged.into_iter().chain(unpackaged).collect()
    }

    /// Runs the commands one after the other and hands each line of their output on, until one
    /// fails. They get no input but what sudo reads from the terminal itself.
    pub fn run(&self, on_line: &mut dyn FnMut(&str)) -> Result<(), SetupError> {
        if !self.is_runnable() {
            return Err(SetupError::NotRunnable {
                hints: self.hints(),
            });
        }
        self.commands
            .iter()
            .try_for_each(|argv| run_command(argv, on_line))
    }
}

fn run_command(argv: &[String], on_line: &mut dyn FnMut(&str)) -> Result<(), SetupError> {
    let Some((program, arguments)) = argv.split_first() else {
        return Ok(());
    };
    let expression = duct::cmd(program, arguments).env("DEBIAN_FRONTEND", "noninteractive");
    run_expression(&expression, argv, on_line)
}

/// Runs a command, whose words are for people, and hands on each line that it prints.
pub(super) fn run_expression(
    expression: &duct::Expression,
    argv: &[String],
    on_line: &mut dyn FnMut(&str),
) -> Result<(), SetupError> {
    let failed = |source: io::Error| SetupError::NotRun {
        command: line(argv),
        source,
    };
    let reader = expression
        .stdin_null()
        .stderr_to_stdout()
        .unchecked()
        .reader()
        .map_err(failed)?;
    let mut lines = BufReader::new(&reader);
    let mut bytes = Vec::new();
    while lines.read_until(b'\n', &mut bytes).map_err(failed)? > 0 {
        on_line(String::from_utf8_lossy(&bytes).trim_end());
        bytes.clear();
    }
    match reader.try_wait().map_err(failed)? {
        Some(output) if output.status.success() => Ok(()),
        output => Err(SetupError::Failed {
            command: line(argv),
            code: output.and_then(|output| output.status.code()),
        }),
    }
}

/// A command as it is typed.
fn line(argv: &[String]) -> String {
    let words: Vec<String> = argv.iter().map(|word| quoted(word)).collect();
    words.join(" ")
}

/// ` with exit code 100`; nothing where a signal ended the command.
fn with_code(code: Option<i32>) -> String {
    code.map(|code| format!(" with exit code {code}"))
        .unwrap_or_default()
}

/// Set-up did not install what is missing.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// kubewright does not run this package manager, or nothing can be installed by it.
    #[error("what is missing must be installed by hand: kubewright runs only apt")]
    NotRunnable {
        /// What to type.
        hints: Vec<String>,
    },
    /// A command could not be run.
    #[error("`{command}` could not be run")]
    NotRun {
        /// The command line.
        command: String,
        /// Why.
        source: io::Error,
    },
    /// What was built cannot be put where it belongs.
    #[error("cannot write `{}`", .path.display())]
    NotWritten {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A command failed.
    #[error("`{command}` failed{}", with_code(*code))]
    Failed {
        /// The command line.
        command: String,
        /// Its exit code; none if a signal ended it.
        code: Option<i32>,
    },
}

impl Explain for SetupError {
    fn kind(&self) -> Kind {
        Kind::Preflight
    }

    fn hints(&self) -> Vec<String> {
        match self {
            SetupError::NotRunnable { hints } => hints.clone(),
            SetupError::NotWritten { .. } => Vec::new(),
            SetupError::NotRun { command, .. } | SetupError::Failed { command, .. } => {
                vec![format!("Run `{command}` yourself and see what it says.")]
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::Distribution;
    use crate::host::fixture::Fixture;
    use crate::platform::Platform;

    fn system(os_release: &str, superuser: bool) -> SystemFacts {
        SystemFacts {
            platform: Platform::host(),
            kernel: None,
            distribution: Distribution::parse(os_release),
            superuser,
        }
    }

    fn lines(manager: PackageManager, os_release: &str, tools: &[Tool]) -> Vec<String> {
        Setup::plan(tools, Some(manager), &system(os_release, true)).lines()
    }

    #[test]
    fn apt_refreshes_its_lists_and_installs_everything_at_once() {
        let tools = [Tool::Git, Tool::Rsync, Tool::Cc, Tool::Curl];
        assert_eq!(
            lines(PackageManager::Apt, "ID=debian\nVERSION_ID=12", &tools),
            [
                "apt-get update",
                "apt-get install -y --no-install-recommends git ca-certificates rsync gcc \
                 libc6-dev curl"
            ]
        );
    }

    #[test]
    fn who_is_not_root_needs_sudo_but_not_for_homebrew() {
        let plan =
            |manager| Setup::plan(&[Tool::Make], Some(manager), &system("ID=any", false)).lines();
        assert_eq!(
            plan(PackageManager::Apt),
            [
                "sudo apt-get update",
                "sudo apt-get install -y --no-install-recommends make"
            ]
        );
        assert_eq!(plan(PackageManager::Dnf), ["sudo dnf install -y make"]);
        assert_eq!(plan(PackageManager::Apk), ["sudo apk add make"]);
        assert_eq!(plan(PackageManager::Brew), ["brew install make"]);
    }

    #[test]
    fn docker_has_other_packages_in_other_releases() {
        let last = |os_release: &str, tool| {
            lines(PackageManager::Apt, os_release, &[tool])
                .pop()
                .unwrap_or_default()
        };
        let (debian_12, debian_13) = (
            "ID=debian\nVERSION_ID=\"12\"",
            "ID=debian\nVERSION_ID=\"13\"",
        );
        let ubuntu = "ID=ubuntu\nID_LIKE=debian\nVERSION_ID=\"24.04\"";
        assert!(last(debian_12, Tool::Docker).ends_with(" docker.io iptables"));
        assert!(last(debian_13, Tool::Docker).ends_with(" docker.io docker-cli iptables"));
        assert!(last(ubuntu, Tool::Docker).ends_with(" docker.io iptables"));
        assert!(last(ubuntu, Tool::Buildx).ends_with(" docker-buildx"));
        assert_eq!(last(debian_12, Tool::Buildx), "");
    }

    #[test]
    fn what_no_package_brings_is_told_how_to_get() {
        let debian = system("ID=debian\nVERSION_ID=12", true);
        let setup = Setup::plan(&[Tool::Buildx], Some(PackageManager::Apt), &debian);
        assert!(!setup.is_runnable());
        assert_eq!(setup.unpackaged, [Tool::Buildx]);
        assert!(setup.hints()[0].contains("`go get github.com/docker/buildx/cmd/buildx@"));

        let unknown = Setup::plan(&[Tool::Rsync], None, &debian);
        assert_eq!(
            unknown.hints(),
            ["Install `rsync`; kubewright knows no package of it here."]
        );
    }

    #[test]
    fn nothing_to_install_is_nothing_to_say() {
        let setup = Setup::plan(&[], Some(PackageManager::Apt), &system("ID=debian", true));
        assert_eq!((setup.lines(), setup.hints()), (vec![], vec![]));
    }

    fn apt(fixture: &Fixture, words: &[&[&str]]) -> Setup {
        let argv = |words: &&[&str]| {
            let program = fixture.path("bin/apt").display().to_string();
            let rest = words.iter().map(|word| (*word).to_owned());
            std::iter::once(program).chain(rest).collect()
        };
        Setup {
            manager: Some(PackageManager::Apt),
            commands: words.iter().map(argv).collect(),
            unpackaged: Vec::new(),
        }
    }

    #[test]
    fn hands_on_each_line_and_stops_at_the_first_failure() {
        let script = "echo \"$DEBIAN_FRONTEND $1\"; echo warning >&2; exit \"$2\"";
        let fixture = Fixture::default().program("apt", script);
        let mut seen = Vec::new();
        let setup = apt(&fixture, &[&["one", "0"], &["two", "100"], &["three", "0"]]);
        let error = setup
            .run(&mut |line| seen.push(line.to_owned()))
            .unwrap_err();
        assert_eq!(
            seen,
            [
                "noninteractive one",
                "warning",
                "noninteractive two",
                "warning"
            ]
        );
        assert!(matches!(
            error,
            SetupError::Failed {
                code: Some(100),
                ..
            }
        ));
        assert!(
            error
                .to_string()
                .ends_with("two 100` failed with exit code 100")
        );
    }

    #[test]
    fn other_package_managers_are_left_to_the_user() {
        let setup = Setup {
            manager: Some(PackageManager::Dnf),
            ..apt(&Fixture::default(), &[&["install"]])
        };
        let error = setup.run(&mut |_| {}).unwrap_err();
        assert!(matches!(error, SetupError::NotRunnable { .. }));
        assert!(error.hints()[0].ends_with("installs what is missing."));
    }

    #[test]
    fn a_command_that_is_not_there_is_named() {
        let error = apt(&Fixture::default(), &[&["update"]])
            .run(&mut |_| {})
            .unwrap_err();
        assert!(matches!(error, SetupError::NotRun { .. }));
    }
}
