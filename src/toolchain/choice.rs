//! Which Go to use for a tree, and where it would come from.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::bytes::Bytes;

use super::found::{FoundGo, NoGo, program_of};
use super::successor::successor;
use super::{GoTraits, GoVersion, Installed, Surroundings, ToolchainError, installed, store};

/// The Go that a tree asks for.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Wanted {
    /// The version that it names.
    pub version: Option<GoVersion>,
    /// The least that its scripts accept.
    pub minimum: Option<GoVersion>,
}

impl Wanted {
    /// The version to get: the named one, else the minimum. A newer Go than a tree was made for may
    /// fail to compile or to link it, so nothing newer is taken by choice.
    pub(super) fn target(&self) -> Option<GoVersion> {
        let version = self.version.as_ref().or(self.minimum.as_ref())?;
        Some(version.release())
    }

    fn is_met_by(&self, version: &GoVersion) -> bool {
        self.minimum.as_ref().is_none_or(|least| version >= least)
    }
}

/// Which Go the user wants.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Policy {
    /// The one that the tree names.
    #[default]
    Exact,
    /// The one on PATH, whatever its version.
    Host,
}

/// Where a toolchain comes from.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// It is the wanted version and on PATH.
    Path,
    /// It is in kubewright's store.
    Store,
    /// Another Go downloads it.
    GoDownload,
    /// It is downloaded from Go's site or a mirror of it.
    OfficialDownload,
    /// It is another version, on PATH, because the wanted one could not be had or is unknown.
    LastResort,
    /// The user asked for what is on PATH.
    Host,
}

impl fmt::Display for Origin {
    /// As it stands behind a version: `go1.24.6 from PATH`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Origin::Path => "from PATH",
            Origin::Store => "from kubewright's store",
            Origin::GoDownload => "downloaded by Go",
            Origin::OfficialDownload => "downloaded from Go's site",
            Origin::LastResort => "from PATH, as a last resort",
            Origin::Host => "from PATH, as asked for",
        })
    }
}

impl Origin {
    /// The most disk that getting it takes in the store: an archive of 80 MB and the 270 MB in it, as of Go 1.25.
    pub const fn disk(self) -> Bytes {
        match self {
            Origin::GoDownload | Origin::OfficialDownload => Bytes::mib(350),
            Origin::Path | Origin::Store | Origin::LastResort | Origin::Host => Bytes(0),
        }
    }
}

/// The decision for a tree: what [`provide`](super::provide) is about to do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Choice {
    /// The version that the tree is built with.
    pub version: GoVersion,
    /// Where it comes from.
    pub origin: Origin,
    /// What the user should know.
    pub warning: Option<String>,
}

/// Tells which Go a tree gets and from where, without downloading anything.
///
/// # Errors
///
/// There is no Go to be used and none may be downloaded.
pub fn resolve(
    wanted: &Wanted,
    policy: Policy,
    surroundings: &Surroundings,
) -> Result<Choice, ToolchainError> {
    Search::new(surroundings).choose(wanted, policy)
}

/// What this machine has.
#[derive(Debug)]
pub(super) struct Search<'a> {
    pub(super) surroundings: &'a Surroundings,
    pub(super) on_path: Result<FoundGo, NoGo>,
}

impl<'a> Search<'a> {
    pub(super) fn new(surroundings: &'a Surroundings) -> Search<'a> {
        Search {
            surroundings,
            on_path: FoundGo::on_path(surroundings),
        }
    }

    pub(super) fn choose(&self, wanted: &Wanted, policy: Policy) -> Result<Choice, ToolchainError> {
        match (policy, wanted.target()) {
            (Policy::Host, _) => self.host(wanted),
            (Policy::Exact, Some(version)) => self.exact(&version, wanted),
            (Policy::Exact, None) => self.unnamed(),
        }
    }

    fn host(&self, wanted: &Wanted) -> Result<Choice, ToolchainError> {
        let go = self.on_path.clone().map_err(ToolchainError::NoHostGo)?;
        let least = wanted.minimum.as_ref().filter(|least| go.version < **least);
        let warning = least.map(|least| {
            format!(
                "{} on PATH is older than {}, the least that this tree builds with",
                go.version.name(),
                least.name()
            )
        });
        Ok(Choice {
            version: go.version,
            origin: Origin::Host,
            warning,
        })
    }

    fn exact(&self, version: &GoVersion, wanted: &Wanted) -> Result<Choice, ToolchainError> {
        let store = &self.surroundings.store;
        let origin = if let Some(origin) = self.here(version) {
            origin
        } else if store::is_refused(store, version)
            && let Some(choice) = self.instead_of(version, wanted)
        {
            return Ok(choice);
        } else if self.surroundings.offline {
            let host_is_enough = self
                .on_path
                .as_ref()
                .is_ok_and(|go| wanted.is_met_by(&go.version));
            return Err(self.offline(version, host_is_enough));
        } else {
            self.way()
        };
        Ok(Choice {
            version: version.clone(),
            origin,
            warning: None,
        })
    }

    /// Where a version is, if it is on this machine.
    fn here(&self, version: &GoVersion) -> Option<Origin> {
        if self.on_path.as_ref().is_ok_and(|go| go.version == *version) {
            return Some(Origin::Path);
        }
        store::find(&self.surroundings.store, version).map(|_| Origin::Store)
    }

    /// A later patch release in place of one that cannot be had, if the tree accepts it and it is
    /// here or may be downloaded.
    pub(super) fn instead_of(&self, version: &GoVersion, wanted: &Wanted) -> Option<Choice> {
        let on_path = self.on_path.iter().map(|go| go.version.clone());
        let stored = installed(&self.surroundings.store);
        let here: Vec<GoVersion> = on_path
            .chain(stored.into_iter().map(|stored| stored.version))
            .collect();
        let successor = successor(version, &here).filter(|next| wanted.is_met_by(next))?;
        let origin = match self.here(&successor) {
            Some(origin) => origin,
            None if self.surroundings.offline => return None,
            None => self.way(),
        };
        Some(Choice {
            warning: Some(format!(
                "{} cannot be had, so {} is used, a later patch release of it: what it builds \
                 differs by what the patches mended",
                version.name(),
                successor.name()
            )),
            version: successor,
            origin,
        })
    }

    /// The first way by which a version would be downloaded.
    fn way(&self) -> Origin {
        match self.downloader() {
            Some(_) => Origin::GoDownload,
            None => Origin::OfficialDownload,
        }
    }

    fn unnamed(&self) -> Result<Choice, ToolchainError> {
        let go = self.on_path.clone().map_err(ToolchainError::Unnamed)?;
        let warning = format!(
            "the tree names no version of Go, so {} on PATH is used",
            go.version.name()
        );
        Ok(Choice {
            version: go.version,
            origin: Origin::LastResort,
            warning: Some(warning),
        })
    }

    /// The error for a version that is missing and must not be downloaded; `host_is_enough` where
    /// the user can do with the Go on PATH instead.
    pub(super) fn offline(&self, version: &GoVersion, host_is_enough: bool) -> ToolchainError {
        ToolchainError::Offline {
            version: version.clone(),
            host: self.on_path.as_ref().ok().map(|go| go.version.clone()),
            host_is_enough,
            store: self.surroundings.store.clone(),
        }
    }

    /// The Go on PATH for want of the right one, if the tree accepts it.
    pub(super) fn last_resort(&self, version: &GoVersion, wanted: &Wanted) -> Option<Choice> {
        let go = self.on_path.as_ref().ok()?;
        wanted.is_met_by(&go.version).then(|| Choice {
            version: go.version.clone(),
            origin: Origin::LastResort,
            warning: Some(format!(
                "{} could not be had, so {} on PATH is used: what it builds differs from \
                 what the tree's own Go builds",
                version.name(),
                go.version.name()
            )),
        })
    }

    /// A `go` program that can download other versions: the one on PATH, else the newest in the
    /// store.
    pub(super) fn downloader(&self) -> Option<std::path::PathBuf> {
        let can = |version: &GoVersion| GoTraits::of(version).switches_toolchains;
        let on_path = self.on_path.as_ref().ok().filter(|go| can(&go.version));
        let stored = || {
            let newest: Option<Installed> = installed(&self.surroundings.store).pop();
            newest.filter(|newest| can(&newest.version))
        };
        on_path
            .map(|go| go.program.clone())
            .or_else(|| stored().map(|newest| program_of(&newest.root)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Fixture;
    use super::*;
    use crate::error::{Explain, Kind};

    fn wanted(version: &str) -> Wanted {
        Wanted {
            version: Some(version.parse().unwrap()),
            minimum: None,
        }
    }

    fn origin(fixture: &Fixture, version: &str) -> Origin {
        let choice = resolve(&wanted(version), Policy::Exact, &fixture.surroundings).unwrap();
        assert_eq!(choice.version.to_string(), version);
        assert_eq!(choice.warning, None);
        choice.origin
    }

    #[test]
    fn the_ways_are_tried_in_their_order() {
        let mut fixture = Fixture::new();
        assert_eq!(origin(&fixture, "1.24.6"), Origin::OfficialDownload);
        fixture.fake_go("old", "1.20.14");
        fixture.set_path(&["old/bin"]);
        assert_eq!(origin(&fixture, "1.24.6"), Origin::OfficialDownload);
        fixture.fake_go("store/go1.21.7", "1.21.7");
        assert_eq!(origin(&fixture, "1.24.6"), Origin::GoDownload);
        fixture.fake_go("store/go1.24.6", "1.24.6");
        assert_eq!(origin(&fixture, "1.24.6"), Origin::Store);
        fixture.fake_go("host", "1.24.6");
        fixture.set_path(&["host/bin"]);
        assert_eq!(origin(&fixture, "1.24.6"), Origin::Path);
        assert_eq!(origin(&fixture, "1.25.1"), Origin::GoDownload);
    }

    #[test]
    fn a_broken_go_on_path_is_passed_by() {
        let mut fixture = Fixture::new();
        fixture.script("bin/go", "exit 1");
        fixture.set_path(&["bin"]);
        assert_eq!(origin(&fixture, "1.24.6"), Origin::OfficialDownload);
    }

    #[test]
    fn a_tree_without_a_version_is_built_with_its_minimum() {
        let mut fixture = Fixture::new();
        let minimum = Wanted {
            version: None,
            minimum: Some("1.22".parse().unwrap()),
        };
        let choice = resolve(&minimum, Policy::Exact, &fixture.surroundings).unwrap();
        assert_eq!(choice.version.to_string(), "1.22.0");

        let error = resolve(&Wanted::default(), Policy::Exact, &fixture.surroundings).unwrap_err();
        assert_eq!(error.to_string(), "the tree names no version of Go");
        fixture.fake_go("host", "1.25.1");
        fixture.set_path(&["host/bin"]);
        let choice = resolve(&Wanted::default(), Policy::Exact, &fixture.surroundings).unwrap();
        assert_eq!(choice.origin, Origin::LastResort);
        assert!(choice.warning.unwrap().contains("go1.25.1 on PATH is used"));
    }

    #[test]
    fn offline_names_what_is_missing_and_how_to_install_it() {
        let mut fixture = Fixture::new();
        fixture.surroundings.offline = true;
        fixture.fake_go("host", "1.26.1");
        fixture.set_path(&["host/bin"]);
        let mut wanted = wanted("1.24.6");
        let error = resolve(&wanted, Policy::Exact, &fixture.surroundings).unwrap_err();
        let store = fixture.surroundings.store.display();
        assert_eq!(
            error.to_string(),
            format!(
                "go1.24.6 is neither on PATH (there it is go1.26.1) nor in `{store}`, \
                 and `--offline` forbids downloading it"
            )
        );
        assert_eq!(error.kind(), Kind::Preflight);
        assert_eq!(
            error.hints(),
            [
                "with a network: `kubewright toolchain install 1.24.6`",
                "or build with the Go on PATH: `--go host`"
            ]
        );
        wanted.minimum = Some("1.27.0".parse().unwrap());
        let error = resolve(&wanted, Policy::Exact, &fixture.surroundings).unwrap_err();
        assert_eq!(error.hints().len(), 1);
    }

    #[test]
    fn what_was_refused_once_is_not_asked_for_again() {
        let mut fixture = Fixture::new();
        let wanted = wanted("1.12.5");
        let store = fixture.surroundings.store.clone();
        store::note_refused(&store, &"1.12.5".parse().unwrap(), "403 Forbidden");
        let choose =
            |fixture: &Fixture| resolve(&wanted, Policy::Exact, &fixture.surroundings).unwrap();
        let choice = choose(&fixture);
        assert_eq!(
            (choice.version.to_string().as_str(), choice.origin),
            ("1.12.17", Origin::OfficialDownload)
        );
        assert_eq!(
            choice.warning.unwrap(),
            "go1.12.5 cannot be had, so go1.12.17 is used, a later patch release of it: what it \
             builds differs by what the patches mended"
        );
        fixture.surroundings.offline = true;
        let error = resolve(&wanted, Policy::Exact, &fixture.surroundings).unwrap_err();
        assert!(matches!(error, ToolchainError::Offline { .. }), "{error}");
        fixture.fake_go("store/go1.12.10", "1.12.10");
        let choice = choose(&fixture);
        assert_eq!(
            (choice.version.to_string().as_str(), choice.origin),
            ("1.12.10", Origin::Store)
        );
        fixture.fake_go("store/go1.12.5", "1.12.5");
        assert_eq!(origin(&fixture, "1.12.5"), Origin::Store);
    }

    #[test]
    fn the_host_go_is_taken_whatever_its_version() {
        let mut fixture = Fixture::new();
        let mut wanted = wanted("1.24.6");
        let error = resolve(&wanted, Policy::Host, &fixture.surroundings).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the Go on PATH was asked for and cannot be used"
        );

        fixture.fake_go("host", "1.20.14");
        fixture.set_path(&["host/bin"]);
        let choice = resolve(&wanted, Policy::Host, &fixture.surroundings).unwrap();
        assert_eq!((choice.origin, choice.warning), (Origin::Host, None));
        wanted.minimum = Some("1.24.0".parse().unwrap());
        let choice = resolve(&wanted, Policy::Host, &fixture.surroundings).unwrap();
        assert_eq!(
            choice.warning.unwrap(),
            "go1.20.14 on PATH is older than go1.24.0, the least that this tree builds with"
        );
    }
}
