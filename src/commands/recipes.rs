//! `kubewright recipes …`

use super::Ended;
use crate::cli::{Format, RecipesVerb};
use crate::recipe::{self, Recipe};
use crate::report::{Output, Style, Table};

pub(super) fn run(verb: &RecipesVerb) -> Result<(), Ended> {
    match verb {
        RecipesVerb::List { format } => list(*format),
        RecipesVerb::Show { recipe } => show(recipe),
        RecipesVerb::Check { file } => {
            let recipe = Recipe::read(file)?;
            Output.talk(&format!(
                "{} is a valid recipe: {}",
                file.display(),
                recipe.summary
            ));
            Ok(())
        }
    }
}

fn list(format: Format) -> Result<(), Ended> {
    let recipes = recipe::builtin()
        .iter()
        .map(|builtin| Ok((builtin.name, builtin.recipe()?)));
    let recipes: Vec<(&str, Recipe)> = recipes.collect::<Result<_, recipe::RecipeError>>()?;
    if format == Format::Json {
        let rows: Vec<_> = recipes
            .iter()
            .map(|(name, recipe)| serde_json::json!({ "name": name, "summary": recipe.summary }))
            .collect();
        Output.json(&serde_json::json!({ "schema": 1, "recipes": rows }));
        return Ok(());
    }
    let mut table = Table::new(&["RECIPE", "WHAT IT BUILDS"]);
    for (name, recipe) in recipes {
        table.row([name.to_owned(), recipe.summary]);
    }
    Output.data(&table.render(Style::of_stdout()));
    Ok(())
}

fn show(name: &str) -> Result<(), Ended> {
    let text = match Recipe::file(name) {
        Some(file) => {
            // Read and checked first: what cannot be built is not shown as a recipe.
            Recipe::read(file)?;
            std::fs::read_to_string(file).unwrap_or_default()
        }
        None => recipe::find(name)?.text.to_owned(),
    };
    Output.data(text.trim_end());
    Ok(())
}
