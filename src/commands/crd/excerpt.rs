//! A line of a file as it can be shown: cut to what is around a place, and without what a terminal would obey.

use unicode_width::UnicodeWidthChar;

/// A part of a line, and how many columns are before the place in it.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Excerpt {
    pub(super) text: String,
    pub(super) before: usize,
}

/// How wide a tab is shown.
const TAB: &str = "    ";
/// What stands for what is left out.
const CUT: char = '…';

impl Excerpt {
    /// What is around a column of a line, counted from 1 in characters, in so many columns.
    pub(super) fn new(line: &str, column: usize, room: usize) -> Excerpt {
        let place = column.saturating_sub(1);
        // A character is a column wide at least, so that what is further away has no room.
        let start = place.saturating_sub(room);
        // Most long lines are JSON, in which a character is a byte: they need not be walked through.
        let (line, skipped) = match line.get(start..) {
            Some(near) if line.is_ascii() => (near, 0),
            _ => (line, start),
        };
        let mut near = line.chars().skip(skipped);
        let before: Vec<String> = near.by_ref().take(place - start).map(shown).collect();
        let behind: Vec<String> = near.take(room + 1).map(shown).collect();
        let whole = |parts: &[String]| parts.iter().map(|part| width(part)).sum::<usize>();
        if start == 0 && whole(&before) + whole(&behind) <= room {
            let text = [before.concat(), behind.concat()].concat();
            let before = whole(&before);
            return Excerpt { text, before };
        }
        // A third of the room is for what is before the place, more where less is behind it.
        let wanted = (room / 3).max(room.saturating_sub(whole(&behind) + 2));
        let mut text = String::new();
        let (mut kept, mut used) = (before.len(), 0);
        while kept > 0 && used + width(&before[kept - 1]) <= wanted {
            kept -= 1;
            used += width(&before[kept]);
        }
        if kept > 0 || start > 0 {
            text.push(CUT);
            used += 1;
        }
        text.push_str(&before[kept..].concat());
        let at = used;
        for part in &behind {
            if used + width(part) >= room {
                text.push(CUT);
                break;
            }
            used += width(part);
            text.push_str(part);
        }
        Excerpt { text, before: at }
    }
}

/// A text without what a terminal would obey; line breaks stay.
pub(super) fn harmless(text: &str) -> String {
    let is_plain = |c: char| c == '\n' || shown(c).chars().eq([c]);
    if text.chars().all(is_plain) {
        return text.to_owned();
    }
    let one = |c: char| if is_plain(c) { c.to_string() } else { shown(c) };
    text.chars().map(one).collect()
}

fn shown(character: char) -> String {
    match character {
        '\t' => TAB.to_owned(),
        // What turns the direction of writing makes a line look like another.
        '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}'
        | '\u{feff}' => character.escape_unicode().to_string(),
        _ if character.is_control() => character.escape_default().to_string(),
        _ => character.to_string(),
    }
}

fn width(text: &str) -> usize {
    text.chars().filter_map(UnicodeWidthChar::width).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excerpt(line: &str, column: usize, room: usize) -> (String, usize) {
        let Excerpt { text, before } = Excerpt::new(line, column, room);
        assert!(width(&text) <= room, "{text}");
        (text, before)
    }

    #[test]
    fn a_line_is_cut_around_its_place() {
        let digits = "0123456789".repeat(3);
        for (column, text, before) in [
            (1, "012345678901…", 0),
            (4, "012345678901…", 3),
            (15, "…01234567890…", 5),
            (30, "…90123456789", 11),
            (31, "…90123456789", 12),
        ] {
            assert_eq!(
                excerpt(&digits, column, 13),
                (text.to_owned(), before),
                "{column}"
            );
        }
        assert_eq!(excerpt("short", 9, 13), ("short".to_owned(), 5));
        let long = format!("{}x{}", "a".repeat(100_000), "b".repeat(100_000));
        let (text, before) = excerpt(&long, 100_001, 80);
        assert_eq!(text.chars().nth(before), Some('x'));
    }

    #[test]
    fn what_is_wide_moves_the_place_and_what_commands_is_shown() {
        assert_eq!(
            excerpt("\tä: 日本 x", 7, 40),
            ("    ä: 日本 x".to_owned(), 11)
        );
        let escape = ("a\\u{1b}[31mb".to_owned(), 12);
        assert_eq!(excerpt("a\u{1b}[31mb", 7, 40), (escape.0, escape.1 - 1));
        assert_eq!(harmless("a\u{1b}\u{202e}\n日"), "a\\u{1b}\\u{202e}\n日");
    }
}
