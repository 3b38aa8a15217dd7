//! Scalars in quotes.

use super::scanner::{Scanned, Scanner};
use super::space::Space;
use super::token::{Style, Token};

impl Scanner<'_> {
    pub(super) fn scan_quoted(&mut self) -> Scanned<Token> {
        let start = self.cursor.mark;
        let quote = self.cursor.peek(0);
        let is_single = quote == b'\'';
        self.cursor.skip();
        let (mut value, mut space) = (String::new(), Space::default());
        loop {
            if self.cursor.is_document_indicator() {
                return self.fail("found unexpected document indicator");
            }
            if self.cursor.is_end() {
                return self.fail("found unexpected end of stream");
            }
            while !self.cursor.is_blank_or_end(0) {
                let first = self.cursor.peek(0);
                if is_single && self.cursor.is_before("''") {
                    value.push('\'');
                    self.cursor.skip_many(2);
                } else if first == quote {
                    break;
                } else if is_single || first != b'\\' {
                    self.cursor.read(&mut value);
                    self.cursor.read_run(&mut value, |byte| {
                        byte.is_ascii_graphic() && byte != quote && byte != b'\\'
                    });
                } else if self.cursor.is_break(1) {
                    self.cursor.skip();
                    self.cursor.skip_line();
                    space.is_new_line = true;
                    break;
                } else {
                    self.escape(&mut value)?;
                }
            }
            if self.cursor.peek(0) == quote {
                break;
            }
            self.scan_space(&mut space, 0)?;
            space.write(&mut value);
        }
        self.cursor.skip();
        let style = if is_single {
            Style::SingleQuoted
        } else {
            Style::DoubleQuoted
        };
        Ok(Token::scalar(value, style, start, self.cursor.mark))
    }

    /// Reads a backslash and what follows.
    fn escape(&mut self, value: &mut String) -> Scanned<()> {
        let digits = match self.cursor.peek(1) {
            b'x' => 2,
            b'u' => 4,
            b'U' => 8,
            letter => {
                let Some(character) = escaped(letter) else {
                    return self.fail("found unknown escape character");
                };
                value.push(character);
                0
            }
        };
        self.cursor.skip_many(2);
        if digits == 0 {
            return Ok(());
        }
        let mut code = 0;
        for place in 0..digits {
            let Some(digit) = char::from(self.cursor.peek(place)).to_digit(16) else {
                return self.fail("did not find expected hexdecimal number");
            };
            code = code * 16 + u64::from(digit);
        }
        let character = u32::try_from(code).ok().and_then(char::from_u32);
        let Some(character) = character else {
            return self.fail("found invalid Unicode character escape code");
        };
        value.push(character);
        self.cursor.skip_many(digits);
        Ok(())
    }
}

fn escaped(letter: u8) -> Option<char> {
    Some(match letter {
        b'0' => '\0',
        b'a' => '\x07',
        b'b' => '\x08',
        b't' | b'\t' => '\t',
        b'n' => '\n',
        b'v' => '\x0b',
        b'f' => '\x0c',
        b'r' => '\r',
        b'e' => '\x1b',
        b' ' | b'"' | b'\'' | b'\\' => char::from(letter),
        b'N' => '\u{85}',
        b'_' => '\u{a0}',
        b'L' => '\u{2028}',
        b'P' => '\u{2029}',
        _ => return None,
    })
}
