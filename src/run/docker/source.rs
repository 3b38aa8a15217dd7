//! How the tree gets to where containers see it: mounted where the engine sees this machine's files, else sent, in which
//! case artifacts come back.

use std::path::{Path, PathBuf};

use super::cell;
use super::place::{CACHE, SOURCE, VERSION};
use super::user::User;
use super::{Docker, RunError};
use crate::engine::{
    Container, ContainerOrder, Engine, EngineError, Labels, Mounting, Purpose, Upload, unpack,
};
use crate::plan::{Plan, Step};
use crate::report::{Event, Events};
use crate::settings::Sync;

/// The tree as containers see it.
#[derive(Debug)]
pub struct Provision<'a> {
    pub(super) user: Option<String>,
    pub(super) mounts: Vec<Mounting>,
    /// Who the tree belongs to where it is mounted.
    pub(super) owner: User,
    /// Where Go's caches lie in the tree, relative to it, where they do.
    pub(super) caches: Vec<String>,
    /// Where the tree was sent to.
    sent: Option<SourceVolume<'a>>,
}

impl Provision<'_> {
    /// Whether the tree was sent.
    pub(super) fn is_sent(&self) -> bool {
        self.sent.is_some()
    }
}

/// The volume that a tree was sent to; it goes with this value.
#[derive(Debug)]
pub(super) struct SourceVolume<'a> {
    engine: &'a Engine,
    pub(super) name: String,
}

impl<'a> SourceVolume<'a> {
    /// A new one; `what` tells it from others of the same run.
    pub(super) fn new(docker: &Docker<'a>, what: &str) -> Result<SourceVolume<'a>, EngineError> {
        let labels = Labels::new(Purpose::Source, &docker.folder.id);
        let (run, process) = (&docker.folder.id, std::process::id());
        let name = format!("kubewright-source-{run}-{process}{what}");
        let volume = docker.engine.volume(&name, &labels)?;
        Ok(SourceVolume {
            engine: docker.engine,
            name: volume.name,
        })
    }
}

impl Drop for SourceVolume<'_> {
    fn drop(&mut self) {
        // What stays because the engine is gone carries labels, by which the next run finds it.
        let _ = self.engine.remove_volume(&self.name);
    }
}

/// Brings the tree to the engine, after having removed what killed runs left there.
pub(super) fn provide<'a>(
    docker: &Docker<'a>,
    plan: &Plan,
    events: &Events,
) -> Result<Provision<'a>, RunError> {
    let swept = docker.engine.sweep(false)?;
    if !swept.is_empty() {
        events.send(Event::Note {
            message: format!(
                "removed {} containers and {} volumes that killed runs had left behind",
                swept.containers, swept.volumes
            ),
        });
    }
    let may_bind = match docker.sync {
        Sync::Bind => true,
        Sync::Upload => false,
        Sync::Auto => docker.engine.address.is_here(),
    };
    if may_bind {
        match bound(docker, plan) {
            Err(RunError::Engine(error)) if docker.sync == Sync::Auto && error.is_unseen_path() => {
                events.send(Event::Note {
                    message: "the engine does not see this machine's files, so the tree is sent"
                        .to_owned(),
                });
            }
            outcome => return outcome,
        }
    }
    sent(docker, plan, events)
}

/// The tree where it is, mounted.
fn bound<'a>(docker: &Docker<'a>, plan: &Plan) -> Result<Provision<'a>, RunError> {
    let user = User::of_tree(docker.source, &docker.engine.profile);
    let mut mounts = vec![
        Mounting::Bind {
            from: docker.source.to_owned(),
            to: SOURCE.to_owned(),
            read_only: false,
        },
        Mounting::Bind {
            from: docker.folder.path.join("version"),
            to: VERSION.to_owned(),
            read_only: true,
        },
    ];
    cell::sweep(docker.source)?;
    let places = cache_places(plan);
    for place in &places {
        make_mount_point(docker.source, Path::new(place), user)?;
    }
    let (cache, is_new) = cache_volume(docker, user)?;
    mounts.extend(cache_mounts(&cache, &places));
    let order = look(docker, mounts.clone());
    // Also where nothing is to be given away: it shows whether the engine sees the tree.
    let container = Container::create(docker.engine, &order)?;
    if is_new {
        give_cache(docker, &container, user)?;
    }
    Ok(Provision {
        user: Some(user.text()),
        mounts,
        owner: user,
        caches: places,
        sent: None,
    })
}

/// The tree as it is now, sent into a volume of its own.
fn sent<'a>(docker: &Docker<'a>, plan: &Plan, events: &Events) -> Result<Provision<'a>, RunError> {
    let user = User::ROOT;
    let volume = SourceVolume::new(docker, "")?;
    let places = cache_places(plan);
    let (cache, is_new) = cache_volume(docker, user)?;
    let mut mounts = vec![Mounting::Volume {
        name: volume.name.clone(),
        to: SOURCE.to_owned(),
    }];
    mounts.extend(cache_mounts(&cache, &[]));
    let container = Container::create(docker.engine, &look(docker, mounts.clone()))?;
    if is_new {
        give_cache(docker, &container, user)?;
    }
    let mut bytes = 0;
    Upload::send(&container, owner(user), docker.cancel, |upload| {
        upload.tree(docker.source, relative(SOURCE), &is_left_out, &mut |more| {
            bytes += more;
            events.send(Event::Progress {
                what: "sending the tree to the engine".to_owned(),
                done: bytes,
                total: None,
                unit: "bytes".to_owned(),
            });
        })?;
        for place in &places {
            upload.folder(&format!("{}/{place}", relative(SOURCE)), 0o755)?;
        }
        Ok(())
    })?;
    mounts.extend(cache_mounts(&cache, &places).into_iter().skip(1));
    Ok(Provision {
        user: Some(user.text()),
        mounts,
        owner: user,
        caches: places,
        sent: Some(volume),
    })
}

/// What a build makes itself, and what no build needs.
fn is_left_out(path: &Path) -> bool {
    path == Path::new(".git") || path == Path::new("_output")
}

/// What a container needs that cannot be mounted into it.
pub(super) fn complete(
    docker: &Docker<'_>,
    container: &Container<'_>,
    provision: &Provision<'_>,
) -> Result<(), RunError> {
    if !provision.is_sent() {
        return Ok(());
    }
    let path = docker.folder.path.join("version");
    let version = std::fs::read(&path).map_err(|source| RunError::Io {
        action: "read",
        path,
        source,
    })?;
    Upload::send(container, owner(User::ROOT), docker.cancel, |upload| {
        upload.file(relative(VERSION), 0o644, &version)
    })?;
    Ok(())
}

/// Brings back what a step left behind that did not write to this machine, out of what was mounted for it.
pub(super) fn collect(
    docker: &Docker<'_>,
    mounts: Vec<Mounting>,
    step: &Step,
) -> Result<(), RunError> {
    let container = Container::create(docker.engine, &look(docker, mounts))?;
    let all = || step.collects.iter().chain(&step.hands_on);
    let mut folders: Vec<PathBuf> = all().map(PathBuf::from).collect();
    let artifacts: Vec<PathBuf> = step
        .artifacts
        .iter()
        .map(|it| PathBuf::from(&it.path))
        .collect();
    for artifact in &artifacts {
        let folder = artifact.parent().map(Path::to_owned).unwrap_or_default();
        if !folders.contains(&folder) {
            folders.push(folder);
        }
    }
    for folder in folders {
        let is_whole = all().any(|collected| Path::new(collected) == folder);
        let wanted = |file: &Path| is_whole || artifacts.contains(&folder.join(file));
        unpack(
            &container,
            &format!("{SOURCE}/{}", folder.display()),
            &docker.source.join(&folder),
            &wanted,
            docker.cancel,
        )?;
    }
    Ok(())
}

/// A container that is never started: what is mounted into it can be written to and read.
fn look(docker: &Docker<'_>, mounts: Vec<Mounting>) -> ContainerOrder {
    ContainerOrder {
        argv: vec!["true".to_owned()],
        mounts,
        ..ContainerOrder::new(docker.image, Labels::new(Purpose::Look, &docker.folder.id))
    }
}

/// The volume for Go's caches: one for each user and image, whatever is built. Go names entries by their content, and all
/// trees lie at the same path. The name, and whether nobody had made it yet.
fn cache_volume(docker: &Docker<'_>, user: User) -> Result<(String, bool), EngineError> {
    let content = docker.image.content();
    let content = content.strip_prefix("sha256:").unwrap_or(content);
    let content = content.get(..12).unwrap_or(content);
    let name = format!("kubewright-cache-{}-{content}", user.uid);
    let is_new = !docker.engine.has_volume(&name)?;
    let labels = Labels::new(Purpose::Cache, "");
    let volume = docker.engine.volume(&name, &labels)?;
    Ok((volume.name, is_new))
}

/// Where trees that overwrite GOCACHE keep the cache, relative to the tree.
fn cache_places(plan: &Plan) -> Vec<String> {
    let caches = plan.steps.iter().filter_map(|step| step.cache.as_ref());
    let mut places: Vec<String> = caches
        .filter_map(|cache| cache.strip_prefix("{source}/"))
        .filter(|place| place.contains("dockerized"))
        .map(str::to_owned)
        .collect();
    places.dedup();
    places
}

fn cache_mounts(volume: &str, places: &[String]) -> Vec<Mounting> {
    let at = |to: String| Mounting::Volume {
        name: volume.to_owned(),
        to,
    };
    let places = places.iter().map(|place| at(format!("{SOURCE}/{place}")));
    std::iter::once(at(CACHE.to_owned()))
        .chain(places)
        .collect()
}

/// A new volume belongs to root. Its folder is given to the user by an entry of an archive, without running anything.
fn give_cache(
    docker: &Docker<'_>,
    container: &Container<'_>,
    user: User,
) -> Result<(), EngineError> {
    Upload::send(container, owner(user), docker.cancel, |upload| {
        upload.folder(relative(CACHE), 0o755)
    })
}

/// The engine would make the folder that a volume is mounted on as root.
pub(super) fn make_mount_point(source: &Path, place: &Path, user: User) -> Result<(), RunError> {
    let mut path = source.to_owned();
    for part in place {
        path.push(part);
        match std::fs::create_dir(&path) {
            Ok(()) => {
                // Where root builds somebody's tree, its folders are that somebody's. Others need no right to give away.
                let _ = std::os::unix::fs::chown(&path, Some(user.uid), Some(user.gid));
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(source) => {
                return Err(RunError::Io {
                    action: "make",
                    path,
                    source,
                });
            }
        }
    }
    Ok(())
}

fn owner(user: User) -> (u64, u64) {
    (user.uid.into(), user.gid.into())
}

/// Paths in an archive begin without a slash.
fn relative(path: &str) -> &str {
    path.trim_start_matches('/')
}
