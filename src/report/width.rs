//! How wide the terminal is, and texts that fit it.

use std::io::{self, IsTerminal};
use std::os::fd::AsFd;

use unicode_width::UnicodeWidthStr;

/// The width of standard output in columns; None where it is no terminal.
pub fn of_stdout() -> Option<usize> {
    of(io::stdout())
}

/// The width of standard error in columns; None where it is no terminal.
pub fn of_stderr() -> Option<usize> {
    of(io::stderr())
}

fn of(stream: impl IsTerminal + AsFd) -> Option<usize> {
    if !stream.is_terminal() {
        return None;
    }
    let size = rustix::termios::tcgetwinsize(stream).ok();
    let width = size.map(|size| usize::from(size.ws_col));
    width.filter(|width| *width > 0).or(Some(80))
}

/// A line that is broken only where a terminal is narrower.
pub fn fitted(line: &str, width: Option<usize>, indent: usize) -> String {
    match width {
        Some(width) => wrapped(line, width, indent),
        None => line.to_owned(),
    }
}

/// A line broken at spaces so that no row is wider, the rows behind the first indented. What has no space stays whole.
pub fn wrapped(line: &str, width: usize, indent: usize) -> String {
    let mut text = String::new();
    let mut used = 0;
    for (number, word) in line.split(' ').enumerate() {
        let wide = word.width();
        let fits = used + 1 + wide <= width;
        if number == 0 {
            used = wide;
        } else if fits || used <= indent {
            text.push(' ');
            used += 1 + wide;
        } else {
            text.push('\n');
            text.push_str(&" ".repeat(indent));
            used = indent + wide;
        }
        text.push_str(word);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_spaces() {
        for (line, expected) in [
            ("one two three", "one two\n  three"),
            ("one two", "one two"),
            ("a-word-without-spaces b", "a-word-without-spaces\n  b"),
            ("日本 日本 日", "日本\n  日本\n  日"),
            ("  fix: it now", "  fix:\n  it now"),
            ("", ""),
        ] {
            assert_eq!(wrapped(line, 8, 2), expected);
        }
    }
}
