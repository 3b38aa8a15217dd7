//! How much disk a build needs.
//!
//! Upstream names no number but the 50 GB of its development guide. The need grows with the source:
//! a real tree of 290 MB needs what is measured below, a miniature next to nothing beside Go's own
//! compiled library. The factors are bytes written for each byte of source, measured figures with a
//! third added.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::bytes::Bytes;

/// Go's compiled standard library and the build's records, whatever the size of the tree.
const FLOOR: Bytes = Bytes::mib(300);
/// The first component on one platform: binaries and their part of the Go cache.
const FIRST_COMPONENT: u64 = 8;
/// Each further component: most of its packages are compiled already.
const NEXT_COMPONENT: u64 = 4;
/// All components with their tests: 7.7 GB in `_output` of stock 1.35, 6.8 GB of 1.28.
const ALL_COMPONENTS: u64 = 36;
/// A release on one platform: 15 GB in `_output`, 10 GB in volumes and 1.6 GB of build cache on
/// 1.28.
const RELEASE: u64 = 120;
/// Each further platform of a release. An estimate.
const NEXT_RELEASE_PLATFORM: u64 = 40;
/// What is linked or packed lies in the temporary folder meanwhile, by an estimate an eighth of
/// all.
const TEMPORARY_PART: u64 = 8;

/// What is built, as far as disk is concerned.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DiskWork {
    /// So many components.
    Components(u32),
    /// All components and tests of the tree.
    All,
    /// A release: images and tarballs too.
    Release,
}

/// How much disk a build writes, each part of it in another folder.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct DiskNeed {
    /// The tree's `_output` with the Go cache, and the volumes of containers.
    pub output: Bytes,
    /// The temporary folder.
    pub temporary: Bytes,
}

impl DiskNeed {
    /// The need of work on so many platforms in a tree whose source, without `.git` and `_output`,
    /// has this size.
    pub fn of(work: DiskWork, platforms: u32, source: Bytes) -> DiskNeed {
        let platforms = u64::from(platforms.max(1));
        let factor = match work {
            DiskWork::Components(count) => {
                let further = NEXT_COMPONENT * u64::from(count.saturating_sub(1));
                (FIRST_COMPONENT + further).min(ALL_COMPONENTS) * platforms
            }
            DiskWork::All => ALL_COMPONENTS * platforms,
            DiskWork::Release => RELEASE + NEXT_RELEASE_PLATFORM * (platforms - 1),
        };
        let output = FLOOR * platforms + source * factor;
        DiskNeed {
            output,
            temporary: Bytes(output.0 / TEMPORARY_PART),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const REAL: Bytes = Bytes::mib(277);

    fn gib(work: DiskWork) -> u64 {
        DiskNeed::of(work, 1, REAL).output.as_mib() >> 10
    }

    #[test]
    fn a_real_tree_needs_what_was_measured_and_some_more() {
        assert_eq!(gib(DiskWork::Components(1)), 2);
        // 7.7 GB were measured, 26.6 GB for a release of 1.28.
        assert!((8..=12).contains(&gib(DiskWork::All)));
        assert!((27..=36).contains(&gib(DiskWork::Release)));
    }

    #[test]
    fn a_miniature_is_not_refused_for_gigabytes_that_it_never_writes() {
        let need = DiskNeed::of(DiskWork::All, 1, Bytes(200 << 10));
        assert!(need.output < Bytes::mib(350), "{need:?}");
    }

    proptest! {
        #[test]
        fn more_work_never_needs_less(
            count in 1u32..100, platforms in 1u32..20, mib in 0u64..1000,
        ) {
            let source = Bytes::mib(mib);
            let need = |work, platforms| DiskNeed::of(work, platforms, source).output;
            let some = DiskWork::Components(count);
            prop_assert!(need(some, platforms) <= need(DiskWork::Components(count + 1), platforms));
            prop_assert!(need(some, platforms) <= need(DiskWork::All, platforms));
            for work in [some, DiskWork::All, DiskWork::Release] {
                prop_assert!(need(work, platforms) <= need(work, platforms + 1));
            }
        }
    }
}
