//! How many packages a build compiles: those that Go prints with `-v`, and those that there are in all.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use super::roots::Roots;
use crate::plan::Step;

/// Whether a line is what `go build -v` prints for a package that it compiles: an import path and nothing else.
pub(super) fn is_package(line: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || "._~/+-".contains(c);
    line.starts_with(|c: char| c.is_ascii_alphabetic()) && line.chars().all(word)
}

/// How many packages a step compiles in all, counted beside the build.
#[derive(Debug, Default)]
pub(super) struct Total {
    count: Arc<AtomicU64>,
    counting: Option<Arc<duct::Handle>>,
    /// What the counting Go caches; it is gone with this value.
    scratch: PathBuf,
}

impl Total {
    /// Counts where nothing is in Go's cache yet: what is cached is not compiled again, and a total that counts it would be
    /// wrong.
    pub(super) fn count(
        step: &Step,
        roots: &Roots,
        environment: BTreeMap<OsString, OsString>,
    ) -> Total {
        let cold = step
            .cache
            .as_ref()
            .is_some_and(|cache| !Path::new(&roots.locate(cache)).exists());
        if !cold || step.packages.is_empty() {
            return Total::default();
        }
        let count = Arc::new(AtomicU64::new(0));
        let scratch = roots.run.join("list-cache");
        let counting = list(step, roots, &scratch, environment)
            .and_then(|list| list.start().ok())
            .map(Arc::new);
        if let Some(handle) = counting.clone() {
            let count = Arc::clone(&count);
            thread::spawn(move || {
                count.store(lines(&handle).unwrap_or_default(), Ordering::Relaxed);
            });
        }
        Total {
            count,
            counting,
            scratch,
        }
    }

    /// The number, if it is known by now.
    pub(super) fn get(&self) -> Option<u64> {
        Some(self.count.load(Ordering::Relaxed)).filter(|count| *count > 0)
    }
}

impl Drop for Total {
    fn drop(&mut self) {
        if let Some(handle) = &self.counting {
            let _ = handle.kill();
            let _ = handle.wait();
            let _ = std::fs::remove_dir_all(&self.scratch);
        }
    }
}

/// `go list -deps` of a step's packages. `None` for a tree in the GOPATH layout, which Go does not find from its root.
fn list(
    step: &Step,
    roots: &Roots,
    scratch: &Path,
    mut environment: BTreeMap<OsString, OsString>,
) -> Option<duct::Expression> {
    if !roots.source.join("go.mod").exists() {
        return None;
    }
    // A cache that make is about to make itself must not be there before.
    environment.insert("GOCACHE".into(), scratch.into());
    // Go would write an index of what it reads there, which costs more than twice the time of the listing
    // (`goindex` in <https://go.dev/src/cmd/go/internal/modindex/read.go>).
    environment.insert("GODEBUG".into(), "goindex=0".into());
    environment.insert("GOPROXY".into(), "off".into());
    // For another platform, cgo would need that platform's C compiler; for counting, pure Go is near enough.
    environment.insert("CGO_ENABLED".into(), "0".into());
    if let Some(artifact) = step.artifacts.first() {
        environment.insert("GOOS".into(), artifact.platform.os().into());
        environment.insert("GOARCH".into(), artifact.platform.arch().into());
    }
    let tests = step.packages.iter().any(|package| is_test(package));
    let mut arguments = vec!["list".to_owned(), "-deps".to_owned()];
    arguments.extend(tests.then(|| "-test".to_owned()));
    arguments.extend(step.packages.iter().map(|package| import_path(package)));
    let go = roots.toolchain.join("bin/go");
    let expression = duct::cmd(go, arguments)
        .dir(&roots.source)
        .full_env(environment);
    Some(
        expression
            .stdin_null()
            .stderr_null()
            .stdout_capture()
            .unchecked(),
    )
}

/// Whether it is a test binary of upstream's sets, such as `test/e2e/e2e.test`.
fn is_test(package: &str) -> bool {
    package.strip_suffix(".test").is_some()
}

/// What Go calls a package of the tree: a path of its own, or an import path of what is vendored.
fn import_path(package: &str) -> String {
    let package = package.strip_prefix("vendor/").unwrap_or(package);
    if is_test(package) {
        let folder = package
            .rsplit_once('/')
            .map_or(package, |(folder, _)| folder);
        return format!("./{folder}");
    }
    let first = package.split('/').next().unwrap_or_default();
    if first.contains('.') {
        package.to_owned()
    } else {
        format!("./{package}")
    }
}

fn lines(list: &duct::Handle) -> Option<u64> {
    let output = list.wait().ok().filter(|output| output.status.success())?;
    // The package `unsafe` is compiled into nothing, so Go never prints it.
    let lines = String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter(|line| *line != "unsafe")
        .count();
    Some(lines as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_told_from_other_lines() {
        for line in [
            "fmt",
            "k8s.io/api/core/v1",
            "vendor/golang.org/x/net/http2",
            "github.com/json-iterator/go",
            "cmd/kubectl",
        ] {
            assert!(is_package(line), "{line}");
        }
        assert_eq!(import_path("cmd/kubectl"), "./cmd/kubectl");
        assert_eq!(
            import_path("vendor/k8s.io/kube-aggregator"),
            "k8s.io/kube-aggregator"
        );
        assert_eq!(
            import_path("github.com/onsi/ginkgo/v2/ginkgo"),
            "github.com/onsi/ginkgo/v2/ginkgo"
        );
        assert_eq!(import_path("test/e2e/e2e.test"), "./test/e2e");
        for line in [
            "",
            "+++ [1122 10:00:00] Building go targets for linux/amd64",
            "make: *** [all] Error 2",
            "# k8s.io/api",
            "/usr/bin/ld",
            "-v",
            "no go",
        ] {
            assert!(!is_package(line), "{line}");
        }
    }
}
