//! Where a verb's tree comes from: flags, then the recipe, then the tree around the current directory, then the default
//! repository.

use std::path::{Path, PathBuf};

use super::Call;
use crate::cli::SourceOptions;
use crate::error::Error;
use crate::settings::{Environment, Settings};
use crate::source::{self, Location, Reference, Request, Store, find_root};
use crate::toolchain;

/// What was said of the source, by flags or a recipe.
#[derive(Clone, Debug, Default)]
pub(super) struct Said {
    pub repo: Option<String>,
    pub reference: Option<String>,
    pub directory: Option<PathBuf>,
}

impl Said {
    /// By the flags; where they name no source at all, by the recipe. A ref alone belongs to the recipe's repository.
    pub(super) fn new(options: &SourceOptions, recipe: Said) -> Said {
        if options.source.is_some() {
            return Said {
                directory: options.source.clone(),
                ..Said::default()
            };
        }
        if options.repo.is_none() && options.reference.is_none() {
            return recipe;
        }
        Said {
            repo: options.repo.clone().or(recipe.repo),
            reference: options.reference.clone(),
            directory: None,
        }
    }

    /// The request to the source module.
    pub(super) fn request(self, settings: &Settings, directory: &Path) -> Result<Request, Error> {
        if let Some(directory) = self.directory {
            return Ok(Request::Directory(directory));
        }
        if self.repo.is_none() && self.reference.is_none() && find_root(directory).is_some() {
            return Ok(Request::Directory(directory.to_owned()));
        }
        let location = Location::parse(self.repo.as_deref().unwrap_or(&settings.repository))?;
        let reference = match self.reference {
            Some(text) => text.parse()?,
            None => Reference::NewestStable,
        };
        Ok(Request::Repository {
            location,
            reference,
        })
    }
}

/// The store of mirrors and checkouts.
pub(super) fn store(settings: &Settings) -> Store {
    Store::new(settings.home.clone())
}

/// How a tree is provided for this call.
pub(super) fn options(settings: &Settings, call: &Call) -> source::Options {
    let words: Vec<String> = call.command.iter().skip(1).cloned().collect();
    source::Options {
        offline: settings.offline,
        access: source::Access::Own,
        purpose: words.join(" "),
    }
}

/// The same for a tree that is only read: whoever builds it is not waited for.
pub(super) fn reading(settings: &Settings, call: &Call) -> source::Options {
    source::Options {
        access: source::Access::Read,
        ..options(settings, call)
    }
}

/// What toolchains are looked for in and downloaded with.
pub(super) fn surroundings(settings: &Settings, call: &Call) -> toolchain::Surroundings {
    let environment = toolchain::PASSED_THROUGH
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), call.environment.get(name)?.clone())));
    toolchain::Surroundings {
        path: search_path(&call.environment),
        home: user_home(&call.environment),
        environment: environment.collect(),
        store: settings.home.join("toolchains"),
        download_base: settings.go_download.clone(),
        offline: settings.offline,
    }
}

/// The caller's `PATH`; where there is none, what POSIX systems have.
pub(super) fn search_path(environment: &Environment) -> std::ffi::OsString {
    environment
        .get("PATH")
        .cloned()
        .unwrap_or_else(|| "/usr/local/bin:/usr/bin:/bin".into())
}

/// The caller's `HOME`; where there is none, a folder that is never there.
pub(super) fn user_home(environment: &Environment) -> PathBuf {
    environment
        .get("HOME")
        .map_or_else(|| PathBuf::from("/nonexistent"), PathBuf::from)
}
