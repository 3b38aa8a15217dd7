//! What is wrong with an expression, as cel-go tells it.
//!
//! Source: github.com/google/cel-go/common/error.go and errors.go.

/// A place in an expression: the line from 1, the column from 0, in characters.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Place {
    pub(super) line: usize,
    pub(super) column: usize,
}

/// One thing that is wrong.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    pub(super) at: Place,
    pub(super) message: String,
}

/// The most that are told.
const MOST: usize = 100;

/// All that is wrong, in the order of the expression, each with the line and a caret.
pub(super) fn written(mut faults: Vec<Fault>, source: &str) -> String {
    let count = faults.len();
    faults.truncate(MOST);
    faults.sort_by_key(|fault| fault.at);
    let mut lines: Vec<String> = faults.iter().map(|fault| one(fault, source)).collect();
    if count > MOST {
        lines.push(format!("{} more errors were truncated", count - MOST));
    }
    lines.join("\n")
}

fn one(fault: &Fault, source: &str) -> String {
    let Place { line, column } = fault.at;
    let mut text = format!("ERROR: <input>:{line}:{}: {}", column + 1, fault.message);
    let Some(snippet) = source.split('\n').nth(line.saturating_sub(1)) else {
        return text;
    };
    let snippet = snippet.replace('\t', " ");
    text.push_str("\n | ");
    text.push_str(&snippet);
    text.push_str("\n | ");
    let mut characters = snippet.chars();
    for character in characters.by_ref().take(column) {
        text.push(if character.is_ascii() {
            '.'
        } else {
            '\u{ff0e}'
        });
    }
    let wide = characters.next().is_some_and(|next| !next.is_ascii());
    text.push(if wide { '\u{ff3e}' } else { '^' });
    text
}
