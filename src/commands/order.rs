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
            for platform in of_choice(choice, &goal, tree, host) {
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

fn of_choice(
    choice: &PlatformChoice,
    goal: &Goal,
    tree: &TreeFacts,
    host: &Platform,
) -> Vec<Platform> {
    match choice {
        PlatformChoice::Set(PlatformSet::All) => all(goal, tree),
        PlatformChoice::One(platform) => vec![platform.clone()],
        PlatformChoice::Set(PlatformSet::Host) => vec![host.clone()],
        PlatformChoice::Set(PlatformSet::Client) => tree.platforms.client.clone(),
        PlatformChoice::Set(PlatformSet::Server) => tree.platforms.server.clone(),
        PlatformChoice::Set(PlatformSet::Node) => tree.platforms.node.clone(),
    }
}

/// All platforms of the tree, as far as it builds every one of the components for them.
fn all(goal: &Goal, tree: &TreeFacts) -> Vec<Platform> {
    let sets = &tree.platforms;
    let mut platforms: Vec<Platform> = Vec::new();
    for platform in [&sets.server, &sets.node, &sets.client]
        .into_iter()
        .flatten()
    {
        if !platforms.contains(platform) {
            platforms.push(platform.clone());
        }
    }
    if let Goal::Components(names) = goal {
        let known = names.iter().filter_map(|name| tree.component(name).ok());
        for component in known {
            let supported = tree.platforms_for(component);
            platforms.retain(|platform| supported.is_empty() || supported.contains(platform));
        }
    }
    platforms
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
mod tests;
