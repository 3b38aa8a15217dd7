//! Every error of a recipe's file, as it is shown.

use super::*;
use crate::bytes::Bytes;
use crate::error::{Explain, Kind};

fn errors_of(text: &str) -> String {
    let error = Recipe::parse("my.toml", text).unwrap_err();
    assert_eq!(error.kind(), Kind::Usage);
    format!("error: {error}")
}

#[test]
fn unknown_key_in_a_table() {
    insta::assert_snapshot!(errors_of(r#"summary = "x"

[build]
components = ["kubectl"]

platform = ["linux/amd64"]
"#), @r#"
        error: unknown key `platform` in [build] of my.toml
          --> my.toml:6:1
           |
         6 | platform = ["linux/amd64"]
           | ^^^^^^^^ did you mean `platforms`?
        "#);
}

#[test]
fn unknown_key_at_the_top() {
    insta::assert_snapshot!(errors_of(r#"sumary = "x"
[build]
all = true
"#), @r#"
        error: unknown key `sumary` in my.toml
          --> my.toml:1:1
           |
         1 | sumary = "x"
           | ^^^^^^ did you mean `summary`?
        "#);
}

#[test]
fn unknown_table() {
    insta::assert_snapshot!(errors_of(r#"summary = "x"
[build]
all = true
[limit]
jobs = 1
"#), @r"
        error: unknown key `limit` in my.toml
          --> my.toml:4:2
           |
         4 | [limit]
           |  ^^^^^ did you mean `limits`?
        ");
}

#[test]
fn key_in_the_wrong_table() {
    insta::assert_snapshot!(errors_of(r#"summary = "x"
[build]
all = true
jobs = 2
summary = "y"
"#), @r#"
        error: unknown key `jobs` in [build] of my.toml
          --> my.toml:4:1
           |
         4 | jobs = 2
           | ^^^^ `jobs` belongs in [limits]

        error: unknown key `summary` in [build] of my.toml
          --> my.toml:5:1
           |
         5 | summary = "y"
           | ^^^^^^^ `summary` stands before the first table
        "#);
}

#[test]
fn key_that_is_like_nothing() {
    insta::assert_snapshot!(errors_of(r#"summary = "x"
[build]
all = true
colour = "red"
"#), @r#"
        error: unknown key `colour` in [build] of my.toml
          --> my.toml:4:1
           |
         4 | colour = "red"
           | ^^^^^^ known keys: components, target, all, platforms, executor
        "#);
}

#[test]
fn wrong_types() {
    insta::assert_snapshot!(errors_of(r#"summary = 1
make = "DBG=1"
[source]
ref = 1.34
[build]
components = "kubectl"
platforms = ["linux/amd64", 386]
all = "yes"
[limits]
jobs = "2"
memory = 6
"#), @r#"
        error: wrong type of `summary` in my.toml
          --> my.toml:1:11
           |
         1 | summary = 1
           |           ^ expected a text in quotes, found a whole number

        error: wrong type of `make` in my.toml
          --> my.toml:2:8
           |
         2 | make = "DBG=1"
           |        ^^^^^^^ expected a table: [make], found a text

        error: wrong type of `ref` in [source] of my.toml
          --> my.toml:4:7
           |
         4 | ref = 1.34
           |       ^^^^ expected a text in quotes, found a number with a fraction

        error: wrong type of `components` in [build] of my.toml
          --> my.toml:6:14
           |
         6 | components = "kubectl"
           |              ^^^^^^^^^ expected an array of texts: ["…", "…"], found a text

        error: wrong type of `platforms` in [build] of my.toml
          --> my.toml:7:29
           |
         7 | platforms = ["linux/amd64", 386]
           |                             ^^^ expected a text in quotes, found a whole number

        error: wrong type of `all` in [build] of my.toml
          --> my.toml:8:7
           |
         8 | all = "yes"
           |       ^^^^^ expected true or false, found a text

        error: wrong type of `jobs` in [limits] of my.toml
           --> my.toml:10:8
            |
         10 | jobs = "2"
            |        ^^^ expected a whole number, found a text

        error: wrong type of `memory` in [limits] of my.toml
           --> my.toml:11:10
            |
         11 | memory = 6
            |          ^ expected a text in quotes, found a whole number
        "#);
}

#[test]
fn broken_toml() {
    insta::assert_snapshot!(errors_of(r#"summary = "x
[build]
all = true
"#), @r#"
        error: broken TOML in my.toml
          --> my.toml:1:13
           |
         1 | summary = "x
           |             ^ invalid basic string, expected `"`
        "#);
}

#[test]
fn key_twice() {
    insta::assert_snapshot!(errors_of(r#"summary = "x"
[build]
all = true
all = true
"#), @r"
        error: broken TOML in my.toml
          --> my.toml:4:1
           |
         4 | all = true
           | ^^^ duplicate key
        ");
}

#[test]
fn nothing_at_all() {
    insta::assert_snapshot!(errors_of(""), @r#"
        error: no `summary` in my.toml
          --> my.toml:1:1
           |
         1 | 
           | ^ say in one line what it builds: summary = "…"

        error: no table [build] in my.toml
          --> my.toml:1:1
           |
         1 | 
           | ^ add one of: components = ["kubectl"], target = "quick-release", all = true
        "#);
}

#[test]
fn no_summary() {
    insta::assert_snapshot!(errors_of("[build]
all = true
"), @r#"
        error: no `summary` in my.toml
          --> my.toml:1:1
           |
         1 | [build]
           | ^ say in one line what it builds: summary = "…"
        "#);
}

#[test]
fn empty_summary() {
    insta::assert_snapshot!(errors_of(r#"summary = "  "
[build]
all = true
"#), @r#"
        error: unusable `summary` in my.toml
          --> my.toml:1:11
           |
         1 | summary = "  "
           |           ^^^^ one line that says what it builds
        "#);
}

#[test]
fn nothing_to_build() {
    insta::assert_snapshot!(errors_of(r#"summary = "x"

[build]
platforms = ["client"]
"#), @r#"
        error: nothing to build in [build] of my.toml
          --> my.toml:3:1
           |
         3 | [build]
           | ^^^^^^^ add one of: components = ["kubectl"], target = "quick-release", all = true
        "#);
}

#[test]
fn components_together_with_target() {
    insta::assert_snapshot!(errors_of(r#"summary = "x"
[build]
target = "quick-release"
components = ["kubectl"]
all = true
"#), @r#"
        error: `target` together with `components` in [build] of my.toml
          --> my.toml:4:14
           |
         4 | components = ["kubectl"]
           |              ^^^^^^^^^^^ keep one of them
        "#);
}

#[test]
fn all_is_false() {
    insta::assert_snapshot!(errors_of(r#"summary = "x"
[build]
all = false
"#), @r"
        error: `all` is false in [build] of my.toml
          --> my.toml:3:7
           |
         3 | all = false
           |       ^^^^^ leave it out, and name `components` or a `target`
        ");
}

#[test]
fn empty_components() {
    insta::assert_snapshot!(errors_of(r#"summary = "x"
[build]
components = []
platforms = []
"#), @r#"
        error: empty `components` in [build] of my.toml
          --> my.toml:3:14
           |
         3 | components = []
           |              ^^ name at least one, such as "kubectl"

        error: empty `platforms` in [build] of my.toml
          --> my.toml:4:13
           |
         4 | platforms = []
           |             ^^ name at least one, or leave it out
        "#);
}

#[test]
fn component_twice() {
    insta::assert_snapshot!(errors_of(r#"summary = "x"
[build]
components = [
  "kubectl",
  "kubelet",
  "kubectl",
]
"#), @r#"
        error: component `kubectl` twice in [build] of my.toml
          --> my.toml:6:3
           |
         6 |   "kubectl",
           |   ^^^^^^^^^ named before
        "#);
}

#[test]
fn words_that_make_would_misread() {
    insta::assert_snapshot!(errors_of(r#"summary = "x"
[build]
components = ["-f/etc/passwd", "DBG=1", "kube let", ""]
"#), @r#"
        error: unusable `components` in [build] of my.toml
          --> my.toml:3:15
           |
         3 | components = ["-f/etc/passwd", "DBG=1", "kube let", ""]
           |               ^^^^^^^^^^^^^^^ it looks like an option

        error: unusable `components` in [build] of my.toml
          --> my.toml:3:32
           |
         3 | components = ["-f/etc/passwd", "DBG=1", "kube let", ""]
           |                                ^^^^^^^ variables of make stand in the table [make]

        error: unusable `components` in [build] of my.toml
          --> my.toml:3:41
           |
         3 | components = ["-f/etc/passwd", "DBG=1", "kube let", ""]
           |                                         ^^^^^^^^^^ a name has letters, digits and any of . _ - /

        error: unusable `components` in [build] of my.toml
          --> my.toml:3:53
           |
         3 | components = ["-f/etc/passwd", "DBG=1", "kube let", ""]
           |                                                     ^^ it is empty
        "#);
}

#[test]
fn platform_twice() {
    insta::assert_snapshot!(errors_of(r#"summary = "x"
[build]
all = true
platforms = ["linux/amd64", "client", "linux/amd64"]
"#), @r#"
        error: platform `linux/amd64` twice in [build] of my.toml
          --> my.toml:4:39
           |
         4 | platforms = ["linux/amd64", "client", "linux/amd64"]
           |                                       ^^^^^^^^^^^^^ named before
        "#);
}

#[test]
fn unknown_platform() {
    insta::assert_snapshot!(errors_of(r#"summary = "x"
[build]
all = true
platforms = ["clients", "linux-amd64"]
"#), @r#"
        error: unknown platform `clients` in [build] of my.toml
          --> my.toml:4:14
           |
         4 | platforms = ["clients", "linux-amd64"]
           |              ^^^^^^^^^ expected OS/ARCH or one of client, server, node, host; did you mean `client`?

        error: unknown platform `linux-amd64` in [build] of my.toml
          --> my.toml:4:25
           |
         4 | platforms = ["clients", "linux-amd64"]
           |                         ^^^^^^^^^^^^^ expected OS/ARCH or one of client, server, node, host
        "#);
}

#[test]
fn docker_is_not_available_yet() {
    insta::assert_snapshot!(errors_of(r#"summary = "x"
[build]
all = true
executor = "docker"
"#), @r#"
        error: executor `docker` is not available yet in [build] of my.toml
          --> my.toml:4:12
           |
         4 | executor = "docker"
           |            ^^^^^^^^ this version builds natively: leave `executor` out, or write "native"
        "#);
}

#[test]
fn unknown_executor() {
    insta::assert_snapshot!(errors_of(r#"summary = "x"
[build]
all = true
executor = "natve"
"#), @r#"
        error: unknown executor `natve` in [build] of my.toml
          --> my.toml:4:12
           |
         4 | executor = "natve"
           |            ^^^^^^^ did you mean `native`?
        "#);
}

#[test]
fn directory_together_with_ref() {
    insta::assert_snapshot!(errors_of(r#"summary = "x"
[source]
directory = "../kubernetes"
ref = "v1.34.1"
[build]
all = true
"#), @r#"
        error: `directory` together with `ref` in [source] of my.toml
          --> my.toml:4:7
           |
         4 | ref = "v1.34.1"
           |       ^^^^^^^^^ a directory is built as it is: keep one of them
        "#);
}

#[test]
fn ref_that_looks_like_an_option() {
    insta::assert_snapshot!(errors_of(r#"summary = "x"
[source]
ref = "--upload-pack=x"
repo = ""
[build]
all = true
"#), @r#"
        error: unusable `ref` in [source] of my.toml
          --> my.toml:3:7
           |
         3 | ref = "--upload-pack=x"
           |       ^^^^^^^^^^^^^^^^^ it looks like an option

        error: unusable `repo` in [source] of my.toml
          --> my.toml:4:8
           |
         4 | repo = ""
           |        ^^ it is empty
        "#);
}

#[test]
fn limits_that_cannot_be() {
    insta::assert_snapshot!(errors_of(r#"summary = "x"
[build]
all = true
[limits]
memory = "much"
jobs = 0
"#), @r#"
        error: unusable `memory` in [limits] of my.toml
          --> my.toml:5:10
           |
         5 | memory = "much"
           |          ^^^^^^ `much` is not a size: write it as a number with a unit, for example 600MiB or 2GiB

        error: unusable `jobs` in [limits] of my.toml
          --> my.toml:6:8
           |
         6 | jobs = 0
           |        ^ expected 1 or more
        "#);
}

#[test]
fn no_memory_at_all() {
    insta::assert_snapshot!(errors_of(r#"summary = "x"
[build]
all = true
[limits]
memory = "0MiB"
jobs = 99999999999
"#), @r#"
        error: unusable `memory` in [limits] of my.toml
          --> my.toml:5:10
           |
         5 | memory = "0MiB"
           |          ^^^^^^ it is nothing; leave it out to use what is free

        error: unusable `jobs` in [limits] of my.toml
          --> my.toml:6:8
           |
         6 | jobs = 99999999999
           |        ^^^^^^^^^^^ expected 1 or more
        "#);
}

#[test]
fn variables_that_kubewright_sets() {
    insta::assert_snapshot!(errors_of(r#"summary = "x"
[build]
all = true
[make]
WHAT = "cmd/kubectl"
KUBE_BUILD_PLATFORMS = "linux/amd64"
KUBE_GIT_VERSION_FILE = "/tmp/v"
GOMAXPROCS = "2"
"#), @r#"
        error: unusable variable `WHAT` in [make] of my.toml
          --> my.toml:5:1
           |
         5 | WHAT = "cmd/kubectl"
           | ^^^^ kubewright sets it: say what to build by `components` in [build]

        error: unusable variable `KUBE_BUILD_PLATFORMS` in [make] of my.toml
          --> my.toml:6:1
           |
         6 | KUBE_BUILD_PLATFORMS = "linux/amd64"
           | ^^^^^^^^^^^^^^^^^^^^ kubewright sets it: use `platforms` in [build]

        error: unusable variable `KUBE_GIT_VERSION_FILE` in [make] of my.toml
          --> my.toml:7:1
           |
         7 | KUBE_GIT_VERSION_FILE = "/tmp/v"
           | ^^^^^^^^^^^^^^^^^^^^^ kubewright sets it: the stamp follows from the commit

        error: unusable variable `GOMAXPROCS` in [make] of my.toml
          --> my.toml:8:1
           |
         8 | GOMAXPROCS = "2"
           | ^^^^^^^^^^ kubewright sets it: use `jobs` in [limits]
        "#);
}

#[test]
fn variables_that_make_would_misread() {
    insta::assert_snapshot!(errors_of(r#"summary = "x"
[build]
all = true
[make]
"A B" = "1"
GOLDFLAGS = "-X a=$(shell id)"
DBG = 1
"#), @r#"
        error: unusable variable `A B` in [make] of my.toml
          --> my.toml:5:1
           |
         5 | "A B" = "1"
           | ^^^^^ a name has letters, digits and `_`, and does not begin with a digit

        error: unusable variable `GOLDFLAGS` in [make] of my.toml
          --> my.toml:6:13
           |
         6 | GOLDFLAGS = "-X a=$(shell id)"
           |             ^^^^^^^^^^^^^^^^^^ make would expand `$`; write the value itself

        error: wrong type of `DBG` in [make] of my.toml
          --> my.toml:7:7
           |
         7 | DBG = 1
           |       ^ expected a text in quotes, found a whole number
        "#);
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
                executor: Executor::Native,
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
