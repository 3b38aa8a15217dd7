//! `anyOf`, `oneOf`, `allOf` and `not` of a schema.
//!
//! Source: k8s.io/kube-openapi/pkg/validation/validate/schema_props.go.

use super::fault::{Fault, Kind, Outcome};
use super::value::{Use, check};
use crate::crd::document::Node;
use crate::crd::go::quote;
use crate::crd::schema::Schema;

/// Adds up `anyOf`, `oneOf`, `allOf` and `not`.
pub(super) fn alternatives(schema: &Schema<'_>, node: &Node, path: &str, purpose: Use) -> Outcome {
    let mut outcome = Outcome::default();
    let placeless = |keyword, message: String| Fault {
        keyword,
        name: None,
        value: "\"\"".to_owned(),
        kind: Kind::Other,
        message,
    };
    let check = |schema: &Schema<'_>| check(schema, node, path, purpose);
    if let Some(any_of) = schema.any_of.as_deref().filter(|list| !list.is_empty()) {
        let mut best: Option<Outcome> = None;
        let mut success = None;
        for schema in any_of {
            let result = check(schema);
            if result.faults.is_empty() {
                success = Some(result);
                break;
            }
            if best
                .as_ref()
                .is_none_or(|best| result.matched > best.matched)
            {
                best = Some(result);
            }
        }
        if success.is_none() {
            let message = format!("{} must validate at least one schema (anyOf)", quote(path));
            outcome.add(placeless("anyOf", message));
        }
        outcome.merge(success.or(best).unwrap_or_default());
    }
    if let Some(one_of) = schema.one_of.as_deref().filter(|list| !list.is_empty()) {
        outcome.merge(one(one_of, path, check));
    }
    if let Some(all_of) = schema.all_of.as_deref().filter(|list| !list.is_empty()) {
        let mut valid = 0;
        for schema in all_of {
            let result = check(schema);
            valid += usize::from(result.faults.is_empty());
            outcome.merge(result);
        }
        if valid != all_of.len() {
            let more = if valid == 0 { ". None validated" } else { "" };
            let message = format!(
                "{} must validate all the schemas (allOf){more}",
                quote(path)
            );
            outcome.add(placeless("allOf", message));
        }
    }
    if let Some(not) = &schema.not
        && check(not).faults.is_empty()
    {
        outcome.add(placeless(
            "not",
            format!("{} must not validate the schema (not)", quote(path)),
        ));
    }
    outcome.matched += 1;
    outcome
}

fn one(one_of: &[Schema<'_>], path: &str, check: impl Fn(&Schema<'_>) -> Outcome) -> Outcome {
    let mut outcome = Outcome::default();
    let mut best: Option<Outcome> = None;
    let mut first = None;
    let mut valid = 0;
    for schema in one_of {
        let result = check(schema);
        if result.faults.is_empty() {
            valid += 1;
            best = None;
            first.get_or_insert(result);
        } else if valid == 0
            && best
                .as_ref()
                .is_none_or(|best| result.matched > best.matched)
        {
            best = Some(result);
        }
    }
    if valid == 1 {
        outcome.merge(first.unwrap_or_default());
        return outcome;
    }
    let found = match valid {
        0 => "Found none valid".to_owned(),
        _ => format!("Found {valid} valid alternatives"),
    };
    outcome.add(Fault {
        keyword: "oneOf",
        name: None,
        value: "\"\"".to_owned(),
        kind: Kind::Other,
        message: format!(
            "{} must validate one and only one schema (oneOf). {found}",
            quote(path)
        ),
    });
    outcome.merge(best.unwrap_or_default());
    outcome
}
