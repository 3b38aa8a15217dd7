//! `kubewright targets`

use super::source_place::{Said, reading, store};
use super::{Call, Ended, tell};
use crate::cli::{Format, TargetsArgs};
use crate::report::{Output, Style, Table};
use crate::source;
use crate::tree::{self, DiskFiles, TreeFacts};

pub(super) fn run(arguments: &TargetsArgs, call: &Call) -> Result<(), Ended> {
    let settings = call.settings(arguments.source.layer())?;
    let request =
        Said::new(&arguments.source, Said::default()).request(&settings, &call.directory)?;
    let checkout = tell::while_source(call, |progress| {
        source::provide(
            &request,
            &store(&settings),
            &reading(&settings, call),
            &call.cancel,
            progress,
        )
    })?;
    let facts = tree::read(&DiskFiles::new(&checkout.root))?;
    match arguments.format {
        Format::Json => Output.json(&serde_json::json!({
            "schema": 1,
            "reference": checkout.reference,
            "commit": checkout.commit,
            "version": checkout.stamp.version,
            "tree": facts,
        })),
        Format::Table => Output.data(&table(&facts)),
    }
    Ok(())
}

fn table(facts: &TreeFacts) -> String {
    let mut table = Table::new(&["NAME", "KIND", "WHAT IT DOES"]);
    for component in facts
        .components
        .iter()
        .filter(|component| !component.is_library)
    {
        table.row([
            component.name.clone(),
            "component".to_owned(),
            component.package.clone(),
        ]);
    }
    let is_component = |name: &str| {
        facts
            .components
            .iter()
            .any(|component| component.name == name)
    };
    for target in facts
        .targets
        .iter()
        .filter(|target| !is_component(&target.name))
    {
        let summary = target.summary.clone();
        table.row([target.name.clone(), "target".to_owned(), summary]);
    }
    table.render(Style::of_stdout())
}
