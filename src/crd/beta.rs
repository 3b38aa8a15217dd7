//! Definitions of `apiextensions.k8s.io/v1beta1`, which ended with Kubernetes 1.22, as definitions of v1.
//!
//! Source: pkg/apis/apiextensions/v1beta1/{defaults,conversion}.go and v1/conversion.go.

use super::document::{Entry, Map, Node, Value};
use super::finding::Findings;
use super::go::{dns_1035_label, json_value};
use super::path::Path;

/// Adds what a definition of v1beta1 has that v1 has not.
pub(crate) fn gone(root: &Node, findings: &mut Findings) {
    let path = Path::ROOT;
    let rule = "api-gone";
    let detail = "apiextensions.k8s.io/v1beta1 is gone since Kubernetes 1.22; the API is \
                  apiextensions.k8s.io/v1";
    findings.invalid(
        rule,
        &path.field("apiVersion"),
        "apiextensions.k8s.io/v1beta1",
        detail,
    );
    let spec = path.field("spec");
    for (field, place) in [
        ("version", "spec.versions[*].name"),
        ("validation", "spec.versions[*].schema"),
        ("subresources", "spec.versions[*].subresources"),
        (
            "additionalPrinterColumns",
            "spec.versions[*].additionalPrinterColumns",
        ),
        ("selectableFields", "spec.versions[*].selectableFields"),
    ] {
        if root.dig(&["spec", field]).is_some() {
            findings.forbidden(
                "field-gone",
                &spec.field(field),
                &format!("v1 has it as {place}"),
            );
        }
    }
    columns(
        root.dig(&["spec", "additionalPrinterColumns"]),
        &spec,
        findings,
    );
    let versions = spec.field("versions");
    let list = root
        .dig(&["spec", "versions"])
        .and_then(Node::list)
        .unwrap_or_default();
    for (index, version) in list.iter().enumerate() {
        columns(
            version.get("additionalPrinterColumns"),
            &versions.index(index),
            findings,
        );
    }
    let conversion = spec.field("conversion");
    for (field, place) in [
        ("webhookClientConfig", "webhook.clientConfig"),
        (
            "conversionReviewVersions",
            "webhook.conversionReviewVersions",
        ),
    ] {
        if root.dig(&["spec", "conversion", field]).is_some() {
            let detail = format!("v1 has it as spec.conversion.{place}");
            findings.forbidden("field-gone", &conversion.field(field), &detail);
        }
    }
}

/// Adds what was wrong with a definition of v1beta1 while there was such, and is not wrong with one of v1.
///
/// Source: `validateCustomResourceDefinitionSpec` of pkg/apis/apiextensions/validation/validation.go, until 1.21, and
/// k8s.io/apiserver/pkg/endpoints/deprecation/deprecation.go.
pub(crate) fn check(root: &Node, findings: &mut Findings) {
    let path = Path::ROOT;
    findings.warning(
        "api-deprecated",
        &path.field("apiVersion"),
        "apiextensions.k8s.io/v1beta1 CustomResourceDefinition is deprecated in v1.16+, unavailable in v1.22+; use \
         apiextensions.k8s.io/v1 CustomResourceDefinition"
            .to_owned(),
    );
    let spec = path.field("spec");
    let versions = root.dig(&["spec", "versions"]);
    let list = versions.and_then(Node::list).unwrap_or_default();
    for (global, part, parts) in [
        ("validation", "schema", "schemas"),
        ("subresources", "subresources", "subresources"),
        (
            "additionalPrinterColumns",
            "additionalPrinterColumns",
            "additionalPrinterColumns",
        ),
    ] {
        let mut of_versions = list.iter().filter_map(|version| present(version.get(part)));
        if present(root.dig(&["spec", global])).is_some() && of_versions.next().is_some() {
            let detail = format!("top-level and per-version {parts} are mutually exclusive");
            findings.forbidden(PARTS, &spec.field(global), &detail);
        }
        let of_version = |version: &Node| present(version.get(part)).map(json_value);
        let first = list.first().and_then(of_version);
        if first.is_some() && list.iter().all(|version| of_version(version) == first) {
            let detail = format!(
                "per-version {parts} may not all be set to identical values (top-level {global} should be used instead)"
            );
            let value = versions.map_or_else(String::new, json_value);
            findings.invalid(PARTS, &spec.field("versions"), value, &detail);
        }
    }
    version_of(root, list, &spec.field("version"), findings);
}

/// The rule of what stands beside the versions, and in them.
const PARTS: &str = "beta-parts";

/// What is there, and holds something.
fn present(node: Option<&Node>) -> Option<&Node> {
    node.filter(|node| !node.is_null() && node.list().is_none_or(|list| !list.is_empty()))
}

/// `spec.version` is the first of the versions.
fn version_of(root: &Node, versions: &[Node], path: &Path<'_>, findings: &mut Findings) {
    let version = root.dig(&["spec", "version"]).and_then(Node::text);
    let Some(version) = version.filter(|version| !version.is_empty()) else {
        return;
    };
    let wrong = dns_1035_label(version);
    if !wrong.is_empty() {
        findings.invalid("version-name", path, version, &wrong.join(","));
    }
    let first = versions.first().map(|first| first.get("name"));
    if first.is_some_and(|first| first.and_then(Node::text) != Some(version)) {
        let detail = "must match the first version in spec.versions";
        findings.invalid(PARTS, path, version, detail);
    }
}

fn columns(columns: Option<&Node>, path: &Path<'_>, findings: &mut Findings) {
    let path = path.field("additionalPrinterColumns");
    let list = columns.and_then(Node::list).unwrap_or_default();
    for (index, column) in list.iter().enumerate() {
        if column.get("JSONPath").is_some() {
            let path = path.index(index);
            findings.forbidden(
                "field-gone",
                &path.field("JSONPath"),
                "v1 has it as jsonPath",
            );
        }
    }
}

/// The definition in the form of v1; everything keeps its place in the file.
pub(crate) fn to_v1(root: &Node) -> Node {
    let mut root = root.clone();
    if let Value::Map(map) = &mut root.value {
        let mut entries = Map::default();
        for mut entry in map.entries().to_vec() {
            if entry.key == "spec" {
                entry.node = spec(&entry.node);
            }
            entries.push(entry);
        }
        *map = entries;
    }
    root
}

fn spec(spec: &Node) -> Node {
    let moved = [
        "subresources",
        "additionalPrinterColumns",
        "selectableFields",
    ];
    let mut out = Map::default();
    for entry in spec.map().map(Map::entries).unwrap_or_default() {
        let key = entry.key.as_str();
        let drop = ["version", "validation", "versions", "preserveUnknownFields"];
        if moved.contains(&key) || drop.contains(&key) {
            continue;
        }
        let mut entry = entry.clone();
        if key == "conversion" {
            entry.node = conversion(&entry.node);
        }
        out.push(entry);
    }
    if spec.get("scope").is_none() {
        out.push(added("scope", Value::String("Namespaced".to_owned()), spec));
    }
    let versions = match spec.get("versions").and_then(Node::list) {
        Some(list) if !list.is_empty() => list.to_vec(),
        _ => spec.get("version").map(only_version).into_iter().collect(),
    };
    let versions: Vec<Node> = versions.iter().map(|node| version(node, spec)).collect();
    let mut entry = added("versions", Value::List(versions), spec);
    if let Some(entry_of) = spec
        .map()
        .and_then(|map| map.entry("versions").or(map.entry("version")))
    {
        entry.at = entry_of.at;
        entry.node.at = entry_of.node.at;
    }
    out.push(entry);
    Node {
        value: Value::Map(out),
        at: spec.at,
    }
}

/// The one version of a definition that only has `spec.version`.
fn only_version(name: &Node) -> Node {
    let mut version = Map::default();
    version.push(added("name", name.value.clone(), name));
    version.push(added("served", Value::Bool(true), name));
    version.push(added("storage", Value::Bool(true), name));
    Node {
        value: Value::Map(version),
        at: name.at,
    }
}

fn version(version: &Node, spec: &Node) -> Node {
    let mut out = Map::default();
    for entry in version.map().map(Map::entries).unwrap_or_default() {
        out.push(entry.clone());
    }
    for (from, to) in [
        ("validation", "schema"),
        ("subresources", "subresources"),
        ("additionalPrinterColumns", "additionalPrinterColumns"),
        ("selectableFields", "selectableFields"),
    ] {
        let global = spec.map().and_then(|map| map.entry(from));
        if let Some(global) = global.filter(|_| out.get(to).is_none()) {
            out.push(Entry {
                key: to.to_owned(),
                ..global.clone()
            });
        }
    }
    let mut renamed = Map::default();
    for mut entry in out.entries().to_vec() {
        if entry.key == "additionalPrinterColumns"
            && let Value::List(columns) = &mut entry.node.value
        {
            for column in columns {
                rename(column, "JSONPath", "jsonPath");
            }
        }
        renamed.push(entry);
    }
    Node {
        value: Value::Map(renamed),
        at: version.at,
    }
}

fn conversion(conversion: &Node) -> Node {
    let mut out = Map::default();
    let mut webhook = Map::default();
    for entry in conversion.map().map(Map::entries).unwrap_or_default() {
        let mut entry = entry.clone();
        match entry.key.as_str() {
            "webhookClientConfig" => {
                "clientConfig".clone_into(&mut entry.key);
                webhook.push(entry);
            }
            "conversionReviewVersions" => webhook.push(entry),
            _ => out.push(entry),
        }
    }
    if !webhook.entries().is_empty() {
        out.push(added("webhook", Value::Map(webhook), conversion));
    }
    Node {
        value: Value::Map(out),
        at: conversion.at,
    }
}

fn rename(node: &mut Node, from: &str, to: &str) {
    if let Value::Map(map) = &mut node.value {
        let mut renamed = Map::default();
        for mut entry in map.entries().to_vec() {
            if entry.key == from {
                to.clone_into(&mut entry.key);
            }
            renamed.push(entry);
        }
        *map = renamed;
    }
}

fn added(key: &str, value: Value, beside: &Node) -> Entry {
    Entry {
        key: key.to_owned(),
        at: beside.at,
        merged: false,
        node: Node {
            value,
            at: beside.at,
        },
    }
}
