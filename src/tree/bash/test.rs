//! Conditions: what stands between `[[` and `]]`, or after `[`.

use regex::Regex;

use super::{Shell, Status, expand};

/// Whether a condition holds; unknown where it asks for more than texts and variables.
pub(super) fn holds(shell: &mut Shell<'_>, words: &[String]) -> Status {
    if let Some(at) = words.iter().position(|word| word == "||") {
        return match holds(shell, &words[..at]) {
            Status::Success => Status::Success,
            left => match (left, holds(shell, &words[at + 1..])) {
                (_, Status::Success) => Status::Success,
                (Status::Failure, right) => right,
                (left, _) => left,
            },
        };
    }
    if let Some(at) = words.iter().position(|word| word == "&&") {
        return match holds(shell, &words[..at]) {
            Status::Success => holds(shell, &words[at + 1..]),
            left => left,
        };
    }
    simple(shell, words).map_or(Status::Unknown, Status::from)
}

fn simple(shell: &mut Shell<'_>, words: &[String]) -> Option<bool> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["!", ref rest @ ..] => {
            let rest: Vec<String> = rest.iter().map(|&word| word.to_owned()).collect();
            simple(shell, &rest).map(|holds| !holds)
        }
        [word] | ["-n", word] => Some(!expand::text(shell, word)?.is_empty()),
        ["-z", word] => Some(expand::text(shell, word)?.is_empty()),
        ["-v", name] => Some(shell.array(name).is_some()),
        [left, "==" | "=", right] => matches(shell, left, right),
        [left, "!=", right] => matches(shell, left, right).map(|equal| !equal),
        [left, "=~", pattern] => {
            let left = expand::text(shell, left)?;
            Some(Regex::new(&pattern.replace('"', "")).ok()?.is_match(&left))
        }
        _ => None,
    }
}

/// `==` of `[[`, whose right side may hold `*`.
fn matches(shell: &mut Shell<'_>, left: &str, right: &str) -> Option<bool> {
    let left = expand::text(shell, left)?;
    let right = expand::text(shell, right)?;
    let pattern: Vec<String> = right.split('*').map(regex::escape).collect();
    let pattern = Regex::new(&format!("^{}$", pattern.join(".*"))).ok()?;
    Some(pattern.is_match(&left))
}
