//! The rules of custom resource definitions: one family a file; what they mean is data (`rules.toml`).

mod advice;
pub(crate) mod catalog;
mod column;
mod conversion;
mod defaults;
mod enumeration;
mod envelope;
mod expression;
mod keyword;
mod names;
mod selectable;
mod structural;
mod subresource;
mod validation;
mod version;

use super::definition::Definition;
use super::finding::Findings;
use super::path::Path;
use super::schema::Schema;

/// The names on a path that is written as rules and selectable fields have it; None where it leads nowhere.
pub(crate) fn selectable_steps(path: &str, schema: &Schema<'_>) -> Option<Vec<String>> {
    let found = selectable::resolve(path, schema, true).ok();
    found.map(|(steps, _)| steps)
}

/// Adds all that is wrong with a definition.
pub(crate) fn check(definition: &Definition<'_>, findings: &mut Findings) {
    let root = Path::ROOT;
    let spec = root.field("spec");
    envelope::check(definition, findings);
    names::check(definition, &spec.field("names"), findings);
    version::check(definition, &spec, findings);
    conversion::check(definition, &spec, findings);
}
