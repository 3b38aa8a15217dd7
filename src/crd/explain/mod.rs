//! What `kubectl explain` tells of a resource, from its definition alone.
//!
//! ```text
//! schema ──► published (what the server adds: apiVersion, kind, metadata) ──► outline (kubectl's layout)
//! ```

mod outline;
mod published;
mod wrap;

use std::fmt::Write as _;

use super::lint::nearest;
use super::subject::Subject;
use crate::error::{Explain, Kind};

/// A path leads nowhere.
#[derive(Debug, thiserror::Error)]
#[error("field {} does not exist", super::go::quote(.field))]
pub struct NoField {
    field: String,
    nearest: Option<String>,
}

impl Explain for NoField {
    fn kind(&self) -> Kind {
        Kind::Usage
    }

    fn hints(&self) -> Vec<String> {
        let nearest = self.nearest.as_deref();
        vec![nearest.map_or_else(
            || "`--recursive` shows all fields".to_owned(),
            |nearest| format!("did you mean `{nearest}`?"),
        )]
    }
}

/// What kubectl would print of a field of a resource, or of the whole where the path is empty.
pub fn explain(subject: &Subject, path: &[&str], recursive: bool) -> Result<String, NoField> {
    let definition = subject.definition();
    let schema = published::schema(subject.schema());
    let mut text = String::new();
    for (name, value) in [
        ("GROUP", definition.group()),
        ("KIND", definition.kind()),
        ("VERSION", subject.version()),
    ] {
        let _ = writeln!(text, "{:<12}{value}", format!("{name}:"));
    }
    text.push('\n');
    match outline::of(&schema, path, recursive) {
        Ok(outline) => Ok(text + &outline),
        Err(missing) => Err(NoField {
            // kubectl names the last field, whichever is missing; the one that is missing tells more.
            field: missing.field.to_owned(),
            nearest: nearest(missing.field, missing.there).map(str::to_owned),
        }),
    }
}
