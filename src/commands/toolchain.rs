//! `kubewright toolchain …`

use super::source_place::surroundings;
use super::{Call, Ended, tell};
use crate::cli::{Format, ToolchainVerb};
use crate::error::{Explain, Kind};
use crate::report::{Output, Style, Table};
use crate::settings::Layer;
use crate::toolchain::{self, GoVersion};

#[derive(Debug, thiserror::Error)]
#[error("go{0} is not in kubewright's store")]
struct NotInstalled(GoVersion);

impl Explain for NotInstalled {
    fn kind(&self) -> Kind {
        Kind::Preflight
    }

    fn hints(&self) -> Vec<String> {
        vec![format!(
            "`kubewright toolchain install {}` puts it there",
            self.0
        )]
    }
}

pub(super) fn run(verb: &ToolchainVerb, call: &Call) -> Result<(), Ended> {
    let settings = call.settings(Layer::none())?;
    let surroundings = surroundings(&settings, call);
    match verb {
        ToolchainVerb::List { format } => {
            list(&surroundings, *format);
            Ok(())
        }
        ToolchainVerb::Install { version } => {
            let version: GoVersion = version.parse()?;
            let installed = tell::while_toolchain(call, |progress| {
                toolchain::install(&version, &surroundings, &call.cancel, progress)
            })?;
            Output.data(&installed.root.display().to_string());
            Ok(())
        }
        ToolchainVerb::Path { version } => {
            let version: GoVersion = version.parse()?;
            let installed = toolchain::installed(&surroundings.store);
            let found = installed
                .into_iter()
                .find(|toolchain| toolchain.version == version);
            let found = found.ok_or(NotInstalled(version))?;
            Output.data(&found.root.display().to_string());
            Ok(())
        }
    }
}

fn list(surroundings: &toolchain::Surroundings, format: Format) {
    let installed = toolchain::installed(&surroundings.store);
    if format == Format::Json {
        let rows: Vec<_> = installed
            .iter()
            .map(|toolchain| serde_json::json!({ "version": toolchain.version.to_string(), "path": toolchain.root }))
            .collect();
        Output.json(&serde_json::json!({ "schema": 1, "toolchains": rows }));
        return;
    }
    let mut table = Table::new(&["VERSION", "FOLDER"]);
    for toolchain in installed {
        table.row([
            toolchain.version.to_string(),
            toolchain.root.display().to_string(),
        ]);
    }
    Output.data(&table.render(Style::of_stdout()));
}
