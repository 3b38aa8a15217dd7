//! From a request and what is known of tree and toolchain to the steps that build it: pure, and without any knowledge of
//! the host.
//!
//! A [`Plan`] names logical roots (source, run, toolchain), never a path of this machine. `--dry-run` prints it, `run`
//! carries it out, the manifest records it, and keys are computed from it: there is no second truth.

mod command;
mod container;
mod environment;
mod equipment;
mod identity;
mod key;
mod make;
mod release;
mod repack;
mod request;
mod step;
mod variable;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::{Explain, Kind};
use crate::platform::Platform;
use crate::tree::{TreeFacts, UnknownName};

pub use equipment::{BaseImage, Equipment, Executor, ImageIdentity, ImageOrigin};
pub use identity::{SourceIdentity, ToolchainIdentity};
pub use make::is_release;
pub use release::{is_for_one_platform, is_taken_apart};
pub use request::{Goal, Request};
pub use step::{ExpectedArtifact, Linkage, Root, Step, ToolNeed, literal, locate};
pub use variable::{InvalidMakeVariable, OwnArguments, check_make_variable};

/// The number of this form of a plan; it rises when a field changes its meaning or goes away.
pub const SCHEMA: u32 = 1;

/// What will be run to fulfil a request.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct Plan {
    /// The number of this form.
    pub schema: u32,
    /// What is to be built, as it was asked for.
    pub request: Request,
    /// The tree that it is built from.
    pub source: SourceIdentity,
    /// The Go that it is built with.
    pub toolchain: ToolchainIdentity,
    /// The image whose containers its steps run in; `None` where none does.
    #[serde(default)]
    pub image: Option<ImageIdentity>,
    /// What images of a release are built on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub base_images: Vec<BaseImage>,
    /// The steps; each stands behind those that it needs.
    pub steps: Vec<Step>,
    /// What the user should know of this build before it starts.
    pub remarks: Vec<String>,
}

/// Why a request cannot be planned on a tree.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The tree has no such component or target.
    #[error(transparent)]
    Unknown(#[from] UnknownName),
    /// The tree cannot build that component for that platform: make would drop it silently.
    #[error("this tree does not build {component} for {platform}")]
    Platform {
        /// The component.
        component: String,
        /// The platform.
        platform: Platform,
        /// What the tree builds the component for.
        supported: Vec<Platform>,
    },
    /// A variable that cannot be passed to make.
    #[error("`{name}` cannot be passed to make")]
    Variable {
        /// Its name.
        name: String,
        /// Why not.
        source: InvalidMakeVariable,
    },
    /// A folder below `cmd` that holds no command.
    #[error("`{0}` is a library: its target builds no binary")]
    Library(String),
    /// Archives are to get the time of the commit, and there is none.
    #[error("the tree has no commit whose time archives could get")]
    NoTime,
    /// No component was named.
    #[error("there is nothing to build: no component is named")]
    Empty,
}

impl Explain for PlanError {
    fn kind(&self) -> Kind {
        Kind::Usage
    }

    fn hints(&self) -> Vec<String> {
        match self {
            PlanError::Unknown(unknown) => unknown.hints(),
            PlanError::Platform { supported, .. } => {
                let names: Vec<_> = supported.iter().map(ToString::to_string).collect();
                vec![format!("it builds it for {}", names.join(", "))]
            }
            PlanError::Variable {
                source: InvalidMakeVariable::Reserved { instead, .. },
                ..
            } => vec![(*instead).to_owned()],
            PlanError::Variable { .. } => Vec::new(),
            PlanError::NoTime => {
                vec!["build a commit: `--ref`; or leave `--reproducible` out".to_owned()]
            }
            PlanError::Library(_) => {
                vec!["`kubewright targets` lists what can be built".to_owned()]
            }
            PlanError::Empty => vec!["name one: `kubewright build component kubectl`".to_owned()],
        }
    }
}

/// Plans a request on a tree.
///
/// # Errors
/// An unknown component or target, a platform that the tree does not build, a variable that is kubewright's own.
pub fn plan(
    request: &Request,
    source: &SourceIdentity,
    tree: &TreeFacts,
    equipment: &Equipment,
) -> Result<Plan, PlanError> {
    let own = OwnArguments::of(&request.goal, !request.platforms.is_empty());
    for (name, value) in &request.variables {
        check_make_variable(name, value, own).map_err(|source| PlanError::Variable {
            name: name.clone(),
            source,
        })?;
    }
    let mut steps = match &request.goal {
        Goal::Components(names) => make::components(names, request, source, tree, equipment)?,
        Goal::All => make::all(request, source, tree, equipment),
        Goal::Target(name) => match release::release(name, request, source, tree, equipment)? {
            Some(steps) => steps,
            None => vec![make::target(name, request, source, tree, equipment)?],
        },
    };
    if request.reproducible {
        repack::add(&mut steps, source)?;
    }
    let in_container = steps.iter().any(|step| step.executor == Executor::Docker);
    let image = equipment.image.clone().filter(|_| in_container);
    Ok(Plan {
        schema: SCHEMA,
        request: request.clone(),
        source: source.clone(),
        toolchain: equipment.toolchain.clone(),
        remarks: remarks(source, tree, image.as_ref(), &equipment.base_images, &steps),
        image,
        base_images: equipment.base_images.clone(),
        steps,
    })
}

fn remarks(
    source: &SourceIdentity,
    tree: &TreeFacts,
    image: Option<&ImageIdentity>,
    bases: &[BaseImage],
    steps: &[Step],
) -> Vec<String> {
    let mut remarks: Vec<String> = tree
        .remarks
        .iter()
        .map(|remark| remark.text.clone())
        .collect();
    if !source.changes.is_empty() {
        let count = source.changes.len();
        let files = if count == 1 {
            "file differs"
        } else {
            "files differ"
        };
        remarks.push(format!(
            "{count} {files} from the commit, so the version ends in -dirty and nothing is taken from earlier runs"
        ));
    }
    if let Some(reason) = &source.stamp.unversioned {
        remarks.push(format!(
            "binaries will call themselves v0.0.0-master: {reason}"
        ));
    }
    remarks.extend(image.and_then(ImageIdentity::remark));
    for remark in bases.iter().filter_map(|base| base.image.remark()) {
        // Several variables may name one image.
        if !remarks.contains(&remark) {
            remarks.push(remark);
        }
    }
    let compiles = |step: &Step| !step.compiles.is_empty() && !step.takes_go_flags;
    if steps.iter().any(compiles) {
        remarks.push(
            "this tree takes no flags for Go, so packages are not counted, and as many are compiled at once as there are CPUs"
                .to_owned(),
        );
    }
    if !tree.generates.is_empty() && !steps.is_empty() {
        remarks.push(format!(
            "make also generates {} in the tree, which Git ignores; what it changes of generated files that are committed is put \
             back",
            tree.generates.join(", ")
        ));
    }
    if steps.iter().any(|step| !step.collects.is_empty()) && !tree.writes_in_root.is_empty() {
        let files = tree.writes_in_root.join(", ");
        remarks.push(format!(
            "upstream's release scripts write {files}, which Git ignores, into the root of the tree"
        ));
    }
    remarks
}
