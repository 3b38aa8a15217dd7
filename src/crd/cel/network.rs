//! Addresses of the Internet, and ranges of them.
//!
//! Source: net/netip of Go, and k8s.io/apiserver/pkg/cel/library/{ip,cidr}.go.

use std::net::IpAddr;

use super::Unchecked;
use crate::crd::go::quote;

/// A range of addresses: an address, and how many of its bits all have alike.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Prefix {
    pub(super) address: IpAddr,
    pub(super) bits: u8,
}

/// What is read, or why it is none, in the server's words; those of an address that is nearly one are not known.
pub(super) type Read<T> = Result<T, Result<String, Unchecked>>;

/// Reads an address.
pub(super) fn address(text: &str) -> Read<IpAddr> {
    let written = quote(text);
    let (plain, zone) = match text.split_once('%') {
        Some((plain, zone)) if plain.contains(':') && !zone.is_empty() => (plain, true),
        _ => (text, false),
    };
    let parsed: Result<IpAddr, _> = plain.parse();
    let Ok(address) = parsed else {
        let error = nothing(text).map(|why| {
            format!("IP Address {written} parse error during conversion from string: {why}")
        });
        return Err(error);
    };
    if zone {
        return Err(Ok(format!(
            "IP address {written} with zone value is not allowed"
        )));
    }
    if is_mapped(address) {
        return Err(Ok(format!(
            "IPv4-mapped IPv6 address {written} is not allowed"
        )));
    }
    Ok(address)
}

fn is_mapped(address: IpAddr) -> bool {
    matches!(address, IpAddr::V6(address) if address.to_ipv4_mapped().is_some())
}

/// Why a text is no address.
fn nothing(text: &str) -> Result<String, Unchecked> {
    let (why, at) = match text.chars().find(|c| ['.', ':', '%'].contains(c)) {
        None => ("unable to parse IP", None),
        Some('%') => ("missing IPv6 address", None),
        Some('.') => dotted(text).ok_or(Unchecked)?,
        Some(_) => return Err(Unchecked),
    };
    let at = at.map_or_else(String::new, |at| format!(" (at {})", quote(at)));
    Ok(format!("ParseAddr({}): {why}{at}", quote(text)))
}

/// Why four numbers between dots are no address, and where that is seen.
///
/// Source: `parseIPv4Fields` of netip.go.
fn dotted(text: &str) -> Option<(&'static str, Option<&str>)> {
    let (mut value, mut digits, mut dots) = (0_u32, 0, 0);
    for (at, byte) in text.bytes().enumerate() {
        let rest = text.get(at..);
        match byte {
            b'0'..=b'9' => {
                if digits == 1 && value == 0 {
                    return Some(("IPv4 field has octet with leading zero", None));
                }
                value = value * 10 + u32::from(byte - b'0');
                digits += 1;
                if value > 255 {
                    return Some(("IPv4 field has value >255", None));
                }
            }
            b'.' if digits == 0 || at + 1 == text.len() => {
                return Some(("IPv4 field must have at least one digit", rest));
            }
            b'.' if dots == 3 => return Some(("IPv4 address too long", None)),
            b'.' => (value, digits, dots) = (0, 0, dots + 1),
            _ => return Some(("unexpected character", Some(rest?))),
        }
    }
    (dots < 3).then_some(("IPv4 address too short", None))
}

/// Reads a range.
pub(super) fn prefix(text: &str) -> Read<Prefix> {
    let written = quote(text);
    let because = |why: String| {
        Err(Ok(format!(
            "network address parse error during conversion from string: \
             netip.ParsePrefix({written}): {why}"
        )))
    };
    let Some((address, bits)) = text.rsplit_once('/') else {
        return because("no '/'".to_owned());
    };
    let parsed: Result<IpAddr, _> = address.parse();
    let Ok(parsed) = parsed else {
        return match nothing(address) {
            Ok(why) => because(why),
            Err(unchecked) => Err(Err(unchecked)),
        };
    };
    let bad = || format!("bad bits after slash: {}", quote(bits));
    let is_plain = !bits.is_empty()
        && bits.bytes().all(|byte| byte.is_ascii_digit())
        && (bits.len() == 1 || !bits.starts_with('0'));
    if !is_plain || bits.len() > 18 {
        return because(bad());
    }
    let most = if parsed.is_ipv4() { 32 } else { 128 };
    let Some(bits) = bits.parse::<u8>().ok().filter(|bits| *bits <= most) else {
        return because("prefix length out of range".to_owned());
    };
    if is_mapped(parsed) {
        return Err(Ok(format!(
            "IPv4-mapped IPv6 address {written} is not allowed"
        )));
    }
    Ok(Prefix {
        address: parsed,
        bits,
    })
}

/// An address as a number of 128 bits, its own bits first.
fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()) << 96,
        IpAddr::V6(address) => address.to_bits(),
    }
}

fn mask(bits: u8) -> u128 {
    u128::MAX.checked_shl(128 - u32::from(bits)).unwrap_or(0)
}

impl Prefix {
    /// Whether an address is within.
    pub(super) fn has(&self, address: IpAddr) -> bool {
        self.address.is_ipv4() == address.is_ipv4()
            && (number(self.address) ^ number(address)) & mask(self.bits) == 0
    }

    /// Whether a range is within.
    pub(super) fn includes(&self, other: &Prefix) -> bool {
        self.bits <= other.bits && self.has(other.address)
    }

    /// The range with all other bits zero.
    pub(super) fn masked(self) -> Prefix {
        let kept = number(self.address) & mask(self.bits);
        let address = match self.address {
            IpAddr::V4(_) => IpAddr::V4(((kept >> 96) as u32).into()),
            IpAddr::V6(_) => IpAddr::V6(kept.into()),
        };
        Prefix { address, ..self }
    }

    /// As it is written.
    pub(super) fn text(&self) -> String {
        format!("{}/{}", self.address, self.bits)
    }
}

/// Whether an address is of a kind that a function asks for.
pub(super) fn is(function: &str, address: IpAddr) -> Option<bool> {
    Some(match (function, address) {
        ("isUnspecified", address) => address.is_unspecified(),
        ("isLoopback", address) => address.is_loopback(),
        ("isLinkLocalMulticast", IpAddr::V4(address)) => address.octets()[..3] == [224, 0, 0],
        ("isLinkLocalMulticast", IpAddr::V6(address)) => address.segments()[0] & 0xff0f == 0xff02,
        ("isLinkLocalUnicast", IpAddr::V4(address)) => address.is_link_local(),
        ("isLinkLocalUnicast", IpAddr::V6(address)) => address.segments()[0] & 0xffc0 == 0xfe80,
        ("isGlobalUnicast", address) => {
            let broadcast = matches!(address, IpAddr::V4(address) if address.is_broadcast());
            !broadcast
                && !address.is_unspecified()
                && !address.is_loopback()
                && !address.is_multicast()
                && is("isLinkLocalUnicast", address) == Some(false)
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_include_addresses_and_ranges() {
        let range = |text| prefix(text).unwrap();
        assert!(range("10.0.0.0/8").has("10.1.2.3".parse().unwrap()));
        assert!(!range("10.0.0.0/8").has("11.1.2.3".parse().unwrap()));
        assert!(range("0.0.0.0/0").has("11.1.2.3".parse().unwrap()));
        assert!(range("10.0.0.0/8").includes(&range("10.1.0.0/16")));
        assert!(!range("10.1.0.0/16").includes(&range("10.0.0.0/8")));
        assert!(!range("::/0").has("11.1.2.3".parse().unwrap()));
        assert_eq!(range("10.1.2.3/8").masked().text(), "10.0.0.0/8");
        for text in [
            "10.0.0.0",
            "10.0.0.0/33",
            "10.0.0.0/08",
            "10.0.0.0/",
            "a/8",
            "::ffff:1.2.3.4/96",
        ] {
            assert!(prefix(text).is_err(), "{text}");
        }
    }
}
