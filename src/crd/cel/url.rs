//! URLs, as Go reads them.
//!
//! Source: net/url/url.go of Go.

use std::fmt::Write as _;
use std::net::Ipv6Addr;

use super::Unchecked;
use crate::crd::go::quote;

/// A URL that stands on its own.
#[derive(Clone, Debug, Default)]
pub(super) struct Url {
    pub(super) scheme: String,
    /// It may be no text, where bytes are escaped in it.
    host: Vec<u8>,
    /// What stands in place of host and path behind a scheme that has neither.
    opaque: String,
    path: Vec<u8>,
    written_path: String,
    query: String,
    /// All of it, where its parts say no more than that.
    pub(super) text: String,
}

/// Why a text is no URL, in Go's words, where they are known.
pub(super) type Wrong = Result<String, Unchecked>;

/// What part of a URL a character stands in.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Part {
    Host,
    Path,
    Query,
    User,
    Zone,
}

/// Reads a URL that is not relative (`url.ParseRequestURI`).
pub(super) fn read(text: &str) -> Result<Url, Wrong> {
    parse(text, true).map_err(|why| why.map(|why| format!("parse {}: {why}", quote(text))))
}

/// Whether Go reads it as a URL that is not relative.
pub(crate) fn is_request_uri(text: &str) -> bool {
    // Whatever is wrong, even where its words are not known.
    parse(text, true).is_ok()
}

/// Reads it again, with what follows a `#` apart.
pub(super) fn without_fragment(text: &str) -> Result<Url, Unchecked> {
    let (plain, fragment) = text.split_once('#').unwrap_or((text, ""));
    let mut url = parse(plain, false).map_err(|_| Unchecked)?;
    unescape(fragment, Part::Path).map_err(|_| Unchecked)?;
    text.clone_into(&mut url.text);
    Ok(url)
}

fn wrong<T>(why: impl Into<String>) -> Result<T, Wrong> {
    Err(Ok(why.into()))
}

fn parse(text: &str, is_request: bool) -> Result<Url, Wrong> {
    if text.bytes().any(|byte| byte < b' ' || byte == 0x7f) {
        return wrong("net/url: invalid control character in URL");
    }
    if text.is_empty() && is_request {
        return wrong("empty url");
    }
    let mut url = Url::default();
    if text == "*" {
        url.path.push(b'*');
        return Ok(url);
    }
    let (scheme, rest) = scheme(text)?;
    url.scheme = scheme.to_ascii_lowercase();
    let (mut rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    query.clone_into(&mut url.query);
    if !rest.starts_with('/') {
        if !url.scheme.is_empty() {
            rest.clone_into(&mut url.opaque);
            return Ok(url);
        }
        if is_request {
            return wrong("invalid URI for request");
        }
        if rest
            .split('/')
            .next()
            .is_some_and(|first| first.contains(':'))
        {
            return wrong("first path segment in URL cannot contain colon");
        }
    }
    let has_host = !url.scheme.is_empty() || !is_request && !rest.starts_with("///");
    if let Some(behind) = rest.strip_prefix("//").filter(|_| has_host) {
        let end = behind.find('/').unwrap_or(behind.len());
        url.host = authority(&behind[..end])?;
        rest = &behind[end..];
    }
    url.path = unescape(rest, Part::Path)?;
    if escape(&url.path, Part::Path) != rest {
        rest.clone_into(&mut url.written_path);
    }
    Ok(url)
}

fn scheme(text: &str) -> Result<(&str, &str), Wrong> {
    for (at, character) in text.char_indices() {
        match character {
            'a'..='z' | 'A'..='Z' => {}
            '0'..='9' | '+' | '-' | '.' if at > 0 => {}
            ':' if at == 0 => return wrong("missing protocol scheme"),
            ':' => return Ok((&text[..at], &text[at + 1..])),
            _ => break,
        }
    }
    Ok(("", text))
}

fn authority(text: &str) -> Result<Vec<u8>, Wrong> {
    let Some((user, text)) = text.rsplit_once('@') else {
        return host(text);
    };
    let host = host(text)?;
    let is_valid = |c: char| c.is_ascii_alphanumeric() || "-._:~!$&'()*+,;=%@".contains(c);
    if !user.chars().all(is_valid) {
        return wrong("net/url: invalid userinfo");
    }
    let (name, password) = user.split_once(':').unwrap_or((user, ""));
    unescape(name, Part::User)?;
    unescape(password, Part::User)?;
    Ok(host)
}

fn host(text: &str) -> Result<Vec<u8>, Wrong> {
    let port = |text: &str| {
        let digits = text.strip_prefix(':').unwrap_or("x");
        if text.is_empty() || digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(());
        }
        wrong(format!("invalid port {} after host", quote(text)))
    };
    match text.rfind('[') {
        Some(0) => {
            let Some(end) = text.rfind(']') else {
                return wrong("missing ']' in host");
            };
            port(&text[end + 1..])?;
            let inside = &text[1..end];
            let (address, zone) = inside.split_at(inside.find("%25").unwrap_or(inside.len()));
            let address = unescape(address, Part::Host)?;
            let zone = unescape(zone, Part::Zone)?;
            let parsed = std::str::from_utf8(&address).ok();
            let is_address = parsed.is_some_and(|text| text.parse::<Ipv6Addr>().is_ok());
            // Zones have names. What Go says of what is no address is not known here.
            if !is_address || zone == b"%" {
                return Err(Err(Unchecked));
            }
            let port = &text.as_bytes()[end + 1..];
            return Ok([b"[", &*address, &*zone, b"]", port].concat());
        }
        Some(_) => return wrong("invalid IP-literal"),
        None => {}
    }
    // The API server of 1.35 asks Go for its older manner, in which a host may have colons before that of its port.
    if let Some(last) = text.rfind(':') {
        port(&text[last..])?;
    }
    unescape(text, Part::Host)
}

fn unescape(text: &str, part: Part) -> Result<Vec<u8>, Wrong> {
    let bytes = text.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at).copied() {
        at += 1;
        if byte == b'%' {
            let digits = text.get(at..at + 2);
            let is_hexadecimal =
                |digits: &&str| digits.bytes().all(|digit| digit.is_ascii_hexdigit());
            let code = digits.filter(is_hexadecimal);
            let Some(code) = code.and_then(|digits| u8::from_str_radix(digits, 16).ok()) else {
                let escape: String = text[at - 1..].chars().take(3).collect();
                return if escape.is_ascii() {
                    wrong(format!("invalid URL escape {}", quote(&escape)))
                } else {
                    Err(Err(Unchecked))
                };
            };
            let is_refused = match part {
                Part::Host => code < 0x80 && code != b'%',
                Part::Zone => code != b'%' && code != b' ' && must_escape(code, Part::Host),
                Part::Path | Part::Query | Part::User => false,
            };
            if is_refused {
                let escape = quote(&text[at - 1..at + 2]);
                return wrong(format!("invalid URL escape {escape}"));
            }
            plain.push(code);
            at += 2;
            continue;
        }
        let in_host = matches!(part, Part::Host | Part::Zone);
        if in_host && byte < 0x80 && must_escape(byte, part) {
            let character = quote(&char::from(byte).to_string());
            return wrong(format!("invalid character {character} in host name"));
        }
        plain.push(if byte == b'+' && part == Part::Query {
            b' '
        } else {
            byte
        });
    }
    Ok(plain)
}

fn must_escape(byte: u8, part: Part) -> bool {
    if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
        return false;
    }
    !match part {
        Part::Host | Part::Zone => b"!$&'()*+,;=:[]<>\"".contains(&byte),
        Part::Path => b"$&+,/:;=@".contains(&byte),
        Part::Query | Part::User => false,
    }
}

fn escape(bytes: &[u8], part: Part) -> String {
    let mut text = String::with_capacity(bytes.len());
    for byte in bytes {
        if must_escape(*byte, part) {
            // Writing to a text cannot fail.
            let _ = write!(text, "%{byte:02X}");
        } else {
            text.push(char::from(*byte));
        }
    }
    text
}

impl Url {
    /// The host.
    pub(super) fn host(&self) -> Result<&str, Unchecked> {
        std::str::from_utf8(&self.host).map_err(|_| Unchecked)
    }

    /// The host without its port, and the port.
    pub(super) fn host_and_port(&self) -> Result<(&str, &str), Unchecked> {
        let mut host = self.host()?;
        let mut port = "";
        if let Some((before, behind)) = host.rsplit_once(':')
            && behind.bytes().all(|byte| byte.is_ascii_digit())
        {
            (host, port) = (before, behind);
        }
        let inner = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'));
        Ok((inner.unwrap_or(host), port))
    }

    /// The path as it stands in the URL.
    pub(super) fn escaped_path(&self) -> String {
        let is_valid =
            |byte: u8| b"!$&'()*+,;=:@[]%".contains(&byte) || !must_escape(byte, Part::Path);
        if !self.written_path.is_empty() && self.written_path.bytes().all(is_valid) {
            return self.written_path.clone();
        }
        if self.path == b"*" {
            return "*".to_owned();
        }
        escape(&self.path, Part::Path)
    }

    /// The values of the query, by their keys.
    pub(super) fn query(&self) -> Result<Vec<(String, Vec<String>)>, Unchecked> {
        let mut found: Vec<(String, Vec<String>)> = Vec::new();
        for pair in self.query.split('&') {
            if pair.is_empty() || pair.contains(';') {
                continue;
            }
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (Ok(key), Ok(value)) = (unescape(key, Part::Query), unescape(value, Part::Query))
            else {
                continue;
            };
            let text = |bytes| String::from_utf8(bytes).map_err(|_| Unchecked);
            let (key, value) = (text(key)?, text(value)?);
            match found.iter_mut().find(|(known, _)| *known == key) {
                Some((_, values)) => values.push(value),
                None => found.push((key, vec![value])),
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_read_as_go_does() {
        let url =
            without_fragment("https://user:x@example.com:80/a%20b/%2f?q=1&q=2&r=a+b#f").unwrap();
        assert_eq!(url.scheme, "https");
        assert_eq!(url.host().unwrap(), "example.com:80");
        assert_eq!(url.host_and_port().unwrap(), ("example.com", "80"));
        assert_eq!(url.escaped_path(), "/a%20b/%2f");
        assert_eq!(url.query().unwrap()[0].1, ["1", "2"]);
        assert_eq!(url.query().unwrap()[1].1, ["a b"]);
        let refused = |text: &str| read(text).err().and_then(Result::ok);
        assert_eq!(
            refused("a b"),
            Some("parse \"a b\": invalid URI for request".to_owned())
        );
        assert_eq!(refused(""), Some("parse \"\": empty url".to_owned()));
        assert_eq!(
            refused("http://a b/"),
            Some("parse \"http://a b/\": invalid character \" \" in host name".to_owned())
        );
        assert!(read("/path").is_ok());
        assert!(read("mailto:a").is_ok());
    }
}
