//! From characters to tokens.
//!
//! Source: scannerc.go of go.yaml.in/yaml/v2.

use std::collections::{HashMap, VecDeque};

use super::Fault;
use super::cursor::{Cursor, Mark};
use super::token::{Token, TokenKind};

/// How far a key without `?` may be from its colon, in characters.
const KEY_LENGTH: usize = 1024;
/// How deep flow collections and indentation may go.
const DEPTH: usize = 10_000;

pub(super) struct Scanner<'t> {
    pub(super) cursor: Cursor<'t>,
    tokens: VecDeque<Token>,
    /// How many tokens the parser has taken.
    parsed: usize,
    available: bool,
    /// The column of the block that is open; -1 where none is.
    pub(super) indent: isize,
    indents: Vec<isize>,
    /// What may turn out to be a key, for each flow level.
    keys: Vec<Key>,
    /// Which of these stands at the number of a token.
    keys_by_token: HashMap<usize, usize>,
    pub(super) key_allowed: bool,
    pub(super) flow_level: usize,
}

/// What is a key if a colon follows.
#[derive(Clone, Copy, Default)]
struct Key {
    is_possible: bool,
    is_required: bool,
    token: usize,
    mark: Mark,
}

fn nothing(at: Mark) -> Fault {
    let message = "did not find expected <stream-start>".to_owned();
    Fault { message, at }
}

pub(super) type Scanned<T> = Result<T, Fault>;

impl<'t> Scanner<'t> {
    pub(super) fn new(text: &'t str, start: Mark) -> Scanner<'t> {
        Scanner {
            cursor: Cursor::new(text, start),
            tokens: VecDeque::new(),
            parsed: 0,
            available: false,
            indent: -1,
            indents: Vec::new(),
            keys: vec![Key::default()],
            keys_by_token: HashMap::new(),
            key_allowed: true,
            flow_level: 0,
        }
    }

    /// The next token, which stays.
    pub(super) fn peek(&mut self) -> Scanned<&Token> {
        if !self.available {
            self.fetch_more()?;
        }
        self.tokens.front().ok_or_else(|| nothing(self.cursor.mark))
    }

    /// Goes behind the token that was looked at.
    pub(super) fn skip(&mut self) {
        self.pop();
    }

    /// Takes the next token.
    pub(super) fn take(&mut self) -> Scanned<Token> {
        self.peek()?;
        self.pop().ok_or_else(|| nothing(self.cursor.mark))
    }

    fn pop(&mut self) -> Option<Token> {
        self.available = false;
        self.parsed += 1;
        self.tokens.pop_front()
    }

    pub(super) fn fail<T>(&self, message: &str) -> Scanned<T> {
        Err(Fault {
            message: message.to_owned(),
            at: self.cursor.mark,
        })
    }

    /// A token may yet become part of a key: then more must be read before it is given away.
    fn fetch_more(&mut self) -> Scanned<()> {
        loop {
            if !self.tokens.is_empty() {
                let Some(key) = self.keys_by_token.get(&self.parsed).copied() else {
                    break;
                };
                if !self.is_key_valid(key)? {
                    break;
                }
            }
            self.fetch_next()?;
        }
        self.available = true;
        Ok(())
    }

    fn fetch_next(&mut self) -> Scanned<()> {
        self.skip_to_token();
        self.unroll(self.column());
        let cursor = &self.cursor;
        let is_line_start = cursor.mark.column == 0;
        let is_flow = self.flow_level > 0;
        if cursor.is_end() {
            return self.fetch_end();
        }
        match cursor.peek(0) {
            b'%' if is_line_start => self.fetch_directive(),
            b'-' | b'.' if cursor.is_document_indicator() => self.fetch_document_indicator(),
            b'[' => self.fetch_flow_start(TokenKind::FlowSequenceStart),
            b'{' => self.fetch_flow_start(TokenKind::FlowMappingStart),
            b']' => self.fetch_flow_end(TokenKind::FlowSequenceEnd),
            b'}' => self.fetch_flow_end(TokenKind::FlowMappingEnd),
            b',' => {
                self.remove_key()?;
                self.key_allowed = true;
                self.fetch_sign(TokenKind::FlowEntry);
                Ok(())
            }
            b'-' if cursor.is_blank_or_end(1) => self.fetch_block_entry(),
            b'?' if is_flow || cursor.is_blank_or_end(1) => self.fetch_key(),
            b':' if is_flow || cursor.is_blank_or_end(1) => self.fetch_value(),
            b'*' | b'&' | b'!' => {
                self.save_key()?;
                self.key_allowed = false;
                let token = if self.cursor.peek(0) == b'!' {
                    self.scan_tag()?
                } else {
                    self.scan_anchor()?
                };
                self.tokens.push_back(token);
                Ok(())
            }
            b'|' | b'>' if !is_flow => {
                self.remove_key()?;
                self.key_allowed = true;
                let token = self.scan_block_scalar()?;
                self.tokens.push_back(token);
                Ok(())
            }
            b'\'' | b'"' => {
                self.save_key()?;
                self.key_allowed = false;
                let token = self.scan_quoted()?;
                self.tokens.push_back(token);
                Ok(())
            }
            _ if self.is_plain_start() => {
                self.save_key()?;
                self.key_allowed = false;
                let token = self.scan_plain()?;
                self.tokens.push_back(token);
                Ok(())
            }
            b'\t' => {
                self.fail("found character that cannot start any token: a tab; indent with spaces")
            }
            _ => self.fail("found character that cannot start any token"),
        }
    }

    fn is_plain_start(&self) -> bool {
        let cursor = &self.cursor;
        let first = cursor.peek(0);
        let is_sign = cursor.is_blank_or_end(0) || b"-?:,[]{}#&*!|>'\"%@`".contains(&first);
        !is_sign
            || first == b'-' && !cursor.is_blank(1)
            || self.flow_level == 0 && matches!(first, b'?' | b':') && !cursor.is_blank_or_end(1)
    }

    fn column(&self) -> isize {
        isize::try_from(self.cursor.mark.column).unwrap_or(isize::MAX)
    }

    /// Goes behind blanks, comments and line breaks. Tabs are blanks only where no key may stand.
    fn skip_to_token(&mut self) {
        loop {
            let cursor = &mut self.cursor;
            let takes_tabs = self.flow_level > 0 || !self.key_allowed;
            cursor.skip_run(|byte| byte == b' ' || takes_tabs && byte == b'\t');
            cursor.skip_comment();
            if !cursor.is_break(0) {
                return;
            }
            cursor.skip_line();
            if self.flow_level == 0 {
                self.key_allowed = true;
            }
        }
    }

    fn is_key_valid(&mut self, at: usize) -> Scanned<bool> {
        let Some(key) = self.keys.get(at).copied().filter(|key| key.is_possible) else {
            return Ok(false);
        };
        let now = self.cursor.mark;
        if key.mark.line < now.line || key.mark.index + KEY_LENGTH < now.index {
            if key.is_required {
                return self.fail("could not find expected ':'");
            }
            self.keys[at].is_possible = false;
            return Ok(false);
        }
        Ok(true)
    }

    /// Notes that a key may start here.
    fn save_key(&mut self) -> Scanned<()> {
        if !self.key_allowed {
            return Ok(());
        }
        let key = Key {
            is_possible: true,
            is_required: self.flow_level == 0 && self.indent == self.column(),
            token: self.parsed + self.tokens.len(),
            mark: self.cursor.mark,
        };
        self.remove_key()?;
        let last = self.keys.len() - 1;
        self.keys[last] = key;
        self.keys_by_token.insert(key.token, last);
        Ok(())
    }

    /// Forgets what might have been a key on this level.
    fn remove_key(&mut self) -> Scanned<()> {
        let last = self.keys.len() - 1;
        let key = self.keys[last];
        if key.is_possible {
            if key.is_required {
                return self.fail("could not find expected ':'");
            }
            self.keys[last].is_possible = false;
            self.keys_by_token.remove(&key.token);
        }
        Ok(())
    }

    /// Puts a token before others that wait, or, where the parser has those already, behind all.
    fn insert(&mut self, number: usize, kind: TokenKind, mark: Mark) {
        let token = Token {
            kind,
            start: mark,
            end: mark,
        };
        match number.checked_sub(self.parsed) {
            Some(place) if place < self.tokens.len() => self.tokens.insert(place, token),
            _ => self.tokens.push_back(token),
        }
    }

    /// Opens a block where the column is further right than that which is open.
    fn roll(&mut self, mark: Mark, number: Option<usize>, kind: TokenKind) -> Scanned<()> {
        let column = isize::try_from(mark.column).unwrap_or(isize::MAX);
        if self.flow_level > 0 || self.indent >= column {
            return Ok(());
        }
        self.indents.push(self.indent);
        self.indent = column;
        if self.indents.len() > DEPTH {
            return self.fail("exceeded max depth of 10000");
        }
        self.insert(number.unwrap_or(usize::MAX), kind, mark);
        Ok(())
    }

    /// Closes the blocks that a column is left of.
    fn unroll(&mut self, column: isize) {
        if self.flow_level > 0 {
            return;
        }
        while self.indent > column {
            self.insert(usize::MAX, TokenKind::BlockEnd, self.cursor.mark);
            self.indent = self.indents.pop().unwrap_or(-1);
        }
    }

    /// A token of one character.
    fn fetch_sign(&mut self, kind: TokenKind) {
        let start = self.cursor.mark;
        self.cursor.skip();
        let end = self.cursor.mark;
        self.tokens.push_back(Token { kind, start, end });
    }

    fn fetch_end(&mut self) -> Scanned<()> {
        self.cursor.end_line();
        self.unroll(-1);
        self.remove_key()?;
        self.key_allowed = false;
        self.insert(usize::MAX, TokenKind::StreamEnd, self.cursor.mark);
        Ok(())
    }

    fn fetch_directive(&mut self) -> Scanned<()> {
        self.unroll(-1);
        self.remove_key()?;
        self.key_allowed = false;
        let token = self.scan_directive()?;
        self.tokens.push_back(token);
        Ok(())
    }

    fn fetch_document_indicator(&mut self) -> Scanned<()> {
        self.unroll(-1);
        self.remove_key()?;
        self.key_allowed = false;
        let start = self.cursor.mark;
        let kind = if self.cursor.peek(0) == b'-' {
            TokenKind::DocumentStart
        } else {
            TokenKind::DocumentEnd
        };
        self.cursor.skip_many(3);
        let end = self.cursor.mark;
        self.tokens.push_back(Token { kind, start, end });
        Ok(())
    }

    fn fetch_flow_start(&mut self, kind: TokenKind) -> Scanned<()> {
        self.save_key()?;
        self.keys.push(Key {
            token: self.parsed + self.tokens.len(),
            mark: self.cursor.mark,
            ..Key::default()
        });
        self.flow_level += 1;
        if self.flow_level > DEPTH {
            return self.fail("exceeded max depth of 10000");
        }
        self.key_allowed = true;
        self.fetch_sign(kind);
        Ok(())
    }

    fn fetch_flow_end(&mut self, kind: TokenKind) -> Scanned<()> {
        self.remove_key()?;
        if self.flow_level > 0 {
            self.flow_level -= 1;
            if let Some(key) = self.keys.pop() {
                self.keys_by_token.remove(&key.token);
            }
        }
        self.key_allowed = false;
        self.fetch_sign(kind);
        Ok(())
    }

    fn fetch_block_entry(&mut self) -> Scanned<()> {
        // In a flow collection the parser tells that it is out of place.
        if self.flow_level == 0 {
            if !self.key_allowed {
                return self.fail("block sequence entries are not allowed in this context");
            }
            self.roll(self.cursor.mark, None, TokenKind::BlockSequenceStart)?;
        }
        self.remove_key()?;
        self.key_allowed = true;
        self.fetch_sign(TokenKind::BlockEntry);
        Ok(())
    }

    fn fetch_key(&mut self) -> Scanned<()> {
        if self.flow_level == 0 {
            if !self.key_allowed {
                return self.fail("mapping keys are not allowed in this context");
            }
            self.roll(self.cursor.mark, None, TokenKind::BlockMappingStart)?;
        }
        self.remove_key()?;
        self.key_allowed = self.flow_level == 0;
        self.fetch_sign(TokenKind::Key);
        Ok(())
    }

    fn fetch_value(&mut self) -> Scanned<()> {
        let last = self.keys.len() - 1;
        if self.is_key_valid(last)? {
            let key = self.keys[last];
            self.insert(key.token, TokenKind::Key, key.mark);
            self.roll(key.mark, Some(key.token), TokenKind::BlockMappingStart)?;
            self.keys[last].is_possible = false;
            self.keys_by_token.remove(&key.token);
            self.key_allowed = false;
        } else {
            if self.flow_level == 0 {
                if !self.key_allowed {
                    return self.fail("mapping values are not allowed in this context");
                }
                self.roll(self.cursor.mark, None, TokenKind::BlockMappingStart)?;
            }
            self.key_allowed = self.flow_level == 0;
        }
        self.fetch_sign(TokenKind::Value);
        Ok(())
    }
}
