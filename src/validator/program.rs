//! The program's sources, which are embedded.

use std::fs;
use std::io;
use std::path::Path;

use crate::hexadecimal::sha256;

/// The files, by their names.
pub(super) const FILES: [(&str, &str); 3] = [
    (
        "definition.go",
        include_str!("../../templates/validator/definition.go"),
    ),
    ("main.go", include_str!("../../templates/validator/main.go")),
    (
        "resource.go",
        include_str!("../../templates/validator/resource.go"),
    ),
];

/// Where the program seems to lie in the tree.
pub(super) const PACKAGE: &str = "cmd/kubewright-validator";

/// What it is made of: all that it imports beside these, they import themselves.
pub(super) const IMPORTS: [&str; 2] = [
    "k8s.io/apiextensions-apiserver/pkg/registry/customresource",
    "k8s.io/apiextensions-apiserver/pkg/registry/customresourcedefinition",
];

/// What tells this program from those of other versions of kubewright.
pub(super) fn digest() -> String {
    let texts: Vec<&str> = FILES.iter().map(|(_, text)| *text).collect();
    sha256(texts.concat().as_bytes())
}

/// Writes the sources into a folder, and the overlay that puts them into the tree.
pub(super) fn write(folder: &Path, tree: &Path) -> io::Result<()> {
    let mut replace = serde_json::Map::new();
    for (name, text) in FILES {
        let path = folder.join(name);
        fs::write(&path, text)?;
        let seems = tree.join(PACKAGE).join(name);
        replace.insert(
            seems.display().to_string(),
            path.display().to_string().into(),
        );
    }
    let overlay = serde_json::json!({ "Replace": replace });
    fs::write(folder.join("overlay.json"), overlay.to_string())
}
