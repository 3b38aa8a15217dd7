//! Tags, anchors and aliases.

use super::scanner::{Scanned, Scanner};
use super::token::{Token, TokenKind};

impl Scanner<'_> {
    /// `&name` or `*name`
    pub(super) fn scan_anchor(&mut self) -> Scanned<Token> {
        let start = self.cursor.mark;
        let is_alias = self.cursor.peek(0) == b'*';
        self.cursor.skip();
        let mut name = String::new();
        while self.cursor.is_word() {
            self.cursor.read(&mut name);
        }
        let end = self.cursor.mark;
        let is_ended = self.cursor.is_blank_or_end(0) || b"?:,]}%@`".contains(&self.cursor.peek(0));
        if name.is_empty() || !is_ended {
            return self.fail("did not find expected alphabetic or numeric character");
        }
        let kind = if is_alias {
            TokenKind::Alias(name)
        } else {
            TokenKind::Anchor(name)
        };
        Ok(Token { kind, start, end })
    }

    pub(super) fn scan_tag(&mut self) -> Scanned<Token> {
        let start = self.cursor.mark;
        let (mut handle, mut suffix);
        if self.cursor.peek(1) == b'<' {
            self.cursor.skip_many(2);
            handle = String::new();
            suffix = self.tag_uri("")?;
            if self.cursor.peek(0) != b'>' {
                return self.fail("did not find the expected '>'");
            }
            self.cursor.skip();
        } else {
            handle = self.tag_handle(false)?;
            if handle.len() > 1 && handle.ends_with('!') {
                suffix = self.tag_uri("")?;
            } else {
                suffix = self.tag_uri(&handle)?;
                "!".clone_into(&mut handle);
                if suffix.is_empty() {
                    std::mem::swap(&mut handle, &mut suffix);
                }
            }
        }
        if !self.cursor.is_blank_or_end(0) {
            return self.fail("did not find expected whitespace or line break");
        }
        Ok(Token {
            kind: TokenKind::Tag { handle, suffix },
            start,
            end: self.cursor.mark,
        })
    }

    pub(super) fn tag_handle(&mut self, is_directive: bool) -> Scanned<String> {
        if self.cursor.peek(0) != b'!' {
            return self.fail("did not find expected '!'");
        }
        let mut handle = String::new();
        self.cursor.read(&mut handle);
        while self.cursor.is_word() {
            self.cursor.read(&mut handle);
        }
        if self.cursor.peek(0) == b'!' {
            self.cursor.read(&mut handle);
        } else if is_directive && handle != "!" {
            return self.fail("did not find expected '!'");
        }
        Ok(handle)
    }

    /// Reads the rest of a tag behind what was taken for its handle.
    pub(super) fn tag_uri(&mut self, head: &str) -> Scanned<String> {
        let mut uri = head.get(1..).unwrap_or_default().as_bytes().to_vec();
        let mut has_any = !head.is_empty();
        while self.cursor.is_word() || b";/?:@&=+$,.!~*'()[]%".contains(&self.cursor.peek(0)) {
            if self.cursor.peek(0) == b'%' {
                self.uri_escapes(&mut uri)?;
            } else {
                uri.push(self.cursor.peek(0));
                self.cursor.skip();
            }
            has_any = true;
        }
        if !has_any {
            return self.fail("did not find expected tag URI");
        }
        Ok(String::from_utf8_lossy(&uri).into_owned())
    }

    /// Reads the escaped bytes of one character.
    fn uri_escapes(&mut self, uri: &mut Vec<u8>) -> Scanned<()> {
        let mut left = None;
        while left != Some(0) {
            let digit = |place| char::from(self.cursor.peek(place)).to_digit(16);
            let (b'%', Some(high), Some(low)) = (self.cursor.peek(0), digit(1), digit(2)) else {
                return self.fail("did not find URI escaped octet");
            };
            let byte = u8::try_from(high * 16 + low).unwrap_or_default();
            left = Some(match (left, byte) {
                (Some(left), 0x80..=0xBF) => left - 1,
                (Some(_), _) => return self.fail("found an incorrect trailing UTF-8 octet"),
                (None, 0..=0x7F) => 0,
                (None, 0xC0..=0xDF) => 1,
                (None, 0xE0..=0xEF) => 2,
                (None, 0xF0..=0xF7) => 3,
                (None, _) => return self.fail("found an incorrect leading UTF-8 octet"),
            });
            uri.push(byte);
            self.cursor.skip_many(3);
        }
        Ok(())
    }
}
