//! What the engine's machine has left: memory and disk.

use crate::bytes::Bytes;
use crate::host::{FileSystem, MemoryFacts};

use super::Engine;

/// What is free on the engine's machine, as far as it can be seen.
#[derive(Clone, Debug)]
pub struct MachineRoom {
    /// Its memory.
    pub memory: MemoryFacts,
    /// The file system that holds images, containers and volumes; `None` where it cannot be seen from here.
    pub disk: Option<FileSystem>,
}

impl Engine {
    /// Looks at the machine: at this one where the engine runs on it, else at what the engine says, which is how much memory
    /// there is and not how much of it is free.
    pub fn room(&self, here: Option<&MemoryFacts>) -> MachineRoom {
        let local = self.is_this_machine();
        let free = here.filter(|_| local).map(|facts| facts.machine_available);
        let memory = MemoryFacts::of_machine(self.profile.memory, free);
        let disk = local.then(|| FileSystem::probe(std::slice::from_ref(&self.profile.data_root)));
        MachineRoom {
            memory,
            disk: disk.and_then(|systems| systems.into_iter().next()),
        }
    }
}

impl Engine {
    /// What is free where the engine keeps images, containers and volumes; `None` where that cannot be seen from here.
    pub fn free_disk(&self) -> Option<Bytes> {
        let local = self.is_this_machine();
        let systems =
            local.then(|| FileSystem::probe(std::slice::from_ref(&self.profile.data_root)))?;
        systems.first().map(|system| system.free)
    }
}

/// What a look from inside a container showed.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct InsideView {
    /// What the kernel believes it can give without swapping.
    pub memory: Option<Bytes>,
    /// What is free where containers write.
    pub disk: Option<Bytes>,
}
