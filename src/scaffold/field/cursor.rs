//! Reading a text character by character, with the places of what is wrong.

use std::ops::Range;

use crate::recipe::Problem;

/// A place in a text.
pub(super) struct Cursor<'t> {
    pub(super) text: &'t str,
    /// The bytes that are read already.
    pub(super) at: usize,
}

/// The text that something has in the source, and where.
pub(super) struct Word {
    pub(super) text: String,
    pub(super) span: Range<usize>,
    /// Whether it stood in quotes.
    pub(super) quoted: bool,
}

/// Where a bare value ends.
#[derive(Clone, Copy)]
pub(super) enum Until {
    /// At a comma or a closing brace: a value in braces.
    Option,
    /// Also where braces open and parentheses close: a default.
    Default,
}

impl<'t> Cursor<'t> {
    pub(super) fn new(text: &'t str) -> Cursor<'t> {
        Cursor { text, at: 0 }
    }

    pub(super) fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn skip_spaces(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    /// Takes a text if it stands here, spaces before it or not.
    pub(super) fn take(&mut self, token: &str) -> bool {
        let before = self.at;
        self.skip_spaces();
        if self.rest().starts_with(token) {
            self.at += token.len();
            true
        } else {
            self.at = before;
            false
        }
    }

    /// Takes what must stand here.
    pub(super) fn expect(&mut self, token: &str, label: &str) -> Result<(), Problem> {
        if self.take(token) {
            return Ok(());
        }
        self.skip_spaces();
        let message = match self.peek() {
            Some(found) => format!("expected `{token}`, found `{found}`"),
            None => format!("expected `{token}`, found the end"),
        };
        Err(self.problem(message, self.next_character(), label))
    }

    /// The place of the next character, or of the end.
    pub(super) fn next_character(&self) -> Range<usize> {
        self.at..self.at + self.peek().map_or(0, char::len_utf8)
    }

    #[expect(clippy::unused_self, reason = "it reads as what the cursor says")]
    pub(super) fn problem(
        &self,
        message: impl Into<String>,
        span: Range<usize>,
        label: impl Into<String>,
    ) -> Problem {
        Problem {
            message: message.into(),
            table: "",
            span,
            label: label.into(),
        }
    }

    /// The longest run of characters that fit.
    pub(super) fn take_while(&mut self, fits: impl Fn(char) -> bool) -> (&'t str, Range<usize>) {
        let rest = self.rest();
        let length = rest.find(|c| !fits(c)).unwrap_or(rest.len());
        let start = self.at;
        self.at += length;
        (&rest[..length], start..self.at)
    }

    /// A text in quotes, if a quote stands here: `"…"` with the escapes of JSON, `'…'` as it stands, where `''` is a quote.
    pub(super) fn quoted(&mut self) -> Result<Option<Word>, Problem> {
        self.skip_spaces();
        match self.peek() {
            Some('"') => self.double_quoted().map(Some),
            Some('\'') => self.single_quoted().map(Some),
            _ => Ok(None),
        }
    }

    fn double_quoted(&mut self) -> Result<Word, Problem> {
        let start = self.at;
        let mut stream = serde_json::Deserializer::from_str(self.rest()).into_iter::<String>();
        match stream.next() {
            Some(Ok(text)) => {
                self.at += stream.byte_offset();
                Ok(self.word(text, start))
            }
            _ => Err(self.problem(
                "broken text in double quotes",
                start..start + 1,
                "it ends in `\"` and has the escapes of JSON; in single quotes all stands as it is",
            )),
        }
    }

    fn single_quoted(&mut self) -> Result<Word, Problem> {
        let start = self.at;
        let mut text = String::new();
        let mut rest = &self.rest()[1..];
        loop {
            let Some(end) = rest.find('\'') else {
                return Err(self.problem(
                    "text without its closing quote",
                    start..start + 1,
                    "opened here",
                ));
            };
            text.push_str(&rest[..end]);
            rest = &rest[end + 1..];
            if !rest.starts_with('\'') {
                break;
            }
            text.push('\'');
            rest = &rest[1..];
        }
        self.at = self.text.len() - rest.len();
        Ok(self.word(text, start))
    }

    fn word(&self, text: String, start: usize) -> Word {
        Word {
            text,
            span: start..self.at,
            quoted: true,
        }
    }

    /// A text in quotes, or a bare one: it ends where [`Until`] says, but not inside brackets that it opened itself. A
    /// backslash takes the next character with it, and between `[` and `]` other brackets stand for themselves, so that most
    /// regular expressions need no quotes.
    pub(super) fn value(&mut self, until: Until) -> Result<Word, Problem> {
        if let Some(word) = self.quoted()? {
            return Ok(word);
        }
        self.bare(until)
    }

    pub(super) fn bare(&mut self, until: Until) -> Result<Word, Problem> {
        self.skip_spaces();
        let start = self.at;
        let mut open: Vec<(char, usize)> = Vec::new();
        let mut characters = self.rest().char_indices();
        let mut end = self.text.len();
        while let Some((offset, character)) = characters.next() {
            if open.is_empty() && ends(character, until) {
                end = start + offset;
                break;
            }
            if character == '\\' {
                characters.next();
            } else {
                nest(&mut open, character, start + offset);
            }
        }
        if let Some((bracket, place)) = open.first() {
            let closing = match bracket {
                '(' => ')',
                '[' => ']',
                _ => '}',
            };
            return Err(self.problem(
                format!("the value has a `{bracket}` without `{closing}`, so that nothing ends it"),
                *place..place + 1,
                format!("close it with `{closing}`; for the character itself write `\\{bracket}`"),
            ));
        }
        let text = self.text[start..end].trim_end();
        self.at = end;
        Ok(Word {
            text: text.to_owned(),
            span: start..start + text.len(),
            quoted: false,
        })
    }
}

fn ends(character: char, until: Until) -> bool {
    match until {
        Until::Option => matches!(character, ',' | '}'),
        Until::Default => matches!(character, ',' | '{' | '}' | ')'),
    }
}

fn nest(open: &mut Vec<(char, usize)>, character: char, place: usize) {
    match (open.last().map(|(bracket, _)| *bracket), character) {
        (_, '[') => open.push(('[', place)),
        (Some('['), ']') | (Some('('), ')') | (Some('{'), '}') => {
            open.pop();
        }
        (Some('['), _) => {}
        (_, '(' | '{') => open.push((character, place)),
        _ => {}
    }
}
