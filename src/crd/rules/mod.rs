//! The rules of custom resource definitions: one family a file; what they mean is data (`rules.toml`).

pub(crate) mod catalog;
mod column;
mod conversion;
mod defaults;
mod envelope;
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

/// Adds all that is wrong with a definition.
pub(crate) fn check(definition: &Definition<'_>, findings: &mut Findings) {
    let root = Path::ROOT;
    let spec = root.field("spec");
    envelope::check(definition, findings);
    names::check(definition, &spec.field("names"), findings);
    version::check(definition, &spec, findings);
    conversion::check(definition, &spec, findings);
}
