//! Expanding words: quotes, variables and the few `${…}` forms that build scripts use for arrays
//! and defaults.

use super::Shell;
use super::lexer::{is_name, piece_end, slice};

/// The fields of a word under way.
#[derive(Default)]
struct Fields {
    done: Vec<String>,
    current: Option<String>,
}

impl Fields {
    fn push(&mut self, text: &str) {
        self.current.get_or_insert_default().push_str(text);
    }

    fn end(&mut self) {
        self.done.extend(self.current.take());
    }

    /// Adds text that is not quoted: white space in it separates fields.
    fn push_split(&mut self, text: &str) {
        for (index, part) in text.split(char::is_whitespace).enumerate() {
            if index > 0 {
                self.end();
            }
            if !part.is_empty() {
                self.push(part);
            }
        }
    }

    /// Adds several values in double quotes: each is a field of its own.
    fn push_all(&mut self, values: &[String]) {
        for (index, value) in values.iter().enumerate() {
            if index > 0 {
                self.end();
            }
            self.push(value);
        }
    }
}

/// The fields that a word expands to; `None` where it holds what cannot be known from the text.
pub(super) fn fields(shell: &mut Shell<'_>, word: &str) -> Option<Vec<String>> {
    let mut fields = Fields::default();
    expand(shell, word, false, &mut fields)?;
    fields.end();
    Some(fields.done)
}

/// A word as one text, as on the right of an assignment.
pub(super) fn text(shell: &mut Shell<'_>, word: &str) -> Option<String> {
    Some(fields(shell, word)?.join(" "))
}

fn expand(shell: &mut Shell<'_>, word: &str, quoted: bool, fields: &mut Fields) -> Option<()> {
    let bytes = word.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let mut end = piece_end(bytes, at, 0);
        let piece = slice(word, at, end);
        match bytes[at] {
            b'\'' if !quoted => fields.push(piece.trim_matches('\'')),
            b'"' if !quoted => {
                // Quoted text is a field even when empty, unless it is an array without elements.
                let inside = piece.strip_prefix('"')?.strip_suffix('"')?;
                if !inside.contains("[@]") {
                    fields.push("");
                }
                expand(shell, inside, true, fields)?;
            }
            b'\\' => fields.push(piece.get(1..)?),
            b'`' => return None,
            b'$' => end += dollar(shell, piece, slice(word, end, word.len()), quoted, fields)?,
            _ => fields.push(piece),
        }
        at = end;
    }
    Some(())
}

/// Expands the piece that starts with `$`; answers how many bytes behind the piece belong to it, as
/// in `$NAME`.
fn dollar(
    shell: &mut Shell<'_>,
    piece: &str,
    behind: &str,
    quoted: bool,
    fields: &mut Fields,
) -> Option<usize> {
    let (values, taken) = if let Some(inside) = piece.strip_prefix("${") {
        (parameter(shell, inside.strip_suffix('}')?)?, 0)
    } else if let Some(inside) = piece.strip_prefix("$(") {
        let output = shell.output_of(inside.strip_suffix(')')?)?;
        (vec![output], 0)
    } else {
        if piece.len() > 1 {
            return None;
        }
        let length = behind
            .bytes()
            .take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
            .count();
        let name = &behind[..length];
        if !is_name(name) {
            return None;
        }
        (vec![shell.first(name).unwrap_or_default()], length)
    };
    if quoted {
        fields.push_all(&values);
    } else {
        for (index, value) in values.iter().enumerate() {
            if index > 0 {
                fields.end();
            }
            fields.push_split(value);
        }
    }
    Some(taken)
}

/// What stands between `${` and `}`.
fn parameter(shell: &mut Shell<'_>, inside: &str) -> Option<Vec<String>> {
    let length = inside
        .bytes()
        .take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
        .count();
    let (name, rest) = inside.split_at(length);
    if !is_name(name) {
        return None;
    }
    let (values, rest) = match rest.strip_prefix('[') {
        Some(index) => {
            let (index, rest) = index.split_once(']')?;
            (element(shell, name, index)?, rest)
        }
        None => (shell.first(name).into_iter().collect(), rest),
    };
    let is_empty = values.iter().all(String::is_empty);
    let absent = if rest.starts_with(':') {
        is_empty
    } else {
        values.is_empty()
    };
    let rest = rest.strip_prefix(':').unwrap_or(rest);
    match rest.as_bytes().first() {
        Some(b'-' | b'=') if absent => fields(shell, &rest[1..]),
        None | Some(b'-' | b'=' | b'?') => Some(values),
        Some(b'+') if absent => Some(Vec::new()),
        Some(b'+') => fields(shell, &rest[1..]),
        // The last part of a path, as in `${TARGETS[@]##*/}`.
        Some(_) if rest == "##*/" => Some(values.iter().map(|value| last_part(value)).collect()),
        Some(_) => None,
    }
}

fn element(shell: &Shell<'_>, name: &str, index: &str) -> Option<Vec<String>> {
    let values = shell.array(name).unwrap_or_default();
    match index {
        "@" | "*" => Some(values.to_vec()),
        index => {
            let index: usize = index.parse().ok()?;
            Some(values.get(index).cloned().into_iter().collect())
        }
    }
}

fn last_part(value: &str) -> String {
    value.rsplit('/').next().unwrap_or_default().to_owned()
}
