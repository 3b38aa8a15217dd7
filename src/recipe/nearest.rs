//! The known word that somebody probably meant.

/// How alike two words must be (Jaro-Winkler, 0 to 1) before one is proposed for the other. Below it, proposals are more
/// often wrong than right: `linux` would become `limits`.
const ALIKE: f64 = 0.8;

/// The fewest letters that tell which word they begin.
const BEGINNING: usize = 3;

/// The candidate that is most like `word`, if any is: the same in another case, else the only one that begins so, else the one
/// that looks most alike.
pub(crate) fn nearest<'c>(
    word: &str,
    candidates: impl IntoIterator<Item = &'c str>,
) -> Option<&'c str> {
    let candidates: Vec<&str> = candidates.into_iter().collect();
    let begins = |candidate: &&&str| {
        let start = candidate.get(..word.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(word))
    };
    let mut beginning = candidates.iter().filter(begins);
    match (beginning.next(), beginning.next()) {
        (Some(first), _) if first.len() == word.len() && !word.is_empty() => return Some(first),
        (Some(only), None) if word.len() >= BEGINNING => return Some(only),
        _ => {}
    }
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
            ("SUM", Some("summary")),
            ("Build", Some("build")),
            ("linux", None),
            ("description", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, keys), expected, "{word}");
        }
    }
}
