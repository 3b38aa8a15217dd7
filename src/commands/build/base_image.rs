//! What images of a release are built on: found on the engine, or pulled, before anything is compiled.

use std::io;
use std::path::{Path, PathBuf};

use super::Build;
use super::image::origin;
use crate::engine::{
    BaseKind, Engine, EngineError, Image, ImageReference, base_image_names, base_stand_in_name,
};
use crate::error::{Error, Explain, Kind};
use crate::plan::{self, BaseImage, ImageIdentity, is_taken_apart};
use crate::platform::Platform;
use crate::report::image_archive::{ImageArchiveError, read_images};
use crate::report::{Event, Events};
use crate::tree::TreeFacts;

/// A base image, as far as it is known.
pub(super) struct ChosenBase {
    variable: String,
    /// The names under which it may be had.
    names: Vec<ImageReference>,
    /// The one that the tree asks for.
    wanted: String,
    /// Whether the user named it.
    named: bool,
    found: Option<Image>,
}

/// A base image cannot be had.
#[derive(Debug, thiserror::Error)]
#[error("the base image {image} cannot be had")]
struct NoBaseImage {
    image: String,
    variable: String,
    source: EngineError,
}

impl Explain for NoBaseImage {
    fn kind(&self) -> Kind {
        self.source.kind()
    }

    fn hints(&self) -> Vec<String> {
        match self.source {
            EngineError::NoImage { .. } => vec![
                format!(
                    "name a mirror by the setting engine.mirrors, a folder of archives by `--base-images`, or another image: `-- {}=IMAGE`",
                    self.variable
                ),
                "where no registry can be reached, a stand-in is made for one platform: `kubewright engine image --base`".to_owned(),
            ],
            _ => self.source.hints(),
        }
    }
}

/// The folder of archives cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read the archives in `{}`", .folder.display())]
struct NoArchives {
    folder: PathBuf,
    source: io::Error,
}

impl Explain for NoArchives {
    fn kind(&self) -> Kind {
        Kind::Usage
    }
}

/// An archive in that folder is broken.
#[derive(Debug, thiserror::Error)]
#[error("`{}` is no sound archive of images", .archive.display())]
struct UnsoundArchive {
    archive: PathBuf,
    source: ImageArchiveError,
}

impl Explain for UnsoundArchive {
    fn kind(&self) -> Kind {
        Kind::Source
    }

    fn hints(&self) -> Vec<String> {
        vec!["write it anew: `docker save --output FILE IMAGE`".to_owned()]
    }
}

/// The name that a stand-in for an image would have. It is of one platform, so there is none for a release of several.
fn stand_in(
    wanted: &ImageReference,
    engines: &Platform,
    platforms: &[Platform],
) -> Option<ImageReference> {
    let kind = BaseKind::of(wanted)?;
    let [platform] = platforms else {
        return None;
    };
    let platform = if kind.runs_in_build() {
        engines
    } else {
        platform
    };
    Some(base_stand_in_name(wanted, platform))
}

/// The archives in a folder, in order.
fn archives(folder: &Path) -> Result<Vec<PathBuf>, NoArchives> {
    let unreadable = |source| NoArchives {
        folder: folder.to_owned(),
        source,
    };
    let mut archives = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|extension| extension == "tar") {
            archives.push(path);
        }
    }
    archives.sort();
    Ok(archives)
}

impl Build<'_> {
    /// Looks for the base images that the order needs among the images that the engine has.
    pub(super) fn choose_base_images(
        &self,
        engine: &Engine,
        facts: &TreeFacts,
    ) -> Result<Vec<ChosenBase>, Error> {
        let goal = self.order.request(facts, &Platform::host()).goal;
        let parts = facts
            .release
            .as_ref()
            .filter(|parts| is_taken_apart(&goal, facts) && parts.takes_base_images_as_they_are);
        let Some(parts) = parts else {
            return Ok(Vec::new());
        };
        let engines = &engine.profile.platform;
        let platforms = self.order.request(facts, engines).platforms;
        let mut chosen = Vec::new();
        for (variable, by_tree) in &parts.base_images {
            let by_user = match self.order.variables.get(variable) {
                Some(named) => Some(named.clone()),
                None => self.in_registry(by_tree),
            };
            let wanted = ImageReference::parse(by_user.as_ref().unwrap_or(by_tree))?;
            let names = match by_user {
                Some(_) => vec![wanted.clone()],
                None => base_image_names(&wanted, &self.settings.engine_mirrors),
            };
            let mut found = None;
            let instead = match by_user {
                Some(_) => None,
                None => stand_in(&wanted, engines, &platforms),
            };
            // What the tree asks for, if it is there, is no worse than what a mirror has.
            for name in std::iter::once(&wanted).chain(&names).chain(&instead) {
                found = engine.image(name)?;
                if found.is_some() {
                    break;
                }
            }
            chosen.push(ChosenBase {
                variable: variable.clone(),
                names,
                wanted: wanted.to_string(),
                named: by_user.is_some(),
                found,
            });
        }
        Ok(chosen)
    }

    /// An image of the tree in the registry that the user names for all of them.
    fn in_registry(&self, image: &str) -> Option<String> {
        let registry = self.order.variables.get("KUBE_BASE_IMAGE_REGISTRY")?;
        let last = image.rsplit('/').next().unwrap_or(image);
        Some(format!("{registry}/{last}"))
    }

    /// The base images, pulled where the engine does not have them. Several variables may name one image.
    pub(super) fn provide_base_images(
        &self,
        engine: &Engine,
        mut chosen: Vec<ChosenBase>,
        events: &Events,
    ) -> Result<Vec<ChosenBase>, Error> {
        for at in 0..chosen.len() {
            if chosen[at].found.is_none() {
                let loaded = self.loaded(engine, &chosen[at], events)?;
                let image = loaded
                    .map_or_else(|| self.pulled(engine, &chosen[at].names, events), Ok)
                    .map_err(|source| chosen[at].not_had(source))?;
                let wanted = chosen[at].wanted.clone();
                let same = chosen.iter_mut().filter(|base| base.wanted == wanted);
                same.for_each(|base| base.found = Some(image.clone()));
            }
        }
        Ok(chosen)
    }

    /// The image out of the folder of archives that the user named, if one of them has it.
    fn loaded(
        &self,
        engine: &Engine,
        base: &ChosenBase,
        events: &Events,
    ) -> Result<Option<Image>, Error> {
        let Some(folder) = &self.options.container.base_images else {
            return Ok(None);
        };
        for archive in archives(folder)? {
            let unsound = |source| UnsoundArchive {
                archive: archive.clone(),
                source,
            };
            let images = read_images(&archive).map_err(unsound)?;
            let has = |name: &&ImageReference| {
                let mut known = images.iter().flat_map(|image| &image.names);
                known.any(|known| *known == name.to_string())
            };
            if let Some(name) = base.names.iter().find(has) {
                events.send(Event::Note {
                    message: format!("{name} is loaded from {}", archive.display()),
                });
                engine.load(&archive, &self.call.cancel)?;
                return Ok(engine.image(name)?);
            }
        }
        Ok(None)
    }
}

impl ChosenBase {
    fn not_had(&self, source: EngineError) -> NoBaseImage {
        NoBaseImage {
            image: self.wanted.clone(),
            variable: self.variable.clone(),
            source,
        }
    }

    /// What a plan says of it.
    pub(super) fn identity(&self) -> plan::BaseImage {
        let found = self.found.as_ref();
        BaseImage {
            variable: self.variable.clone(),
            image: ImageIdentity {
                reference: found.map_or_else(
                    || self.names[0].to_string(),
                    |image| image.reference.clone(),
                ),
                digest: found.map(|image| image.content().to_owned()),
                origin: found.map(origin),
                wanted: Some(self.wanted.clone()),
                named: self.named,
            },
        }
    }
}
