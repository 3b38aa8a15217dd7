//! What is taken where a patch release cannot be had: a later one of the same minor.
//!
//! Such a Go compiles the same language with the same flags; what it builds differs by what the
//! patches mended.

use super::GoVersion;

/// The last patch release of each minor that gets none any more; none of these will ever change
/// (<https://go.dev/doc/devel/release>).
const LAST_PATCHES: [(u32, u32); 17] = [
    (7, 6),
    (8, 7),
    (9, 7),
    (10, 8),
    (11, 13),
    (12, 17),
    (13, 15),
    (14, 15),
    (15, 15),
    (16, 15),
    (17, 13),
    (18, 10),
    (19, 13),
    (20, 14),
    (21, 13),
    (22, 12),
    (23, 12),
];

/// The version that takes the place of `version`: the nearest later patch release among those
/// that are `here`, else the last one that its minor ever got; `None` where there is no later one.
pub(super) fn successor(version: &GoVersion, here: &[GoVersion]) -> Option<GoVersion> {
    let is_later = |other: &&GoVersion| other.is_patch_of(version) && *other > version;
    let nearest = here.iter().filter(is_later).min().cloned();
    let last = || {
        let minor = version.minor();
        let (_, patch) = LAST_PATCHES.iter().find(|(known, _)| *known == minor)?;
        let last = GoVersion::patch_release(1, minor, *patch);
        (last.is_patch_of(version) && last > *version).then_some(last)
    };
    nearest.or_else(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_later_patch_that_is_here_comes_before_the_last_one_of_the_minor() {
        let of = |version: &str, here: &[&str]| {
            let here: Vec<GoVersion> = here.iter().map(|text| text.parse().unwrap()).collect();
            successor(&version.parse().unwrap(), &here).map(|found| found.to_string())
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(of("1.12.5", &[]), some("1.12.17"));
        assert_eq!(of("1.13.8", &["1.13.4", "1.12.17"]), some("1.13.15"));
        assert_eq!(of("1.12.5", &["1.12.17", "1.12.9"]), some("1.12.9"));
        assert_eq!(of("1.15rc1", &[]), some("1.15.15"));
        assert_eq!(of("1.12.17", &[]), None);
        assert_eq!(of("1.26.1", &["1.27.0"]), None);
        assert_eq!(of("1.26.1", &["1.26.2"]), some("1.26.2"));
    }
}
