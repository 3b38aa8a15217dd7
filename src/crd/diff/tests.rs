//! Cases, each with its verdict; where the verdict is about values, with a value that shows it.

use serde::Deserialize;

use super::*;
use crate::crd::Severity;
use crate::crd::document::{Limits, read};
use crate::crd::lint::resource;

/// What a definition has beside its schema.
const PLAIN: (&str, &str) = ("", "");

fn definition(schema: &str, (spec, version): (&str, &str)) -> Document {
    let fill = |given: &str, default: &[&str]| {
        let has = |line: &str| {
            let key = line.split(':').next().unwrap_or_default();
            given
                .lines()
                .any(|given| given.trim_start().starts_with(&format!("{key}:")))
        };
        let mut lines: Vec<String> = given.lines().map(str::to_owned).collect();
        lines.extend(
            default
                .iter()
                .filter(|line| !has(line))
                .map(|line| (*line).to_owned()),
        );
        lines
    };
    let spec = fill(
        spec,
        &[
            "group: example.com",
            "scope: Namespaced",
            "names: {plural: gadgets, kind: Gadget, shortNames: [gd]}",
        ],
    );
    let version = fill(version, &["name: v1", "served: true", "storage: true"]);
    let text = format!(
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n\
         metadata: {{name: gadgets.example.com}}\nspec:\n  {}\n  versions:\n  - {}\n    schema: \
         {{openAPIV3Schema: {{type: object, properties: {{it: {schema}}}}}}}\n",
        spec.join("\n  "),
        version.join("\n    "),
    );
    read(text.as_bytes(), Limits::default())
        .unwrap_or_else(|error| panic!("{error}: {text}"))
        .remove(0)
}

fn told(old: &Document, new: &Document) -> Vec<String> {
    let changes = diff([old], [new]);
    let told = changes.iter().map(|change| {
        let sign = match change.verdict {
            Verdict::Breaking => '!',
            Verdict::Compatible => '+',
        };
        format!("{sign}{} {}", change.kind, change.path)
    });
    told.collect()
}

/// Whether the API server takes a value and keeps all of it.
fn takes(definition: &Document, value: &str) -> bool {
    let text = format!(
        "apiVersion: example.com/v1\nkind: Gadget\nmetadata: {{name: a, namespace: b}}\nit: {value}\n"
    );
    let document = read(text.as_bytes(), Limits::default()).unwrap().remove(0);
    let findings = resource(&definition.root, &document.root);
    findings
        .iter()
        .all(|finding| finding.severity != Severity::Error)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    old: String,
    new: String,
    told: String,
    #[serde(default)]
    values: Vec<String>,
}

#[derive(Deserialize)]
struct Table {
    case: Vec<Case>,
}

#[test]
fn schemas_have_their_verdicts_and_values_that_show_them() {
    let table = include_str!("../../../tests/fixtures/crd/diff.toml");
    let table: Table = toml::from_str(table).unwrap();
    assert!(table.case.len() > 60);
    for case in table.case {
        let (old, new) = (definition(&case.old, PLAIN), definition(&case.new, PLAIN));
        let which = format!("{} -> {}", case.old, case.new);
        assert_eq!(told(&old, &new).join(" "), case.told, "{which}");
        let breaks = case.told.contains('!');
        for value in &case.values {
            assert!(takes(&old, value), "{} refuses {value}", case.old);
            assert_eq!(takes(&new, value), !breaks, "{which}: {value}");
        }
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "it is a table")]
fn definitions_have_their_verdicts() {
    let schema = "{type: object, x-kubernetes-preserve-unknown-fields: true}";
    let names = |names: &str| {
        (
            format!("names: {{plural: gadgets, {names}}}"),
            String::new(),
        )
    };
    let spec = |spec: &str| (spec.to_owned(), String::new());
    let version = |version: &str| (String::new(), version.to_owned());
    let plain = || (String::new(), String::new());
    let scale = |paths: &str| version(&format!("subresources: {{scale: {{{paths}}}}}"));
    let (one, two) = (
        scale("specReplicasPath: .it.a, statusReplicasPath: .status.a"),
        scale(
            "specReplicasPath: .it.b, statusReplicasPath: .status.a, labelSelectorPath: .status.s",
        ),
    );
    for (old, new, expected) in [
        (
            spec("scope: Namespaced"),
            spec("scope: Cluster"),
            "!scope-changed spec.scope",
        ),
        (
            plain(),
            names("kind: Widget, singular: gadget, listKind: GadgetList, shortNames: [gd]"),
            "!name-changed spec.names.kind",
        ),
        (
            plain(),
            names("kind: Gadget, singular: thing, shortNames: [gd]"),
            "!name-changed spec.names.singular",
        ),
        (
            plain(),
            names("kind: Gadget, listKind: Gadgets, shortNames: [gd]"),
            "!name-changed spec.names.listKind",
        ),
        (
            plain(),
            names("kind: Gadget, shortNames: [gg], categories: [all]"),
            "!name-removed spec.names.shortNames +name-added spec.names.shortNames +name-added spec.names.categories",
        ),
        (
            plain(),
            names("kind: Gadget, singular: gadget, listKind: GadgetList, shortNames: [gd]"),
            "",
        ),
        (
            version("subresources: {status: {}}"),
            plain(),
            "!status-removed subresources.status",
        ),
        (
            plain(),
            version("subresources: {status: {}}"),
            "!status-added subresources.status",
        ),
        (one.clone(), plain(), "!scale-removed subresources.scale"),
        (plain(), one.clone(), "+scale-added subresources.scale"),
        (
            one,
            two,
            "!scale-changed subresources.scale +scale-changed subresources.scale",
        ),
        (
            version("selectableFields: [{jsonPath: .it.a}]"),
            version("selectableFields: [{jsonPath: .it.b}]"),
            "!selectable-removed selectableFields +selectable-added selectableFields",
        ),
        (
            plain(),
            version("additionalPrinterColumns: [{name: A, type: date, jsonPath: .a}]"),
            "+columns-changed additionalPrinterColumns",
        ),
        (
            version("served: true"),
            version("served: false"),
            "!version-unserved ",
        ),
        (
            version("served: false"),
            version("served: true"),
            "+version-served ",
        ),
        (plain(), version("deprecated: true"), "+deprecation "),
        (
            spec("conversion: {strategy: Webhook}"),
            plain(),
            "!conversion-changed spec.conversion.strategy",
        ),
        (
            plain(),
            spec("conversion: {strategy: Webhook}"),
            "+conversion-changed spec.conversion.strategy",
        ),
        (spec("conversion: {strategy: None}"), plain(), ""),
    ] {
        let old = definition(schema, (&old.0, &old.1));
        let new = definition(schema, (&new.0, &new.1));
        assert_eq!(told(&old, &new).join(" "), expected);
    }
}

fn versions(list: &str) -> Document {
    let text = format!(
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n\
         metadata: {{name: as.example.com}}\nspec: {{group: example.com, scope: Cluster, \
         names: {{plural: as, kind: A}}, versions: [{list}]}}\n"
    );
    read(text.as_bytes(), Limits::default()).unwrap().remove(0)
}

#[test]
fn versions_have_their_verdicts() {
    let v1 = "{name: v1, served: true, storage: true}";
    let v1_served = "{name: v1, served: true, storage: false}";
    let v1_gone = "{name: v1, served: false, storage: false}";
    let v2 = "{name: v2, served: true, storage: true}";
    let v2_served = "{name: v2, served: true, storage: false}";
    let join = |a: &str, b: &str| format!("{a}, {b}");
    for (old, new, expected) in [
        (v1.to_owned(), join(v1, v2_served), "+version-added "),
        (
            v1.to_owned(),
            join(v1_served, v2),
            "!storage-changed  +version-added ",
        ),
        (
            v1.to_owned(),
            v2.to_owned(),
            "!version-removed  !storage-changed  +version-added ",
        ),
        (join(v1_served, v2), v2.to_owned(), "!version-removed "),
        (join(v1_gone, v2), v2.to_owned(), "+version-removed "),
    ] {
        assert_eq!(told(&versions(&old), &versions(&new)).join(" "), expected);
    }
}

#[test]
fn definitions_come_and_go() {
    let one = versions("{name: v1, served: true, storage: true}");
    let other = definition("{type: string}", PLAIN);
    let changes = diff([&one], [&other]);
    let told: Vec<_> = changes
        .iter()
        .map(|change| (change.kind, change.verdict, change.definition.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("definition-removed", Verdict::Breaking, "as.example.com"),
            (
                "definition-added",
                Verdict::Compatible,
                "gadgets.example.com"
            ),
        ]
    );
}

#[test]
fn what_was_converted_is_the_same() {
    for text in [
        include_str!("../../../tests/fixtures/crd/source/s3-crontab-validation.yaml"),
        include_str!("../../../tests/fixtures/crd/source/s3-crontab-scale.yaml"),
        include_str!("../../../tests/fixtures/crd/source/s4-crontab.yaml"),
    ] {
        let converted = convert::convert(text.to_owned(), 0, Unknown::Preserve).unwrap();
        let old = read(text.as_bytes(), Limits::default()).unwrap().remove(0);
        let new = read(converted.text.as_bytes(), Limits::default())
            .unwrap()
            .remove(0);
        assert_eq!(told(&old, &new), Vec::<String>::new());
        assert!(!converted.rewritten);
    }
}
