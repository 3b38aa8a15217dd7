//! A recipe that has been read and checked.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::nearest::nearest;
use super::{RecipeError, builtin, check, reader};
use crate::bytes::Bytes;
use crate::platform::Platform;
use crate::settings::ExecutorChoice;

/// What to build, from what, within which limits. It is free of contradictions, but no tree has been asked yet whether
/// it knows the components and platforms.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Recipe {
    /// The name: the file's, without its ending.
    pub name: String,
    /// One line for `recipes list`.
    pub summary: String,
    /// Where the tree comes from.
    pub source: Source,
    /// What is built, and for which platforms.
    pub build: Build,
    /// What the build may take.
    pub limits: Limits,
    /// Passed as arguments of make: target-specific variables beat the environment, arguments beat both.
    pub make: BTreeMap<String, String>,
}

/// Where the tree comes from; what is absent, the command line or the defaults say.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Source {
    /// A repository's address, or `demo`.
    pub repo: Option<String>,
    /// A tag, a branch or a commit.
    pub git_ref: Option<String>,
    /// A tree that is built in place; excludes the other two.
    pub directory: Option<PathBuf>,
}

/// What is built.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Build {
    /// The components or the target.
    pub what: What,
    /// The platforms, in the order of the file; empty when the file says nothing.
    pub platforms: Vec<PlatformChoice>,
    /// What carries it out; absent when the file says nothing.
    pub executor: Option<ExecutorChoice>,
}

/// The three ways to say what is built.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum What {
    /// Commands of Kubernetes, such as kubectl; at least one.
    Components(Vec<String>),
    /// A make target.
    Target(String),
    /// All that `make all` builds.
    All,
}

/// A platform, or a set of platforms that each tree defines for itself.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum PlatformChoice {
    /// A named set.
    Set(PlatformSet),
    /// One platform.
    One(Platform),
}

/// The sets of platforms of `hack/lib/golang.sh` (`KUBE_SUPPORTED_*_PLATFORMS`), and the host's own.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum PlatformSet {
    /// Where kubectl runs.
    Client,
    /// Where the control plane runs.
    Server,
    /// Where the kubelet runs.
    Node,
    /// All that the tree builds what is asked for.
    All,
    /// The platform of this machine.
    Host,
}

/// What a build may take; what is absent, kubewright chooses.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Limits {
    /// The memory that is planned with.
    pub memory: Option<Bytes>,
    /// How many packages are compiled at once.
    pub jobs: Option<NonZeroU32>,
}

impl Recipe {
    /// Reads a recipe's text. `path` names it in messages, and its last part names the recipe.
    ///
    /// # Errors
    ///
    /// All that is wrong with it, as far as one problem does not hide another.
    pub fn parse(path: &str, text: &str) -> Result<Recipe, RecipeError> {
        let (file, mut problems) = reader::read(text);
        let recipe = check::check(&name_of(path), file, text.len(), &mut problems);
        match recipe {
            Some(recipe) if problems.is_empty() => Ok(recipe),
            _ => Err(RecipeError::invalid(path, text, problems)),
        }
    }

    /// Reads the recipe in a file. A relative `directory` in it is taken from the file's own folder, so that a recipe
    /// means the same wherever it is called from.
    pub fn read(path: &Path) -> Result<Recipe, RecipeError> {
        let text = fs::read_to_string(path).map_err(|source| RecipeError::Read {
            path: path.to_owned(),
            source,
        })?;
        let mut recipe = Recipe::parse(&path.to_string_lossy(), &text)?;
        if let (Some(directory), Some(folder)) = (&mut recipe.source.directory, path.parent()) {
            *directory = folder.join(&*directory);
        }
        Ok(recipe)
    }

    /// The file that is meant, if a file is meant and no built-in recipe.
    pub fn file(name_or_file: &str) -> Option<&Path> {
        let is_file = name_or_file.contains('/') || has_toml_ending(name_or_file);
        is_file.then(|| Path::new(name_or_file))
    }

    /// What `build recipe` was given: a file if it ends in `.toml` or has a slash, else the name of a built-in recipe.
    pub fn resolve(name_or_file: &str) -> Result<Recipe, RecipeError> {
        match Recipe::file(name_or_file) {
            Some(file) => Recipe::read(file),
            None => builtin::find(name_or_file)?.recipe(),
        }
    }
}

fn has_toml_ending(name: &str) -> bool {
    Path::new(name)
        .extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("toml"))
}

fn name_of(path: &str) -> String {
    Path::new(path).file_stem().map_or_else(
        || path.to_owned(),
        |stem| stem.to_string_lossy().into_owned(),
    )
}

impl PlatformSet {
    /// Every set, in the order in which messages list them.
    pub const ALL: [PlatformSet; 5] = [
        PlatformSet::Client,
        PlatformSet::Server,
        PlatformSet::Node,
        PlatformSet::All,
        PlatformSet::Host,
    ];

    /// The set's name in recipes.
    pub const fn name(self) -> &'static str {
        match self {
            PlatformSet::Client => "client",
            PlatformSet::Server => "server",
            PlatformSet::Node => "node",
            PlatformSet::All => "all",
            PlatformSet::Host => "host",
        }
    }
}

/// A text that is neither a platform nor the name of a set of platforms.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
#[error("expected OS/ARCH or one of client, server, node, all, host{}", did_you_mean(.near.as_ref()))]
pub struct UnknownPlatform {
    /// The set whose name is nearest, if one is near.
    pub near: Option<PlatformSet>,
}

fn did_you_mean(near: Option<&PlatformSet>) -> String {
    near.map(|set| format!("; did you mean `{}`?", set.name()))
        .unwrap_or_default()
}

impl FromStr for PlatformChoice {
    type Err = UnknownPlatform;

    fn from_str(text: &str) -> Result<PlatformChoice, UnknownPlatform> {
        let named = |name: &str| PlatformSet::ALL.into_iter().find(|set| set.name() == name);
        if let Some(set) = named(text) {
            return Ok(PlatformChoice::Set(set));
        }
        text.parse()
            .map(PlatformChoice::One)
            .map_err(|_| UnknownPlatform {
                near: nearest(text, PlatformSet::ALL.map(PlatformSet::name)).and_then(named),
            })
    }
}

impl fmt::Display for PlatformChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PlatformChoice::Set(set) => f.write_str(set.name()),
            PlatformChoice::One(platform) => platform.fmt(f),
        }
    }
}
