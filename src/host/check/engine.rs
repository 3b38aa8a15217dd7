//! The check whether a container engine answers.

use super::{Check, Fix};
use crate::bytes::Bytes;
use crate::engine::EngineProfile;
use crate::host::choice::{Choice, TooLittle};
use crate::host::engine::{EngineFacts, EngineState};
use crate::host::free_memory::MemoryFacts;
use crate::host::tool::Tool;

impl Check {
    /// Whether the build's forecast fits the memory of the engine's machine, of which it may not be known how much is free.
    pub fn engine_memory(
        facts: Option<&MemoryFacts>,
        budget: Option<Bytes>,
        knows_free: bool,
        outcome: &Result<Choice, TooLittle>,
    ) -> Check {
        let check = Check::memory(facts, budget, outcome);
        Check {
            message: check
                .message
                .replace("the machine has", "the engine's machine has"),
            brief: check.brief.map(|brief| {
                if knows_free {
                    brief
                } else {
                    brief.replace(" free,", " in all,")
                }
            }),
            ..check
        }
    }

    /// What is known of an engine that answers, and what it lacks. `limited` says that a container is to be held to a limit
    /// of memory.
    pub fn engine_profile(profile: &EngineProfile, limited: bool) -> Check {
        let said = format!(
            "{}, API {}, {} on {}",
            profile.title(),
            profile.api_version,
            profile.storage_driver,
            profile.machine
        );
        let lacks = |what: &str| Check::warned(Check::ENGINE, "engine", format!("{said}: {what}"));
        let check = if limited && !profile.limits_memory {
            lacks("it cannot limit memory, so the container is not held to `--memory`")
        } else if profile.storage_driver == "vfs" {
            lacks("its storage driver vfs copies the whole image for every container")
        } else if profile.storage_driver == "devicemapper" {
            lacks("its storage driver devicemapper is slow, and limits containers to 10 GB")
        } else {
            Check::passed(Check::ENGINE, "engine", said)
        };
        check.with_brief(profile.title())
    }

    /// Whether the engine answers. A missing command is told apart: it is a missing tool.
    pub fn engine(facts: &EngineFacts) -> Check {
        let said = facts.message.as_deref().unwrap_or("it said nothing");
        let failed =
            |message: String, fix: Fix| Check::failed(Check::ENGINE, "engine", message, fix);
        match facts.state {
            EngineState::Reachable => Check::passed(
                Check::ENGINE,
                "engine",
                format!(
                    "Docker {}, API {}",
                    facts.version.as_deref().unwrap_or("unknown"),
                    facts.api_version.as_deref().unwrap_or("unknown")
                ),
            ),
            EngineState::NoCommand => Check {
                id: "tool.docker".to_owned(),
                ..failed(
                    "there is no `docker` on PATH to reach an engine with".to_owned(),
                    Fix::Install { tool: Tool::Docker },
                )
            },
            EngineState::Forbidden => failed(
                format!("the engine does not let this user in: {said}"),
                Fix::commands(
                    "join the group that may, then log in again",
                    vec!["sudo usermod -aG docker \"$USER\"".to_owned()],
                ),
            ),
            EngineState::Unreachable => failed(
                format!("the `docker` command is there, but no engine answers it: {said}"),
                Fix::advise(
                    "Start the engine: `sudo systemctl start docker`; without systemd \
                     `sudo dockerd`; on macOS Docker Desktop.",
                ),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::check::Status;

    fn facts(state: EngineState, message: &str) -> EngineFacts {
        EngineFacts {
            state,
            version: Some("20.10.24".to_owned()),
            api_version: Some("1.41".to_owned()),
            message: Some(message.to_owned()),
        }
    }

    #[test]
    fn says_what_is_wrong_with_the_engine() {
        let check = Check::engine(&facts(EngineState::Reachable, ""));
        assert_eq!(
            (check.status, check.message.as_str()),
            (Status::Passed, "Docker 20.10.24, API 1.41")
        );
        for (state, id, part) in [
            (EngineState::NoCommand, "tool.docker", "no `docker` on PATH"),
            (
                EngineState::Forbidden,
                "engine",
                "does not let this user in: why",
            ),
            (
                EngineState::Unreachable,
                "engine",
                "no engine answers it: why",
            ),
        ] {
            let check = Check::engine(&facts(state, "why"));
            assert_eq!((check.status, check.id.as_str()), (Status::Failed, id));
            assert!(check.message.contains(part), "{}", check.message);
            assert!(check.fix.is_some() && !check.overridable);
        }
    }
}
