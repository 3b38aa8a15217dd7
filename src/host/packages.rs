//! Package managers, and the packages that tools come in.

use std::ffi::OsStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::system::Distribution;
use super::tool::{Tool, find_command};

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
    pub(super) fn packages(
        self,
        tool: Tool,
        distribution: Option<&Distribution>,
    ) -> &'static [&'static str] {
        match self {
            PackageManager::Apt => apt_packages(tool, distribution),
            PackageManager::Dnf => dnf_packages(tool, distribution),
            PackageManager::Apk => apk_packages(tool),
            PackageManager::Brew => brew_packages(tool),
        }
    }

    /// The commands that install packages.
    pub(super) fn install(self, packages: &[&str], superuser: bool) -> Vec<Vec<String>> {
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

/// Recommended packages are not installed, so what a tool cannot do without is named: a compiler's
/// headers, the certificates of those that speak HTTPS, the engine's iptables.
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

/// The module that buildx is built from where no package has it. Newer ones may ask for a newer Go than there is.
pub(super) const BUILDX: &str = "github.com/docker/buildx/cmd/buildx@v0.25.0";

/// How a tool comes onto the host without a package: command lines for a POSIX shell, only for
/// showing.
pub(super) fn by_hand(tool: Tool, manager: Option<PackageManager>) -> &'static [&'static str] {
    match (tool, manager) {
        (Tool::Cc, Some(PackageManager::Brew)) => &["xcode-select --install"],
        // A Go module with no source of its own: `go install` refuses buildx, whose go.mod has
        // exclude directives. The old plugin is removed first, since copying onto a dangling link
        // would write where it points to.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::fixture::Fixture;

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
}
