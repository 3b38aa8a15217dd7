//! `kubewright crd explain`

use super::inputs;
use crate::cli::CrdExplainArgs;
use crate::commands::{Call, Ended};
use crate::crd::explain::explain;
use crate::crd::subject::Subject;
use crate::report::Output;

pub(super) fn run(arguments: &CrdExplainArgs, call: &Call) -> Result<(), Ended> {
    let documents = inputs::documents(&arguments.file, &call.cancel)?;
    let subjects = Subject::all(&documents, arguments.api_version.as_deref())?;
    let path = arguments.path.as_deref().unwrap_or_default();
    let path: Vec<&str> = path.split('.').filter(|name| !name.is_empty()).collect();
    let (subject, path) = Subject::chosen(&subjects, &path)?;
    Output.data(&explain(subject, path, arguments.recursive)?);
    Ok(())
}
