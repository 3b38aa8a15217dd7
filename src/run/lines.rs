//! A stream of bytes as lines, of any length and any encoding.

use std::io::{self, BufRead, BufReader, Read};

/// Longer lines are cut into pieces: a step that prints without an end must not fill the memory.
const LONGEST: u64 = 64 * 1024;

/// Calls `each` for every line of a stream, without its line break. Bytes that are no UTF-8 are replaced.
pub(super) fn each(stream: impl Read, each: &mut dyn FnMut(&str)) -> io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut line = Vec::new();
    loop {
        line.clear();
        if reader.by_ref().take(LONGEST).read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        while matches!(line.last(), Some(b'\n' | b'\r')) {
            line.pop();
        }
        each(&String::from_utf8_lossy(&line));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(bytes: &[u8]) -> Vec<String> {
        let mut seen = Vec::new();
        each(bytes, &mut |line| seen.push(line.to_owned())).unwrap();
        seen
    }

    #[test]
    fn the_last_line_needs_no_break() {
        assert_eq!(lines(b"a\nb\r\n\nc"), ["a", "b", "", "c"]);
    }

    #[test]
    fn what_is_no_utf8_is_replaced() {
        assert_eq!(lines(b"\xff\xfe\n"), ["\u{fffd}\u{fffd}"]);
    }

    #[test]
    fn an_endless_line_comes_in_pieces() {
        let seen = lines(&vec![b'x'; 150_000]);
        assert_eq!(
            seen.iter().map(String::len).collect::<Vec<_>>(),
            [65536, 65536, 18928]
        );
    }
}
