//! Texts in quotes, as expressions have them.
//!
//! Source: github.com/google/cel-go/parser/unescape.go.

/// What a text in quotes says.
pub(super) fn string(quoted: &str) -> Option<String> {
    String::from_utf8(said(quoted, false)?).ok()
}

/// What a text of bytes says.
pub(super) fn bytes(quoted: &str) -> Option<Vec<u8>> {
    said(quoted.get(1..)?, true)
}

fn said(quoted: &str, is_bytes: bool) -> Option<Vec<u8>> {
    let quoted = quoted.replace("\r\n", "\n").replace('\r', "\n");
    let plain = quoted.strip_prefix(['r', 'R']);
    let is_raw = plain.is_some();
    let quoted = plain.unwrap_or(&quoted);
    let long = ["\"\"\"", "'''"]
        .into_iter()
        .any(|quotes| quoted.len() >= 6 && quoted.starts_with(quotes));
    let marks = if long { 3 } else { 1 };
    let text = quoted.get(marks..quoted.len().checked_sub(marks)?)?;
    if is_raw || !text.contains('\\') {
        return Some(text.as_bytes().to_vec());
    }
    let mut said = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        said.extend_from_slice(&rest.as_bytes()[..at]);
        rest = escape(&rest[at + 1..], is_bytes, &mut said)?;
    }
    said.extend_from_slice(rest.as_bytes());
    Some(said)
}

/// Adds what an escape stands for; what is behind it is given back.
fn escape<'t>(rest: &'t str, is_bytes: bool, said: &mut Vec<u8>) -> Option<&'t str> {
    let first = rest.chars().next()?;
    let (digits, radix) = match first {
        'x' | 'X' => (rest.get(1..3)?, 16),
        'u' if !is_bytes => (rest.get(1..5)?, 16),
        'U' if !is_bytes => (rest.get(1..9)?, 16),
        '0'..='3' => (rest.get(..3)?, 8),
        _ => {
            said.push(match first {
                'a' => 7,
                'b' => 8,
                'f' => 12,
                'n' => b'\n',
                'r' => b'\r',
                't' => b'\t',
                'v' => 11,
                '"' | '\'' | '\\' | '?' | '`' => u8::try_from(first).ok()?,
                _ => return None,
            });
            return rest.get(1..);
        }
    };
    if !digits.chars().all(|digit| digit.is_digit(radix)) {
        return None;
    }
    let code = u32::from_str_radix(digits, radix).ok()?;
    if is_bytes {
        said.push(u8::try_from(code).ok()?);
    } else {
        let mut buffer = [0; 4];
        let character = char::from_u32(code)?.encode_utf8(&mut buffer);
        said.extend_from_slice(character.as_bytes());
    }
    rest.get(digits.len() + usize::from(radix == 16)..)
}
