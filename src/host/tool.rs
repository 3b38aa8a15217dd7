//! The tools that a build runs: where they are, which versions, and who needs them.

use std::ffi::OsStr;
use std::fmt;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use regex::Regex;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ask::Asking;
use crate::plural::listed;

/// A tool that a build, a test or kubewright itself may need.
#[derive(
    Clone, Copy, Debug, Deserialize, Eq, Hash, JsonSchema, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Tool {
    /// The shell of upstream's scripts.
    Bash,
    /// GNU make.
    Make,
    /// Git.
    Git,
    /// rsync.
    Rsync,
    /// A C compiler: `gcc`, else `cc`.
    Cc,
    /// curl.
    Curl,
    /// tar.
    Tar,
    /// The command line of Docker; whether an engine answers it is another question.
    Docker,
    /// The buildx plugin of that command line.
    Buildx,
    /// Go.
    Go,
}

impl Tool {
    /// The commands that count as this tool, the preferred one first.
    fn commands(self) -> &'static [&'static str] {
        match self {
            Tool::Bash => &["bash"],
            Tool::Make => &["make"],
            Tool::Git => &["git"],
            Tool::Rsync => &["rsync"],
            Tool::Cc => &["gcc", "cc"],
            Tool::Curl => &["curl"],
            Tool::Tar => &["tar"],
            Tool::Docker | Tool::Buildx => &["docker"],
            Tool::Go => &["go"],
        }
    }

    /// The arguments that make it tell its version.
    fn version_arguments(self) -> &'static [&'static str] {
        match self {
            Tool::Buildx => &["buildx", "version"],
            Tool::Go => &["version"],
            _ => &["--version"],
        }
    }

    /// The environment in which it tells its version. What the user set for Go must not make
    /// another Go answer, or a download.
    fn version_environment(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Tool::Go => &[("GOENV", "off"), ("GOTOOLCHAIN", "local"), ("GOFLAGS", "")],
            _ => &[],
        }
    }

    /// The least version that upstream's scripts accept, where they name one: `hack/lib/init.sh`
    /// asks for bash 4.2.
    pub(super) fn least_version(self) -> Option<(u32, u32)> {
        (self == Tool::Bash).then_some((4, 2))
    }

    /// The first file on `path` that is this tool and can be executed. Entries that are not
    /// absolute are passed over: they would mean something else in every folder.
    pub(super) fn find(self, path: &OsStr) -> Option<PathBuf> {
        self.commands()
            .iter()
            .find_map(|command| find_command(command, path))
    }
}

impl fmt::Display for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Tool::Cc => "gcc",
            Tool::Buildx => "docker buildx",
            _ => self.commands()[0],
        })
    }
}

/// The first executable file of that name on `path`.
pub(super) fn find_command(command: &str, path: &OsStr) -> Option<PathBuf> {
    std::env::split_paths(path)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(command))
        .find(|file| {
            file.is_file() && rustix::fs::access(file, rustix::fs::Access::EXEC_OK).is_ok()
        })
}

/// What is known of one tool.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct ToolFacts {
    /// The tool.
    pub tool: Tool,
    /// The program that is run, where there is one. A plugin counts only if its program answers for
    /// it.
    pub path: Option<PathBuf>,
    /// Its version, such as `5.2.15`; `None` where it does not tell or did not answer in time.
    pub version: Option<String>,
}

impl ToolFacts {
    /// Looks for tools on `path` and asks each its version, all at once.
    pub(super) fn probe_all(tools: &[Tool], path: &OsStr, timeout: Duration) -> Vec<ToolFacts> {
        let asking = Asking { path, timeout };
        thread::scope(|scope| {
            let probes: Vec<_> = tools
                .iter()
                .map(|tool| scope.spawn(|| ToolFacts::probe(*tool, asking)))
                .collect();
            probes
                .into_iter()
                .filter_map(|probe| probe.join().ok())
                .collect()
        })
    }

    fn probe(tool: Tool, asking: Asking<'_>) -> ToolFacts {
        let found = tool.find(asking.path);
        let answer = found.as_deref().and_then(|program| {
            asking
                .ask(
                    program,
                    tool.version_arguments(),
                    tool.version_environment(),
                )
                .ok()
                .flatten()
        });
        let answered = answer.as_ref().is_some_and(|answer| answer.success);
        ToolFacts {
            tool,
            path: found.filter(|_| answered || tool != Tool::Buildx),
            version: answer
                .filter(|answer| answer.success)
                .and_then(|answer| version_in(tool, &answer.stdout)),
        }
    }

    /// Whether it is there.
    pub fn is_present(&self) -> bool {
        self.path.is_some()
    }

    /// `rsync 3.2.7`, or the name alone where the version is not known.
    pub fn label(&self) -> String {
        match &self.version {
            Some(version) => format!("{} {version}", self.tool),
            None => self.tool.to_string(),
        }
    }

    /// The first two numbers of the version.
    pub(super) fn version_numbers(&self) -> Option<(u32, u32)> {
        let mut parts = self.version.as_deref()?.split('.');
        Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
    }

    /// The facts of a tool that was found; for tests.
    #[cfg(test)]
    pub(super) fn found(tool: Tool, version: &str) -> ToolFacts {
        ToolFacts {
            tool,
            path: Some(PathBuf::from("/usr/bin").join(tool.commands()[0])),
            version: Some(version.to_owned()),
        }
    }

    /// The facts of a tool that is absent; for tests.
    #[cfg(test)]
    pub(super) fn absent(tool: Tool) -> ToolFacts {
        ToolFacts {
            tool,
            path: None,
            version: None,
        }
    }
}

/// The version in what a tool prints: numbers with dots between them; Go's may be `1.26rc1`.
fn version_in(tool: Tool, output: &str) -> Option<String> {
    let pattern = match tool {
        Tool::Go => r"\bgo(\d+(?:\.\d+)*(?:(?:beta|rc)\d+)?)",
        _ => r"(\d+(?:\.\d+)+)",
    };
    let version = Regex::new(pattern).ok()?.captures(output)?.get(1)?;
    Some(version.as_str().to_owned())
}

/// Who needs a tool, and why.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Need {
    /// The tool.
    pub tool: Tool,
    /// Who needs it, such as `this tree` or `kubelet`.
    pub by: String,
    /// Why, as a part of a sentence, such as `binaries are placed by rsync in this tree`.
    pub why: String,
    /// Whether the build cannot do without it; else its absence is only a warning.
    pub required: bool,
}

impl Need {
    /// A tool without which the build cannot be done.
    pub fn required(tool: Tool, by: &str, why: &str) -> Need {
        Need {
            tool,
            by: by.to_owned(),
            why: why.to_owned(),
            required: true,
        }
    }

    /// A tool without which something else than the build in question cannot be done.
    pub fn optional(tool: Tool, by: &str, why: &str) -> Need {
        Need {
            required: false,
            ..Need::required(tool, by, why)
        }
    }

    /// What every build on the host runs: `make`, which runs bash.
    pub fn native_build() -> Vec<Need> {
        vec![
            Need::required(
                Tool::Make,
                "every build",
                "the tree is built by its Makefile",
            ),
            Need::required(Tool::Bash, "every build", "the Makefile runs bash scripts"),
        ]
    }

    /// git, for trees without a version: the others are given it in a file.
    pub fn git_stamp() -> Need {
        Need::optional(
            Tool::Git,
            "a tree without a version",
            "its scripts ask git for one; kubewright itself reads and fetches without git",
        )
    }

    /// rsync, for trees before 1.35, whose `place_bins` copies with it.
    pub fn rsync_placement() -> Need {
        Need::required(
            Tool::Rsync,
            "this tree",
            "binaries are placed by rsync in this tree; without it make ends with 0 and leaves no \
             binary",
        )
    }

    /// A C compiler, for components that are linked with C.
    pub fn cgo(components: &[&str]) -> Need {
        Need::required(
            Tool::Cc,
            &listed(
                &components
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>(),
            ),
            "it is built with cgo, which runs a C compiler",
        )
    }

    /// The docker command, for what runs upstream's own scripts in containers.
    pub fn docker(by: &str) -> Need {
        Need::required(
            Tool::Docker,
            by,
            "upstream's scripts run the `docker` command",
        )
    }

    /// buildx, for what builds images; upstream asks for it from 1.21 on.
    pub fn buildx(by: &str) -> Need {
        Need::required(Tool::Buildx, by, "images are built with `docker buildx`")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::fixture::Fixture;

    fn probe(fixture: &Fixture, tool: Tool) -> ToolFacts {
        let path = fixture.search_path();
        ToolFacts::probe_all(&[tool], &path, Duration::from_mins(1)).remove(0)
    }

    #[test]
    fn reads_versions_as_tools_print_them() {
        for (tool, output, version) in [
            (
                Tool::Bash,
                "GNU bash, version 5.2.15(1)-release (x86_64)",
                "5.2.15",
            ),
            (
                Tool::Make,
                "GNU Make 4.3\nBuilt for x86_64-pc-linux-gnu",
                "4.3",
            ),
            (Tool::Git, "git version 2.39.5 (Apple Git-154)", "2.39.5"),
            (
                Tool::Rsync,
                "rsync  version 3.2.7  protocol version 31",
                "3.2.7",
            ),
            (Tool::Cc, "gcc (Debian 12.2.0-14+deb12u1) 12.2.0", "12.2.0"),
            (
                Tool::Docker,
                "Docker version 20.10.24+dfsg1, build 297e128",
                "20.10.24",
            ),
            (
                Tool::Buildx,
                "github.com/docker/buildx v0.25.0 faaea65",
                "0.25.0",
            ),
            (Tool::Go, "go version go1.24.6 linux/amd64", "1.24.6"),
            (Tool::Go, "go version go1.26rc1 linux/amd64", "1.26rc1"),
            (
                Tool::Go,
                "go version go1.22 X:boringcrypto linux/amd64",
                "1.22",
            ),
        ] {
            assert_eq!(
                version_in(tool, output).as_deref(),
                Some(version),
                "{output}"
            );
        }
        assert_eq!(version_in(Tool::Make, "usage: make [target]"), None);
    }

    #[test]
    fn finds_a_tool_on_the_given_path_and_asks_it() {
        let fixture = Fixture::default().program("rsync", "echo rsync version 3.9.1");
        assert_eq!(
            probe(&fixture, Tool::Rsync),
            ToolFacts {
                tool: Tool::Rsync,
                path: Some(fixture.path("bin/rsync")),
                version: Some("3.9.1".to_owned()),
            }
        );
    }

    #[test]
    fn asks_go_without_the_settings_of_the_user() {
        let script = "echo \"go version go1.2.3-$GOENV\"; [ \"$GOENV$GOTOOLCHAIN\" = offlocal ]";
        let fixture = Fixture::default().program("go", script);
        assert_eq!(probe(&fixture, Tool::Go).version.as_deref(), Some("1.2.3"));
    }

    #[test]
    fn a_docker_command_without_the_plugin_is_no_buildx() {
        let script = "[ \"$1\" = --version ] || { exit 1; }; echo Docker version 29.1.0";
        let fixture = Fixture::default().program("docker", script);
        assert_eq!(
            probe(&fixture, Tool::Buildx),
            ToolFacts::absent(Tool::Buildx)
        );
        assert_eq!(probe(&fixture, Tool::Docker).label(), "docker 29.1.0");
    }

    #[test]
    fn a_file_that_cannot_be_executed_is_no_tool() {
        let fixture = Fixture::default().file("bin/rsync", "");
        assert_eq!(find_command("rsync", fixture.path("bin").as_os_str()), None);
    }

    #[test]
    fn a_tool_that_fails_or_hangs_is_present_without_a_version() {
        let fixture = Fixture::default()
            .program("make", "echo 4.3; exit 1")
            .program("git", "sleep 600");
        assert_eq!(probe(&fixture, Tool::Make).label(), "make");
        let path = fixture.search_path();
        let facts = ToolFacts::probe_all(&[Tool::Git], &path, Duration::from_millis(200));
        assert!(facts[0].is_present() && facts[0].version.is_none());
    }
}
