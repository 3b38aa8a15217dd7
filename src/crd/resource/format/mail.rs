//! Addresses of mail.
//!
//! Source: `ParseAddress` of net/mail/message.go of Go.

use std::net::IpAddr;

/// Whether it is one address, with or without a name, or a group of one.
pub(super) fn is_address(text: &str) -> bool {
    let mut reader = Reader { rest: text };
    reader.address(true) == Some(1) && reader.comments().is_some() && reader.rest.is_empty()
}

/// What is yet to be read. Each step is None where the text is no address.
#[derive(Clone, Copy)]
struct Reader<'t> {
    rest: &'t str,
}

impl<'t> Reader<'t> {
    /// Reads an address or a group, and tells how many addresses it holds.
    fn address(&mut self, may_be_group: bool) -> Option<usize> {
        self.space();
        if self.rest.is_empty() {
            return None;
        }
        if self.plain().is_some() {
            self.space();
            if self.rest.starts_with('(') {
                self.name_in_comment()?;
            }
            return Some(1);
        }
        if !self.rest.starts_with('<') {
            self.phrase()?;
        }
        self.space();
        if may_be_group && self.eat(':') {
            return self.group();
        }
        if !self.eat('<') {
            return None;
        }
        self.plain()?;
        self.eat('>').then_some(1)
    }

    fn group(&mut self) -> Option<usize> {
        self.space();
        let mut count = 0;
        if !self.eat(';') {
            loop {
                self.space();
                count += self.address(false)?;
                self.comments()?;
                if self.eat(';') {
                    break;
                }
                if !self.eat(',') {
                    return None;
                }
            }
        }
        self.comments()?;
        Some(count)
    }

    /// An address without a name; what is none stays unread.
    fn plain(&mut self) -> Option<()> {
        let before = *self;
        let read = self.parts();
        if read.is_none() {
            *self = before;
        }
        read
    }

    fn parts(&mut self) -> Option<()> {
        self.space();
        if self.rest.starts_with('"') {
            if self.quoted()?.is_empty() {
                return None;
            }
        } else {
            self.atom(false)?;
        }
        if !self.eat('@') {
            return None;
        }
        self.space();
        if self.rest.starts_with('[') {
            return self.literal();
        }
        self.atom(false).map(|_| ())
    }

    fn phrase(&mut self) -> Option<()> {
        // Encoded words are gathered until another one follows, and count only then.
        let (mut has_words, mut has_encoded) = (false, false);
        loop {
            if has_words {
                self.comments()?;
            }
            self.space();
            if self.rest.is_empty() {
                return Some(());
            }
            let word = if self.rest.starts_with('"') {
                self.quoted().map(|_| Word::Plain)
            } else {
                self.atom(true).map(Word::of)
            };
            match word {
                Some(Word::Plain) => has_words = true,
                Some(Word::Encoded { is_empty }) => has_encoded |= !is_empty,
                // What follows at least one word need be none.
                None | Some(Word::Unknown) => return (has_words || has_encoded).then_some(()),
            }
        }
    }

    /// What stands in quotes, as it is written; what is unclosed or holds anything odd stays unread.
    fn quoted(&mut self) -> Option<&'t str> {
        let inside = self.rest.strip_prefix('"')?;
        let mut escaped = false;
        for (at, character) in inside.char_indices() {
            match character {
                _ if escaped => {
                    if !is_visible(character) && !is_space(character) {
                        return None;
                    }
                    escaped = false;
                }
                '\\' => escaped = true,
                '"' => {
                    self.rest = &inside[at + 1..];
                    return Some(&inside[..at]);
                }
                _ if is_visible(character) || is_space(character) => {}
                _ => return None,
            }
        }
        None
    }

    /// A word, with dots within; `loose` lets them stand anywhere.
    fn atom(&mut self, loose: bool) -> Option<&'t str> {
        let ends = |c: char| "()<>[]:;@\\,\"".contains(c) || !is_visible(c);
        let (atom, rest) = self
            .rest
            .split_at(self.rest.find(ends).unwrap_or(self.rest.len()));
        if atom.is_empty() {
            return None;
        }
        self.rest = rest;
        let is_neat = !atom.starts_with('.') && !atom.contains("..") && !atom.ends_with('.');
        (loose || is_neat).then_some(atom)
    }

    /// An address of the Internet in brackets.
    fn literal(&mut self) -> Option<()> {
        let inside = self.rest.strip_prefix('[')?;
        let (address, rest) = inside.split_once(']')?;
        self.rest = rest;
        // Go's parser takes what Rust's takes; other characters make it none anyhow.
        address.parse::<IpAddr>().is_ok().then_some(())
    }

    fn name_in_comment(&mut self) -> Option<()> {
        let comment = self.rest.strip_prefix('(').and_then(|rest| {
            self.rest = rest;
            self.comment()
        })?;
        let mut words = comment.split([' ', '\t']);
        let is_unknown = words.any(|word| matches!(Word::of(word), Word::Unknown));
        (!is_unknown).then_some(())
    }

    /// Reads to the end of a comment whose bracket was read, and tells what it says.
    fn comment(&mut self) -> Option<String> {
        let mut depth = 1;
        let mut said = String::new();
        let mut characters = self.rest.char_indices();
        while let Some((at, mut character)) = characters.next() {
            match character {
                '\\' => {
                    if let Some((_, next)) = characters.next() {
                        character = next;
                    }
                }
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                self.rest = &self.rest[at + 1..];
                return Some(said);
            }
            said.push(character);
        }
        self.rest = "";
        None
    }

    fn comments(&mut self) -> Option<()> {
        self.space();
        while self.eat('(') {
            self.comment()?;
            self.space();
        }
        Some(())
    }

    fn space(&mut self) {
        self.rest = self.rest.trim_start_matches(is_space);
    }

    fn eat(&mut self, character: char) -> bool {
        let rest = self.rest.strip_prefix(character);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }
}

fn is_visible(character: char) -> bool {
    ('!'..='~').contains(&character) || !character.is_ascii()
}

fn is_space(character: char) -> bool {
    character == ' ' || character == '\t'
}

/// How a word is written.
///
/// Source: `WordDecoder` of mime/encodedword.go of Go.
enum Word {
    Plain,
    /// As `=?utf-8?q?a?=`.
    Encoded {
        is_empty: bool,
    },
    /// In another set of characters than Go knows by itself.
    Unknown,
}

impl Word {
    fn of(word: &str) -> Word {
        let inside = word
            .strip_prefix("=?")
            .and_then(|word| word.strip_suffix("?="));
        let parts: Vec<&str> = match inside {
            Some(inside) if word.len() >= 8 => inside.split('?').collect(),
            _ => return Word::Plain,
        };
        let [charset, encoding, text] = parts[..] else {
            return Word::Plain;
        };
        let is_read = match encoding {
            "B" | "b" => is_base64(text),
            "Q" | "q" => is_quoted_printable(text),
            _ => false,
        };
        if charset.is_empty() || !is_read {
            return Word::Plain;
        }
        // Go folds the long s, too.
        match charset.replace('ſ', "s").to_ascii_lowercase().as_str() {
            "utf-8" | "iso-8859-1" | "us-ascii" => Word::Encoded {
                is_empty: text.is_empty(),
            },
            _ => Word::Unknown,
        }
    }
}

fn is_base64(text: &str) -> bool {
    text.is_empty() || super::holds("byte", text)
}

fn is_quoted_printable(text: &str) -> bool {
    let mut parts = text.split('=');
    let first = parts.next().unwrap_or_default();
    let is_plain = |text: &str| {
        let mut characters = text.chars();
        characters.all(|c| (' '..='~').contains(&c) || "\n\r\t".contains(c))
    };
    let is_code = |part: &str| {
        part.get(..2)
            .is_some_and(|code| code.bytes().all(|byte| byte.is_ascii_hexdigit()))
    };
    is_plain(first) && parts.all(|part| is_code(part) && is_plain(part))
}
