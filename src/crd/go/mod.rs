//! How Go, in which the API server is written, reads and writes values: what its messages look like depends on it.

mod decode;
mod json;
mod jsonpath;
mod measure;
mod names;
mod pattern;
mod quote;
mod regexp;
mod types;

pub(crate) use decode::{Decoded, Fault, decode, decode_in};
pub(crate) use json::{member, object, push_text, text as json_text, value as json_value};
pub(crate) use jsonpath::{JsonStep, parse_json_path};
pub(crate) use names::{
    annotation_key, dns_1035_label, dns_1123_label, dns_1123_subdomain, label_key, label_value,
    masked_prefix, path_segment,
};
pub(crate) use pattern::{compile, is_match};
pub(crate) use quote::{is_printable, quote};
pub(crate) use regexp::{syntax_error, translate};
pub(crate) use types::{
    API_SERVICE, CUSTOM_RESOURCE_DEFINITION, OBJECT_META, SCHEMA, Shape, Struct, V1BETA1,
};
