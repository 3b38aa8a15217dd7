//! JSON as Go reads it, told in the parser's events: what it takes and YAML does not (`\/`, halves of pairs, long keys) is read
//! all the same.

use super::cursor::Mark;
use super::{Event, EventKind, Fault, Scalar, Style};

/// The events of one value that is known to be JSON.
pub(super) fn events(text: &str, start: Mark) -> Result<Vec<Event>, Fault> {
    let mut reader = Reader {
        text,
        at: 0,
        mark: start,
        events: Vec::new(),
    };
    reader.push(EventKind::DocumentStart, start);
    reader.read()?;
    let end = reader.mark;
    reader.push(EventKind::DocumentEnd, end);
    Ok(reader.events)
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    mark: Mark,
    events: Vec<Event>,
}

impl Reader<'_> {
    fn read(&mut self) -> Result<(), Fault> {
        while let Some(byte) = self.text.as_bytes().get(self.at).copied() {
            let start = self.mark;
            let anchor = None;
            let flow = true;
            match byte {
                b'{' => self.sign(EventKind::MappingStart { anchor, flow }, start),
                b'[' => self.sign(EventKind::SequenceStart { anchor, flow }, start),
                b'}' => self.sign(EventKind::MappingEnd, start),
                b']' => self.sign(EventKind::SequenceEnd, start),
                b'"' => self.string()?,
                b',' | b':' | b' ' | b'\t' | b'\r' | b'\n' => self.pass(1),
                _ => self.word(),
            }
        }
        Ok(())
    }

    fn sign(&mut self, kind: EventKind, start: Mark) {
        self.pass(1);
        self.push(kind, start);
    }

    fn push(&mut self, kind: EventKind, start: Mark) {
        let end = self.mark;
        self.events.push(Event { kind, start, end });
    }

    fn scalar(&mut self, value: String, style: Style, start: Mark) {
        let scalar = Scalar {
            value,
            style,
            anchor: None,
            tag: String::new(),
            implicit: style == Style::Plain,
        };
        self.push(EventKind::Scalar(scalar), start);
    }

    fn pass(&mut self, bytes: usize) {
        let end = self.at + bytes;
        self.mark.pass(&self.text[self.at..end]);
        self.at = end;
    }

    /// A number, `true`, `false`, `null`
    fn word(&mut self) {
        let start = self.mark;
        let rest = &self.text[self.at..];
        let ends = |c: char| ",:]} \t\r\n".contains(c);
        let length = rest.find(ends).unwrap_or(rest.len()).max(1);
        let length = if rest.is_char_boundary(length) {
            length
        } else {
            rest.len()
        };
        let value = rest[..length].to_owned();
        self.pass(length);
        self.scalar(value, Style::Plain, start);
    }

    fn string(&mut self) -> Result<(), Fault> {
        let start = self.mark;
        let rest = &self.text[self.at + 1..];
        let mut value = String::new();
        let mut characters = rest.char_indices();
        while let Some((at, character)) = characters.next() {
            match character {
                '"' => {
                    self.pass(at + 2);
                    self.scalar(value, Style::DoubleQuoted, start);
                    return Ok(());
                }
                '\\' => match characters.next().map(|(_, letter)| letter) {
                    Some('b') => value.push('\x08'),
                    Some('f') => value.push('\x0c'),
                    Some('n') => value.push('\n'),
                    Some('r') => value.push('\r'),
                    Some('t') => value.push('\t'),
                    Some('u') => {
                        let (character, length) = unicode(&rest[at..]);
                        value.push(character);
                        // The letter `u` is behind us, and all that follows is a byte each.
                        let _ = characters.nth(length - 3);
                    }
                    Some(letter) => value.push(letter),
                    None => break,
                },
                _ => value.push(character),
            }
        }
        let message = "unexpected end of JSON input".to_owned();
        Err(Fault { message, at: start })
    }
}

/// The character of `\uXXXX`, or of two such that are a pair, and its length; half a pair is what stands for no character.
fn unicode(text: &str) -> (char, usize) {
    let code = |at: usize| {
        let text = text.get(at..at + 6)?;
        u32::from_str_radix(text.strip_prefix("\\u")?, 16).ok()
    };
    let first = code(0).unwrap_or(0xFFFD);
    if let (0xD800..=0xDBFF, Some(second @ 0xDC00..=0xDFFF)) = (first, code(6)) {
        let pair = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
        return (char::from_u32(pair).unwrap_or('\u{fffd}'), 12);
    }
    (char::from_u32(first).unwrap_or('\u{fffd}'), 6)
}
