//! A step: one process with its arguments, environment and expected artifacts, on logical roots.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::equipment::Executor;
use crate::host::Tool;
use crate::platform::Platform;

/// A place that a plan names without knowing where it is on the machine that carries it out.
///
/// In the texts of a step it stands in braces; a brace that is meant as such is doubled.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Root {
    /// The tree.
    Source,
    /// The run's own folder.
    Run,
    /// The Go toolchain.
    Toolchain,
    /// The search path of the host, behind the toolchain's own.
    Path,
    /// The user's home directory.
    Home,
    /// Where a container keeps what Go compiled.
    Cache,
    /// Where the container engine listens, as `DOCKER_HOST` takes it.
    Engine,
    /// This program.
    Kubewright,
}

impl Root {
    /// Every root.
    pub const ALL: [Root; 8] = [
        Root::Source,
        Root::Run,
        Root::Toolchain,
        Root::Path,
        Root::Home,
        Root::Cache,
        Root::Engine,
        Root::Kubewright,
    ];

    /// The placeholder in a step's texts.
    pub fn placeholder(self) -> &'static str {
        match self {
            Root::Source => "{source}",
            Root::Run => "{run}",
            Root::Toolchain => "{toolchain}",
            Root::Path => "{path}",
            Root::Home => "{home}",
            Root::Cache => "{cache}",
            Root::Engine => "{engine}",
            Root::Kubewright => "{kubewright}",
        }
    }
}

/// Text in which braces stand for themselves.
pub fn literal(text: &str) -> String {
    text.replace('{', "{{").replace('}', "}}")
}

/// Replaces every placeholder by what `place` says of its root, and doubled braces by single ones.
pub fn locate(text: &str, place: impl Fn(Root) -> String) -> String {
    let mut located = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        located.push_str(&rest[..at]);
        rest = &rest[at..];
        let root = Root::ALL
            .into_iter()
            .find(|root| rest.starts_with(root.placeholder()));
        if let Some(root) = root {
            located.push_str(&place(root));
            rest = &rest[root.placeholder().len()..];
        } else {
            located.push_str(&rest[..1]);
            let doubled = rest.as_bytes().get(1) == rest.as_bytes().first();
            rest = &rest[1 + usize::from(doubled)..];
        }
    }
    located.push_str(rest);
    located
}

/// How a binary is linked.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Linkage {
    /// It needs no library at run time.
    Static,
    /// It needs the C library of the system that it runs on.
    Dynamic,
}

/// A file that a step must leave behind.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct ExpectedArtifact {
    /// The component's name.
    pub name: String,
    /// What it runs on.
    pub platform: Platform,
    /// Where make leaves it, relative to the source.
    pub path: String,
    /// How the tree links it; `None` where that cannot be told before.
    pub linkage: Option<Linkage>,
    /// What decides its content, as a hash; `None` where the tree has changes that are not committed.
    pub key: Option<String>,
}

/// A program that a step calls.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct ToolNeed {
    /// The program.
    pub tool: Tool,
    /// What it is needed for.
    pub why: String,
}

/// One process to run.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Step {
    /// The name of its log; unique in the plan.
    pub id: String,
    /// What it builds, for people: `kubectl linux/amd64`.
    pub title: String,
    /// Why it is there.
    pub why: String,
    /// What carries it out.
    #[serde(default)]
    pub executor: Executor,
    /// Program and arguments.
    pub argv: Vec<String>,
    /// The whole environment: nothing else of the caller's reaches the process, save the variables in `passes`.
    pub environment: BTreeMap<String, String>,
    /// Variables that are taken over from the caller where they are set there: proxies, certificates, the engine's address.
    pub passes: Vec<String>,
    /// The working directory.
    pub folder: String,
    /// The steps that must have succeeded before.
    pub needs: Vec<String>,
    /// What it compiles, and so how much memory it takes; empty where it compiles nothing that is known before.
    pub compiles: Vec<String>,
    /// The packages of what it compiles, as the tree spells them; empty where it compiles nothing that is known before.
    pub packages: Vec<String>,
    /// Whether an attempt may add flags for Go to it.
    #[serde(default = "yes")]
    pub takes_go_flags: bool,
    /// What the names of generated files begin with that the step writes anew: those that are as committed before it, and not
    /// after it, are put back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub puts_back: Vec<String>,
    /// Where Go keeps what it compiled; `None` where the tree leaves that to Go.
    pub cache: Option<String>,
    /// The programs that it calls.
    pub tools: Vec<ToolNeed>,
    /// What it must leave behind.
    pub artifacts: Vec<ExpectedArtifact>,
    /// Folders, relative to the source, below which every file that the step writes is an artifact too; where there are
    /// any, it must write at least one file there.
    pub collects: Vec<String>,
    /// Folders, relative to the source, whose files later steps work on: they are no artifacts, but there must be some.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hands_on: Vec<String>,
}

impl Step {
    /// Whether it is a cell of a matrix, which may run beside others: all that it writes is known, and lies in the output
    /// folder, of which every container can have one of its own.
    ///
    /// On the host there is one output folder a tree, and two makes in it take each other's files: each places the binaries
    /// of all platforms out of `_output/local/go/bin`, also those that another is just writing, and each removes and makes the
    /// link `_output/bin` (`kube::golang::place_bins`), which ends make where another made it in between. Trees that generate
    /// code write all over themselves, so in them nothing runs beside anything.
    pub fn is_cell(&self) -> bool {
        let generates = self.packages.is_empty() || !self.puts_back.is_empty();
        let is_known = self.collects.is_empty() && self.hands_on.is_empty();
        self.executor == Executor::Docker && !generates && is_known && !self.artifacts.is_empty()
    }

    /// Whether it is there for what it prints: `make help`, or any target with `PRINT_HELP=y`, which then explains itself.
    pub fn informs(&self) -> bool {
        let mut words = self.argv.iter().skip(1);
        self.artifacts.is_empty() && words.any(|word| word == "help" || word == "PRINT_HELP=y")
    }
}

/// Plans of before this was told took them.
fn yes() -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(root: Root) -> String {
        format!("/{}", root.placeholder().trim_matches(['{', '}']))
    }

    #[test]
    fn roots_are_located() {
        assert_eq!(
            locate("{toolchain}/bin:{path}", place),
            "/toolchain/bin:/path"
        );
        assert_eq!(locate("no root", place), "no root");
    }

    #[test]
    fn braces_that_are_meant_as_such_stay() {
        for text in [
            "{source}",
            "${HOME} {{x}}",
            "a } b { c",
            "{",
            "}}",
            "{sourc}",
            "é{è}",
        ] {
            assert_eq!(locate(&literal(text), place), text);
        }
    }
}
