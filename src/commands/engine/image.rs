//! `kubewright engine image`: stand-ins for upstream's images where no registry can be reached.

use crate::cli::SourceOptions;
use crate::commands::build::wanted;
use crate::commands::source_place::{Said, options, search_path, store, surroundings};
use crate::commands::{Call, Ended, tell};
use crate::engine::{
    BaseKind, Engine, ImageReference, StandIn, base_stand_in_name, no_stand_in, stand_in_name,
};
use crate::error::Error;
use crate::platform::Platform;
use crate::report::Output;
use crate::settings::{Layer, Settings};
use crate::source;
use crate::toolchain::{self, Toolchain};
use crate::tree::{self, DiskFiles, TreeFacts};

/// What stand-ins are made with.
pub(super) struct Making<'a> {
    call: &'a Call,
    settings: Settings,
    engine: Engine,
    facts: TreeFacts,
    force: bool,
}

impl<'a> Making<'a> {
    pub(super) fn new(
        source: &SourceOptions,
        go: Option<&str>,
        force: bool,
        call: &'a Call,
    ) -> Result<Making<'a>, Error> {
        let settings = call.settings(Layer::flags([
            (
                "offline",
                "--offline",
                source.offline.then(|| "true".to_owned()),
            ),
            ("toolchain.go", "--go", go.map(str::to_owned)),
        ]))?;
        Ok(Making {
            engine: super::connect(&settings, call)?,
            facts: facts(source, &settings, call)?,
            call,
            settings,
            force,
        })
    }

    /// A stand-in for kube-cross.
    pub(super) fn kube_cross(&self) -> Result<(), Ended> {
        let toolchain = self.toolchain()?;
        let name = stand_in_name(&toolchain.version.to_string());
        self.unless_there(&name, "kube-cross", &toolchain, |stand_in, say| {
            self.engine
                .make_stand_in(stand_in, &self.call.cancel, say)?;
            Ok(())
        })
    }

    /// Stand-ins for what the images of the tree's release are built on.
    pub(super) fn bases(&self, platform: Option<&Platform>) -> Result<(), Ended> {
        let parts = self.facts.release.as_ref();
        let images = parts.map(|parts| parts.base_images.values().collect::<Vec<_>>());
        let mut images = images.unwrap_or_default();
        images.sort();
        images.dedup();
        if images.is_empty() {
            Output.talk("the images of this tree's release are built on none");
            return Ok(());
        }
        let engine = &self.engine.profile.platform;
        let toolchain = self.toolchain()?;
        for image in images {
            let wanted = ImageReference::parse(image)?;
            let kind = BaseKind::of(&wanted).ok_or_else(|| no_stand_in(&wanted))?;
            let platform = platform.filter(|_| !kind.runs_in_build()).unwrap_or(engine);
            let name = base_stand_in_name(&wanted, platform);
            self.unless_there(&name, image, &toolchain, |stand_in, say| {
                let cancel = &self.call.cancel;
                self.engine
                    .make_base_stand_in(kind, &wanted, platform, stand_in, cancel, say)?;
                Ok(())
            })?;
        }
        Ok(())
    }

    /// Makes an image where the engine does not have it, and prints its name.
    fn unless_there(
        &self,
        name: &ImageReference,
        of: &str,
        toolchain: &Toolchain,
        make: impl FnOnce(&StandIn<'_>, &mut dyn FnMut(&str)) -> Result<(), Error>,
    ) -> Result<(), Ended> {
        match self.engine.image(name)? {
            Some(image) if !self.force => {
                Output.talk(&format!("the engine has it: {}", image.id));
            }
            _ => {
                let stand_in = StandIn {
                    go: &toolchain.version.to_string(),
                    toolchain: &toolchain.root,
                    cache: &self.settings.home.join("images"),
                    path: &search_path(&self.call.environment),
                    environment: &self.call.environment,
                };
                make(&stand_in, &mut |line| Output.talk(&format!("    {line}")))?;
                Output.talk(&format!(
                    "it stands in for upstream's {of}, and is not upstream's: plans, manifests and output say so"
                ));
            }
        }
        Output.data(&name.to_string());
        Ok(())
    }

    fn toolchain(&self) -> Result<Toolchain, Error> {
        let (wanted, policy) = wanted(&self.facts, &self.settings.go);
        let surroundings = surroundings(&self.settings, self.call);
        Ok(tell::while_toolchain(self.call, |progress| {
            toolchain::provide(&wanted, policy, &surroundings, &self.call.cancel, progress)
        })?)
    }
}

fn facts(source: &SourceOptions, settings: &Settings, call: &Call) -> Result<TreeFacts, Error> {
    let request = Said::new(source, Said::default()).request(settings, &call.directory)?;
    let checkout = tell::while_source(call, |progress| {
        source::provide(
            &request,
            &store(settings),
            &options(settings, call),
            &call.cancel,
            progress,
        )
    })?;
    Ok(tree::read(&DiskFiles::new(&checkout.root))?)
}
