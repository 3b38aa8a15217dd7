//! The checks of tools.

use super::{Check, Fix, Status};
use crate::host::tool::{Need, Tool, ToolFacts};

impl Check {
    /// One check for each tool that is needed, in the order of the first need. A tool of which
    /// nothing is known counts as absent: probe for all that is needed.
    pub fn tools(facts: &[ToolFacts], needs: &[Need]) -> Vec<Check> {
        let mut tools: Vec<Tool> = Vec::new();
        for need in needs {
            if !tools.contains(&need.tool) {
                tools.push(need.tool);
            }
        }
        tools
            .into_iter()
            .map(|tool| {
                let found = facts.iter().find(|facts| facts.tool == tool);
                let needs: Vec<&Need> = needs.iter().filter(|need| need.tool == tool).collect();
                Check::tool(tool, found, &needs)
            })
            .collect()
    }

    fn tool(tool: Tool, facts: Option<&ToolFacts>, needs: &[&Need]) -> Check {
        let check = match facts.and_then(|facts| Some((facts, facts.path.as_ref()?))) {
            None => Check::tool_check(tool, Status::Failed, absence(tool, needs)),
            Some((facts, _)) if is_too_old(facts) => {
                Check::tool_check(tool, Status::Failed, oldness(facts))
            }
            Some((facts, path)) => {
                let message = format!("{} at `{}`", facts.label(), path.display());
                Check::tool_check(tool, Status::Passed, message)
            }
        };
        if needs.iter().any(|need| need.required) {
            check
        } else {
            check.lenient()
        }
    }

    fn tool_check(tool: Tool, status: Status, message: String) -> Check {
        let id = match tool {
            Tool::Buildx => "tool.buildx".to_owned(),
            _ => format!("tool.{tool}"),
        };
        Check {
            fix: (status != Status::Passed).then_some(Fix::Install { tool }),
            ..Check::new(&id, &tool.to_string(), status, message)
        }
    }

    /// The toolchain that was settled on; `origin` says where it comes from. It never fails: what
    /// cannot be had is the toolchain's own error.
    pub fn toolchain(version: &str, origin: &str) -> Check {
        Check::passed("toolchain", "toolchain", format!("go{version} {origin}"))
            .with_brief(format!("go{version}"))
    }
}

/// ``there is no `rsync` on PATH, needed by this tree (binaries are placed by rsync …)``
fn absence(tool: Tool, needs: &[&Need]) -> String {
    let reasons: Vec<String> = needs
        .iter()
        .map(|need| format!("by {} ({})", need.by, need.why))
        .collect();
    let what = match tool {
        Tool::Buildx => "there is no `docker buildx`".to_owned(),
        _ => format!("there is no `{tool}` on PATH"),
    };
    if reasons.is_empty() {
        what
    } else {
        format!("{what}, needed {}", reasons.join("; "))
    }
}

/// Whether its version is known and below what upstream's scripts accept.
fn is_too_old(facts: &ToolFacts) -> bool {
    match (facts.version_numbers(), facts.tool.least_version()) {
        (Some(version), Some(least)) => version < least,
        _ => false,
    }
}

fn oldness(facts: &ToolFacts) -> String {
    let (major, minor) = facts.tool.least_version().unwrap_or_default();
    let path = facts.path.as_deref().unwrap_or_else(|| "".as_ref());
    format!(
        "{} at `{}` is too old: upstream's scripts ask for {major}.{minor} or newer",
        facts.label(),
        path.display()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_that_is_there_is_told_with_version_and_place() {
        let facts = [ToolFacts::found(Tool::Make, "4.3")];
        let checks = Check::tools(&facts, &[Need::required(Tool::Make, "all", "it is make")]);
        assert_eq!(checks.len(), 1);
        assert_eq!(checks[0].status, Status::Passed);
        assert_eq!(checks[0].message, "make 4.3 at `/usr/bin/make`");
        assert_eq!(checks[0].fix, None);
    }

    #[test]
    fn a_tool_that_is_absent_says_who_needs_it_and_why() {
        let facts = [ToolFacts::absent(Tool::Rsync)];
        let check = Check::tools(&facts, &[Need::rsync_placement()]).remove(0);
        assert_eq!(
            (check.id.as_str(), check.status),
            ("tool.rsync", Status::Failed)
        );
        assert_eq!(
            check.message,
            "there is no `rsync` on PATH, needed by this tree (binaries are placed by rsync in this \
             tree; without it make ends with 0 and leaves no binary)"
        );
        assert_eq!(check.fix, Some(Fix::Install { tool: Tool::Rsync }));
        assert!(!check.overridable);
    }

    #[test]
    fn needs_of_one_tool_are_one_check_that_fails_if_any_is_required() {
        let optional = Need::optional(Tool::Cc, "a", "x");
        let needs = [optional.clone(), Need::cgo(&["kubelet", "kube-proxy"])];
        let checks = Check::tools(&[], &needs);
        assert_eq!(checks.len(), 1);
        assert_eq!(checks[0].status, Status::Failed);
        assert!(
            checks[0]
                .message
                .contains("needed by a (x); by kubelet and kube-proxy (it is")
        );
        assert_eq!(Check::tools(&[], &[optional])[0].status, Status::Warned);
    }

    #[test]
    fn the_bash_of_macos_is_too_old() {
        let need = [Need::required(Tool::Bash, "every build", "scripts")];
        let status =
            |version: &str| Check::tools(&[ToolFacts::found(Tool::Bash, version)], &need)[0].status;
        assert_eq!(status("3.2.57"), Status::Failed);
        assert_eq!(status("4.1.2"), Status::Failed);
        assert_eq!(status("4.2.46"), Status::Passed);
        assert_eq!(status("5.2.15"), Status::Passed);
    }

    #[test]
    fn the_toolchain_is_part_of_the_summary() {
        let check = Check::toolchain("1.24.6", "from the store");
        assert_eq!(check.brief.as_deref(), Some("go1.24.6"));
    }
}
