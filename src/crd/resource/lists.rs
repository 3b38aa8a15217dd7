//! Lists that are sets or maps: nothing stands in them twice.
//!
//! Source: k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype/validation.go.

use std::collections::HashMap;

use super::fault::bad;
use crate::crd::document::{Node, Value};
use crate::crd::finding::Findings;
use crate::crd::go::{json_value, member, object};
use crate::crd::path::Path;
use crate::crd::schema::Schema;

/// Adds what stands twice.
pub(crate) fn check(
    rule: &'static str,
    path: &Path<'_>,
    node: &Node,
    schema: &Schema<'_>,
    findings: &mut Findings,
) {
    match &node.value {
        Value::Map(map) => {
            for entry in map.sorted() {
                if let Some(property) = schema.property(&entry.key) {
                    check(
                        rule,
                        &path.field(&entry.key),
                        &entry.node,
                        property,
                        findings,
                    );
                } else if let Some(additional) = schema.additional() {
                    check(
                        rule,
                        &path.key(&entry.key),
                        &entry.node,
                        additional,
                        findings,
                    );
                }
            }
        }
        Value::List(list) => {
            match schema.list_type {
                Some("set") => {
                    let keys: Vec<String> = list.iter().map(json_value).collect();
                    for index in repeated(&keys) {
                        findings.duplicate(rule, &path.index(index), bad(&list[index]));
                    }
                }
                Some("map") => map_list(rule, path, list, schema, findings),
                _ => {}
            }
            for (index, node) in list.iter().enumerate() {
                if let Some(item) = schema.item() {
                    check(rule, &path.index(index), node, item, findings);
                }
            }
        }
        _ => {}
    }
}

fn map_list(
    rule: &'static str,
    path: &Path<'_>,
    list: &[Node],
    schema: &Schema<'_>,
    findings: &mut Findings,
) {
    for (index, item) in list.iter().enumerate() {
        if item.map().is_none() && !item.is_null() {
            let detail = "must be an object for an array of list-type map";
            findings.invalid(rule, &path.index(index), bad(item), detail);
            return;
        }
    }
    let names = schema.list_map_keys.as_deref().unwrap_or_default();
    let mut names: Vec<&str> = names.to_vec();
    names.sort_unstable();
    let keys: Vec<String> = list
        .iter()
        .map(|item| {
            let present = names
                .iter()
                .filter_map(|name| Some((name, item.get(name)?)));
            object(present.map(|(name, value)| member(name, &json_value(value))))
        })
        .collect();
    for index in repeated(&keys) {
        findings.duplicate(rule, &path.index(index), keys[index].clone());
    }
}

/// The places of second appearances; third ones are not told again.
fn repeated(keys: &[String]) -> Vec<usize> {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    let mut places = Vec::new();
    for (index, key) in keys.iter().enumerate() {
        let times = seen.entry(key).or_default();
        *times += 1;
        if *times == 2 {
            places.push(index);
        }
    }
    places
}
