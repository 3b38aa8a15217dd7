//! Whether a tree has what the program is compiled from.

use std::fs;
use std::path::Path;

use super::ValidatorError;

/// The packages of the API server that serve definitions.
const PACKAGES: &str = "staging/src/k8s.io/apiextensions-apiserver";

/// The youngest function that the program calls, and where it is: it came with Kubernetes 1.25.
const YOUNGEST: (&str, &str) = (
    "pkg/apiserver/schema/objectmeta/algorithm.go",
    "func CoerceWithOptions(",
);

/// Checks that the program can be compiled from a tree.
///
/// # Errors
/// The tree has no apiextensions packages, those of a Kubernetes before 1.25, or lacks the packages that these need.
pub fn check(root: &Path) -> Result<(), ValidatorError> {
    let packages = root.join(PACKAGES);
    if !packages.is_dir() {
        return Err(ValidatorError::NoPackages {
            root: root.to_owned(),
            missing: PACKAGES,
        });
    }
    let (file, function) = YOUNGEST;
    let text = fs::read_to_string(packages.join(file)).unwrap_or_default();
    if !text.contains(function) {
        return Err(ValidatorError::TooOld {
            root: root.to_owned(),
        });
    }
    let vendored = "vendor/modules.txt";
    if !root.join(vendored).is_file() {
        return Err(ValidatorError::NoPackages {
            root: root.to_owned(),
            missing: vendored,
        });
    }
    Ok(())
}
