//! Which files a component is compiled from, as far as it takes to tell whether one that is missing is needed.
//!
//! Imports are followed from the component's package through the tree and what is vendored in it. Nothing is run: a checkout
//! that lacks files is told before make starts, and not by a compiler after minutes.

use std::collections::BTreeSet;

use super::TreeError;
use super::constraint::{allows_name, allows_text};
use super::files::{EntryKind, Files};
use super::source_text::SourceText;
use crate::platform::Platform;

/// The import path of the tree itself.
const ROOT: &str = "k8s.io/kubernetes/";

/// Those of the `gone` files, paths below the root, that a package, as `WHAT` names it, cannot be compiled without for a
/// platform.
pub fn needed<'g>(
    files: &dyn Files,
    package: &str,
    platform: &Platform,
    gone: &[&'g str],
) -> Result<Vec<&'g str>, TreeError> {
    let compiled: Vec<(&str, &'g str)> = gone
        .iter()
        .filter_map(|path| {
            let (folder, name) = path.rsplit_once('/')?;
            allows_name(name, platform).then_some((folder, *path))
        })
        .collect();
    if compiled.is_empty() {
        return Ok(Vec::new());
    }
    let walk = Walk {
        source: SourceText { files },
        platform,
        gone,
    };
    let package = match package.strip_suffix(".test") {
        Some(test) => test.rsplit_once('/').map_or(test, |(folder, _)| folder),
        None => package,
    };
    let mut pending = vec![walk.folder(package)?];
    let mut seen: BTreeSet<String> = pending.iter().cloned().collect();
    while let Some(folder) = pending.pop() {
        for import in walk.imports(&folder)? {
            let folder = walk.folder(&import)?;
            if seen.insert(folder.clone()) {
                pending.push(folder);
            }
        }
    }
    let needed = compiled
        .into_iter()
        .filter(|(folder, _)| seen.contains(*folder));
    Ok(needed.map(|(_, path)| path).collect())
}

struct Walk<'a> {
    source: SourceText<'a>,
    platform: &'a Platform,
    gone: &'a [&'a str],
}

impl Walk<'_> {
    /// Where a package lies below the root. What is vendored as a link to `staging` lies there, as Git sees it.
    fn folder(&self, import: &str) -> Result<String, TreeError> {
        if let Some(own) = import.strip_prefix(ROOT) {
            return Ok(own.to_owned());
        }
        let import = import.strip_prefix("vendor/").unwrap_or(import);
        let first = import.split('/').next().unwrap_or_default();
        if !first.contains('.') {
            return Ok(import.to_owned());
        }
        let mut parts = import.splitn(3, '/');
        if let (Some("k8s.io"), Some(repository)) = (parts.next(), parts.next()) {
            let place = format!("staging/src/k8s.io/{repository}/");
            let mut gone = self.gone.iter();
            let is_staged =
                !self.source.list(&place)?.is_empty() || gone.any(|path| path.starts_with(&place));
            if is_staged {
                return Ok(format!("staging/src/{import}"));
            }
        }
        Ok(format!("vendor/{import}"))
    }

    /// What the files of a folder import, without the standard library.
    fn imports(&self, folder: &str) -> Result<BTreeSet<String>, TreeError> {
        let mut found = BTreeSet::new();
        for entry in self.source.list(folder)? {
            if entry.kind == EntryKind::Folder || !allows_name(&entry.name, self.platform) {
                continue;
            }
            // A file that is too big to be read is data that some tool made: it imports nothing of interest.
            let text = self.source.read(&format!("{folder}/{}", entry.name));
            let text = text.ok().flatten().unwrap_or_default();
            if allows_text(&text, self.platform) {
                found.extend(
                    imports(&text)
                        .filter(|import| is_outside(import))
                        .map(str::to_owned),
                );
            }
        }
        Ok(found)
    }
}

/// Whether an import path is none of the standard library: those have no dot in their first part.
fn is_outside(import: &str) -> bool {
    import
        .split('/')
        .next()
        .is_some_and(|first| first.contains('.'))
}

/// The import paths of a Go file, which stand between its package clause and its first declaration.
fn imports(text: &str) -> impl Iterator<Item = &str> {
    let is_declaration = |line: &str| {
        ["func ", "type ", "var ", "const "]
            .iter()
            .any(|word| line.starts_with(word))
    };
    let mut in_block = false;
    text.lines()
        .take_while(move |line| !is_declaration(line))
        .filter_map(move |line| {
            let line = line.trim();
            let spec = if let Some(rest) = line.strip_prefix("import") {
                in_block = rest.trim_start().starts_with('(');
                rest
            } else if in_block {
                in_block = !line.starts_with(')');
                line
            } else {
                return None;
            };
            let spec = spec.split("//").next()?;
            let (_, quoted) = spec.split_once('"')?;
            quoted.split_once('"').map(|(path, _)| path)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_are_read_between_package_and_first_declaration() {
        let text = "// import \"no/one\"\npackage x\n\nimport \"a.b/c\"\nimport (\n\t\"fmt\"\n\t// \"d.e/no\"\n\
                    \tf \"g.h/i\" // \"j.k/no\"\n\t_ \"l.m/n\"\n)\n\nvar y = \"o.p/no\"\nimport \"q.r/no\"\n";
        let found: Vec<&str> = imports(text).collect();
        assert_eq!(found, ["a.b/c", "fmt", "g.h/i", "l.m/n"]);
    }
}
