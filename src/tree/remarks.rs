//! What is out of the ordinary with a tree.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::TreeError;
use super::bash::Shell;
use super::go::GO_VERSION_FILE;
use super::makefile::Makefile;
use super::source_text::SourceText;
use super::stamp::ArchiveStamp;
use crate::plural::count;

/// What a [`Remark`] is about.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RemarkKind {
    /// The root's `Makefile` is a text that should be a symlink: make cannot read it.
    MakefileIsText,
    /// The root has no `Makefile`: make finds nothing to do.
    MakefileMissing,
    /// Scripts that make runs may not be executed.
    NotExecutable,
    /// Everything is compiled for debugging, whatever `DBG` says.
    AlwaysDebug,
    /// The build scripts read `.go-version`, and there is none.
    GoVersionFileMissing,
    /// The version is fixed in the text, whatever Git says.
    FixedVersion,
}

/// Something about a tree that its user should know before the build.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Remark {
    /// What it is about.
    pub kind: RemarkKind,
    /// One sentence for people, with what to do where something can be done.
    pub text: String,
}

impl Remark {
    pub(super) fn new(kind: RemarkKind, text: impl Into<String>) -> Remark {
        Remark {
            kind,
            text: text.into(),
        }
    }
}

pub(super) fn lost_execute_bits(
    source: &SourceText<'_>,
    makefile: &Makefile,
) -> Result<Option<Remark>, TreeError> {
    let mut lost = Vec::new();
    for script in &makefile.scripts {
        let Some((folder, name)) = script.rsplit_once('/') else {
            continue;
        };
        let entries = source.list(folder)?;
        if entries
            .iter()
            .any(|entry| entry.name == name && !entry.executable)
        {
            lost.push(script.as_str());
        }
    }
    let text = match lost[..] {
        [] => return Ok(None),
        [script] => format!("`{script}` is not executable"),
        [script, ref others @ ..] => {
            format!(
                "`{script}` and {} are not executable",
                count(others.len() as u64, "more script")
            )
        }
    };
    Ok(Some(Remark::new(
        RemarkKind::NotExecutable,
        format!(
            "{text}, so make cannot run what it needs: check the tree out again with its file modes"
        ),
    )))
}

/// A fork that took the condition on `DBG` away, so that each build has `-N -l`.
pub(super) fn always_debug(shell: &Shell<'_>) -> Option<Remark> {
    shell
        .assigns_unless("kube::golang::build_binaries", "gogcflags", "-N -l", "DBG")
        .then(|| {
            Remark::new(
                RemarkKind::AlwaysDebug,
                "`hack/lib/golang.sh` always compiles with `-N -l`: binaries are bigger and slower than upstream's, \
                 with and without `DBG=1`",
            )
        })
}

pub(super) fn missing_go_version(
    source: &SourceText<'_>,
    golang_sh: &str,
) -> Result<Option<Remark>, TreeError> {
    let is_read = golang_sh
        .lines()
        .any(|line| !line.trim_start().starts_with('#') && line.contains("/.go-version"));
    let is_missing = is_read && source.read(GO_VERSION_FILE)?.is_none();
    Ok(is_missing.then(|| {
        Remark::new(
            RemarkKind::GoVersionFileMissing,
            "`.go-version` is missing, as in trees that were copied without their dotfiles: make fails with `cat: \
             …/.go-version: No such file or directory` unless `GO_VERSION` is set",
        )
    }))
}

pub(super) fn fixed_version(stamp: Option<&ArchiveStamp>) -> Option<Remark> {
    let stamp = stamp?;
    let said = match &stamp.version {
        Some(version) => version.clone(),
        None => format!("commit {}", stamp.commit),
    };
    Some(Remark::new(
        RemarkKind::FixedVersion,
        format!(
            "the tree was made by `git archive`: its builds say {said}, tree state `archive`, whatever commit or \
             changes it has"
        ),
    ))
}
