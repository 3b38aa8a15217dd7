//! The documents of a file, as kubectl parts them.
//!
//! Source: `YAMLOrJSONDecoder` and `YAMLReader` of k8s.io/apimachinery/pkg/util/yaml/decoder.go.

use std::borrow::Cow;

use serde::de::IgnoredAny;

use super::cursor::Mark;
use super::{Event, EventKind, Fault, Parser, json};

/// How far kubectl looks for what a file is.
const GUESS: usize = 4096;

/// A document of a file, before it is read.
pub(crate) struct Piece<'t> {
    text: Cow<'t, str>,
    start: Mark,
    pub(crate) form: Form,
    /// What is wrong with it as JSON, where it was thought to be.
    no_json: Option<Fault>,
}

/// What a document is written in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Form {
    Json,
    Yaml,
}

/// The documents of a file, and what makes the file none behind them: a `---` with something behind it, more JSON that is none.
pub(crate) fn pieces(text: &str) -> Vec<Result<Piece<'_>, Fault>> {
    let (mut pieces, mut start, mut no_json) = (Vec::new(), Mark::first(), None);
    // A mark of the byte order says nothing.
    let marked = text.strip_prefix('\u{feff}');
    start.offset = text.len() - marked.unwrap_or(text).len();
    let text = marked.unwrap_or(text);
    let mut rest = text;
    if is_json(text) {
        let mut stream = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
        let mut at = 0;
        loop {
            let Some(next) = stream.next() else {
                return pieces;
            };
            if let Err(error) = next {
                let fault = told(&error, text);
                if pieces.len() > 1 {
                    pieces.push(Err(fault));
                    return pieces;
                }
                no_json = Some(fault);
                break;
            }
            let end = stream.byte_offset();
            let spaces = text[at..end].len() - text[at..end].trim_start().len();
            start.pass(&text[at..at + spaces]);
            pieces.push(Ok(Piece {
                text: Cow::Borrowed(&text[at + spaces..end]),
                start,
                form: Form::Json,
                no_json: None,
            }));
            start.pass(&text[at + spaces..end]);
            at = end;
        }
        let Some(line) = separation(&text[at..]) else {
            pieces.extend(no_json.map(Err));
            return pieces;
        };
        start.pass(&text[at..at + line]);
        rest = &text[at + line..];
    }
    add_yaml(rest, start, no_json, &mut pieces);
    pieces
}

/// How much stands between JSON and the YAML behind it: spaces up to the end of their line. None where so little follows that
/// kubectl looks no further.
fn separation(text: &str) -> Option<usize> {
    const LOOKED_AT: usize = 4;
    for (at, character) in text.char_indices() {
        if text.len() - at < LOOKED_AT {
            break;
        }
        if !character.is_whitespace() {
            return Some(at);
        }
        if character == '\n' {
            return Some(at + 1);
        }
    }
    None
}

fn is_json(text: &str) -> bool {
    let mut looked_at = text.as_bytes();
    looked_at = &looked_at[..looked_at.len().min(GUESS)];
    let looked_at = String::from_utf8_lossy(looked_at);
    looked_at.trim_start().starts_with('{')
}

/// What is wrong with JSON, with its place.
fn told(error: &serde_json::Error, text: &str) -> Fault {
    let mut at = Mark::first();
    let before: usize = text
        .split_inclusive('\n')
        .take(error.line().saturating_sub(1))
        .map(str::len)
        .sum();
    let column = error.column().saturating_sub(1);
    let end = (before + column).min(text.len());
    at.pass(&String::from_utf8_lossy(&text.as_bytes()[..end]));
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or_default();
    let message = message.to_owned();
    Fault { message, at }
}

/// Parts YAML at its lines with `---`; one with nothing before it begins its document.
fn add_yaml<'t>(
    text: &'t str,
    mut start: Mark,
    mut no_json: Option<Fault>,
    pieces: &mut Vec<Result<Piece<'t>, Fault>>,
) {
    let (mut from, mut at) = (0, 0);
    let mut push = |from: usize, to: usize, start: Mark, pieces: &mut Vec<_>| {
        if from < to {
            pieces.push(Ok(Piece {
                text: Cow::Borrowed(&text[from..to]),
                start,
                form: Form::Yaml,
                no_json: no_json.take(),
            }));
        }
    };
    let mut here = start;
    for line in text.split_inclusive('\n') {
        let line_start = here;
        here.pass(line);
        let end = at + line.len();
        if let Some(behind) = line.strip_prefix("---") {
            let behind = behind.trim();
            let is_separator = behind.is_empty() || behind.starts_with('#');
            if !is_separator {
                push(from, at, start, pieces);
                let message = format!("invalid Yaml document separator: {behind}");
                let at = line_start;
                pieces.push(Err(Fault { message, at }));
            }
            if from < at && is_separator {
                push(from, at, start, pieces);
                (from, start) = (end, here);
            } else if !is_separator {
                (from, start) = (end, here);
            }
        }
        at = end;
    }
    push(from, at, start, pieces);
}

impl Piece<'_> {
    /// The events of the document, up to its end; none where it is empty.
    pub(crate) fn events(&self, take: &mut dyn FnMut(Event) -> bool) -> Result<(), Fault> {
        if self.form == Form::Json {
            for event in json::events(&self.text, self.start)? {
                if !take(event) {
                    break;
                }
            }
            return Ok(());
        }
        self.yaml(take)
            .map_err(|fault| self.no_json.clone().unwrap_or(fault))
    }

    fn yaml(&self, take: &mut dyn FnMut(Event) -> bool) -> Result<(), Fault> {
        // A mark of the byte order at the start says nothing.
        let marked = self.text.strip_prefix('\u{feff}');
        let text = marked.unwrap_or(&self.text);
        let mut start = self.start;
        if marked.is_some() {
            start.offset += '\u{feff}'.len_utf8();
        }
        let is_usual = |byte: u8| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~');
        if !text.bytes().all(is_usual)
            && let Some((at, _)) = text.char_indices().find(|(_, c)| !is_allowed(*c))
        {
            let mut place = start;
            place.pass(&text[..at]);
            let message = "control characters are not allowed".to_owned();
            return Err(Fault { message, at: place });
        }
        // kubectl ends each line that it hands over.
        let ended = if text.ends_with('\n') {
            Cow::Borrowed(text)
        } else {
            Cow::Owned(format!("{text}\n"))
        };
        let mut parser = Parser::new(&ended, start);
        loop {
            let event = parser.next()?;
            let is_end = matches!(event.kind, EventKind::DocumentEnd | EventKind::StreamEnd);
            if !take(event) || is_end {
                return Ok(());
            }
        }
    }
}

fn is_allowed(character: char) -> bool {
    matches!(
        character,
        '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{fffd}' | '\u{10000}'..
    )
}
