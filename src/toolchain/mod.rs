//! The exact Go that a tree asks for.
//!
//! In this order: the Go on PATH, if it is that version; one from kubewright's store; what another
//! Go of 1.21 or newer downloads; what Go's own site or a mirror of it serves; with a warning, a
//! later patch release of the same minor; and as a last resort, with a warning, the Go on PATH, if
//! it meets the tree's minimum. [`resolve`] tells which it will be, [`provide`] gets it.

mod choice;
mod error;
mod found;
mod go_download;
mod official;
mod provide;
mod store;
mod successor;
mod surroundings;
#[cfg(test)]
mod testing;
mod traits;
mod transfer;
mod version;
mod way;

pub use choice::{Choice, Origin, Policy, Wanted, resolve};
pub use error::{FailedWay, ToolchainError};
pub use found::NoGo;
pub use provide::{Progress, Toolchain, install, provide};
pub use store::{Installed, installed};
pub use surroundings::{DEFAULT_DOWNLOAD_BASE, PASSED_THROUGH, Surroundings};
pub use traits::GoTraits;
pub use version::{GoVersion, InvalidGoVersion};
