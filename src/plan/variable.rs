//! Which variables a user may pass to make, and which are kubewright's own.

use super::Goal;

/// The arguments that a plan makes of its request: they are its own, and nobody else's, only where it makes them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct OwnArguments {
    /// `WHAT`, by which components are named.
    pub what: bool,
    /// `KUBE_BUILD_PLATFORMS`.
    pub platforms: bool,
}

impl OwnArguments {
    /// Those of a plan for a goal. Components are always built for some platform; a target only where one is named.
    pub fn of(goal: &Goal, names_platforms: bool) -> OwnArguments {
        let is_target = matches!(goal, Goal::Target(_));
        OwnArguments {
            what: !is_target,
            platforms: !is_target || names_platforms,
        }
    }

    fn reserved(self, name: &str) -> Option<&'static Reserved> {
        let table = RESERVED.iter().chain(self.what.then_some(&WHAT));
        let mut table = table.chain(self.platforms.then_some(&PLATFORMS));
        table.find(|reserved| reserved.names.contains(&name))
    }
}

/// Variables that are not the user's to set.
#[derive(Debug, Eq, PartialEq)]
struct Reserved {
    names: &'static [&'static str],
    why: &'static str,
    instead: &'static str,
}

const WHAT: Reserved = Reserved {
    names: &["WHAT"],
    why: "kubewright makes it of the components",
    instead: "name components: `kubewright build component NAME…`, or `components` in [build] of a recipe",
};

const PLATFORMS: Reserved = Reserved {
    names: &["KUBE_BUILD_PLATFORMS"],
    why: "kubewright makes it of the platforms",
    instead: "name platforms: `--platform`, or `platforms` in [build] of a recipe",
};

/// What every plan or attempt sets, or relies on. GOFLAGS is not among it: users need it for build tags, and the plan adds its
/// own flags to theirs.
const RESERVED: [Reserved; 6] = [
    Reserved {
        names: &[
            "KUBE_GIT_VERSION_FILE",
            "KUBE_GIT_VERSION",
            "KUBE_GIT_COMMIT",
            "KUBE_GIT_TREE_STATE",
            "KUBE_GIT_MAJOR",
            "KUBE_GIT_MINOR",
        ],
        why: "the stamp follows from the commit",
        instead: "build another commit, or set a tag at it: `--ref`",
    },
    Reserved {
        names: &["SOURCE_DATE_EPOCH"],
        why: "it is the time of the commit",
        instead: "build another commit: `--ref`",
    },
    Reserved {
        names: &[
            "FORCE_HOST_GO",
            "GOTOOLCHAIN",
            "GO_VERSION",
            "GOENV",
            "GOROOT",
        ],
        why: "the tree says which Go it needs",
        instead: "`--go host` takes this machine's Go",
    },
    Reserved {
        names: &["GOMAXPROCS", "MAKEFLAGS"],
        why: "kubewright makes it of the number of jobs",
        instead: "say how many: `--jobs`, or `jobs` in [limits] of a recipe",
    },
    Reserved {
        names: &["KUBE_OUTPUT_SUBPATH", "KUBE_OUTPUT", "OUT_DIR"],
        why: "artifacts are collected from where the tree puts them",
        instead: "`--out DIR` copies them",
    },
    Reserved {
        names: &["SHELL", "MAKE", "KUBE_ROOT"],
        why: "the tree's Makefile sets it",
        instead: "leave it out",
    },
];

/// Why a variable is not passed to make.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidMakeVariable {
    /// No name that make and a shell both know as a variable's.
    #[error("a name has letters, digits and `_`, and does not begin with a digit")]
    Name,
    /// It is not the user's to set.
    #[error("{why}")]
    Reserved {
        /// Who sets it, or what depends on it.
        why: &'static str,
        /// What does what was meant, on the command line and in a recipe.
        instead: &'static str,
    },
    /// make would expand it, and a function such as `$(shell …)` runs a command.
    #[error("make would expand `$`; `$$` stands for one")]
    Expands,
    /// A line's end or another control character.
    #[error("a value is one line without control characters")]
    Control,
}

/// Whether `name=value` can be passed to make as an argument, beside those that the plan makes itself.
///
/// # Errors
///
/// Why not.
pub fn check_make_variable(
    name: &str,
    value: &str,
    own: OwnArguments,
) -> Result<(), InvalidMakeVariable> {
    let begins_well = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if !begins_well || name.contains(|c: char| !c.is_ascii_alphanumeric() && c != '_') {
        return Err(InvalidMakeVariable::Name);
    }
    if let Some(&Reserved { why, instead, .. }) = own.reserved(name) {
        return Err(InvalidMakeVariable::Reserved { why, instead });
    }
    if value.replace("$$", "").contains('$') {
        return Err(InvalidMakeVariable::Expands);
    }
    if value.contains(char::is_control) {
        return Err(InvalidMakeVariable::Control);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMPONENTS: OwnArguments = OwnArguments {
        what: true,
        platforms: true,
    };

    fn check(name: &str, value: &str) -> Result<(), InvalidMakeVariable> {
        check_make_variable(name, value, COMPONENTS)
    }

    #[test]
    fn a_target_may_be_told_what_its_plan_does_not_say() {
        let target = Goal::Target("verify".to_owned());
        let refused = |goal: &Goal, names_platforms: bool, name: &str| {
            check_make_variable(name, "x", OwnArguments::of(goal, names_platforms)).is_err()
        };
        assert!(!refused(&target, false, "WHAT"));
        assert!(!refused(&target, false, "KUBE_BUILD_PLATFORMS"));
        assert!(!refused(&target, true, "WHAT"));
        assert!(refused(&target, true, "KUBE_BUILD_PLATFORMS"));
        assert!(refused(&target, false, "KUBE_GIT_VERSION"));
        for goal in [Goal::All, Goal::Components(vec!["kubectl".to_owned()])] {
            assert!(refused(&goal, false, "WHAT"));
            assert!(refused(&goal, false, "KUBE_BUILD_PLATFORMS"));
        }
    }

    #[test]
    fn passes_what_builds_need() {
        for (name, value) in [
            ("DBG", "1"),
            ("GOLDFLAGS", "-s -w"),
            ("GOLDFLAGS", ""),
            ("GOFLAGS", "-tags=providerless"),
            ("KUBE_PARALLEL_BUILD_MEMORY", "9999"),
            ("KUBE_TEST_ARGS", "-run ^TestPod$$"),
        ] {
            assert_eq!(check(name, value), Ok(()), "{name}={value}");
        }
    }

    #[test]
    fn refuses_what_is_no_variable_or_would_run() {
        for name in ["", "1A", "A-B", "A B", "A=B", "-j", "Ä"] {
            assert_eq!(check(name, "x"), Err(InvalidMakeVariable::Name), "{name}");
        }
        for value in ["$(shell id)", "$", "$$$(shell id)"] {
            assert_eq!(check("A", value), Err(InvalidMakeVariable::Expands));
        }
        assert_eq!(check("A", "x\ny"), Err(InvalidMakeVariable::Control));
    }
}
