//! Ways in which a value is wrong, as they are collected while it is checked.
//!
//! Source: `kubeOpenAPIResultToFieldErrors` of k8s.io/apiextensions-apiserver/pkg/apiserver/validation/validation.go.

use std::collections::HashSet;

use crate::crd::decoding::QUOTE_BOOLEAN;
use crate::crd::document::{Node, Value, float_verb};
use crate::crd::finding::Findings;
use crate::crd::go::{json_value, quote};
use crate::crd::lint::nearest;
use crate::crd::path::Path;

/// A way in which a value is wrong.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    /// The keyword of the schema that it breaks.
    pub(super) keyword: &'static str,
    /// The path within the value; None for what has no place.
    pub(super) name: Option<String>,
    /// The value in a message.
    pub(super) value: String,
    pub(super) kind: Kind,
    pub(super) message: String,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    Required,
    Enum(Vec<String>),
    TooLong(i64),
    TooMany(usize, i64),
    Other,
}

impl Fault {
    /// Whether the API server evaluates no rules after it.
    ///
    /// Source: `hasBlockingErr` of k8s.io/apiextensions-apiserver/pkg/registry/customresource/validator.go.
    pub(super) fn blocks(&self) -> bool {
        !matches!(self.kind, Kind::Other) || matches!(self.keyword, "type" | "format")
    }

    pub(super) fn report(&self, rule: &'static str, path: &Path<'_>, findings: &mut Findings) {
        let name = self.name.as_deref().unwrap_or_default();
        let name = name.strip_prefix('.').unwrap_or(name);
        let below;
        let path = if name.is_empty() {
            path
        } else {
            below = path.field(name);
            &below
        };
        match &self.kind {
            Kind::Required => {
                findings.required(rule, path, "");
                let field = name.rsplit('.').next().filter(|field| !field.is_empty());
                findings.suggest(field.map(|field| format!("add `{field}`")));
            }
            Kind::Enum(values) => {
                let values: Vec<&str> = values.iter().map(String::as_str).collect();
                findings.unsupported(rule, path, self.value.clone(), &values);
                let near = nearest(self.value.trim_matches('"'), values.iter().copied());
                findings.suggest(Some(near.map_or_else(
                    || "write one of these".to_owned(),
                    |near| format!("write `{near}`"),
                )));
            }
            Kind::TooLong(most) => findings.too_long(rule, path, *most),
            Kind::TooMany(count, most) => findings.too_many(rule, path, *count, *most),
            Kind::Other => {
                findings.invalid(rule, path, self.value.clone(), &self.message);
                if self.keyword == "type" && self.message.ends_with("string: \"boolean\"") {
                    findings.suggest(Some(QUOTE_BOOLEAN.to_owned()));
                }
            }
        }
    }
}

/// What a check tells: faults, and how much matched, by which the best of several alternatives is found.
#[derive(Default)]
pub(super) struct Outcome {
    pub(super) faults: Vec<Fault>,
    pub(super) matched: usize,
    /// The messages of all faults, once there are many: none is told twice.
    pub(super) told: HashSet<String>,
}

/// How many faults are looked through one by one.
const FEW: usize = 16;

impl Outcome {
    pub(super) fn merge(&mut self, other: Outcome) {
        self.matched += other.matched;
        if self.faults.is_empty() {
            (self.faults, self.told) = (other.faults, other.told);
            return;
        }
        for fault in other.faults {
            self.add(fault);
        }
    }

    pub(super) fn add(&mut self, fault: Fault) {
        let is_told = if self.faults.len() < FEW {
            let known = |other: &Fault| other.message == fault.message;
            self.faults.iter().any(known)
        } else {
            if self.told.is_empty() {
                let all = self.faults.iter();
                self.told = all.map(|fault| fault.message.clone()).collect();
            }
            !self.told.insert(fault.message.clone())
        };
        if !is_told {
            self.faults.push(fault);
        }
    }

    pub(super) fn fault(
        &mut self,
        keyword: &'static str,
        path: &str,
        node: &Node,
        kind: Kind,
        message: String,
    ) {
        self.add(Fault {
            keyword,
            name: Some(path.to_owned()),
            value: bad(node),
            kind,
            message,
        });
    }
}

/// A value as the server's messages quote it.
pub(crate) fn bad(node: &Node) -> String {
    match &node.value {
        Value::String(text) => quote(text),
        Value::Number(number) => match (number.integer(), number.float()) {
            (None, Some(float)) => float_verb(float),
            _ => json_value(node),
        },
        // What is nil in Go is an empty text in these messages.
        Value::Null => "\"\"".to_owned(),
        _ => json_value(node),
    }
}
