//! Mending what is missing, after one question.

use std::io::{self, BufRead, IsTerminal, Write};

use crate::cli::SetupOptions;
use crate::error::{Explain, Kind};
use crate::host::{HostFacts, PackageManager, ProbeRequest, Setup, SetupError, Tool};
use crate::report::Output;

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
    path: &std::ffi::OsStr,
) -> Result<bool, crate::error::Error> {
    if tools.is_empty() || !options.setup {
        return Ok(false);
    }
    let host = HostFacts::probe(&ProbeRequest::new(path));
    let setup = Setup::plan(tools, host.package_manager, &host.system);
    if !setup.is_runnable() {
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
    let manager = setup.manager.unwrap_or(PackageManager::Apt);
    Output.talk(&format!(
        "{} will install what is missing:",
        manager.command()
    ));
    setup
        .lines()
        .iter()
        .for_each(|line| Output.talk(&format!("  {line}")));
    if !options.yes {
        ask()?;
    }
    setup.run(&mut |line| Output.talk(&format!("    {line}")))?;
    Ok(true)
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
