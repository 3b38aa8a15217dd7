//! `format` of texts.
//!
//! Source: k8s.io/apiextensions-apiserver/pkg/apiserver/validation/formats.go and
//! k8s.io/kube-openapi/pkg/validation/strfmt, with the expressions of pkg/internal/third_party/govalidator beside it.

mod address;
mod mail;
mod number;
mod time;

use std::net::Ipv6Addr;

pub(crate) use time::parsed_duration;

use crate::crd::cel::is_request_uri;
use crate::crd::go::is_match;

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

/// Whether a text is of a format; true of formats that the server does not know.
pub(crate) fn holds(format: &str, text: &str) -> bool {
    match format.replace('-', "").as_str() {
        "bsonobjectid" => matches("^[0-9a-fA-F]{24}$", text),
        "uri" => is_request_uri(text),
        "email" => mail::is_address(text),
        "hostname" => is_host_name(text),
        "ipv4" => text.contains('.') && address::is_sloppy(text),
        "ipv6" => text.parse::<Ipv6Addr>().is_ok(),
        "cidr" => address::is_range(text),
        "mac" => address::is_hardware(text),
        "uuid" => matches(UUID, text),
        "uuid3" => matches(UUID3, text),
        "uuid4" => matches(UUID4, text),
        "uuid5" => matches(UUID5, text),
        "isbn" => number::is_isbn10(text) || number::is_isbn13(text),
        "isbn10" => number::is_isbn10(text),
        "isbn13" => number::is_isbn13(text),
        "creditcard" => number::is_credit_card(text),
        "ssn" => text.len() == 11 && matches(r"^\d{3}[- ]?\d{2}[- ]?\d{4}$", text),
        "hexcolor" => matches("^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$", text),
        "rgbcolor" => matches(RGB_COLOR, text),
        "byte" => matches(BASE64, text),
        "date" => time::is_date(text),
        "datetime" => time::is_date_time(text),
        "duration" => parsed_duration(text).is_some(),
        "k8sshortname" => text.len() <= 63 && matches("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", text),
        "k8slongname" => text.len() <= 253 && matches(LONG_NAME, text),
        _ => true,
    }
}

const UUID: &str = "(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$";
const UUID3: &str = "(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?3[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$";
const UUID4: &str = "(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$";
const UUID5: &str = "(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?5[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$";
const RGB_COLOR: &str = r"^rgb\(\s*(0|[1-9]\d?|1\d\d?|2[0-4]\d|25[0-5])\s*,\s*(0|[1-9]\d?|1\d\d?|2[0-4]\d|25[0-5])\s*,\s*(0|[1-9]\d?|1\d\d?|2[0-4]\d|25[0-5])\s*\)$";
const BASE64: &str =
    "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$";
const LONG_NAME: &str = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";

/// The server's expression counts characters besides; a label of 63 bytes never has as many.
const HOST_NAME: &str = r"^([a-zA-Z0-9\p{S}\p{L}](-?[a-zA-Z0-9\p{S}\p{L}]*)?|([a-zA-Z0-9\p{S}\p{L}]([-a-zA-Z0-9\p{S}\p{L}]*[a-zA-Z0-9\p{S}\p{L}])?\.)+[a-zA-Z\p{L}]{2,})$";

fn is_host_name(text: &str) -> bool {
    text.len() <= 255 && text.split('.').all(|label| label.len() <= 63) && matches(HOST_NAME, text)
}

/// Whether an expression of Go matches.
fn matches(pattern: &str, text: &str) -> bool {
    is_match(pattern, text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Texts that are nearly of a format: what the real API server says of these is asked in tests/crd/formats.rs.
    #[test]
    fn each_format_has_texts_that_hold_and_texts_that_nearly_do() {
        for (format, holding, failing) in [
            ("email", "A <a@b>", "a@"),
            ("email", "\"a b\"@[127.0.0.1]", "a b@c"),
            ("uri", "/a", "a"),
            ("uri", "http://[::1%25en0]:80/", "http://[1.2.3.4]/"),
            ("hostname", "é.example", "a_b.example"),
            ("hostname", "a-", "ab-c"),
            ("mac", "0123.4567.89ab", "01:23-45:67:89:ab"),
            ("isbn", "978 0321751041", "978-0321751042"),
            ("isbn10", "080442957X", "080442957x"),
            ("creditcard", "4111 1111 1111 1111", "4111111111111112"),
            ("ssn", "111-11 1111", "111-111111"),
            ("rgbcolor", "rgb( 1 ,2,255)", "rgb(1,2,256)"),
            (
                "bsonobjectid",
                "507f1F77bcf86cd799439011",
                "507f1f77bcf86cd79943901",
            ),
            ("ipv4", "010.0.0.1", "1.2.3"),
            ("ipv4", "::1.2.3.4", "::1"),
            ("ipv6", "::ffff:1.2.3.4", "::01.2.3.4"),
            ("cidr", "::00001/0128", "1.2.3.4/33"),
            ("date", "2024-02-29", "2023-02-29"),
            (
                "date-time",
                "2024-01-01t00:00:00x5+99:99",
                "2024-01-01 00:00:00Z",
            ),
            ("duration", "in 3 days", "3"),
            ("byte", "YQ==", ""),
            (
                "uuid4",
                "025b0d7400a24048bf57227c5111bb34",
                "025b0d74-00a2-3048-bf57-227c5111bb34",
            ),
        ] {
            assert!(holds(format, holding), "{format} {holding}");
            assert!(!holds(format, failing), "{format} {failing}");
        }
        assert!(SUPPORTED.iter().all(|(format, _)| is_supported(format)));
    }
}
