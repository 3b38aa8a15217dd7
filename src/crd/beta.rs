//! Definitions of `apiextensions.k8s.io/v1beta1`, which ended with Kubernetes 1.22, as definitions of v1.
//!
//! Source: pkg/apis/apiextensions/v1beta1/{defaults,conversion}.go and v1/conversion.go.

use super::document::{Entry, Map, Node, Value};
use super::finding::Findings;
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
