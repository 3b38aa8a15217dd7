//! What this host can do: memory, disk, CPUs, tools; checks; the memory model; doctor and set-up.
//!
//! [`HostFacts::probe`] looks at the machine once; everything else here is arithmetic on what it
//! found. A [`Check`] says of one thing whether it is as a build needs it and, if not, what mends
//! it; a [`Preflight`] is a set of checks before a build, a [`Doctor`] one without a build. The
//! memory [`Model`] forecasts a build's peak and chooses the [`Attempt`] that fits a budget.
//! [`Setup`] installs the tools that failed checks ask for.

mod ask;
mod cgroup;
mod check;
mod choice;
mod cpus;
mod disk;
mod disk_need;
mod doctor;
mod engine;
mod era;
mod facts;
#[cfg(test)]
mod fixture;
mod free_memory;
mod memory;
mod packages;
mod plugin;
mod preflight;
mod read_ahead;
mod setup;
mod system;
mod tool;
mod workload;

pub use cgroup::CgroupVersion;
pub use check::{Check, DiskClaim, Fix, OutputFacts, Status};
pub use choice::{Budget, Choice, Share, TooLittle};
pub use cpus::CpuFacts;
pub use disk::FileSystem;
pub use disk_need::{DiskNeed, DiskWork};
pub use doctor::Doctor;
pub use engine::{EngineFacts, EngineState};
pub use era::TreeAge;
pub use facts::{HostFacts, ProbeRequest};
pub use free_memory::{Bound, CgroupLimit, MemoryFacts};
pub use memory::{InvalidModel, Model, PastRun};
pub use packages::PackageManager;
pub use plugin::Plugin;
pub use preflight::{Preflight, PreflightError};
pub use read_ahead::ReadAhead;
pub use setup::{Setup, SetupError};
pub use system::{Distribution, SystemFacts};
pub use tool::{Need, Tool, ToolFacts};
pub use workload::{Attempt, Components, Workload};
