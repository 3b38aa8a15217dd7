//! A plan for an engine: judged by what its machine has, and equipped with images there.

use super::Build;
use super::image::Chosen;
use super::prepare::{Equipped, Place, Ready, Surveyed, Unprepared};
use crate::bytes::Bytes;
use crate::engine::{Engine, EngineError, Image, endpoints};
use crate::error::Error;
use crate::plan::{Plan, is_taken_apart};
use crate::platform::Platform;
use crate::report::{Event, Events};
use crate::run::preflight::Survey;
use crate::run::{EngineGround, survey_engine};

impl Build<'_> {
    /// There is no engine. A release also takes the docker command and buildx: all that is to be installed is said at once,
    /// by the checks of this machine.
    pub(super) fn without_engine(
        &self,
        error: Error,
        ready: &Ready,
    ) -> Result<Surveyed, Unprepared> {
        let goal = self.order.request(&ready.facts, &Platform::host()).goal;
        if is_taken_apart(&goal, &ready.facts)
            && let Ok(surveyed) = self.surveyed_here(ready)
            && self.judge(&surveyed.survey).is_err()
        {
            return Ok(surveyed);
        }
        Err(error.into())
    }

    pub(super) fn surveyed_on(&self, engine: Engine, ready: &Ready) -> Result<Surveyed, Error> {
        let facts = &ready.facts;
        let chosen = self.choose_image(&engine, facts)?;
        let platform = &engine.profile.platform;
        let equipment = chosen.equipment(facts);
        let plan = self.plan(&ready.checkout, facts, &equipment, platform)?;
        let survey = self.survey(&plan, ready, Bytes::default(), &|ground, model| {
            let on = EngineGround {
                engine: &engine,
                pulls: chosen.is_absent(),
                inside: None,
            };
            survey_engine(&plan, facts, ground, on, model)
        })?;
        Ok(Surveyed {
            plan,
            survey,
            place: Place::Engine(Box::new(engine), Box::new(chosen)),
        })
    }

    pub(super) fn engine(&self) -> Result<Engine, Error> {
        let environment = &self.call.environment;
        let endpoints = endpoints(self.settings.engine_host.as_deref(), environment)?;
        Ok(Engine::connect(&endpoints, environment)?)
    }

    pub(super) fn equip_engine(
        &self,
        ready: &Ready,
        engine: Box<Engine>,
        chosen: Chosen,
        events: &Events,
    ) -> Result<(Equipped, Plan, Option<Survey>), Error> {
        let facts = &ready.facts;
        let mut chosen = self.provide_image(&engine, chosen, facts, events)?;
        chosen.bases = self.provide_base_images(&engine, chosen.bases, events)?;
        let platform = &engine.profile.platform;
        let equipment = chosen.equipment(facts);
        let plan = self.plan(&ready.checkout, facts, &equipment, platform)?;
        let Some(found) = chosen.found else {
            return Err(EngineError::None.into());
        };
        events.send(Event::ImageReady {
            reference: found.image.reference.clone(),
            digest: found.image.content().to_owned(),
            go: found.go,
            engine: engine.profile.title(),
        });
        let seen = self.seen_from_inside(ready, &engine, &found.image, &plan)?;
        Ok((Equipped::Docker(engine, found.image), plan, seen))
    }

    /// The checks once more where the engine's machine cannot be seen but from inside a container.
    fn seen_from_inside(
        &self,
        ready: &Ready,
        engine: &Engine,
        image: &Image,
        plan: &Plan,
    ) -> Result<Option<Survey>, Error> {
        if engine.is_this_machine() {
            return Ok(None);
        }
        let inside = engine.look_inside(image, &self.call.cancel)?;
        let survey = self.survey(plan, ready, Bytes::default(), &|ground, model| {
            let on = EngineGround {
                engine,
                pulls: false,
                inside: Some(inside),
            };
            survey_engine(plan, &ready.facts, ground, on, model)
        })?;
        Ok(Some(survey))
    }
}
