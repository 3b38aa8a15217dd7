//! Lines of any build's log: of any length, with any bytes, with what terminals and CIs put around them.

use std::io::{self, BufRead};
use std::sync::LazyLock;

use regex::bytes::Regex;

/// Longer lines are cut: what says why a build failed is short, and a compiler may print a whole file in one line.
const LONGEST: usize = 8 << 10;

/// Reads a log line by line in constant memory.
pub(super) struct Lines<R> {
    log: R,
    line: Vec<u8>,
    number: u64,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(log: R) -> Lines<R> {
        Lines {
            log,
            line: Vec::with_capacity(LONGEST),
            number: 0,
        }
    }

    /// The next line and its number, from 1. Its end is gone; a carriage return within it is a line feed.
    pub(super) fn next(&mut self) -> io::Result<Option<(u64, &[u8])>> {
        self.line.clear();
        if !self.read_line()? {
            return Ok(None);
        }
        self.number += 1;
        while self.line.last() == Some(&b'\r') {
            self.line.pop();
        }
        clean(&mut self.line);
        Ok(Some((self.number, &self.line)))
    }

    /// False at the end of the log.
    fn read_line(&mut self) -> io::Result<bool> {
        let mut any = false;
        loop {
            let chunk = match self.log.fill_buf() {
                Ok(chunk) => chunk,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if chunk.is_empty() {
                return Ok(any);
            }
            any = true;
            let end = chunk.iter().position(|byte| *byte == b'\n');
            let part = &chunk[..end.unwrap_or(chunk.len())];
            let room = LONGEST - self.line.len();
            self.line.extend_from_slice(&part[..part.len().min(room)]);
            let used = end.map_or(chunk.len(), |end| end + 1);
            self.log.consume(used);
            if end.is_some() {
                return Ok(true);
            }
        }
    }
}

/// Takes away what is not the program's own text: colours, the time and name that a CI put before it, control characters.
fn clean(line: &mut Vec<u8>) {
    if line.contains(&0x1b) {
        *line = ESCAPE.replace_all(line, &b""[..]).into_owned();
    }
    for byte in line.iter_mut() {
        match *byte {
            b'\r' => *byte = b'\n',
            b'\t' | b'\n' => {}
            control if control < 0x20 || control == 0x7f => *byte = b' ',
            _ => {}
        }
    }
    // Twice at most: GitHub's time before BuildKit's.
    for _ in 0..2 {
        match PREFIX.find(line) {
            Some(prefix) if !prefix.is_empty() => drop(line.drain(..prefix.end())),
            _ => break,
        }
    }
}

/// What a terminal takes for commands: CSI (colours, cursor), OSC (titles, links), and those of two characters.
static ESCAPE: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"(?-u)\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_=>]|[()][A-Z0-9])",
    )
});

/// What CIs put before a line: the name of job and step (`gh run view --log`), a byte order mark, a time in brackets or not
/// (GitHub, Jenkins, prow), GitLab's stream marker, GitHub's `##[error]`, BuildKit's step and seconds.
static PREFIX: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"(?x-u)
        ^ (?: [^\t\n]{1,200} \t [^\t\n]{1,200} \t )?
        (?: \xef\xbb\xbf )?
        (?:
            \[? \d{4}-\d\d-\d\d [T\x20] \d\d:\d\d:\d\d (?:[.,]\d+)? (?: Z | [+-]\d\d:?\d\d )? \]?
            | \[? \d\d:\d\d:\d\d (?:[.,]\d+)? \]?
            | \#\d+ \x20 \d+\.\d+
        )
        (?: \x20 \d\d [OE] [\x20+] | \x20 | $ )
        (?: \x20? \#\#\[ [a-z]+ \] )?
        | ^ \#\#\[ [a-z]+ \]
        | ^ \xef\xbb\xbf",
    )
});

/// Lines that only quote, log or print what would be a failure elsewhere: log lines of Kubernetes' own programs, output of
/// go test, the shell's trace, diffs, the commands of scripts.
static NOISE: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"(?x-u)
        ^ (?:
            [IWEF]\d{4} \x20 \d\d:\d\d:\d\d\.\d+ \x20
            | \s+ [\w./-]+\.go:\d+: \x20
            | \s* (?: ===\x20 | ---\x20(?:PASS|FAIL|SKIP|BENCH) | PASS$ | FAIL\b | ok\s\s )
            | \++ (?: \x20 [^\[] | \x20\[\[ | \x20\[\x20 | [^\x20+] )
            | \+$
            | - (?: $ | [^b] )
            | \s* (?: kube::log::\w+ | echo | printf ) \x20
        )",
    )
});

/// Whether a line cannot be a cause, whatever words it has.
pub(super) fn is_noise(line: &[u8]) -> bool {
    NOISE.is_match(line)
}

#[expect(
    clippy::expect_used,
    reason = "the three patterns above are constants that the tests compile"
)]
fn constant(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a constant pattern")
}

/// The line to show: the part between carriage returns that holds `at`, as text, not longer than a few rows of a terminal.
pub(super) fn shown(line: &[u8], at: usize) -> String {
    const LONGEST_SHOWN: usize = 400;
    let start = line[..at]
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |newline| newline + 1);
    let end = line[at..]
        .iter()
        .position(|byte| *byte == b'\n')
        .map_or(line.len(), |newline| at + newline);
    let text = String::from_utf8_lossy(&line[start..end]);
    let text = text.trim();
    // Unicode has control characters of its own, beyond those that were taken away byte by byte.
    let mut shown: String = text
        .chars()
        .filter(|c| !c.is_control() || *c == '\t')
        .take(LONGEST_SHOWN)
        .collect();
    if text.chars().nth(LONGEST_SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use std::io::{BufReader, Cursor, Read};

    use super::*;

    fn lines(log: &[u8]) -> Vec<String> {
        // A tiny buffer, so that every line spans several reads.
        let mut lines = Lines::new(BufReader::with_capacity(3, Cursor::new(log)));
        let mut all = Vec::new();
        while let Some((number, line)) = lines.next().unwrap() {
            all.push(String::from_utf8_lossy(line).into_owned());
            assert_eq!(number, all.len() as u64);
        }
        all
    }

    #[test]
    fn lines_of_any_ending_are_counted() {
        assert_eq!(lines(b""), [""; 0]);
        assert_eq!(lines(b"a\n\nb"), ["a", "", "b"]);
        assert_eq!(lines(b"a\r\nb\r\n"), ["a", "b"]);
        assert_eq!(lines(b"10%\r20%\rdone\n"), ["10%\n20%\ndone"]);
    }

    #[test]
    fn what_terminals_and_ci_add_is_gone() {
        for (line, text) in [
            ("\x1b[31;1merror\x1b[0m: x", "error: x"),
            ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
            ("2026-11-22T10:00:00.1234567Z make: x", "make: x"),
            ("2026-11-22T10:00:00.1234567Z ##[error]make: x", "make: x"),
            (
                "\u{feff}2026-11-22T10:00:00.1234567Z \x1b[36;1mmake\x1b[0m",
                "make",
            ),
            ("2026-11-22T10:00:00.123456Z 01O make: x", "make: x"),
            ("2026-11-22T10:00:00.123456Z 00E+make: x", "make: x"),
            ("[2026-11-22T10:00:00.123Z] make: x", "make: x"),
            ("[2026-11-22 10:00:00] make: x", "make: x"),
            ("10:00:00 make: x", "make: x"),
            ("build\tRun make\t2026-11-22T10:00:00.1Z make: x", "make: x"),
            ("#12 34.56 make: x", "make: x"),
            ("2026-11-22T10:00:00Z #12 34.56 make: x", "make: x"),
            ("\tUse -buildvcs=false", "\tUse -buildvcs=false"),
            ("# k8s.io/kubernetes", "# k8s.io/kubernetes"),
            ("a\x07b", "a b"),
        ] {
            assert_eq!(lines(line.as_bytes()), [text], "{line:?}");
        }
    }

    #[test]
    fn a_line_without_end_takes_no_memory() {
        let log = Cursor::new(b"start ".to_vec())
            .chain(io::repeat(b'x').take(50 << 20))
            .chain(Cursor::new(b"\nlast\n".to_vec()));
        let mut lines = Lines::new(BufReader::new(log));
        let (_, first) = lines.next().unwrap().unwrap();
        assert_eq!(first.len(), LONGEST);
        assert_eq!(lines.next().unwrap(), Some((2, &b"last"[..])));
        assert!(lines.line.capacity() <= 2 * LONGEST);
    }

    #[test]
    fn invalid_bytes_are_read_and_shown() {
        let mut lines = Lines::new(&b"a\xff\xfeb\n"[..]);
        let (_, line) = lines.next().unwrap().unwrap();
        assert_eq!(shown(line, 0), "a\u{fffd}\u{fffd}b");
        assert_eq!(shown(b"one\ntwo\nthree", 5), "two");
        assert_eq!(shown("é".repeat(500).as_bytes(), 0).chars().count(), 401);
    }
}
