//! The known word that somebody probably meant.

/// How alike two words must be (Jaro-Winkler, 0 to 1) before one is proposed for the other. Below it, proposals are more
/// often wrong than right: `linux` would become `limits`.
const ALIKE: f64 = 0.8;

/// The candidate that is most like `word`, if any is.
pub(crate) fn nearest<'c>(
    word: &str,
    candidates: impl IntoIterator<Item = &'c str>,
) -> Option<&'c str> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(word, candidate), candidate))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proposes_only_what_is_alike() {
        let keys = ["summary", "source", "build", "limits", "make"];
        for (word, expected) in [
            ("sumary", Some("summary")),
            ("limit", Some("limits")),
            ("builds", Some("build")),
            ("linux", None),
            ("description", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, keys), expected, "{word}");
        }
    }
}
