//! File systems of a test's own, mounted where nobody else sees them.

use std::process::Command;

use super::TestEnvironment;

/// Whether this machine lets the test mount anything; containers often forbid it even to root.
pub(crate) fn can_mount() -> bool {
    let mut command = Command::new("unshare");
    command
        .args(flags())
        .args(["mount", "-t", "tmpfs", "tmpfs", "/mnt"]);
    command.output().is_ok_and(|output| output.status.success())
}

impl TestEnvironment {
    /// The binary, yet to be started, after these commands of a shell in a mount namespace of its own.
    pub(crate) fn command_after_mounting(&self, mounts: &str, line: &str) -> Command {
        let mut command = self.program("unshare");
        command.args(flags());
        command.args(["sh", "-c", &format!("{mounts} && exec \"$0\" \"$@\"")]);
        command.arg(env!("CARGO_BIN_EXE_kubewright"));
        command.args(line.split_whitespace());
        command
    }
}

/// Root unshares its mounts alone; everybody else needs a user namespace for it.
fn flags() -> &'static [&'static str] {
    if rustix::process::geteuid().is_root() {
        &["--mount"]
    } else {
        &["--user", "--map-root-user", "--mount"]
    }
}
