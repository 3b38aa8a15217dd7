//! Steps that call make, by upstream's contract (`build/root/Makefile`, `hack/make-rules/build.sh`).
//!
//! Settings go as arguments of make, since a target-specific variable of the Makefile beats the environment
//! (`KUBE_FASTBUILD=false make quick-release` has no effect, `make quick-release KUBE_FASTBUILD=false` has).

use std::collections::BTreeSet;

use super::environment::{compiling, environment, has_version_file};
use super::equipment::{Equipment, Executor};
use super::identity::SourceIdentity;
use super::request::Request;
use super::step::{ExpectedArtifact, Linkage, Step, ToolNeed, literal};
use super::{PlanError, container, key};
use crate::host::Tool;
use crate::platform::Platform;
use crate::plural::{form, listed};
use crate::tree::{self, Component, TreeFacts};

/// What a native step takes over from the caller: ways to the network and where temporary files go.
pub(super) const PASSES: &[&str] = &[
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "TMPDIR",
];

/// What a step that talks to a container engine takes over beside that.
pub(super) const ENGINE_PASSES: &[&str] = &[
    "DOCKER_HOST",
    "DOCKER_CONFIG",
    "DOCKER_CONTEXT",
    "DOCKER_TLS_VERIFY",
    "DOCKER_CERT_PATH",
    "DOCKER_API_VERSION",
];

/// The targets of upstream that build images and archives by way of a container engine.
const RELEASES: &[&str] = &[
    "release",
    "release-skip-tests",
    "quick-release",
    "release-images",
    "quick-release-images",
    "release-in-a-container",
    "package",
    "package-tarballs",
];

/// Whether a target of make needs a container engine, the docker command and buildx.
pub fn is_release(target: &str) -> bool {
    RELEASES.contains(&target)
}

/// One call of make a platform, whatever the number of components: `make kubectl kubeadm` would set up twice.
pub(super) fn components(
    names: &[String],
    request: &Request,
    source: &SourceIdentity,
    tree: &TreeFacts,
    equipment: &Equipment,
) -> Result<Vec<Step>, PlanError> {
    let unique: BTreeSet<_> = names.iter().collect();
    let components: Vec<&Component> = unique
        .into_iter()
        .map(|name| tree.component(name))
        .collect::<Result<_, _>>()?;
    if components.is_empty() {
        return Err(PlanError::Empty);
    }
    if let Some(library) = components.iter().find(|component| component.is_library) {
        return Err(PlanError::Library(library.name.clone()));
    }
    request
        .platforms
        .iter()
        .map(|platform| {
            supported(&components, platform, tree)?;
            Ok(build(
                &components,
                platform,
                request,
                source,
                tree,
                equipment,
            ))
        })
        .collect()
}

fn supported(
    components: &[&Component],
    platform: &Platform,
    tree: &TreeFacts,
) -> Result<(), PlanError> {
    for component in components {
        let supported = tree.platforms_for(component);
        if !supported.is_empty() && !supported.contains(platform) {
            return Err(PlanError::Platform {
                component: component.name.clone(),
                platform: platform.clone(),
                supported: supported.to_vec(),
            });
        }
    }
    Ok(())
}

fn build(
    components: &[&Component],
    platform: &Platform,
    request: &Request,
    source: &SourceIdentity,
    tree: &TreeFacts,
    equipment: &Equipment,
) -> Step {
    let names: Vec<_> = components
        .iter()
        .map(|component| component.name.clone())
        .collect();
    let argv = match components {
        [component] if component.has_target => vec![component.name.clone()],
        _ => {
            let packages: Vec<_> = components
                .iter()
                .map(|component| component.package.as_str())
                .collect();
            vec!["all".to_owned(), format!("WHAT={}", packages.join(" "))]
        }
    };
    let artifacts = components
        .iter()
        .map(|component| expected(component, platform, request, source, tree, equipment));
    Step {
        id: id(&names, request, Some(platform)),
        title: format!("{} {platform}", names.join(" ")),
        why: format!(
            "{} {} asked for, for {platform}",
            listed(&names),
            form(names.len(), "was", "were")
        ),
        argv: make(argv, Some(platform), request),
        executor: equipment.executor(),
        environment: compiling(
            environment(source, tree, &equipment.toolchain, equipment.executor()),
            &equipment.toolchain,
        ),
        passes: passes(equipment.executor()),
        folder: "{source}".to_owned(),
        needs: Vec::new(),
        tools: tools(components, source, tree),
        artifacts: artifacts.collect(),
        collects: Vec::new(),
        hands_on: Vec::new(),
        compiles: names,
        packages: packages(components, tree),
        takes_go_flags: tree.takes_go_flags,
        puts_back: tree.regenerates.iter().cloned().collect(),
        cache: cache(tree, equipment.executor()),
    }
}

/// The packages of components, where nothing else is compiled: a tree that generates code builds its generators in the same
/// step, as many as were changed, and no total would be right.
fn packages(components: &[&Component], tree: &TreeFacts) -> Vec<String> {
    let packages = components
        .iter()
        .filter(|_| tree.generates.is_empty())
        .map(|component| component.package.clone());
    packages.collect()
}

fn cache(tree: &TreeFacts, executor: Executor) -> Option<String> {
    match executor {
        Executor::Native => {
            let folder = tree.layout.go_cache.as_ref()?;
            Some(format!("{{source}}/{folder}"))
        }
        Executor::Docker => Some(container::cache(tree)),
    }
}

fn passes(executor: Executor) -> Vec<String> {
    let names = match executor {
        Executor::Native => PASSES,
        Executor::Docker => container::PASSES,
    };
    names.iter().map(ToString::to_string).collect()
}

/// Plain `make`, one call a platform.
pub(super) fn all(
    request: &Request,
    source: &SourceIdentity,
    tree: &TreeFacts,
    equipment: &Equipment,
) -> Vec<Step> {
    request
        .platforms
        .iter()
        .map(|platform| {
            let components = defaults(tree);
            let mut step = build(&components, platform, request, source, tree, equipment);
            step.id = id(&["all".to_owned()], request, Some(platform));
            step.title = format!("all {platform}");
            step.why = format!("all default commands were asked for, for {platform}");
            step.argv = make(vec!["all".to_owned()], Some(platform), request);
            step.compiles = vec!["all".to_owned()];
            step
        })
        .collect()
}

/// What `make` without arguments builds, as far as it is a binary with a known place.
fn defaults(tree: &TreeFacts) -> Vec<&Component> {
    let packages = tree.sets.all.iter();
    let component = |package: &String| {
        let name = package.rsplit('/').next().unwrap_or(package);
        tree.components
            .iter()
            .find(|component| component.package == *package || component.name == name)
    };
    packages
        .filter_map(component)
        .filter(|component| !component.is_library)
        .collect()
}

/// A target of the Makefile, as it is.
pub(super) fn target(
    name: &str,
    request: &Request,
    source: &SourceIdentity,
    tree: &TreeFacts,
    equipment: &Equipment,
) -> Result<Step, PlanError> {
    tree.target(name)?;
    let release = is_release(name);
    // Upstream's release scripts run containers themselves, by the docker command.
    let executor = if release {
        Executor::Native
    } else {
        equipment.executor()
    };
    let mut passes = passes(executor);
    let mut tools = tools(&[], source, tree);
    let mut environment = environment(source, tree, &equipment.toolchain, executor);
    if executor == Executor::Docker {
        environment = compiling(environment, &equipment.toolchain);
    }
    if release {
        passes.extend(ENGINE_PASSES.iter().map(ToString::to_string));
        tools.extend(RELEASE_TOOLS.map(|(tool, why)| need(tool, why)));
        // The engine's own configuration and plugins, buildx among them, lie in the home directory.
        environment.insert("HOME".to_owned(), "{home}".to_owned());
    }
    if name == "help" {
        // It paints names by `tput setaf`, which fails where the terminal has no colours
        // (`hack/make-rules/make-help.sh`).
        environment.insert("TERM".to_owned(), "ansi".to_owned());
    }
    Ok(Step {
        id: id(&[name.to_owned()], request, None),
        title: name.to_owned(),
        why: format!("the target {name} of the tree's Makefile was asked for"),
        argv: make(vec![name.to_owned()], None, request),
        executor,
        environment,
        passes,
        folder: "{source}".to_owned(),
        needs: Vec::new(),
        compiles: if release || name == "cross" {
            vec!["all".to_owned()]
        } else {
            Vec::new()
        },
        packages: Vec::new(),
        takes_go_flags: tree.takes_go_flags,
        puts_back: puts_back(name, tree),
        cache: cache(tree, executor),
        tools,
        artifacts: Vec::new(),
        collects: collects(name, tree, executor),
        hands_on: Vec::new(),
    })
}

/// A target that is there to write generated files is not undone.
fn puts_back(target: &str, tree: &TreeFacts) -> Vec<String> {
    let writes = ["update", "generated_files"].contains(&target);
    let beginning = tree.regenerates.iter().filter(|_| !writes);
    beginning.cloned().collect()
}

const RELEASE_TOOLS: [(Tool, &str); 3] = [
    (
        Tool::Docker,
        "upstream's release scripts build in a container and make images",
    ),
    (
        Tool::Buildx,
        "upstream's release scripts make images with `docker buildx`",
    ),
    (Tool::Tar, "upstream's release scripts pack archives"),
];

pub(super) fn collects(target: &str, tree: &TreeFacts, executor: Executor) -> Vec<String> {
    let folders: &[&str] = match target {
        "release"
        | "release-skip-tests"
        | "quick-release"
        | "release-in-a-container"
        | "package"
        | "package-tarballs" => &["_output/release-tars", "_output/release-images"],
        "release-images" | "quick-release-images" => &["_output/release-images"],
        "cross" => match executor {
            Executor::Native => &[tree.layout.binaries.as_str()],
            Executor::Docker => &[tree.layout.dockerized.as_str()],
        },
        _ => &[],
    };
    folders.iter().map(ToString::to_string).collect()
}

fn expected(
    component: &Component,
    platform: &Platform,
    request: &Request,
    source: &SourceIdentity,
    tree: &TreeFacts,
    equipment: &Equipment,
) -> ExpectedArtifact {
    ExpectedArtifact {
        name: component.name.clone(),
        platform: platform.clone(),
        path: match equipment.executor() {
            Executor::Native => tree.artifact_path(component, platform),
            Executor::Docker => tree.dockerized_artifact_path(component, platform),
        },
        linkage: linkage(component, platform, request),
        key: key::of(
            &component.name,
            platform,
            &request.variables,
            source,
            equipment,
        ),
    }
}

/// How the tree links a component, where its own rule decides alone: cgo needs a C compiler for the platform, and users can
/// override the rule for a component or a whole platform.
fn linkage(component: &Component, platform: &Platform, request: &Request) -> Option<Linkage> {
    let overridden = request.variables.keys().any(|name| {
        name.starts_with("KUBE_") && (name.ends_with("_OVERRIDES") || name.ends_with("_CC"))
    });
    if overridden || platform.os() != "linux" {
        return None;
    }
    match component.linkage {
        tree::Linkage::Static => Some(Linkage::Static),
        tree::Linkage::Cgo => Some(Linkage::Dynamic),
    }
}

fn make(goals: Vec<String>, platform: Option<&Platform>, request: &Request) -> Vec<String> {
    let mut argv = vec!["make".to_owned()];
    argv.extend(goals);
    let platforms: Vec<_> = match platform {
        Some(platform) => vec![platform.to_string()],
        None => request.platforms.iter().map(ToString::to_string).collect(),
    };
    if !platforms.is_empty() {
        argv.push(format!("KUBE_BUILD_PLATFORMS={}", platforms.join(" ")));
    }
    argv.extend(
        request
            .variables
            .iter()
            .map(|(name, value)| format!("{name}={}", literal(value))),
    );
    argv
}

fn tools(components: &[&Component], source: &SourceIdentity, tree: &TreeFacts) -> Vec<ToolNeed> {
    let mut tools = vec![
        need(Tool::Make, "Kubernetes is built by make"),
        need(Tool::Bash, "the tree's build scripts are written in bash"),
    ];
    if !has_version_file(source, tree) {
        tools.push(need(
            Tool::Git,
            "the tree's scripts ask Git for the version",
        ));
    }
    if tree.needs_rsync {
        tools.push(need(
            Tool::Rsync,
            "binaries are placed by rsync in this tree; without it make ends with 0 and leaves no binary",
        ));
    }
    if let Some(component) = components
        .iter()
        .find(|component| component.linkage == tree::Linkage::Cgo)
    {
        tools.push(need(
            Tool::Cc,
            &format!("{} is built with cgo", component.name),
        ));
    }
    tools
}

pub(super) fn need(tool: Tool, why: &str) -> ToolNeed {
    ToolNeed {
        tool,
        why: why.to_owned(),
    }
}

fn id(names: &[String], request: &Request, platform: Option<&Platform>) -> String {
    let mut id = format!("make-{}", names.join("-"));
    // The name of a file: many components would make it too long.
    if id.len() > 60 {
        id = format!("make-{}-and-{}-more", names[0], names.len() - 1);
    }
    match platform {
        Some(platform) if request.platforms.len() > 1 => {
            format!("{id}-{}-{}", platform.os(), platform.arch())
        }
        _ => id,
    }
}
