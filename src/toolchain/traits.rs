//! What is special about a version of Go: data in this one place, so that nothing else compares
//! versions.

use super::GoVersion;

/// How a version of Go behaves where versions differ.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct GoTraits {
    /// Its root is compiled in, so that it needs GOROOT wherever else it lies; since 1.9 Go finds
    /// it from its own path (<https://go.dev/doc/go1.9#goroot>). Without GOROOT, 1.8 reads the
    /// host's `/usr/local/go` and fails.
    pub needs_goroot: bool,
    /// It takes flags from GOFLAGS in the environment (<https://go.dev/doc/go1.11#gocommand>).
    pub reads_goflags: bool,
    /// It reads the settings that the user made with `go env -w`, unless GOENV is `off`
    /// (<https://go.dev/doc/go1.13#go-command>).
    pub reads_go_env_settings: bool,
    /// It asks Git about the tree and writes what it hears into every binary, unless `-buildvcs=false`
    /// (<https://go.dev/doc/go1.18#go-version>).
    pub stamps_vcs: bool,
    /// It writes an index of the packages that it reads into its cache, by path and time, unless
    /// GODEBUG says `goindex=0` (<https://go.dev/src/cmd/go/internal/modindex/read.go>).
    pub indexes_packages: bool,
    /// It obeys GOTOOLCHAIN, and downloads and verifies other versions
    /// (<https://go.dev/doc/toolchain>).
    pub switches_toolchains: bool,
}

impl GoTraits {
    /// The traits of a version; its pre-releases have them too.
    pub fn of(version: &GoVersion) -> GoTraits {
        GoTraits {
            needs_goroot: !version.is_at_least(1, 9),
            reads_goflags: version.is_at_least(1, 11),
            reads_go_env_settings: version.is_at_least(1, 13),
            stamps_vcs: version.is_at_least(1, 18),
            indexes_packages: version.is_at_least(1, 19),
            switches_toolchains: version.is_at_least(1, 21),
        }
    }

    /// What makes a Go with its root at `root` be itself and no other, whatever the user has set:
    /// variables of the environment, as far as this version knows them.
    pub fn variables(&self, root: &str) -> Vec<(&'static str, String)> {
        let known = [
            (self.needs_goroot, "GOROOT", root),
            // What the user set by `go env -w` may be flags that this version does not know.
            (self.reads_go_env_settings, "GOENV", "off"),
            (self.switches_toolchains, "GOTOOLCHAIN", "local"),
        ];
        let known = known.into_iter().filter(|(is_known, ..)| *is_known);
        known
            .map(|(_, name, value)| (name, value.to_owned()))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_trait_begins_with_its_release() {
        let of = |text: &str| GoTraits::of(&text.parse().unwrap());
        assert!(of("1.8.3").needs_goroot && !of("1.9rc1").needs_goroot);
        assert!(!of("1.10.8").reads_goflags && of("1.11").reads_goflags);
        assert!(!of("1.12.17").reads_go_env_settings && of("1.13.4").reads_go_env_settings);
        assert!(!of("1.17.13").stamps_vcs && of("1.18").stamps_vcs);
        assert!(!of("1.18.10").indexes_packages && of("1.19").indexes_packages);
        assert!(!of("1.20.14").switches_toolchains && of("1.21.0").switches_toolchains);
    }

    #[test]
    fn a_version_gets_the_variables_that_it_knows() {
        let names = |text: &str| {
            let variables = GoTraits::of(&text.parse().unwrap()).variables("/store/go");
            let names: Vec<_> = variables.iter().map(|(name, _)| *name).collect();
            names.join(" ")
        };
        assert_eq!(names("1.8.3"), "GOROOT");
        assert_eq!(names("1.12.17"), "");
        assert_eq!(names("1.13.15"), "GOENV");
        assert_eq!(names("1.24.6"), "GOENV GOTOOLCHAIN");
        let variables = GoTraits::of(&"1.8.3".parse().unwrap()).variables("/store/go");
        assert_eq!(variables, [("GOROOT", "/store/go".to_owned())]);
    }
}
