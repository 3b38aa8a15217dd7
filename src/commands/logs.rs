//! `kubewright logs [RUN]`

use std::fs;

use super::{Call, Ended};
use crate::cli::LogsArgs;
use crate::report::runs::{Earlier, Runs};
use crate::report::{Output, Style};
use crate::settings::Layer;

pub(super) fn run(arguments: &LogsArgs, call: &Call) -> Result<(), Ended> {
    let settings = call.settings(Layer::none())?;
    let Earlier { folder, manifest } =
        Runs::below(&settings.home).find(arguments.run.as_deref())?;
    for step in manifest.plan.iter().flat_map(|plan| &plan.steps) {
        let log = folder.log(&step.id);
        if let Ok(bytes) = fs::read(&log) {
            Output.talk(&Style::of_stderr().faint(&log.display().to_string()));
            Output.raw(&bytes);
        }
    }
    Ok(())
}
