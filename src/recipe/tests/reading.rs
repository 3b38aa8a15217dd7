//! Errors of syntax, keys and types, and what is missing.

use super::errors_of;

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
