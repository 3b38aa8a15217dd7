//! A release as steps: what upstream's `release.sh` and `release-images.sh` do in one go.
//!
//! What they run in a container is a step in a container like any other, with kubewright's caches and memory model. What they
//! do with the result is left to the tree's own functions, on the host.

use std::collections::BTreeMap;

use super::PlanError;
use super::environment::{environment, has_version_file};
use super::equipment::{Equipment, Executor};
use super::identity::SourceIdentity;
use super::make::{self, ENGINE_PASSES, PASSES, need};
use super::request::{Goal, Request};
use super::step::{Step, literal};
use crate::host::Tool;
use crate::platform::Platform;
use crate::tree::{self, ReleaseParts, TreeFacts};

/// What a target sets for the scripts, by upstream's `build/root/Makefile`. Of its `release-images` only the help sets a
/// variable.
const SETTINGS: &[(&str, &[(&str, &str)])] = &[
    ("release", &[("KUBE_BUILD_CONFORMANCE", "y")]),
    ("release-skip-tests", QUICK),
    ("quick-release", QUICK),
    ("release-images", &[]),
    ("quick-release-images", &[("KUBE_FASTBUILD", "true")]),
];

const QUICK: &[(&str, &str)] = &[("KUBE_RELEASE_RUN_TESTS", "n"), ("KUBE_FASTBUILD", "true")];

/// What is left to the tree's functions on the host.
#[derive(Clone, Copy)]
struct Packing {
    id: &'static str,
    title: &'static str,
    function: &'static str,
    script: &'static str,
    /// The variables of the scripts that name the folders which it writes to.
    folders: &'static str,
}

const TARBALLS: Packing = Packing {
    id: "package",
    title: "tarballs and images",
    function: tree::PACKAGE,
    script: "release.sh",
    folders: "\"${RELEASE_TARS}\" \"${RELEASE_IMAGES}\"",
};

const IMAGES: Packing = Packing {
    id: "images",
    title: "images",
    function: tree::IMAGES,
    script: "release-images.sh",
    folders: "\"${RELEASE_IMAGES}\"",
};

/// A target of the tree that is planned as steps.
struct Release<'t> {
    parts: &'t ReleaseParts,
    packing: Packing,
    settings: BTreeMap<String, String>,
}

impl<'t> Release<'t> {
    fn of(
        target: &str,
        variables: &BTreeMap<String, String>,
        tree: &'t TreeFacts,
    ) -> Option<Release<'t>> {
        let (_, settings) = SETTINGS.iter().find(|(name, _)| *name == target)?;
        let parts = tree.release.as_ref()?;
        let images_only = target.ends_with("-images");
        let can = if images_only {
            parts.builds_images
        } else {
            !parts.compiles.is_empty()
        };
        let mut settings: BTreeMap<String, String> = settings
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        settings.extend(variables.clone());
        can.then_some(Release {
            parts,
            packing: if images_only { IMAGES } else { TARBALLS },
            settings,
        })
    }

    fn says(&self, name: &str, value: &str) -> bool {
        self.settings.get(name).is_some_and(|set| set == value)
    }

    /// `[[ … =~ ^[yY]$ ]]`.
    fn agrees(&self, name: &str, default: bool) -> bool {
        match self.settings.get(name).map(String::as_str) {
            None => default,
            Some(said) => matches!(said, "y" | "Y"),
        }
    }
}

/// Whether a target of a tree is planned as steps in a container and on the host, rather than left to upstream's script.
pub fn is_taken_apart(goal: &Goal, tree: &TreeFacts) -> bool {
    matches!(goal, Goal::Target(name) if Release::of(name, &BTreeMap::new(), tree).is_some())
}

/// Whether a target is for one platform unless others are named (`KUBE_FASTBUILD=true`).
pub fn is_for_one_platform(
    goal: &Goal,
    variables: &BTreeMap<String, String>,
    tree: &TreeFacts,
) -> bool {
    let Goal::Target(name) = goal else {
        return false;
    };
    Release::of(name, variables, tree).is_some_and(|release| release.says("KUBE_FASTBUILD", "true"))
}

/// The steps of a release; `None` where the target is none that can be taken apart.
pub(super) fn release(
    target: &str,
    request: &Request,
    source: &SourceIdentity,
    tree: &TreeFacts,
    equipment: &Equipment,
) -> Result<Option<Vec<Step>>, PlanError> {
    let in_container = equipment.executor() == Executor::Docker;
    let release = Release::of(target, &request.variables, tree).filter(|_| in_container);
    let Some(release) = release else {
        return Ok(None);
    };
    tree.target(target)?;
    let plan = |name: &str| make::target(name, request, source, tree, equipment);
    let mut steps = Vec::new();
    if release.packing.id == IMAGES.id {
        steps.push(image_commands(&release, request, tree, plan("all")?)?);
    } else {
        for name in &release.parts.compiles {
            let mut step = plan(name)?;
            step.why = format!(
                "{target} packs what `make {name}` compiles; {} runs it in a container, too",
                script(&release)
            );
            hand_on(&mut step, tree);
            steps.push(step);
        }
        if release.agrees("KUBE_RELEASE_RUN_TESTS", true) {
            for name in &release.parts.tests {
                let mut step = plan(name)?;
                step.why = format!(
                    "{target} runs the tests before it packs, unless KUBE_RELEASE_RUN_TESTS=n is set"
                );
                step.needs = ids(&steps);
                steps.push(step);
            }
        }
    }
    let mut packing = packing(target, &release, request, source, tree, equipment);
    packing.needs = ids(&steps);
    steps.push(packing);
    Ok(Some(steps))
}

fn ids(steps: &[Step]) -> Vec<String> {
    steps.iter().map(|step| step.id.clone()).collect()
}

fn script(release: &Release<'_>) -> String {
    format!("{}/{}", release.parts.folder, release.packing.script)
}

/// Binaries are what later steps work on, and no artifacts by themselves.
fn hand_on(step: &mut Step, tree: &TreeFacts) {
    step.collects.clear();
    step.hands_on = vec![tree.layout.dockerized.clone()];
}

/// The commands that go into images: `make all WHAT=…`, as `release-images.sh` has it.
fn image_commands(
    release: &Release<'_>,
    request: &Request,
    tree: &TreeFacts,
    step: Step,
) -> Result<Step, PlanError> {
    let mut packages = tree.sets.server_images.clone();
    if release.agrees("KUBE_BUILD_CONFORMANCE", false) {
        packages.extend(tree.sets.conformance_image.iter().cloned());
    }
    let extra = release.settings.get("KUBE_EXTRA_WHAT");
    let extra = extra.map_or("", String::as_str).split_whitespace();
    packages.extend(extra.map(str::to_owned));
    let platforms: Vec<String> = server_platforms(request, tree)?
        .iter()
        .map(ToString::to_string)
        .collect();
    let what = literal(&packages.join(" "));
    let mut argv = vec!["make".to_owned(), "all".to_owned(), format!("WHAT={what}")];
    argv.push(format!("KUBE_BUILD_PLATFORMS={}", platforms.join(" ")));
    let others = request.variables.iter();
    argv.extend(
        others
            .filter(|(name, _)| *name != "WHAT")
            .map(|(name, value)| format!("{name}={}", literal(value))),
    );
    let names: Vec<String> = packages
        .iter()
        .map(|package| package.rsplit('/').next().unwrap_or(package).to_owned())
        .collect();
    let mut step = Step {
        id: "make-commands-of-images".to_owned(),
        title: format!("commands of images {}", platforms.join(" ")),
        why: format!(
            "the images hold these commands; {} compiles them in a container, too",
            script(release)
        ),
        argv,
        compiles: names,
        packages: Vec::new(),
        ..step
    };
    hand_on(&mut step, tree);
    Ok(step)
}

/// Images are made for the platforms of servers only.
fn server_platforms(request: &Request, tree: &TreeFacts) -> Result<Vec<Platform>, PlanError> {
    let supported = &tree.platforms.server;
    if request.platforms.is_empty() {
        return Ok(supported.clone());
    }
    for platform in &request.platforms {
        if !supported.contains(platform) {
            return Err(PlanError::Platform {
                component: "images".to_owned(),
                platform: platform.clone(),
                supported: supported.clone(),
            });
        }
    }
    Ok(request.platforms.clone())
}

fn packing(
    target: &str,
    release: &Release<'_>,
    request: &Request,
    source: &SourceIdentity,
    tree: &TreeFacts,
    equipment: &Equipment,
) -> Step {
    let Packing {
        id,
        title,
        function,
        ..
    } = release.packing;
    let places: Vec<String> = request.platforms.iter().map(ToString::to_string).collect();
    Step {
        id: id.to_owned(),
        title: title.to_owned(),
        why: format!(
            "the tree's own `{function}` makes them of what was compiled, as {} has it",
            script(release)
        ),
        executor: Executor::Native,
        argv: vec!["bash".to_owned(), "-c".to_owned(), commands(release)],
        environment: packing_environment(release, &places, source, tree, equipment),
        passes: passes(),
        folder: "{source}".to_owned(),
        needs: Vec::new(),
        compiles: Vec::new(),
        packages: Vec::new(),
        takes_go_flags: false,
        puts_back: Vec::new(),
        cache: None,
        tools: tools(release, source, tree),
        artifacts: Vec::new(),
        collects: make::collects(target, tree, Executor::Native),
        hands_on: Vec::new(),
    }
}

/// What the scripts do between compiling and packing: the version, and the mode of new files, which is that of the files in
/// the tarballs.
fn commands(release: &Release<'_>) -> String {
    let folder = &release.parts.folder;
    let text = [
        "set -o errexit -o nounset -o pipefail",
        &format!("source {folder}/common.sh"),
        &format!("source {folder}/lib/release.sh"),
        "kube::build::ensure_tar",
        "kube::version::get_version_vars",
        "kube::version::save_version_vars \"${KUBE_ROOT}/.dockerized-kube-version-defs\"",
        "umask 0022",
        // Nothing that an earlier run packed is taken for this one's. Upstream's function does so itself.
        &format!("rm -rf {}", release.packing.folders),
        release.packing.function,
    ]
    .join("; ");
    literal(&text)
}

fn packing_environment(
    release: &Release<'_>,
    platforms: &[String],
    source: &SourceIdentity,
    tree: &TreeFacts,
    equipment: &Equipment,
) -> BTreeMap<String, String> {
    let mut environment = environment(source, tree, &equipment.toolchain, Executor::Native);
    // No Go is on the host for this: the scripts ask it for nothing but the system that they run on.
    environment.retain(|_, value| !value.contains("{toolchain}"));
    environment.insert("PATH".to_owned(), "{path}".to_owned());
    environment.insert("DOCKER_HOST".to_owned(), "{engine}".to_owned());
    // What make would tell the scripts.
    environment.insert("KUBE_VERBOSE".to_owned(), "1".to_owned());
    let settings = release.settings.iter();
    environment
        .extend(settings.map(|(name, value)| (name.clone(), literal(&value.replace("$$", "$")))));
    if !platforms.is_empty() {
        environment.insert("KUBE_BUILD_PLATFORMS".to_owned(), platforms.join(" "));
    }
    if release.parts.takes_base_images_as_they_are {
        environment
            .entry("KUBE_BUILD_PULL_LATEST_IMAGES".to_owned())
            .or_insert_with(|| "n".to_owned());
        for base in &equipment.base_images {
            environment.insert(base.variable.clone(), literal(&base.image.reference));
        }
    }
    environment
}

/// The engine is the one that compiled: nothing of the caller's may lead to another.
fn passes() -> Vec<String> {
    let elsewhere = ["DOCKER_HOST", "DOCKER_CONTEXT"];
    let names = PASSES.iter().chain(ENGINE_PASSES);
    names
        .filter(|name| !elsewhere.contains(name))
        .map(ToString::to_string)
        .collect()
}

fn tools(
    release: &Release<'_>,
    source: &SourceIdentity,
    tree: &TreeFacts,
) -> Vec<super::step::ToolNeed> {
    let mut tools = vec![
        need(Tool::Bash, "the tree's build scripts are written in bash"),
        need(
            Tool::Docker,
            "the tree's release scripts make images with it",
        ),
        need(
            Tool::Buildx,
            "the tree's release scripts make images with `docker buildx`",
        ),
        need(
            Tool::Tar,
            "the tree's release scripts pack archives with it",
        ),
    ];
    if release.parts.archives_by_git || !has_version_file(source, tree) {
        tools.push(need(
            Tool::Git,
            "the tree's release scripts pack the sources with it",
        ));
    }
    tools
}
