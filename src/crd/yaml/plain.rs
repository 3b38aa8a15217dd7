//! Scalars without quotes.

use super::scanner::{Scanned, Scanner};
use super::space::Space;
use super::token::{Style, Token};

/// What ends a scalar within brackets.
const FLOW: &[u8] = b",?[]{}";

impl Scanner<'_> {
    pub(super) fn scan_plain(&mut self) -> Scanned<Token> {
        let start = self.cursor.mark;
        let mut end = start;
        let indent = usize::try_from(self.indent + 1).unwrap_or_default();
        let is_flow = self.flow_level > 0;
        let (mut value, mut space) = (String::new(), Space::default());
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
                space.write(&mut value);
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
            self.scan_space(&mut space, indent)?;
            if !is_flow && self.cursor.mark.column < indent {
                break;
            }
        }
        if space.is_new_line {
            self.key_allowed = true;
        }
        Ok(Token::scalar(value, Style::Plain, start, end))
    }
}
