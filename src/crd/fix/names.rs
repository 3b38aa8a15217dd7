//! Names, words and paths whose right form follows from what is there.

use super::super::Finding;
use super::super::convert::{boolean, field, fields, text};
use super::super::document::Node;
use super::super::edit::Operation;
use super::super::go::{dns_1035_label, dns_1123_subdomain, quote};
use super::super::path::Step;
use super::{Mend, at, last};

fn set(path: &[Step], value: &str) -> Mend {
    Mend::new(
        format!("now {}", quote(value)),
        Operation::Set {
            path: path.to_vec(),
            value: text(value),
        },
    )
}

/// The API services of v1beta1 have the form of those of v1.
pub(super) fn api(root: &Node) -> Option<Mend> {
    let kind = root.get("kind").and_then(Node::text)?;
    (kind == "APIService").then(|| set(&fields(&["apiVersion"]), "apiregistration.k8s.io/v1"))
}

/// The name of a definition is PLURAL.GROUP, that of an API service VERSION.GROUP.
pub(super) fn name(root: &Node, finding: &Finding) -> Option<Mend> {
    let path = fields(&["metadata", "name"]);
    if finding.path != path || at(root, &path).is_none() {
        return None;
    }
    let text = |path: &[&str]| root.dig(path).and_then(Node::text).unwrap_or_default();
    let first = if finding.rule == "api-service" {
        text(&["spec", "version"])
    } else {
        text(&["spec", "names", "plural"])
    };
    let group = text(&["spec", "group"]);
    let valid = dns_1035_label(first).is_empty()
        && dns_1123_subdomain(group).is_empty()
        && group.contains('.');
    valid.then(|| set(&path, &format!("{first}.{group}")))
}

/// Names in lower case, where that is all that they miss.
pub(super) fn lower(root: &Node, finding: &Finding) -> Option<Mend> {
    let name = at(root, &finding.path)?.text()?;
    let lower = name.to_lowercase();
    dns_1035_label(&lower)
        .is_empty()
        .then(|| set(&finding.path, &lower))
}

/// Words of a fixed list in another case.
pub(super) fn case(root: &Node, finding: &Finding) -> Option<Mend> {
    const WORDS: [&str; 8] = [
        "Cluster",
        "Namespaced",
        "None",
        "Webhook",
        "atomic",
        "set",
        "map",
        "granular",
    ];
    let word = at(root, &finding.path)?.text()?;
    let mut words = WORDS.into_iter();
    let meant = words.find(|known| known.eq_ignore_ascii_case(word) && *known != word)?;
    Some(set(&finding.path, meant))
}

/// Types as other languages call them.
pub(super) fn kind(root: &Node, finding: &Finding) -> Option<Mend> {
    const TYPES: [(&str, &str); 14] = [
        ("string", "string"),
        ("str", "string"),
        ("text", "string"),
        ("integer", "integer"),
        ("int", "integer"),
        ("boolean", "boolean"),
        ("bool", "boolean"),
        ("number", "number"),
        ("float", "number"),
        ("double", "number"),
        ("object", "object"),
        ("map", "object"),
        ("array", "array"),
        ("list", "array"),
    ];
    let ("type", _) = last(&finding.path)? else {
        return None;
    };
    let word = at(root, &finding.path)?.text()?;
    let mut types = TYPES.into_iter();
    let (_, meant) = types.find(|(known, _)| known.eq_ignore_ascii_case(word))?;
    let shown = ["string", "integer", "boolean", "number"].contains(&meant);
    (word != meant && (finding.rule == "type" || shown)).then(|| set(&finding.path, meant))
}

/// The only version is the stored one.
pub(super) fn storage(root: &Node, finding: &Finding) -> Option<Mend> {
    let versions = fields(&["spec", "versions"]);
    let [only] = at(root, &versions)?.list()? else {
        return None;
    };
    if finding.path != versions {
        // The finding about the status goes with this one.
        return None;
    }
    let mut path = versions;
    path.push(Step::Index(0));
    let message = "the only version is stored";
    let value = boolean(true);
    Some(match only.get("storage") {
        Some(_) => Mend::new(
            message,
            Operation::Set {
                path: field(&path, "storage"),
                value,
            },
        ),
        None => Mend::new(
            message,
            Operation::Insert {
                map: path,
                key: "storage".to_owned(),
                value,
                before: Some("schema".to_owned()),
            },
        ),
    })
}

/// Paths as other tools write them: `spec.a`, `$.spec.a`, `{.spec.a}`.
pub(super) fn path(root: &Node, finding: &Finding) -> Option<Mend> {
    let written = at(root, &finding.path)?.text()?;
    let bare = written
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'))
        .unwrap_or(written);
    let bare = bare.strip_prefix('$').unwrap_or(bare);
    let fits = |letter: char| letter.is_ascii_alphanumeric() || ".-_[]*'\"@?()=\\".contains(letter);
    let dotted = if bare.starts_with('.') {
        bare.to_owned()
    } else {
        format!(".{bare}")
    };
    let plain = dotted.chars().all(fits) && dotted[1..].starts_with(|c: char| c.is_alphabetic());
    (dotted != written && plain).then(|| set(&finding.path, &dotted))
}
