//! The CEL rules of a schema, and what they say of a value.
//!
//! Source: `validateExpressions` of pkg/apiserver/schema/cel/validation.go.

use std::rc::Rc;

use super::fault::bad;
use crate::crd::cel::Declaration;
use crate::crd::cel::rule::{Compiled, Outcome, Problem, Scope, compile, evaluate};
use crate::crd::document::{Map, Node, Position, Value};
use crate::crd::finding::{Finding, Findings, Severity, Stage};
use crate::crd::go::quote;
use crate::crd::path::{Path, Step};
use crate::crd::rules::selectable_steps;
use crate::crd::schema::{Schema, ValidationRule};

/// Whether a schema, or one within, has rules.
pub(crate) fn any(schema: &Schema<'_>) -> bool {
    schema.any(&|schema| {
        let rules = schema.validations.as_ref();
        rules.is_some_and(|rules| !rules.is_empty())
    })
}

/// What the rules of a schema and of all that is within say, compiled once.
pub(crate) struct Rules<'s, 'd> {
    schema: &'s Schema<'d>,
    declaration: Rc<Declaration>,
    own: Vec<(&'s ValidationRule<'d>, Result<Compiled, Problem>)>,
    items: Option<Box<Rules<'s, 'd>>>,
    additional: Option<Box<Rules<'s, 'd>>>,
    properties: Vec<(&'d str, Rules<'s, 'd>)>,
}

impl<'s, 'd> Rules<'s, 'd> {
    /// The rules of a schema; None where there are none, or where CEL cannot see what they are about.
    pub(crate) fn of(schema: &'s Schema<'d>, is_resource: bool) -> Option<Rules<'s, 'd>> {
        if !any(schema) {
            return None;
        }
        let declaration = Declaration::of(schema, is_resource)?;
        let within = |schema: &'s Schema<'d>| Rules::of(schema, schema.embedded_resource);
        let own = schema.validations.iter().flatten();
        let scope = Scope::of(&declaration);
        let own = own.filter(|rule| !rule.rule.trim().is_empty());
        Some(Rules {
            own: own.map(|rule| (rule, compile(rule, &scope))).collect(),
            items: schema.item().and_then(within).map(Box::new),
            additional: schema.additional().and_then(within).map(Box::new),
            properties: schema
                .properties()
                .iter()
                .filter_map(|(name, property)| Some((*name, within(property)?)))
                .collect(),
            schema,
            declaration,
        })
    }

    /// Adds what the rules say of a value that is new, or, with `is_old`, of one that is as it was.
    pub(crate) fn check(
        &self,
        id: &'static str,
        node: &Node,
        is_old: bool,
        path: &Path<'_>,
        findings: &mut Findings,
    ) {
        let mut spent = 0;
        self.walk(
            &mut Walk {
                id,
                is_old,
                spent: &mut spent,
                findings,
            },
            node,
            path,
        );
    }

    fn walk(&self, walk: &mut Walk<'_>, node: &Node, path: &Path<'_>) {
        if node.is_null() {
            return;
        }
        for (rule, compiled) in &self.own {
            walk.one(self, rule, compiled, node, path);
        }
        match &node.value {
            Value::List(list) => {
                for (index, node) in list.iter().enumerate() {
                    if let Some(items) = &self.items {
                        items.walk(walk, node, &path.index(index));
                    }
                }
            }
            Value::Map(map) => self.entries(walk, map, path),
            _ => {}
        }
    }

    fn entries(&self, walk: &mut Walk<'_>, map: &Map, path: &Path<'_>) {
        for entry in map.sorted() {
            if let Some(additional) = &self.additional {
                additional.walk(walk, &entry.node, &path.key(&entry.key));
            }
            let property = self.properties.iter().find(|(name, _)| *name == entry.key);
            if let Some((name, property)) = property {
                property.walk(walk, &entry.node, &path.field(name));
            }
        }
    }
}

struct Walk<'f> {
    id: &'static str,
    is_old: bool,
    spent: &'f mut u64,
    findings: &'f mut Findings,
}

impl Walk<'_> {
    fn one(
        &mut self,
        rules: &Rules<'_, '_>,
        rule: &ValidationRule<'_>,
        compiled: &Result<Compiled, Problem>,
        node: &Node,
        path: &Path<'_>,
    ) {
        let compiled = match compiled {
            Ok(compiled) => compiled,
            // The definition is told to be wrong for it.
            Err(Problem::Message(_, compiled)) => compiled,
            Err(Problem::Rule(detail)) => {
                let detail = format!("rule compile error: {detail}");
                return self
                    .findings
                    .invalid(self.id, path, rules.schema.kind, &detail);
            }
            Err(Problem::Unchecked) => return self.unchecked(rule, path),
        };
        if self.is_old && compiled.uses_old_self() {
            return self.unchecked(rule, path);
        }
        match evaluate(compiled, rule, node, &rules.declaration, self.spent) {
            Outcome::Holds | Outcome::Skipped => {}
            Outcome::Fails(error) => {
                let detail = if error.starts_with("no such overload") {
                    format!(
                        "'{error}': call arguments did not match a supported operator, function or \
                         macro signature for rule: {}",
                        named(rule)
                    )
                } else {
                    format!("{error} evaluating rule: {}", named(rule))
                };
                self.findings
                    .invalid(self.id, path, rules.schema.kind, &detail);
                self.findings.suggest(missing_key(&error, rule.rule));
            }
            Outcome::Broken(message) => {
                let message = message.unwrap_or_else(|| default_message(rule));
                self.broken(rules.schema, rule, node, &message, path);
            }
            Outcome::Unchecked => self.unchecked(rule, path),
        }
    }

    fn broken(
        &mut self,
        schema: &Schema<'_>,
        rule: &ValidationRule<'_>,
        node: &Node,
        detail: &str,
        path: &Path<'_>,
    ) {
        let value = match schema.kind {
            "object" | "array" => String::new(),
            _ => format!(": {}", bad(node)),
        };
        let message = match rule.reason {
            Some("FieldValueForbidden") => format!("Forbidden: {detail}"),
            Some("FieldValueRequired") => format!("Required value: {detail}"),
            Some("FieldValueDuplicate") => format!("Duplicate value{value}"),
            _ => format!("Invalid value{value}: {detail}"),
        };
        let mut steps = path.steps();
        if !rule.field_path.is_empty() {
            let further = selectable_steps(rule.field_path, schema).unwrap_or_default();
            steps.extend(further.into_iter().map(Step::Field));
        }
        self.findings.push(Finding {
            rule: self.id,
            severity: Severity::Error,
            stage: Stage::Validation,
            path: steps,
            at: Position::default(),
            suggestion: shown(rule, &message),
            message,
        });
    }

    fn unchecked(&mut self, rule: &ValidationRule<'_>, path: &Path<'_>) {
        let message = format!(
            "this CEL rule is beyond what is evaluated: {}",
            quote(rule.rule.trim())
        );
        self.findings.unchecked(self.id, path, message);
    }
}

/// The rule itself, where its message does not show it.
fn shown(rule: &ValidationRule<'_>, message: &str) -> Option<String> {
    const LONGEST: usize = 160;
    let text = rule.rule.trim();
    let short = text.chars().count() <= LONGEST && !text.contains('\n');
    (short && !message.contains(text)).then(|| format!("the rule is `{text}`"))
}

/// What to do where a rule asks for a key that the value has not.
fn missing_key(error: &str, rule: &str) -> Option<String> {
    let key = error.strip_prefix("no such key: ")?;
    let ask = match selection(rule, key) {
        Some(field) => format!("`!has({field}) || …`"),
        None => format!("`!('{key}' in …) || …`"),
    };
    Some(format!(
        "give `{key}` a value; or let the rule ask for it first ({ask}), or the definition require it"
    ))
}

/// Where a rule selects a field: `self.limits.cpu`.
fn selection<'r>(rule: &'r str, field: &str) -> Option<&'r str> {
    let is_of_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
    let mut found = rule.match_indices(field);
    found.find_map(|(start, _)| {
        let end = start + field.len();
        let before = rule[..start].rfind(|c| !is_of_name(c));
        let first = before.map_or(0, |at| {
            at + rule[at..].chars().next().map_or(1, char::len_utf8)
        });
        let is_whole = !rule[end..].starts_with(|c: char| c.is_alphanumeric() || c == '_');
        let is_selected = rule[..start].ends_with('.') && first + 1 < start;
        (is_whole && is_selected).then(|| &rule[first..end])
    })
}

/// How a rule is named in messages.
fn named(rule: &ValidationRule<'_>) -> String {
    let text = if rule.message.is_empty() {
        rule.rule
    } else {
        rule.message
    };
    text.trim().to_owned()
}

fn default_message(rule: &ValidationRule<'_>) -> String {
    if rule.message.is_empty() {
        format!("failed rule: {}", named(rule))
    } else {
        rule.message.trim().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_field_that_is_missing_is_named_as_the_rule_names_it() {
        for (rule, expected) in [
            ("self.inner.size > 0", Some("self.inner.size")),
            ("self.sizes == 1 && self.size > 0", Some("self.size")),
            ("self.labels['size'] == 'a'", None),
            ("(self.size)>size", Some("self.size")),
        ] {
            assert_eq!(selection(rule, "size"), expected, "{rule}");
        }
    }
}
