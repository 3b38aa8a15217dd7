//! Reading a tree: its targets, components, platforms, Go version, kube-cross tag, where outputs
//! land.
//!
//! [`read()`] takes [`Files`] (a folder on disk, or a tree object in a Git repository) and answers
//! [`TreeFacts`]. It reads the Makefile and the scripts below `hack/lib` and `build` as text; it
//! runs neither make nor bash, and it has no table of versions: what a tree does is what its own
//! text says.

mod bash;
mod components;
mod constraint;
mod error;
mod facts;
mod files;
mod generated;
mod go;
mod imports;
mod kube_cross;
mod layout;
mod makefile;
mod names;
mod platforms;
mod read;
mod release;
mod remarks;
mod source_text;
mod stamp;
mod targets;
#[cfg(test)]
mod tests;

pub use components::{Component, Linkage, Sets};
pub use error::TreeError;
pub use facts::TreeFacts;
pub use files::{DiskFiles, Entry, EntryKind, Files, GitFiles};
pub use go::GoRequirement;
pub use imports::needed;
pub use kube_cross::KubeCross;
pub use layout::OutputLayout;
pub use names::UnknownName;
pub use platforms::PlatformSets;
pub use read::read;
pub use release::ReleaseParts;
pub(crate) use release::{IMAGES, PACKAGE};
pub use remarks::{Remark, RemarkKind};
pub use stamp::ArchiveStamp;
pub use targets::{Target, TargetKind};
