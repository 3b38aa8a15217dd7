//! The types of an API in Go, and their copies.

mod deepcopy;
mod identifier;
mod types;

use types::Type;

use crate::scaffold::description::Version;

/// The text of two files of Go, without what stands before their imports.
#[derive(Debug)]
pub(super) struct Api {
    /// The name of the object's type: that of its kind, with a capital letter.
    pub(super) kind: String,
    /// The types.
    pub(super) types: String,
    /// Their copies.
    pub(super) copies: String,
}

/// Libraries that types may need, each with its alias; and which files import it.
const LIBRARIES: [(&str, &str); 2] = [
    (
        "apiextensionsv1",
        "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1",
    ),
    ("metav1", "k8s.io/apimachinery/pkg/apis/meta/v1"),
];

/// The types of a version, and their copies.
pub(super) fn api(version: &Version, kind: &str) -> Api {
    let structs = types::structs(version, kind);
    let types = types::text(&structs);
    let copies = deepcopy::text(&structs);
    let kind = structs.first().map(|made| made.name.clone());
    Api {
        kind: kind.unwrap_or_default(),
        types: imports(&types, &[]) + &types,
        copies: imports(
            &copies,
            &["\truntime \"k8s.io/apimachinery/pkg/runtime\"\n"],
        ) + &copies,
    }
}

/// The libraries that a file names, as goimports writes them.
fn imports(text: &str, more: &[&str]) -> String {
    let mut lines: Vec<String> = LIBRARIES
        .iter()
        .filter(|(alias, _)| text.contains(&format!("{alias}.")))
        .map(|(alias, path)| {
            if path.ends_with(&format!("/{alias}")) && more.is_empty() {
                format!("\t\"{path}\"\n")
            } else {
                format!("\t{alias} \"{path}\"\n")
            }
        })
        .chain(more.iter().map(|line| (*line).to_owned()))
        .collect();
    let path = |line: &String| line.split('"').nth(1).unwrap_or_default().to_owned();
    lines.sort_by_key(path);
    format!("import (\n{})\n\n", lines.concat())
}

/// Whether the object has the field in its status where controllers report.
pub(super) fn has_conditions(version: &Version) -> bool {
    types::structs(version, "Object").iter().any(|made| {
        let conditions = |of: &Type| matches!(of, Type::Slice(inner) if matches!(**inner, Type::Library("metav1.Condition")));
        made.name == "ObjectStatus" && made.fields.iter().any(|field| field.name == "Conditions" && conditions(&field.of))
    })
}

/// Words that cannot be the name of a package.
const KEYWORDS: [&str; 25] = [
    "break",
    "case",
    "chan",
    "const",
    "continue",
    "default",
    "defer",
    "else",
    "fallthrough",
    "for",
    "func",
    "go",
    "goto",
    "if",
    "import",
    "interface",
    "map",
    "package",
    "range",
    "return",
    "select",
    "struct",
    "switch",
    "type",
    "var",
];

/// The name of the package of a version.
pub(super) fn package(version: &str) -> String {
    let name = version.replace('-', "");
    if KEYWORDS.contains(&name.as_str()) {
        return name + "api";
    }
    name
}

/// Whether it can be the path of this module: Go takes it (`golang.org/x/mod/module.CheckPath`; what has no dot at its beginning is
/// the standard library's), and it is none of those that the project needs.
pub(super) fn is_module_path(path: &str) -> bool {
    let is_element = |element: &str| {
        !element.is_empty()
            && !element.starts_with('.')
            && !element.ends_with('.')
            && element
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "-._~".contains(c))
    };
    let host = path.split('/').next().unwrap_or_default();
    let is_taken = ["k8s.io", "sigs.k8s.io", "go.yaml.in", "golang.org"].contains(&host);
    host.contains('.') && !is_taken && !path.starts_with('-') && path.split('/').all(is_element)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_and_modules_have_names_that_go_takes() {
        assert_eq!(package("v1alpha1"), "v1alpha1");
        assert_eq!(package("my-version"), "myversion");
        assert_eq!(package("select"), "selectapi");
        for path in ["example.com/a", "example.com", "github.com/Some/thing_x~1"] {
            assert!(is_module_path(path), "{path}");
        }
        for path in [
            "a",
            "fmt",
            "k8s.io/api",
            "",
            "/a",
            "a/",
            "a//b",
            "../a",
            "-a",
            "a b",
            "a\"b",
            "a/.b",
            "a.",
        ] {
            assert!(!is_module_path(path), "{path}");
        }
    }
}
