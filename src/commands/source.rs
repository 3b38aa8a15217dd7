//! `kubewright source …`

use super::source_place::{Said, store};
use super::{Call, Ended, tell};
use crate::bytes::Bytes;
use crate::cli::{Format, SourceOptions, SourceVerb};
use crate::report::{Output, Style, Table};
use crate::settings::{Layer, Settings};
use crate::source;

pub(super) fn run(verb: &SourceVerb, call: &Call) -> Result<(), Ended> {
    let layer = match verb {
        SourceVerb::Path { offline, .. } => SourceOptions { offline: *offline, ..SourceOptions::default() }.layer(),
        SourceVerb::List { .. } | SourceVerb::Gc { .. } => Layer::none(),
    };
    let settings = Settings::resolve(&call.environment, &call.directory, Layer::none(), layer)?;
    match verb {
        SourceVerb::List { format } => list(&settings, *format),
        SourceVerb::Path { reference, repo, .. } => path(&settings, call, reference, repo.clone()),
        SourceVerb::Gc { all } => gc(&settings, *all),
    }
}

fn path(settings: &Settings, call: &Call, reference: &str, repo: Option<String>) -> Result<(), Ended> {
    let said = Said { repo, reference: Some(reference.to_owned()), directory: None };
    let request = said.request(settings, &call.directory)?;
    let checkout = tell::while_source(call, |progress| {
        source::provide(&request, &store(settings), settings.offline, &call.cancel, progress)
    })?;
    Output.data(&checkout.root.display().to_string());
    Ok(())
}
