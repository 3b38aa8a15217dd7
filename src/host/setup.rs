//! Set-up: installing the tools that checks found missing, with the package manager of the host.
//!
//! Whether to do it is asked by the caller. Only apt's commands are run; those of other package managers are shown.

use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::check::quoted;
use super::system::{Distribution, SystemFacts};
use super::tool::{Tool, find_command};
use crate::error::{Explain, Kind};

/// A package manager that kubewright knows the package names of.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PackageManager {
    /// Debian, Ubuntu and what is made from them.
    Apt,
    /// Fedora, RHEL and what is made from them.
    Dnf,
    /// Alpine.
    Apk,
    /// Homebrew, on macOS.
    Brew,
}

impl PackageManager {
    const ALL: [PackageManager; 4] = [
        PackageManager::Apt,
        PackageManager::Dnf,
        PackageManager::Apk,
        PackageManager::Brew,
    ];

    /// The package manager on `path`: the distribution's own, else the first that is there.
    pub fn detect(path: &OsStr, distribution: Option<&Distribution>) -> Option<PackageManager> {
        let there = |manager: &PackageManager| find_command(manager.command(), path).is_some();
        let own = |manager: &PackageManager| {
            let families = manager.families();
            distribution.is_some_and(|it| families.iter().any(|family| it.is_like(family)))
        };
        let present: Vec<PackageManager> = PackageManager::ALL.into_iter().filter(there).collect();
        present
            .iter()
            .copied()
            .find(own)
            .or(present.first().copied())
    }

    /// What it is called with.
    pub fn command(self) -> &'static str {
        match self {
            PackageManager::Apt => "apt-get",
            PackageManager::Dnf => "dnf",
            PackageManager::Apk => "apk",
            PackageManager::Brew => "brew",
        }
    }

    /// The distributions, as os-release names them, whose own it is.
    fn families(self) -> &'static [&'static str] {
        match self {
            PackageManager::Apt => &["debian", "ubuntu"],
            PackageManager::Dnf => &["fedora", "rhel"],
            PackageManager::Apk => &["alpine"],
            PackageManager::Brew => &[],
        }
    }

    /// The packages that a tool comes in; none where the distribution has none.
    fn packages(self, tool: Tool, distribution: Option<&Distribution>) -> &'static [&'static str] {
        match self {
            PackageManager::Apt => apt_packages(tool, distribution),
            PackageManager::Dnf => dnf_packages(tool, distribution),
            PackageManager::Apk => apk_packages(tool),
            PackageManager::Brew => brew_packages(tool),
        }
    }

    /// The commands that install packages.
    fn install(self, packages: &[&str], superuser: bool) -> Vec<Vec<String>> {
        let commands: &[&[&str]] = match self {
            PackageManager::Apt => &[
                &["apt-get", "update"],
                &["apt-get", "install", "-y", "--no-install-recommends"],
            ],
            PackageManager::Dnf => &[&["dnf", "install", "-y"]],
            PackageManager::Apk => &[&["apk", "add"]],
            PackageManager::Brew => &[&["brew", "install"]],
        };
        // Homebrew refuses to run as root.
        let sudo = !superuser && self != PackageManager::Brew;
        let last = commands.len() - 1;
        let argv = |(index, words): (usize, &&[&str])| {
            let named: &[&str] = if index == last { packages } else { &[] };
            let words = sudo
                .then_some(&"sudo")
                .into_iter()
                .chain(*words)
                .chain(named);
            words.map(|word| (*word).to_owned()).collect()
        };
        commands.iter().enumerate().map(argv).collect()
    }
}

/// Recommended packages are not installed, so what a tool cannot do without is named: a compiler's headers, the
/// certificates of those that speak HTTPS, the engine's iptables.
fn apt_packages(tool: Tool, distribution: Option<&Distribution>) -> &'static [&'static str] {
    let ubuntu = distribution.is_some_and(|it| it.is_like("ubuntu"));
    let before_13 = distribution.is_some_and(|it| is_older(it, 13));
    match tool {
        Tool::Bash => &["bash"],
        Tool::Make => &["make"],
        Tool::Git => &["git", "ca-certificates"],
        Tool::Rsync => &["rsync"],
        Tool::Cc => &["gcc", "libc6-dev"],
        Tool::Curl => &["curl", "ca-certificates"],
        Tool::Tar => &["tar"],
        Tool::Go => &["golang-go"],
        // From Debian 13 on the command line is a package of its own. Debian 12 has no buildx.
        Tool::Docker if ubuntu || before_13 => &["docker.io", "iptables"],
        Tool::Docker => &["docker.io", "docker-cli", "iptables"],
        Tool::Buildx if !ubuntu && before_13 => &[],
        Tool::Buildx => &["docker-buildx"],
    }
}

/// Whether a distribution's major version is known and less. Debian testing and unstable have none.
fn is_older(distribution: &Distribution, major: u32) -> bool {
    let version = distribution.version.as_deref().unwrap_or_default();
    let number = version.split('.').next().unwrap_or_default().parse::<u32>();
    number.is_ok_and(|number| number < major)
}

/// RHEL has Podman and no Docker.
fn dnf_packages(tool: Tool, distribution: Option<&Distribution>) -> &'static [&'static str] {
    let fedora = distribution.is_some_and(|it| it.id == "fedora");
    match tool {
        Tool::Bash => &["bash"],
        Tool::Make => &["make"],
        Tool::Git => &["git"],
        Tool::Rsync => &["rsync"],
        Tool::Cc => &["gcc", "glibc-devel"],
        Tool::Curl => &["curl"],
        Tool::Tar => &["tar"],
        Tool::Go => &["golang"],
        Tool::Docker if fedora => &["moby-engine", "docker-cli"],
        Tool::Buildx if fedora => &["docker-buildx"],
        Tool::Docker | Tool::Buildx => &[],
    }
}

fn apk_packages(tool: Tool) -> &'static [&'static str] {
    match tool {
        Tool::Bash => &["bash"],
        Tool::Make => &["make"],
        Tool::Git => &["git"],
        Tool::Rsync => &["rsync"],
        Tool::Cc => &["gcc", "musl-dev"],
        Tool::Curl => &["curl"],
        Tool::Tar => &["tar"],
        Tool::Go => &["go"],
        Tool::Docker => &["docker"],
        Tool::Buildx => &["docker-cli-buildx"],
    }
}

/// The C compiler of macOS comes with its own command line tools.
fn brew_packages(tool: Tool) -> &'static [&'static str] {
    match tool {
        Tool::Bash => &["bash"],
        Tool::Make => &["make"],
        Tool::Git => &["git"],
        Tool::Rsync => &["rsync"],
        Tool::Cc => &[],
        Tool::Curl => &["curl"],
        Tool::Tar => &["gnu-tar"],
        Tool::Go => &["go"],
        Tool::Docker => &["docker"],
        Tool::Buildx => &["docker-buildx"],
    }
}

/// How a tool comes onto the host without a package: command lines for a POSIX shell, only for showing.
fn by_hand(tool: Tool, manager: Option<PackageManager>) -> &'static [&'static str] {
    match (tool, manager) {
        (Tool::Cc, Some(PackageManager::Brew)) => &["xcode-select --install"],
        // A Go module with no source of its own: `go install` refuses buildx, whose go.mod has exclude directives. The
        // old plugin is removed first, since copying onto a dangling link would write where it points to.
        (Tool::Buildx, _) => &[
            "cd \"$(mktemp -d)\"",
            "go mod init x",
            "go get github.com/docker/buildx/cmd/buildx@v0.25.0",
            "go build -o docker-buildx github.com/docker/buildx/cmd/buildx",
            "mkdir -p ~/.docker/cli-plugins",
            "cp --remove-destination docker-buildx ~/.docker/cli-plugins/",
        ],
        _ => &[],
    }
}

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
                lines => format!(
                    "`{tool}` comes without a package: `{}`.",
                    lines.join("`, then `")
                ),
            });
        packaged.into_iter().chain(unpackaged).collect()
    }

    /// Runs the commands one after the other and hands each line of their output on, until one fails. They get no input
    /// but what sudo reads from the terminal itself.
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
    let failed = |source: io::Error| SetupError::NotRun {
        command: line(argv),
        source,
    };
    let reader = duct::cmd(program, arguments)
        .env("DEBIAN_FRONTEND", "noninteractive")
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
    /// A command failed.
    #[error("`{command}` failed{}", code.map(|code| format!(" with exit code {code}")).unwrap_or_default())]
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
            SetupError::NotRun { command, .. } | SetupError::Failed { command, .. } => {
                vec![format!("Run `{command}` yourself and see what it says.")]
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
    fn finds_the_distributions_own_package_manager() {
        let fixture = Fixture::default()
            .program("apt-get", "")
            .program("dnf", "")
            .program("brew", "");
        let path = fixture.path("bin");
        let detect = |os_release: &str| {
            PackageManager::detect(path.as_os_str(), Distribution::parse(os_release).as_ref())
        };
        assert_eq!(
            detect("ID=ubuntu\nID_LIKE=debian"),
            Some(PackageManager::Apt)
        );
        assert_eq!(
            detect("ID=rocky\nID_LIKE=\"rhel centos fedora\""),
            Some(PackageManager::Dnf)
        );
        assert_eq!(detect("ID=alpine"), Some(PackageManager::Apt));
        assert_eq!(PackageManager::detect(OsStr::new(""), None), None);
    }

    #[test]
    fn apt_refreshes_its_lists_and_installs_everything_at_once() {
        let tools = [Tool::Git, Tool::Rsync, Tool::Cc, Tool::Curl];
        assert_eq!(
            lines(PackageManager::Apt, "ID=debian\nVERSION_ID=12", &tools),
            [
                "apt-get update",
                "apt-get install -y --no-install-recommends git ca-certificates rsync gcc libc6-dev curl"
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
