//! What names Kubernetes takes, with its messages.
//!
//! Source: k8s.io/apimachinery/pkg/util/validation/validation.go and pkg/api/validate/content.

const LABEL_1123: &str = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const LABEL_1123_LABEL_MESSAGE: &str = "a lowercase RFC 1123 label must consist of lower case \
     alphanumeric characters or '-', and must start and end with an alphanumeric character";
const LABEL_1123_MESSAGE: &str = "a lowercase RFC 1123 subdomain must consist of lower case \
     alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
const LABEL_1035: &str = "[a-z]([-a-z0-9]*[a-z0-9])?";
const LABEL_1035_MESSAGE: &str = "a DNS-1035 label must consist of lower case alphanumeric \
     characters or '-', start with an alphabetic character, and end with an alphanumeric character";
const KEY: &str = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const KEY_MESSAGE: &str = "must consist of alphanumeric characters, '-', '_' or '.', and must \
     start and end with an alphanumeric character";
const VALUE_MESSAGE: &str = "a valid label must be an empty string or consist of alphanumeric \
     characters, '-', '_' or '.', and must start and end with an alphanumeric character";

/// What is wrong with a DNS-1035 label: at most 63 of `[a-z]([-a-z0-9]*[a-z0-9])?`.
pub(crate) fn dns_1035_label(name: &str) -> Vec<String> {
    let mut wrong = too_long(name, 63);
    if !is_label(name) || name.starts_with(|first: char| !first.is_ascii_lowercase()) {
        let message = expression(LABEL_1035_MESSAGE, LABEL_1035, &["my-name", "abc-123"]);
        wrong.push(message);
    }
    wrong
}

/// What is wrong with an RFC 1123 label: at most 63 of `[a-z0-9]([-a-z0-9]*[a-z0-9])?`.
pub(crate) fn dns_1123_label(name: &str) -> Vec<String> {
    let mut wrong = too_long(name, 63);
    if !is_label(name) {
        if is_subdomain(name) {
            // What would be right elsewhere is told apart.
            wrong.push("must not contain dots".to_owned());
        } else {
            let examples = ["my-name", "123-abc"];
            wrong.push(expression(LABEL_1123_LABEL_MESSAGE, LABEL_1123, &examples));
        }
    }
    wrong
}

fn is_subdomain(name: &str) -> bool {
    name.split('.').all(is_label)
}

/// What is wrong with an RFC 1123 subdomain: at most 253 characters, labels between dots.
pub(crate) fn dns_1123_subdomain(name: &str) -> Vec<String> {
    let mut wrong = too_long(name, 253);
    if !is_subdomain(name) {
        let format = format!("{LABEL_1123}(\\.{LABEL_1123})*");
        wrong.push(expression(LABEL_1123_MESSAGE, &format, &["example.com"]));
    }
    wrong
}

/// What is wrong with the key of a label, of a finalizer and, in lower case, of an annotation.
pub(crate) fn label_key(key: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let parts: Vec<&str> = key.split('/').collect();
    let name = match parts.as_slice() {
        [name] => *name,
        [prefix, name] => {
            if prefix.is_empty() {
                wrong.push("prefix part must be non-empty".to_owned());
            } else {
                let prefixes = dns_1123_subdomain(prefix);
                wrong.extend(
                    prefixes
                        .iter()
                        .map(|message| format!("prefix part {message}")),
                );
            }
            name
        }
        _ => {
            let message = expression(KEY_MESSAGE, KEY, &["MyName", "my.name", "123-abc"]);
            return vec![format!(
                "a valid label key {message} with an optional DNS subdomain prefix and '/' \
                 (e.g. 'example.com/MyName')"
            )];
        }
    };
    if name.is_empty() {
        wrong.push("name part must be non-empty".to_owned());
    } else {
        let long = too_long(name, 63);
        wrong.extend(long.iter().map(|message| format!("name part {message}")));
    }
    if name.is_empty() || !is_label_text(name) {
        let message = expression(KEY_MESSAGE, KEY, &["MyName", "my.name", "123-abc"]);
        wrong.push(format!("name part {message}"));
    }
    wrong
}

/// What is wrong with the key of an annotation.
pub(crate) fn annotation_key(key: &str) -> Vec<String> {
    label_key(&key.to_lowercase())
}

/// What is wrong with the value of a label.
pub(crate) fn label_value(value: &str) -> Vec<String> {
    let mut wrong = too_long(value, 63);
    if !is_label_text(value) {
        let format = "(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?";
        wrong.push(expression(
            VALUE_MESSAGE,
            format,
            &["MyValue", "my_value", "12345"],
        ));
    }
    wrong
}

/// What is wrong with a name that becomes part of a URL's path.
///
/// Source: k8s.io/apimachinery/pkg/api/validation/path/name.go.
pub(crate) fn path_segment(name: &str) -> Vec<String> {
    if name == "." || name == ".." {
        return vec![format!("may not be '{name}'")];
    }
    ["/", "%"]
        .iter()
        .filter(|part| name.contains(**part))
        .map(|part| format!("may not contain '{part}'"))
        .collect()
}

fn is_label(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = text.as_bytes();
    matches!((bytes.first(), bytes.last()), (Some(first), Some(last)) if inner(*first) && inner(*last))
        && bytes.iter().all(|byte| inner(*byte) || *byte == b'-')
}

fn is_label_text(text: &str) -> bool {
    let bytes = text.as_bytes();
    match (bytes.first(), bytes.last()) {
        (Some(first), Some(last)) => {
            first.is_ascii_alphanumeric()
                && last.is_ascii_alphanumeric()
                && bytes
                    .iter()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte))
        }
        _ => true,
    }
}

fn too_long(text: &str, most: usize) -> Vec<String> {
    if text.len() > most {
        vec![format!("must be no more than {most} characters")]
    } else {
        Vec::new()
    }
}

fn expression(message: &str, format: &str, examples: &[&str]) -> String {
    let examples: Vec<String> = examples
        .iter()
        .map(|example| format!("'{example}', "))
        .collect();
    format!(
        "{message} (e.g. {}regex used for validation is '{format}')",
        examples.join(" or ")
    )
}
/// A prefix of a name, as it is looked at: where it ends with a dash, that gives way to a letter, and so does what is before it.
///
/// Source: `maskTrailingDash` of k8s.io/apimachinery/pkg/api/validation/generic.go.
pub(crate) fn masked_prefix(text: &str) -> String {
    match text.strip_suffix('-') {
        Some(rest) if !rest.is_empty() && rest.is_ascii() => {
            format!("{}a", &rest[..rest.len() - 1])
        }
        _ => text.to_owned(),
    }
}
