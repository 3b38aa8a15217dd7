//! `kubewright demo`: a short guided run on the embedded repository. Every step is a command that is printed and then run
//! as if it had been typed: there is nothing here that a user could not do by hand.

use std::io;

use super::source_place::search_path;
use super::{Call, Ended, setup};
use crate::cli::DemoArgs;
use crate::error::{Explain, Kind};
use crate::host::{HostFacts, Need, ProbeRequest, Tool};
use crate::report::{Output, Style};
use crate::run::quoted;
use crate::settings::Layer;

/// The least Go that the embedded repository compiles with.
const LEAST_GO: (u32, u32) = (1, 19);

struct Scene {
    text: &'static str,
    command: &'static [&'static str],
    /// The exit code that the scene is about.
    expected: i32,
}

const TOUR: &[Scene] = &[
    Scene {
        text: "What can be built? Everything is read from the tree itself.",
        command: &["targets", "--repo", "demo"],
        expected: 0,
    },
    Scene {
        text: "The plan: each step with its command, its environment, and why.",
        command: &[
            "build",
            "component",
            "kubectl",
            "--repo",
            "demo",
            "--dry-run",
        ],
        expected: 0,
    },
    Scene {
        text: "The build: checks, then make with progress, then a look at the binary.",
        command: &["build", "component", "kubectl", "--repo", "demo"],
        expected: 0,
    },
    Scene {
        text: "The same again: there is nothing to do.",
        command: &["build", "component", "kubectl", "--repo", "demo"],
        expected: 0,
    },
    Scene {
        text: "What is left behind, and whether it is still what was built.",
        command: &["artifacts", "verify"],
        expected: 0,
    },
];

const FAILURE: &[Scene] = &[
    Scene {
        text: "A build that fails: this build tag pulls in code that does not compile.",
        command: &[
            "build",
            "component",
            "kubectl",
            "--repo",
            "demo",
            "--",
            "GOFLAGS=-tags=broken",
        ],
        expected: 1,
    },
    Scene {
        text: "The whole log is kept.",
        command: &["logs"],
        expected: 0,
    },
];

#[derive(Debug, thiserror::Error)]
enum DemoError {
    #[error("`kubewright {command}` ended {} instead of with {expected}", how(*.code))]
    Unexpected {
        command: String,
        code: Option<i32>,
        expected: i32,
    },
    #[error("kubewright cannot call itself")]
    NotRun(#[from] io::Error),
}

impl Explain for DemoError {
    fn kind(&self) -> Kind {
        Kind::Step
    }

    fn hints(&self) -> Vec<String> {
        vec!["`kubewright doctor` says what this machine lacks; `kubewright demo --setup` installs it".to_owned()]
    }
}

fn how(code: Option<i32>) -> String {
    code.map_or("by a signal".to_owned(), |code| format!("with {code}"))
}

pub(super) fn run(arguments: &DemoArgs, call: &Call) -> Result<(), Ended> {
    mend(arguments, call)?;
    let scenes = if arguments.fail { FAILURE } else { TOUR };
    let host_go = host_go_suffices(call);
    for (number, scene) in scenes.iter().enumerate() {
        if call.cancel.is_requested() {
            return Err(Ended::Reported(128 + call.cancel.signal()));
        }
        play(scene, number + 1, scenes.len(), host_go)?;
    }
    let next = if arguments.fail {
        "Next: `kubewright doctor` on what this machine can build."
    } else {
        "Next: `kubewright demo --fail`, or the real thing:\n`kubewright build component kubectl --ref v1.34.1 --setup`"
    };
    Output.talk(&format!("\n{next}"));
    Ok(())
}

fn play(scene: &Scene, number: usize, of: usize, host_go: bool) -> Result<(), DemoError> {
    let mut words: Vec<&str> = scene.command.to_vec();
    // The miniature compiles with any Go from 1.19 on: the host's saves a download.
    if host_go && words[0] == "build" {
        let end = words
            .iter()
            .position(|word| *word == "--")
            .unwrap_or(words.len());
        words.splice(end..end, ["--go", "host"]);
    }
    let typed = words
        .iter()
        .map(|word| quoted(word))
        .collect::<Vec<_>>()
        .join(" ");
    let style = Style::of_stderr();
    Output.talk(&format!(
        "\n{} {}",
        style.good(&format!("[{number}/{of}]")),
        scene.text
    ));
    Output.talk(&format!(
        "{} {}\n",
        style.faint("$"),
        style.accent(&format!("kubewright {typed}"))
    ));
    let output = duct::cmd(std::env::current_exe()?, &words)
        .unchecked()
        .run()?;
    match output.status.code() {
        Some(code) if code == scene.expected => Ok(()),
        code => Err(DemoError::Unexpected {
            command: typed,
            code,
            expected: scene.expected,
        }),
    }
}

fn mend(arguments: &DemoArgs, call: &Call) -> Result<(), Ended> {
    let path = search_path(&call.environment);
    let needed: Vec<Tool> = Need::native_build()
        .iter()
        .map(|need| need.tool)
        .chain([Tool::Go])
        .collect();
    let host = HostFacts::probe(&ProbeRequest {
        tools: &needed,
        ..ProbeRequest::new(&path)
    });
    let missing = |tool: &Tool| {
        !host
            .tool(*tool)
            .is_some_and(crate::host::ToolFacts::is_present)
    };
    let missing: Vec<Tool> = needed.iter().copied().filter(missing).collect();
    let settings = call.settings(Layer::none())?;
    setup::mend(&missing, arguments.setup, &settings, call)?;
    Ok(())
}

fn host_go_suffices(call: &Call) -> bool {
    let path = search_path(&call.environment);
    let host = HostFacts::probe(&ProbeRequest {
        tools: &[Tool::Go],
        ..ProbeRequest::new(&path)
    });
    let version = host
        .tool(Tool::Go)
        .and_then(|tool| tool.version.clone())
        .unwrap_or_default();
    let mut numbers = version
        .split('.')
        .map(|part| part.parse::<u32>().unwrap_or_default());
    (
        numbers.next().unwrap_or_default(),
        numbers.next().unwrap_or_default(),
    ) >= LEAST_GO
}
