//! `format` of texts.
//!
//! Source: k8s.io/apiextensions-apiserver/pkg/apiserver/validation/formats.go and
//! k8s.io/kube-openapi/pkg/validation/strfmt.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::LazyLock;

use crate::crd::go::compile;

/// Formats that are checked in custom resources, by their names without dashes, and the minor version of Kubernetes since
/// which.
pub(crate) const SUPPORTED: [(&str, u32); 26] = [
    ("bsonobjectid", 0),
    ("uri", 0),
    ("email", 0),
    ("hostname", 0),
    ("ipv4", 0),
    ("ipv6", 0),
    ("cidr", 0),
    ("mac", 0),
    ("uuid", 0),
    ("uuid3", 0),
    ("uuid4", 0),
    ("uuid5", 0),
    ("isbn", 0),
    ("isbn10", 0),
    ("isbn13", 0),
    ("creditcard", 0),
    ("ssn", 0),
    ("hexcolor", 0),
    ("rgbcolor", 0),
    ("byte", 0),
    ("password", 0),
    ("date", 0),
    ("duration", 0),
    ("datetime", 0),
    ("k8sshortname", 34),
    ("k8slongname", 34),
];

/// Whether a custom resource is checked for a format, by the newest Kubernetes.
pub(crate) fn is_supported(format: &str) -> bool {
    let name = format.replace('-', "");
    SUPPORTED.iter().any(|(supported, _)| *supported == name)
}

/// Whether the validator has a check for the format.
pub(crate) fn is_known(format: &str) -> bool {
    is_supported(format)
}

/// Whether a text is of a format; true where this is not checked here.
pub(crate) fn holds(format: &str, text: &str) -> bool {
    match format.replace('-', "").as_str() {
        "ipv4" => text.parse::<IpAddr>().is_ok_and(|_| text.contains('.')),
        "ipv6" => text.parse::<Ipv6Addr>().is_ok(),
        "cidr" => cidr(text),
        "uuid" => UUID.is_match(text),
        "uuid3" => UUID.is_match(text) && digit(text, 12) == Some(b'3'),
        "uuid4" => UUID.is_match(text) && digit(text, 12) == Some(b'4') && variant(text),
        "uuid5" => UUID.is_match(text) && digit(text, 12) == Some(b'5') && variant(text),
        "date" => text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok(),
        "datetime" => date_time(text),
        "hexcolor" => HEX_COLOR.is_match(text),
        "byte" => BASE64.is_match(text),
        "k8sshortname" => text.len() <= 63 && text.split('.').count() == 1 && label(text),
        "k8slongname" => text.len() <= 253 && text.split('.').all(label),
        "duration" => duration(text),
        _ => true,
    }
}

static UUID: LazyLock<regex::Regex> = LazyLock::new(|| {
    expression("(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$")
});
static HEX_COLOR: LazyLock<regex::Regex> =
    LazyLock::new(|| expression("^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$"));
static BASE64: LazyLock<regex::Regex> = LazyLock::new(|| {
    expression(
        "^(?:[A-Za-z0-9+\\/]{4})*(?:[A-Za-z0-9+\\/]{2}==|[A-Za-z0-9+\\/]{3}=|[A-Za-z0-9+\\/]{4})$",
    )
});

/// An expression that is known to be one: where it is none, nothing matches.
fn expression(pattern: &str) -> regex::Regex {
    compile(pattern).unwrap_or_else(|| compile("[^\\x00-\\x{10FFFF}]").unwrap_or_else(never))
}

fn never() -> regex::Regex {
    // The default of an empty set of alternatives matches nothing that tests ask for.
    regex::Regex::new("$^x").unwrap_or_else(|_| never())
}

fn digit(uuid: &str, place: usize) -> Option<u8> {
    uuid.bytes().filter(|byte| *byte != b'-').nth(place)
}

fn variant(uuid: &str) -> bool {
    digit(uuid, 16).is_some_and(|byte| b"89abAB".contains(&byte))
}

fn label(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = text.as_bytes();
    bytes.first().copied().is_some_and(inner)
        && bytes.last().copied().is_some_and(inner)
        && bytes.iter().all(|byte| inner(*byte) || *byte == b'-')
}

fn cidr(text: &str) -> bool {
    let Some((address, length)) = text.split_once('/') else {
        return false;
    };
    let most = match address.parse::<IpAddr>() {
        Ok(IpAddr::V4(_)) => 32,
        Ok(IpAddr::V6(_)) => 128,
        Err(_) => return false,
    };
    length.bytes().all(|byte| byte.is_ascii_digit())
        && length.parse::<u32>().is_ok_and(|length| length <= most)
}

fn date_time(text: &str) -> bool {
    let date = text
        .get(..10)
        .is_some_and(|date| date.parse::<jiff::civil::Date>().is_ok());
    date && text.parse::<jiff::Timestamp>().is_ok()
}

/// A duration of Go (`1h30m`), or a number with a unit in words (`22 ns`).
fn duration(text: &str) -> bool {
    static GO: LazyLock<regex::Regex> = LazyLock::new(|| {
        expression("^[-+]?(0|((\\d+(\\.\\d*)?|\\.\\d+)(ns|us|µs|μs|ms|s|m|h))+)$")
    });
    static WORDS: LazyLock<regex::Regex> =
        LazyLock::new(|| expression("^-?(\\d+)\\s*([A-Za-zµ]+)"));
    GO.is_match(text)
        || WORDS.captures(text).is_some_and(|captures| {
            let unit = captures.get(2).map_or("", |unit| unit.as_str());
            [
                "ns", "nano", "us", "µs", "micro", "ms", "milli", "s", "sec", "m", "min", "h",
                "hr", "hour", "d", "day", "w", "wk", "week",
            ]
            .iter()
            .any(|known| unit.trim_end_matches('s') == *known || unit == *known)
        })
}
