//! The labels by which kubewright knows what it made, and who owns it.

use std::collections::HashMap;
use std::fmt;
use std::fs;
use std::os::unix::fs::MetadataExt;

use crate::lock::process_start;

/// What every container, volume and image of kubewright carries.
const PURPOSE: &str = "kubewright.purpose";
const RUN: &str = "kubewright.run";
const OWNER: &str = "kubewright.owner";

/// What something was made for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Purpose {
    /// Runs a step.
    Build,
    /// Looks at an image or at the engine's machine.
    Look,
    /// Holds the tree where it is not mounted.
    Source,
    /// Holds what Go compiled, for later builds.
    Cache,
    /// Stands in for upstream's image.
    StandIn,
}

impl Purpose {
    const ALL: [Purpose; 5] = [
        Purpose::Build,
        Purpose::Look,
        Purpose::Source,
        Purpose::Cache,
        Purpose::StandIn,
    ];

    /// The label's value.
    pub const fn name(self) -> &'static str {
        match self {
            Purpose::Build => "build",
            Purpose::Look => "look",
            Purpose::Source => "source",
            Purpose::Cache => "cache",
            Purpose::StandIn => "stand-in",
        }
    }

    /// Whether it is meant to outlive the run that made it.
    pub const fn is_lasting(self) -> bool {
        matches!(self, Purpose::Cache | Purpose::StandIn)
    }
}

/// The labels of one thing.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Labels {
    /// What it was made for.
    pub purpose: Purpose,
    /// The run that made it; empty where none did.
    pub run: String,
    /// The process that made it.
    owner: Owner,
}

/// A process, named so that no other process of any machine is taken for it.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Owner {
    /// The boot of the machine, and the namespace in which the process has its number.
    place: String,
    pid: u32,
    /// In clock ticks after boot.
    started: u64,
}

impl Labels {
    /// Labels of something that this process makes.
    pub fn new(purpose: Purpose, run: &str) -> Labels {
        let pid = std::process::id();
        Labels {
            purpose,
            run: run.to_owned(),
            owner: Owner {
                place: place(),
                pid,
                started: process_start(pid).unwrap_or_default(),
            },
        }
    }

    /// The labels of something that an engine shows; `None` where it is not kubewright's.
    pub(super) fn read(labels: &HashMap<String, String>) -> Option<Labels> {
        let purpose = labels.get(PURPOSE)?;
        Some(Labels {
            purpose: Purpose::ALL
                .into_iter()
                .find(|known| known.name() == purpose)?,
            run: labels.get(RUN)?.clone(),
            owner: Owner::parse(labels.get(OWNER)?)?,
        })
    }

    pub(super) fn to_map(&self) -> HashMap<String, String> {
        [
            (PURPOSE, self.purpose.name().to_owned()),
            (RUN, self.run.clone()),
            (OWNER, self.owner.to_string()),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
    }

    /// The filter by which an engine lists what may be kubewright's.
    pub(super) fn filter() -> HashMap<String, Vec<String>> {
        HashMap::from([("label".to_owned(), vec![PURPOSE.to_owned()])])
    }

    /// Whether the process that made it still runs; `None` where that cannot be told from here: it was another machine, or
    /// a container of its own.
    pub(super) fn is_owner_alive(&self) -> Option<bool> {
        (self.owner.place == place())
            .then(|| process_start(self.owner.pid) == Some(self.owner.started))
    }
}

impl Owner {
    fn parse(text: &str) -> Option<Owner> {
        let mut parts = text.rsplitn(3, '/');
        let started = parts.next()?.parse().ok()?;
        let pid = parts.next()?.parse().ok()?;
        Some(Owner {
            place: parts.next()?.to_owned(),
            pid,
            started,
        })
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.place, self.pid, self.started)
    }
}

/// Where process numbers mean what they mean here: this boot of this machine, and this namespace of processes.
fn place() -> String {
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let namespace = fs::metadata("/proc/self/ns/pid").map_or(0, |namespace| namespace.ino());
    format!("{}/{namespace}", boot.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_read_as_they_were_written() {
        let labels = Labels::new(Purpose::Build, "7f3a12");
        assert_eq!(Labels::read(&labels.to_map()).as_ref(), Some(&labels));
        assert_eq!(labels.is_owner_alive(), Some(true));
    }

    #[test]
    fn a_dead_owner_is_known_and_a_foreign_one_is_not() {
        let mut labels = Labels::new(Purpose::Build, "7f3a12");
        labels.owner.started += 1;
        assert_eq!(labels.is_owner_alive(), Some(false));
        labels.owner.place = "another machine".to_owned();
        assert_eq!(labels.is_owner_alive(), None);
    }

    #[test]
    fn what_has_other_labels_is_not_ours() {
        assert_eq!(Labels::read(&HashMap::new()), None);
        let purpose = HashMap::from([(PURPOSE.to_owned(), "build".to_owned())]);
        assert_eq!(Labels::read(&purpose), None);
    }
}
