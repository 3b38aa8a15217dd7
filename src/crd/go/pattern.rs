//! What patterns match.

use std::cell::RefCell;
use std::collections::HashMap;

use regex::Regex;

use super::regexp::translate;

/// The pattern for Rust's engine; None where it is invalid, or beyond that engine. Compiling takes longer than all else, so
/// that each is compiled once.
pub(crate) fn compile(pattern: &str) -> Option<Regex> {
    with(pattern, Clone::clone)
}

/// Whether a text matches a pattern; None where there is no pattern for Rust's engine. What the engine needs for a match is kept
/// with the pattern, and made anew for each copy of it.
pub(crate) fn is_match(pattern: &str, text: &str) -> Option<bool> {
    with(pattern, |regex| regex.is_match(text))
}

fn with<T>(pattern: &str, ask: impl FnOnce(&Regex) -> T) -> Option<T> {
    thread_local! {
        static COMPILED: RefCell<HashMap<String, Option<Regex>>> = RefCell::default();
    }
    COMPILED.with_borrow_mut(|compiled| {
        if compiled.len() >= KEPT && !compiled.contains_key(pattern) {
            compiled.clear();
        }
        if !compiled.contains_key(pattern) {
            let regex = translate(pattern).and_then(|pattern| Regex::new(&pattern).ok());
            compiled.insert(pattern.to_owned(), regex);
        }
        compiled.get(pattern)?.as_ref().map(ask)
    })
}

/// How many compiled patterns are kept.
const KEPT: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_in_go() {
        for (pattern, text, matches) in [
            (
                "^(\\d+|\\*)(/\\d+)?(\\s+(\\d+|\\*)(/\\d+)?){4}$",
                "* * * * */5",
                true,
            ),
            (
                "^(\\d+|\\*)(/\\d+)?(\\s+(\\d+|\\*)(/\\d+)?){4}$",
                "* * * *",
                false,
            ),
            ("^\\d$", "٣", false),
            ("^[&&a]$", "&", true),
            ("^[a[]$", "[", true),
            ("a{,2}", "a{,2}", true),
            ("^\\Qa.b\\E$", "a.b", true),
            ("(?i)ABC", "xabc", true),
            ("^[^\\s/]+$", "a/b", false),
        ] {
            assert_eq!(is_match(pattern, text), Some(matches), "{pattern} {text}");
        }
    }
}
