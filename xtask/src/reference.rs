//! `cargo xtask reference`: the pages that say what the program itself says.

use std::fmt::Write as _;

use clap::{Command, CommandFactory};
use kubewright::cli::Cli;
use kubewright::diagnose::{Applies, Diagnoses, Phase, Row};
use kubewright::error::Kind;
use kubewright::recipe;
use kubewright::settings::KEYS;

use super::Failure;
use super::generated::Page;

const NOTE: &str = "<!-- Written by `cargo xtask reference`. Do not edit. -->\n";

/// All pages of `docs/reference`.
pub(super) fn pages() -> Result<Vec<Page>, Failure> {
    Ok(vec![
        page("commands", "Commands", &commands()),
        page("settings", "Settings", &settings()),
        page("exit-codes", "Exit codes", &exit_codes()),
        page("recipes", "Built-in recipes", &recipes()?),
        page("diagnoses", "Diagnoses", &diagnoses()?),
    ])
}

fn page(name: &str, title: &str, body: &str) -> Page {
    Page {
        path: format!("docs/reference/{name}.md"),
        text: format!("{NOTE}\n# {title}\n\n{}\n", body.trim_end()),
    }
}

/// The help of every verb, as `--help` prints it in a terminal of 90 columns.
fn commands() -> String {
    let mut program = Cli::command().term_width(90);
    program.build();
    let mut text = String::new();
    help(&program, &mut text);
    text
}

fn help(command: &Command, text: &mut String) {
    let mut shown = command.clone();
    let name = shown
        .get_bin_name()
        .unwrap_or(command.get_name())
        .to_owned();
    let help = shown.render_long_help().to_string();
    let help: Vec<&str> = help.lines().map(str::trim_end).collect();
    let help = help.join("\n");
    let _ = write!(text, "## `{name}`\n\n```text\n{}\n```\n\n", help.trim_end());
    for verb in command.get_subcommands() {
        if verb.get_name() != "help" {
            self::help(verb, text);
        }
    }
}

fn settings() -> String {
    let mut text =
        "Where a setting may stand, and which one wins: [configuration](../configuration.md).\n\n\
                    | setting | variable | default | meaning |\n|---|---|---|---|\n"
            .to_owned();
    for key in KEYS {
        let default = if key.default.is_empty() {
            "not set".to_owned()
        } else {
            format!("`{}`", key.default)
        };
        let row = [
            format!("`{}`", key.name),
            format!("`{}`", key.variable),
            default,
            key.help.to_owned(),
        ];
        text += &table_row(&row);
    }
    text
}

const KINDS: [(Kind, &str); 12] = [
    (Kind::Step, "a step failed"),
    (
        Kind::Usage,
        "usage, configuration or recipe: an unknown component, platform or key, a ref that looks like an option",
    ),
    (
        Kind::Preflight,
        "a check before the start failed: memory, disk, a missing tool or toolchain, an output that cannot be written, a space in the path",
    ),
    (
        Kind::Source,
        "the source: an unknown ref, not a Kubernetes tree, no network, an image that cannot be had",
    ),
    (Kind::OutOfMemory, "a step ran out of memory"),
    (
        Kind::OutOfDisk,
        "a disk is full: a step, a download or standard output could not be written",
    ),
    (Kind::Engine, "the container engine cannot be reached"),
    (Kind::Findings, "there are findings: a failed verify"),
    (Kind::Bug, "a bug in kubewright"),
    (Kind::Signal(2), "interrupted: Ctrl-C"),
    (
        Kind::Signal(13),
        "the reader of `--message-format json` went away, and the build was stopped",
    ),
    (Kind::Signal(15), "terminated"),
];

fn exit_codes() -> String {
    let mut text = "One table for all verbs. The codes are part of the interface.\n\n\
                    | code | meaning |\n|---|---|\n| 0 | done |\n"
        .to_owned();
    for (kind, meaning) in KINDS {
        text += &table_row(&[kind.exit_code().to_string(), meaning.to_owned()]);
    }
    text
}

fn recipes() -> Result<String, Failure> {
    let mut text = "How to write one: [recipes](../recipes.md).\n".to_owned();
    for builtin in recipe::builtin() {
        let summary = builtin.recipe()?.summary;
        let _ = write!(
            text,
            "\n## `{}`\n\n{summary}.\n\n```toml\n{}\n```\n",
            builtin.name,
            builtin.text.trim_end()
        );
    }
    Ok(text)
}

fn diagnoses() -> Result<String, Failure> {
    let rows = Diagnoses::embedded()?.rows();
    let mut text = format!(
        "The {} failures that kubewright knows: [how they are used](../diagnoses.md). A word in braces is \
         filled in from the log or from the command that failed. The code is what a build [exits](exit-codes.md) \
         with.\n\n",
        rows.len()
    );
    for (phase, title) in [
        (Phase::Source, "Getting the tree"),
        (Phase::Preflight, "What could have been known before"),
        (Phase::Build, "While it builds"),
    ] {
        let _ = write!(
            text,
            "## {title}\n\n| id | cause | what mends it | what to type | code |\n|---|---|---|---|---|\n"
        );
        for row in rows.iter().filter(|row| row.phase == phase) {
            text += &diagnosis(row);
        }
        text.push('\n');
    }
    Ok(text)
}

fn diagnosis(row: &Row) -> String {
    let place = match row.applies {
        Applies::Any => "",
        Applies::Native => " (native)",
        Applies::Docker => " (with an engine)",
    };
    table_row(&[
        format!("[{}]({}){place}", row.id, row.link),
        row.cause.clone(),
        row.fix.clone(),
        format!("`{}`", row.command),
        row.failure.kind().exit_code().to_string(),
    ])
}

/// One row of a Markdown table. A bar ends a cell even in code, so it is escaped.
fn table_row(cells: &[String]) -> String {
    let cells: Vec<String> = cells
        .iter()
        .map(|cell| cell.replace('|', "\\|").replace('\n', " "))
        .collect();
    format!("| {} |\n", cells.join(" | "))
}
