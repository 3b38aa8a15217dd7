//! What a real API server said of these, kept.

use super::declaration::Declaration;
use super::rule::{Compiled, Outcome, Problem, Scope, compile, evaluate};
use crate::crd::document::{Limits, Node, read};
use crate::crd::schema::{ValidationRule, parse};

const SCHEMA: &str = "{type: object, properties: {\
    name: {type: string, maxLength: 10}, size: {type: integer}, namespace: {type: string}, ratio: {type: number}, \
    tags: {type: array, maxItems: 3, items: {type: string, maxLength: 5}}, free: {type: array, items: {type: string}}, \
    labels: {type: object, additionalProperties: {type: string}}, port: {x-kubernetes-int-or-string: true}}}";

fn node(text: &str) -> Node {
    read(text.as_bytes(), Limits::default())
        .unwrap()
        .remove(0)
        .root
}

fn rule(text: &str) -> ValidationRule<'_> {
    ValidationRule {
        rule: text,
        ..ValidationRule::default()
    }
}

fn compiled(text: &str) -> Result<Compiled, Problem> {
    let schema = node(SCHEMA);
    compile(
        &rule(text),
        &Scope::of(&Declaration::of(&parse(&schema), false).unwrap()),
    )
}

fn outcome(text: &str, value: &str) -> String {
    let (schema, value) = (node(SCHEMA), node(value));
    let declaration = Declaration::of(&parse(&schema), false).unwrap();
    let rule = rule(text);
    let Ok(compiled) = compile(&rule, &Scope::of(&declaration)) else {
        return "does not compile".to_owned();
    };
    match evaluate(&compiled, &rule, &value, &declaration, &mut 0) {
        Outcome::Holds => "holds".to_owned(),
        Outcome::Broken(message) => format!("broken {}", message.unwrap_or_default()),
        Outcome::Fails(error) => error,
        Outcome::Skipped => "skipped".to_owned(),
        Outcome::Unchecked => "unchecked".to_owned(),
    }
}

#[test]
fn wrong_rules_are_told_in_the_words_of_the_server() {
    for (text, expected) in [
        ("self.size > 0", ""),
        ("self.namespace == 'a'", ""),
        (
            "self.sise > 0",
            "compilation failed: ERROR: <input>:1:5: undefined field 'sise'\n | self.sise > 0\n | ....^",
        ),
        (
            "self.size > 'a'",
            "compilation failed: ERROR: <input>:1:11: found no matching overload for '_>_' applied to '(int, string)'\n \
             | self.size > 'a'\n | ..........^",
        ),
        (
            "other == 1",
            "compilation failed: ERROR: <input>:1:1: undeclared reference to 'other' (in container '')\n \
             | other == 1\n | ^",
        ),
        ("self.size", "cel expression must evaluate to a bool"),
        (
            "self.size >",
            "compilation failed: ERROR: <input>:1:12: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', \
             '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n \
             | self.size >\n | ...........^",
        ),
        (
            "self.size > 0 self",
            "compilation failed: ERROR: <input>:1:15: Syntax error: extraneous input 'self' expecting <EOF>\n \
             | self.size > 0 self\n | ..............^",
        ),
        (
            "self.name.matches('(')",
            "compilation failed: ERROR: <input>:1:19: invalid matches argument\n | self.name.matches('(')\n \
             | ..................^",
        ),
        (
            "[1, 'a'].size() == 2",
            "compilation failed: ERROR: <input>:1:5: expected type 'int' but found 'string'\n | [1, 'a'].size() == 2\n \
             | ....^",
        ),
    ] {
        let found = match compiled(text) {
            Ok(_) => String::new(),
            Err(Problem::Rule(message)) => message,
            Err(_) => "unchecked".to_owned(),
        };
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn what_is_not_known_is_unchecked() {
    for text in [
        "google.protobuf.Duration{} == duration('0s')",
        "[?self.?name].size() == 1",
        &format!("{}true{}", "(".repeat(30), ")".repeat(30)),
        &vec!["true"; 400].join(" && "),
    ] {
        assert!(matches!(compiled(text), Err(Problem::Unchecked)), "{text}");
    }
}

#[test]
fn costs_grow_with_what_is_unlimited() {
    let cost = |text| compiled(text).map(|compiled| compiled.cost().unwrap()).ok();
    assert_eq!(cost("self.size > 0"), Some(3));
    assert!(cost("self.tags.all(tag, tag.size() > 0)") < Some(100));
    assert!(cost("self.free.all(one, self.free.all(other, one != other))") > Some(10_000_000));
}

#[test]
fn rules_are_evaluated_as_the_server_does() {
    for (text, value, expected) in [
        ("self.size > 0", "{size: 1}", "holds"),
        ("self.size > 0", "{size: 0}", "broken "),
        ("self.size > 0", "{}", "no such key: size"),
        ("!has(self.size) || self.size > 0", "{}", "holds"),
        ("self.size > 0 || true", "{}", "holds"),
        (
            "self.size + 1 > 0",
            "{size: 9223372036854775807}",
            "integer overflow",
        ),
        ("1 / self.size > 0", "{size: 0}", "division by zero"),
        ("1 % self.size > 0", "{size: 0}", "modulus by zero"),
        (
            "self.tags[2] == 'a'",
            "{tags: [a]}",
            "index out of bounds: 2",
        ),
        ("self.labels['x'] == 'a'", "{labels: {}}", "no such key: x"),
        ("self.labels.x == 'a'", "{labels: {x: a}}", "holds"),
        ("'x' in self.labels", "{labels: {x: a}}", "holds"),
        (
            "self.tags.exists(tag, tag == 'b')",
            "{tags: [a, b]}",
            "holds",
        ),
        (
            "self.tags.exists_one(tag, tag == 'b')",
            "{tags: [b, b]}",
            "broken ",
        ),
        (
            "self.tags.map(tag, tag + 'x') == ['ax']",
            "{tags: [a]}",
            "holds",
        ),
        (
            "self.tags.filter(tag, tag != 'a').size() == 1",
            "{tags: [a, b]}",
            "holds",
        ),
        (
            "self.tags.all(tag, self.size > 0)",
            "{tags: [a]}",
            "no such key: size",
        ),
        ("self.name.size() == 2", "{name: éé}", "holds"),
        ("self.name.matches('^a+$')", "{name: aaa}", "holds"),
        ("self.ratio < 2", "{ratio: 1}", "holds"),
        (
            "type(self.port) == int ? self.port == 80 : self.port == 'http'",
            "{port: http}",
            "holds",
        ),
        ("self.port > 80", "{port: http}", "no such overload"),
        ("self.size == oldSelf.size", "{size: 1}", "skipped"),
        ("self.namespace == 'a'", "{namespace: a}", "holds"),
        ("quantity('1') == quantity('1')", "{}", "holds"),
    ] {
        assert_eq!(outcome(text, value), expected, "{text} of {value}");
    }
}
