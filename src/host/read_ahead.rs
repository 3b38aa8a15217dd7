//! How far ahead the kernel reads the files of a disk.
//!
//! The linker maps all that it links. Where there is not enough memory to keep that, each access to a page that had to go
//! reads as much as the disk reads ahead: with Linux' own 128 KiB that is slow, with some megabytes, which virtual machines
//! and storage drivers like to set, a link in little memory comes to no end.

use std::fs;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::bytes::Bytes;

/// What a link in little memory bears. kubectl of 1.35 in 400 MB: 34 s with 128 KiB, 132 s with 512 KiB, no end with 1 MiB.
const NEAR: Bytes = Bytes(512 << 10);

/// A disk's setting.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct ReadAhead {
    /// How much is read.
    pub size: Bytes,
    /// The file that holds it, in KiB; root can write it.
    pub setting: PathBuf,
}

impl ReadAhead {
    /// The setting of a device, by its number; `None` where the system does not tell (macOS, network file systems).
    pub(super) fn probe(root: &Path, device: u64) -> Option<ReadAhead> {
        let (major, minor) = (rustix::fs::major(device), rustix::fs::minor(device));
        let block = format!("sys/dev/block/{major}:{minor}");
        let places = [
            format!("sys/class/bdi/{major}:{minor}/read_ahead_kb"),
            format!("{block}/queue/read_ahead_kb"),
            // A partition has the queue of its disk.
            format!("{block}/../queue/read_ahead_kb"),
        ];
        places.into_iter().find_map(|place| {
            let setting = root.join(place);
            let text = fs::read_to_string(&setting).ok()?;
            Some(ReadAhead {
                size: Bytes(text.trim().parse::<u64>().ok()? << 10),
                setting,
            })
        })
    }

    /// Whether a link in little memory would come to no end.
    pub fn is_far(&self) -> bool {
        self.size > NEAR
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::fixture::Fixture;

    #[test]
    fn the_setting_of_a_disk_or_of_a_partitions_disk_is_found() {
        let device = rustix::fs::makedev(254, 1);
        for path in [
            "sys/class/bdi/254:1/read_ahead_kb",
            "sys/dev/block/254:1/queue/read_ahead_kb",
        ] {
            let fixture = Fixture::default().file(path, "8192\n");
            let found = ReadAhead::probe(fixture.root(), device).unwrap();
            assert_eq!(found.size, Bytes::mib(8));
            assert_eq!(found.setting, fixture.path(path));
            assert!(found.is_far());
        }
        let fixture = Fixture::default()
            .folder("sys/dev/block/254:1")
            .file("sys/dev/block/queue/read_ahead_kb", "128\n");
        let found = ReadAhead::probe(fixture.root(), device).unwrap();
        assert!(!found.is_far());
        assert_eq!(ReadAhead::probe(Fixture::default().root(), device), None);
    }
}
