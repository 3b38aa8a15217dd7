//! What patterns match.

use std::cell::RefCell;
use std::collections::HashMap;

use regex::Regex;

use super::regexp::translate;

/// The pattern for Rust's engine; None where it is invalid, or beyond that engine. Compiling takes longer than all else, so
/// that each is compiled once.
pub(crate) fn compile(pattern: &str) -> Option<Regex> {
    thread_local! {
        static COMPILED: RefCell<HashMap<String, Option<Regex>>> = RefCell::default();
    }
    COMPILED.with_borrow_mut(|compiled| {
        if let Some(known) = compiled.get(pattern) {
            return known.clone();
        }
        let regex = translate(pattern).and_then(|pattern| Regex::new(&pattern).ok());
        if compiled.len() >= KEPT {
            compiled.clear();
        }
        compiled.insert(pattern.to_owned(), regex.clone());
        regex
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
            let compiled = compile(pattern).unwrap();
            assert_eq!(compiled.is_match(text), matches, "{pattern} {text}");
        }
    }
}
