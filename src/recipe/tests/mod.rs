//! Whole recipes; and every error of a recipe's file, as it is shown.

mod contradictions;
mod reading;

use super::*;
use crate::bytes::Bytes;
use crate::error::{Explain, Kind};
use crate::settings::ExecutorChoice;

fn errors_of(text: &str) -> String {
    let error = Recipe::parse("my.toml", text).unwrap_err();
    assert_eq!(error.kind(), Kind::Usage);
    format!("error: {error}")
}

const WHOLE: &str = r#"
summary = "Node components for two platforms"

[source]
ref = "v1.34.1"

[build]
components = ["kubelet", "kubectl"]
platforms = ["linux/amd64", "server"]
executor = "native"

[limits]
memory = "6GiB"
jobs = 0x4

[make]
GOLDFLAGS = "-s -w"
"#;

#[test]
fn a_recipe_with_everything_in_it() {
    let recipe = Recipe::parse("recipes/mine.toml", WHOLE).unwrap();
    assert_eq!(
        recipe,
        Recipe {
            name: "mine".to_owned(),
            summary: "Node components for two platforms".to_owned(),
            source: Source {
                git_ref: Some("v1.34.1".to_owned()),
                ..Source::default()
            },
            build: Build {
                what: What::Components(vec!["kubelet".to_owned(), "kubectl".to_owned()]),
                platforms: vec![
                    PlatformChoice::One("linux/amd64".parse().unwrap()),
                    PlatformChoice::Set(PlatformSet::Server),
                ],
                executor: Some(ExecutorChoice::Native),
            },
            limits: Limits {
                memory: Some(Bytes::gib(6)),
                jobs: std::num::NonZeroU32::new(4),
            },
            make: [("GOLDFLAGS".to_owned(), "-s -w".to_owned())].into(),
        }
    );
}

#[test]
fn a_directory_starts_at_the_file_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("local.toml");
    let text = "summary = \"x\"\nsource.directory = \"tree\"\nbuild.all = true\n";
    std::fs::write(&file, text).unwrap();
    let recipe = Recipe::resolve(&file.to_string_lossy()).unwrap();
    assert_eq!(recipe.name, "local");
    assert_eq!(recipe.source.directory, Some(folder.path().join("tree")));
}

#[test]
fn a_name_is_a_built_in_recipe_and_a_path_is_a_file() {
    assert_eq!(Recipe::resolve("node").unwrap().name, "node");
    let absent = Recipe::resolve("absent.toml").unwrap_err();
    assert_eq!(absent.to_string(), "cannot read the recipe `absent.toml`");
    assert_eq!(absent.kind(), Kind::Usage);
    assert!(!absent.hints().is_empty());
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(cut in 0..WHOLE.len(), inserted in "\\PC{0,8}") {
        // The text is ASCII: every byte is a place to cut at.
        let text = format!("{}{inserted}{}", &WHOLE[..cut], &WHOLE[cut..]);
        if let Err(error) = Recipe::parse("my.toml", &text) {
            proptest::prop_assert!(!error.to_string().is_empty());
        }
    }
}
