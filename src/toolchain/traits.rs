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
            switches_toolchains: version.is_at_least(1, 21),
        }
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
        assert!(!of("1.20.14").switches_toolchains && of("1.21.0").switches_toolchains);
    }
}
