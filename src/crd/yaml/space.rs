//! What stands between the words of a scalar that is plain or in quotes.

use super::scanner::{Scanned, Scanner};

/// Blanks and line breaks that were read and not yet written: behind the last word they are nothing.
#[derive(Default)]
pub(super) struct Space {
    blanks: String,
    first: String,
    others: String,
    /// Whether a line ended. Blanks count no more then.
    pub(super) is_new_line: bool,
}

impl Space {
    /// Writes it as a reader sees it: one break is a space, of several the first goes.
    pub(super) fn write(&mut self, into: &mut String) {
        if !self.is_new_line {
            into.push_str(&self.blanks);
        } else if !self.first.starts_with('\n') {
            into.push_str(&self.first);
            into.push_str(&self.others);
        } else if self.others.is_empty() {
            into.push(' ');
        } else {
            into.push_str(&self.others);
        }
        self.blanks.clear();
        self.first.clear();
        self.others.clear();
        self.is_new_line = false;
    }
}

impl Scanner<'_> {
    /// Reads what stands before the next word. A tab that begins a line left of `indent` is an error.
    pub(super) fn scan_space(&mut self, space: &mut Space, indent: usize) -> Scanned<()> {
        loop {
            if self.cursor.is_blank(0) {
                let is_left = self.cursor.mark.column < indent;
                if space.is_new_line && is_left && self.cursor.peek(0) == b'\t' {
                    return self.fail("found a tab character that violates indentation");
                }
                if space.is_new_line {
                    self.cursor.skip();
                } else {
                    self.cursor.read(&mut space.blanks);
                }
            } else if !self.cursor.is_break(0) {
                return Ok(());
            } else if space.is_new_line {
                self.cursor.read_line(&mut space.others);
            } else {
                space.blanks.clear();
                self.cursor.read_line(&mut space.first);
                space.is_new_line = true;
            }
        }
    }
}
