//! What the binary printed and how it ended, in one text for snapshots, with what differs from run to run replaced.

use std::fmt;
use std::path::Path;
use std::process::Output;
use std::sync::LazyLock;

use regex::Regex;

use super::host_platform;

/// What differs from run to run or from machine to machine, and what stands for it.
static REPLACED: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    [
        // Progress is said when some time has passed: a slow machine says it, a quick one does not.
        (r"(?m)^ Building  .* · \d.*\n|^ Fetching .*\n", ""),
        (r"(?m)^Preflight  .*$", "Preflight  [HOST]"),
        (r"(?m)^ {11}\d+ jobs? on .*$", "           [CHOICE]"),
        (r"demo-[0-9a-f]{8}", "demo-[DIGEST]"),
        (r"runs/[0-9a-f]{6}", "runs/[RUN]"),
        (r"\brun [0-9a-f]{6}\b", "run [RUN]"),
        (r"sha256 [0-9a-f]{8}", "sha256 [SHA]"),
        (r"\b\d+(\.\d+)?s\b|\b\d+m \d\ds\b", "[TIME]"),
        (r"\d+(\.\d+)? (B|kB|MB|GB)\b", "[SIZE]"),
        (
            r"(\d+(\.\d+)?( [MG]iB)? of )?\d+(\.\d+)? ([KMGT]iB)",
            "[MEMORY]",
        ),
        (r"go1\.\d+(\.\d+)?", "go1.[N]"),
        (r"\b\d+ cpus?\b", "[CPUS]"),
        (r"process \d+", "process [PID]"),
        (r"sha256:[0-9a-f]{12}\b", "sha256:[DIGEST]"),
        (r"test-make:[0-9a-f]{12}\b", "test-make:[TAG]"),
        (r"· (Docker|Podman) \S+", "· [ENGINE]"),
        (r"--memory \d+MiB", "--memory [MEMORY]"),
        // What says it first differs from engine to engine.
        (
            r"the engine reports (OOMKilled|an oom event)|the kernel killed a process of the container",
            "[KILLED]",
        ),
        (r"\.tmp[A-Za-z0-9]{6}\b", ".tmp[NAME]"),
        (r"\+\+\+ \[\d{4} [\d:]{8}\]", "+++ [CLOCK]"),
    ]
    .into_iter()
    .map(|(pattern, replacement)| (Regex::new(pattern).unwrap(), replacement))
    .collect()
});

/// How the binary ended.
pub(crate) struct CommandOutput {
    /// Standard output, as it was.
    pub(crate) stdout: String,
    /// Standard error, as it was.
    pub(crate) stderr: String,
    /// The exit code; `None` after a signal.
    pub(crate) code: Option<i32>,
    root: String,
}

impl CommandOutput {
    pub(crate) fn new(output: &Output, root: &Path) -> CommandOutput {
        CommandOutput {
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            code: output.status.code(),
            root: root.display().to_string(),
        }
    }

    /// The same, if it ended well; else the test fails with all that was printed.
    #[track_caller]
    pub(crate) fn success(self) -> CommandOutput {
        self.code(0)
    }

    /// The same, if it ended with this code; else the test fails with all that was printed.
    #[track_caller]
    pub(crate) fn code(self, code: i32) -> CommandOutput {
        assert_eq!(self.code, Some(code), "{}\n{}", self.stdout, self.stderr);
        self
    }

    /// Whether standard error has a text; else the test fails with all that was printed.
    #[track_caller]
    pub(crate) fn says(self, text: &str) -> CommandOutput {
        assert!(
            self.stderr.contains(text),
            "`{text}` is not said in:\n{}",
            self.stderr
        );
        self
    }

    /// Standard output as a JSON document.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self}"))
    }

    /// The lines of standard output.
    pub(crate) fn lines(&self) -> Vec<&str> {
        self.stdout.lines().collect()
    }

    fn redacted(&self, text: &str) -> String {
        let text = text
            .replace(&self.root, "[ROOT]")
            .replace(&host_platform(), "[PLATFORM]");
        REPLACED.iter().fold(text, |text, (pattern, replacement)| {
            pattern.replace_all(&text, *replacement).into_owned()
        })
    }
}

impl fmt::Display for CommandOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.redacted(&self.stdout))?;
        if !self.stderr.is_empty() {
            write!(f, "------- stderr -------\n{}", self.redacted(&self.stderr))?;
        }
        match self.code {
            Some(0) => Ok(()),
            Some(code) => write!(f, "[exit code {code}]"),
            None => write!(f, "[ended by a signal]"),
        }
    }
}
