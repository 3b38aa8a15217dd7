//! Locks between processes, each of which tells who holds it.
//!
//! A lock is `flock` on a file: the kernel gives it back when the last process that holds the descriptor ends. The file's
//! content says who took it, so that whoever waits can say for whom.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::Path;
use std::thread;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::cancel::Cancel;

/// How often a waiting process looks again. `flock` itself cannot be interrupted by a [`Cancel`].
const POLL: Duration = Duration::from_millis(50);

/// Who holds a lock.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Holder {
    /// The process that took the lock.
    pub pid: u32,
    /// When that process started, in clock ticks after boot (field 22 of `/proc/PID/stat`): with the id it names one
    /// process for good.
    pub started: u64,
    /// What it does, for people: `run 7f3a: build component kubectl`.
    pub purpose: String,
    /// The process group that works under this lock, where there is one: it may outlive the process that took it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<Group>,
}

/// A process group, named so that it cannot be taken for a later one with the same number.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Group {
    /// The group's id, which is its leader's process id.
    pub id: u32,
    /// When the leader started, in clock ticks after boot.
    pub started: u64,
}

/// A lock that is held until it is dropped.
#[derive(Debug)]
pub struct Lock {
    file: File,
    holder: Holder,
}

impl Lock {
    /// Takes the lock at `path`, which is created where it is absent. While another process holds it, `on_wait` is called
    /// with that holder: once at first and again whenever the holder changes. `None` when `cancel` was requested meanwhile.
    pub fn acquire(
        path: &Path,
        purpose: &str,
        cancel: &Cancel,
        on_wait: &mut dyn FnMut(&Holder),
    ) -> io::Result<Option<Lock>> {
        let mut file = open(path)?;
        let mut seen = None;
        loop {
            match file.try_lock() {
                Ok(()) => return Lock::taken(file, purpose).map(Some),
                Err(TryLockError::Error(error)) => return Err(error),
                Err(TryLockError::WouldBlock) => {}
            }
            if cancel.is_requested() {
                return Ok(None);
            }
            let holder = read_holder(&mut file)?;
            if holder != seen {
                if let Some(holder) = &holder {
                    on_wait(holder);
                }
                seen = holder;
            }
            thread::sleep(POLL);
        }
    }

    /// Takes the lock only if nobody holds it.
    pub fn try_acquire(path: &Path, purpose: &str) -> io::Result<Option<Lock>> {
        let file = open(path)?;
        match file.try_lock() {
            Ok(()) => Lock::taken(file, purpose).map(Some),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Records the process group that works under this lock.
    pub fn record_group(&mut self, group: Option<Group>) -> io::Result<()> {
        self.holder.group = group;
        self.write_holder()
    }

    /// The locked file: a child process that inherits its descriptor keeps the lock for as long as it lives.
    pub fn file(&self) -> &File {
        &self.file
    }

    fn taken(file: File, purpose: &str) -> io::Result<Lock> {
        let pid = std::process::id();
        let mut lock = Lock {
            file,
            holder: Holder {
                pid,
                started: process_start(pid).unwrap_or_default(),
                purpose: purpose.to_owned(),
                group: None,
            },
        };
        lock.write_holder()?;
        Ok(lock)
    }

    fn write_holder(&mut self) -> io::Result<()> {
        self.file.rewind()?;
        self.file.set_len(0)?;
        serde_json::to_writer(&self.file, &self.holder)?;
        self.file.flush()
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Emptied first, so that nobody reads a stale name. The file itself stays: removing it would let two processes
        // lock two different files of one name.
        let _ = self.file.set_len(0);
        let _ = self.file.unlock();
    }
}

/// When a process started, in clock ticks after boot; `None` where there is no such process or no `/proc`.
pub fn process_start(pid: u32) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The second field is the program's name in parentheses and may itself hold spaces and parentheses.
    let (_, fields) = stat.rsplit_once(')')?;
    fields.split_whitespace().nth(19)?.parse().ok()
}

fn open(path: &Path) -> io::Result<File> {
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
}

fn read_holder(file: &mut File) -> io::Result<Option<Holder>> {
    let mut text = String::new();
    file.rewind()?;
    file.read_to_string(&mut text)?;
    // Empty or half-written: its holder is about to write it, or just gave it back.
    Ok(serde_json::from_str(&text).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_taker_learns_who_holds_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("locks/a.lock");
        let held = Lock::try_acquire(&path, "run 1").unwrap().unwrap();
        assert!(Lock::try_acquire(&path, "run 2").unwrap().is_none());

        let cancel = Cancel::default();
        let mut seen = Vec::new();
        let stop = cancel.clone();
        let outcome = Lock::acquire(&path, "run 2", &cancel, &mut |holder| {
            seen.push((holder.pid, holder.purpose.clone()));
            stop.request(2);
        })
        .unwrap();
        assert!(outcome.is_none());
        assert_eq!(seen, [(std::process::id(), "run 1".to_owned())]);

        drop(held);
        assert!(Lock::try_acquire(&path, "run 2").unwrap().is_some());
    }

    #[test]
    fn a_process_has_one_start() {
        let own = process_start(std::process::id());
        assert!(own.is_some());
        assert_eq!(own, process_start(std::process::id()));
        assert_eq!(process_start(u32::MAX), None);
    }
}
