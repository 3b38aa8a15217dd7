//! The operating system: its name, its kernel, its distribution.

use std::fs;
use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::platform::Platform;

/// What runs this process.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct SystemFacts {
    /// The platform in Go's names.
    pub platform: Platform,
    /// The release of the kernel, as `uname -r` prints it, where it can be read.
    pub kernel: Option<String>,
    /// The distribution, where `/etc/os-release` names one.
    pub distribution: Option<Distribution>,
    /// Whether the process runs as root.
    pub superuser: bool,
}

/// A distribution of Linux, as os-release(5) describes it.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Distribution {
    /// `ID`, such as `debian`.
    pub id: String,
    /// `ID_LIKE`: the distributions that it is made from, nearest first.
    pub like: Vec<String>,
    /// `VERSION_ID`, such as `12`; rolling distributions have none.
    pub version: Option<String>,
    /// `PRETTY_NAME`, such as `Debian GNU/Linux 12 (bookworm)`.
    pub name: String,
}

impl SystemFacts {
    /// Reads what stands below `root`.
    pub(super) fn probe(root: &Path) -> SystemFacts {
        let kernel = fs::read_to_string(root.join("proc/sys/kernel/osrelease"));
        let distribution = ["etc/os-release", "usr/lib/os-release"]
            .iter()
            .find_map(|file| fs::read_to_string(root.join(file)).ok())
            .and_then(|text| Distribution::parse(&text));
        SystemFacts {
            platform: Platform::host(),
            kernel: kernel.ok().map(|text| text.trim().to_owned()),
            distribution,
            superuser: rustix::process::geteuid().is_root(),
        }
    }
}

impl Distribution {
    /// Reads the content of an os-release file; `None` where it has no `ID`.
    pub fn parse(text: &str) -> Option<Distribution> {
        let field = |name: &str| {
            text.lines().find_map(|line| {
                let value = line.trim().strip_prefix(name)?.strip_prefix('=')?;
                Some(value.trim_matches(['"', '\'']).to_owned())
            })
        };
        let id = field("ID")?;
        let like = field("ID_LIKE").unwrap_or_default();
        Some(Distribution {
            like: like.split_whitespace().map(str::to_owned).collect(),
            version: field("VERSION_ID"),
            name: field("PRETTY_NAME").unwrap_or_else(|| id.clone()),
            id,
        })
    }

    /// Whether it is the distribution `id` or made from it.
    pub fn is_like(&self, id: &str) -> bool {
        self.id == id || self.like.iter().any(|like| like == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::fixture::Fixture;

    const UBUNTU: &str =
        "PRETTY_NAME=\"Ubuntu 24.04 LTS\"\nVERSION_ID=\"24.04\"\nID=ubuntu\nID_LIKE=debian\n";

    #[test]
    fn reads_the_distribution_and_the_kernel() {
        let fixture = Fixture::default()
            .file("etc/os-release", UBUNTU)
            .file("proc/sys/kernel/osrelease", "6.1.0-25-amd64\n");
        let facts = SystemFacts::probe(fixture.root());
        let distribution = facts.distribution.unwrap();
        assert_eq!(facts.kernel.as_deref(), Some("6.1.0-25-amd64"));
        assert_eq!(distribution.name, "Ubuntu 24.04 LTS");
        assert_eq!(distribution.version.as_deref(), Some("24.04"));
        assert!(distribution.is_like("debian") && !distribution.is_like("fedora"));
    }

    #[test]
    fn knows_no_distribution_without_the_file() {
        assert_eq!(
            SystemFacts::probe(Fixture::default().root()).distribution,
            None
        );
    }
}
