//! Splitting bash text into tokens: words with their quotes kept, arrays, operators; here-documents
//! and comments left out.

/// How deep quotes, `$(…)` and `${…}` may lie in each other before the rest of the text counts as
/// one piece.
const MAX_NESTING: usize = 40;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A word as written, with its quotes and expansions.
    Word(String),
    /// `NAME=(…)` or `NAME+=(…)`.
    Array(Array),
    /// The inside of `[[ … ]]`.
    Test(String),
    /// `(( … ))`.
    Arithmetic,
    /// A redirection's operator; its target is the next word.
    Redirect(&'static str),
    /// A line's end, `;` or `&`.
    End,
    /// `;;` and its kin.
    CaseEnd,
    And,
    Or,
    Pipe,
    Open,
    Close,
}

/// An array's assignment; the words are as written.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Array {
    pub(super) name: String,
    pub(super) append: bool,
    pub(super) words: Vec<String>,
}

pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut lexer = Lexer {
        text,
        at: 0,
        here_documents: Vec::new(),
    };
    std::iter::from_fn(|| lexer.next_token()).collect()
}

/// Splits at unquoted white space only, for the inside of `[[ … ]]`.
pub(super) fn split_at_spaces(text: &str) -> Vec<String> {
    let bytes = text.as_bytes();
    let mut words = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at].is_ascii_whitespace() {
            at += 1;
            continue;
        }
        let start = at;
        while at < bytes.len() && !bytes[at].is_ascii_whitespace() {
            at = piece_end(bytes, at, 0);
        }
        words.push(slice(text, start, at).to_owned());
    }
    words
}

/// Where the piece ends that starts at `at`: a quoted string, an expansion, an escaped character or
/// one byte.
pub(super) fn piece_end(bytes: &[u8], at: usize, nesting: usize) -> usize {
    if nesting > MAX_NESTING {
        return bytes.len();
    }
    let end = match (bytes[at], bytes.get(at + 1)) {
        (b'\\', _) => at + 2,
        (b'\'', _) => after(bytes, at + 1, b'\''),
        (b'$', Some(b'\'')) => quote_end(bytes, at + 2, b'\'', nesting),
        (b'"', _) => quote_end(bytes, at + 1, b'"', nesting),
        (b'`', _) => quote_end(bytes, at + 1, b'`', nesting),
        (b'$', Some(b'(')) => parenthesis_end(bytes, at + 2, nesting),
        (b'$', Some(b'{')) => brace_end(bytes, at + 2, nesting),
        _ => at + 1,
    };
    end.min(bytes.len())
}

fn after(bytes: &[u8], from: usize, wanted: u8) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    rest.iter()
        .position(|&byte| byte == wanted)
        .map_or(bytes.len(), |found| from + found + 1)
}

fn line_length(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .position(|&byte| byte == b'\n')
        .unwrap_or(bytes.len())
}

fn quote_end(bytes: &[u8], mut at: usize, quote: u8, nesting: usize) -> usize {
    while at < bytes.len() {
        at = match bytes[at] {
            byte if byte == quote => return at + 1,
            b'\\' => at + 2,
            b'$' if quote == b'"' && bytes.get(at + 1) != Some(&b'\'') => {
                piece_end(bytes, at, nesting + 1)
            }
            _ => at + 1,
        };
    }
    bytes.len()
}

fn parenthesis_end(bytes: &[u8], mut at: usize, nesting: usize) -> usize {
    let mut open = 1;
    while at < bytes.len() {
        match bytes[at] {
            b'(' => open += 1,
            b')' if open == 1 => return at + 1,
            b')' => open -= 1,
            b'#' if bytes[at - 1].is_ascii_whitespace() => {
                at = after(bytes, at, b'\n');
                continue;
            }
            _ => {}
        }
        at = piece_end(bytes, at, nesting + 1);
    }
    bytes.len()
}

fn brace_end(bytes: &[u8], mut at: usize, nesting: usize) -> usize {
    while at < bytes.len() {
        if bytes[at] == b'}' {
            return at + 1;
        }
        at = piece_end(bytes, at, nesting + 1);
    }
    bytes.len()
}

/// A slice whose borders are moved to the next character's border where damaged text would cut one.
pub(super) fn slice(text: &str, start: usize, end: usize) -> &str {
    let border = |mut at: usize| {
        while at < text.len() && !text.is_char_boundary(at) {
            at += 1;
        }
        at.min(text.len())
    };
    &text[border(start)..border(end)]
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    /// Delimiters of here-documents that start after this line; whether tabs before the delimiter
    /// are ignored.
    here_documents: Vec<(String, bool)>,
}

impl Lexer<'_> {
    fn next_token(&mut self) -> Option<Token> {
        loop {
            self.skip_blanks();
            let rest = self.rest();
            if rest.is_empty() {
                return None;
            }
            if rest.starts_with('\n') {
                self.at += 1;
                self.skip_here_documents();
                return Some(Token::End);
            }
            let Some((text, token)) = operator(rest) else {
                return Some(self.word());
            };
            self.at += text.len();
            match token {
                Token::Redirect("<<" | "<<-") => self.start_here_document(text == "<<-"),
                Token::Arithmetic => {
                    self.at += self
                        .rest()
                        .find("))")
                        .map_or(self.rest().len(), |end| end + 2);
                    return Some(Token::Arithmetic);
                }
                token => return Some(token),
            }
        }
    }

    fn rest(&self) -> &str {
        slice(self.text, self.at, self.text.len())
    }

    fn skip_blanks(&mut self) {
        let bytes = self.text.as_bytes();
        while let Some(&byte) = bytes.get(self.at) {
            match byte {
                b' ' | b'\t' | b'\r' => self.at += 1,
                b'\\' if bytes.get(self.at + 1) == Some(&b'\n') => self.at += 2,
                // A comment: up to the line's end, which is a token of its own.
                b'#' => self.at += line_length(&bytes[self.at..]),
                _ => return,
            }
        }
    }

    fn start_here_document(&mut self, tabs: bool) {
        self.skip_blanks();
        let start = self.at;
        self.skip_word();
        let delimiter = slice(self.text, start, self.at).replace(['\'', '"', '\\'], "");
        self.here_documents.push((delimiter, tabs));
    }

    fn skip_here_documents(&mut self) {
        for (delimiter, tabs) in std::mem::take(&mut self.here_documents) {
            while self.at < self.text.len() {
                let end = after(self.text.as_bytes(), self.at, b'\n');
                let line = slice(self.text, self.at, end).trim_end_matches(['\n', '\r']);
                self.at = end;
                if line == delimiter || (tabs && line.trim_start_matches('\t') == delimiter) {
                    break;
                }
            }
        }
    }

    fn skip_word(&mut self) {
        let bytes = self.text.as_bytes();
        if self.rest().starts_with("<(") || self.rest().starts_with(">(") {
            self.at = parenthesis_end(bytes, self.at + 2, 0);
        }
        while let Some(byte) = bytes.get(self.at) {
            if byte.is_ascii_whitespace() || b";&|()<>".contains(byte) {
                return;
            }
            self.at = piece_end(bytes, self.at, 0);
        }
    }

    fn word(&mut self) -> Token {
        let start = self.at;
        self.skip_word();
        if self.at == start {
            // A byte that starts nothing; never stand still.
            self.at += 1;
        }
        let word = slice(self.text, start, self.at);
        if word == "[[" {
            return self.test();
        }
        if self.rest().starts_with('(')
            && let Some((name, append)) = array_name(word)
        {
            self.at += 1;
            return self.array(name.to_owned(), append);
        }
        if word.bytes().all(|byte| byte.is_ascii_digit()) && self.rest().starts_with(['<', '>']) {
            // A file descriptor's number belongs to the redirection.
            return self.next_token().unwrap_or(Token::End);
        }
        Token::Word(word.to_owned())
    }

    fn test(&mut self) -> Token {
        let bytes = self.text.as_bytes();
        let start = self.at;
        while self.at < bytes.len() {
            let closes = self.rest().starts_with("]]") && bytes[self.at - 1].is_ascii_whitespace();
            if closes {
                let inside = slice(self.text, start, self.at).to_owned();
                self.at += 2;
                return Token::Test(inside);
            }
            self.at = piece_end(bytes, self.at, 0);
        }
        Token::Test(String::new())
    }

    fn array(&mut self, name: String, append: bool) -> Token {
        let mut words = Vec::new();
        loop {
            self.skip_blanks();
            let Some(byte) = self.text.as_bytes().get(self.at) else {
                break;
            };
            match byte {
                b'\n' => self.at += 1,
                b')' => {
                    self.at += 1;
                    break;
                }
                _ => {
                    let start = self.at;
                    self.skip_word();
                    self.at = self.at.max(start + 1);
                    words.push(slice(self.text, start, self.at).to_owned());
                }
            }
        }
        Token::Array(Array {
            name,
            append,
            words,
        })
    }
}

fn array_name(word: &str) -> Option<(&str, bool)> {
    let name = word.strip_suffix('=')?;
    let (name, append) = match name.strip_suffix('+') {
        Some(name) => (name, true),
        None => (name, false),
    };
    is_name(name).then_some((name, append))
}

/// Whether a text can name a variable.
pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Operators, where one begins like another the longer first.
const OPERATORS: &[(&str, Token)] = &[
    (";;", Token::CaseEnd),
    (";", Token::End),
    ("&&", Token::And),
    ("&>", Token::Redirect("&>")),
    ("&", Token::End),
    ("||", Token::Or),
    ("|", Token::Pipe),
    ("((", Token::Arithmetic),
    ("(", Token::Open),
    (")", Token::Close),
    ("<<<", Token::Redirect("<<<")),
    ("<<-", Token::Redirect("<<-")),
    ("<<", Token::Redirect("<<")),
    ("<&", Token::Redirect("<&")),
    ("<", Token::Redirect("<")),
    (">>", Token::Redirect(">>")),
    (">&", Token::Redirect(">&")),
    (">", Token::Redirect(">")),
];

fn operator(rest: &str) -> Option<(&'static str, Token)> {
    // `<(…)` is a word.
    if rest.starts_with("<(") || rest.starts_with(">(") {
        return None;
    }
    OPERATORS
        .iter()
        .find(|(text, _)| rest.starts_with(text))
        .cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(text: &str) -> Token {
        Token::Word(text.to_owned())
    }

    #[test]
    fn keeps_quotes_and_nested_expansions_in_one_word() {
        let text = r#"A="${B:-"$(cat "${C}/x y")"}" # it's a comment"#;
        assert_eq!(tokens(text), [word(r#"A="${B:-"$(cat "${C}/x y")"}""#)]);
    }

    #[test]
    fn reads_arrays_with_comments_and_line_ends() {
        let text = "readonly X=(\n  a # don't\n  'b c'\n)\nY+=( d )";
        let array = |name: &str, append, words: &[&str]| {
            Token::Array(Array {
                name: name.to_owned(),
                append,
                words: words.iter().map(|&word| word.to_owned()).collect(),
            })
        };
        assert_eq!(
            tokens(text),
            [
                word("readonly"),
                array("X", false, &["a", "'b c'"]),
                Token::End,
                array("Y", true, &["d"]),
            ]
        );
    }

    #[test]
    fn leaves_here_documents_out() {
        let text = "cat <<EOF >x\nit's } not ( bash\nEOF\ntrue";
        assert_eq!(
            tokens(text),
            [
                word("cat"),
                Token::Redirect(">"),
                word("x"),
                Token::End,
                word("true"),
            ]
        );
    }

    #[test]
    fn a_test_ends_at_its_own_brackets() {
        let text = r#"[[ "$x" =~ ^([[:alnum:]]+".")+ ]] && y"#;
        assert_eq!(
            tokens(text),
            [
                Token::Test(r#" "$x" =~ ^([[:alnum:]]+".")+ "#.to_owned()),
                Token::And,
                word("y"),
            ]
        );
    }

    #[test]
    fn damaged_text_ends() {
        for text in [
            "\"", "$(", "${", "[[ ", "A=(", "cat <<", "ä$(ö", "'ü", "\\", "`", "((",
        ] {
            let _ = tokens(text);
        }
        let deep = "$(".repeat(10_000);
        assert_eq!(tokens(&deep).len(), 1);
    }
}
