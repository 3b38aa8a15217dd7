//! Containers, each of which is removed when its value is dropped.

use std::path::PathBuf;

use bollard::models::{
    ContainerCreateBody, HostConfig, Mount, MountTmpfsOptions, MountType, MountVolumeOptions,
};
use bollard::query_parameters::{CreateContainerOptionsBuilder, RemoveContainerOptionsBuilder};

use super::{Engine, EngineError, Image, Labels};
use crate::bytes::Bytes;
use crate::hexadecimal::sha256;

/// What is mounted into a container.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Mounting {
    /// A file or folder of the engine's machine.
    Bind {
        /// What.
        from: PathBuf,
        /// Where it appears.
        to: String,
        /// Whether the container may not change it.
        read_only: bool,
    },
    /// A volume.
    Volume {
        /// Its name.
        name: String,
        /// Where it appears.
        to: String,
    },
    /// A folder in memory, which everybody may write to.
    Memory {
        /// Where it appears.
        to: String,
    },
}

/// What a container is to be.
#[derive(Clone, Debug)]
pub struct ContainerOrder {
    /// The engine's name of the image.
    pub image: String,
    /// Program and arguments.
    pub argv: Vec<String>,
    /// Variables beside those of the image.
    pub environment: Vec<(String, String)>,
    /// The working directory; the image's own where it is `None`.
    pub folder: Option<String>,
    /// `uid:gid`; root where it is `None`.
    pub user: Option<String>,
    /// What is mounted.
    pub mounts: Vec<Mounting>,
    /// The limit of its memory with swap.
    pub memory: Option<Bytes>,
    /// The limit of its CPUs, in thousandths of one.
    pub cpu_millis: Option<u64>,
    /// What it is for.
    pub labels: Labels,
}

impl ContainerOrder {
    /// A container of an image with nothing mounted and no limits.
    pub fn new(image: &Image, labels: Labels) -> ContainerOrder {
        ContainerOrder {
            image: image.id.clone(),
            argv: Vec::new(),
            environment: Vec::new(),
            folder: None,
            user: None,
            mounts: Vec::new(),
            memory: None,
            cpu_millis: None,
            labels,
        }
    }

    /// A name that no other container has, of this machine or of another: two builds must never take one another's.
    fn unique_name(&self) -> String {
        use std::sync::atomic::{AtomicU32, Ordering};
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let now = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default()
            .as_nanos();
        let unique = sha256(format!("{now} {count} {:?}", self.labels).as_bytes());
        let run = Some(self.labels.run.as_str()).filter(|run| !run.is_empty());
        let run = run.map(|run| format!("{run}-")).unwrap_or_default();
        format!(
            "kubewright-{}-{run}{}",
            self.labels.purpose.name(),
            &unique[..12]
        )
    }

    fn body(&self, engine: &Engine) -> ContainerCreateBody {
        let variables = self.environment.iter();
        ContainerCreateBody {
            image: Some(self.image.clone()),
            // The program as the entry point: an image's own is out of force then, with every engine.
            entrypoint: Some(self.argv.iter().take(1).cloned().collect()),
            cmd: Some(self.argv.iter().skip(1).cloned().collect()),
            env: Some(
                variables
                    .map(|(name, value)| format!("{name}={value}"))
                    .collect(),
            ),
            working_dir: self.folder.clone(),
            user: Some(self.user.clone().unwrap_or_else(|| "0:0".to_owned())),
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            tty: Some(false),
            labels: Some(self.labels.to_map()),
            host_config: Some(self.host_config(engine)),
            ..ContainerCreateBody::default()
        }
    }

    fn host_config(&self, engine: &Engine) -> HostConfig {
        let profile = &engine.profile;
        let memory = self.memory.map(|memory| memory.0.cast_signed());
        HostConfig {
            mounts: Some(self.mounts.iter().map(mount).collect()),
            memory,
            // Memory and swap together: a build that swaps is as good as dead.
            memory_swap: memory.filter(|_| profile.limits_swap),
            nano_cpus: self
                .cpu_millis
                .map(|millis| (millis * 1_000_000).cast_signed()),
            init: profile.has_init.then_some(true),
            auto_remove: Some(false),
            // A label on the user's own files would outlive the build.
            security_opt: profile.selinux.then(|| vec!["label=disable".to_owned()]),
            // Who owns the tree outside must own it inside.
            userns_mode: profile.remaps_users.then(|| "host".to_owned()),
            ..HostConfig::default()
        }
    }
}

fn mount(mounting: &Mounting) -> Mount {
    match mounting {
        Mounting::Bind {
            from,
            to,
            read_only,
        } => Mount {
            typ: Some(MountType::BIND),
            source: Some(from.to_string_lossy().into_owned()),
            target: Some(to.clone()),
            read_only: Some(*read_only),
            ..Mount::default()
        },
        Mounting::Volume { name, to } => Mount {
            typ: Some(MountType::VOLUME),
            source: Some(name.clone()),
            target: Some(to.clone()),
            volume_options: Some(MountVolumeOptions {
                no_copy: Some(true),
                ..MountVolumeOptions::default()
            }),
            ..Mount::default()
        },
        Mounting::Memory { to } => Mount {
            typ: Some(MountType::TMPFS),
            target: Some(to.clone()),
            tmpfs_options: Some(MountTmpfsOptions {
                mode: Some(0o1777),
                ..MountTmpfsOptions::default()
            }),
            ..Mount::default()
        },
    }
}

/// A container, removed with what it wrote when the value is dropped.
#[derive(Debug)]
pub struct Container<'a> {
    pub(super) engine: &'a Engine,
    /// The engine's name for it.
    pub id: String,
}

impl<'a> Container<'a> {
    /// Makes a container, without starting it.
    pub fn create(
        engine: &'a Engine,
        order: &ContainerOrder,
    ) -> Result<Container<'a>, EngineError> {
        let options = CreateContainerOptionsBuilder::new()
            .name(&order.unique_name())
            .build();
        let creating = engine
            .docker
            .create_container(Some(options), order.body(engine));
        let created = engine.run("making a container", creating)?;
        Ok(Container {
            engine,
            id: created.id,
        })
    }
}

impl Drop for Container<'_> {
    fn drop(&mut self) {
        let options = RemoveContainerOptionsBuilder::new()
            .force(true)
            .v(true)
            .build();
        let removing = self.engine.docker.remove_container(&self.id, Some(options));
        // What stays because the engine is gone carries labels, by which the next run finds it.
        let _ = self.engine.run_briefly(removing);
    }
}
