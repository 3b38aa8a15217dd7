//! The checks of the Go that a tree asks for, before it is got.

use super::{Check, Fix};
use crate::toolchain::GoVersion;

/// The first Go that can be had everywhere, and the first Kubernetes that is built with it.
const OLDEST_GO: (u32, u32) = (1, 7);

impl Check {
    /// Whether the file with the exact Go is there, where the tree's scripts read it; `is_missing` that it is not, `is_named`
    /// that the user says which Go builds, `offered` the Go that the tree names elsewhere, and in which file.
    pub fn go_version_file(
        is_missing: bool,
        is_named: bool,
        offered: Option<(&str, &str)>,
    ) -> Check {
        let (id, title) = ("go-version", "Go version");
        if !is_missing || is_named {
            let message = "it is known which Go builds the tree".to_owned();
            return Check::passed(id, title, message);
        }
        let advice = match offered {
            Some((version, file)) => format!(
                "Build with the Go that `{file}` names: `--go {version}`. Or copy the file from where the tree comes from."
            ),
            None => "Name the Go that builds it: `--go 1.24.6`, say. Or copy the file from where the tree comes from."
                .to_owned(),
        };
        Check::failed(
            id,
            title,
            "`.go-version` is missing, from which the build scripts read which Go to use: the tree was copied without its \
             dotfiles"
                .to_owned(),
            Fix::advise(advice),
        )
    }

    /// Whether the Go that builds the tree can be had anywhere: trees before 1.5 ask for older ones.
    pub fn go_age(version: Option<&GoVersion>, read_from: Option<&str>) -> Check {
        let (major, minor) = OLDEST_GO;
        let old = version.filter(|version| !version.is_at_least(major, minor));
        let (id, title) = ("era", "era");
        let Some(old) = old else {
            return Check::passed(id, title, "the tree is of 1.5 or newer".to_owned());
        };
        let file = read_from.map_or_else(String::new, |file| format!(" (`{file}`)"));
        Check::failed(
            id,
            title,
            format!(
                "the tree asks for {}{file}, and kubewright builds with go{major}.{minor} and newer: it is of a Kubernetes before 1.5",
                old.name()
            ),
            Fix::advise(
                "Build a newer one, `--ref v1.5.0` say; or try the oldest Go that there is: `--go 1.7.6`.",
            ),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::check::Status;

    fn advice(check: &Check) -> &str {
        match &check.fix {
            Some(Fix::Advise { text }) => text,
            _ => "",
        }
    }

    #[test]
    fn a_missing_go_version_offers_what_kube_cross_names() {
        let offered = Some(("1.25.1", "build/build-image/cross/VERSION"));
        let check = Check::go_version_file(true, false, offered);
        assert_eq!((check.status, check.overridable), (Status::Failed, false));
        assert!(advice(&check).contains("`build/build-image/cross/VERSION` names: `--go 1.25.1`"));
        let unknown = Check::go_version_file(true, false, None);
        assert!(advice(&unknown).contains("`--go 1.24.6`"));
        for (is_missing, is_named) in [(false, false), (true, true)] {
            let check = Check::go_version_file(is_missing, is_named, offered);
            assert_eq!(check.status, Status::Passed);
        }
    }

    #[test]
    fn trees_before_1_5_are_refused_by_their_go() {
        let of = |version: &str| {
            Check::go_age(
                Some(&version.parse().unwrap()),
                Some("build/build-image/cross/Dockerfile"),
            )
        };
        let check = of("1.6.3");
        assert_eq!(check.status, Status::Failed);
        assert!(
            check.message.starts_with(
                "the tree asks for go1.6.3 (`build/build-image/cross/Dockerfile`), and kubewright builds with go1.7"
            ),
            "{}",
            check.message
        );
        assert_eq!(of("1.7.4").status, Status::Passed);
        assert_eq!(Check::go_age(None, None).status, Status::Passed);
    }
}
