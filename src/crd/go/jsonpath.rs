//! The JSONPath of kubectl, in which columns are written.
//!
//! Source: k8s.io/client-go/util/jsonpath/parser.go.

/// A step of a path.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum JsonStep {
    /// `.name`, `['name']`
    Field(String),
    /// `.*`
    Wildcard,
    /// `..`
    Recursive,
    /// `[2]`
    Index,
    /// `[1:3]`, `[*]`
    Slice,
    /// `[?(@.a == "b")]`
    Filter,
    /// `[a,b]`
    Union,
    /// A text, a number, or a keyword such as `range`.
    Other,
}

/// The steps of a path, which the API server puts into braces.
pub(crate) fn parse_json_path(path: &str) -> Result<Vec<JsonStep>, String> {
    action(path, 0)
}

/// How deep filters and unions stand within each other, which no path needs.
const DEEPEST: usize = 16;

fn action(text: &str, depth: usize) -> Result<Vec<JsonStep>, String> {
    if depth > DEEPEST {
        return Err("too many brackets within each other".to_owned());
    }
    let mut parser = Parser {
        rest: text,
        closed: false,
        depth,
        steps: Vec::new(),
    };
    while !parser.closed && parser.step()? {}
    Ok(parser.steps)
}

struct Parser<'t> {
    /// What is not read yet; the brace behind it is left out.
    rest: &'t str,
    /// Whether a brace has ended the action before its end: what follows is text.
    closed: bool,
    depth: usize,
    steps: Vec<JsonStep>,
}

impl Parser<'_> {
    /// Reads one step; false at the end.
    fn step(&mut self) -> Result<bool, String> {
        if let Some(rest) = self.rest.strip_prefix("[?(") {
            self.rest = rest;
            self.filter()?;
            return Ok(true);
        }
        if let Some(rest) = self.rest.strip_prefix("..") {
            if self.steps.last() == Some(&JsonStep::Recursive) {
                return Err("invalid multiple recursive descent".to_owned());
            }
            self.rest = rest;
            self.steps.push(JsonStep::Recursive);
            if rest.starts_with(|first: char| first == '_' || first.is_alphanumeric()) {
                self.field();
            }
            return Ok(true);
        }
        let Some(first) = self.rest.chars().next() else {
            return Ok(false);
        };
        let behind = &self.rest[first.len_utf8()..];
        match first {
            '}' => self.closed = true,
            '\r' | '\n' => return Err("unclosed action".to_owned()),
            ' ' | '@' | '$' => self.rest = behind,
            '[' => {
                self.rest = behind;
                self.array()?;
            }
            '"' | '\'' => {
                self.rest = behind;
                self.quoted(first)?;
            }
            '.' => {
                self.rest = behind;
                self.field();
            }
            '+' | '-' => self.number()?,
            first if first.is_numeric() => self.number()?,
            first if first == '_' || first.is_alphabetic() => {
                let end = self.rest.find(is_terminator).unwrap_or(self.rest.len());
                self.rest = &self.rest[end..];
                self.steps.push(JsonStep::Other);
            }
            other => {
                let code = u32::from(other);
                return Err(format!(
                    "unrecognized character in action: U+{code:04X} '{other}'"
                ));
            }
        }
        Ok(true)
    }

    /// A name up to a terminator that no backslash stands before.
    fn field(&mut self) {
        let mut end = self.rest.len();
        let mut letters = self.rest.char_indices();
        while let Some((at, letter)) = letters.next() {
            if letter == '\\' {
                letters.next();
            } else if is_terminator(letter) {
                end = at;
                break;
            }
        }
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest;
        self.steps.push(match name {
            "*" => JsonStep::Wildcard,
            name => JsonStep::Field(name.replace('\\', "")),
        });
    }

    fn number(&mut self) -> Result<(), String> {
        let sign = usize::from(self.rest.starts_with(['+', '-']));
        let digits = &self.rest[sign..];
        let end = digits
            .find(|letter: char| letter != '.' && !letter.is_numeric())
            .unwrap_or(digits.len());
        let (number, rest) = self.rest.split_at(sign + end);
        self.rest = rest;
        self.steps.push(JsonStep::Other);
        match number.parse::<f64>() {
            Ok(_) => Ok(()),
            Err(_) => Err(format!("cannot parse number {number}")),
        }
    }

    fn quoted(&mut self, quote: char) -> Result<(), String> {
        let unterminated = || "unterminated quoted string".to_owned();
        let mut before = quote;
        for (at, letter) in self.rest.char_indices() {
            if letter == '\n' {
                return Err(unterminated());
            }
            if letter == quote && before != '\\' {
                self.rest = &self.rest[at + 1..];
                self.steps.push(JsonStep::Other);
                return Ok(());
            }
            before = letter;
        }
        Err(unterminated())
    }

    /// What stands in brackets: an index, a slice, a name in quotes, or several of these.
    fn array(&mut self) -> Result<(), String> {
        let end = self.rest.find([']', '\n']);
        let Some(end) = end.filter(|end| self.rest[*end..].starts_with(']')) else {
            return Err("unterminated array".to_owned());
        };
        let (text, rest) = self.rest.split_at(end);
        self.rest = &rest[1..];
        if text.contains(',') {
            for part in text.split(',') {
                action(&format!("[{}]", part.trim_matches(' ')), self.depth + 1)?;
            }
            self.steps.push(JsonStep::Union);
            return Ok(());
        }
        let quoted = text
            .strip_prefix('\'')
            .and_then(|rest| rest.strip_suffix('\''));
        if let Some(name) = quoted.filter(|name| !name.contains('\'')) {
            self.steps
                .extend(action(&format!(".{name}"), self.depth + 1)?);
            return Ok(());
        }
        self.steps.push(slice(text)?);
        Ok(())
    }

    fn filter(&mut self) -> Result<(), String> {
        let mut quote = None;
        let mut ended = false;
        let mut before = '(';
        let mut end = None;
        for (at, letter) in self.rest.char_indices() {
            match letter {
                '\n' => break,
                '"' | '\'' if quote.is_none() => quote = Some(letter),
                '"' | '\'' if before != '\\' && quote == Some(letter) => ended = true,
                ')' if quote.is_some() == ended => {
                    end = Some(at);
                    break;
                }
                _ => {}
            }
            before = letter;
        }
        let Some(end) = end else {
            return Err("unterminated filter".to_owned());
        };
        let (text, rest) = self.rest.split_at(end);
        let Some(rest) = rest[1..].strip_prefix(']') else {
            return Err("unclosed array expect ]".to_owned());
        };
        self.rest = rest;
        for side in sides(text) {
            action(side, self.depth + 1)?;
        }
        self.steps.push(JsonStep::Filter);
        Ok(())
    }
}

/// What a filter compares: what stands before and behind the operator, or all of it.
fn sides(text: &str) -> Vec<&str> {
    let is_sign = |letter: char| "!<>=".contains(letter);
    if let Some(at) = text.find(is_sign).filter(|at| *at > 0) {
        let right = match text[at..].trim_start_matches(is_sign) {
            // The operator gives its last sign away.
            "" => &text[text.len().max(at + 2) - 1..],
            right => right,
        };
        if !right.is_empty() {
            return vec![&text[..at], right];
        }
    }
    vec![text]
}

/// `1`, `-1`, `1:3`, `:2:2`, `*`
fn slice(text: &str) -> Result<JsonStep, String> {
    if text == "*" {
        return Ok(JsonStep::Slice);
    }
    let parts: Vec<&str> = text.split(':').collect();
    let is_number = |part: &&str| {
        let digits = part.strip_prefix('-').unwrap_or(part);
        digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    if parts.len() > 3 || !parts.iter().all(is_number) {
        return Err(format!("invalid array index {text}"));
    }
    if let Some(part) = parts
        .iter()
        .find(|part| !part.is_empty() && part.parse::<i64>().is_err())
    {
        return Err(format!("array index {part} is not a number"));
    }
    Ok(if parts.len() == 1 {
        JsonStep::Index
    } else {
        JsonStep::Slice
    })
}

fn is_terminator(letter: char) -> bool {
    " \t\r\n.,[]$@{}".contains(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_read() {
        let field = |name: &str| JsonStep::Field(name.to_owned());
        for (path, steps) in [
            (".a.b", vec![field("a"), field("b")]),
            (
                ".a['b.c'].d",
                vec![field("a"), field("b"), field("c"), field("d")],
            ),
            (r".a.b\.c/d", vec![field("a"), field("b.c/d")]),
            (r".a['b\.c']", vec![field("a"), field("b.c")]),
            (
                ".a[0].b[-1][1:3][*].*",
                vec![
                    field("a"),
                    JsonStep::Index,
                    field("b"),
                    JsonStep::Index,
                    JsonStep::Slice,
                    JsonStep::Slice,
                    JsonStep::Wildcard,
                ],
            ),
            (
                r#".a[?(@.type == "Ready")].b"#,
                vec![field("a"), JsonStep::Filter, field("b")],
            ),
            (".a[?(@.b)]", vec![field("a"), JsonStep::Filter]),
            ("..a", vec![JsonStep::Recursive, field("a")]),
            (".a[0,1]", vec![field("a"), JsonStep::Union]),
            (".a[]", vec![field("a"), JsonStep::Index]),
            (".a} and more", vec![field("a")]),
            (".", vec![field("")]),
        ] {
            assert_eq!(parse_json_path(path), Ok(steps), "{path}");
        }
    }

    #[test]
    fn what_go_refuses_is_refused_in_its_words() {
        for (path, error) in [
            (".a[0", "unterminated array"),
            (".a[b]", "invalid array index b"),
            (".a[-]", "array index - is not a number"),
            (".a[?(@.b == 'c']", "unterminated filter"),
            (".a[?(@.b == 'c')", "unclosed array expect ]"),
            (".a[?(@.b == \"c)]", "unterminated filter"),
            (
                ".a[?(@.b = #)]",
                "unrecognized character in action: U+0023 '#'",
            ),
            (".a(b)]", "unrecognized character in action: U+005D ']'"),
            (".a 'b", "unterminated quoted string"),
            ("....a", "invalid multiple recursive descent"),
            (".a +", "cannot parse number +"),
            (
                ".a[?(@.b==)]",
                "unrecognized character in action: U+003D '='",
            ),
            (".a\n", "unclosed action"),
        ] {
            assert_eq!(parse_json_path(path), Err(error.to_owned()), "{path}");
        }
        let deep = format!(".a{}", "[?(@".repeat(1000));
        assert!(parse_json_path(&deep).is_err());
    }
}
