//! Cases, each with its verdict; where the verdict is about values, with a value that shows it.

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

/// An old schema, a new one, what is told, and values that both are asked for.
type Case = (
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
);

const SCHEMAS: &[Case] = &[
    // Fields.
    (
        "{type: object, properties: {a: {type: string}, b: {type: string}}}",
        "{type: object, properties: {a: {type: string}}}",
        "!field-removed it.b",
        &["{b: x}"],
    ),
    (
        "{type: object, properties: {a: {type: string}}}",
        "{type: object, properties: {a: {type: string}, b: {type: string}}}",
        "+field-added it.b",
        &["{a: x}"],
    ),
    (
        "{type: object, properties: {a: {type: string}}}",
        "{type: object, required: [a], properties: {a: {type: string}}}",
        "!required-added it.a",
        &["{}"],
    ),
    (
        "{type: object, required: [a], properties: {a: {type: string}}}",
        "{type: object, properties: {a: {type: string}}}",
        "+required-removed it.a",
        &["{a: x}"],
    ),
    (
        "{type: object}",
        "{type: object, required: [a], properties: {a: {type: string, default: x}}}",
        "+field-added it.a +required-added it.a",
        &["{}"],
    ),
    (
        "{type: object}",
        "{type: object, required: [a], properties: {a: {type: string}}}",
        "!required-added it.a +field-added it.a",
        &["{}"],
    ),
    (
        "{type: object, x-kubernetes-preserve-unknown-fields: true}",
        "{type: object, x-kubernetes-preserve-unknown-fields: true, properties: {a: {type: integer}}}",
        "!field-limited it.a",
        &["{a: x}"],
    ),
    (
        "{type: object, x-kubernetes-preserve-unknown-fields: true, properties: {a: {type: integer}}}",
        "{type: object, x-kubernetes-preserve-unknown-fields: true}",
        "+field-removed it.a",
        &["{a: 1}"],
    ),
    (
        "{type: object, x-kubernetes-preserve-unknown-fields: true}",
        "{type: object}",
        "!unknown-dropped it",
        &["{a: 1}"],
    ),
    (
        "{type: object}",
        "{type: object, x-kubernetes-preserve-unknown-fields: true}",
        "+unknown-kept it",
        &["{}"],
    ),
    // Types.
    (
        "{type: string}",
        "{type: integer}",
        "!type-changed it",
        &["x"],
    ),
    (
        "{type: integer}",
        "{type: number}",
        "+type-widened it",
        &["1"],
    ),
    (
        "{type: number}",
        "{type: integer}",
        "!type-changed it",
        &["1.5"],
    ),
    (
        "{type: string}",
        "{x-kubernetes-int-or-string: true}",
        "+type-widened it",
        &["x"],
    ),
    (
        "{x-kubernetes-int-or-string: true}",
        "{type: string}",
        "!type-changed it",
        &["1"],
    ),
    (
        "{type: string}",
        "{x-kubernetes-preserve-unknown-fields: true}",
        "+type-widened it +unknown-kept it",
        &["x"],
    ),
    (
        "{type: string, nullable: true}",
        "{type: string}",
        "!nullable-removed it",
        &["null"],
    ),
    (
        "{type: string}",
        "{type: string, nullable: true}",
        "+nullable-added it",
        &["x"],
    ),
    // Limits.
    (
        "{type: integer, minimum: 1}",
        "{type: integer, minimum: 2}",
        "!limit-tightened it",
        &["1"],
    ),
    (
        "{type: integer, minimum: 2}",
        "{type: integer, minimum: 1}",
        "+limit-loosened it",
        &["2"],
    ),
    (
        "{type: integer, maximum: 9}",
        "{type: integer, maximum: 9, exclusiveMaximum: true}",
        "!limit-tightened it",
        &["9"],
    ),
    (
        "{type: integer}",
        "{type: integer, maximum: 9}",
        "!limit-added it",
        &["10"],
    ),
    (
        "{type: integer, maximum: 9}",
        "{type: integer}",
        "+limit-removed it",
        &["9"],
    ),
    (
        "{type: integer, multipleOf: 4}",
        "{type: integer, multipleOf: 2}",
        "+limit-loosened it",
        &["4"],
    ),
    (
        "{type: integer, multipleOf: 2}",
        "{type: integer, multipleOf: 4}",
        "!limit-tightened it",
        &["2"],
    ),
    (
        "{type: string}",
        "{type: string, minLength: 0}",
        "",
        &["''"],
    ),
    (
        "{type: string, maxLength: 5}",
        "{type: string, maxLength: 4}",
        "!limit-tightened it",
        &["abcde"],
    ),
    (
        "{type: string, minLength: 2}",
        "{type: string, minLength: 3}",
        "!limit-tightened it",
        &["ab"],
    ),
    (
        "{type: array, items: {type: string}}",
        "{type: array, minItems: 1, items: {type: string}}",
        "!limit-added it",
        &["[]"],
    ),
    (
        "{type: array, maxItems: 2, items: {type: string}}",
        "{type: array, maxItems: 1, items: {type: string}}",
        "!limit-tightened it",
        &["[a, b]"],
    ),
    (
        "{type: object, maxProperties: 2, additionalProperties: {type: string}}",
        "{type: object, maxProperties: 1, additionalProperties: {type: string}}",
        "!limit-tightened it",
        &["{a: x, b: x}"],
    ),
    (
        "{type: string, enum: [a, b]}",
        "{type: string, enum: [b, c]}",
        "!enum-value-removed it +enum-value-added it",
        &["a"],
    ),
    (
        "{type: string}",
        "{type: string, enum: [a]}",
        "!enum-added it",
        &["b"],
    ),
    (
        "{type: string, enum: [a]}",
        "{type: string}",
        "+enum-removed it",
        &["a"],
    ),
    (
        "{type: string}",
        "{type: string, pattern: '^a$'}",
        "!pattern-added it",
        &["b"],
    ),
    (
        "{type: string, pattern: '^a$'}",
        "{type: string, pattern: '^b$'}",
        "!pattern-changed it",
        &["a"],
    ),
    (
        "{type: string, pattern: '^a$'}",
        "{type: string}",
        "+pattern-removed it",
        &["a"],
    ),
    (
        "{type: string}",
        "{type: string, format: ipv4}",
        "!format-changed it",
        &["x"],
    ),
    (
        "{type: string}",
        "{type: string, format: fancy}",
        "+format-changed it",
        &["x"],
    ),
    (
        "{type: string, format: ipv4}",
        "{type: string}",
        "+format-changed it",
        &["1.2.3.4"],
    ),
    (
        "{type: integer, format: int64}",
        "{type: integer, format: int32}",
        "+format-changed it",
        &["3000000000"],
    ),
    (
        "{type: integer, format: int32}",
        "{type: integer, format: int64}",
        "+format-changed it",
        &["1"],
    ),
    // Defaults, which are filled in on reading too.
    (
        "{type: string}",
        "{type: string, default: a}",
        "+default-added it",
        &["x"],
    ),
    (
        "{type: string, default: a}",
        "{type: string, default: b}",
        "!default-changed it",
        &[],
    ),
    (
        "{type: string, default: a}",
        "{type: string}",
        "!default-removed it",
        &[],
    ),
    (
        "{type: number, default: 1}",
        "{type: number, default: 1.0}",
        "",
        &["1"],
    ),
    // Maps and lists.
    (
        "{type: object, additionalProperties: {type: string}}",
        "{type: object}",
        "!keys-removed it.*",
        &["{a: x}"],
    ),
    (
        "{type: object}",
        "{type: object, additionalProperties: {type: string}}",
        "+keys-added it.*",
        &["{}"],
    ),
    (
        "{type: object, additionalProperties: {type: string}}",
        "{type: object, additionalProperties: {type: integer}}",
        "!type-changed it.*",
        &["{a: x}"],
    ),
    (
        "{type: object, x-kubernetes-preserve-unknown-fields: true}",
        "{type: object, additionalProperties: {type: integer}}",
        "!keys-limited it.* !unknown-dropped it",
        &["{a: x}"],
    ),
    (
        "{type: array, items: {type: object, properties: {a: {type: string}}}}",
        "{type: array, items: {type: object, properties: {a: {type: string, maxLength: 1}}}}",
        "!limit-added it[*].a",
        &["[{a: xx}]"],
    ),
    (
        "{type: array, items: {type: string}}",
        "{type: array, x-kubernetes-list-type: set, items: {type: string}}",
        "!list-type-changed it",
        &["[a, a]"],
    ),
    (
        "{type: array, x-kubernetes-list-type: set, items: {type: string}}",
        "{type: array, items: {type: string}}",
        "!list-type-changed it",
        &[],
    ),
    (
        "{type: array, items: {type: string}}",
        "{type: array, x-kubernetes-list-type: atomic, items: {type: string}}",
        "",
        &["[a, a]"],
    ),
    (
        "{type: object}",
        "{type: object, x-kubernetes-map-type: atomic}",
        "!map-type-changed it",
        &[],
    ),
    (
        "{type: object, x-kubernetes-map-type: atomic}",
        "{type: object, x-kubernetes-map-type: granular}",
        "+map-type-changed it",
        &["{}"],
    ),
    (
        "{type: object, x-kubernetes-preserve-unknown-fields: true}",
        "{type: object, x-kubernetes-preserve-unknown-fields: true, x-kubernetes-embedded-resource: true}",
        "!embedded-resource-added it",
        &["{a: x}"],
    ),
    // Junctors and rules.
    (
        "{type: integer}",
        "{type: integer, anyOf: [{minimum: 5}]}",
        "!junctor-changed it",
        &["1"],
    ),
    (
        "{type: integer, anyOf: [{minimum: 5}]}",
        "{type: integer, anyOf: [{minimum: 5}, {maximum: 1}]}",
        "+junctor-changed it",
        &["5"],
    ),
    (
        "{type: integer, allOf: [{minimum: 5}, {maximum: 9}]}",
        "{type: integer, allOf: [{minimum: 5}]}",
        "+junctor-changed it",
        &["5"],
    ),
    (
        "{type: integer, oneOf: [{minimum: 5}]}",
        "{type: integer, oneOf: [{minimum: 5}, {minimum: 6}]}",
        "!junctor-changed it",
        &["7"],
    ),
    (
        "{type: integer}",
        "{type: integer, not: {minimum: 5}}",
        "!junctor-changed it",
        &["5"],
    ),
    (
        "{type: integer, not: {minimum: 5}}",
        "{type: integer}",
        "+junctor-changed it",
        &["1"],
    ),
    (
        "{type: integer}",
        "{type: integer, x-kubernetes-validations: [{rule: self > 1}]}",
        "!rule-added it",
        &[],
    ),
    (
        "{type: integer, x-kubernetes-validations: [{rule: self > 1}]}",
        "{type: integer, x-kubernetes-validations: [{rule: self > 1, message: m}]}",
        "",
        &[],
    ),
    (
        "{type: integer, x-kubernetes-validations: [{rule: self > 1}]}",
        "{type: integer}",
        "+rule-removed it",
        &[],
    ),
    (
        "{type: string, description: a}",
        "{type: string, description: b}",
        "",
        &["x"],
    ),
];

#[test]
fn schemas_have_their_verdicts_and_values_that_show_them() {
    for (old, new, expected, values) in SCHEMAS {
        let (old_one, new_one) = (definition(old, PLAIN), definition(new, PLAIN));
        let told = told(&old_one, &new_one).join(" ");
        assert_eq!(told, *expected, "{old} -> {new}");
        let breaks = expected.contains('!');
        for value in *values {
            assert!(takes(&old_one, value), "{old} refuses {value}");
            assert_eq!(takes(&new_one, value), !breaks, "{old} -> {new}: {value}");
        }
    }
}

#[test]
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
