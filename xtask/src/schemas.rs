//! `cargo xtask schemas`: the JSON schemas of what kubewright reads and writes.

use kubewright::crd::diff::DiffReport;
use kubewright::plan::Plan;
use kubewright::recipe::RecipeFile;
use kubewright::report::Envelope;
use kubewright::report::manifest::Manifest;
use schemars::{Schema, schema_for};

use super::Failure;
use super::generated::Page;

/// One page a type.
pub(super) fn pages() -> Result<Vec<Page>, Failure> {
    [
        ("manifest", schema_for!(Manifest)),
        ("event", schema_for!(Envelope)),
        ("plan", schema_for!(Plan)),
        ("recipe", schema_for!(RecipeFile)),
        ("crd-diff", schema_for!(DiffReport)),
    ]
    .into_iter()
    .map(|(name, schema)| page(name, &schema))
    .collect()
}

fn page(name: &str, schema: &Schema) -> Result<Page, Failure> {
    Ok(Page {
        path: format!("docs/schemas/{name}.schema.json"),
        text: serde_json::to_string_pretty(schema)? + "\n",
    })
}
