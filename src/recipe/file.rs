//! The shape of a recipe's file. Its JSON schema is made from these types, and the reader fills them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use toml::Spanned;

use crate::settings::ExecutorChoice;

/// A value and its place in the file.
pub(super) type Located<T> = Spanned<T>;

/// A recipe as it stands in its file: each value knows its place, and nothing is checked but its type.
#[derive(Debug, Default, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "Recipe")]
pub struct RecipeFile {
    /// One line that says what the recipe builds.
    #[schemars(with = "String", length(min = 1))]
    pub(super) summary: Option<Located<String>>,
    /// Where the tree comes from. Absent: as without a recipe.
    #[schemars(with = "Option<SourceTable>")]
    pub(super) source: SourceTable,
    /// What is built.
    pub(super) build: BuildTable,
    /// What the build may take. Absent: kubewright chooses.
    #[schemars(with = "Option<LimitsTable>")]
    pub(super) limits: LimitsTable,
    /// Variables that are passed to make as arguments.
    #[schemars(with = "Option<BTreeMap<String, String>>")]
    pub(super) make: BTreeMap<Located<String>, Located<String>>,
}

/// Where the tree comes from: a repository and a ref, or a directory.
#[derive(Debug, Default, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "Source")]
pub(super) struct SourceTable {
    /// A repository's address, or `demo` for the embedded one.
    #[schemars(with = "Option<String>")]
    pub(super) repo: Option<Located<String>>,
    /// A tag, a branch or a commit.
    #[schemars(with = "Option<String>", rename = "ref")]
    pub(super) git_ref: Option<Located<String>>,
    /// A tree that is built in place. A relative path starts at the recipe's folder.
    #[schemars(with = "Option<String>")]
    pub(super) directory: Option<Located<String>>,
}

/// What is built: exactly one of components, target and all.
#[derive(Debug, Default, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "Build")]
pub(super) struct BuildTable {
    /// Where the table begins; for messages about what it lacks.
    #[schemars(skip)]
    pub(super) place: Option<std::ops::Range<usize>>,
    /// Commands of Kubernetes, such as kubectl.
    #[schemars(with = "Option<Vec<String>>", length(min = 1))]
    pub(super) components: Option<Located<Vec<Located<String>>>>,
    /// A make target, such as quick-release.
    #[schemars(with = "Option<String>")]
    pub(super) target: Option<Located<String>>,
    /// True builds all that `make all` builds.
    #[schemars(with = "Option<bool>")]
    pub(super) all: Option<Located<bool>>,
    /// Platforms (OS/ARCH) and sets of platforms that the tree defines: client, server, node, all; host is this machine.
    #[schemars(with = "Option<Vec<String>>", length(min = 1))]
    pub(super) platforms: Option<Located<Vec<Located<String>>>>,
    /// What carries the build out. Absent: what the settings say.
    #[schemars(with = "Option<ExecutorChoice>")]
    pub(super) executor: Option<Located<String>>,
}

/// What the build may take.
#[derive(Debug, Default, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "Limits")]
pub(super) struct LimitsTable {
    /// The memory to plan with, as a number with a unit: `6GiB`.
    #[schemars(with = "Option<String>")]
    pub(super) memory: Option<Located<String>>,
    /// How many packages are compiled at once.
    #[schemars(with = "Option<std::num::NonZeroU32>")]
    pub(super) jobs: Option<Located<i64>>,
}

/// The keys of each table; `""` is the file itself. A test holds them against the schema.
pub(super) const TABLES: [(&str, &[&str]); 4] = [
    ("", &["summary", "source", "build", "limits", "make"]),
    ("source", &["repo", "ref", "directory"]),
    (
        "build",
        &["components", "target", "all", "platforms", "executor"],
    ),
    ("limits", &["memory", "jobs"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn properties(schema: &serde_json::Value) -> Vec<&str> {
        let properties = schema["properties"].as_object().unwrap();
        properties.keys().map(String::as_str).collect()
    }

    #[test]
    fn the_schema_has_the_keys_that_the_reader_knows() {
        let schema = serde_json::to_value(schemars::schema_for!(RecipeFile)).unwrap();
        for (table, keys) in TABLES {
            let part = match table {
                "" => &schema,
                "source" => &schema["$defs"]["Source"],
                "build" => &schema["$defs"]["Build"],
                _ => &schema["$defs"]["Limits"],
            };
            assert_eq!(properties(part), keys, "[{table}]");
            assert_eq!(part["additionalProperties"], false, "[{table}]");
        }
        assert_eq!(schema["required"], serde_json::json!(["summary", "build"]));
    }

    #[test]
    fn the_schema_accepts_the_built_in_recipes() {
        let schema = serde_json::to_value(schemars::schema_for!(RecipeFile)).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        for recipe in super::super::builtin() {
            let file: serde_json::Value = toml::from_str(recipe.text).unwrap();
            assert!(validator.is_valid(&file), "{}", recipe.name);
        }
        let wrong: serde_json::Value =
            toml::from_str("summary = \"x\"\n[build]\nplatform = [\"linux/amd64\"]").unwrap();
        assert!(!validator.is_valid(&wrong));
    }
}
