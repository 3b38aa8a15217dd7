//! Scalars of whole lines: `|` and `>`.

use super::scanner::{Scanned, Scanner};
use super::token::{Style, Token};

/// What becomes of the line breaks at the end.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Chomping {
    Strip,
    Clip,
    Keep,
}

impl Scanner<'_> {
    pub(super) fn scan_block_scalar(&mut self) -> Scanned<Token> {
        let start = self.cursor.mark;
        let is_literal = self.cursor.peek(0) == b'|';
        self.cursor.skip();
        let (chomping, increment) = self.block_header()?;
        self.cursor.skip_blanks();
        self.cursor.skip_comment();
        if !self.cursor.is_break_or_end(0) {
            return self.fail("did not find expected comment or line break");
        }
        self.cursor.skip_line();
        let above = usize::try_from(self.indent).unwrap_or_default();
        let mut indent = if increment > 0 { above + increment } else { 0 };
        let (mut value, mut first, mut others) = (String::new(), String::new(), String::new());
        let mut end = self.cursor.mark;
        self.block_breaks(&mut indent, &mut others, &mut end)?;
        let mut was_blank = false;
        while self.cursor.mark.column == indent && !self.cursor.is_end() {
            let is_blank = self.cursor.is_blank(0);
            let folds = !is_literal && !was_blank && !is_blank && first.starts_with('\n');
            if !folds {
                value.push_str(&first);
            } else if others.is_empty() {
                value.push(' ');
            }
            first.clear();
            value.push_str(&others);
            others.clear();
            was_blank = is_blank;
            self.cursor.read_to_end_of_line(&mut value);
            self.cursor.read_line(&mut first);
            self.block_breaks(&mut indent, &mut others, &mut end)?;
        }
        if chomping != Chomping::Strip {
            value.push_str(&first);
        }
        if chomping == Chomping::Keep {
            value.push_str(&others);
        }
        let style = if is_literal {
            Style::Literal
        } else {
            Style::Folded
        };
        Ok(Token::scalar(value, style, start, end))
    }

    /// Reads `+`, `-` and the number of spaces, in any order.
    fn block_header(&mut self) -> Scanned<(Chomping, usize)> {
        let mut chomping = self.chomping();
        let mut increment = 0;
        let digit = self.cursor.peek(0);
        if digit.is_ascii_digit() {
            if digit == b'0' {
                return self.fail("found an indentation indicator equal to 0");
            }
            increment = usize::from(digit - b'0');
            self.cursor.skip();
            chomping = chomping.or_else(|| self.chomping());
        }
        Ok((chomping.unwrap_or(Chomping::Clip), increment))
    }

    fn chomping(&mut self) -> Option<Chomping> {
        let chomping = match self.cursor.peek(0) {
            b'+' => Chomping::Keep,
            b'-' => Chomping::Strip,
            _ => return None,
        };
        self.cursor.skip();
        Some(chomping)
    }

    /// Reads empty lines and the indentation of the next one, which the first line with something in it decides.
    fn block_breaks(
        &mut self,
        indent: &mut usize,
        breaks: &mut String,
        end: &mut super::Mark,
    ) -> Scanned<()> {
        *end = self.cursor.mark;
        let mut most = 0;
        loop {
            let is_left = |column: usize| *indent == 0 || column < *indent;
            while is_left(self.cursor.mark.column) && self.cursor.peek(0) == b' ' {
                self.cursor.skip();
            }
            most = most.max(self.cursor.mark.column);
            if is_left(self.cursor.mark.column) && self.cursor.peek(0) == b'\t' {
                return self.fail("found a tab character where an indentation space is expected");
            }
            if !self.cursor.is_break(0) {
                break;
            }
            self.cursor.read_line(breaks);
            *end = self.cursor.mark;
        }
        if *indent == 0 {
            let below = usize::try_from(self.indent + 1).unwrap_or_default();
            *indent = most.max(below).max(1);
        }
        Ok(())
    }
}
