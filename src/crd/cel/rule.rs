//! A rule of a schema: what the API server says of it, and what it says of a value.
//!
//! Source: k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel/{compilation,validation}.go.

use std::rc::Rc;

use super::check::{Checked, Objects, check};
use super::declaration::Declaration;
use super::evaluate::Evaluation;
use super::expression::{Expression, read};
use super::fault::written;
use super::kind::Type;
use super::literal::instantiation;
use super::value::{Evaluated, Stop, Value};
use super::{Unchecked, cost};
use crate::crd::document::Node;
use crate::crd::schema::ValidationRule;

/// A rule that compiles.
pub(crate) struct Compiled {
    rule: Program,
    message: Option<Program>,
}

/// What keeps a rule from compiling.
pub(crate) enum Problem {
    /// The rule, in the API server's words.
    Rule(String),
    /// The expression of its message, and what is known of the rule.
    Message(String, Box<Compiled>),
    /// It is not known whether it compiles.
    Unchecked,
}

impl From<Unchecked> for Problem {
    fn from(_: Unchecked) -> Problem {
        Problem::Unchecked
    }
}

struct Program {
    expression: Expression,
    checked: Checked,
    cost: Result<u64, Unchecked>,
}

/// What a rule says of a value.
pub(crate) enum Outcome {
    /// It holds.
    Holds,
    /// It does not; with the text of its message expression, where there is one that has a text.
    Broken(Option<String>),
    /// It cannot be evaluated, in the API server's words.
    Fails(String),
    /// It is not for new values.
    Skipped,
    /// It is not known whether it holds.
    Unchecked,
}

impl Compiled {
    /// Whether it speaks of the value before a change.
    pub(crate) fn uses_old_self(&self) -> bool {
        self.rule.checked.uses_old_self
    }

    /// What the rule costs at most.
    pub(crate) fn cost(&self) -> Result<u64, Unchecked> {
        self.rule.cost
    }

    /// What its message expression costs at most.
    pub(crate) fn message_cost(&self) -> Option<Result<u64, Unchecked>> {
        self.message.as_ref().map(|message| message.cost)
    }
}

/// What the rules of a schema can name.
pub(crate) struct Scope {
    declaration: Rc<Declaration>,
    objects: Objects,
}

impl Scope {
    /// What those of a schema can that is declared so.
    pub(crate) fn of(declaration: &Rc<Declaration>) -> Scope {
        let mut objects = Objects::new();
        declaration.collect(&mut objects);
        Scope {
            declaration: Rc::clone(declaration),
            objects,
        }
    }
}

/// Compiles a rule.
pub(crate) fn compile(rule: &ValidationRule<'_>, scope: &Scope) -> Result<Compiled, Problem> {
    let optional = rule.optional_old_self == Some(true);
    let program = |source| program(source, &scope.declaration, optional, &scope.objects);
    let compiled = |rule, message| Compiled { rule, message };
    let first = match program(rule.rule)? {
        Ok(first) => first,
        Err(errors) => return Err(Problem::Rule(format!("compilation failed: {errors}"))),
    };
    if *first.of() != Type::Bool {
        let message = "cel expression must evaluate to a bool".to_owned();
        return Err(Problem::Rule(message));
    }
    if let Some(error) = instantiation(&first.expression.root)? {
        return Err(Problem::Rule(format!(
            "program instantiation failed: {error}"
        )));
    }
    if rule.message_expression.is_empty() {
        return Ok(compiled(first, None));
    }
    let wrong = match program(rule.message_expression)? {
        Ok(message) if *message.of() == Type::String => {
            match instantiation(&message.expression.root)? {
                Some(error) => format!("messageExpression instantiation failed: {error}"),
                None => return Ok(compiled(first, Some(message))),
            }
        }
        Ok(_) => "messageExpression must evaluate to a string".to_owned(),
        Err(errors) => format!("messageExpression compilation failed: {errors}"),
    };
    Err(Problem::Message(wrong, Box::new(compiled(first, None))))
}

impl Program {
    fn of(&self) -> &Type {
        &self.checked.types[self.expression.root.id]
    }
}

fn program(
    source: &str,
    declaration: &Declaration,
    optional: bool,
    objects: &Objects,
) -> Result<Result<Program, String>, Unchecked> {
    let expression = match read(source)? {
        Ok(expression) => expression,
        Err(errors) => return Ok(Err(errors)),
    };
    let of = declaration.of.clone();
    let old = if optional {
        of.clone().optional()
    } else {
        of.clone()
    };
    let variables = vec![("self".to_owned(), of), ("oldSelf".to_owned(), old)];
    Ok(match check(&expression, variables, objects)? {
        Ok(checked) => {
            let cost = cost::most(&expression, &checked, declaration);
            Ok(Program {
                expression,
                checked,
                cost,
            })
        }
        Err(faults) => Err(written(faults, source)),
    })
}

/// Less than the API server lets all rules of a resource take.
const MOST_SPENT: u64 = 5_000_000;

/// What a rule says of a value that is new; what it cost is added up.
pub(crate) fn evaluate(
    compiled: &Compiled,
    rule: &ValidationRule<'_>,
    node: &Node,
    declaration: &Declaration,
    spent: &mut u64,
) -> Outcome {
    let optional = rule.optional_old_self == Some(true);
    if compiled.uses_old_self() && !optional {
        return Outcome::Skipped;
    }
    let mut run = |program: &Program| -> Evaluated<Result<bool, String>> {
        let value = Value::load(node, declaration);
        if matches!(value, Err(Stop::Unchecked)) {
            return Err(Stop::Unchecked);
        }
        let old = Ok(Value::Optional(None));
        let variables = vec![("self".to_owned(), value), ("oldSelf".to_owned(), old)];
        let mut evaluation = Evaluation::new(variables, &program.checked);
        let value = evaluation.run(&program.expression.root);
        *spent = spent.saturating_add(evaluation.spent());
        if *spent > MOST_SPENT {
            return Err(Stop::Unchecked);
        }
        match value? {
            Value::Bool(is) => Ok(Ok(is)),
            Value::String(text) => Ok(Err(text.to_string())),
            _ => Err(Stop::Unchecked),
        }
    };
    match run(&compiled.rule) {
        Ok(Ok(true)) => Outcome::Holds,
        Ok(Ok(false)) => match compiled.message.as_ref().map(&mut run) {
            None | Some(Err(Stop::Error(_))) => Outcome::Broken(None),
            Some(Ok(Err(text))) => Outcome::Broken(usable(&text)),
            Some(_) => Outcome::Unchecked,
        },
        Err(Stop::Error(message)) => Outcome::Fails(message),
        Ok(Err(_)) | Err(Stop::Unchecked) => Outcome::Unchecked,
    }
}

/// The most that a message holds, in bytes.
const LONGEST_MESSAGE: usize = 5 * 1024;

/// A message as it is told; None where the API server takes the rule's own instead.
fn usable(text: &str) -> Option<String> {
    let text = text.trim();
    let is = !text.is_empty() && text.len() <= LONGEST_MESSAGE && !text.contains('\n');
    is.then(|| text.to_owned())
}
