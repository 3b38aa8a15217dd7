//! What is known of an engine before anything is asked of it; it goes into the manifest.

use std::path::PathBuf;

use bollard::models::{SystemInfo, SystemVersion};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::address::Endpoint;
use crate::bytes::Bytes;
use crate::platform::Platform;

/// Whose engine it is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Product {
    /// Docker, or what calls itself so.
    Docker,
    /// Podman's service.
    Podman,
}

/// What an engine is and has.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct EngineProfile {
    /// Where it listens.
    pub address: String,
    /// Who says so.
    pub origin: String,
    /// Whose engine it is.
    pub product: Product,
    /// Its version, such as `20.10.24`.
    pub version: String,
    /// The newest version of the API that it speaks, such as `1.41`.
    pub api_version: String,
    /// The name of its machine.
    pub machine: String,
    /// The system of its machine, for people.
    pub system: String,
    /// The kernel of its machine.
    pub kernel: String,
    /// What its containers run.
    pub platform: Platform,
    /// The memory of its machine.
    pub memory: Bytes,
    /// The CPUs of its machine.
    pub cpus: u32,
    /// How it stores images and containers, such as `overlay2`.
    pub storage_driver: String,
    /// Where it stores them, on its machine.
    pub data_root: PathBuf,
    /// Whether it runs without the rights of root: root in a container is then the user who runs it.
    pub rootless: bool,
    /// Whether users in containers are other users outside.
    pub remaps_users: bool,
    /// Whether SELinux keeps containers from files that are not labelled for them.
    pub selinux: bool,
    /// Whether it can limit memory.
    pub limits_memory: bool,
    /// Whether it can limit swap.
    pub limits_swap: bool,
    /// Whether it can limit CPUs.
    pub limits_cpus: bool,
    /// Whether it has a program to be the first process of a container.
    pub has_init: bool,
    /// The version of control groups, `1` or `2`.
    pub cgroups: String,
}

impl EngineProfile {
    pub(super) fn new(
        endpoint: &Endpoint,
        version: SystemVersion,
        info: SystemInfo,
    ) -> EngineProfile {
        let options = info.security_options.unwrap_or_default();
        let secures = |name: &str| {
            let mut options = options.iter();
            options.any(|option| option.split(',').any(|part| part == format!("name={name}")))
        };
        let components = version.components.unwrap_or_default();
        let podman = components
            .iter()
            .any(|component| component.name.contains("Podman"));
        let known = |flag: Option<bool>| flag.unwrap_or_default();
        EngineProfile {
            address: endpoint.address.to_string(),
            origin: endpoint.origin.to_string(),
            product: if podman {
                Product::Podman
            } else {
                Product::Docker
            },
            version: version.version.or(info.server_version).unwrap_or_default(),
            api_version: version.api_version.unwrap_or_default(),
            machine: info.name.unwrap_or_default(),
            system: info.operating_system.unwrap_or_default(),
            kernel: info.kernel_version.unwrap_or_default(),
            platform: platform(version.os, version.arch),
            memory: Bytes(u64::try_from(info.mem_total.unwrap_or_default()).unwrap_or_default()),
            cpus: u32::try_from(info.ncpu.unwrap_or(1)).unwrap_or(1).max(1),
            storage_driver: info.driver.unwrap_or_default(),
            data_root: info.docker_root_dir.unwrap_or_default().into(),
            rootless: secures("rootless"),
            remaps_users: secures("userns"),
            selinux: secures("selinux"),
            limits_memory: known(info.memory_limit),
            limits_swap: known(info.swap_limit),
            limits_cpus: known(info.cpu_cfs_quota),
            has_init: info.init_binary.is_some_and(|binary| !binary.is_empty()),
            cgroups: info
                .cgroup_version
                .map(|version| version.to_string())
                .unwrap_or_default(),
        }
    }

    /// Its name and version, for people.
    pub fn title(&self) -> String {
        let product = match self.product {
            Product::Docker => "Docker",
            Product::Podman => "Podman",
        };
        format!("{product} {}", self.version)
    }
}

fn platform(os: Option<String>, arch: Option<String>) -> Platform {
    let text = format!(
        "{}/{}",
        os.unwrap_or_else(|| "linux".to_owned()),
        arch.unwrap_or_else(|| Platform::host().arch().to_owned())
    );
    text.parse().unwrap_or_else(|_| Platform::host())
}
