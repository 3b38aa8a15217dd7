//! The expressions of CEL rules: whether they compile, and what they cost at most.
//!
//! Source: `ValidateCustomResourceDefinitionOpenAPISchema` of pkg/apis/apiextensions/validation/validation.go, and
//! cel_validation.go beside it.

use std::cmp::Reverse;

use super::super::cel::Declaration;
use super::super::cel::rule::{Compiled, Problem, Scope, compile};
use super::super::document::Position;
use super::super::finding::{Finding, Findings, Severity, Stage};
use super::super::path::{Path, Step};
use super::super::schema::{Schema, ValidationRule, dump_rule};
use super::advice;

/// What one expression may cost, and all of a schema together.
const LIMIT: u64 = 10_000_000;
const TOTAL_LIMIT: u64 = 100_000_000;
/// The largest request that the API server takes, in bytes.
const REQUEST: u64 = 3 * 1024 * 1024;
/// How many rules are named where all together cost too much.
const NAMED: usize = 4;

/// Compiles the expressions of a schema that is structural. `wrong` are the places of errors: above them nothing is
/// compiled. `server` is where the API server has the schema.
pub(super) fn check(
    schema: &Schema<'_>,
    path: &Path<'_>,
    server: &str,
    wrong: &[Vec<Step>],
    findings: &mut Findings,
) {
    if !schema.any(&has_rules) {
        return;
    }
    let root = Path::ROOT;
    let here = Here {
        schema,
        is_resource: true,
        most: Some(1),
        uncorrelatable: None,
        above: Above::Outside,
        server: &root.field(server),
    };
    let mut expressions = Expressions {
        wrong,
        total: 0,
        expensive: Vec::new(),
        findings,
    };
    expressions.walk(&here, path);
    expressions.all_together(path);
}

/// A schema on the way down.
struct Here<'s, 'd> {
    schema: &'s Schema<'d>,
    /// Whether it is the root of a resource.
    is_resource: bool,
    /// How many values of it a resource has at most, where that is known.
    most: Option<u64>,
    /// What is above and cannot be told apart after a change.
    uncorrelatable: Option<&'s str>,
    above: Above,
    server: &'s Path<'s>,
}

/// What is known of the type of the schema above, where it or one above it has rules.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Above {
    /// There are no rules above.
    Outside,
    Known,
    /// It has no type.
    Broken,
    /// It has a type, of which this is no part.
    Apart,
}

impl Above {
    /// The same for what stands below a keyword, which gives a part of the type to one kind of values alone.
    fn below_a(self, kind: &str, found: &str) -> Above {
        if self == Above::Known && kind != found {
            Above::Apart
        } else {
            self
        }
    }
}

impl Here<'_, '_> {
    /// What is known of the type here, for what is below.
    fn itself(&self) -> Above {
        match self.above {
            Above::Broken | Above::Apart => self.above,
            Above::Outside if !has_rules(self.schema) => Above::Outside,
            _ if Declaration::of(self.schema, self.is_resource).is_none() => Above::Broken,
            _ => Above::Known,
        }
    }
}

fn has_rules(schema: &Schema<'_>) -> bool {
    let rules = schema.validations.as_ref();
    rules.is_some_and(|rules| !rules.is_empty())
}

struct Expressions<'f> {
    wrong: &'f [Vec<Step>],
    total: u64,
    expensive: Vec<(u64, Vec<Step>)>,
    findings: &'f mut Findings,
}

impl Expressions<'_> {
    fn walk(&mut self, here: &Here<'_, '_>, path: &Path<'_>) {
        let schema = here.schema;
        if !schema.any(&has_rules) {
            return;
        }
        let above = here.itself();
        let most = here.most.zip(elements(schema));
        let most = most.map(|(most, elements)| most.saturating_mul(elements));
        let mut below =
            |schema: &Schema<'_>, server: &Path<'_>, uncorrelatable, above, path: &Path<'_>| {
                let below = Here {
                    schema,
                    is_resource: schema.embedded_resource,
                    most,
                    uncorrelatable,
                    above,
                    server,
                };
                self.walk(&below, path);
            };
        if let Some(additional) = schema.additional() {
            let name = "additionalProperties";
            let server = here.server.field(name);
            let above = above.below_a("object", schema.kind);
            below(
                additional,
                &server,
                here.uncorrelatable,
                above,
                &path.field(name),
            );
        }
        let itself = here.server.to_string();
        let granular = matches!(schema.map_type, None | Some("granular" | "atomic"));
        let uncorrelatable = here
            .uncorrelatable
            .or((!granular).then_some(itself.as_str()));
        let (properties, server) = (path.field("properties"), here.server.field("properties"));
        for (name, property) in schema.properties() {
            let (path, server) = (properties.key(name), server.key(name));
            below(property, &server, uncorrelatable, above, &path);
        }
        if let Some(item) = schema.item() {
            let uncorrelatable = match (here.uncorrelatable, schema.list_type) {
                (None, list_type) if list_type != Some("map") => Some(itself.as_str()),
                (above, _) => above,
            };
            let server = here.server.field("items");
            let above = above.below_a("array", schema.kind);
            below(item, &server, uncorrelatable, above, &path.field("items"));
        }
        let rules = schema.validations.as_deref().unwrap_or_default();
        let steps = path.steps();
        if !rules.is_empty() && !self.wrong.iter().any(|wrong| wrong.starts_with(&steps)) {
            self.rules(here, rules, &path.field("x-kubernetes-validations"));
        }
    }

    fn rules(&mut self, here: &Here<'_, '_>, rules: &[ValidationRule<'_>], path: &Path<'_>) {
        if here.itself() == Above::Apart {
            let detail = "failed to convert to declType for CEL validation rules";
            return self.findings.internal("cel", path, detail);
        }
        let declaration = Declaration::of(here.schema, here.is_resource);
        let Some(declaration) = declaration.filter(|_| here.above != Above::Broken) else {
            let detail = "internal error: failed to construct type information for \
                          x-kubernetes-validations rules: unable to convert structural schema to \
                          CEL declarations";
            return self.findings.internal("cel", path, detail);
        };
        let most = here
            .most
            .unwrap_or_else(|| REQUEST / declaration.least_with_comma());
        let scope = Scope::of(&declaration);
        for (index, rule) in rules.iter().enumerate() {
            self.rule(here, rule, &scope, most, &path.index(index));
        }
    }

    fn rule(
        &mut self,
        here: &Here<'_, '_>,
        rule: &ValidationRule<'_>,
        scope: &Scope,
        most: u64,
        path: &Path<'_>,
    ) {
        let (rule_path, message_path) = (path.field("rule"), path.field("messageExpression"));
        let compiled = match compile(rule, scope) {
            Ok(compiled) => Some(compiled),
            Err(Problem::Message(detail, compiled)) => {
                self.findings
                    .invalid("cel", &message_path, dump_rule(rule), &detail);
                self.findings.suggest(advice::of(&detail, here.schema));
                Some(*compiled)
            }
            Err(Problem::Rule(detail)) => {
                self.findings
                    .invalid("cel", &rule_path, dump_rule(rule), &detail);
                self.findings.suggest(advice::of(&detail, here.schema));
                None
            }
            Err(Problem::Unchecked) => return self.unchecked(&rule_path),
        };
        if let Some(compiled) = &compiled {
            let cost = compiled.cost().map(|cost| cost.saturating_mul(most));
            self.cost(cost, "estimated rule cost", &rule_path);
            if let Some(cost) = compiled.message_cost() {
                self.cost(cost, "estimated messageExpression cost", &message_path);
            }
        }
        self.old_self(here, rule, compiled.as_ref(), path);
    }

    fn unchecked(&mut self, path: &Path<'_>) {
        let message =
            "this CEL rule is beyond what is checked: its types and its cost are unchecked";
        self.findings.unchecked("cel", path, message.to_owned());
        self.findings.suggest(Some(advice::ASK.to_owned()));
    }

    fn cost(
        &mut self,
        cost: Result<u64, super::super::cel::Unchecked>,
        what: &str,
        path: &Path<'_>,
    ) {
        let Ok(cost) = cost else {
            let message = "what this CEL rule costs at most is unchecked";
            self.findings.unchecked("cel", path, message.to_owned());
            return self.findings.suggest(Some(advice::ASK.to_owned()));
        };
        if cost > LIMIT {
            self.findings
                .forbidden("cel", path, &exceeds(what, cost, LIMIT));
            self.findings.suggest(Some(advice::LIMIT.to_owned()));
        }
        self.total = self.total.saturating_add(cost);
        if cost >= TOTAL_LIMIT / 100 {
            self.expensive.push((cost, path.steps()));
        }
    }

    fn old_self(
        &mut self,
        here: &Here<'_, '_>,
        rule: &ValidationRule<'_>,
        compiled: Option<&Compiled>,
        path: &Path<'_>,
    ) {
        let uses = compiled.is_some_and(Compiled::uses_old_self);
        match (uses, here.uncorrelatable, rule.optional_old_self) {
            (true, Some(list), _) => {
                let detail = format!(
                    "oldSelf cannot be used on the uncorrelatable portion of the schema within {list}"
                );
                self.findings
                    .invalid("cel", &path.field("rule"), rule.rule, &detail);
                self.findings.suggest(Some(advice::OLD_SELF.to_owned()));
            }
            (false, _, Some(optional)) => {
                let detail = "may not be set if oldSelf is not used in rule";
                let path = path.field("optionalOldSelf");
                self.findings
                    .invalid("cel", &path, optional.to_string(), detail);
            }
            _ => {}
        }
    }

    /// What is told where all expressions together cost too much.
    fn all_together(&mut self, path: &Path<'_>) {
        if self.total <= TOTAL_LIMIT {
            return;
        }
        self.expensive.sort_by_key(|(cost, _)| Reverse(*cost));
        for (_, place) in self.expensive.drain(..).take(NAMED) {
            self.findings.push(Finding {
                rule: "cel",
                severity: Severity::Error,
                stage: Stage::Validation,
                path: place,
                at: Position::default(),
                message:
                    "Forbidden: contributed to estimated rule cost total exceeding cost limit \
                          for entire OpenAPIv3 schema"
                        .to_owned(),
                suggestion: Some(advice::LIMIT.to_owned()),
            });
        }
        let what = "x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema";
        let detail = exceeds(what, self.total, TOTAL_LIMIT);
        self.findings.forbidden("cel", path, &detail);
        self.findings.suggest(Some(advice::LIMIT.to_owned()));
    }
}

/// By how much a schema multiplies the number of what is within; None where there is no bound.
fn elements(schema: &Schema<'_>) -> Option<u64> {
    let bound = |most: Option<i64>| most.map(|most| most.max(0).unsigned_abs());
    match schema.kind {
        "object" if schema.additional_properties.is_some() => bound(schema.max_properties),
        "array" => bound(schema.max_items),
        _ => Some(1),
    }
}

fn exceeds(what: &str, cost: u64, limit: u64) -> String {
    let factor = cost as f64 / limit as f64;
    let factor = if factor > 100.0 {
        "more than 100x".to_owned()
    } else if factor < 1.5 {
        format!("{factor:.6}x")
    } else {
        format!("{factor:.1}x")
    };
    format!(
        "{what} exceeds budget by factor of {factor} (try simplifying the rule, or adding maxItems, \
         maxProperties, and maxLength where arrays, maps, and strings are declared)"
    )
}
