//! What killed runs left behind, and what kubewright keeps on an engine for later.

use std::time::{SystemTime, UNIX_EPOCH};

use bollard::errors::Error as ApiError;
use bollard::models::ContainerSummary;
use bollard::query_parameters::{
    ListContainersOptionsBuilder, ListImagesOptionsBuilder, ListVolumesOptionsBuilder,
    RemoveContainerOptionsBuilder, RemoveImageOptionsBuilder,
};

use super::connection::LOOK;
use super::labels::Labels;
use super::{Engine, EngineError};

/// A container whose owner cannot be asked is left behind if it has been over for this long, in seconds: its owner would
/// have removed it at once.
const FORGOTTEN: u64 = 60 * 60;

/// How often a list is asked for that cannot be read.
const TRIES: usize = 30;

/// How much was removed.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Swept {
    /// Containers.
    pub containers: usize,
    /// Volumes.
    pub volumes: usize,
    /// Images.
    pub images: usize,
}

impl Swept {
    /// Whether there was anything.
    pub fn is_empty(&self) -> bool {
        *self == Swept::default()
    }
}

/// How much of kubewright's an engine has.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Kept {
    /// Containers.
    pub containers: usize,
    /// Volumes.
    pub volumes: usize,
    /// Images.
    pub images: usize,
}

impl Engine {
    /// Counts what is kubewright's.
    pub fn kept(&self) -> Result<Kept, EngineError> {
        let containers = self.containers()?.len();
        let volumes = ListVolumesOptionsBuilder::new()
            .filters(&Labels::filter())
            .build();
        let images = ListImagesOptionsBuilder::new()
            .filters(&Labels::filter())
            .build();
        let counting = async {
            let volumes = self.docker.list_volumes(Some(volumes)).await?;
            let images = self.docker.list_images(Some(images)).await?;
            let is_own = |names: &[String]| names.iter().any(|name| is_own(name));
            let images = images.iter().filter(|image| is_own(&image.repo_tags));
            Ok(Kept {
                containers,
                volumes: volumes.volumes.unwrap_or_default().len(),
                images: images.count(),
            })
        };
        self.run("counting what is kubewright's", counting)
    }

    /// Removes containers and volumes of runs that are over, which only a kill leaves behind. With `all`, also what is kept
    /// for later: Go's caches, and images that kubewright made. What a run is using stays.
    pub fn sweep(&self, all: bool) -> Result<Swept, EngineError> {
        let mut swept = Swept {
            containers: self.sweep_containers()?,
            volumes: self.sweep_volumes(all)?,
            images: 0,
        };
        if all {
            swept.images = self.sweep_images()?;
        }
        Ok(swept)
    }

    /// All containers that may be kubewright's. Podman has a state that the client library does not know and stumbles over;
    /// a container is in it for a moment only.
    fn containers(&self) -> Result<Vec<ContainerSummary>, EngineError> {
        let options = ListContainersOptionsBuilder::new()
            .all(true)
            .filters(&Labels::filter())
            .build();
        let listing = async {
            for _ in 0..TRIES {
                match self.docker.list_containers(Some(options.clone())).await {
                    Err(ApiError::JsonDataError { .. }) => tokio::time::sleep(LOOK).await,
                    outcome => return outcome,
                }
            }
            self.docker.list_containers(Some(options.clone())).await
        };
        let mut containers = self.run("listing containers", listing)?;
        containers.retain(|container| labels(container).is_some());
        Ok(containers)
    }

    fn sweep_containers(&self) -> Result<usize, EngineError> {
        let mut removed = 0;
        for container in self.containers()? {
            let labels = labels(&container);
            let (Some(labels), Some(id)) = (labels, container.id) else {
                continue;
            };
            let is_over = container.state.is_some_and(|state| {
                ["exited", "dead", "created"].contains(&state.to_string().as_str())
            });
            let left_behind = match labels.is_owner_alive() {
                Some(alive) => !alive,
                None => is_over && age(container.created) > FORGOTTEN,
            };
            if left_behind {
                removed += usize::from(self.remove(&id)?);
            }
        }
        Ok(removed)
    }

    /// `false` where somebody else removed it in the meantime, or is about to.
    fn remove(&self, id: &str) -> Result<bool, EngineError> {
        let options = RemoveContainerOptionsBuilder::new()
            .force(true)
            .v(true)
            .build();
        let removing = self.docker.remove_container(id, Some(options));
        match self.run("removing a container that was left behind", removing) {
            Ok(()) => Ok(true),
            Err(EngineError::Refused {
                status: 404 | 409, ..
            }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn sweep_volumes(&self, all: bool) -> Result<usize, EngineError> {
        let options = ListVolumesOptionsBuilder::new()
            .filters(&Labels::filter())
            .build();
        let listing = self.docker.list_volumes(Some(options));
        let volumes = self.run("listing volumes", listing)?.volumes;
        let mut removed = 0;
        for volume in volumes.unwrap_or_default() {
            let Some(labels) = Labels::read(&volume.labels) else {
                continue;
            };
            let goes = if labels.purpose.is_lasting() {
                all
            } else {
                labels.is_owner_alive().map_or(all, |alive| !alive)
            };
            if goes {
                match self.remove_volume(&volume.name) {
                    Ok(()) => removed += 1,
                    // A build is using it.
                    Err(EngineError::Refused { status: 409, .. }) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(removed)
    }

    fn sweep_images(&self) -> Result<usize, EngineError> {
        let options = ListImagesOptionsBuilder::new()
            .filters(&Labels::filter())
            .build();
        let listing = self.docker.list_images(Some(options));
        let mut removed = 0;
        for image in self.run("listing images", listing)? {
            if Labels::read(&image.labels).is_none() {
                continue;
            }
            // By its own names: one that was given another name by somebody stays under that, and what was built on a
            // stand-in has its labels, and is somebody's.
            for name in image.repo_tags.iter().filter(|name| is_own(name)) {
                let options = RemoveImageOptionsBuilder::new().build();
                let removing = self.docker.remove_image(name, Some(options), None);
                match self.run("removing an image", removing) {
                    Ok(_) => removed += 1,
                    Err(EngineError::Refused {
                        status: 404 | 409, ..
                    }) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(removed)
    }
}

/// The labels of a container of kubewright's. One that somebody runs from a stand-in has its image's labels: it is no stand-in,
/// and somebody's.
fn labels(container: &ContainerSummary) -> Option<Labels> {
    let labels = Labels::read(container.labels.as_ref()?)?;
    (!labels.purpose.is_lasting()).then_some(labels)
}

/// Whether an image's name is one that kubewright gives.
fn is_own(name: &str) -> bool {
    // Podman puts a registry before it.
    name.trim_start_matches("localhost/")
        .trim_start_matches("docker.io/")
        .starts_with("kubewright/")
}

/// How old something is, in seconds.
fn age(created: Option<i64>) -> u64 {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs();
    let created = u64::try_from(created.unwrap_or_default()).unwrap_or_default();
    now.saturating_sub(created)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_that_were_built_on_a_stand_in_are_somebodys() {
        for (name, own) in [
            ("kubewright/kube-cross-stand-in:go1.25.1", true),
            ("localhost/kubewright/go-runner-stand-in:v1-amd64", true),
            ("registry.k8s.io/kube-apiserver-amd64:v1.35.0", false),
        ] {
            assert_eq!(is_own(name), own, "{name}");
        }
    }
}
