//! Which variables a user may pass to make, and which kubewright sets itself.

/// The variables that kubewright sets, and what to use instead. GOFLAGS is not among them: users need it for build tags,
/// and the plan adds its own flags to theirs.
const RESERVED: [(&[&str], &str); 8] = [
    (&["WHAT"], "say what to build by `components` in [build]"),
    (&["KUBE_BUILD_PLATFORMS"], "use `platforms` in [build]"),
    (
        &[
            "KUBE_GIT_VERSION_FILE",
            "KUBE_GIT_VERSION",
            "KUBE_GIT_COMMIT",
            "KUBE_GIT_TREE_STATE",
            "KUBE_GIT_MAJOR",
            "KUBE_GIT_MINOR",
        ],
        "the stamp follows from the commit",
    ),
    (&["SOURCE_DATE_EPOCH"], "it is the time of the commit"),
    (
        &[
            "FORCE_HOST_GO",
            "GOTOOLCHAIN",
            "GO_VERSION",
            "GOENV",
            "GOROOT",
        ],
        "the tree says which Go it needs; `--go host` takes this machine's",
    ),
    (&["GOMAXPROCS", "MAKEFLAGS"], "use `jobs` in [limits]"),
    (
        &["KUBE_OUTPUT_SUBPATH", "KUBE_OUTPUT", "OUT_DIR"],
        "artifacts are collected from where the tree puts them; `--out` copies them",
    ),
    (
        &["SHELL", "MAKE", "KUBE_ROOT"],
        "the tree's Makefile sets it",
    ),
];

/// Why a variable is not passed to make.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidMakeVariable {
    /// No name that make and a shell both know as a variable's.
    #[error("a name has letters, digits and `_`, and does not begin with a digit")]
    Name,
    /// kubewright sets it.
    #[error("kubewright sets it: {0}")]
    Reserved(&'static str),
    /// make would expand it, and a function such as `$(shell …)` runs a command.
    #[error("make would expand `$`; write the value itself")]
    Expands,
    /// A line's end or another control character.
    #[error("a value is one line without control characters")]
    Control,
}

/// Whether `name=value` can be passed to make as an argument.
///
/// # Errors
///
/// Why not; the message says what to do instead.
pub fn check_make_variable(name: &str, value: &str) -> Result<(), InvalidMakeVariable> {
    let begins_well = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if !begins_well || name.contains(|c: char| !c.is_ascii_alphanumeric() && c != '_') {
        return Err(InvalidMakeVariable::Name);
    }
    if let Some((_, instead)) = RESERVED.iter().find(|(names, _)| names.contains(&name)) {
        return Err(InvalidMakeVariable::Reserved(instead));
    }
    if value.contains('$') {
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

    #[test]
    fn passes_what_builds_need() {
        for (name, value) in [
            ("DBG", "1"),
            ("GOLDFLAGS", "-s -w"),
            ("GOLDFLAGS", ""),
            ("GOFLAGS", "-tags=providerless"),
            ("KUBE_PARALLEL_BUILD_MEMORY", "9999"),
        ] {
            assert_eq!(check_make_variable(name, value), Ok(()), "{name}={value}");
        }
    }

    #[test]
    fn refuses_what_is_no_variable_or_would_run() {
        for name in ["", "1A", "A-B", "A B", "A=B", "-j", "Ä"] {
            assert_eq!(
                check_make_variable(name, "x"),
                Err(InvalidMakeVariable::Name),
                "{name}"
            );
        }
        assert_eq!(
            check_make_variable("A", "$(shell id)"),
            Err(InvalidMakeVariable::Expands)
        );
        assert_eq!(
            check_make_variable("A", "x\ny"),
            Err(InvalidMakeVariable::Control)
        );
    }
}
