//! What a container may take.

use crate::bytes::Bytes;

/// What a container may take; what is absent is not limited.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Limits {
    /// Memory, with swap.
    pub memory: Option<Bytes>,
    /// CPUs, in thousandths of one.
    pub cpu_millis: Option<u64>,
}

impl Limits {
    /// What each of several containers may take.
    #[must_use]
    pub fn part(self, of: u32) -> Limits {
        let of = u64::from(of.max(1));
        Limits {
            memory: self.memory.map(|memory| Bytes(memory.0 / of)),
            cpu_millis: self.cpu_millis.map(|millis| (millis / of).max(1)),
        }
    }
}
