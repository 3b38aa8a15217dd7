//! `kubewright man DIR`

use std::io;
use std::path::{Path, PathBuf};

use clap::CommandFactory;

use super::Ended;
use crate::cli::Cli;
use crate::error::{Explain, Kind};

#[derive(Debug, thiserror::Error)]
#[error("cannot write manual pages into `{}`", .folder.display())]
struct NoPages {
    folder: PathBuf,
    source: io::Error,
}

impl Explain for NoPages {
    fn kind(&self) -> Kind {
        Kind::Usage
    }
}

pub(super) fn run(folder: &Path) -> Result<(), Ended> {
    let written = std::fs::create_dir_all(folder)
        .and_then(|()| clap_mangen::generate_to(Cli::command(), folder));
    Ok(written.map_err(|source| NoPages {
        folder: folder.to_owned(),
        source,
    })?)
}
