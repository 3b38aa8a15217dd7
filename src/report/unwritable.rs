//! What a report cannot be written to.

use std::io;

use crate::error::{Explain, Kind};

/// A place that cannot be written: standard output on a full disk, say.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {place}")]
pub struct Unwritable {
    place: String,
    source: io::Error,
}

impl Unwritable {
    /// `place` as people call it, such as `standard output`.
    pub(super) fn new(place: impl Into<String>, source: io::Error) -> Unwritable {
        let place = place.into();
        Unwritable { place, source }
    }
}

impl Explain for Unwritable {
    fn kind(&self) -> Kind {
        match self.source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Kind::OutOfDisk,
            _ => Kind::Preflight,
        }
    }
}
