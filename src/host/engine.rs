//! Whether a container engine answers.

use std::ffi::OsStr;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ask::{Answer, Asking};
use super::tool::Tool;

/// What the `docker` command says of its engine.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct EngineFacts {
    /// Whether it answers.
    pub state: EngineState,
    /// The engine's version, such as `20.10.24`, when it answers.
    pub version: Option<String>,
    /// The newest version of the Engine API that it speaks, such as `1.41`.
    pub api_version: Option<String>,
    /// The last line of what the command said, when there is no answer.
    pub message: Option<String>,
}

/// Whether an engine answers, and if not, why.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EngineState {
    /// It answers.
    Reachable,
    /// There is no `docker` command to ask.
    NoCommand,
    /// Its socket is there, but this user may not use it.
    Forbidden,
    /// Nothing answers.
    Unreachable,
}

impl EngineFacts {
    /// Asks the `docker` command on `path`. It follows DOCKER_HOST and contexts as the user's own
    /// calls do.
    pub(super) fn probe(path: &OsStr, timeout: Duration) -> EngineFacts {
        let Some(docker) = Tool::Docker.find(path) else {
            return EngineFacts::without_answer(EngineState::NoCommand, None);
        };
        let format = "{{.Server.Version}} {{.Server.APIVersion}}";
        let asking = Asking { path, timeout };
        match asking.ask(&docker, &["version", "--format", format], &[]) {
            Ok(Some(answer)) => EngineFacts::of(&answer),
            Ok(None) => EngineFacts::without_answer(
                EngineState::Unreachable,
                Some(format!("no answer within {} s", timeout.as_secs())),
            ),
            Err(error) => {
                EngineFacts::without_answer(EngineState::Unreachable, Some(error.to_string()))
            }
        }
    }

    fn of(answer: &Answer) -> EngineFacts {
        let mut words = answer.stdout.split_whitespace();
        if let (true, Some(version), Some(api_version)) =
            (answer.success, words.next(), words.next())
        {
            return EngineFacts {
                state: EngineState::Reachable,
                version: Some(version.to_owned()),
                api_version: Some(api_version.to_owned()),
                message: None,
            };
        }
        let last = answer.stderr.lines().rfind(|line| !line.trim().is_empty());
        let state = if answer.stderr.contains("permission denied") {
            EngineState::Forbidden
        } else {
            EngineState::Unreachable
        };
        EngineFacts::without_answer(state, last.map(|line| line.trim().to_owned()))
    }

    fn without_answer(state: EngineState, message: Option<String>) -> EngineFacts {
        EngineFacts {
            state,
            version: None,
            api_version: None,
            message,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::fixture::Fixture;

    fn probe(script: &str) -> EngineFacts {
        let fixture = Fixture::default().program("docker", script);
        EngineFacts::probe(fixture.path("bin").as_os_str(), Duration::from_mins(1))
    }

    #[test]
    fn an_engine_that_answers_tells_its_versions() {
        let facts = probe("echo 20.10.24 1.41");
        assert_eq!(facts.state, EngineState::Reachable);
        assert_eq!(facts.version.as_deref(), Some("20.10.24"));
        assert_eq!(facts.api_version.as_deref(), Some("1.41"));
    }

    #[test]
    fn a_command_without_an_engine_is_told_from_a_forbidden_socket() {
        let down = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. \
                    Is the docker daemon running?";
        let facts = probe(&format!("echo; echo '{down}' >&2; exit 1"));
        assert_eq!(facts.state, EngineState::Unreachable);
        assert_eq!(facts.message.as_deref(), Some(down));

        let denied = "permission denied while trying to connect to the Docker daemon socket";
        let facts = probe(&format!("echo 'Got {denied}' >&2; exit 1"));
        assert_eq!(facts.state, EngineState::Forbidden);
    }

    #[test]
    fn without_the_command_there_is_nobody_to_ask() {
        let empty = Fixture::default().folder("bin");
        let facts = EngineFacts::probe(empty.path("bin").as_os_str(), Duration::from_secs(1));
        assert_eq!(facts.state, EngineState::NoCommand);
    }
}
