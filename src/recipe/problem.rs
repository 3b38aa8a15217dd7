//! One thing that is wrong with a recipe's file, and how it is shown.

use std::fmt::Write;
use std::ops::Range;

/// One thing that is wrong, with its place in the file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Problem {
    /// What is wrong, without its place.
    pub message: String,
    /// The table that it is wrong in; empty for the file itself.
    pub table: &'static str,
    /// The bytes that are wrong.
    pub span: Range<usize>,
    /// What stands beside the caret: what was expected, or what was probably meant.
    pub label: String,
}

impl Problem {
    /// The problem as compilers show theirs: message, place, source line, caret.
    ///
    /// ```text
    /// unknown key `platform` in [build] of my.toml
    ///   --> my.toml:6:1
    ///    |
    ///  6 | platform = ["linux/amd64"]
    ///    | ^^^^^^^^ did you mean `platforms`?
    /// ```
    pub(crate) fn render(&self, path: &str, text: &str) -> String {
        let place = Place::of(text, &self.span);
        let number = place.line_number.to_string();
        let gutter = " ".repeat(number.len() + 1);
        let mut shown = self.title(path);
        let _ = write!(
            shown,
            "\n{gutter}--> {path}:{number}:{column}\n{gutter} |\n {number} | {line}\n{gutter} | {pad}{carets} {label}",
            column = place.column,
            line = place.line,
            pad = place.pad,
            carets = "^".repeat(place.width),
            label = self.label,
        );
        // Without a label, nothing follows the carets.
        shown.truncate(shown.trim_end().len());
        shown
    }

    fn title(&self, path: &str) -> String {
        match self.table {
            "" => format!("{} in {path}", self.message),
            table => format!("{} in [{table}] of {path}", self.message),
        }
    }
}

/// Where a span lies, for people.
struct Place<'t> {
    /// From 1.
    line_number: usize,
    /// From 1, in characters.
    column: usize,
    line: &'t str,
    /// What moves the caret below the span: tabs stay tabs, so that it is right at any width of tabs.
    pad: String,
    /// How many carets; a span of several lines is marked on its first.
    width: usize,
}

impl Place<'_> {
    fn of<'t>(text: &'t str, span: &Range<usize>) -> Place<'t> {
        let start = floor_boundary(text, span.start);
        let end = floor_boundary(text, span.end).max(start);
        let line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let line = text[line_start..].lines().next().unwrap_or_default();
        let line_end = (line_start + line.len()).max(start);
        let before = &text[line_start..start];
        Place {
            line_number: text[..line_start].matches('\n').count() + 1,
            column: before.chars().count() + 1,
            line,
            pad: before
                .chars()
                .map(|c| if c == '\t' { '\t' } else { ' ' })
                .collect(),
            width: text[start..end.min(line_end)].chars().count().max(1),
        }
    }
}

/// The nearest place at or before `at` where a character begins.
fn floor_boundary(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (0..=at)
        .rev()
        .find(|index| text.is_char_boundary(*index))
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(text: &str, span: Range<usize>) -> String {
        let problem = Problem {
            message: "x".to_owned(),
            table: "",
            span,
            label: String::new(),
        };
        problem.render("a.toml", text)
    }

    #[test]
    fn tabs_and_wide_characters_do_not_move_the_caret() {
        let text = "\tä = 1";
        insta::assert_snapshot!(render(text, 6..7), @r"
        x in a.toml
          --> a.toml:1:6
           |
         1 | 	ä = 1
           | 	    ^
        ");
    }

    #[test]
    fn a_span_of_several_lines_is_marked_on_its_first() {
        insta::assert_snapshot!(render("a = [\n  1,\n]\n", 4..13), @r"
        x in a.toml
          --> a.toml:1:5
           |
         1 | a = [
           |     ^
        ");
    }

    #[test]
    fn any_span_can_be_shown() {
        for text in ["", "\n", "ä", "a\r\nb", "a\n\n"] {
            for start in 0..=text.len() + 2 {
                for end in 0..=text.len() + 2 {
                    render(text, start..end);
                }
            }
        }
    }
}
