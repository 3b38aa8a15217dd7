//! Texts that match a pattern or a format, and texts that do not.

use regex_syntax::hir::{Class, Hir, HirKind};

use crate::crd::go::{compile, translate};

/// A text that matches, of a length in these bounds.
pub(super) fn matching(pattern: &str, lengths: std::ops::RangeInclusive<usize>) -> Option<String> {
    let regex = compile(pattern)?;
    let hir = regex_syntax::parse(&translate(pattern)?).ok()?;
    let wanted = |text: &String| lengths.contains(&text.chars().count()) && regex.is_match(text);
    let tries = (0..=4).chain([8, 16, 32, 64]);
    for more in tries {
        for alternative in 0..4 {
            let mut text = String::new();
            let mut taste = Taste {
                more,
                alternative,
                steps: 1 << 16,
            };
            write(&hir, &mut taste, &mut text);
            if wanted(&text) {
                return Some(text);
            }
            // A pattern that is not anchored leaves the rest open.
            let padded = format!(
                "{text}{}",
                "a".repeat(lengths.start().saturating_sub(text.chars().count()))
            );
            if wanted(&padded) {
                return Some(padded);
            }
        }
    }
    None
}

/// Which of many texts is written.
struct Taste {
    /// How often what may come often comes beyond what it must.
    more: u32,
    /// Which of several alternatives.
    alternative: usize,
    /// How many parts may still be written: what repeats repetitions would never end.
    steps: u32,
}

fn write(hir: &Hir, taste: &mut Taste, text: &mut String) {
    let Some(steps) = taste.steps.checked_sub(1) else {
        return;
    };
    taste.steps = steps;
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => text.push_str(&String::from_utf8_lossy(&literal.0)),
        HirKind::Class(class) => text.extend(character(class)),
        HirKind::Repetition(repetition) => {
            let most = repetition.max.unwrap_or(u32::MAX);
            let times = repetition.min.saturating_add(taste.more).min(most);
            for _ in 0..times.min(taste.steps) {
                write(&repetition.sub, taste, text);
            }
        }
        HirKind::Capture(capture) => write(&capture.sub, taste, text),
        HirKind::Concat(parts) => parts.iter().for_each(|part| write(part, taste, text)),
        HirKind::Alternation(parts) => {
            if let Some(part) = parts.get(taste.alternative % parts.len()) {
                write(part, taste, text);
            }
        }
    }
}

/// The character of a class that reads best.
fn character(class: &Class) -> Option<char> {
    let ranges: Vec<(char, char)> = match class {
        Class::Unicode(class) => class
            .ranges()
            .iter()
            .map(|range| (range.start(), range.end()))
            .collect(),
        Class::Bytes(class) => class
            .ranges()
            .iter()
            .map(|range| (char::from(range.start()), char::from(range.end())))
            .collect(),
    };
    let holds = |wanted: &char| {
        ranges
            .iter()
            .any(|(start, end)| (start..=end).contains(&wanted))
    };
    let liked = ['a', '1', 'A', ' ', '0'];
    let printable = (' '..='~').find(holds);
    liked
        .into_iter()
        .find(holds)
        .or(printable)
        .or_else(|| ranges.first().map(|(start, _)| *start))
}

/// A text of each format of which something can be said, and one that is not of it. Formats are those of
/// `apiextensions-apiserver/pkg/apiserver/validation/formats.go`.
const FORMATS: &[(&str, &str, &str)] = &[
    ("bsonobjectid", "507f1f77bcf86cd799439011", "none"),
    ("byte", "ZXhhbXBsZQ==", "not base64!"),
    ("cidr", "10.0.0.0/24", "10.0.0.0"),
    ("creditcard", "4111111111111111", "none"),
    ("date", "2026-01-31", "31.01.2026"),
    ("date-time", "2026-01-31T12:00:00Z", "tomorrow"),
    ("duration", "1h30m", "soon"),
    ("email", "someone@example.com", "someone"),
    ("hexcolor", "#00ff00", "green"),
    ("hostname", "www.example.com", "not a host"),
    ("ipv4", "192.0.2.1", "192.0.2"),
    ("ipv6", "2001:db8::1", "2001"),
    ("isbn", "978-0321751041", "none"),
    ("isbn10", "0321751043", "none"),
    ("isbn13", "978-0321751041", "none"),
    ("mac", "01:23:45:67:89:ab", "01:23"),
    ("rgbcolor", "rgb(0,255,0)", "green"),
    ("ssn", "111-11-1111", "none"),
    ("uri", "https://example.com/path", "not a uri"),
    ("uuid", "01234567-89ab-cdef-0123-456789abcdef", "none"),
    ("uuid3", "bcd02e22-68f0-3046-a512-327cca9def8f", "none"),
    ("uuid4", "025b0d74-00a2-4048-bf57-227c5111bb34", "none"),
    ("uuid5", "886313e1-3b8a-5372-9b90-0c9aee199e5d", "none"),
    ("k8s-short-name", "my-name", "not a name"),
    ("k8s-long-name", "my.name", "not a name"),
];

/// A text of a format.
pub(super) fn of_format(format: &str) -> Option<&'static str> {
    row(format).map(|row| row.1)
}

/// A text that is not of a format.
pub(crate) fn not_of_format(format: &str) -> Option<&'static str> {
    row(format).map(|row| row.2)
}

/// Dashes in the names of formats say nothing.
fn row(format: &str) -> Option<&'static (&'static str, &'static str, &'static str)> {
    let plain = |name: &str| name.replace('-', "");
    FORMATS.iter().find(|row| plain(row.0) == plain(format))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crd::resource::format::{SUPPORTED, holds};

    #[test]
    fn each_format_has_a_text_that_holds_and_one_that_does_not() {
        for (format, _) in SUPPORTED.iter().filter(|(format, _)| *format != "password") {
            let texts = (of_format(format).unwrap(), not_of_format(format).unwrap());
            assert_eq!(
                (holds(format, texts.0), holds(format, texts.1)),
                (true, false),
                "{format}"
            );
        }
    }
}
