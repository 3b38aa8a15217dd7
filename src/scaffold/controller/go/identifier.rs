//! Names of Go, made of names of JSON.

use std::collections::BTreeSet;

/// Words that Go writes in capitals, as its linters list them.
const INITIALISMS: [&str; 34] = [
    "ACL", "API", "ASCII", "CPU", "CSS", "DNS", "EOF", "GUID", "HTML", "HTTP", "HTTPS", "ID", "IP",
    "JSON", "LHS", "QPS", "RAM", "RHS", "RPC", "SLA", "SMTP", "SQL", "SSH", "TCP", "TLS", "TTL",
    "UDP", "UI", "UID", "URI", "URL", "UTF8", "UUID", "VM",
];

/// An exported name: `cronSpec` becomes `CronSpec`, `base-url` becomes `BaseURL`.
pub(super) fn exported(name: &str) -> String {
    let mut result: String = words(name).iter().map(|word| capitalised(word)).collect();
    // Go exports what begins with a capital letter, and a digit is none.
    if !result.starts_with(|c: char| c.is_ascii_uppercase()) {
        result.insert_str(0, "Field");
    }
    result
}

fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before_is_small = false;
    for letter in name.chars() {
        if !letter.is_ascii_alphanumeric() {
            words.push(String::new());
        } else if letter.is_ascii_uppercase() && before_is_small {
            words.push(letter.to_string());
        } else if let Some(word) = words.last_mut() {
            word.push(letter);
        }
        before_is_small = letter.is_ascii_lowercase() || letter.is_ascii_digit();
    }
    words
}

fn capitalised(word: &str) -> String {
    let upper = word.to_ascii_uppercase();
    if INITIALISMS.contains(&upper.as_str()) {
        return upper;
    }
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_ascii_uppercase().to_string() + letters.as_str()
    })
}

/// A name that none of the others has; it becomes one of them.
pub(super) fn unique(name: &str, taken: &mut BTreeSet<String>) -> String {
    let mut free = name.to_owned();
    let mut number = 2;
    while !taken.insert(free.clone()) {
        free = format!("{name}{number}");
        number += 1;
    }
    free
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_as_go_writes_them() {
        for (json, go) in [
            ("cronSpec", "CronSpec"),
            ("image", "Image"),
            ("baseUrl", "BaseURL"),
            ("podIP", "PodIP"),
            ("base-url", "BaseURL"),
            ("snake_case", "SnakeCase"),
            ("x509", "X509"),
            ("509x", "Field509x"),
            ("_", "Field"),
            ("HTTPPort", "HTTPPort"),
        ] {
            assert_eq!(exported(json), go, "{json}");
        }
    }

    #[test]
    fn no_two_are_the_same() {
        let mut taken = BTreeSet::new();
        assert_eq!(unique("A", &mut taken), "A");
        assert_eq!(unique("A", &mut taken), "A2");
        assert_eq!(unique("A", &mut taken), "A3");
    }
}
