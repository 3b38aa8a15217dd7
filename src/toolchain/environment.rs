//! What a build needs in its environment to use one toolchain and no other.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use super::found::program_of;
use super::{GoTraits, Toolchain};

/// What a build with a toolchain has to find in its environment.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Environment {
    /// The folder that must be first on PATH.
    pub path_entry: PathBuf,
    /// The variables beside PATH; GOFLAGS of the host must not be among the others.
    pub variables: BTreeMap<&'static str, OsString>,
}

impl Toolchain {
    /// Its `go` program.
    pub fn program(&self) -> PathBuf {
        program_of(&self.root)
    }

    /// What is special about its version.
    pub fn traits(&self) -> GoTraits {
        GoTraits::of(&self.version)
    }

    /// What makes the tree's scripts and Go itself use this toolchain and no other.
    pub fn environment(&self) -> Environment {
        let mut variables = BTreeMap::from([
            // The tree's scripts take the Go on PATH for any value that is not empty
            // (hack/lib/golang.sh).
            ("FORCE_HOST_GO", OsString::from("y")),
            // What the user set by `go env -w` may be flags that this version does not know.
            ("GOENV", OsString::from("off")),
            ("GOTOOLCHAIN", OsString::from("local")),
        ]);
        if self.traits().needs_goroot {
            variables.insert("GOROOT", self.root.clone().into());
        }
        Environment {
            path_entry: self.root.join("bin"),
            variables,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Origin;
    use super::*;

    #[test]
    fn the_environment_has_what_this_go_needs() {
        let of = |version: &str| {
            let toolchain = Toolchain {
                version: version.parse().unwrap(),
                wanted: None,
                root: PathBuf::from("/store/go"),
                origin: Origin::Store,
                warning: None,
            };
            toolchain.environment()
        };
        let new = of("1.24.6");
        assert_eq!(new.path_entry, PathBuf::from("/store/go/bin"));
        let names: Vec<_> = new.variables.keys().copied().collect();
        assert_eq!(names, ["FORCE_HOST_GO", "GOENV", "GOTOOLCHAIN"]);
        assert_eq!(of("1.8.3").variables["GOROOT"], "/store/go");
    }
}
