//! `kubewright engine image`: a stand-in for upstream's image where no registry can be reached.

use crate::cli::SourceOptions;
use crate::commands::build::wanted;
use crate::commands::source_place::{Said, options, search_path, store, surroundings};
use crate::commands::{Call, Ended, tell};
use crate::engine::{Engine, StandIn, stand_in_name};
use crate::error::Error;
use crate::report::Output;
use crate::settings::{Layer, Settings};
use crate::source;
use crate::toolchain::{self, Toolchain};
use crate::tree::{self, DiskFiles};

pub(super) fn run(
    source: &SourceOptions,
    go: Option<&str>,
    force: bool,
    call: &Call,
) -> Result<(), Ended> {
    let settings = call.settings(Layer::flags([
        (
            "offline",
            "--offline",
            source.offline.then(|| "true".to_owned()),
        ),
        ("toolchain.go", "--go", go.map(str::to_owned)),
    ]))?;
    let engine = super::connect(&settings, call)?;
    let toolchain = toolchain(source, &settings, call)?;
    let name = stand_in_name(&toolchain.version.to_string());
    if let (Some(image), false) = (engine.image(&name)?, force) {
        Output.talk(&format!("the engine has it: {}", image.id));
        Output.data(&name.to_string());
        return Ok(());
    }
    make(&engine, &toolchain, &settings, call)?;
    Output.talk("it stands in for upstream's kube-cross, and is not upstream's: plans, manifests and output say so");
    Output.data(&name.to_string());
    Ok(())
}

fn toolchain(source: &SourceOptions, settings: &Settings, call: &Call) -> Result<Toolchain, Error> {
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
    let facts = tree::read(&DiskFiles::new(&checkout.root))?;
    let (wanted, policy) = wanted(&facts, &settings.go);
    let surroundings = surroundings(settings, call);
    Ok(tell::while_toolchain(call, |progress| {
        toolchain::provide(&wanted, policy, &surroundings, &call.cancel, progress)
    })?)
}

fn make(
    engine: &Engine,
    toolchain: &Toolchain,
    settings: &Settings,
    call: &Call,
) -> Result<(), Error> {
    let stand_in = StandIn {
        go: &toolchain.version.to_string(),
        toolchain: &toolchain.root,
        cache: &settings.home.join("images"),
        path: &search_path(&call.environment),
        environment: &call.environment,
    };
    engine.make_stand_in(&stand_in, &call.cancel, &mut |line| {
        Output.talk(&format!("    {line}"));
    })?;
    Ok(())
}
