//! Addresses of networks and of their cards.
//!
//! Source: k8s.io/utils/internal/third_party/forked/golang/net (which takes numbers with leading zeros, as Go once did),
//! and net/mac.go of Go.

/// What Go takes for too large a number on the way.
const BIG: u32 = 0x00FF_FFFF;

/// Whether it is an address, of either kind.
pub(super) fn is_sloppy(text: &str) -> bool {
    match text.bytes().find(|byte| b".:".contains(byte)) {
        Some(b'.') => is_v4(text.as_bytes()),
        Some(_) => is_v6(text.as_bytes()),
        None => false,
    }
}

/// Whether it is an address and a number of bits.
pub(super) fn is_range(text: &str) -> bool {
    let Some((address, bits)) = text.split_once('/') else {
        return false;
    };
    let address = address.as_bytes();
    let most = if is_v4(address) {
        32
    } else if is_v6(address) {
        128
    } else {
        return false;
    };
    let digits = bits.as_bytes();
    number(digits, 10).is_some_and(|(bits, length)| length == digits.len() && bits <= most)
}

/// The number that a text begins with, and how many bytes it takes.
fn number(text: &[u8], base: u32) -> Option<(u32, usize)> {
    let mut value = 0;
    let digits = text
        .iter()
        .map_while(|byte| char::from(*byte).to_digit(base));
    let mut length = 0;
    for digit in digits {
        value = value * base + digit;
        length += 1;
        if value >= BIG {
            return None;
        }
    }
    (length > 0).then_some((value, length))
}

fn is_v4(mut text: &[u8]) -> bool {
    for place in 0..4 {
        if place > 0 {
            match text.strip_prefix(b".") {
                Some(rest) => text = rest,
                None => return false,
            }
        }
        match number(text, 10) {
            Some((value, length)) if value <= 0xFF => text = &text[length..],
            _ => return false,
        }
    }
    text.is_empty()
}

fn is_v6(mut text: &[u8]) -> bool {
    let (mut bytes, mut has_gap) = (0, false);
    if let Some(rest) = text.strip_prefix(b"::") {
        has_gap = true;
        text = rest;
        if text.is_empty() {
            return true;
        }
    }
    while bytes < 16 {
        let Some((0..=0xFFFF, length)) = number(text, 16) else {
            return false;
        };
        if text.get(length) == Some(&b'.') {
            if !has_gap && bytes != 12 || bytes + 4 > 16 || !is_v4(text) {
                return false;
            }
            text = &[];
            bytes += 4;
            break;
        }
        bytes += 2;
        text = &text[length..];
        if text.is_empty() {
            break;
        }
        match text.strip_prefix(b":") {
            Some(rest) if !rest.is_empty() => text = rest,
            _ => return false,
        }
        if let Some(rest) = text.strip_prefix(b":") {
            if has_gap {
                return false;
            }
            has_gap = true;
            text = rest;
            if text.is_empty() {
                break;
            }
        }
    }
    // A gap stands for at least one group.
    text.is_empty() && (bytes < 16) == has_gap
}

/// Whether it is the address of a card: 6, 8 or 20 bytes, with colons or dashes between bytes, dots between pairs, or nothing.
pub(super) fn is_hardware(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() < 12 {
        return false;
    }
    let (digits, separator) = match (bytes[2], bytes[4]) {
        (separator @ (b':' | b'-'), _) => (2, Some(separator)),
        (_, b'.') => (4, Some(b'.')),
        _ => (bytes.len(), None),
    };
    let groups: Vec<&[u8]> = match separator {
        Some(separator) => bytes.split(|byte| *byte == separator).collect(),
        None => vec![bytes],
    };
    let is_whole = |group: &&[u8]| group.len() == digits && group.iter().all(u8::is_ascii_hexdigit);
    groups.iter().all(is_whole) && matches!(groups.len() * digits, 12 | 16 | 40)
}
