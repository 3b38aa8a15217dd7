//! Where the scanner is in a text.

/// A place in a text, as the parser counts and as an editor does.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Mark {
    /// In bytes from the start of the file.
    pub(crate) offset: usize,
    /// In characters from the start of the text.
    pub(super) index: usize,
    /// The parser's line, from 0; unlike an editor, it ends lines at other breaks than `\n` too.
    pub(super) line: usize,
    /// The parser's column, from 0.
    pub(super) column: usize,
    /// The line, from 1.
    pub(crate) text_line: usize,
    /// The column, from 1, in characters.
    pub(crate) text_column: usize,
}

impl Mark {
    /// The start of a file.
    pub(super) fn first() -> Mark {
        Mark {
            text_line: 1,
            text_column: 1,
            ..Mark::default()
        }
    }

    /// Goes on behind characters that no line of the parser has.
    pub(super) fn pass(&mut self, text: &str) {
        self.offset += text.len();
        let mut line = text;
        if let Some((before, last)) = text.rsplit_once('\n') {
            self.text_line += before.matches('\n').count() + 1;
            self.text_column = 1;
            line = last;
        }
        self.text_column += line.chars().count();
    }

    /// Goes on behind characters of a byte each, of which none ends a line.
    fn pass_bytes(&mut self, count: usize) {
        self.offset += count;
        self.index += count;
        self.column += count;
        self.text_column += count;
    }
}

/// A text, and how far it is read. Behind its end stand zeros.
pub(super) struct Cursor<'t> {
    text: &'t str,
    at: usize,
    pub(super) mark: Mark,
}

impl<'t> Cursor<'t> {
    /// At the start of a text, which stands at a place of its file.
    pub(super) fn new(text: &'t str, start: Mark) -> Cursor<'t> {
        let mark = Mark {
            index: 0,
            line: 0,
            column: 0,
            ..start
        };
        Cursor { text, at: 0, mark }
    }

    /// The byte so many bytes ahead.
    pub(super) fn peek(&self, ahead: usize) -> u8 {
        self.text
            .as_bytes()
            .get(self.at + ahead)
            .copied()
            .unwrap_or(0)
    }

    /// Whether a text comes next.
    pub(super) fn is_before(&self, text: &str) -> bool {
        self.text.as_bytes()[self.at..].starts_with(text.as_bytes())
    }

    /// Whether nothing is left.
    pub(super) fn is_end(&self) -> bool {
        self.at >= self.text.len()
    }

    pub(super) fn is_blank(&self, ahead: usize) -> bool {
        matches!(self.peek(ahead), b' ' | b'\t')
    }

    /// The length of the line break so many bytes ahead, in bytes; 0 where there is none.
    fn line_break(&self, ahead: usize) -> usize {
        // Most characters are asked this, and few end a line.
        if !matches!(self.peek(ahead), b'\r' | b'\n' | 0xC2 | 0xE2) {
            return 0;
        }
        match [self.peek(ahead), self.peek(ahead + 1), self.peek(ahead + 2)] {
            [b'\r', b'\n', _] | [0xC2, 0x85, _] => 2,
            // kubectl takes the end of a line away before the parser sees it, with one `\r`.
            [b'\r', b'\r', b'\n'] | [0xE2, 0x80, 0xA8 | 0xA9] => 3,
            [b'\r' | b'\n', ..] => 1,
            _ => 0,
        }
    }

    pub(super) fn is_break(&self, ahead: usize) -> bool {
        self.line_break(ahead) > 0
    }

    pub(super) fn is_break_or_end(&self, ahead: usize) -> bool {
        self.peek(ahead) == 0 || self.is_break(ahead)
    }

    pub(super) fn is_blank_or_end(&self, ahead: usize) -> bool {
        self.is_blank(ahead) || self.is_break_or_end(ahead)
    }

    /// Letters, digits, `_` and `-`.
    pub(super) fn is_word(&self) -> bool {
        let byte = self.peek(0);
        byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
    }

    /// Whether a line begins here with `---` or `...`.
    pub(super) fn is_document_indicator(&self) -> bool {
        self.mark.column == 0
            && (self.is_before("---") || self.is_before("..."))
            && self.is_blank_or_end(3)
    }

    /// Goes behind the next character.
    pub(super) fn skip(&mut self) {
        self.next();
    }

    pub(super) fn skip_many(&mut self, count: usize) {
        for _ in 0..count {
            self.skip();
        }
    }

    /// Goes behind characters of ASCII that show, and blanks, as far as they are wanted.
    pub(super) fn skip_run(&mut self, is_wanted: impl Fn(u8) -> bool) {
        self.run(is_wanted);
    }

    /// Copies characters of ASCII that show, and blanks, as far as they are wanted.
    pub(super) fn read_run(&mut self, into: &mut String, is_wanted: impl Fn(u8) -> bool) {
        into.push_str(self.run(is_wanted));
    }

    fn run(&mut self, is_wanted: impl Fn(u8) -> bool) -> &'t str {
        let rest = &self.text[self.at..];
        let is_plain = |byte: u8| byte.is_ascii_graphic() || matches!(byte, b' ' | b'\t');
        let count = rest
            .bytes()
            .take_while(|byte| is_plain(*byte) && is_wanted(*byte))
            .count();
        self.at += count;
        self.mark.pass_bytes(count);
        &rest[..count]
    }

    /// Goes behind blanks.
    pub(super) fn skip_blanks(&mut self) {
        self.skip_run(|byte| matches!(byte, b' ' | b'\t'));
    }

    /// Goes behind a comment, where one is.
    pub(super) fn skip_comment(&mut self) {
        if self.peek(0) == b'#' {
            self.read_to_end_of_line(&mut String::new());
        }
    }

    /// Copies what is left of a line.
    pub(super) fn read_to_end_of_line(&mut self, into: &mut String) {
        loop {
            self.read_run(into, |_| true);
            if self.is_break_or_end(0) {
                return;
            }
            self.read(into);
        }
    }

    /// Copies the next character.
    pub(super) fn read(&mut self, into: &mut String) {
        if let Some(character) = self.next() {
            into.push(character);
        }
    }

    fn next(&mut self) -> Option<char> {
        let character = match self.peek(0) {
            byte if byte.is_ascii() && self.at < self.text.len() => char::from(byte),
            _ => self.text.get(self.at..)?.chars().next()?,
        };
        self.at += character.len_utf8();
        self.mark.offset += character.len_utf8();
        self.mark.index += 1;
        self.mark.column += 1;
        if character == '\n' {
            self.mark.text_line += 1;
            self.mark.text_column = 1;
        } else {
            self.mark.text_column += 1;
        }
        Some(character)
    }

    /// Goes behind a line break, where one is.
    pub(super) fn skip_line(&mut self) {
        self.read_line(&mut String::new());
    }

    /// Copies a line break, where one is, as the parser writes it.
    pub(super) fn read_line(&mut self, into: &mut String) {
        let length = self.line_break(0);
        if length == 0 {
            return;
        }
        // The separators of lines and paragraphs stay what they are.
        let character = self.text[self.at..].chars().next();
        into.push(
            character
                .filter(|c| matches!(c, '\u{2028}' | '\u{2029}'))
                .unwrap_or('\n'),
        );
        let end = self.at + length;
        while self.at < end {
            self.skip();
        }
        self.mark.column = 0;
        self.mark.line += 1;
    }

    /// Ends the last line.
    pub(super) fn end_line(&mut self) {
        if self.mark.column != 0 {
            self.mark.column = 0;
            self.mark.line += 1;
        }
    }
}
