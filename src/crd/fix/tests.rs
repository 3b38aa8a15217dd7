//! Each mend, on a definition whose comments and layout have to stay.

use super::*;
use crate::crd::Severity;

const BASE: &str = "# A definition.
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: gadgets.example.com # PLURAL.GROUP
spec:
  group: example.com
  scope: Namespaced
  names: {plural: gadgets, kind: Gadget, shortNames: [gd]}

  versions:
    - name: v1
      served: true
      storage: true
      # What it holds.
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec: # what is wished
              type: object
              properties:
                size:
                  type: integer # of what
                tags: {type: array, items: {type: string}}
";

fn errors(text: &str) -> Vec<String> {
    let documents = read(text.as_bytes(), Limits::default()).unwrap();
    let known = Known::among(&documents);
    let findings = documents
        .iter()
        .flat_map(|one| document(&one.root, &known))
        // A field that is written twice is only warned of.
        .filter(|finding| finding.severity == Severity::Error || finding.rule == "duplicate-field");
    findings
        .map(|finding| format!("{}: {}", finding.rule, finding.message))
        .collect()
}

fn fixed(text: &str) -> String {
    let documents = read(text.as_bytes(), Limits::default()).unwrap();
    let known = Known::among(&documents);
    fix(text.to_owned(), &known).unwrap().text
}

#[test]
fn what_has_one_answer_is_mended_and_all_else_stays() {
    assert_eq!(errors(BASE), Vec::<String>::new());
    for (right, wrong) in [
        ("name: gadgets.example.com", "name: gadget.example.com"),
        ("scope: Namespaced", "scope: namespaced"),
        ("  scope: Namespaced\n", "  scop: Namespaced\n"),
        ("shortNames: [gd]", "shortNames: [GD]"),
        ("shortNames: [gd]", "shortnames: [gd]"),
        ("      storage: true\n", "      storage: false\n"),
        (
            "          type: object\n          properties:",
            "          properties:",
        ),
        ("              type: object\n", ""),
        ("type: integer #", "type: int #"),
        ("type: integer #", "type: Integer #"),
        (
            "{type: array, items: {type: string}}",
            "{type: array, items: [{type: string}]}",
        ),
        (
            "{type: array, items: {type: string}}",
            "{items: {type: string}}",
        ),
        (
            "              type: object\n",
            "              type: object\n              type: object\n",
        ),
        (
            "          type: object\n          prop",
            "          nullable: true\n          type: object\n          prop",
        ),
        (
            "          type: object\n          prop",
            "          additionalProperties: false\n          type: object\n          prop",
        ),
        (
            "              type: object\n",
            "              type: object\n              x-kubernetes-preserve-unknown-fields: false\n",
        ),
        ("              properties:\n", "              propertes:\n"),
    ] {
        let text = BASE.replacen(right, wrong, 1);
        assert_ne!(text, BASE, "{right}");
        assert_ne!(errors(&text), Vec::<String>::new(), "{wrong}");
        let mended = fixed(&text);
        let expected = match wrong {
            // In brackets a type is added where there is a place, which is before what it tells of.
            _ if mended == BASE => continue,
            wrong => (errors(&mended), comments(&mended), wrong),
        };
        assert_eq!(expected, (Vec::new(), comments(BASE), wrong), "{mended}");
    }
}

fn comments(text: &str) -> Vec<String> {
    let comment = |line: &str| line.find('#').map(|at| line[at..].to_owned());
    text.lines().filter_map(comment).collect()
}

#[test]
fn keywords_become_what_the_server_takes() {
    for (wrong, right) in [
        (
            "{type: array, uniqueItems: true, items: {type: string}}",
            "{type: array, x-kubernetes-list-type: set, items: {type: string}}",
        ),
        (
            "{anyOf: [{type: string}, {type: integer}]}",
            "{x-kubernetes-int-or-string: true}",
        ),
        ("{enum: [a, b]}", "{enum: [a, b], type: string}"),
        ("{pattern: a}", "{pattern: a, type: string}"),
        (
            "{type: string, anyOf: [{type: string, minLength: 1}]}",
            "{type: string, anyOf: [{minLength: 1}]}",
        ),
        (
            "{type: array, x-kubernetes-list-type: set, items: {type: object}}",
            "{type: array, x-kubernetes-list-type: set, items: {type: object, x-kubernetes-map-type: atomic}}",
        ),
        (
            "{type: array, x-kubernetes-list-type: set, items: {type: string, nullable: true}}",
            "{type: array, x-kubernetes-list-type: set, items: {type: string}}",
        ),
        (
            "{type: object, properties: {a: {type: bool}}, additionalProperties: false}",
            "{type: object, properties: {a: {type: boolean}}}",
        ),
    ] {
        let place = "{type: array, items: {type: string}}";
        let mended = fixed(&BASE.replace(place, wrong));
        assert_eq!(mended, BASE.replace(place, right));
        assert_eq!(errors(&mended), Vec::<String>::new());
    }
}

#[test]
fn what_has_no_answer_or_several_stays() {
    for (right, wrong) in [
        ("  scope: Namespaced\n", ""),
        ("type: integer #", "minimum: 1 #"),
        (
            "type: integer #",
            "pattern: '(?=a)'\n                  type: string #",
        ),
        (
            "  versions:\n",
            "  versions:\n    - {name: v0, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}\n",
        ),
        ("group: example.com", "group: example"),
        (
            "  scope: Namespaced\n",
            "  scope: Namespaced\n  scope: Cluster\n",
        ),
    ] {
        let text = BASE.replacen(right, wrong, 1);
        assert_ne!(errors(&text), Vec::<String>::new(), "{wrong}");
        assert_eq!(fixed(&text), text, "{wrong}");
    }
}

#[test]
fn what_v1beta1_had_beside_the_versions_moves_into_them() {
    let text = BASE.replace(
        "  versions:\n",
        "  # Shown by kubectl.\n  additionalPrinterColumns:\n  - name: Size # short\n    type: int\n    JSONPath: spec.size\n  version: v1\n  versions:\n",
    );
    let expected = format!(
        "{BASE}      # Shown by kubectl.\n      additionalPrinterColumns:\n      - name: Size # short\n        type: integer\n        jsonPath: .spec.size\n"
    );
    assert_eq!(fixed(&text), expected);
}

#[test]
fn other_kinds_are_mended_too() {
    let service = "apiVersion: apiregistration.k8s.io/v1beta1\nkind: APIService\nmetadata: {name: v1}\nspec: {group: a.example.com, version: v1, groupPriorityMinimum: 1000, versionPriority: 15} # why\n";
    let expected = service
        .replace("v1beta1", "v1")
        .replace("{name: v1}", "{name: v1.a.example.com}");
    assert_eq!(fixed(service), expected);

    let cluster = BASE.replace("scope: Namespaced", "scope: Cluster");
    let resource =
        "apiVersion: example.com/v1\nkind: Gadget\nmetadata:\n  name: a\n  namespace: b\n";
    let text = format!("{cluster}---\n{resource}");
    assert_eq!(fixed(&text), text.replace("  namespace: b\n", ""));
}

#[test]
fn odd_layouts_are_left_alone() {
    let text = BASE.replace(
        "tags: {type: array, items: {type: string}}",
        "tags: &t {items: {type: string}}\n                more: *t",
    );
    // The one answer is the same at both places, and there is one text for both.
    let mended = fixed(&text);
    assert!(mended == text || errors(&mended).is_empty(), "{mended}");
}
