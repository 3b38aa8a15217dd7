//! Scalars without quotes.

use super::scanner::{Scanned, Scanner};
use super::token::{Style, Token};

/// What ends a scalar within brackets.
const FLOW: &[u8] = b",?[]{}";

/// The line breaks between two lines of a scalar.
#[derive(Default)]
pub(super) struct Breaks {
    pub(super) first: String,
    pub(super) others: String,
}

impl Breaks {
    /// Writes them as a reader sees them: one break is a space, of several the first goes.
    pub(super) fn fold(&mut self, into: &mut String) {
        if self.first.starts_with('\n') {
            into.push_str(if self.others.is_empty() {
                " "
            } else {
                &self.others
            });
        } else {
            into.push_str(&self.first);
            into.push_str(&self.others);
        }
        self.first.clear();
        self.others.clear();
    }
}

impl Scanner<'_> {
    pub(super) fn scan_plain(&mut self) -> Scanned<Token> {
        let start = self.cursor.mark;
        let mut end = start;
        let indent = usize::try_from(self.indent + 1).unwrap_or_default();
        let is_flow = self.flow_level > 0;
        let (mut value, mut blanks, mut breaks) = (String::new(), String::new(), Breaks::default());
        let mut is_new_line = false;
        loop {
            if self.cursor.is_document_indicator() || self.cursor.peek(0) == b'#' {
                break;
            }
            while !self.cursor.is_blank_or_end(0) {
                let first = self.cursor.peek(0);
                if first == b':' && self.cursor.is_blank_or_end(1)
                    || is_flow && FLOW.contains(&first)
                {
                    break;
                }
                if is_new_line {
                    breaks.fold(&mut value);
                    is_new_line = false;
                } else {
                    value.push_str(&blanks);
                    blanks.clear();
                }
                self.cursor.read(&mut value);
                // What cannot end it need not be looked at one by one.
                self.cursor.read_run(&mut value, |byte| {
                    byte.is_ascii_graphic() && byte != b':' && !(is_flow && FLOW.contains(&byte))
                });
                end = self.cursor.mark;
            }
            if !self.cursor.is_blank(0) && !self.cursor.is_break(0) {
                break;
            }
            loop {
                if self.cursor.is_blank(0) {
                    let is_left = self.cursor.mark.column < indent;
                    if is_new_line && is_left && self.cursor.peek(0) == b'\t' {
                        return self.fail("found a tab character that violates indentation");
                    }
                    if is_new_line {
                        self.cursor.skip();
                    } else {
                        self.cursor.read(&mut blanks);
                    }
                } else if self.cursor.is_break(0) {
                    if is_new_line {
                        self.cursor.read_line(&mut breaks.others);
                    } else {
                        blanks.clear();
                        self.cursor.read_line(&mut breaks.first);
                        is_new_line = true;
                    }
                } else {
                    break;
                }
            }
            if !is_flow && self.cursor.mark.column < indent {
                break;
            }
        }
        if is_new_line {
            self.key_allowed = true;
        }
        Ok(Token::scalar(value, Style::Plain, start, end))
    }
}
