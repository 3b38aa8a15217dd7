//! `kubewright crd lint --kubernetes`: what API servers of older versions make of definitions.

use crate::harness::TestEnvironment;

/// A definition with further lines of its spec, of its version, and of the schema of `a`.
fn definition(spec: &str, version: &str, schema: &str) -> String {
    let or = |lines: &str, usual: &str| {
        let lines = if lines.is_empty() { usual } else { lines };
        lines.to_owned()
    };
    format!(
        "apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {{name: as.example.com}}
spec:
  group: example.com
  scope: Cluster
  names: {{plural: as, kind: A}}
{spec}  versions:
  - name: v1
    served: true
    storage: true
{version}    schema:
      openAPIV3Schema:
        type: object
        properties:
          a: {}
",
        or(schema, "{type: string}")
    )
}

/// What is told under a version of Kubernetes, as `severity[rule] message`.
fn told(environment: &TestEnvironment, text: &str, era: u32) -> Vec<String> {
    environment.write("work/a.yaml", text);
    let line = format!("crd lint a.yaml --format json --kubernetes 1.{era}");
    let report = environment.kubewright(&line).json();
    let findings = report["findings"].as_array().unwrap().iter();
    findings
        .map(|finding| {
            let text = |key: &str| finding[key].as_str().unwrap().to_owned();
            format!("{}[{}] {}", text("severity"), text("rule"), text("message"))
        })
        .collect()
}

#[test]
fn a_field_that_a_version_does_not_know_is_unknown_to_it() {
    let environment = TestEnvironment::new();
    let rule = |rest: &str| {
        definition(
            "",
            "",
            &format!(
                "{{type: string, maxLength: 9, x-kubernetes-validations: [{{rule: self != oldSelf, {rest}}}]}}"
            ),
        )
    };
    let schema = "spec.versions[0].schema.openAPIV3Schema.properties.a";
    let rules = format!("{schema}.x-kubernetes-validations");
    for (since, field, text) in [
        (
            17,
            format!("{schema}.x-kubernetes-map-type"),
            definition("", "", "{type: object, x-kubernetes-map-type: atomic}"),
        ),
        (
            19,
            "spec.versions[0].deprecated".to_owned(),
            definition("", "    deprecated: true\n", ""),
        ),
        (
            23,
            rules.clone(),
            definition(
                "",
                "",
                "{type: string, maxLength: 9, x-kubernetes-validations: [{rule: self != 'a'}]}",
            ),
        ),
        (
            27,
            format!("{rules}[0].messageExpression"),
            rule("messageExpression: self"),
        ),
        (
            28,
            format!("{rules}[0].reason"),
            rule("reason: FieldValueInvalid"),
        ),
        (
            29,
            format!("{rules}[0].optionalOldSelf"),
            rule("optionalOldSelf: false"),
        ),
        (
            30,
            "spec.versions[0].selectableFields".to_owned(),
            definition("", "    selectableFields: [{jsonPath: .a}]\n", ""),
        ),
    ] {
        let unknown = format!("error[unknown-field] unknown field \"{field}\"");
        let before = told(&environment, &text, since - 1);
        assert_eq!(before, std::slice::from_ref(&unknown), "1.{}", since - 1);
        let then = told(&environment, &text, since);
        assert!(!then.contains(&unknown), "1.{since}: {then:?}");
        assert_eq!(told(&environment, &text, 35), [""; 0], "{text}");
    }
}

#[test]
fn a_field_whose_feature_gate_is_off_is_dropped() {
    let environment = TestEnvironment::new();
    let selectable = definition("", "    selectableFields: [{jsonPath: .absent}]\n", "");
    let rules = definition(
        "",
        "",
        "{type: string, x-kubernetes-validations: [{rule: nothing}]}",
    );
    for (text, gate, dropped, on) in [
        (&selectable, "CustomResourceFieldSelectors", &[30][..], 31),
        (&rules, "CustomResourceValidationExpressions", &[23, 24], 25),
    ] {
        for era in dropped {
            let warning = format!(
                "warning[field-dropped] Kubernetes 1.{era} drops it without a word: its feature gate {gate} is off by default"
            );
            assert_eq!(told(&environment, text, *era), [warning]);
        }
        let errors = told(&environment, text, on);
        assert!(errors[0].starts_with("error["), "{errors:?}");
    }
    let hint = environment.kubewright("crd lint a.yaml --kubernetes 1.24");
    assert!(
        hint.stdout
            .contains("fix: it is of use since Kubernetes 1.25"),
        "{}",
        hint.stdout
    );
}

#[test]
fn a_resource_is_held_against_what_its_version_keeps() {
    let environment = TestEnvironment::new();
    let text = definition(
        "",
        "",
        "{type: string, maxLength: 9, x-kubernetes-validations: [{rule: self == 'a'}]}",
    );
    let text =
        format!("{text}---\napiVersion: example.com/v1\nkind: A\nmetadata: {{name: a}}\na: b\n");
    let told = |era| told(&environment, &text, era);
    assert!(told(24)[0].starts_with("warning[field-dropped]"));
    assert_eq!(told(24).len(), 1);
    assert_eq!(
        told(25),
        ["error[cel-resource] Invalid value: \"b\": failed rule: self == 'a'"]
    );
}

#[test]
fn v1beta1_is_held_against_what_it_demanded() {
    let environment = TestEnvironment::new();
    let old = |spec: &str| {
        format!(
            "apiVersion: apiextensions.k8s.io/v1beta1
kind: CustomResourceDefinition
metadata: {{name: as.example.com}}
spec:
  group: example.com
  names: {{plural: as, kind: A}}
{spec}"
        )
    };
    let errors = |text: &str, era| {
        let mut told = told(&environment, text, era);
        let warned = told.len();
        told.retain(|told| told.starts_with("error"));
        // The API server warns of the version since 1.19.
        assert_eq!(warned - told.len(), usize::from(era > 18 && era < 22));
        told
    };
    let loose =
        old("  version: v1\n  validation: {openAPIV3Schema: {properties: {a: {minLength: 1}}}}\n");
    assert_eq!(errors(&loose, 21), [""; 0]);
    assert_eq!(errors(&old("  version: v1\n"), 16), [""; 0]);
    assert!(errors(&loose, 22).len() > 2);
    for (spec, expected) in [
        // Pruning wants structural schemas, and such for all that is served.
        (
            "  version: v1\n  preserveUnknownFields: false\n",
            "error[schema-required] Required value: because otherwise all fields are pruned",
        ),
        (
            "  version: v1\n  preserveUnknownFields: false\n  validation: {openAPIV3Schema: {type: object, properties: {a: {}}}}\n",
            "error[structural-type] Required value: must not be empty for specified object fields",
        ),
        (
            "  version: v1\n  validation: {openAPIV3Schema: {type: object, properties: {a: {x-kubernetes-int-or-string: true}, b: {}}}}\n",
            "error[structural-type] Required value: must not be empty for specified object fields",
        ),
        (
            "  version: v1\n  validation: {openAPIV3Schema: {properties: {a: {default: 1}}}}\n",
            "error[default-place] Forbidden: must not be set (cannot set default values in apiextensions.k8s.io/v1beta1 CRDs, must use apiextensions.k8s.io/v1)",
        ),
        (
            "  version: v2\n  versions: [{name: v1, served: true, storage: true}]\n",
            "error[beta-parts] Invalid value: \"v2\": must match the first version in spec.versions",
        ),
        (
            "  subresources: {}\n  versions: [{name: v1, served: true, storage: true, subresources: {status: {}}}, {name: v2, served: true, storage: false}]\n",
            "error[beta-parts] Forbidden: top-level and per-version subresources are mutually exclusive",
        ),
        (
            "  version: v1\n  conversion: {strategy: Webhook, webhookClientConfig: {url: 'https://a.b'}}\n",
            "error[conversion] Invalid value: \"Webhook\": must be None if spec.preserveUnknownFields is true",
        ),
    ] {
        assert_eq!(errors(&old(spec), 21), [expected], "{spec}");
    }
    let alike =
        "  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {}}}]\n";
    let found = errors(&old(alike), 21);
    let end = "per-version schemas may not all be set to identical values (top-level validation should be used instead)";
    assert!(found.len() == 1 && found[0].ends_with(end), "{found:?}");
}

#[test]
fn messages_are_those_of_the_version() {
    let environment = TestEnvironment::new();
    let preserving = definition("  preserveUnknownFields: true\n", "", "");
    for (era, keyword) in [
        (24, "x-preserve-unknown-fields"),
        (25, "x-kubernetes-preserve-unknown-fields"),
    ] {
        let expected = format!(
            "error[preserve-unknown-fields] Invalid value: true: cannot set to true, set {keyword} to true in spec.versions[*].schema instead"
        );
        assert_eq!(told(&environment, &preserving, era), [expected]);
    }
    let titled = definition("", "    subresources: {status: {}}\n", "").replace(
        "        type: object\n",
        "        type: object\n        nullable: true\n",
    );
    let with_rules = |era| {
        let found = told(&environment, &titled, era);
        let mut found = found.iter();
        let of_root = found.find(|told| told.contains("fields are allowed at the root"));
        of_root
            .unwrap()
            .contains("XPreserveUnknownFields XValidations]")
    };
    assert_eq!([22, 23].map(with_rules), [false, true]);
    let keys = definition(
        "",
        "",
        "{type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [k], items: {type: object, properties: {k: {type: string}}}}",
    );
    assert_eq!(told(&environment, &keys, 17), [""; 0]);
    assert_eq!(told(&environment, &keys, 18).len(), 1);
}
