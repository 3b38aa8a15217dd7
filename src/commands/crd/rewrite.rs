//! Files that are changed: all of them or none, each by a rename.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::inputs::Input;
use crate::error::{Explain, Kind};

/// A file cannot be changed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unchanged {
    /// There is no file.
    #[error("standard input is no file that could be changed")]
    Stdin,
    /// What is read there is gone then.
    #[error("`{0}` is no file that could be changed")]
    Stream(String),
    /// It cannot be written.
    #[error("cannot write `{}`; nothing was changed", .path.display())]
    Io { path: PathBuf, source: io::Error },
}

impl Explain for Unchanged {
    fn kind(&self) -> Kind {
        Kind::Usage
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Unchanged::Stdin => vec!["name the file instead of `-`".to_owned()],
            Unchanged::Stream(_) | Unchanged::Io { .. } => Vec::new(),
        }
    }
}

/// A file that is ready to take its place, and the one that it takes it from.
struct Staged {
    target: PathBuf,
    new: NamedTempFile,
    old: NamedTempFile,
}

/// Refuses what lies in no file.
pub(super) fn check(inputs: &[Input]) -> Result<(), Unchanged> {
    match inputs.iter().find(|input| input.path.is_none()) {
        Some(input) if input.name == "<stdin>" => Err(Unchanged::Stdin),
        Some(input) => Err(Unchanged::Stream(input.name.clone())),
        None => Ok(()),
    }
}

/// Gives files another content. Those whose content stays are not touched.
pub(super) fn rewrite(inputs: &[Input], texts: &[String]) -> Result<(), Unchanged> {
    check(inputs)?;
    let mut staged = Vec::new();
    for (input, text) in inputs.iter().zip(texts) {
        if let Some(path) = &input.path
            && input.bytes != text.as_bytes()
        {
            let stage = stage(path, &input.bytes, text);
            staged.push(stage.map_err(|source| Unchanged::Io {
                path: path.clone(),
                source,
            })?);
        }
    }
    let mut done: Vec<(PathBuf, NamedTempFile)> = Vec::new();
    for Staged { target, new, old } in staged {
        if let Err(error) = new.persist(&target) {
            for (target, old) in done {
                // What fails here would have failed above: the folder is the same.
                let _ = old.persist(target);
            }
            return Err(Unchanged::Io {
                path: target,
                source: error.error,
            });
        }
        done.push((target, old));
    }
    Ok(())
}

fn stage(path: &Path, old: &[u8], new: &str) -> io::Result<Staged> {
    // Behind a link the file is changed, and the link stays.
    let target = fs::canonicalize(path)?;
    let permissions = fs::metadata(&target)?.permissions();
    let folder = target.parent().unwrap_or(Path::new("."));
    let file = |bytes: &[u8]| {
        let mut file = tempfile::Builder::new()
            .prefix(".kubewright-")
            .tempfile_in(folder)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        fs::set_permissions(file.path(), permissions.clone())?;
        Ok::<_, io::Error>(file)
    };
    Ok(Staged {
        new: file(new.as_bytes())?,
        old: file(old)?,
        target,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(path: &Path, text: &str) -> Input {
        Input {
            name: String::new(),
            path: Some(path.to_owned()),
            bytes: text.as_bytes().to_vec(),
            argument: 0,
            expected: None,
        }
    }

    #[test]
    fn all_files_change_or_none() {
        let folder = tempfile::tempdir().unwrap();
        let (a, b) = (folder.path().join("a"), folder.path().join("b"));
        fs::write(&a, "a").unwrap();
        fs::create_dir(&b).unwrap();
        let inputs = [input(&a, "a"), input(&b, "")];
        let texts = ["new".to_owned(), "new".to_owned()];
        // A folder takes no file's place.
        assert!(rewrite(&inputs, &texts).is_err());
        assert_eq!(fs::read_to_string(&a).unwrap(), "a");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);

        std::os::unix::fs::symlink(&a, folder.path().join("link")).unwrap();
        let inputs = [input(&folder.path().join("link"), "a")];
        rewrite(&inputs, &texts[..1]).unwrap();
        assert_eq!(fs::read_to_string(&a).unwrap(), "new");
        let link = fs::symlink_metadata(folder.path().join("link")).unwrap();
        assert!(link.is_symlink());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
    }
}
