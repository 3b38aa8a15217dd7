//! `kubewright crd …`

mod convert;
mod diff;
mod excerpt;
mod explain;
mod fix;
mod human;
mod inputs;
mod lint;
mod rewrite;
mod sample;
mod sarif;
mod tally;
mod tree;

use super::{Call, Ended};
use crate::cli::{CrdVerb, Format};
use crate::crd::rules;
use crate::report::{Output, Style, Table, width};

pub(super) fn run(verb: &CrdVerb, call: &Call) -> Result<(), Ended> {
    match verb {
        CrdVerb::Lint(arguments) => lint::run(arguments, call),
        CrdVerb::Convert(arguments) => convert::run(arguments, call),
        CrdVerb::Diff(arguments) => diff::run(arguments, call),
        CrdVerb::Explain(arguments) => explain::run(arguments, call),
        CrdVerb::Sample(arguments) => sample::run(arguments, call),
        CrdVerb::Rules { format } => {
            list(*format);
            Ok(())
        }
    }
}

fn list(format: Format) {
    if format == Format::Json {
        return Output.json(&serde_json::json!({ "schema": 1, "rules": rules() }));
    }
    let mut table = Table::new(&["RULE", "SINCE", "FIX", "DEMANDS"]);
    for rule in rules() {
        table.row([
            rule.id.clone(),
            format!("1.{}", rule.since),
            if rule.fixable { "yes" } else { "" }.to_owned(),
            rule.summary.clone(),
        ]);
    }
    Output.data(&table.fitted(Style::of_stdout(), width::of_stdout()));
}
