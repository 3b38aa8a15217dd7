//! A child process in a group of its own: started through duct, watched, and ended with all that it started.
//!
//! The terminal sends Ctrl-C to its foreground group only, so a child in another group is ended by us or not at all. Its
//! descendants stay in that group unless they leave it on purpose; those that left are found through their parents.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, PipeReader};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::ExitStatus;
use std::thread;
use std::time::{Duration, Instant};

use rustix::io::FdFlags;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use super::tree_of;
use crate::bytes::Bytes;
use crate::cancel::{Cancel, Urgency};
use crate::lock::{Group, Lock, process_start};

/// How often the child is looked at: a wish to stop is noticed within this time.
const LOOK: Duration = Duration::from_millis(100);

/// How often the memory of its tree is summed up; `/proc` is read for it.
const SAMPLE: Duration = Duration::from_millis(400);

/// How a child ended.
#[derive(Clone, Copy, Debug)]
pub struct Ended {
    /// Its exit status.
    pub status: ExitStatus,
    /// The most memory that its whole tree held at once, as sampled: the sum of anonymous memory.
    pub peak: Bytes,
    /// How long it ran.
    pub took: Duration,
}

/// A child that runs.
pub(super) struct Process {
    handle: duct::Handle,
    group: Pid,
    started: Instant,
    peak: Bytes,
}

impl Process {
    /// Starts a program with exactly this environment. The child inherits the lock, if one is given, so that the lock
    /// outlives a killed kubewright for as long as the child's tree does; standard output and error come through the pipe.
    pub(super) fn start(
        argv: &[OsString],
        environment: BTreeMap<OsString, OsString>,
        folder: &Path,
        lock: Option<&mut Lock>,
    ) -> io::Result<(Process, PipeReader)> {
        let (program, arguments) = argv.split_first().ok_or(io::ErrorKind::InvalidInput)?;
        let (reader, writer) = io::pipe()?;
        let expression = duct::cmd(program, arguments)
            .dir(folder)
            .full_env(environment)
            .stdin_null()
            .stderr_to_stdout()
            .stdout_file(writer)
            .unchecked()
            .before_spawn(|command| {
                command.process_group(0);
                Ok(())
            });
        let inherited = lock
            .as_ref()
            .map(|lock| Inherited::new(lock.file()))
            .transpose()?;
        let handle = expression.start()?;
        drop(inherited);
        let leader = handle.pids().first().copied().unwrap_or_default();
        if let Some(lock) = lock {
            let started = process_start(leader).unwrap_or_default();
            lock.record_group(Some(Group {
                id: leader,
                started,
            }))?;
        }
        let group = Pid::from_raw(leader.cast_signed()).ok_or(io::ErrorKind::NotFound)?;
        let process = Process {
            handle,
            group,
            started: Instant::now(),
            peak: Bytes::default(),
        };
        Ok((process, reader))
    }

    /// Waits for the child. `look` is called a few times a second with the memory that its tree holds now and held at the
    /// most. Once `cancel` is requested the tree is asked to end, and killed after the grace period or at a second request.
    pub(super) fn wait(
        mut self,
        cancel: &Cancel,
        grace: Duration,
        look: &mut dyn FnMut(Bytes, Bytes),
    ) -> io::Result<Ended> {
        let mut asked: Option<Instant> = None;
        let mut sampled: Option<Instant> = None;
        let status = loop {
            if let Some(output) = self.handle.wait_timeout(LOOK)? {
                break output.status;
            }
            if sampled.is_none_or(|sampled| sampled.elapsed() >= SAMPLE) {
                sampled = Some(Instant::now());
                let now = tree_of::group(self.group).memory;
                self.peak = self.peak.max(now);
                look(now, self.peak);
            }
            match (cancel.urgency(), asked) {
                (Urgency::None, _) => {}
                (Urgency::Polite, None) => {
                    asked = Some(Instant::now());
                    self.signal(Signal::TERM);
                }
                (Urgency::Polite, Some(since)) if since.elapsed() < grace => {}
                (Urgency::Polite | Urgency::Firm, _) => self.signal(Signal::KILL),
            }
        };
        if let Some(since) = asked {
            self.outlast(cancel, since + grace);
        }
        self.sweep();
        Ok(Ended {
            status,
            peak: self.peak,
            took: self.started.elapsed(),
        })
    }

    /// Leaves those who were asked to end the time to do so, although the first of them is gone: a shell ends at once, while
    /// what it had started removes its temporary files.
    fn outlast(&self, cancel: &Cancel, until: Instant) {
        while cancel.urgency() < Urgency::Firm
            && Instant::now() < until
            && tree_of::group(self.group).count > 0
        {
            thread::sleep(LOOK / 4);
        }
    }

    /// Ends whatever the child left behind: a step is over when its process is.
    fn sweep(&self) {
        self.signal(Signal::KILL);
    }

    fn signal(&self, signal: Signal) {
        let strayed = tree_of::group(self.group).outside_group;
        let _ = kill_process_group(self.group, signal);
        for pid in strayed {
            let _ = kill_process(pid, signal);
        }
    }
}

/// Makes a descriptor one that children inherit, for as long as this value lives.
struct Inherited<'a>(&'a File);

impl Inherited<'_> {
    fn new(file: &File) -> io::Result<Inherited<'_>> {
        rustix::io::fcntl_setfd(file, FdFlags::empty())?;
        Ok(Inherited(file))
    }
}

impl Drop for Inherited<'_> {
    fn drop(&mut self) {
        let _ = rustix::io::fcntl_setfd(self.0, FdFlags::CLOEXEC);
    }
}

/// Ends the process group that a killed kubewright left behind, if it is still the recorded one. `true` when there was one.
pub fn end_stray(group: &Group) -> bool {
    let Some(pid) = Pid::from_raw(group.id.cast_signed()) else {
        return false;
    };
    // A number is given to a new leader only when the old group is empty, and that leader started later.
    let leader = process_start(group.id);
    if leader.is_some_and(|started| started != group.started) {
        return false;
    }
    let processes = tree_of::group(pid);
    if processes.count == 0 {
        return false;
    }
    let _ = kill_process_group(pid, Signal::KILL);
    for stray in &processes.outside_group {
        let _ = kill_process(*stray, Signal::KILL);
    }
    true
}
