//! Definitions broken at one random place: every field, type, keyword and value is a candidate.

use serde_json::{Map, Value, json};

/// Random numbers that are the same in each run of a seed.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Dice {
        Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub(super) fn roll(&mut self, sides: usize) -> usize {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % sides
    }

    pub(super) fn pick<'t, T>(&mut self, of: &'t [T]) -> &'t T {
        &of[self.roll(of.len())]
    }
}

/// Keywords and fields of Kubernetes' and JSON Schema's documentation.
const WORDS: &[&str] = &[
    "id",
    "$schema",
    "$ref",
    "description",
    "type",
    "format",
    "title",
    "default",
    "maximum",
    "exclusiveMaximum",
    "minimum",
    "exclusiveMinimum",
    "maxLength",
    "minLength",
    "pattern",
    "maxItems",
    "minItems",
    "uniqueItems",
    "multipleOf",
    "enum",
    "maxProperties",
    "minProperties",
    "required",
    "items",
    "allOf",
    "oneOf",
    "anyOf",
    "not",
    "properties",
    "additionalProperties",
    "patternProperties",
    "dependencies",
    "additionalItems",
    "definitions",
    "externalDocs",
    "example",
    "nullable",
    "x-kubernetes-preserve-unknown-fields",
    "x-kubernetes-embedded-resource",
    "x-kubernetes-int-or-string",
    "x-kubernetes-list-map-keys",
    "x-kubernetes-list-type",
    "x-kubernetes-map-type",
    "group",
    "names",
    "scope",
    "versions",
    "conversion",
    "preserveUnknownFields",
    "plural",
    "singular",
    "kind",
    "listKind",
    "shortNames",
    "categories",
    "name",
    "served",
    "storage",
    "deprecated",
    "deprecationWarning",
    "schema",
    "openAPIV3Schema",
    "subresources",
    "status",
    "scale",
    "selectableFields",
    "jsonPath",
    "additionalPrinterColumns",
    "priority",
    "specReplicasPath",
    "labelSelectorPath",
    "strategy",
    "webhook",
    "clientConfig",
    "url",
    "service",
    "caBundle",
    "namespace",
    "path",
    "port",
    "metadata",
    "labels",
    "annotations",
    "finalizers",
    "generateName",
    "spec",
    "const",
    "$defs",
    "if",
    "readOnly",
    "scop",
    "propertys",
    "x-kubernetes-unknown",
];

const TEXTS: &[&str] = &[
    "",
    "a",
    "A",
    "string",
    "integer",
    "number",
    "boolean",
    "array",
    "object",
    "null",
    "int32",
    "date-time",
    "email",
    "uuid",
    "set",
    "map",
    "atomic",
    "granular",
    "None",
    "Webhook",
    "Namespaced",
    "Cluster",
    "v1",
    "v2alpha1",
    "v1.2",
    "red",
    "x y",
    "a.b",
    "-a",
    ".spec.replicas",
    ".status.replicas",
    ".metadata.name",
    "spec",
    ".",
    ".spec[0]",
    "[a-z",
    "(a",
    "a**",
    "^[a-z]+$",
    "\\d+",
    "a{2000}",
    "https://example.com",
    "http://h",
    "é",
    "a\nb",
    "rich.example.com",
    "true",
    "Widget",
    "widgets",
    "example",
    "my.k8s.io",
    "key",
];

/// Breaks a definition at one place.
pub(super) fn mutate(document: &Value, dice: &mut Dice) -> Value {
    let mut mutated = document.clone();
    let count = count(&mutated);
    let mut target = 1 + dice.roll(count - 1);
    let donor = nth(document, dice.roll(count)).clone();
    change(&mut mutated, &mut target, &donor, dice);
    // These decide whether it is a definition at all: the server takes them from the address where they lack.
    for field in ["apiVersion", "kind"] {
        mutated[field] = document[field].clone();
    }
    mutated
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(list) => list.iter().map(count).sum(),
        Value::Object(map) => map.values().map(count).sum(),
        _ => 0,
    }
}

fn nth(value: &Value, mut index: usize) -> &Value {
    if index == 0 {
        return value;
    }
    index -= 1;
    let children: Vec<&Value> = match value {
        Value::Array(list) => list.iter().collect(),
        Value::Object(map) => map.values().collect(),
        _ => Vec::new(),
    };
    for child in children {
        let size = count(child);
        if index < size {
            return nth(child, index);
        }
        index -= size;
    }
    value
}

/// Finds the target below a value, and changes it or the list or map that holds it.
fn change(value: &mut Value, target: &mut usize, donor: &Value, dice: &mut Dice) -> bool {
    *target -= 1;
    match value {
        Value::Array(list) => {
            for index in 0..list.len() {
                if *target == 0 {
                    change_item(list, index, donor, dice);
                    return true;
                }
                if change(&mut list[index], target, donor, dice) {
                    return true;
                }
            }
        }
        Value::Object(map) => {
            for key in map.keys().cloned().collect::<Vec<_>>() {
                if *target == 0 {
                    change_entry(map, &key, donor, dice);
                    return true;
                }
                if change(map.get_mut(&key).unwrap(), target, donor, dice) {
                    return true;
                }
            }
        }
        _ => {}
    }
    false
}

fn change_item(list: &mut Vec<Value>, index: usize, donor: &Value, dice: &mut Dice) {
    match dice.roll(5) {
        0 => {
            list.remove(index);
        }
        1 => {
            let again = list[index].clone();
            list.push(again);
        }
        2 => list.push(any(donor, dice)),
        _ => list[index] = near(&list[index].clone(), donor, dice),
    }
}

fn change_entry(map: &mut Map<String, Value>, key: &str, donor: &Value, dice: &mut Dice) {
    match dice.roll(8) {
        0 => {
            map.remove(key);
        }
        1 => {
            let value = map.remove(key).unwrap();
            map.insert((*dice.pick(WORDS)).to_owned(), value);
        }
        2 | 3 => {
            map.insert((*dice.pick(WORDS)).to_owned(), any(donor, dice));
        }
        _ => {
            let value = near(&map[key].clone(), donor, dice);
            map.insert(key.to_owned(), value);
        }
    }
}

/// Another value, most often of the same type.
fn near(value: &Value, donor: &Value, dice: &mut Dice) -> Value {
    if dice.roll(3) == 0 {
        return any(donor, dice);
    }
    match value {
        Value::Bool(is) => json!(!is),
        Value::Number(_) => number(dice),
        Value::String(text) if dice.roll(3) == 0 => json!(format!("{text}{}", dice.pick(TEXTS))),
        Value::String(_) => json!(dice.pick(TEXTS)),
        Value::Object(map) => {
            let mut map = map.clone();
            map.insert((*dice.pick(WORDS)).to_owned(), any(donor, dice));
            Value::Object(map)
        }
        _ => any(donor, dice),
    }
}

fn number(dice: &mut Dice) -> Value {
    dice.pick(&[
        json!(0),
        json!(1),
        json!(-1),
        json!(7),
        json!(11),
        json!(1.5),
        json!(0.5),
        json!(-0.25),
        json!(1e30),
        json!(2_147_483_648_i64),
        json!(9_007_199_254_740_993_i64),
        json!(70000),
    ])
    .clone()
}

fn any(donor: &Value, dice: &mut Dice) -> Value {
    match dice.roll(12) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(false),
        3 => number(dice),
        4 | 5 => json!(dice.pick(TEXTS)),
        6 => json!([]),
        7 => json!({}),
        8 => json!([dice.pick(TEXTS)]),
        9 => json!({ *dice.pick(WORDS): dice.pick(TEXTS) }),
        10 => json!({ "type": dice.pick(&["string", "integer", "object", "array", "number"]) }),
        _ => donor.clone(),
    }
}
