//! The image that steps run in: found on the engine, or pulled, and looked at before anything is built with it.

use std::io;

use super::Build;
use super::base_image::ChosenBase;
use super::wanted;
use crate::engine::{
    Engine, EngineError, Image, ImageReference, KnownGo, PullProgress, Purpose, kube_cross_names,
    stand_in_name,
};
use crate::error::{Error, Explain, Kind};
use crate::plan::{Equipment, ImageIdentity, ImageOrigin, ToolchainIdentity};
use crate::report::{Event, Events};
use crate::settings::GoChoice;
use crate::toolchain;
use crate::tree::TreeFacts;

/// The image for a tree, as far as it is known.
pub(super) struct Chosen {
    /// The names under which it may be had.
    names: Vec<ImageReference>,
    /// The image, where the engine has it, and the Go in it.
    pub(super) found: Option<Found>,
    /// Whether the user named it.
    named: bool,
    /// What images of a release are built on.
    pub(super) bases: Vec<ChosenBase>,
}

/// An image that the engine has.
pub(super) struct Found {
    pub(super) image: Image,
    /// The version of its Go.
    pub(super) go: String,
}

/// Why a tree cannot be built in an image.
#[derive(Debug, thiserror::Error)]
enum ImageError {
    /// The tree names no image.
    #[error("the tree names no image to build in")]
    NotNamed,
    /// There is no Go in it.
    #[error("the image {image} has no Go")]
    NoGo {
        /// Its name.
        image: String,
    },
    /// Another Go than the tree asks for.
    #[error("the image {image} has go{found}, and the tree asks for go{wanted}")]
    WrongGo {
        /// Its name.
        image: String,
        /// The Go in it.
        found: String,
        /// The Go of the tree.
        wanted: String,
    },
}

impl Explain for ImageError {
    fn kind(&self) -> Kind {
        Kind::Preflight
    }

    fn hints(&self) -> Vec<String> {
        vec![match self {
            ImageError::NotNamed => "name one: `--image`".to_owned(),
            ImageError::NoGo { .. } => {
                "name another one: `--image`; Go is looked for in GOROOT of the image, else in /usr/local/go".to_owned()
            }
            ImageError::WrongGo { image, .. } => {
                format!("`--image {image}` builds with it all the same")
            }
        }]
    }
}

impl Build<'_> {
    /// Looks for the image among those that the engine has.
    pub(super) fn choose_image(&self, engine: &Engine, facts: &TreeFacts) -> Result<Chosen, Error> {
        let image = self.options.container.image.as_deref();
        let by_user = image.is_some();
        let names = match (image, &facts.kube_cross) {
            (Some(name), _) => vec![ImageReference::parse(name)?],
            (None, Some(wanted)) => kube_cross_names(wanted, &self.settings.engine_mirrors),
            (None, None) => return Err(ImageError::NotNamed.into()),
        };
        let bases = self.choose_base_images(engine, facts)?;
        let mut known = names.clone();
        if !by_user {
            known.extend(self.stand_in_go(facts).map(|go| stand_in_name(&go)));
        }
        for name in &known {
            if let Some(image) = engine.image(name)? {
                let found = self.looked_at(engine, image, facts)?;
                return Ok(Chosen {
                    names,
                    found: Some(found),
                    named: by_user,
                    bases,
                });
            }
        }
        Ok(Chosen {
            names,
            found: None,
            named: by_user,
            bases,
        })
    }

    /// The Go that a stand-in would have.
    fn stand_in_go(&self, facts: &TreeFacts) -> Option<String> {
        match &self.settings.go {
            GoChoice::Tree => facts.go.version.clone(),
            GoChoice::Version(named) => Some(named.to_string()),
            GoChoice::Host => {
                let (wanted, policy) = wanted(facts, &self.settings.go);
                let choice = toolchain::resolve(&wanted, policy, &self.surroundings);
                Some(choice.ok()?.version.to_string())
            }
        }
    }

    /// Refuses an image that is not what the tree is to be built with.
    fn looked_at(&self, engine: &Engine, image: Image, facts: &TreeFacts) -> Result<Found, Error> {
        engine.suits(&image)?;
        let known = KnownGo::below(&self.settings.home);
        let Some(go) = known.version(engine, &image, &self.call.cancel)? else {
            return Err(ImageError::NoGo {
                image: image.reference,
            }
            .into());
        };
        let any = self.options.container.image.is_some() || self.settings.go == GoChoice::Host;
        let wanted = match &self.settings.go {
            GoChoice::Version(named) => Some(named.to_string()),
            GoChoice::Tree | GoChoice::Host => facts.go.version.clone(),
        };
        match &wanted {
            Some(wanted) if !any && *wanted != go => Err(ImageError::WrongGo {
                image: image.reference,
                found: go,
                wanted: wanted.clone(),
            }
            .into()),
            _ => Ok(Found { image, go }),
        }
    }

    /// The image, pulled where the engine does not have it.
    pub(super) fn provide_image(
        &self,
        engine: &Engine,
        chosen: Chosen,
        facts: &TreeFacts,
        events: &Events,
    ) -> Result<Chosen, Error> {
        if chosen.found.is_some() {
            return Ok(chosen);
        }
        let image = self.pulled(engine, &chosen.names, events)?;
        let found = Some(self.looked_at(engine, image, facts)?);
        Ok(Chosen { found, ..chosen })
    }

    /// The first image that a registry gives, by any of several names.
    pub(super) fn pulled(
        &self,
        engine: &Engine,
        names: &[ImageReference],
        events: &Events,
    ) -> Result<Image, EngineError> {
        let not_had = |why: &str| EngineError::NoImage {
            image: names[0].to_string(),
            source: io::Error::other(why.to_owned()),
        };
        if self.settings.offline {
            return Err(not_had(
                "the engine does not have it, and the network may not be used",
            ));
        }
        let mut first = None;
        for name in names {
            let pulled = engine.pull(name, &self.call.cancel, &mut |progress| {
                events.send(told(name, progress));
            });
            match pulled {
                // What another registry may give.
                Err(error @ EngineError::NoImage { .. }) => first = first.or(Some(error)),
                outcome => return outcome,
            }
        }
        Err(first.unwrap_or_else(|| not_had("no registry gave it")))
    }
}

impl Chosen {
    /// What a plan says of the image.
    pub(super) fn equipment(&self, facts: &TreeFacts) -> Equipment {
        let wanted = facts.kube_cross.as_ref();
        let found = self.found.as_ref();
        let image = ImageIdentity {
            reference: found.map_or_else(
                || self.names[0].to_string(),
                |found| found.image.reference.clone(),
            ),
            digest: found.map(|found| found.image.content().to_owned()),
            origin: found.map(|found| origin(&found.image)),
            wanted: wanted.map(|wanted| format!("{}:{}", wanted.image, wanted.tag)),
            named: self.named,
        };
        let expected = facts.go.version.clone().unwrap_or_default();
        Equipment {
            toolchain: ToolchainIdentity {
                version: found.map_or(expected, |found| found.go.clone()),
                wanted: facts.go.version.clone(),
            },
            image: Some(image),
            base_images: self.bases.iter().map(ChosenBase::identity).collect(),
        }
    }

    /// Whether it is yet to be pulled.
    pub(super) fn is_absent(&self) -> bool {
        self.found.is_none()
    }
}

pub(super) fn origin(image: &Image) -> ImageOrigin {
    match (image.purpose, &image.digest) {
        (Some(Purpose::StandIn), _) => ImageOrigin::StandIn,
        (_, Some(_)) => ImageOrigin::Registry,
        (_, None) => ImageOrigin::Local,
    }
}

fn told(name: &ImageReference, progress: PullProgress) -> Event {
    Event::Progress {
        what: format!(
            "pulling {name}, {} of {} layers",
            progress.layers_done, progress.layers
        ),
        done: progress.bytes,
        total: Some(progress.bytes_in_all).filter(|bytes| *bytes > 0),
        unit: "bytes".to_owned(),
    }
}
