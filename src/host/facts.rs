//! Everything that is known of the host before a build; it goes into the manifest.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::choice::{Budget, Far};
use super::cpus::CpuFacts;
use super::disk::FileSystem;
use super::engine::EngineFacts;
use super::free_memory::MemoryFacts;
use super::packages::PackageManager;
use super::system::SystemFacts;
use super::tool::{Tool, ToolFacts};
use crate::bytes::Bytes;

/// What to look at.
#[derive(Clone, Copy, Debug)]
pub struct ProbeRequest<'a> {
    /// The folder that holds `proc`, `sys/fs/cgroup` and `etc`: `/`, but for tests.
    pub root: &'a Path,
    /// The value of PATH on which tools are looked for, and which they get.
    pub path: &'a OsStr,
    /// The folders whose file systems are asked for free space; they need not exist yet.
    pub folders: &'a [PathBuf],
    /// The tools to look for.
    pub tools: &'a [Tool],
    /// Whether to ask the container engine.
    pub engine: bool,
    /// How long a tool or the engine may take to answer.
    pub timeout: Duration,
}

impl<'a> ProbeRequest<'a> {
    /// The machine itself with no folders, tools or engine, and five seconds for each answer.
    pub fn new(path: &'a OsStr) -> ProbeRequest<'a> {
        ProbeRequest {
            root: Path::new("/"),
            path,
            folders: &[],
            tools: &[],
            engine: false,
            timeout: Duration::from_secs(5),
        }
    }
}

/// What the host is and has.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct HostFacts {
    /// The operating system.
    pub system: SystemFacts,
    /// The memory, where the system tells.
    pub memory: Option<MemoryFacts>,
    /// The CPUs.
    pub cpus: CpuFacts,
    /// The file systems of the folders that were asked for.
    pub file_systems: Vec<FileSystem>,
    /// The tools that were asked for, in that order.
    pub tools: Vec<ToolFacts>,
    /// The container engine, if it was asked for.
    pub engine: Option<EngineFacts>,
    /// What installs packages here, where it is one that kubewright knows.
    pub package_manager: Option<PackageManager>,
}

impl HostFacts {
    /// Looks at the host. What cannot be found out is absent from the facts; it is never an error.
    pub fn probe(request: &ProbeRequest<'_>) -> HostFacts {
        let system = SystemFacts::probe(request.root);
        HostFacts {
            memory: MemoryFacts::probe(request.root),
            cpus: CpuFacts::probe(request.root),
            file_systems: FileSystem::probe(request.root, request.folders),
            tools: ToolFacts::probe_all(request.tools, request.path, request.timeout),
            engine: request
                .engine
                .then(|| EngineFacts::probe(request.path, request.timeout)),
            package_manager: PackageManager::detect(request.path, system.distribution.as_ref()),
            system,
        }
    }

    /// The memory that a build may plan with: the least of what is available and what was asked
    /// for. Without either there is no bound.
    pub fn memory_budget(&self, asked: Option<Bytes>) -> Bytes {
        let available = self.memory.as_ref().map(|memory| memory.available);
        let bounds = available.into_iter().chain(asked);
        bounds.min().unwrap_or(Bytes(u64::MAX))
    }

    /// What a step may take that writes into `output`: by what was asked for and what is available, and where the disk reads
    /// far ahead with what is mapped.
    pub fn budget(&self, asked: Option<Bytes>, output: &Path) -> Budget {
        let disk = self.file_systems.iter().find(|system| {
            let folders = &system.folders;
            folders.iter().any(|folder| folder == output)
        });
        let far = disk
            .and_then(|disk| disk.read_ahead.as_ref())
            .filter(|ahead| ahead.is_far());
        Budget {
            memory: self.memory_budget(asked),
            far: far
                .cloned()
                .zip(self.memory.as_ref())
                .map(|(disk, memory)| Far {
                    disk,
                    room: memory.available,
                }),
        }
    }

    /// What is known of a tool; `None` if it was not asked for.
    pub fn tool(&self, tool: Tool) -> Option<&ToolFacts> {
        self.tools.iter().find(|facts| facts.tool == tool)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::fixture::Fixture;

    #[test]
    fn finds_what_was_asked_for_and_nothing_else() {
        let fixture = Fixture::default()
            .meminfo(4096, 1024)
            .file("etc/os-release", "ID=debian\nVERSION_ID=12\n")
            .program("make", "echo GNU Make 4.3")
            .program("apt-get", "exit 0");
        let path = fixture.path("bin");
        let folders = [fixture.path("cache")];
        let facts = HostFacts::probe(&ProbeRequest {
            root: fixture.root(),
            folders: &folders,
            tools: &[Tool::Make, Tool::Rsync],
            ..ProbeRequest::new(path.as_os_str())
        });
        assert_eq!(facts.memory.as_ref().unwrap().available, Bytes::mib(1024));
        assert_eq!(facts.memory_budget(None), Bytes::mib(1024));
        assert_eq!(facts.memory_budget(Some(Bytes::mib(300))), Bytes::mib(300));
        assert_eq!(facts.memory_budget(Some(Bytes::gib(8))), Bytes::mib(1024));
        assert_eq!(facts.file_systems.len(), 1);
        assert!(facts.tool(Tool::Make).unwrap().is_present());
        assert!(!facts.tool(Tool::Rsync).unwrap().is_present());
        assert_eq!((facts.tool(Tool::Go), &facts.engine), (None, &None));
        assert_eq!(facts.package_manager, Some(PackageManager::Apt));
    }

    #[test]
    fn reads_what_it_writes() {
        let fixture = Fixture::default().meminfo(4096, 1024);
        let facts = HostFacts::probe(&ProbeRequest {
            root: fixture.root(),
            ..ProbeRequest::new(OsStr::new(""))
        });
        let json = serde_json::to_string(&facts).unwrap();
        assert_eq!(serde_json::from_str::<HostFacts>(&json).unwrap(), facts);
    }
}
