//! What the API server says to a value, in the terms of the field language.

use serde_json::Value;

use crate::crd::document;
use crate::crd::resource::{default, value::judge};
use crate::crd::schema::{Schema, parse};
use crate::scaffold::field::Node;
use crate::scaffold::schema::schema;

/// One thing that the server finds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Finding {
    /// The option or property of the type that is broken: `max`, `type`, `required`, …
    pub(crate) broken: &'static str,
    /// The server's words, with the path.
    pub(crate) message: String,
    /// Whether the server evaluates no rules after it.
    pub(crate) blocking: bool,
}

/// All that the server finds wrong with a value. The path is that of the value, such as `spec.replicas`.
pub(crate) fn verdict(node: &Node, path: &str, value: &Value) -> Vec<Finding> {
    let schema = document::Node::from(&Value::Object(schema(node)));
    under(&parse(&schema), path, value)
}

/// The same, where the schema is there already.
pub(super) fn under(schema: &Schema<'_>, path: &str, value: &Value) -> Vec<Finding> {
    let mut value = document::Node::from(value);
    // What is left out is filled in before it is looked at.
    default::apply(&mut value, schema);
    let judgements = judge(schema, &value, path).into_iter();
    judgements
        .map(|judgement| Finding {
            broken: match judgement.keyword {
                "minimum" => "min",
                "maximum" => "max",
                "x-kubernetes-list-type" => "listType",
                keyword => keyword,
            },
            message: judgement.message,
            blocking: judgement.blocks,
        })
        .collect()
}
