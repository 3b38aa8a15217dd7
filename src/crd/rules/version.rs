//! Versions: their names, which is stored, what each must have.
//!
//! Source: `validateCustomResourceDefinitionSpec`, `validateCustomResourceDefinitionVersion` and
//! `ValidateCustomResourceDefinitionStoredVersions` of pkg/apis/apiextensions/validation/validation.go.

use std::collections::HashSet;

use super::super::definition::{Definition, Version};
use super::super::era::Era;
use super::super::finding::Findings;
use super::super::go::{dns_1035_label, is_printable};
use super::super::path::Path;
use super::{column, keyword, selectable, subresource};

/// `v1.2` is `v1` to Kubernetes, which has no minor versions: what differs from `v1` is the next.
fn without_dots(name: &str) -> Option<String> {
    let numbers: Vec<&str> = name.trim_start_matches(['v', 'V']).split('.').collect();
    let is_number = |text: &&str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match numbers[..] {
        [major, ..] if !numbers.iter().all(is_number) || major.starts_with('0') => None,
        [major] => Some(format!("write `v{major}`")),
        [major, ..] => Some(format!("write `v{major}`: there are no minor versions")),
        [] => None,
    }
}

pub(super) fn check(definition: &Definition<'_>, spec: &Path<'_>, findings: &mut Findings) {
    let versions = spec.field("versions");
    let mut names = HashSet::new();
    let mut unique = true;
    for (index, version) in definition.versions.iter().enumerate() {
        unique &= names.insert(version.name);
        let path = versions.index(index);
        let wrong = dns_1035_label(version.name);
        if !wrong.is_empty() {
            let path = path.field("name");
            findings.invalid("version-name", &path, version.name, &wrong.join(","));
            findings.suggest(without_dots(version.name));
        }
        parts(definition, version, index, &path, findings);
    }
    if !unique {
        let detail = "must contain unique version names";
        findings.invalid(
            "version-unique",
            &versions,
            definition.versions_text(),
            detail,
        );
    }
    let stored = definition
        .versions
        .iter()
        .filter(|version| version.storage)
        .count();
    if stored != 1 {
        let detail = "must have exactly one version marked as storage version";
        findings.invalid(
            "version-storage",
            &versions,
            definition.versions_text(),
            detail,
        );
    }
    if stored == 0 {
        let root = Path::ROOT;
        let path = root.field("status");
        let detail = "must have at least one stored version";
        findings.invalid(
            "version-storage",
            &path.field("storedVersions"),
            "null".to_owned(),
            detail,
        );
    }
    let mut stored = definition.versions.iter().filter(|version| version.storage);
    let first = stored.next();
    for other in stored {
        let root = Path::ROOT;
        let path = root.field("status");
        let written = super::super::go::json_text(first.map_or("", |first| first.name));
        let detail = format!("must have the storage version {}", other.name);
        findings.invalid(
            "version-storage",
            &path.field("storedVersions"),
            format!("[{written}]"),
            &detail,
        );
    }
}

fn parts(
    definition: &Definition<'_>,
    version: &Version<'_>,
    index: usize,
    path: &Path<'_>,
    findings: &mut Findings,
) {
    let alike = definition.alike();
    let once = |alike: bool| !alike || index == 0;
    deprecation(version, &path.field("deprecationWarning"), findings);
    let schema_path = path.field("schema");
    let schema_path = schema_path.field("openAPIV3Schema");
    match &version.schema {
        None => missing(definition, version, &schema_path, findings),
        Some(schema) if once(alike.schema) => {
            let status = if alike.schema {
                definition.versions.iter().any(Version::has_status)
            } else {
                version.has_status()
            };
            let server = if alike.schema {
                "spec.validation.openAPIV3Schema".to_owned()
            } else {
                format!("spec.versions[{index}].schema.openAPIV3Schema")
            };
            let demands = definition.demands;
            keyword::root(schema, demands, status, &schema_path, &server, findings);
        }
        Some(_) => {}
    }
    if let Some(node) = version
        .get("subresources")
        .filter(|_| once(alike.subresources))
    {
        subresource::check(node, version, &path.field("subresources"), findings);
    }
    if let Some(node) = version
        .get("additionalPrinterColumns")
        .filter(|_| once(alike.columns))
    {
        let path = path.field("additionalPrinterColumns");
        column::check(node, version.schema.as_ref(), &path, findings);
    }
    if let Some(node) = version
        .get("selectableFields")
        .filter(|_| once(alike.selectable))
    {
        let hoisted = (alike.selectable, alike.schema);
        selectable::check(
            node,
            version.schema.as_ref(),
            hoisted,
            &path.field("selectableFields"),
            findings,
        );
    }
}

/// A version without a schema: v1beta1 had such where nothing was pruned.
fn missing(
    definition: &Definition<'_>,
    version: &Version<'_>,
    path: &Path<'_>,
    findings: &mut Findings,
) {
    let detail = match definition.demands.beta {
        Some(beta) if beta.pruned && version.served => "because otherwise all fields are pruned",
        Some(_) => return,
        None if definition.demands.era < Era(34) => "schemas are required",
        None => "",
    };
    findings.required("schema-required", path, detail);
}

fn deprecation(version: &Version<'_>, path: &Path<'_>, findings: &mut Findings) {
    let Some(warning) = version.deprecation_warning else {
        return;
    };
    let mut wrong = Vec::new();
    if version.deprecated {
        if warning.len() > 256 {
            wrong.push("must be <= 256 characters long".to_owned());
        }
        if warning.is_empty() {
            wrong.push("must not be an empty string".to_owned());
        }
        if let Some((at, _)) = warning
            .char_indices()
            .find(|(_, character)| !is_printable(*character))
        {
            wrong.push(format!(
                "must only contain printable UTF-8 characters; non-printable character found at index {at}"
            ));
        }
    } else {
        wrong.push("can only be set for deprecated versions".to_owned());
    }
    for detail in wrong {
        // A pointer, which the server writes as JSON.
        let written = super::super::go::json_text(warning);
        findings.invalid("deprecation-warning", path, written, &detail);
    }
}
