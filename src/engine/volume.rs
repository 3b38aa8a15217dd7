//! Volumes: what outlives containers on the engine's machine.

use bollard::models::VolumeCreateRequest;
use bollard::query_parameters::RemoveVolumeOptionsBuilder;

use super::{Engine, EngineError, Labels};

/// A volume of kubewright's.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Volume {
    /// Its name.
    pub name: String,
}

impl Engine {
    /// Makes a volume, or takes the one of this name: it is the same call, and two builds may make it at once.
    pub fn volume(&self, name: &str, labels: &Labels) -> Result<Volume, EngineError> {
        let request = VolumeCreateRequest {
            name: Some(name.to_owned()),
            labels: Some(labels.to_map()),
            ..VolumeCreateRequest::default()
        };
        let doing = format!("making the volume {name}");
        let volume = self.run(&doing, self.docker.create_volume(request))?;
        Ok(Volume { name: volume.name })
    }

    /// Whether there is a volume of this name.
    pub fn has_volume(&self, name: &str) -> Result<bool, EngineError> {
        let doing = format!("looking for the volume {name}");
        match self.run(&doing, self.docker.inspect_volume(name)) {
            Ok(_) => Ok(true),
            Err(error) if error.is_not_found() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Removes a volume of kubewright's; one that is gone is removed.
    pub fn remove_volume(&self, name: &str) -> Result<(), EngineError> {
        let options = RemoveVolumeOptionsBuilder::new().force(true).build();
        let doing = format!("removing the volume {name}");
        match self.run(&doing, self.docker.remove_volume(name, Some(options))) {
            Err(error) if error.is_not_found() => Ok(()),
            outcome => outcome,
        }
    }
}
