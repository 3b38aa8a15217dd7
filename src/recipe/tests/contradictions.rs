//! Values that cannot be, and values that contradict each other.

use super::{Recipe, errors_of};

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
           |              ^^^^^^^^^ expected OS/ARCH or one of client, server, node, all, host; did you mean `client`?

        error: unknown platform `linux-amd64` in [build] of my.toml
          --> my.toml:4:25
           |
         4 | platforms = ["clients", "linux-amd64"]
           |                         ^^^^^^^^^^^^^ expected OS/ARCH or one of client, server, node, all, host
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
           | ^^^^ kubewright makes it of the components: name components: `kubewright build component NAME…`, or `components` in [build] of a recipe

        error: unusable variable `KUBE_BUILD_PLATFORMS` in [make] of my.toml
          --> my.toml:6:1
           |
         6 | KUBE_BUILD_PLATFORMS = "linux/amd64"
           | ^^^^^^^^^^^^^^^^^^^^ kubewright makes it of the platforms: name platforms: `--platform`, or `platforms` in [build] of a recipe

        error: unusable variable `KUBE_GIT_VERSION_FILE` in [make] of my.toml
          --> my.toml:7:1
           |
         7 | KUBE_GIT_VERSION_FILE = "/tmp/v"
           | ^^^^^^^^^^^^^^^^^^^^^ the stamp follows from the commit: build another commit, or set a tag at it: `--ref`

        error: unusable variable `GOMAXPROCS` in [make] of my.toml
          --> my.toml:8:1
           |
         8 | GOMAXPROCS = "2"
           | ^^^^^^^^^^ kubewright makes it of the number of jobs: say how many: `--jobs`, or `jobs` in [limits] of a recipe
        "#);
}

#[test]
fn a_target_takes_what_its_plan_does_not_say() {
    let with = |line: &str| {
        let text = format!(
            "summary = \"x\"\n[build]\ntarget = \"verify\"\n{line}\n[make]\nWHAT = \"gofmt\"\nKUBE_BUILD_PLATFORMS = \"linux/amd64\"\n"
        );
        Recipe::parse("my.toml", &text)
    };
    assert_eq!(with("").unwrap().make["WHAT"], "gofmt");
    let error = with("platforms = [\"linux/arm64\"]")
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("unusable variable `KUBE_BUILD_PLATFORMS`"),
        "{error}"
    );
    assert!(!error.contains("unusable variable `WHAT`"), "{error}");
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
           |             ^^^^^^^^^^^^^^^^^^ make would expand `$`; `$$` stands for one

        error: wrong type of `DBG` in [make] of my.toml
          --> my.toml:7:7
           |
         7 | DBG = 1
           |       ^ expected a text in quotes, found a whole number
        "#);
}
