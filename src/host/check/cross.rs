//! The check of a C compiler for another platform.

use std::collections::BTreeMap;
use std::ffi::OsStr;

use super::{Check, Fix};
use crate::host::tool::find_command;
use crate::platform::Platform;

/// The compilers that upstream's scripts call for cgo on another Linux platform (`kube::golang::set_platform_envs` in
/// `hack/lib/golang.sh`), and Debian's packages of them.
const COMPILERS: [(&str, &str, &str); 4] = [
    ("amd64", "x86_64-linux-gnu-gcc", "gcc-x86-64-linux-gnu"),
    ("arm64", "aarch64-linux-gnu-gcc", "gcc-aarch64-linux-gnu"),
    (
        "ppc64le",
        "powerpc64le-linux-gnu-gcc",
        "gcc-powerpc64le-linux-gnu",
    ),
    ("s390x", "s390x-linux-gnu-gcc", "gcc-s390x-linux-gnu"),
];

impl Check {
    /// Whether there is the C compiler that cgo needs for a platform that is not the host's; `None` where upstream uses
    /// none. `variables` are make's: `KUBE_LINUX_ARM64_CC` names another one.
    pub fn cross_compiler(
        platform: &Platform,
        variables: &BTreeMap<String, String>,
        path: &OsStr,
    ) -> Option<Check> {
        if platform.os() != "linux" {
            return None;
        }
        let (_, usual, package) = COMPILERS
            .iter()
            .find(|(arch, ..)| *arch == platform.arch())?;
        let variable = format!("KUBE_LINUX_{}_CC", platform.arch().to_uppercase());
        let compiler = variables.get(&variable).map_or(*usual, String::as_str);
        let title = "C compiler";
        if let Some(found) = find_command(compiler, path) {
            let message = format!("{} for {platform}", found.display());
            return Some(Check::passed("tool.cross-cc", title, message));
        }
        let message = format!("there is no `{compiler}`, which builds the C parts for {platform}");
        let fix = Fix::commands(
            "install it",
            vec![format!("sudo apt-get install {package}")],
        );
        Some(Check::failed("tool.cross-cc", title, message, fix))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::Status;
    use crate::host::fixture::Fixture;

    #[test]
    fn the_compiler_of_the_platform_or_the_named_one_is_looked_for() {
        let fixture = Fixture::default().program("my-gcc", "true");
        let path = fixture.search_path();
        let arm: Platform = "linux/arm64".parse().unwrap();
        let none = BTreeMap::new();
        let check = Check::cross_compiler(&arm, &none, &path).unwrap();
        assert_eq!(check.status, Status::Failed);
        assert!(
            check.message.contains("aarch64-linux-gnu-gcc"),
            "{}",
            check.message
        );
        let named = BTreeMap::from([("KUBE_LINUX_ARM64_CC".to_owned(), "my-gcc".to_owned())]);
        assert_eq!(
            Check::cross_compiler(&arm, &named, &path).unwrap().status,
            Status::Passed
        );
        assert!(Check::cross_compiler(&"windows/amd64".parse().unwrap(), &none, &path).is_none());
    }
}
