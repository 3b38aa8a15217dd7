//! Hints propose commands. Those that look at a tree look at the one that the user named.

use crate::error::Error;
use crate::run::quoted;

/// The flags that name a tree.
const FLAGS: [&str; 3] = ["--repo", "--ref", "--source"];

/// The beginnings of commands that take these flags.
const TAKING: [&str; 4] = [
    "kubewright build ",
    "kubewright targets",
    "kubewright doctor --for ",
    "kubewright engine image",
];

/// Adds to the commands in an error's hints what `command`, as it was typed, says of the tree.
pub(super) fn keep(error: Error, command: &[String]) -> Error {
    let named = named(command);
    if named.is_empty() {
        return error;
    }
    error.with_hints(|hint| {
        // Commands stand between backticks: every second part.
        let parts = hint.split('`').enumerate().map(|(index, part)| {
            if index % 2 == 1 {
                completed(part, &named)
            } else {
                part.to_owned()
            }
        });
        parts.collect::<Vec<_>>().join("`")
    })
}

/// The flags that were typed, with their values.
fn named(command: &[String]) -> Vec<(&'static str, String)> {
    let words: Vec<&str> = command
        .iter()
        .map(String::as_str)
        .take_while(|word| *word != "--")
        .collect();
    let value = |flag: &'static str| {
        let position = words.iter().position(|word| {
            let rest = word.strip_prefix(flag);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
        })?;
        let value = words[position].strip_prefix(flag)?.strip_prefix('=');
        let value = value.or_else(|| words.get(position + 1).copied())?;
        Some((flag, value.to_owned()))
    };
    FLAGS.into_iter().filter_map(value).collect()
}

fn completed(command: &str, named: &[(&str, String)]) -> String {
    let has = |flag: &str| {
        let mut words = command.split([' ', '=']);
        words.any(|word| word == flag)
    };
    // Two trees cannot be named at once.
    let is_of = |flag: &str| match flag {
        "--source" => !FLAGS.iter().any(|flag| has(flag)),
        flag => !has(flag) && !has("--source"),
    };
    let own = command.strip_prefix("sudo ").unwrap_or(command);
    if !TAKING.iter().any(|start| own.starts_with(start)) {
        return command.to_owned();
    }
    let added = named.iter().filter(|(flag, _)| is_of(flag));
    let added = added.fold(String::new(), |text, (flag, value)| {
        text + &format!(" {flag} {}", quoted(value))
    });
    match command.split_once(" -- ") {
        Some((flags, variables)) => format!("{flags}{added} -- {variables}"),
        None => format!("{command}{added}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(hint: &str, typed: &str) -> String {
        let words: Vec<String> = typed.split(' ').map(str::to_owned).collect();
        let named = named(&words);
        completed(hint, &named)
    }

    #[test]
    fn a_command_gets_what_it_lacks() {
        let typed = "kubewright build component x --repo demo --ref=v0.2.0 -- A=--source";
        for (hint, expected) in [
            (
                "kubewright build target kubectl",
                "kubewright build target kubectl --repo demo --ref v0.2.0",
            ),
            (
                "kubewright targets --ref v1 -- X=1",
                "kubewright targets --ref v1 --repo demo -- X=1",
            ),
            (
                "kubewright build all --source .",
                "kubewright build all --source .",
            ),
            ("kubewright doctor", "kubewright doctor"),
            ("--ref v0.2.0", "--ref v0.2.0"),
        ] {
            assert_eq!(kept(hint, typed), expected);
        }
        let typed = "kubewright targets --source /a";
        assert_eq!(
            kept("kubewright doctor --for x", typed),
            "kubewright doctor --for x --source /a"
        );
        assert_eq!(
            kept("kubewright build all --ref v1", typed),
            "kubewright build all --ref v1"
        );
    }
}
