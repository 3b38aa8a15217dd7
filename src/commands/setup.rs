//! Mending what is missing, after one question.

use std::io::{self, BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

use super::source_place::{search_path, surroundings, user_home};
use super::{Call, tell};
use crate::cli::SetupOptions;
use crate::error::{Error, Explain, Kind};
use crate::host::{HostFacts, PackageManager, Plugin, ProbeRequest, Setup, SetupError, Tool};
use crate::report::Output;
use crate::settings::Settings;
use crate::toolchain::{self, GoVersion, Policy, Wanted};

/// Set-up was asked for and not allowed.
#[derive(Debug, thiserror::Error)]
enum NotAllowed {
    #[error("nothing was installed: the answer was no")]
    Refused,
    #[error("nothing was installed: there is no terminal to ask at")]
    NoTerminal,
}

impl Explain for NotAllowed {
    fn kind(&self) -> Kind {
        Kind::Preflight
    }

    fn hints(&self) -> Vec<String> {
        match self {
            NotAllowed::Refused => Vec::new(),
            NotAllowed::NoTerminal => {
                vec!["`--setup --yes` installs without a question".to_owned()]
            }
        }
    }
}

/// Installs tools, if that is wanted and there is something to install. `true` when something was installed.
pub(super) fn mend(
    tools: &[Tool],
    options: SetupOptions,
    settings: &Settings,
    call: &Call,
) -> Result<bool, Error> {
    if tools.is_empty() || !options.setup {
        return Ok(false);
    }
    let host = HostFacts::probe(&ProbeRequest::new(&search_path(&call.environment)));
    let setup = Setup::plan(tools, host.package_manager, &host.system);
    let is_by_hand = !setup.commands.is_empty() && !setup.is_runnable();
    if is_by_hand || (setup.commands.is_empty() && !setup.builds_buildx()) {
        // What this system's own package manager would be told: the user's to type.
        setup
            .lines()
            .iter()
            .for_each(|line| Output.talk(&format!("  {line}")));
        return Err(SetupError::NotRunnable {
            hints: setup.hints(),
        }
        .into());
    }
    if setup.is_runnable() {
        let manager = setup.manager.unwrap_or(PackageManager::Apt);
        Output.talk(&format!(
            "{} will install what is missing:",
            manager.command()
        ));
    }
    setup
        .lines()
        .iter()
        .for_each(|line| Output.talk(&format!("  {line}")));
    let plugin = setup.builds_buildx().then(|| plugin(call));
    if let Some(plugin) = &plugin {
        Output.talk(&format!(
            "docker buildx, which no package has here, will be built from its Go module, which takes minutes:\n  {} into {}",
            plugin.module(),
            plugin.file().display()
        ));
    }
    if !options.yes {
        ask()?;
    }
    if setup.is_runnable() {
        setup.run(&mut |line| Output.talk(&format!("    {line}")))?;
    }
    if let Some(plugin) = &plugin {
        let go = go(settings, call)?;
        plugin.build(&go, &mut |line| Output.talk(&format!("    {line}")))?;
    }
    Ok(true)
}

/// The place of the docker command's plugins for whoever calls.
fn plugin(call: &Call) -> Plugin {
    let config = call.environment.get("DOCKER_CONFIG").map(Path::new);
    Plugin::of_user(config, &user_home(&call.environment))
}

/// A Go that builds buildx: the one on PATH, else one that is got as those of trees are.
fn go(settings: &Settings, call: &Call) -> Result<PathBuf, Error> {
    let surroundings = surroundings(settings, call);
    let version = |text: &str| text.parse::<GoVersion>().ok();
    let least = version(Plugin::LEAST_GO);
    let host = toolchain::resolve(&Wanted::default(), Policy::Host, &surroundings);
    let suffices = host.is_ok_and(|choice| least.is_some_and(|least| choice.version >= least));
    let wanted = Wanted {
        version: version(Plugin::GO).filter(|_| !suffices),
        minimum: None,
    };
    let policy = if suffices {
        Policy::Host
    } else {
        Policy::Exact
    };
    let toolchain = tell::while_toolchain(call, |progress| {
        toolchain::provide(&wanted, policy, &surroundings, &call.cancel, progress)
    })?;
    Ok(toolchain.root.join("bin/go"))
}

fn ask() -> Result<(), NotAllowed> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(NotAllowed::NoTerminal);
    }
    let _ = write!(io::stderr().lock(), "Go on? [Y/n] ");
    let mut answer = String::new();
    let read = io::stdin().lock().read_line(&mut answer);
    let agreed = matches!(answer.trim(), "" | "y" | "Y" | "yes");
    if matches!(read, Ok(count) if count > 0) && agreed {
        Ok(())
    } else {
        Err(NotAllowed::Refused)
    }
}
