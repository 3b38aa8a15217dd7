//! Patterns: which of them Go's RE2 takes, with its messages, and what they match.
//!
//! Source: `parse` of Go's regexp/syntax (parse.go). A pattern is parsed as there, and written anew for Rust's engine:
//! `\d`, `\w`, `\s` and `\b` know ASCII alone, and `[`, `&`, `-` and `~` mean nothing special inside a class.

use std::collections::HashSet;
use std::fmt::Write as _;

use regex::Regex;

use super::measure::{Excess, Level};

/// Why Go refuses a pattern, in its words.
pub(crate) fn syntax_error(pattern: &str) -> Option<String> {
    Parser::new(pattern).parse().err()
}

/// The pattern as Rust's engine writes it; None where it is invalid.
pub(crate) fn translate(pattern: &str) -> Option<String> {
    Parser::new(pattern).parse().ok()
}

struct Parser<'p> {
    whole: &'p str,
    rest: &'p str,
    out: String,
    /// What stands in each open group, and in the whole.
    levels: Vec<Level>,
    names: HashSet<&'p str>,
}

type Parsed<T> = Result<T, String>;

fn error<T>(code: &str, text: &str) -> Parsed<T> {
    Err(format!("error parsing regexp: {code}: `{text}`"))
}

impl<'p> Parser<'p> {
    fn new(whole: &'p str) -> Parser<'p> {
        Parser {
            whole,
            rest: whole,
            out: String::new(),
            levels: vec![Level::default()],
            names: HashSet::new(),
        }
    }

    fn parse(mut self) -> Parsed<String> {
        // The text from the last repetition on, where the last thing was one.
        let mut last: Option<&str> = None;
        while let Some(first) = self.rest.chars().next() {
            let before = self.rest;
            let mut repeated = None;
            match first {
                '(' => self.open()?,
                ')' => self.close()?,
                '|' => {
                    self.copy(1);
                    self.level().bar();
                }
                '*' | '+' | '?' => {
                    self.rest = &self.rest[1..];
                    let most = (first == '?').then_some(1);
                    self.repeat(
                        before,
                        &first.to_string(),
                        last,
                        (u64::from(first == '+'), most),
                    )?;
                    repeated = Some(before);
                }
                '{' => repeated = self.counted(before, last)?,
                '[' => self.class()?,
                '\\' => self.escape()?,
                '.' | '^' | '$' => {
                    self.copy(1);
                    self.level().operator();
                }
                _ => {
                    self.copy(first.len_utf8());
                    self.level().literal();
                }
            }
            last = repeated;
        }
        if self.levels.len() > 1 {
            return error("missing closing )", self.whole);
        }
        self.level().close();
        self.bounded()?;
        Ok(self.out)
    }

    fn level(&mut self) -> &mut Level {
        // The whole is always open.
        let last = self.levels.len() - 1;
        &mut self.levels[last]
    }

    /// Go refuses what would take too much memory or stack.
    fn bounded(&mut self) -> Parsed<()> {
        match self.level().excess() {
            None => Ok(()),
            Some(Excess::Large) => error("expression too large", self.whole),
            Some(Excess::Deep) => error("expression nests too deeply", self.whole),
        }
    }

    fn copy(&mut self, bytes: usize) {
        self.out.push_str(&self.rest[..bytes]);
        self.rest = &self.rest[bytes..];
    }

    fn open(&mut self) -> Parsed<()> {
        if self.rest.starts_with("(?") {
            return self.flags();
        }
        self.copy(1);
        self.levels.push(Level::group(true));
        Ok(())
    }

    fn close(&mut self) -> Parsed<()> {
        if self.levels.len() == 1 {
            return error("unexpected )", self.whole);
        }
        self.copy(1);
        if let Some(group) = self.levels.pop() {
            self.level().take(group);
        }
        self.bounded()
    }

    fn flags(&mut self) -> Parsed<()> {
        let text = self.rest;
        let start = if text.len() > 4 && text.starts_with("(?P<") {
            4
        } else if text.len() > 3 && text.starts_with("(?<") {
            3
        } else {
            return self.plain_flags();
        };
        let Some(end) = text.find('>') else {
            return error("invalid named capture", text);
        };
        let name = &text[start..end];
        let valid = !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte == b'_' || byte.is_ascii_alphanumeric());
        if !valid || !self.names.insert(name) {
            return error("invalid named capture", &text[..=end]);
        }
        self.out.push('(');
        self.rest = &text[end + 1..];
        self.levels.push(Level::group(true));
        Ok(())
    }

    fn plain_flags(&mut self) -> Parsed<()> {
        let text = self.rest;
        let (mut negative, mut flagged) = (false, false);
        for (at, character) in text.char_indices().skip(2) {
            match character {
                'i' | 'm' | 's' | 'U' => flagged = true,
                '-' if !negative => (negative, flagged) = (true, false),
                ':' | ')' if !negative || flagged => {
                    // `(?)` is nothing to Go and an error to Rust.
                    if at > 2 || character == ':' {
                        self.out.push_str(&text[..=at]);
                    }
                    self.rest = &text[at + 1..];
                    if character == ':' {
                        self.levels.push(Level::group(false));
                    }
                    return Ok(());
                }
                _ => {
                    let end = at + character.len_utf8();
                    return error("invalid or unsupported Perl syntax", &text[..end]);
                }
            }
        }
        error("invalid or unsupported Perl syntax", text)
    }

    /// Takes a repetition, at least and at most so often, whose operator stands behind `self.rest` already.
    fn repeat(
        &mut self,
        before: &'p str,
        operator: &str,
        last: Option<&'p str>,
        (low, high): (u64, Option<u64>),
    ) -> Parsed<()> {
        let lazy = self.rest.starts_with('?');
        if lazy {
            self.rest = &self.rest[1..];
        }
        if let Some(last) = last {
            let text = &last[..last.len() - self.rest.len()];
            return error("invalid nested repetition operator", text);
        }
        if !self.level().is_repeatable() {
            let text = &before[..before.len() - self.rest.len()];
            return error("missing argument to repetition operator", text);
        }
        self.out.push_str(operator);
        if lazy {
            self.out.push('?');
        }
        let is_counted = operator.starts_with('{');
        let is_valid = self.level().repeat(low, high, is_counted);
        self.bounded()?;
        if !is_valid {
            let text = &before[..before.len() - self.rest.len()];
            return error("invalid repeat count", text);
        }
        Ok(())
    }

    fn counted(&mut self, before: &'p str, last: Option<&'p str>) -> Parsed<Option<&'p str>> {
        let Some((low, high, bytes)) = counts(before) else {
            self.out.push_str("\\{");
            self.rest = &before[1..];
            self.level().literal();
            return Ok(None);
        };
        let operator = &before[..bytes];
        if low > 1000 || high.is_some_and(|high| high > 1000 || low > high) {
            return error("invalid repeat count", operator);
        }
        self.rest = &before[bytes..];
        self.repeat(before, operator, last, (low, high))?;
        Ok(Some(before))
    }

    fn escape(&mut self) -> Parsed<()> {
        let text = self.rest;
        match text[1..].chars().next() {
            Some('b' | 'B') => {
                let _ = write!(self.out, "(?-u:{})", &text[..2]);
                self.rest = &text[2..];
            }
            Some('A' | 'z') => self.copy(2),
            Some('Q') => {
                let literal = &text[2..];
                let (literal, rest) = literal.split_once("\\E").unwrap_or((literal, ""));
                self.out.push_str(&regex::escape(literal));
                self.rest = rest;
                (0..literal.chars().count().max(1)).for_each(|_| self.level().literal());
                return Ok(());
            }
            Some('d' | 'D' | 's' | 'S' | 'w' | 'W') => {
                self.out.push_str(perl(&text[..2]));
                self.rest = &text[2..];
            }
            Some('p' | 'P') => {
                let length = unicode(text)?;
                self.copy(length);
            }
            _ => {
                let character = self.character()?;
                self.out.push_str(&regex::escape(&character.to_string()));
                self.level().literal();
                return Ok(());
            }
        }
        self.level().operator();
        Ok(())
    }

    /// Takes an escaped character.
    fn character(&mut self) -> Parsed<char> {
        let text = self.rest;
        let Some(first) = text[1..].chars().next() else {
            return error("trailing backslash at end of expression", "");
        };
        let (code, length) = match first {
            '0'..='7' => octal(&text[1..]),
            'x' => hexadecimal(&text[2..]).map(|(code, length)| (code, length + 1)),
            'a' => Some((7, 1)),
            'f' => Some((12, 1)),
            'n' => Some((10, 1)),
            'r' => Some((13, 1)),
            't' => Some((9, 1)),
            'v' => Some((11, 1)),
            _ if first.is_ascii() && !first.is_ascii_alphanumeric() => Some((u32::from(first), 1)),
            _ => None,
        }
        .unwrap_or((u32::MAX, first.len_utf8()));
        match char::from_u32(code) {
            Some(character) => {
                self.rest = &text[1 + length..];
                Ok(character)
            }
            None => error("invalid escape sequence", &text[..=bad_escape(text)]),
        }
    }

    fn class(&mut self) -> Parsed<()> {
        let whole = self.rest;
        self.out.push('[');
        self.rest = &whole[1..];
        if self.rest.starts_with('^') {
            self.copy(1);
        }
        let mut first = true;
        while first || !self.rest.starts_with(']') {
            first = false;
            self.class_item(whole)?;
        }
        self.copy(1);
        self.level().operator();
        Ok(())
    }

    fn class_item(&mut self, whole: &'p str) -> Parsed<()> {
        let text = self.rest;
        if let Some(end) = text.strip_prefix("[:").and_then(|rest| rest.find(":]")) {
            let name = &text[..end + 4];
            if !POSIX.contains(&name.replace('^', "").as_str()) {
                return error("invalid character class range", name);
            }
            self.copy(name.len());
            return Ok(());
        }
        if text.starts_with("\\p") || text.starts_with("\\P") {
            let length = unicode(text)?;
            self.copy(length);
            return Ok(());
        }
        if let Some("\\d" | "\\D" | "\\s" | "\\S" | "\\w" | "\\W") = text.get(..2) {
            self.out.push_str(perl(&text[..2]));
            self.rest = &text[2..];
            return Ok(());
        }
        let low = self.class_character(whole)?;
        let mut high = low;
        if self.rest.len() >= 2 && self.rest.starts_with('-') && !self.rest.starts_with("-]") {
            self.rest = &self.rest[1..];
            high = self.class_character(whole)?;
            if high < low {
                let range = &text[..text.len() - self.rest.len()];
                return error("invalid character class range", range);
            }
        }
        let _ = write!(
            self.out,
            "\\x{{{:x}}}-\\x{{{:x}}}",
            u32::from(low),
            u32::from(high)
        );
        Ok(())
    }

    fn class_character(&mut self, whole: &str) -> Parsed<char> {
        match self.rest.chars().next() {
            None => error("missing closing ]", whole),
            Some('\\') => self.character(),
            Some(character) => {
                self.rest = &self.rest[character.len_utf8()..];
                Ok(character)
            }
        }
    }
}

const POSIX: [&str; 14] = [
    "[:alnum:]",
    "[:alpha:]",
    "[:ascii:]",
    "[:blank:]",
    "[:cntrl:]",
    "[:digit:]",
    "[:graph:]",
    "[:lower:]",
    "[:print:]",
    "[:punct:]",
    "[:space:]",
    "[:upper:]",
    "[:word:]",
    "[:xdigit:]",
];

fn perl(escape: &str) -> &'static str {
    match escape {
        "\\d" => "[0-9]",
        "\\D" => "[^0-9]",
        "\\s" => "[\\t\\n\\x0c\\r ]",
        "\\S" => "[^\\t\\n\\x0c\\r ]",
        "\\w" => "[0-9A-Za-z_]",
        _ => "[^0-9A-Za-z_]",
    }
}

/// The length of `\pL` or `\p{Greek}`.
fn unicode(text: &str) -> Parsed<usize> {
    let length = if text[2..].starts_with('{') {
        match text.find('}') {
            Some(end) => end + 1,
            None => return error("invalid character class range", text),
        }
    } else {
        match text[2..].chars().next() {
            Some(letter) => 2 + letter.len_utf8(),
            None => return error("invalid escape sequence", text),
        }
    };
    let class = text[..length].replace("{^", "{");
    if class == "\\p{Any}" || Regex::new(&class).is_ok() {
        Ok(length)
    } else {
        error("invalid character class range", &text[..length])
    }
}

fn octal(text: &str) -> Option<(u32, usize)> {
    let length = text
        .bytes()
        .take(3)
        .take_while(|byte| (b'0'..=b'7').contains(byte))
        .count();
    if length == 1 && !text.starts_with('0') {
        return None;
    }
    Some((u32::from_str_radix(&text[..length], 8).ok()?, length))
}

fn hexadecimal(text: &str) -> Option<(u32, usize)> {
    if let Some(rest) = text.strip_prefix('{') {
        let end = rest.find('}')?;
        let digits = rest[..end].bytes().all(|byte| byte.is_ascii_hexdigit());
        return if digits {
            Some((u32::from_str_radix(&rest[..end], 16).ok()?, end + 2))
        } else {
            None
        };
    }
    let digits = text.get(..2)?;
    let valid = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    valid.then_some((u32::from_str_radix(digits, 16).ok()?, 2))
}

/// Where an invalid escape ends in Go's message: behind the character at which it gave up.
fn bad_escape(text: &str) -> usize {
    let mut rest = text.char_indices().skip(1);
    let Some((at, first)) = rest.next() else {
        return 0;
    };
    let end = |(at, letter): (usize, char)| at + letter.len_utf8() - 1;
    if first != 'x' {
        return end((at, first));
    }
    if text[2..].starts_with('{') {
        let mut digits = rest.skip(1);
        let stop = digits.find(|(_, letter)| !letter.is_ascii_hexdigit());
        return stop.map_or(text.len() - 1, end);
    }
    rest.nth(1).map_or(text.len() - 1, end)
}

/// The counts of `{2}`, `{2,}` or `{2,3}` and its length.
fn counts(text: &str) -> Option<(u64, Option<u64>, usize)> {
    let end = text.find('}')?;
    let inner = &text[1..end];
    let count = |digits: &str| {
        let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let leading = digits.len() > 1 && digits.starts_with('0');
        (plain && !leading).then(|| digits.parse().unwrap_or(u64::MAX))
    };
    let (least, most) = match inner.split_once(',') {
        None => (count(inner)?, Some(count(inner)?)),
        Some((least, "")) => (count(least)?, None),
        Some((least, most)) => (count(least)?, Some(count(most)?)),
    };
    Some((least, most, end + 1))
}

#[cfg(test)]
mod tests;
