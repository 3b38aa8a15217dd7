//! `kubewright crd sample`

use super::inputs;
use crate::cli::CrdSampleArgs;
use crate::commands::{Call, Ended};
use crate::crd::sample::{Extent, resource};
use crate::crd::subject::Subject;
use crate::report::{Output, Style};
use crate::scaffold::yaml;

pub(super) fn run(arguments: &CrdSampleArgs, call: &Call) -> Result<(), Ended> {
    let documents = inputs::documents(&arguments.file, &call.cancel)?;
    let subjects = Subject::all(&documents, arguments.api_version.as_deref())?;
    let extent = if arguments.all {
        Extent::Most
    } else {
        Extent::Least
    };
    let mut manifests = Vec::new();
    for subject in &subjects {
        let wrong = subject.wrong();
        if let Some(first) = wrong.first() {
            let warning = Style::of_stderr().caution("warning:");
            let more = match wrong.len() - 1 {
                0 => String::new(),
                more => format!(", and {more} more"),
            };
            Output.talk(&format!(
                "{warning} the API server refuses this definition, and with it the sample: {first}{more}; \
                 `kubewright crd lint {}` tells what to do",
                arguments.file.display()
            ));
        }
        let sample = resource(subject, extent)?;
        manifests.push(yaml::write(&sample.object, &[]));
        for unchecked in sample.unchecked {
            Output.talk(&format!("{}: {unchecked}", subject.version()));
        }
    }
    Output.data(manifests.join("---\n").trim_end());
    Ok(())
}
