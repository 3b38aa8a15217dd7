//! Container engines, Docker and Podman, by way of the Engine API: where one answers, what it has, and what kubewright does
//! with it.
//!
//! The API is asynchronous; the rest of the program is not. The runtime lives in [`Engine`] and shows nowhere else: every
//! call returns when it is done, and gives up when [`Cancel`](crate::cancel::Cancel) says so.
//!
//! Whatever is made here carries [labels](Labels). Nothing without them is ever changed or removed.

mod address;
mod archive;
mod base_stand_in;
mod cgroup;
mod connection;
mod container;
mod context;
mod dial;
mod error;
mod gc;
mod hunger;
mod image;
mod import;
mod known_go;
mod kube_cross;
mod labels;
mod machine;
mod profile;
mod pull;
mod reference;
mod stand_in;
mod volume;
mod watch;

pub use address::{Address, Endpoint, InvalidAddress, Origin};
pub use archive::{Upload, unpack};
pub use base_stand_in::{BaseKind, base_stand_in_name, no_stand_in};
pub use connection::Engine;
pub use container::{Container, ContainerOrder, Mounting};
pub use context::endpoints;
pub use error::EngineError;
pub use gc::{Kept, Swept};
pub use image::Image;
pub use import::Import;
pub use known_go::KnownGo;
pub use kube_cross::{base_image_names, kube_cross_names, stand_in_name};
pub use labels::{Labels, Purpose};
pub use machine::{InsideView, MachineRoom};
pub use profile::{EngineProfile, Product};
pub use pull::PullProgress;
pub use reference::ImageReference;
pub use stand_in::{StandIn, StandInError};
pub use volume::Volume;
pub use watch::{Exit, MemorySign, OutputReader, OutputWriter, Watch, output};
