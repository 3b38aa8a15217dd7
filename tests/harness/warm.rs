//! A Go build cache in which the embedded repository's packages are compiled, made once a toolchain.
//!
//! Go names cache entries by the content of everything that goes into them, so that a copy is as good as a build. It lies in
//! Cargo's folder for the files of integration tests and outlives a test run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use kubewright::cancel::Cancel;
use kubewright::lock::Lock;

use super::{TestEnvironment, real_tool};

/// The tag whose binaries fill the cache. Older ones put the tree's path into every compilation.
const REFERENCE: &str = "v0.2.0";

/// Copies the warm cache to a folder that does not exist yet.
pub(super) fn fill(folder: &Path) {
    let warm = warm();
    fs::create_dir_all(folder.parent().unwrap()).unwrap();
    let copied = Command::new("cp")
        .args(["-a", "--reflink=auto"])
        .args([&warm, folder])
        .status()
        .unwrap();
    assert!(copied.success(), "{} was not copied", warm.display());
}

fn warm() -> PathBuf {
    let place = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let go = Command::new(real_tool("go"))
        .arg("version")
        .output()
        .unwrap();
    let version = String::from_utf8_lossy(&go.stdout)
        .trim_end()
        .replace([' ', '/'], "-");
    let cache = place.join(format!("warm-{version}"));
    // Other threads wait here, and other processes, too: nextest runs each test in one of its own.
    let lock = Lock::acquire(
        &place.join("warm.lock"),
        "warm cache",
        &Cancel::default(),
        &mut |_| {},
    );
    let _lock = lock.unwrap();
    if !cache.exists() {
        make(&cache);
    }
    cache
}

fn make(cache: &Path) {
    let environment = TestEnvironment::new();
    let tree = environment.checkout(REFERENCE);
    environment
        .kubewright(&format!("build all --repo demo --ref {REFERENCE} -q"))
        .success();
    let partial = cache.with_extension("partial");
    let _ = fs::remove_dir_all(&partial);
    let copied = Command::new("cp")
        .arg("-a")
        .arg(tree.join("_output/local/go/cache/build"))
        .arg(&partial)
        .status()
        .unwrap();
    assert!(copied.success());
    fs::rename(partial, cache).unwrap();
}
