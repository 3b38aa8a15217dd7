//! Everything that the rest of the program needs to know from a tree.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::components::{Component, Sets, last_part};
use super::go::GoRequirement;
use super::kube_cross::KubeCross;
use super::layout::OutputLayout;
use super::names::UnknownName;
use super::platforms::PlatformSets;
use super::release::ReleaseParts;
use super::remarks::Remark;
use super::stamp::ArchiveStamp;
use super::targets::Target;
use crate::platform::Platform;

/// What a tree says about itself. It depends on the tree's content only, not on the host.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct TreeFacts {
    /// The Makefile's targets, by name.
    pub targets: Vec<Target>,
    /// The commands, by name.
    pub components: Vec<Component>,
    /// The default sets, as on a Linux host and without `KUBE_FASTBUILD`.
    pub sets: Sets,
    /// The platforms that each set supports.
    pub platforms: PlatformSets,
    /// The Go that the tree asks for.
    pub go: GoRequirement,
    /// The image that its releases are built in; `None` where the tree does not name one.
    pub kube_cross: Option<KubeCross>,
    /// The parts of the release scripts; `None` where they cannot be taken apart.
    pub release: Option<ReleaseParts>,
    /// Whether binaries get to their place by rsync: without it a build ends well and leaves none
    /// (up to 1.34).
    pub needs_rsync: bool,
    /// Where outputs land.
    pub layout: OutputLayout,
    /// The version that is fixed in the text, where the tree came from `git archive`.
    pub archive_stamp: Option<ArchiveStamp>,
    /// Whether the version is taken from the file that `KUBE_GIT_VERSION_FILE` names.
    pub honours_git_version_file: bool,
    /// Whether `FORCE_HOST_GO` makes the scripts use the Go on PATH; where they do not know it,
    /// they always do.
    pub honours_force_host_go: bool,
    /// Whether flags for Go reach Go by GOFLAGS; in 1.5 they also reach a command that knows none, and end the build.
    pub takes_go_flags: bool,
    /// Whether flags in GOFLAGS are taken for build tags where there is no `-tags=` among them (1.18): two of them are more
    /// than Go accepts.
    pub takes_flags_for_tags: bool,
    /// Files outside the output folder that the release scripts write, below the root.
    pub writes_in_root: Vec<String>,
    /// What every build generates in the tree beside the output folder, as `.gitignore` names it (up to 1.23).
    pub generates: Vec<String>,
    /// What the names of the files begin with that every build generates anew, committed or not (up to 1.23).
    pub regenerates: Option<String>,
    /// What is out of the ordinary.
    pub remarks: Vec<Remark>,
}

impl TreeFacts {
    /// The component of this name.
    pub fn component(&self, name: &str) -> Result<&Component, UnknownName> {
        let known = self.components.iter();
        if let Some(component) = known.clone().find(|component| component.name == name) {
            return Ok(component);
        }
        let commands = known.filter(|component| !component.is_library);
        let names = commands.map(|component| component.name.as_str());
        let mut error = UnknownName::new("component", name, names);
        if self.has_target(name) {
            error.explanation = Some(format!(
                "`{name}` is a target: `kubewright build target {name}`"
            ));
        }
        Err(error)
    }

    /// The target of this name.
    pub fn target(&self, name: &str) -> Result<&Target, UnknownName> {
        if let Some(target) = self.targets.iter().find(|target| target.name == name) {
            return Ok(target);
        }
        let names = self.targets.iter().map(|target| target.name.as_str());
        let mut error = UnknownName::new("target", name, names);
        if self
            .components
            .iter()
            .any(|component| component.name == name)
        {
            error.explanation = Some(format!(
                "`{name}` is a component: `kubewright build component {name}`"
            ));
        }
        Err(error)
    }

    fn has_target(&self, name: &str) -> bool {
        self.targets.iter().any(|target| target.name == name)
    }

    /// Where a native build leaves a component's binary, below the root:
    /// `_output/local/bin/OS/ARCH/NAME`.
    pub fn artifact_path(&self, component: &Component, platform: &Platform) -> String {
        binary(&self.layout.binaries, component, platform)
    }

    /// Where a build in a container leaves it: `_output/dockerized/bin/OS/ARCH/NAME`.
    pub fn dockerized_artifact_path(&self, component: &Component, platform: &Platform) -> String {
        binary(&self.layout.dockerized, component, platform)
    }

    /// The platforms that a release builds this component for. A component of several sets has the
    /// longest list of them; one of no set has the client platforms, which is what a build can
    /// place binaries for.
    pub fn platforms_for(&self, component: &Component) -> &[Platform] {
        let (sets, platforms) = (&self.sets, &self.platforms);
        [
            (&sets.client, &platforms.client),
            (&sets.node, &platforms.node),
            (&sets.test, &platforms.test),
            (&sets.server, &platforms.server),
            (&sets.test_server, &platforms.server),
        ]
        .into_iter()
        .filter(|(set, _)| set.iter().any(|package| is_same(package, component)))
        .map(|(_, platforms)| platforms.as_slice())
        .max_by_key(|platforms| platforms.len())
        .unwrap_or(&platforms.client)
    }
}

/// A set may spell a package otherwise than the target does.
fn is_same(package: &str, component: &Component) -> bool {
    package == component.package || last_part(package) == component.name
}

fn binary(folder: &str, component: &Component, platform: &Platform) -> String {
    let suffix = platform.executable_suffix();
    format!("{folder}/{platform}/{}{suffix}", component.name)
}
