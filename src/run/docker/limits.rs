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
