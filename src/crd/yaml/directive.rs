//! Directives: `%YAML` and `%TAG`.

use super::scanner::{Scanned, Scanner};
use super::token::{Token, TokenKind};

impl Scanner<'_> {
    pub(super) fn scan_directive(&mut self) -> Scanned<Token> {
        let start = self.cursor.mark;
        self.cursor.skip();
        let mut name = String::new();
        while self.cursor.is_word() {
            self.cursor.read(&mut name);
        }
        if name.is_empty() {
            return self.fail("could not find expected directive name");
        }
        if !self.cursor.is_blank_or_end(0) {
            return self.fail("found unexpected non-alphabetical character");
        }
        match name.as_str() {
            "YAML" => self.version()?,
            "TAG" => self.tag_prefix()?,
            _ => return self.fail("found unknown directive name"),
        }
        let end = self.cursor.mark;
        self.cursor.skip_blanks();
        self.cursor.skip_comment();
        if !self.cursor.is_break_or_end(0) {
            return self.fail("did not find expected comment or line break");
        }
        self.cursor.skip_line();
        Ok(Token {
            kind: TokenKind::Directive,
            start,
            end,
        })
    }

    fn version(&mut self) -> Scanned<()> {
        self.cursor.skip_blanks();
        self.version_number()?;
        if self.cursor.peek(0) != b'.' {
            return self.fail("did not find expected digit or '.' character");
        }
        self.cursor.skip();
        self.version_number()
    }

    fn version_number(&mut self) -> Scanned<()> {
        let mut length = 0;
        while self.cursor.peek(0).is_ascii_digit() {
            length += 1;
            if length > 2 {
                return self.fail("found extremely long version number");
            }
            self.cursor.skip();
        }
        if length == 0 {
            return self.fail("did not find expected version number");
        }
        Ok(())
    }

    fn tag_prefix(&mut self) -> Scanned<()> {
        self.cursor.skip_blanks();
        self.tag_handle(true)?;
        if !self.cursor.is_blank(0) {
            return self.fail("did not find expected whitespace");
        }
        self.cursor.skip_blanks();
        self.tag_uri("")?;
        if !self.cursor.is_blank_or_end(0) {
            return self.fail("did not find expected whitespace or line break");
        }
        Ok(())
    }
}
