//! Getting the Go that was chosen, by the first way that works.

use std::path::PathBuf;

use super::choice::Search;
use super::error::{FailedWay, WayError};
use super::store::Installation;
use super::way::ways;
use super::{Choice, GoVersion, Origin, Policy, Surroundings, ToolchainError, Wanted, store};
use crate::bytes::Bytes;
use crate::cancel::Cancel;
use crate::lock::Holder;

/// A Go that is ready to build with.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Toolchain {
    /// Its version.
    pub version: GoVersion,
    /// The version that the tree names, if it names one.
    pub wanted: Option<GoVersion>,
    /// Its GOROOT, whose `bin/go` exists.
    pub root: PathBuf,
    /// Where it came from.
    pub origin: Origin,
    /// What the user should know.
    pub warning: Option<String>,
}

/// What happens while a toolchain is got.
#[derive(Clone, Debug, PartialEq)]
pub enum Progress {
    /// Another process installs the same version.
    Waiting {
        /// The version.
        version: GoVersion,
        /// That process.
        holder: Holder,
    },
    /// The archive is coming.
    Downloading {
        /// The version.
        version: GoVersion,
        /// The way it comes.
        origin: Origin,
        /// What has come so far.
        done: Bytes,
        /// All of it, where that is known.
        total: Option<Bytes>,
    },
    /// The archive has come and was checked.
    Unpacking {
        /// The version.
        version: GoVersion,
    },
    /// One way did not work; the next one is tried.
    WayFailed {
        /// The way.
        origin: Origin,
        /// Why not, in one line.
        reason: String,
    },
}

/// Gets the Go for a tree: what [`resolve`](super::resolve) chose, and where that is a download
/// that fails, the ways that come after it.
///
/// # Errors
///
/// There is no Go, or no way to get it worked; the causes name each way that was tried.
pub fn provide(
    wanted: &Wanted,
    policy: Policy,
    surroundings: &Surroundings,
    cancel: &Cancel,
    on_progress: &mut dyn FnMut(Progress),
) -> Result<Toolchain, ToolchainError> {
    let search = Search::new(surroundings);
    let mut choice = search.choose(wanted, policy)?;
    let target = choice.version.clone();
    let root = match choice.origin {
        Origin::GoDownload | Origin::OfficialDownload => {
            match fetch(&search, &target, cancel, on_progress) {
                Ok((root, origin)) => {
                    choice.origin = origin;
                    root
                }
                Err(error) => {
                    choice = instead(&search, wanted, error)?;
                    root_of(&search, &mut choice, cancel, on_progress)?
                }
            }
        }
        _ => root_of(&search, &mut choice, cancel, on_progress)?,
    };
    Ok(Toolchain {
        version: choice.version,
        wanted: wanted.version.clone(),
        root,
        origin: choice.origin,
        warning: choice.warning,
    })
}

/// Puts a version into the store, whatever is on PATH; does nothing where it is there already.
///
/// # Errors
///
/// As [`provide`], without a last resort.
pub fn install(
    version: &GoVersion,
    surroundings: &Surroundings,
    cancel: &Cancel,
    on_progress: &mut dyn FnMut(Progress),
) -> Result<Toolchain, ToolchainError> {
    let version = version.release();
    let (root, origin) = match store::find(&surroundings.store, &version) {
        Some(root) => (root, Origin::Store),
        None => fetch_alone(&version, surroundings, cancel, on_progress)?,
    };
    Ok(Toolchain {
        wanted: Some(version.clone()),
        version,
        root,
        origin,
        warning: None,
    })
}

fn fetch_alone(
    version: &GoVersion,
    surroundings: &Surroundings,
    cancel: &Cancel,
    on_progress: &mut dyn FnMut(Progress),
) -> Result<(PathBuf, Origin), ToolchainError> {
    let search = Search::new(surroundings);
    if surroundings.offline {
        return Err(search.offline(version, false));
    }
    fetch(&search, version, cancel, on_progress)
}

/// What takes the place of a version after a failed download: a later patch release where a server
/// refused this one, else the last resort, if there is one.
fn instead(
    search: &Search<'_>,
    wanted: &Wanted,
    error: ToolchainError,
) -> Result<Choice, ToolchainError> {
    let ToolchainError::Unobtainable { version, failures } = &error else {
        return Err(error);
    };
    let refusal = failures.as_ref().and_then(FailedWay::refusal);
    let later = refusal.and_then(|reason| {
        store::note_refused(&search.surroundings.store, version, reason);
        search.instead_of(version, wanted)
    });
    later
        .or_else(|| search.last_resort(version, wanted))
        .ok_or(error)
}

/// The root of what was chosen, downloaded where it is not here.
fn root_of(
    search: &Search<'_>,
    choice: &mut Choice,
    cancel: &Cancel,
    on_progress: &mut dyn FnMut(Progress),
) -> Result<PathBuf, ToolchainError> {
    match choice.origin {
        Origin::Store => Ok(search.surroundings.store.join(choice.version.name())),
        Origin::GoDownload | Origin::OfficialDownload => {
            let (root, origin) = fetch(search, &choice.version, cancel, on_progress)?;
            choice.origin = origin;
            Ok(root)
        }
        Origin::Path | Origin::LastResort | Origin::Host => root_on_path(search),
    }
}

fn root_on_path(search: &Search<'_>) -> Result<PathBuf, ToolchainError> {
    let go = search.on_path.as_ref();
    go.map(|go| go.root.clone())
        .map_err(|error| ToolchainError::NoHostGo(error.clone()))
}

/// Downloads a version into the store, once for all processes that want it.
fn fetch(
    search: &Search<'_>,
    version: &GoVersion,
    cancel: &Cancel,
    on_progress: &mut dyn FnMut(Progress),
) -> Result<(PathBuf, Origin), ToolchainError> {
    let surroundings = search.surroundings;
    let mut installation =
        Installation::begin(&surroundings.store, version, cancel, &mut |holder| {
            on_progress(Progress::Waiting {
                version: version.clone(),
                holder: holder.clone(),
            });
        })?;
    // Whoever held the lock may have installed it.
    if let Some(root) = store::find(&surroundings.store, version) {
        return Ok((root, Origin::Store));
    }
    let mut failures = Vec::new();
    for way in ways(search.downloader()) {
        match way.get(
            version,
            surroundings,
            &mut installation,
            cancel,
            on_progress,
        ) {
            Ok(root) => {
                store::forget_refused(&surroundings.store, version);
                return Ok((root, way.origin()));
            }
            Err(WayError::Interrupted) => {
                return Err(ToolchainError::Interrupted(cancel.signal()));
            }
            Err(error) if error.is_full() => {
                let failure = (way.name(surroundings), error.to_string());
                return Err(ToolchainError::Full {
                    version: version.clone(),
                    store: surroundings.store.clone(),
                    failure: FailedWay::chain(vec![failure]),
                });
            }
            Err(error) => {
                let reason = error.to_string();
                on_progress(Progress::WayFailed {
                    origin: way.origin(),
                    reason: reason.clone(),
                });
                failures.push((way.name(surroundings), reason));
            }
        }
    }
    Err(ToolchainError::Unobtainable {
        version: version.clone(),
        failures: FailedWay::chain(failures),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::fs;

    use sha2::{Digest, Sha256};

    use super::super::found::{FoundGo, program_of};
    use super::super::official::archive_name;
    use super::super::testing::{Answer, Fixture, Server, fake_archive, fake_go_script};
    use super::*;
    use crate::error::{Error, Explain, Kind};
    use crate::hexadecimal::hexadecimal;
    use crate::platform::Platform;

    /// What a Go's own download leaves behind, as a shell script.
    fn leaves_a_tree(version: &str) -> String {
        format!(
            "tree=$GOMODCACHE/golang.org/toolchain@v0.0.1-$GOTOOLCHAIN.linux-amd64\n\
             mkdir -p \"$tree/bin\"\n\
             cat > \"$tree/bin/go\" <<'END'\n#!/bin/sh\n{}\nEND\n\
             chmod 555 \"$tree/bin/go\" \"$tree/bin\" \"$tree\"",
            fake_go_script(version)
        )
    }

    fn wanted(version: &str) -> Wanted {
        Wanted {
            version: Some(version.parse().unwrap()),
            minimum: None,
        }
    }

    fn get(
        fixture: &Fixture,
        wanted: &Wanted,
    ) -> (Result<Toolchain, ToolchainError>, Vec<Progress>) {
        let mut seen = Vec::new();
        let cancel = Cancel::default();
        let on_progress = &mut |progress| seen.push(progress);
        let outcome = provide(
            wanted,
            Policy::Exact,
            &fixture.surroundings,
            &cancel,
            on_progress,
        );
        (outcome, seen)
    }

    /// Serves an archive of 1.24.6 with a checksum file, changed as a test likes.
    fn mirror(fixture: &mut Fixture, change: impl FnOnce(&mut Answer, &mut Answer)) -> Server {
        let body = fake_archive("1.24.6");
        let digest = hexadecimal(&Sha256::digest(&body));
        let mut archive = Answer::whole(body);
        let mut checksum = Answer::whole(digest);
        change(&mut archive, &mut checksum);
        let path = format!(
            "/{}",
            archive_name(&"1.24.6".parse().unwrap(), &Platform::host())
        );
        let answers = HashMap::from([(format!("{path}.sha256"), checksum), (path, archive)]);
        let server = Server::start(answers);
        fixture.surroundings.download_base.clone_from(&server.base);
        server
    }

    fn assert_nothing_is_left(fixture: &Fixture) {
        let store = &fixture.surroundings.store;
        assert_eq!(store::installed(store), []);
        assert_eq!(fs::read_dir(store.join(".tmp")).unwrap().count(), 0);
    }

    #[test]
    fn the_go_on_path_is_used_as_it_is() {
        let mut fixture = Fixture::new();
        let root = fixture.fake_go("host", "1.24.6");
        fixture.set_path(&["host/bin"]);
        let toolchain = get(&fixture, &wanted("1.24.6")).0.unwrap();
        assert_eq!((toolchain.origin, toolchain.root), (Origin::Path, root));
        assert!(!fixture.surroundings.store.exists());
    }

    #[test]
    fn go_downloads_another_version_into_the_store() {
        let mut fixture = Fixture::new();
        let script = format!(
            "echo \"$GOPROXY $GOENV $GOFLAGS.\" > {}\n{}",
            fixture.path("settings").display(),
            leaves_a_tree("1.15.15")
        );
        fixture.fake_downloader("1.26.1", &script);
        let toolchain = get(&fixture, &wanted("1.15.15")).0.unwrap();
        let root = fixture.surroundings.store.join("go1.15.15");
        assert_eq!(
            (toolchain.origin, &toolchain.root),
            (Origin::GoDownload, &root)
        );
        assert_eq!(
            fs::read_to_string(fixture.path("settings")).unwrap(),
            "https://proxy.example off .\n"
        );
        assert!(FoundGo::at(&root, &fixture.surroundings).is_ok());

        fixture.surroundings.offline = true;
        let again = get(&fixture, &wanted("1.15.15")).0.unwrap();
        assert_eq!((again.origin, again.root), (Origin::Store, root));
    }

    #[test]
    fn when_go_refuses_the_official_download_is_next() {
        let mut fixture = Fixture::new();
        fixture.fake_downloader(
            "1.26.1",
            "echo 'go: downloading go' >&2; echo 403 Forbidden >&2; exit 1",
        );
        let server = mirror(&mut fixture, |_, _| {});
        let (outcome, progress) = get(&fixture, &wanted("1.24.6"));
        let toolchain = outcome.unwrap();
        assert_eq!(toolchain.origin, Origin::OfficialDownload);
        assert!(program_of(&toolchain.root).is_file());
        let version = toolchain.version.clone();
        let failed = Progress::WayFailed {
            origin: Origin::GoDownload,
            reason: "403 Forbidden".to_owned(),
        };
        assert!(progress.contains(&failed), "{progress:?}");
        assert_eq!(progress.last(), Some(&Progress::Unpacking { version }));
        let whole = progress.iter().any(|progress| {
            matches!(progress, Progress::Downloading { done, total: Some(total), .. } if done == total)
        });
        assert!(whole, "{progress:?}");
        assert_eq!(server.requests().len(), 2);
    }

    #[test]
    fn nothing_is_left_of_an_official_download_that_fails() {
        type Change = fn(&mut Answer, &mut Answer);
        let cases: [(&str, Change); 4] = [
            ("has the SHA-256", |_, checksum| {
                *checksum = Answer::whole("0".repeat(64));
            }),
            ("holds no SHA-256", |_, checksum| {
                *checksum = Answer::whole("<html>sorry</html>");
            }),
            ("cannot download", |archive, _| archive.sent /= 2),
            ("cannot download", |_, checksum| checksum.sent = 10),
        ];
        for (expected, change) in cases {
            let mut fixture = Fixture::new();
            let _server = mirror(&mut fixture, change);
            let error = get(&fixture, &wanted("1.24.6")).0.unwrap_err();
            assert_eq!(error.kind(), Kind::Preflight);
            let chain = Error::from(error).chain();
            assert_eq!(chain[0], "go1.24.6 could not be had");
            assert!(chain[1].contains(expected), "{chain:?}");
            assert_nothing_is_left(&fixture);
        }
    }

    #[test]
    fn an_archive_without_a_working_go_is_refused() {
        let mut fixture = Fixture::new();
        let _server = mirror(&mut fixture, |archive, checksum| {
            *archive = Answer::whole(fake_archive("1.24.5"));
            let digest = Sha256::digest(&archive.body);
            // As some mirrors write it.
            let line = format!("{}  go.tar.gz\n", hexadecimal(&digest).to_uppercase());
            *checksum = Answer::whole(line);
        });
        let chain = Error::from(get(&fixture, &wanted("1.24.6")).0.unwrap_err()).chain();
        assert!(
            chain[1].ends_with("what was downloaded calls itself go1.24.5"),
            "{chain:?}"
        );
        assert_nothing_is_left(&fixture);
    }

    #[test]
    fn every_way_that_failed_is_named_with_its_reason() {
        let mut fixture = Fixture::new();
        fixture.fake_downloader("1.26.1", "echo 'go: toolchain not available' >&2; exit 1");
        let server = Server::start(HashMap::new());
        fixture.surroundings.download_base.clone_from(&server.base);
        let mut wanted = wanted("1.24.6");
        wanted.minimum = Some("1.27.0".parse().unwrap());
        let chain = Error::from(get(&fixture, &wanted).0.unwrap_err()).chain();
        let go = fixture.path("downloader/bin/go");
        assert_eq!(
            chain[..2],
            [
                "go1.24.6 could not be had".to_owned(),
                format!(
                    "Go's own download by `{}`: go: toolchain not available",
                    go.display()
                ),
            ]
        );
        assert!(
            chain[2].starts_with("the official download from `http://127.0.0.1:"),
            "{chain:?}"
        );
        assert!(chain[2].contains("404"), "{chain:?}");
    }

    #[test]
    fn the_last_resort_is_the_go_on_path_with_a_warning() {
        let mut fixture = Fixture::new();
        fixture.fake_go("host", "1.20.14");
        fixture.set_path(&["host/bin"]);
        let mut wanted = wanted("1.19.13");
        wanted.minimum = Some("1.19".parse().unwrap());
        let toolchain = get(&fixture, &wanted).0.unwrap();
        assert_eq!(toolchain.origin, Origin::LastResort);
        assert_eq!(toolchain.version.to_string(), "1.20.14");
        assert_eq!(toolchain.wanted, wanted.version);
        assert!(
            toolchain
                .warning
                .unwrap()
                .starts_with("go1.19.13 could not be had")
        );
        assert_nothing_is_left(&fixture);
    }

    #[test]
    fn a_later_patch_release_takes_the_place_of_one_that_a_server_refuses() {
        let mut fixture = Fixture::new();
        let script = format!(
            "case $GOTOOLCHAIN in go1.12.5)\necho 'go: reading https://proxy.example: 403 Forbidden' >&2\nexit 1;; esac\n{}",
            leaves_a_tree("1.12.17")
        );
        fixture.fake_downloader("1.26.1", &script);
        let wanted = wanted("1.12.5");
        let (outcome, progress) = get(&fixture, &wanted);
        let toolchain = outcome.unwrap();
        assert_eq!(toolchain.version.to_string(), "1.12.17");
        assert_eq!(toolchain.wanted, wanted.version);
        assert_eq!(toolchain.origin, Origin::GoDownload);
        let warning = toolchain.warning.unwrap();
        assert!(
            warning.starts_with("go1.12.5 cannot be had, so go1.12.17 is used"),
            "{warning}"
        );
        let refused = |progress: &Progress| matches!(progress, Progress::WayFailed { reason, .. } if reason.contains("403"));
        assert!(progress.iter().any(refused), "{progress:?}");

        let (outcome, progress) = get(&fixture, &wanted);
        assert_eq!(outcome.unwrap().origin, Origin::Store);
        assert_eq!(progress, []);
    }

    #[test]
    fn without_a_network_nothing_is_concluded_about_a_version() {
        let mut fixture = Fixture::new();
        fixture.fake_downloader("1.26.1", "echo 'dial tcp: connection refused' >&2; exit 1");
        let version = "1.12.5".parse().unwrap();
        let toolchain = get(&fixture, &wanted("1.12.5")).0.unwrap();
        assert_eq!(toolchain.origin, Origin::LastResort);
        assert!(!store::is_refused(&fixture.surroundings.store, &version));
    }

    #[test]
    fn a_full_disk_is_said_and_no_other_go_is_taken_instead() {
        let mut fixture = Fixture::new();
        fixture.fake_go("host", "1.20.14");
        fixture.set_path(&["host/bin"]);
        fixture.fake_downloader(
            "1.26.1",
            "echo 'go: write /x/go.zip: no space left on device' >&2; exit 1",
        );
        let server = mirror(&mut fixture, |_, _| {});
        let mut wanted = wanted("1.24.6");
        wanted.minimum = Some("1.19".parse().unwrap());
        let error = get(&fixture, &wanted).0.unwrap_err();
        assert_eq!(error.kind(), Kind::OutOfDisk);
        let chain = Error::from(error).chain();
        assert!(chain[0].ends_with("is full"), "{chain:?}");
        assert!(chain[1].ends_with("no space left on device"), "{chain:?}");
        assert_eq!(server.requests().len(), 0);
        assert_nothing_is_left(&fixture);
    }

    #[test]
    fn an_interrupted_download_ends_and_leaves_nothing() {
        let mut fixture = Fixture::new();
        fixture.fake_downloader("1.26.1", "exec tail -f /dev/null");
        let cancel = Cancel::default();
        let stop = cancel.clone();
        let on_progress = &mut |_| stop.request(15);
        let error = provide(
            &wanted("1.24.6"),
            Policy::Exact,
            &fixture.surroundings,
            &cancel,
            on_progress,
        )
        .unwrap_err();
        assert_eq!(error.kind(), Kind::Signal(15));
        assert_nothing_is_left(&fixture);
    }

    #[test]
    fn many_at_once_download_once() {
        let mut fixture = Fixture::new();
        let server = mirror(&mut fixture, |_, _| {});
        let origins: Vec<_> = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..4)
                .map(|_| scope.spawn(|| get(&fixture, &wanted("1.24.6")).0.unwrap().origin))
                .collect();
            workers
                .into_iter()
                .map(|worker| worker.join().unwrap())
                .collect()
        });
        let downloads = origins
            .iter()
            .filter(|origin| **origin == Origin::OfficialDownload);
        assert_eq!(downloads.count(), 1, "{origins:?}");
        assert_eq!(server.requests().len(), 2);
    }

    #[test]
    fn install_fills_the_store_whatever_is_on_path() {
        let mut fixture = Fixture::new();
        fixture.fake_go("host", "1.24.6");
        fixture.set_path(&["host/bin"]);
        let version: GoVersion = "1.24.6".parse().unwrap();
        let cancel = Cancel::default();
        fixture.surroundings.offline = true;
        let error = install(&version, &fixture.surroundings, &cancel, &mut |_| {}).unwrap_err();
        assert!(matches!(error, ToolchainError::Offline { .. }), "{error}");

        fixture.surroundings.offline = false;
        let _server = mirror(&mut fixture, |_, _| {});
        let mut origins = Vec::new();
        for _ in 0..2 {
            let toolchain = install(&version, &fixture.surroundings, &cancel, &mut |_| {}).unwrap();
            origins.push(toolchain.origin);
        }
        // The Go on PATH is a fake that cannot download, so its way fails first.
        assert_eq!(origins, [Origin::OfficialDownload, Origin::Store]);
    }
}
