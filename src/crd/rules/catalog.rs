//! The table of rules.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

/// A rule: what a finding's name stands for.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its name.
    pub id: String,
    /// The minor version of Kubernetes 1 since which it holds.
    pub since: u32,
    /// Whether `--fix` mends what breaks it, where there is one right answer.
    #[serde(default)]
    pub fixable: bool,
    /// What it demands.
    pub summary: String,
    /// What to do where it is broken; empty for what is only told.
    #[serde(default)]
    pub fix: String,
    /// Where it comes from; below k8s.io/apiextensions-apiserver where no module is named, empty where it is
    /// kubewright's own.
    #[serde(default)]
    pub source: String,
    /// What the example is part of: `spec`, `version` or `property`.
    #[serde(default)]
    pub place: String,
    /// YAML that breaks it.
    #[serde(default)]
    pub example: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    rule: Vec<Rule>,
}

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    // A test reads the table; a broken one has no rules.
    toml::from_str::<Table>(include_str!("rules.toml"))
        .map_or_else(|_| Vec::new(), |table| table.rule)
});

/// All rules.
pub fn rules() -> &'static [Rule] {
    &RULES
}

/// A rule by its name.
pub fn rule(id: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crd::document::{Limits, read};
    use crate::crd::fix::fix;
    use crate::crd::lint::{Known, document};

    fn definition(rule: &Rule) -> String {
        let mut spec = vec!["group: example.com", "scope: Namespaced"];
        spec.push("names: {plural: gadgets, kind: Gadget}");
        let mut version = vec!["name: v1", "served: true", "storage: true"];
        let schema = "schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object}, \
                      status: {type: object, properties: {replicas: {type: integer}}}}}}";
        version.push(schema);
        let mut property = String::new();
        let keys: Vec<&str> = rule
            .example
            .lines()
            .filter_map(|line| line.split(':').next())
            .collect();
        let own = |line: &&str| !keys.contains(&line.split(':').next().unwrap_or_default());
        match rule.place.as_str() {
            "spec" => {
                spec.retain(own);
                spec.extend(rule.example.lines());
            }
            "version" => {
                version.retain(own);
                version.extend(rule.example.lines());
            }
            _ => {
                version.pop();
                let lines: Vec<String> = rule
                    .example
                    .lines()
                    .map(|line| format!("            {line}\n"))
                    .collect();
                property = format!(
                    "    schema:\n      openAPIV3Schema:\n        type: object\n        \
                     properties:\n          it:\n{}",
                    lines.concat()
                );
            }
        }
        format!(
            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n\
             metadata: {{name: gadgets.example.com}}\nspec:\n  {}\n  versions:\n  - {}\n{property}",
            spec.join("\n  "),
            version.join("\n    "),
        )
    }

    /// Rules of which only other findings than their example have one right answer.
    const UNCLEAR: [&str; 14] = [
        "unknown-field",
        "scope",
        "preserve-unknown-fields",
        "conversion",
        "scale-path",
        "selectable-field",
        "root-additional",
        "structural",
        "structural-type",
        "items",
        "embedded-resource",
        "properties-or-additional",
        "list-or-map-type",
        "list-map-key",
    ];

    #[test]
    fn what_is_mended_is_said_to_be() {
        let mut wrong = Vec::new();
        for rule in rules().iter().filter(|rule| !rule.example.is_empty()) {
            let fixed = fix(definition(rule), &Known::default()).unwrap();
            let mended = fixed.mended.iter().any(|mended| mended.rule == rule.id);
            let unclear = UNCLEAR.contains(&rule.id.as_str());
            if mended != (rule.fixable && !unclear) {
                wrong.push((&rule.id, mended));
            }
        }
        assert!(wrong.is_empty(), "{wrong:?}");
    }

    #[test]
    fn every_example_breaks_its_rule() {
        assert!(rules().len() > 50);
        for rule in rules().iter().filter(|rule| !rule.example.is_empty()) {
            let text = definition(rule);
            let documents = read(text.as_bytes(), Limits::default()).unwrap();
            let findings = document(&documents[0].root, &Known::default());
            assert!(
                findings.iter().any(|finding| finding.rule == rule.id),
                "{}: {findings:#?}\n{text}",
                rule.id
            );
            for finding in &findings {
                assert!(
                    self::rule(finding.rule).is_some(),
                    "{} is not in the table",
                    finding.rule
                );
            }
        }
    }
}
