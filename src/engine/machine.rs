//! What the engine's machine has left: memory and disk.

use std::io::Read;
use std::path::Path;
use std::time::Duration;

use super::{
    Container, ContainerOrder, Engine, EngineError, Image, Labels, Purpose, Watch, output,
};
use crate::bytes::Bytes;
use crate::cancel::Cancel;
use crate::host::{FileSystem, MemoryFacts};

/// What is free on the engine's machine, as far as it can be seen.
#[derive(Clone, Debug)]
pub struct MachineRoom {
    /// Its memory.
    pub memory: MemoryFacts,
    /// Whether it is known how much of that is free; otherwise all of it counts as free.
    pub knows_free: bool,
    /// The file system that holds images, containers and volumes; `None` where it cannot be seen.
    pub disk: Option<FileSystem>,
}

/// What a look from inside a container showed.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct InsideView {
    /// What the kernel believes it can give without swapping.
    pub memory: Option<Bytes>,
    /// What is free where containers write.
    pub disk: Option<Bytes>,
}

impl Engine {
    /// What the machine has left: by a look at this one where the engine runs on it, else by a look from inside a container,
    /// else by what the engine says, which is how much memory there is and not how much of it is free.
    pub fn room(&self, here: Option<&MemoryFacts>, inside: Option<InsideView>) -> MachineRoom {
        let local = self.is_this_machine();
        let here = here.filter(|_| local).map(|facts| facts.machine_available);
        let free = here.or(inside.and_then(|view| view.memory));
        let data_root = &self.profile.data_root;
        let disk = if local {
            let systems = FileSystem::probe(Path::new("/"), std::slice::from_ref(data_root));
            systems.into_iter().next()
        } else {
            let free = inside.and_then(|view| view.disk);
            free.map(|free| FileSystem {
                // Of another machine: the same as none here.
                device: u64::MAX,
                free,
                total: free,
                folders: vec![data_root.clone()],
                read_ahead: None,
            })
        };
        MachineRoom {
            memory: MemoryFacts::of_machine(self.profile.memory, free),
            knows_free: free.is_some(),
            disk,
        }
    }

    /// What is free where the engine keeps images, containers and volumes; `None` where that cannot be seen from here.
    pub fn free_disk(&self) -> Option<Bytes> {
        self.room(None, None).disk.map(|disk| disk.free)
    }

    /// Looks at the machine from inside a container. An image without a shell shows nothing.
    pub fn look_inside(&self, image: &Image, cancel: &Cancel) -> Result<InsideView, EngineError> {
        let order = ContainerOrder {
            argv: ["sh", "-c", "cat /proc/meminfo; df -Pk /"]
                .map(str::to_owned)
                .to_vec(),
            ..ContainerOrder::new(image, Labels::new(Purpose::Look, ""))
        };
        let container = Container::create(self, &order)?;
        let (writer, mut reader) = output();
        let reading = std::thread::spawn(move || {
            let mut text = String::new();
            let _ = reader.read_to_string(&mut text);
            text
        });
        let watched = container.watch(
            writer,
            Watch {
                cancel,
                grace: Duration::ZERO,
                limit: None,
                look: &mut |_, _| {},
            },
        );
        let text = reading.join().unwrap_or_default();
        match watched {
            Ok(_) => Ok(InsideView::of(&text)),
            // No such program.
            Err(EngineError::Refused { .. }) => Ok(InsideView::default()),
            Err(error) => Err(error),
        }
    }
}

impl InsideView {
    fn of(text: &str) -> InsideView {
        let kib = |word: &str| word.parse::<u64>().ok().map(|kib| Bytes(kib << 10));
        let memory = text
            .lines()
            .find_map(|line| line.strip_prefix("MemAvailable:"))
            .and_then(|rest| kib(rest.trim().trim_end_matches("kB").trim()));
        // `Filesystem 1024-blocks Used Available Capacity Mounted on`, by POSIX.
        let disk = text
            .lines()
            .skip_while(|line| !line.starts_with("Filesystem"))
            .nth(1)
            .and_then(|line| kib(line.split_whitespace().nth(3)?));
        InsideView { memory, disk }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_and_df_are_understood() {
        let text = "MemTotal:       24684084 kB\nMemAvailable:   22543212 kB\n\
                    Filesystem     1024-blocks     Used Available Capacity Mounted on\n\
                    overlay          263940744 75874564  19876543      80% /\n";
        let view = InsideView::of(text);
        assert_eq!(view.memory, Some(Bytes(22_543_212 << 10)));
        assert_eq!(view.disk, Some(Bytes(19_876_543 << 10)));
        assert_eq!(InsideView::of("sh: not found"), InsideView::default());
    }
}
