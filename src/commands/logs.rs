//! `kubewright logs [RUN]`

use std::fs;

use super::{Call, Ended};
use crate::cli::LogsArgs;
use crate::report::runs::{Earlier, Runs};
use crate::report::{Output, Style};
use crate::settings::Layer;

pub(super) fn run(arguments: &LogsArgs, call: &Call) -> Result<(), Ended> {
    let settings = call.settings(Layer::none())?;
    let Earlier {
        folder, manifest, ..
    } = Runs::below(&settings.home).find(arguments.run.as_deref())?;
    let mut logs = 0;
    for step in manifest.plan.iter().flat_map(|plan| &plan.steps) {
        let log = folder.log(&step.id);
        if let Ok(bytes) = fs::read(&log) {
            Output.talk(&Style::of_stderr().faint(&log.display().to_string()));
            Output.raw(&bytes);
            logs += 1;
        }
    }
    if logs == 0 {
        // All was there already, or nothing was started.
        let id = &folder.id;
        Output.talk(&format!(
            "run {id} ran no step, so it has no log; `kubewright runs list` shows the others"
        ));
    }
    Ok(())
}
