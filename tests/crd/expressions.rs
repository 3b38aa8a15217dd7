//! CEL rules: the linter and a real API server are asked about the same random expressions, and resources.
//!
//! `KUBEWRIGHT_MUTATIONS=5000 cargo test expressions -- --nocapture` asks more and lists what differs.

use kubewright::crd::document::Node;
use kubewright::crd::lint;
use serde_json::{Map, Value, json};

use super::agreement::{CREATE, Tally, count, fixture, linter, said, server};
use super::grammar::{Grammar, kind};
use super::mutation::Dice;

const SPEC: &str = "/spec/versions/0/schema/openAPIV3Schema/properties/spec";

/// Where rules are put: below the schema of `spec`.
const PLACES: &[&str] = &[
    "",
    "",
    "",
    "",
    "/properties/max",
    "/properties/name",
    "/properties/counts",
    "/properties/counts/items",
    "/properties/tags",
    "/properties/ports",
    "/properties/ports/items",
    "/properties/labels",
    "/properties/labels/additionalProperties",
    "/properties/inner",
    "/properties/inner/properties/deep",
    "/properties/matrix",
    "/properties/ratio",
    "/properties/enabled",
    "/properties/free",
    "/properties/free/items",
    "/properties/port",
    "/properties/timeout",
];

/// Puts one random rule somewhere.
fn with_rule(base: &Value, dice: &mut Dice) -> Value {
    let mut definition = base.clone();
    let place = *dice.pick(PLACES);
    let schema = definition.pointer_mut(&format!("{SPEC}{place}")).unwrap();
    let itself = kind(schema);
    let mut rule = Map::new();
    let text = match dice.roll(2) {
        0 => Grammar::new(dice, &itself).rule(),
        _ => Grammar::new(dice, &itself).broken(),
    };
    rule.insert("rule".to_owned(), json!(text));
    if dice.roll(2) == 0 {
        rule.insert("message".to_owned(), json!("is wrong"));
    }
    match dice.roll(8) {
        0 => {
            let text = Grammar::new(dice, &itself).text();
            rule.insert("messageExpression".to_owned(), json!(text));
        }
        1 => {
            rule.insert("optionalOldSelf".to_owned(), json!(dice.roll(2) == 0));
        }
        2 => {
            let path = *dice.pick(&[
                ".name",
                ".nobody",
                "name",
                ".inner.a",
                "['max']",
                ".labels['x']",
            ]);
            rule.insert("fieldPath".to_owned(), json!(path));
        }
        _ => {}
    }
    schema["x-kubernetes-validations"] = json!([rule]);
    definition
}

#[test]
fn of_rules_that_are_random_and_broken() {
    let base = fixture("rules");
    assert_eq!(
        server(CREATE, &base.to_string()),
        linter(&base.to_string()).0
    );
    assert!(!linter(&base.to_string()).1, "something is unchecked");
    let mut tally = Tally::default();
    for seed in 0..count() {
        let definition = with_rule(&base, &mut Dice::new(seed));
        tally.add(seed, &definition.to_string());
    }
    tally.print("rules");
    assert_eq!(tally.verdicts_differ, 0, "the verdicts differ");
    assert!(
        tally.messages_differ * 50 <= tally.count,
        "more than 2% of messages differ"
    );
}

#[test]
fn of_resources_under_random_rules() {
    let mut tally = Tally::default();
    let rounds = count().div_ceil(100);
    for round in 0..rounds {
        let mut dice = Dice::new(round + 1_000_000);
        let group = format!("round{round}.example.com");
        let definition = definition_of(&group, &mut dice);
        let resources = format!("/apis/{group}/v1/namespaces/default/gates");
        super::create(&definition.to_string(), &resources);
        let root = Node::from(&definition);
        for index in 0..100 {
            let resource = resource(&group, &definition, &mut dice);
            let path = format!("{resources}?dryRun=All&fieldValidation=Strict");
            let server = server(&path, &resource.to_string());
            let findings = lint::resource(&root, &Node::from(&resource));
            let unchecked = findings
                .iter()
                .any(|finding| finding.severity == kubewright::crd::Severity::Unchecked);
            let here = json!({ "resource": resource, "rules": rules(&definition) });
            tally.add_verdicts(
                round * 100 + index,
                &server,
                (said(&findings), unchecked),
                &here,
            );
        }
    }
    tally.print("resources under rules");
    assert_eq!(tally.verdicts_differ, 0, "the verdicts differ");
    assert!(
        tally.messages_differ * 50 <= tally.count,
        "more than 2% of messages differ"
    );
}

/// The fixture in a group of its own, with rules that the linter takes at many places.
fn definition_of(group: &str, dice: &mut Dice) -> Value {
    let text = fixture("rules")
        .to_string()
        .replace("rules.example.com", group);
    let mut definition: Value = serde_json::from_str(&text).unwrap();
    for place in PLACES {
        for _ in 0..20 {
            let mut tried = definition.clone();
            let schema = tried.pointer_mut(&format!("{SPEC}{place}")).unwrap();
            let text = Grammar::new(dice, &kind(schema)).rule();
            let mut rules = schema["x-kubernetes-validations"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            let mut rule = json!({ "rule": text });
            if dice.roll(6) == 0 {
                rule["messageExpression"] = json!(Grammar::new(dice, &kind(schema)).text());
            }
            if dice.roll(6) == 0 {
                rule["reason"] = json!(dice.pick(&["FieldValueRequired", "FieldValueDuplicate"]));
            }
            rules.push(rule);
            schema["x-kubernetes-validations"] = json!(rules);
            let (verdict, unchecked) = linter(&tried.to_string());
            if verdict.accepted && !unchecked {
                definition = tried;
                break;
            }
        }
    }
    definition
}

fn rules(definition: &Value) -> Vec<&Value> {
    let mut found = Vec::new();
    collect_rules(definition, &mut found);
    found
}

fn collect_rules<'v>(value: &'v Value, found: &mut Vec<&'v Value>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                if key == "x-kubernetes-validations" {
                    found.push(value);
                } else {
                    collect_rules(value, found);
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|value| collect_rules(value, found)),
        _ => {}
    }
}

/// A resource that holds the schema, but not the rules.
fn resource(group: &str, definition: &Value, dice: &mut Dice) -> Value {
    let schema = definition.pointer(SPEC).unwrap();
    let name = *dice.pick(&["one", "two", "forbidden"]);
    json!({
        "apiVersion": format!("{group}/v1"),
        "kind": "Gate",
        "metadata": { "name": name },
        "spec": value(schema, dice),
    })
}

fn value(schema: &Value, dice: &mut Dice) -> Value {
    if schema["x-kubernetes-int-or-string"] == true {
        return dice.pick(&[json!(1), json!("a"), json!(80)]).clone();
    }
    if let Some(values) = schema["enum"].as_array() {
        return dice.pick(values).clone();
    }
    match schema["type"].as_str().unwrap() {
        "boolean" => json!(dice.roll(2) == 0),
        "integer" => dice
            .pick(&[
                json!(0),
                json!(1),
                json!(2),
                json!(3),
                json!(7),
                json!(10),
                json!(99),
                json!(-1),
                json!(i64::MAX),
            ])
            .clone(),
        "number" => dice
            .pick(&[json!(0), json!(1.5), json!(-2.25), json!(1000.0), json!(3)])
            .clone(),
        "string" => match schema["format"].as_str() {
            Some("duration") => json!(dice.pick(&["1h", "90s", "0"])),
            Some(_) => json!("2020-01-01T00:00:00Z"),
            None => json!(dice.pick(&[
                "", "a", "abc", "x", "é", "red", "a-b", "1", "aaa", "5Gi", "1.2.3", "10.0.0.1",
                "::1"
            ])),
        },
        "array" => {
            let most = if schema["x-kubernetes-list-type"].is_null() {
                3
            } else {
                1
            };
            let count = dice.roll(most + 1);
            (0..count).map(|_| value(&schema["items"], dice)).collect()
        }
        _ => object(schema, dice),
    }
}

fn object(schema: &Value, dice: &mut Dice) -> Value {
    if let Some(inner) = schema.get("additionalProperties") {
        let keys = ["a", "b", "abc"];
        let picked: Vec<&str> = keys.into_iter().filter(|_| dice.roll(2) == 0).collect();
        let entries = picked
            .into_iter()
            .map(|key| (key.to_owned(), value(inner, dice)));
        return Value::Object(entries.collect());
    }
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    let mut map = Map::new();
    for (name, property) in schema["properties"].as_object().unwrap() {
        if required.contains(&json!(name)) || dice.roll(4) > 0 {
            map.insert(name.clone(), value(property, dice));
        }
    }
    Value::Object(map)
}
