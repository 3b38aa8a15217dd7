//! One pass over a file: its size, its checksums, and which texts stand in it.

use std::io::{self, Read};

use memchr::memmem::Finder;

use crate::hexadecimal::{Checksums, Summing};

/// How much is read at once.
pub(super) const PIECE: usize = 256 << 10;

/// What one pass finds.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Scan {
    pub(super) size: u64,
    pub(super) sums: Checksums,
    /// For each needle whether it was found.
    pub(super) found: Vec<bool>,
}

/// Reads all of `data` in pieces of `piece` bytes.
pub(super) fn scan(data: &mut impl Read, needles: &[&str], piece: usize) -> io::Result<Scan> {
    let finders: Vec<_> = needles
        .iter()
        .map(|needle| Finder::new(needle.as_bytes()))
        .collect();
    let mut found = vec![false; needles.len()];
    let longest = needles.iter().map(|needle| needle.len()).max().unwrap_or(0);
    // The end of each piece is looked at again with the next: a needle may lie across.
    let overlap = longest.saturating_sub(1);
    let mut buffer = vec![0; overlap + piece];
    let mut kept = 0;
    let mut size = 0;
    let mut summing = Summing::default();
    loop {
        let count = match data.read(&mut buffer[kept..]) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let filled = kept + count;
        size += count as u64;
        summing.update(&buffer[kept..filled]);
        for (found, finder) in found.iter_mut().zip(&finders) {
            *found = *found || finder.find(&buffer[..filled]).is_some();
        }
        let keep_from = filled.saturating_sub(overlap);
        buffer.copy_within(keep_from..filled, 0);
        kept = filled - keep_from;
    }
    Ok(Scan {
        size,
        sums: summing.finish(),
        found,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_lies_across_pieces() {
        let text = "0123456789abcdef0123456789ABCDEF";
        let needles = ["9abcd", "f0", "ABCDEF", "EF0", "0123456789A", "x"];
        let whole = scan(&mut text.as_bytes(), &needles, 1000).unwrap();
        assert_eq!(whole.found, [true, true, true, false, true, false]);
        assert_eq!(whole.size, 32);
        for piece in 1..40 {
            assert_eq!(
                scan(&mut text.as_bytes(), &needles, piece).unwrap(),
                whole,
                "{piece}"
            );
        }
    }
}
