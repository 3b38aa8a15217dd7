//! The targets of a tree's Makefile.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::makefile::{MakeTarget, Makefile};

/// What a target is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetKind {
    /// It is listed in `.PHONY`: `all`, `quick-release`.
    Phony,
    /// It builds the folder of its name: `kubectl`.
    Component,
    /// Another rule of the Makefile.
    Plain,
}

/// A target of the Makefile.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Target {
    /// What `make` is called with.
    pub name: String,
    /// What the target is.
    pub kind: TargetKind,
    /// What it does, in one line; empty where the tree does not say.
    pub summary: String,
    /// The tree's own help text, in lines; empty where there is none.
    pub help: String,
}

pub(super) fn read(makefile: &Makefile) -> Vec<Target> {
    makefile
        .targets
        .iter()
        .map(|(name, target)| Target {
            name: name.clone(),
            kind: kind(target),
            summary: summary(target),
            help: target.help.join("\n").trim().to_owned(),
        })
        .collect()
}

fn kind(target: &MakeTarget) -> TargetKind {
    match (target.is_command, target.is_phony) {
        (true, _) => TargetKind::Component,
        (false, true) => TargetKind::Phony,
        (false, false) => TargetKind::Plain,
    }
}

/// The help text of components is one for all of them, so they get a line of their own.
fn summary(target: &MakeTarget) -> String {
    match &target.package {
        Some(package) if target.is_command => format!("Build {package}"),
        _ => target
            .help
            .iter()
            .map(|line| line.trim())
            .find(|line| !line.is_empty())
            .unwrap_or_default()
            .to_owned(),
    }
}
