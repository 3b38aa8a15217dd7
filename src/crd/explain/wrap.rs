//! Lines that break at spaces, where kubectl breaks them.

/// Breaks lines that are longer than a number of characters.
///
/// Source: `WrapString` of github.com/mitchellh/go-wordwrap 1.0.1, which keeps line breaks, and never breaks a word.
pub(super) fn wrap(text: &str, limit: usize) -> String {
    let mut wrapped = Wrapped::default();
    for character in text.chars() {
        wrapped.push(character, limit);
    }
    if wrapped.word.length > 0 || wrapped.current + wrapped.space.length <= limit {
        wrapped.flush();
    }
    wrapped.out
}

#[derive(Default)]
struct Wrapped {
    out: String,
    /// The length of the present line in `out`.
    current: usize,
    /// What is not in `out` yet.
    space: Run,
    word: Run,
}

/// Characters of one kind.
#[derive(Default)]
struct Run {
    text: String,
    length: usize,
}

impl Run {
    fn push(&mut self, character: char) {
        self.text.push(character);
        self.length += 1;
    }
}

impl Wrapped {
    fn push(&mut self, character: char, limit: usize) {
        if character == '\n' {
            if self.word.length > 0 || self.current + self.space.length <= limit {
                self.flush();
            }
            self.start_line();
        } else if character.is_whitespace() && character != '\u{a0}' {
            if self.space.length == 0 || self.word.length > 0 {
                self.flush();
            }
            self.space.push(character);
        } else {
            self.word.push(character);
            let length = self.current + self.space.length + self.word.length;
            if length > limit && self.word.length < limit {
                self.start_line();
            }
        }
    }

    fn start_line(&mut self) {
        self.space = Run::default();
        self.out.push('\n');
        self.current = 0;
    }

    fn flush(&mut self) {
        for run in [&mut self.space, &mut self.word] {
            self.current += run.length;
            self.out.push_str(&run.text);
            *run = Run::default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_spaces_alone() {
        for (text, wrapped) in [
            ("", ""),
            ("one two three", "one two\nthree"),
            ("one\ntwo three four", "one\ntwo\nthree\nfour"),
            ("averyverylongword and", "averyverylongword\nand"),
            ("a  b \n", "a  b \n"),
            ("ä ö ü ß ä", "ä ö ü ß\nä"),
            ("a\u{a0}b c\u{a0}d e", "a\u{a0}b c\u{a0}d\ne"),
        ] {
            assert_eq!(wrap(text, 8), wrapped, "{text:?}");
        }
    }
}
