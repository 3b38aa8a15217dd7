//! The formats of texts that have names.
//!
//! Source: `ConstantFormats` of k8s.io/apiserver/pkg/cel/library/format.go, and k8s.io/apimachinery/pkg/api/validation.

use super::{Unchecked, url};
use crate::crd::go::{
    dns_1035_label, dns_1123_label, dns_1123_subdomain, label_key, label_value, masked_prefix,
};
use crate::crd::resource::format;

/// The names.
pub(super) const FORMATS: [&str; 13] = [
    "byte",
    "date",
    "datetime",
    "dns1035Label",
    "dns1035LabelPrefix",
    "dns1123Label",
    "dns1123LabelPrefix",
    "dns1123Subdomain",
    "dns1123SubdomainPrefix",
    "labelValue",
    "qualifiedName",
    "uri",
    "uuid",
];

/// What is wrong with a text of a format.
pub(super) fn wrong(name: &str, text: &str) -> Result<Vec<String>, Unchecked> {
    let unless = |format: &str, message: &str| {
        let is = format::holds(format, text);
        if is {
            Vec::new()
        } else {
            vec![message.to_owned()]
        }
    };
    Ok(match name {
        "byte" => unless("byte", "invalid base64"),
        "date" => unless("date", "invalid date"),
        "datetime" => unless("datetime", "invalid datetime"),
        "dns1035Label" => dns_1035_label(text),
        "dns1035LabelPrefix" => dns_1035_label(&masked_prefix(text)),
        "dns1123Label" => dns_1123_label(text),
        "dns1123LabelPrefix" => dns_1123_label(&masked_prefix(text)),
        "dns1123Subdomain" => dns_1123_subdomain(text),
        "dns1123SubdomainPrefix" => dns_1123_subdomain(&masked_prefix(text)),
        "labelValue" => label_value(text),
        "qualifiedName" => label_key(text),
        "uri" => match url::read(text) {
            Ok(_) => Vec::new(),
            Err(why) => vec![why?],
        },
        "uuid" => unless("uuid", "does not match the UUID format"),
        _ => return Err(Unchecked),
    })
}
