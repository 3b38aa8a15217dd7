//! The control group of a container on this machine: what its processes hold, and whether the kernel killed one of them.

use std::fs;
use std::path::{Path, PathBuf};

use super::hunger::Held;
use crate::bytes::Bytes;

/// The group of a container, as its files show it.
#[derive(Debug)]
pub(super) struct ContainerGroup {
    folder: PathBuf,
    /// The file that counts kills, and the fields in `memory.stat` for anonymous memory and major faults, by the version of
    /// control groups.
    counter: &'static str,
    anonymous: &'static str,
    major_faults: &'static str,
}

impl ContainerGroup {
    /// The group of a process; `None` where its files cannot be seen from here.
    pub(super) fn of_process(pid: i64) -> Option<ContainerGroup> {
        let lines = fs::read_to_string(format!("/proc/{pid}/cgroup")).ok()?;
        ContainerGroup::of(&lines, Path::new("/sys/fs/cgroup"))
    }

    /// `lines` is the process's `/proc/PID/cgroup`, see cgroups(7).
    fn of(lines: &str, mounted: &Path) -> Option<ContainerGroup> {
        let path = |wanted: &str| {
            lines.lines().find_map(|line| {
                let mut fields = line.splitn(3, ':').skip(1);
                let (controllers, path) = (fields.next()?, fields.next()?);
                let matches = controllers.split(',').any(|name| name == wanted);
                matches.then(|| path.trim_start_matches('/').to_owned())
            })
        };
        let group = match path("memory") {
            Some(path) => ContainerGroup {
                folder: mounted.join("memory").join(path),
                counter: "memory.oom_control",
                anonymous: "total_rss",
                major_faults: "total_pgmajfault",
            },
            None => ContainerGroup {
                folder: mounted.join(path("")?),
                counter: "memory.events",
                anonymous: "anon",
                major_faults: "pgmajfault",
            },
        };
        group.held().is_some().then_some(group)
    }

    /// What all its processes hold.
    pub(super) fn held(&self) -> Option<Held> {
        let text = self.text("memory.stat")?;
        Some(Held {
            memory: Bytes(field(&text, self.anonymous)?),
            major_faults: field(&text, self.major_faults),
        })
    }

    /// Whether the kernel has killed one of its processes for want of memory.
    pub(super) fn has_killed(&self) -> bool {
        let count = self.text(self.counter);
        count.and_then(|text| field(&text, "oom_kill")) > Some(0)
    }

    fn text(&self, file: &str) -> Option<String> {
        fs::read_to_string(self.folder.join(file)).ok()
    }
}

fn field(text: &str, name: &str) -> Option<u64> {
    text.lines().find_map(|line| {
        let (key, value) = line.split_once(' ')?;
        (key == name).then(|| value.trim().parse().ok())?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(memory: u64, major_faults: u64) -> Held {
        Held {
            memory: Bytes(memory),
            major_faults: Some(major_faults),
        }
    }

    #[test]
    fn both_versions_are_read() {
        let mounted = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = mounted.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write(
            "memory/docker/a/memory.stat",
            "rss 1\npgmajfault 2\ntotal_rss 4096\ntotal_pgmajfault 3\n",
        );
        write(
            "memory/docker/a/memory.oom_control",
            "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n",
        );
        write("b.scope/memory.stat", "anon 8192\nfile 1\npgmajfault 5\n");
        write("b.scope/memory.events", "oom 1\noom_kill 0\n");
        let one = ContainerGroup::of("4:cpu,memory:/docker/a\n0::/\n", mounted.path()).unwrap();
        assert_eq!(one.held(), Some(held(4096, 3)));
        assert!(one.has_killed());
        let two = ContainerGroup::of("0::/b.scope\n", mounted.path()).unwrap();
        assert_eq!(two.held(), Some(held(8192, 5)));
        assert!(!two.has_killed());
        assert!(ContainerGroup::of("0::/elsewhere\n", mounted.path()).is_none());
    }
}
