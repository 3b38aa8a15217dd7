//! `kubewright engine …`

mod image;
mod status;

use super::{Call, Ended};
use crate::cli::EngineVerb;
use crate::engine::{Engine, endpoints};
use crate::error::Error;
use crate::report::Output;
use crate::settings::{Layer, Settings};

pub(super) fn run(verb: &EngineVerb, call: &Call) -> Result<(), Ended> {
    match verb {
        EngineVerb::Status { format } => status::run(*format, call),
        EngineVerb::Image {
            source,
            go,
            base,
            platform,
            force,
        } => {
            let making = image::Making::new(source, go.as_deref(), *force, call)?;
            if *base {
                making.bases(platform.as_ref())
            } else {
                making.kube_cross()
            }
        }
        EngineVerb::Gc { all } => gc(*all, call),
    }
}

/// The engine that settings and environment name.
pub(super) fn connect(settings: &Settings, call: &Call) -> Result<Engine, Error> {
    let endpoints = endpoints(settings.engine_host.as_deref(), &call.environment)?;
    Ok(Engine::connect(&endpoints, &call.environment)?)
}

fn gc(all: bool, call: &Call) -> Result<(), Ended> {
    let engine = connect(&call.settings(Layer::none())?, call)?;
    let swept = engine.sweep(all)?;
    Output.talk(&format!(
        "removed {}, {} and {}",
        counted(swept.containers, "container"),
        counted(swept.volumes, "volume"),
        counted(swept.images, "image")
    ));
    Ok(())
}

fn counted(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}
