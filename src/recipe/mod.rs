//! What can be built, as TOML: the schema, its validation, the built-in recipes.
