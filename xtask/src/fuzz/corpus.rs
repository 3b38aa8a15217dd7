//! What inputs are made of: files of the tests, and fields of the field language.

use std::fs;
use std::path::Path;

use crate::{Failure, root};

/// What a target eats.
#[derive(Clone, Copy, Debug)]
pub(super) enum Diet {
    /// Fields of the field language.
    Fields,
    /// Descriptions in TOML.
    Descriptions,
    /// Manifests in YAML and JSON.
    Manifests,
    /// Expressions of CEL.
    Expressions,
}

/// Inputs that are whole, and words to break them with.
pub(super) struct Food {
    pub(super) whole: Vec<Vec<u8>>,
    pub(super) words: Vec<Vec<u8>>,
}

/// All of it.
pub(super) struct Corpus {
    fields: Food,
    descriptions: Food,
    manifests: Food,
    expressions: Food,
}

impl Corpus {
    /// Reads the fixtures.
    pub(super) fn read() -> Result<Corpus, Failure> {
        let fixtures = root().join("tests/fixtures");
        let description = fs::read_to_string(fixtures.join("scaffold/everything.toml"))?;
        let small = "kind = 'A'\ngroup = 'a.example.com'\n[spec]\na = 'string'\n";
        let mut manifests = files(&fixtures.join("crd"))?;
        manifests.extend(files(&fixtures.join("crd/source"))?);
        manifests.extend(MORE_MANIFESTS.iter().map(|text| text.as_bytes().to_vec()));
        let fields = fields(&description);
        Ok(Corpus {
            descriptions: food(
                vec![description.into_bytes(), small.into()],
                &[FIELD_WORDS, TOML_WORDS],
            ),
            fields: food(fields, &[FIELD_WORDS]),
            manifests: food(manifests, &[YAML_WORDS, SCHEMA_WORDS]),
            expressions: food(
                EXPRESSIONS
                    .iter()
                    .map(|text| text.as_bytes().to_vec())
                    .collect(),
                &[CEL_WORDS],
            ),
        })
    }

    /// What is eaten by a target.
    pub(super) fn of(&self, diet: Diet) -> &Food {
        match diet {
            Diet::Fields => &self.fields,
            Diet::Descriptions => &self.descriptions,
            Diet::Manifests => &self.manifests,
            Diet::Expressions => &self.expressions,
        }
    }
}

fn food(whole: Vec<Vec<u8>>, words: &[&[&str]]) -> Food {
    let words = words.iter().flat_map(|list| list.iter()).chain(NASTY);
    Food {
        whole,
        words: words.map(|word| word.as_bytes().to_vec()).collect(),
    }
}

fn files(folder: &Path) -> Result<Vec<Vec<u8>>, Failure> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        paths.push(entry?.path());
    }
    paths.sort();
    let files = paths.iter().filter(|path| path.is_file());
    files.map(|path| Ok(fs::read(path)?)).collect()
}

/// The fields of a description as `--field` takes them.
fn fields(description: &str) -> Vec<Vec<u8>> {
    let lines = description
        .lines()
        .filter_map(|line| line.split_once(" = "));
    lines
        .filter(|(name, _)| !name.contains('#'))
        .map(|(name, value)| format!("{name}:{}", value.trim_matches(['\'', '"'])).into_bytes())
        .collect()
}

const MORE_MANIFESTS: &[&str] = &[
    "{\"apiVersion\":\"apiextensions.k8s.io/v1\",\"kind\":\"CustomResourceDefinition\",\"metadata\":{\"name\":\"as.a.b\"},\
     \"spec\":{\"group\":\"a.b\",\"scope\":\"Cluster\",\"names\":{\"plural\":\"as\",\"kind\":\"A\"},\"versions\":[{\"name\":\"v1\",\
     \"served\":true,\"storage\":true,\"schema\":{\"openAPIV3Schema\":{\"type\":\"object\"}}}]}}",
    "a: &a {b: [1, 2.5e3, 0x1f, .inf, ~]}\nc: *a\nd: {<<: *a, e: |\n  text\n}\n---\n- 'x'\n- \"\\u00e4\"\n...\n",
    "apiVersion: rich.example.com/v1\nkind: Widget\nmetadata: {name: a}\nspec: {color: red, replicas: 3, tags: [a, b], \
     rows: [{key: a}, {key: b}], choice: {a: x}, port: http, ratio: 1.5, name: ab-c, template: {apiVersion: v1, kind: Pod}}\n",
];

const EXPRESSIONS: &[&str] = &[
    "self.max >= self.min && (!has(self.name) || self.name.matches('^[a-z]+$'))",
    "self.tags.all(tag, tag.size() > 0 && tag in ['a', 'b']) ? self.ratio * 2.0 < 1.5 : !self.on",
    "self.labels.exists_one(key, self.labels[key].startsWith('a')) || self.tags.filter(t, t != \"x\").map(t, t + 'y').size() == 0",
    "type(self.port) == int ? self.port < 5 : self.port == '5'",
    "oldSelf.min == self.min || self.?max.orValue(1) == 2",
    "{'a': 1, 'b': [2, 3]}.size() == 2 && quantity('1Gi').isGreaterThan(quantity('1Mi'))",
    "duration('1h30m') < duration('2h') && timestamp('2020-01-01T00:00:00Z') == timestamp('2020-01-01T00:00:00Z')",
    "self.name + ' is ' + string(self.max)",
    "self.tags[0] == r'\\d' || self.max % 3 == 1 || -(self.min) - 1 == int('7')",
];
const CEL_WORDS: &[&str] = &[
    "self",
    "oldSelf",
    ".name",
    ".fooo",
    "has(",
    ".all(x, ",
    ".exists(",
    ".map(",
    ".filter(",
    "size(",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "?",
    ":",
    ".",
    ",",
    "+",
    "-",
    "*",
    "/",
    "%",
    "!",
    "&&",
    "||",
    "==",
    "!=",
    "<",
    ">=",
    " in ",
    "true",
    "null",
    "1u",
    "1.5e3",
    "0x1f",
    "b'x'",
    "r'",
    "'''",
    "\"\"\"",
    "'\\u00e4'",
    "'\\q'",
    ".?",
    "[?",
    "`a b`",
    "//",
    "\n",
    "é",
    "dyn(",
    "type(",
    "duration('",
    "quantity('",
    "@result",
    "int",
    "cel.bind(",
    "optMap(",
    "a.b{c: 1}",
    ".b",
    "existsOne(",
];

/// What has broken programs before.
const NASTY: &[&str] = &[
    "",
    "\0",
    "\u{feff}",
    "\u{2028}",
    "\u{10ffff}",
    "ä",
    "\r",
    "\r\n",
    "\t",
    "-",
    "--",
    "0",
    "-0",
    "1e999",
    "-1e-999",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "18446744073709551616",
    "NaN",
    ".inf",
    "1.0",
    "0.1",
    "2147483648",
    "true",
    "null",
    "~",
    "\\",
    "\\u",
    "\"",
    "'",
    "((((((((((",
    "))))",
    "[[[[[[[[[[",
    "]]]]",
    "{{{{{{{{{{",
    "}}}}",
];
const FIELD_WORDS: &[&str] = &[
    ":",
    "?",
    "=",
    "{",
    "}",
    ",",
    "(",
    ")",
    "|",
    "[]",
    "map[string]",
    "object(",
    "enum(",
    "int32",
    "int64",
    "float",
    "bool",
    "quantity",
    "duration",
    "date-time",
    "int-or-string",
    "podTemplate",
    "any",
    "string",
    "pattern=",
    "cel{rule=",
    "cel=",
    " => ",
    "schema={",
    "default",
    "min=",
    "max=",
    "exclusiveMin",
    "multipleOf=0",
    "minLength=",
    "maxLength=",
    "minItems=",
    "maxItems=",
    "listType=map",
    "listType=set",
    "keys=",
    "format=",
    "doc=",
    "example=",
    "nullable",
    "preserve",
    "embedded",
    "mapType=atomic",
    "counterexample=",
    "^(a{1000}){1000}$",
    "(?i)",
    "[^\\s]",
    "\\d+",
    "\\pL",
];
const TOML_WORDS: &[&str] = &[
    "[spec]",
    "[status]",
    "[root]",
    "[[versions]]",
    "\n",
    " = ",
    "'''",
    "\"\"\"",
    "storage = true",
    "served = false",
    "deprecated = true",
    "scale = true",
    "columns = ['A:date:.metadata.creationTimestamp']",
    "selectable = ['spec.a']",
    "cel = ['spec: true => x']",
    "\".\" = ",
    "kind",
    "group",
    "scope = 'Cluster'",
    "standard-status = true",
    "1979-05-27",
];
const YAML_WORDS: &[&str] = &[
    ":",
    ": ",
    "- ",
    "? ",
    "|",
    ">",
    "|-",
    "&a",
    "*a",
    "<<: *a",
    "!!str ",
    "!!binary ",
    "!!int ",
    "!x ",
    "---\n",
    "...\n",
    "%YAML 1.2\n",
    "#",
    "\n",
    "\n  ",
    "\n    ",
    "{",
    "}",
    "[",
    "]",
    ",",
    "yes",
    "010",
    "0o7",
    "0x",
    "1_000",
    "2001-01-01",
];
const SCHEMA_WORDS: &[&str] = &[
    "apiVersion",
    "kind",
    "metadata",
    "spec",
    "status",
    "versions",
    "schema",
    "openAPIV3Schema",
    "type",
    "properties",
    "items",
    "additionalProperties",
    "required",
    "enum",
    "default",
    "example",
    "nullable",
    "format",
    "pattern",
    "minimum",
    "maximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
    "uniqueItems",
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "$ref",
    "x-kubernetes-int-or-string",
    "x-kubernetes-list-type",
    "x-kubernetes-list-map-keys",
    "x-kubernetes-map-type",
    "x-kubernetes-embedded-resource",
    "x-kubernetes-preserve-unknown-fields",
    "x-kubernetes-validations",
    "rule",
    "message",
    "fieldPath",
    "object",
    "array",
    "string",
    "integer",
    "number",
    "boolean",
    "apiextensions.k8s.io/v1beta1",
    "CustomResourceDefinition",
    "APIService",
    "conversion",
    "webhook",
    "scale",
    "selectableFields",
    "jsonPath",
    "^(a{1000}){1000}$",
    "[z-a]",
    "(?=a)",
    "date-time",
    "k8s-short-name",
    "uuid4",
    "atomic",
];
