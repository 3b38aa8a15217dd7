//! `kubewright crd sample`

use super::inputs;
use crate::cli::CrdSampleArgs;
use crate::commands::Ended;
use crate::crd::sample::{Extent, resource};
use crate::crd::subject::Subject;
use crate::report::Output;
use crate::scaffold::yaml;

pub(super) fn run(arguments: &CrdSampleArgs) -> Result<(), Ended> {
    let documents = inputs::documents(&arguments.file)?;
    let subjects = Subject::all(&documents, arguments.api_version.as_deref())?;
    let extent = if arguments.all {
        Extent::Most
    } else {
        Extent::Least
    };
    let mut manifests = Vec::new();
    for subject in &subjects {
        let sample = resource(subject, extent)?;
        manifests.push(yaml::write(&sample.object, &[]));
        for unchecked in sample.unchecked {
            Output.talk(&format!("{}: {unchecked}", subject.version()));
        }
    }
    Output.data(manifests.join("---\n").trim_end());
    Ok(())
}
