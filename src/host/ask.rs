//! Asking a program a question, without being hung by it.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read, Seek};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};

/// What a program said before it ended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Answer {
    pub(super) success: bool,
    pub(super) stdout: String,
    pub(super) stderr: String,
}

/// How a question is put.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asking<'a> {
    /// The value of PATH that the program gets.
    pub(super) path: &'a OsStr,
    /// How long an answer may take.
    pub(super) timeout: Duration,
}

impl Asking<'_> {
    /// Runs a program in the root folder and waits for its end; `None` when the time is over, and
    /// then the program and what it started are killed.
    ///
    /// The output goes to nameless files: a pipe would keep us waiting for whatever the program
    /// left behind.
    pub(super) fn ask(
        self,
        program: &Path,
        arguments: &[&str],
        environment: &[(&str, &str)],
    ) -> io::Result<Option<Answer>> {
        let (stdout, stderr) = (tempfile::tempfile()?, tempfile::tempfile()?);
        let mut expression = duct::cmd(program, arguments)
            .dir("/")
            .env("PATH", self.path)
            .env("LC_ALL", "C")
            .stdin_null()
            .stdout_file(stdout.try_clone()?)
            .stderr_file(stderr.try_clone()?)
            .unchecked()
            .before_spawn(|command| {
                command.process_group(0);
                Ok(())
            });
        for (name, value) in environment {
            expression = expression.env(name, value);
        }
        let handle = expression.start()?;
        let Some(output) = handle.wait_timeout(self.timeout)? else {
            for pid in handle.pids() {
                kill_group(pid);
            }
            handle.wait()?;
            return Ok(None);
        };
        Ok(Some(Answer {
            success: output.status.success(),
            stdout: content(stdout)?,
            stderr: content(stderr)?,
        }))
    }
}

/// Kills the group that the process `leader` leads. That it ended meanwhile is as good.
fn kill_group(leader: u32) {
    if let Some(leader) = Pid::from_raw(leader.cast_signed()) {
        kill_process_group(leader, Signal::KILL).ok();
    }
}

fn content(mut file: File) -> io::Result<String> {
    let mut bytes = Vec::new();
    file.rewind()?;
    file.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::thread;

    use super::*;
    use crate::host::fixture::Fixture;

    fn ask(fixture: &Fixture, program: &str, timeout: Duration) -> io::Result<Option<Answer>> {
        let path = fixture.search_path();
        let asking = Asking {
            path: &path,
            timeout,
        };
        asking.ask(
            &fixture.path("bin").join(program),
            &["--version"],
            &[("WORD", "hello")],
        )
    }

    #[test]
    fn hears_both_streams_and_how_it_ended() {
        let fixture = Fixture::default().program("tool", "echo \"$1 $WORD\"; echo no >&2; exit 3");
        let answer = ask(&fixture, "tool", Duration::from_mins(1))
            .unwrap()
            .unwrap();
        assert_eq!(
            answer,
            Answer {
                success: false,
                stdout: "--version hello\n".to_owned(),
                stderr: "no\n".to_owned(),
            }
        );
    }

    #[test]
    fn a_program_that_hangs_is_ended_with_what_it_started() {
        // Both processes hold the pipe open; its reader sees the end when neither lives any more.
        let script = "exec 9>\"${0%/*}/pipe\"; echo started >&9; sleep 600 & wait";
        let fixture = Fixture::default().program("tool", script).pipe("bin/pipe");
        let pipe = fixture.path("bin/pipe");
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            let mut pipe = File::open(pipe).unwrap();
            pipe.read_exact(&mut [0]).unwrap();
            sender.send("started").unwrap();
            pipe.read_to_end(&mut Vec::new()).unwrap();
            sender.send("ended").unwrap();
        });
        let mut timeout = Duration::from_millis(100);
        loop {
            assert_eq!(ask(&fixture, "tool", timeout).unwrap(), None);
            if receiver.try_recv() == Ok("started") {
                break;
            }
            timeout *= 2;
        }
        let last = receiver.recv_timeout(Duration::from_mins(1));
        assert_eq!(last, Ok("ended"));
    }

    #[test]
    fn a_program_that_leaves_a_child_behind_is_not_waited_for() {
        // The child lives for as long as its script, which the test removes after the answer.
        let wait = "while [ -e \"$0\" ]; do sleep 0.05; done";
        let fixture = Fixture::default().program("tool", &format!("({wait}) & echo 1.2"));
        let answer = ask(&fixture, "tool", Duration::from_mins(1))
            .unwrap()
            .unwrap();
        assert_eq!(answer.stdout, "1.2\n");
    }

    #[test]
    fn what_cannot_be_started_is_an_error() {
        assert!(ask(&Fixture::default(), "absent", Duration::from_secs(1)).is_err());
    }
}
