//! What `build` was asked for, by flags and recipe, before any tree was looked at.

use std::collections::BTreeMap;
use std::path::Path;

use super::source_place::Said;
use crate::cli::{BuildGoal, BuildOptions};
use crate::error::{Error, Explain, Kind};
use crate::plan::{Goal, Request, check_make_variable};
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

impl Order {
    pub(super) fn new(goal: &BuildGoal) -> Result<Order, Error> {
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
        if !options.platform.is_empty() {
            order.platforms = options
                .platform
                .iter()
                .cloned()
                .map(PlatformChoice::One)
                .collect();
        }
        order.variables.extend(variables(options)?);
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
            recipe: Layer::none(),
        }
    }

    fn by(recipe: Recipe) -> Order {
        let jobs = recipe.limits.jobs.map(|jobs| jobs.to_string());
        let memory = recipe.limits.memory.map(|memory| memory.0.to_string());
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
            recipe: Layer::recipe(
                &recipe.name,
                [("build.jobs", jobs), ("build.memory", memory)],
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

    /// The request for a tree, with sets of platforms as this tree defines them. A target gets platforms only where some
    /// are named: most targets know nothing of them.
    pub(super) fn request(&self, tree: &TreeFacts) -> Request {
        let goal = as_known(&self.goal, tree);
        let mut platforms: Vec<Platform> = Vec::new();
        for choice in &self.platforms {
            for platform in of_choice(choice, tree) {
                if !platforms.contains(&platform) {
                    platforms.push(platform);
                }
            }
        }
        if platforms.is_empty() && !matches!(goal, Goal::Target(_)) {
            platforms.push(Platform::host());
        }
        Request {
            goal,
            platforms,
            variables: self.variables.clone(),
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

fn of_choice(choice: &PlatformChoice, tree: &TreeFacts) -> Vec<Platform> {
    match choice {
        PlatformChoice::One(platform) => vec![platform.clone()],
        PlatformChoice::Set(PlatformSet::Host) => vec![Platform::host()],
        PlatformChoice::Set(PlatformSet::Client) => tree.platforms.client.clone(),
        PlatformChoice::Set(PlatformSet::Server) => tree.platforms.server.clone(),
        PlatformChoice::Set(PlatformSet::Node) => tree.platforms.node.clone(),
    }
}

fn variables(options: &BuildOptions) -> Result<BTreeMap<String, String>, Error> {
    let mut variables = BTreeMap::new();
    for word in &options.variables {
        let (name, value) = word
            .split_once('=')
            .ok_or_else(|| NoAssignment(word.clone()))?;
        check_make_variable(name, value).map_err(|source| crate::plan::PlanError::Variable {
            name: name.to_owned(),
            source,
        })?;
        variables.insert(name.to_owned(), value.to_owned());
    }
    Ok(variables)
}
