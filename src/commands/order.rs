//! What `build` was asked for, by flags and recipe, before any tree was looked at.

use std::collections::BTreeMap;
use std::path::Path;

use super::source_place::Said;
use crate::cli::{BuildGoal, BuildOptions};
use crate::error::{Error, Explain, Kind};
use crate::plan::{
    Goal, OwnArguments, PlanError, Request, check_make_variable, is_for_one_platform,
};
use crate::platform::Platform;
use crate::recipe::{self, PlatformChoice, PlatformSet, Recipe, What};
use crate::settings::{Environment, Layer, Settings};
use crate::tree::TreeFacts;

/// A build as it was ordered.
pub(super) struct Order {
    pub goal: Goal,
    pub platforms: Vec<PlatformChoice>,
    pub variables: BTreeMap<String, String>,
    pub source: Said,
    /// Whether archives get fixed times, order and owner.
    pub reproducible: bool,
    recipe: Layer,
}

/// A word behind `--` that is no assignment.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is no variable for make")]
struct NoAssignment(String);

impl Explain for NoAssignment {
    fn kind(&self) -> Kind {
        Kind::Usage
    }

    fn hints(&self) -> Vec<String> {
        vec!["behind `--` stand variables for make, such as `DBG=1`".to_owned()]
    }
}

/// A word where a component's name stands that can be none, in any tree.
#[derive(Debug, thiserror::Error)]
#[error("`{name}` is no name of a component")]
struct NoComponent {
    name: String,
    hint: String,
}

impl NoComponent {
    /// What was meant by a word that is no name.
    fn check(name: &str) -> Result<(), NoComponent> {
        let is_version = |rest: &str| rest.starts_with(|c: char| c.is_ascii_digit());
        let hint = if name.contains('=') {
            format!("variables for make go behind `--`: `-- {name}`")
        } else if let Some(component) = name.trim_end_matches('/').strip_prefix("cmd/") {
            format!("the component's name alone: `{component}`")
        } else if name.strip_prefix('v').is_some_and(is_version) {
            format!("a version is named by `--ref {name}`")
        } else {
            return Ok(());
        };
        let name = name.to_owned();
        Err(NoComponent { name, hint })
    }
}

impl Explain for NoComponent {
    fn kind(&self) -> Kind {
        Kind::Usage
    }

    fn hints(&self) -> Vec<String> {
        vec![self.hint.clone()]
    }
}

impl Order {
    pub(super) fn new(goal: &BuildGoal) -> Result<Order, Error> {
        if let BuildGoal::Component { names, .. } = goal {
            names.iter().try_for_each(|name| NoComponent::check(name))?;
        }
        let mut order = match goal {
            BuildGoal::Component { names, .. } => Order::of(Goal::Components(names.clone())),
            BuildGoal::All { .. } => Order::of(Goal::All),
            BuildGoal::QuickRelease { .. } => Order::of(Goal::Target("quick-release".to_owned())),
            BuildGoal::Target { name, .. } if name == "all" => Order::of(Goal::All),
            BuildGoal::Target { name, .. } => Order::of(Goal::Target(name.clone())),
            BuildGoal::Recipe { recipe, .. } => Order::by(Recipe::resolve(recipe)?),
        };
        let options = goal.options();
        order.source = Said::new(&options.source, order.source);
        order.reproducible = options.reproducible;
        if !options.platform.is_empty() {
            order.platforms.clone_from(&options.platform);
        }
        let own = OwnArguments::of(&order.goal, !order.platforms.is_empty());
        order.variables.extend(variables(options, own)?);
        Ok(order)
    }

    /// What a name means where it may be a recipe, a component or a target; only the tree can tell the last two apart.
    pub(super) fn named(name: &str, options: &BuildOptions) -> Result<Order, Error> {
        let is_recipe = Recipe::file(name).is_some()
            || recipe::builtin().iter().any(|builtin| builtin.name == name);
        let mut order = if is_recipe {
            Order::by(Recipe::resolve(name)?)
        } else {
            Order::of(Goal::Components(vec![name.to_owned()]))
        };
        order.source = Said::new(&options.source, order.source);
        Ok(order)
    }

    fn of(goal: Goal) -> Order {
        Order {
            goal,
            platforms: Vec::new(),
            variables: BTreeMap::new(),
            source: Said::default(),
            reproducible: false,
            recipe: Layer::none(),
        }
    }

    fn by(recipe: Recipe) -> Order {
        let jobs = recipe.limits.jobs.map(|jobs| jobs.to_string());
        let memory = recipe.limits.memory.map(|memory| format!("{}B", memory.0));
        let executor = recipe.build.executor;
        let executor = executor.map(|executor| executor.name().to_owned());
        Order {
            goal: match recipe.build.what {
                What::Components(names) => Goal::Components(names),
                What::Target(name) => Goal::Target(name),
                What::All => Goal::All,
            },
            platforms: recipe.build.platforms,
            variables: recipe.make,
            source: Said {
                repo: recipe.source.repo,
                reference: recipe.source.git_ref,
                directory: recipe.source.directory,
            },
            reproducible: false,
            recipe: Layer::recipe(
                &recipe.name,
                [
                    ("build.jobs", jobs),
                    ("build.memory", memory),
                    ("build.executor", executor),
                ],
            ),
        }
    }

    /// The settings that hold for this build.
    pub(super) fn settings(
        &mut self,
        options: &BuildOptions,
        environment: &Environment,
        directory: &Path,
    ) -> Result<Settings, Error> {
        let recipe = std::mem::take(&mut self.recipe);
        Ok(Settings::resolve(
            environment,
            directory,
            recipe,
            options.layer(),
        )?)
    }

    /// The request for a tree, with sets of platforms as this tree defines them; `host` is what is built for where none
    /// is named. A target gets platforms only where some are named, or where it is for one platform: most targets know
    /// nothing of them.
    pub(super) fn request(&self, tree: &TreeFacts, host: &Platform) -> Request {
        let goal = as_known(&self.goal, tree);
        let mut platforms: Vec<Platform> = Vec::new();
        for choice in &self.platforms {
            for platform in of_choice(choice, tree, host) {
                if !platforms.contains(&platform) {
                    platforms.push(platform);
                }
            }
        }
        let by_default = match goal {
            Goal::Target(_) => is_for_one_platform(&goal, &self.variables, tree),
            Goal::Components(_) | Goal::All => true,
        };
        if platforms.is_empty() && by_default {
            platforms.push(host.clone());
        }
        Request {
            goal,
            platforms,
            variables: self.variables.clone(),
            reproducible: self.reproducible,
        }
    }
}

/// A target that is a component is built as one, so that its binary is known; one word that is no component may be a target.
fn as_known(goal: &Goal, tree: &TreeFacts) -> Goal {
    let component = |name: &str| {
        tree.component(name)
            .is_ok_and(|component| !component.is_library)
    };
    match goal {
        Goal::Target(name) if component(name) => Goal::Components(vec![name.clone()]),
        goal => goal.clone(),
    }
}

fn of_choice(choice: &PlatformChoice, tree: &TreeFacts, host: &Platform) -> Vec<Platform> {
    match choice {
        PlatformChoice::One(platform) => vec![platform.clone()],
        PlatformChoice::Set(PlatformSet::Host) => vec![host.clone()],
        PlatformChoice::Set(PlatformSet::Client) => tree.platforms.client.clone(),
        PlatformChoice::Set(PlatformSet::Server) => tree.platforms.server.clone(),
        PlatformChoice::Set(PlatformSet::Node) => tree.platforms.node.clone(),
    }
}

fn variables(options: &BuildOptions, own: OwnArguments) -> Result<BTreeMap<String, String>, Error> {
    let mut variables = BTreeMap::new();
    for word in &options.variables {
        let (name, value) = word
            .split_once('=')
            .ok_or_else(|| NoAssignment(word.clone()))?;
        check_make_variable(name, value, own).map_err(|source| PlanError::Variable {
            name: name.to_owned(),
            source,
        })?;
        variables.insert(name.to_owned(), value.to_owned());
    }
    Ok(variables)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;
    use crate::plan::{
        BaseImage, Equipment, ImageIdentity, Plan, SourceIdentity, ToolchainIdentity, plan,
    };
    use crate::source::{Stamp, TreeState};
    use crate::tree::{self, DiskFiles};

    /// The plans are those of this host, wherever the tests run.
    fn host() -> Platform {
        "linux/amd64".parse().unwrap()
    }

    fn source() -> SourceIdentity {
        SourceIdentity {
            repository: "https://example.org/kubernetes".to_owned(),
            reference: "v1.2.3".to_owned(),
            in_place: false,
            commit: Some("c".repeat(40)),
            tree: Some("t".repeat(40)),
            committed_at: Some(1_700_000_000),
            changes: Vec::new(),
            stamp: Stamp {
                commit: Some("c".repeat(40)),
                tree_state: Some(TreeState::Clean),
                version: Some("v1.2.3".to_owned()),
                major: Some("1".to_owned()),
                minor: Some("2".to_owned()),
                described: Some("v1.2.3".to_owned()),
                unversioned: None,
            },
        }
    }

    fn fixture(version: &str) -> TreeFacts {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/trees");
        tree::read(&DiskFiles::new(root.join(version))).unwrap()
    }

    fn planned(recipe: &str, facts: &TreeFacts) -> Result<Plan, Error> {
        let order = Order::named(recipe, &BuildOptions::default())?;
        let version = facts.go.version.clone().unwrap_or_else(|| "1.0".to_owned());
        let equipment = Equipment {
            toolchain: ToolchainIdentity {
                version,
                wanted: facts.go.version.clone(),
            },
            image: None,
            base_images: Vec::new(),
        };
        Ok(plan(
            &order.request(facts, &host()),
            &source(),
            facts,
            &equipment,
        )?)
    }

    /// What a plan does, a line a step: enough to see that each tree's own names, places and tools are used.
    fn summary(outcome: Result<Plan, Error>) -> String {
        let plan = match outcome {
            Ok(plan) => plan,
            Err(error) => return format!("  error: {error}\n"),
        };
        let mut text = String::new();
        for step in &plan.steps {
            let tools: Vec<_> = step
                .tools
                .iter()
                .map(|need| need.tool.to_string())
                .collect();
            let _ = writeln!(text, "  {} | {}", step.argv.join(" "), tools.join(" "));
            if let (Some(first), Some(last)) = (step.artifacts.first(), step.artifacts.last()) {
                let count = step.artifacts.len();
                let _ = writeln!(text, "    {count}: {} … {}", first.path, last.path);
            }
            for folder in &step.collects {
                let _ = writeln!(text, "    all of {folder}");
            }
        }
        text
    }

    /// Every built-in recipe is planned on trees of every shape; what a tree cannot do is an error that says so.
    #[test]
    fn every_recipe_is_planned_on_every_tree() {
        for version in ["1.7", "1.15", "1.20", "1.23", "1.28", "1.31", "1.35"] {
            let facts = fixture(version);
            let mut text = String::new();
            for builtin in recipe::builtin() {
                let outcome = planned(builtin.name, &facts);
                let _ = writeln!(text, "{}\n{}", builtin.name, summary(outcome).trim_end());
            }
            insta::assert_snapshot!(format!("recipes_on_{version}"), text);
        }
    }

    /// A plan of a target in an image that has the Go of the tree.
    fn in_image(target: &str, variables: &[(&str, &str)], facts: &TreeFacts) -> Plan {
        let mut order = Order::of(Goal::Target(target.to_owned()));
        let pairs = variables.iter();
        order.variables = pairs
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let image = |reference: &str| ImageIdentity {
            reference: reference.to_owned(),
            digest: None,
            origin: None,
            wanted: None,
            named: false,
        };
        let equipment = Equipment {
            image: Some(image("kube-cross")),
            base_images: vec![BaseImage {
                variable: "KUBE_GORUNNER_IMAGE".to_owned(),
                image: image("mirror/go-runner:v1"),
            }],
            ..Equipment::default()
        };
        plan(&order.request(facts, &host()), &source(), facts, &equipment).unwrap()
    }

    fn ids(plan: &Plan) -> Vec<&str> {
        plan.steps.iter().map(|step| step.id.as_str()).collect()
    }

    #[test]
    fn a_release_is_taken_apart_where_its_scripts_can_be() {
        let facts = fixture("1.28");
        let base_images = &facts.release.as_ref().unwrap().base_images;
        let named: Vec<_> = base_images.keys().map(String::as_str).collect();
        assert_eq!(named, ["KUBE_GORUNNER_IMAGE", "KUBE_PROXY_BASE_IMAGE"]);
        let quick = in_image("quick-release", &[], &facts);
        assert_eq!(ids(&quick), ["make-cross", "package"]);
        assert_eq!(quick.request.platforms, [host()]);
        let [compiling, packing] = &quick.steps[..] else {
            panic!("{:?}", quick.steps);
        };
        assert_eq!(
            compiling.argv,
            ["make", "cross", "KUBE_BUILD_PLATFORMS=linux/amd64"]
        );
        assert_eq!(compiling.hands_on, ["_output/dockerized/bin"]);
        assert_eq!(compiling.collects, Vec::<String>::new());
        let says = |name: &str| packing.environment.get(name).map(String::as_str);
        assert_eq!(says("KUBE_BUILD_PULL_LATEST_IMAGES"), Some("n"));
        assert_eq!(says("KUBE_GORUNNER_IMAGE"), Some("mirror/go-runner:v1"));
        assert_eq!(says("KUBE_BUILD_CONFORMANCE"), None);
        let all = in_image("quick-release", &[("KUBE_FASTBUILD", "false")], &facts);
        assert_eq!(all.request.platforms, []);
        let release = in_image("release", &[], &facts);
        assert_eq!(
            ids(&release),
            [
                "make-cross",
                "make-test",
                "make-test-integration",
                "package"
            ]
        );
        assert_eq!(release.steps[3].needs, ids(&release)[..3]);
        assert_eq!(release.steps[3].environment["KUBE_BUILD_CONFORMANCE"], "y");
        let old = in_image("quick-release", &[], &fixture("1.7"));
        assert_eq!(ids(&old), ["make-quick-release"]);
    }

    #[test]
    fn images_are_made_of_the_commands_that_go_into_them() {
        let facts = fixture("1.35");
        let extra = [
            ("KUBE_EXTRA_WHAT", "cmd/kubeadm"),
            ("KUBE_BUILD_CONFORMANCE", "y"),
        ];
        let plan = in_image("release-images", &extra, &facts);
        assert_eq!(ids(&plan), ["make-commands-of-images", "images"]);
        let compiles = &plan.steps[0].compiles;
        for name in ["kube-apiserver", "kubectl", "kubeadm"] {
            assert!(compiles.iter().any(|it| it == name), "{compiles:?}");
        }
        let platforms = plan.steps[0].argv.iter();
        let platforms = platforms.filter(|word| word.starts_with("KUBE_BUILD_PLATFORMS="));
        let named: Vec<_> = platforms.collect();
        assert!(
            named[0].contains("linux/s390x") && !named[0].contains("darwin"),
            "{named:?}"
        );
    }

    #[test]
    fn archives_are_packed_anew_behind_a_release() {
        let facts = fixture("1.35");
        let mut order = Order::of(Goal::Target("quick-release".to_owned()));
        order.reproducible = true;
        let request = order.request(&facts, &host());
        let equipment = Equipment {
            image: in_image("quick-release", &[], &facts).image,
            ..Equipment::default()
        };
        let planned = |source: &SourceIdentity| plan(&request, source, &facts, &equipment);
        let made = planned(&source()).unwrap();
        assert_eq!(ids(&made), ["make-cross", "package", "repack"]);
        let (packing, last) = (&made.steps[1], &made.steps[2]);
        assert_eq!(packing.collects, Vec::<String>::new());
        assert_eq!(last.collects, packing.hands_on);
        assert_eq!(
            last.argv[..5],
            [
                "{kubewright}",
                "artifacts",
                "repack",
                "--time",
                "1700000000"
            ]
        );
        let timeless = SourceIdentity {
            committed_at: None,
            ..source()
        };
        assert!(matches!(planned(&timeless), Err(PlanError::NoTime)));
    }

    #[test]
    fn kubectl_of_all_is_kubectl_alone() {
        let facts = fixture("1.35");
        let key = |plan: &Plan| {
            let mut artifacts = plan.steps.iter().flat_map(|step| &step.artifacts);
            let found = artifacts
                .find(|artifact| artifact.name == "kubectl" && artifact.platform == host());
            found.and_then(|artifact| artifact.key.clone()).unwrap()
        };
        let all = planned("everything", &facts).unwrap();
        let alone = planned("kubectl", &facts).unwrap();
        assert_eq!(key(&all), key(&alone));
        let debug = planned("debug", &facts).unwrap();
        assert_ne!(key(&debug), key(&alone));
    }

    #[test]
    fn what_no_commit_names_has_no_key() {
        let facts = fixture("1.35");
        let order = Order::named("kubectl", &BuildOptions::default()).unwrap();
        let equipment = Equipment {
            toolchain: ToolchainIdentity {
                version: "1.25.1".to_owned(),
                wanted: None,
            },
            image: None,
            base_images: Vec::new(),
        };
        let changed = SourceIdentity {
            changes: vec![" M cmd/kubectl/kubectl.go".to_owned()],
            ..source()
        };
        let plan = plan(
            &order.request(&facts, &host()),
            &changed,
            &facts,
            &equipment,
        )
        .unwrap();
        assert!(
            plan.steps
                .iter()
                .flat_map(|step| &step.artifacts)
                .all(|artifact| artifact.key.is_none())
        );
    }
}
