//! The recipes that are embedded in the binary.

use super::nearest::nearest;
use super::{Recipe, RecipeError};

/// A recipe in the binary.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Builtin {
    /// What `build recipe` calls it.
    pub name: &'static str,
    /// Its TOML, comments included: what `recipes show` prints.
    pub text: &'static str,
}

impl Builtin {
    /// The recipe itself.
    pub fn recipe(&self) -> Result<Recipe, RecipeError> {
        Recipe::parse(&format!("{}.toml", self.name), self.text)
    }
}

macro_rules! embed {
    ($($name:literal),* $(,)?) => {
        &[$(Builtin {
            name: $name,
            text: include_str!(concat!("../../recipes/", $name, ".toml")),
        }),*]
    };
}

const BUILTIN: &[Builtin] = embed![
    "kubectl",
    "node",
    "control-plane",
    "everything",
    "quick-release",
    "debug",
    "minimal-memory",
];

/// Every built-in recipe, in the order in which `recipes list` shows them.
pub fn builtin() -> &'static [Builtin] {
    BUILTIN
}

/// The built-in recipe of that name.
///
/// # Errors
///
/// [`RecipeError::Unknown`] with the nearest name.
pub fn find(name: &str) -> Result<&'static Builtin, RecipeError> {
    BUILTIN
        .iter()
        .find(|recipe| recipe.name == name)
        .ok_or_else(|| RecipeError::Unknown {
            name: name.to_owned(),
            near: nearest(name, BUILTIN.iter().map(|recipe| recipe.name)),
        })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::error::Explain;

    #[test]
    fn every_built_in_recipe_is_valid() {
        for recipe in builtin() {
            let parsed = recipe.recipe().unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(parsed.name, recipe.name);
        }
    }

    #[test]
    fn every_file_in_the_folder_is_built_in() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("recipes");
        let files: BTreeSet<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        let embedded: BTreeSet<String> = builtin()
            .iter()
            .map(|recipe| format!("{}.toml", recipe.name))
            .collect();
        assert_eq!(files, embedded);
    }

    #[test]
    fn an_unknown_name_lists_the_nearest() {
        let error = find("control-plain").unwrap_err();
        assert_eq!(error.to_string(), "no recipe is called `control-plain`");
        assert_eq!(error.hints()[0], "did you mean `control-plane`?");
        assert_eq!(find("xyz").unwrap_err().hints().len(), 1);
    }
}
