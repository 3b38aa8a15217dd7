//! The server's rules for names, with what would be right instead.

/// What is wrong with a name, and a name that is right.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BadName {
    /// The rule, in the server's words where it has some.
    pub rule: String,
    /// A name like it that is right.
    pub suggestion: Option<String>,
}

const LABEL: &str = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character";
const SUBDOMAIN: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";

/// Versions, plurals, singulars, short names, categories (`validation.IsDNS1035Label`).
pub fn label(name: &str) -> Result<(), BadName> {
    let good = is_label(name);
    if good && name.len() <= 63 {
        return Ok(());
    }
    let rule = if good {
        "must be no more than 63 characters".to_owned()
    } else {
        LABEL.to_owned()
    };
    Err(BadName {
        rule,
        suggestion: suggested_label(name),
    })
}

/// A version: the same rule, and another suggestion, since versions have a form of their own.
pub fn version(name: &str) -> Result<(), BadName> {
    label(name).map_err(|bad| BadName {
        suggestion: suggested_version(name).or(bad.suggestion.clone()),
        ..bad
    })
}

/// The group: `validation.IsDNS1123Subdomain`, and a dot.
pub fn group(name: &str) -> Result<(), BadName> {
    let parts: Vec<&str> = name.split('.').collect();
    let is_subdomain = parts.iter().all(|part| is_part(part)) && name.len() <= 253;
    let parts: Vec<String> = parts.iter().filter_map(|part| cleaned(part)).collect();
    if !is_subdomain {
        let domain = if parts.len() < 2 {
            vec![parts.concat(), "example.com".to_owned()]
        } else {
            parts
        };
        return Err(BadName {
            rule: SUBDOMAIN.to_owned(),
            suggestion: Some(domain.join(".")).filter(|name| !name.starts_with('.')),
        });
    }
    if parts.len() < 2 {
        return Err(BadName {
            rule: "should be a domain with at least one dot".to_owned(),
            suggestion: Some(format!("{name}.example.com")),
        });
    }
    Ok(())
}

/// A kind or the kind of its list: in lower case, a label.
pub fn kind(name: &str) -> Result<(), BadName> {
    if label(&name.to_ascii_lowercase()).is_ok() {
        return Ok(());
    }
    let words = name
        .split(|c: char| !c.is_ascii_alphanumeric())
        .map(capitalised);
    let joined: String = words.collect();
    let suggestion = joined.trim_start_matches(|c: char| c.is_ascii_digit());
    Err(BadName {
        rule: format!("may have mixed case, but should otherwise match: {LABEL}"),
        suggestion: Some(suggestion.to_owned()).filter(|name| !name.is_empty()),
    })
}

/// Whether a group belongs to the Kubernetes community (`apihelpers.IsProtectedCommunityGroup`).
pub fn is_protected(group: &str) -> bool {
    ["k8s.io", "kubernetes.io"].iter().any(|domain| {
        let before = group.strip_suffix(domain);
        before.is_some_and(|before| before.is_empty() || before.ends_with('.'))
    })
}

/// The plural of a kind, by the rules of English that a program can know.
pub fn plural(kind: &str) -> String {
    let word = kind.to_ascii_lowercase();
    let before_y = word
        .strip_suffix('y')
        .filter(|stem| !stem.ends_with(['a', 'e', 'i', 'o', 'u']));
    if let Some(stem) = before_y {
        return format!("{stem}ies");
    }
    let hisses = ["s", "x", "z", "ch", "sh"]
        .iter()
        .any(|ending| word.ends_with(ending));
    if hisses {
        format!("{word}es")
    } else {
        format!("{word}s")
    }
}

fn is_label(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase()) && is_part(name)
}

fn is_part(part: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    part.starts_with(fits)
        && part.ends_with(fits)
        && part.chars().all(|c| fits(c) || c == '-')
        && part.len() <= 63
}

fn suggested_label(name: &str) -> Option<String> {
    let cleaned = cleaned(name)?;
    let label = cleaned.trim_start_matches(|c: char| c.is_ascii_digit() || c == '-');
    let label: String = label.chars().take(63).collect();
    Some(label.trim_end_matches('-').to_owned()).filter(|label| !label.is_empty())
}

fn cleaned(name: &str) -> Option<String> {
    let lower = name.to_ascii_lowercase();
    let words = lower
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty());
    let joined = words.collect::<Vec<_>>().join("-");
    (!joined.is_empty()).then_some(joined)
}

/// `v1.2` is `v1` to Kubernetes, which has no minor versions; `1` was to be `v1`.
fn suggested_version(name: &str) -> Option<String> {
    let lower = name.to_ascii_lowercase();
    let number = lower.strip_prefix('v').unwrap_or(&lower);
    let is_number = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    match number.split_once('.') {
        None if is_number(number) => Some(format!("v{number}")),
        Some((major, minor)) if is_number(major) && is_number(minor) => Some(format!("v{major}")),
        _ => None,
    }
}

/// The word with a capital first letter.
pub fn capitalised(word: &str) -> String {
    let mut characters = word.chars();
    let first = characters.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(characters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_names_come_with_good_ones() {
        let suggested =
            |checked: Result<(), BadName>| checked.unwrap_err().suggestion.unwrap_or_default();
        assert_eq!(suggested(version("v1.2")), "v1");
        assert_eq!(suggested(version("1")), "v1");
        assert_eq!(suggested(version("V1")), "v1");
        assert_eq!(suggested(label("Cron_Tabs")), "cron-tabs");
        assert_eq!(suggested(label("-")), "");
        assert_eq!(suggested(group("Example.com")), "example.com");
        assert_eq!(suggested(group("example")), "example.example.com");
        assert_eq!(suggested(kind("cron tab")), "CronTab");
        assert_eq!(suggested(kind("1Tab")), "Tab");
        for name in ["v1", "v1alpha1", "a-b", "x"] {
            assert!(version(name).is_ok() && label(name).is_ok() && kind(name).is_ok());
        }
        assert!(label(&"a".repeat(64)).is_err());
        assert!(group("stable.example.com").is_ok());
    }

    #[test]
    fn plurals_are_english() {
        for (kind, expected) in [
            ("CronTab", "crontabs"),
            ("Policy", "policies"),
            ("Gateway", "gateways"),
            ("Dns", "dnses"),
            ("Box", "boxes"),
            ("Function", "functions"),
        ] {
            assert_eq!(plural(kind), expected);
        }
    }

    #[test]
    fn groups_of_the_community_are_known() {
        assert!(is_protected("k8s.io") && is_protected("x.kubernetes.io"));
        assert!(!is_protected("myk8s.io") && !is_protected("example.com"));
    }
}
