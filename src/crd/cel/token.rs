//! The words of an expression.
//!
//! Source: the lexer's rules of github.com/google/cel-go/parser/gen/CEL.g4.

use super::fault::Place;

/// A word.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Token<'s> {
    /// A text of bytes, with its quotes.
    Bytes(&'s str),
    Double(&'s str),
    End,
    Identifier(&'s str),
    Int(&'s str),
    /// A sign, or a word that is one.
    Sign(&'static str),
    /// A text with its quotes.
    String(&'s str),
    Uint(&'s str),
}

/// A sign that begins like another comes after it.
const SIGNS: [&str; 24] = [
    "==", "!=", "<=", ">=", "&&", "||", "<", ">", "[", "]", "{", "}", "(", ")", ".", ",", "-", "!",
    "?", ":", "+", "*", "/", "%",
];
const WORDS: [&str; 4] = ["in", "true", "false", "null"];

/// The words with their places, an end behind them; None where something is no word.
pub(super) fn tokens(source: &str) -> Option<Vec<(Place, Token<'_>)>> {
    let mut tokens = Vec::with_capacity(source.len() / 3 + 1);
    let mut place = Place { line: 1, column: 0 };
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let length = if matches!(first, '\t' | ' ' | '\r' | '\n' | '\u{c}') {
            1
        } else if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else {
            let (token, length) = token(rest, first)?;
            tokens.push((place, token));
            length
        };
        let (word, after) = rest.split_at_checked(length)?;
        for character in word.chars() {
            if character == '\n' {
                place.line += 1;
                place.column = 0;
            } else {
                place.column += 1;
            }
        }
        rest = after;
    }
    tokens.push((place, Token::End));
    Some(tokens)
}

/// The word that a text begins with, and its length.
fn token(rest: &str, first: char) -> Option<(Token<'_>, usize)> {
    let bytes = rest.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    if digit(0) || first == '.' && digit(1) {
        return number(rest);
    }
    if let Some((open, is_raw)) = quotes(bytes) {
        let length = quoted(rest, open, is_raw)?;
        let text = rest.get(..length)?;
        let token = if first.eq_ignore_ascii_case(&'b') {
            Token::Bytes(text)
        } else {
            Token::String(text)
        };
        return Some((token, length));
    }
    if first.is_ascii_alphabetic() || first == '_' {
        let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_';
        let length = bytes.iter().take_while(is_part).count();
        let word = rest.get(..length)?;
        let sign = WORDS.into_iter().find(|known| *known == word);
        return Some((sign.map_or(Token::Identifier(word), Token::Sign), length));
    }
    let sign = SIGNS.into_iter().find(|sign| rest.starts_with(sign))?;
    Some((Token::Sign(sign), sign.len()))
}

fn number(rest: &str) -> Option<(Token<'_>, usize)> {
    let bytes = rest.as_bytes();
    let run = |from: usize, is: fn(&u8) -> bool| {
        let after = bytes.get(from..).unwrap_or_default();
        from + after.iter().take_while(|byte| is(byte)).count()
    };
    let unsigned = |end: usize| matches!(bytes.get(end), Some(b'u' | b'U'));
    let whole = |end: usize| {
        Some(if unsigned(end) {
            (Token::Uint(rest.get(..end)?), end + 1)
        } else {
            (Token::Int(rest.get(..end)?), end)
        })
    };
    if rest.starts_with("0x") {
        let end = run(2, u8::is_ascii_hexdigit);
        if end > 2 {
            return whole(end);
        }
    }
    let digits = run(0, u8::is_ascii_digit);
    let mut end = digits;
    if bytes.get(digits) == Some(&b'.') {
        let fraction = run(digits + 1, u8::is_ascii_digit);
        if fraction > digits + 1 {
            end = fraction;
        }
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let exponent = run(end + 1 + sign, u8::is_ascii_digit);
        if exponent > end + 1 + sign {
            end = exponent;
        }
    }
    if end == digits {
        return whole(end);
    }
    Some((Token::Double(rest.get(..end)?), end))
}

/// Where the first quote of a text stands, and whether the text is raw.
fn quotes(bytes: &[u8]) -> Option<(usize, bool)> {
    let bytewise = usize::from(matches!(bytes.first(), Some(b'b' | b'B')));
    let raw = usize::from(matches!(bytes.get(bytewise), Some(b'r' | b'R')));
    let open = bytewise + raw;
    matches!(bytes.get(open), Some(b'"' | b'\'')).then_some((open, raw == 1))
}

/// The length of a text, with its quotes.
fn quoted(rest: &str, open: usize, is_raw: bool) -> Option<usize> {
    let quote = rest.get(open..=open)?;
    let thrice = quote.repeat(3);
    let is_long = rest.get(open..)?.starts_with(&thrice);
    let close = if is_long { thrice.as_str() } else { quote };
    let mut at = open + close.len();
    loop {
        let rest = rest.get(at..)?;
        if rest.starts_with(close) {
            return Some(at + close.len());
        }
        let mut characters = rest.chars();
        match characters.next()? {
            '\\' if !is_raw => at += 1 + characters.next()?.len_utf8(),
            '\n' | '\r' if !is_long => return None,
            other => at += other.len_utf8(),
        }
    }
}
