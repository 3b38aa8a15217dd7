//! Reading the facts from a tree's files.

use regex::Regex;

use super::bash::Shell;
use super::components::{self, Sets};
use super::facts::TreeFacts;
use super::files::{EntryKind, Files};
use super::go::{GOLANG_SH, GoRequirement};
use super::kube_cross::KubeCross;
use super::layout::{OutputLayout, SETUP};
use super::makefile::Makefile;
use super::platforms::PlatformSets;
use super::release::ReleaseParts;
use super::remarks::{self, Remark, RemarkKind};
use super::source_text::SourceText;
use super::stamp::ArchiveStamp;
use super::{TreeError, generated, targets};

/// Where the Makefile itself lies since 1.7; the root's is a symlink to it.
const MAKEFILE_ELSEWHERE: &str = "build/root/Makefile";
const INIT_SH: &str = "hack/lib/init.sh";
const VERSION_SH: &str = "hack/lib/version.sh";

/// Reads everything from a tree's files, by text; nothing is run and nothing is written.
///
/// # Errors
///
/// When the files are no Kubernetes tree, one from before `hack/lib/golang.sh`, or one whose
/// scripts name no component.
pub fn read(files: &dyn Files) -> Result<TreeFacts, TreeError> {
    let source = SourceText { files };
    let golang_sh = golang_sh(&source)?;
    let (makefile, makefile_remark) = makefile(&source)?;
    let build = build_folder(&source)?;
    let version_sh = source.read(VERSION_SH)?.unwrap_or_default();
    let common_sh = source
        .read(&format!("{build}/common.sh"))?
        .unwrap_or_default();
    let mut shell = shell(&source, &golang_sh, &common_sh, build)?;

    let sets = Sets::read(&shell);
    let platforms = PlatformSets::read(&shell);
    let components = components::read(&source, &makefile, &sets, &shell)?;
    if sets.server.is_empty() && sets.client.is_empty() {
        return Err(TreeError::NotUnderstood {
            path: GOLANG_SH.to_owned(),
            what: "it sets neither `KUBE_SERVER_TARGETS` nor `KUBE_CLIENT_TARGETS`".to_owned(),
        });
    }
    let kube_cross = KubeCross::read(&source, build, &shell)?;
    let release = ReleaseParts::read(&source, build, &shell)?;
    let archive_stamp = ArchiveStamp::read(&version_sh);
    let generated = generated::read(&source)?;
    let remarks = [
        makefile_remark,
        remarks::lost_execute_bits(&source, &makefile)?,
        remarks::always_debug(&shell),
        remarks::missing_go_version(&source, &golang_sh)?,
        remarks::fixed_version(archive_stamp.as_ref()),
    ];
    Ok(TreeFacts {
        targets: targets::read(&makefile),
        components,
        go: GoRequirement::read(&source, &golang_sh, &shell, kube_cross.as_ref())?,
        kube_cross,
        release,
        needs_rsync: says(&function(&golang_sh, "kube::golang::place_bins"), "rsync "),
        layout: OutputLayout::read(&mut shell),
        archive_stamp,
        honours_git_version_file: says(&version_sh, "${KUBE_GIT_VERSION_FILE"),
        honours_force_host_go: says(&golang_sh, "${FORCE_HOST_GO"),
        takes_go_flags: !says(&golang_sh, "go \"${goflags[@]:+${goflags[@]}}\" generate"),
        takes_flags_for_tags: says(&golang_sh, "| sed -e 's|.*-tags="),
        writes_in_root: written_in_root(&common_sh),
        generates: generated.ignored,
        regenerates: generated.beginning,
        remarks: remarks.into_iter().flatten().collect(),
        sets,
        platforms,
    })
}

fn golang_sh(source: &SourceText<'_>) -> Result<String, TreeError> {
    if let Some(text) = source.read(GOLANG_SH)? {
        return Ok(text);
    }
    let is_folder = |folder: &str, name: &str| -> Result<bool, TreeError> {
        let entries = source.list(folder)?;
        Ok(entries
            .iter()
            .any(|entry| entry.name == name && entry.kind == EntryKind::Folder))
    };
    if is_folder("cmd", "kubelet")? && source.read("hack/build-go.sh")?.is_some() {
        return Err(TreeError::TooOld {
            found: "`cmd/kubelet` and `hack/build-go.sh`".to_owned(),
        });
    }
    let mut missing = vec![GOLANG_SH.to_owned()];
    if source.read("Makefile")?.is_none() {
        missing.push("Makefile".to_owned());
    }
    if !is_folder("", "cmd")? {
        missing.push("cmd/".to_owned());
    }
    Err(TreeError::NotKubernetes { missing })
}

/// The Makefile, wherever it lies, and what is wrong with the root's.
fn makefile(source: &SourceText<'_>) -> Result<(Makefile, Option<Remark>), TreeError> {
    let in_root = source.read("Makefile")?;
    let elsewhere = || source.read(MAKEFILE_ELSEWHERE);
    let (text, remark) = match in_root {
        Some(text) if text.trim() == MAKEFILE_ELSEWHERE => (
            elsewhere()?,
            Some(Remark::new(
                RemarkKind::MakefileIsText,
                "`Makefile` should be a symlink to `build/root/Makefile` and is a text file, so make cannot read it: \
                 check the tree out again with `git config core.symlinks true`",
            )),
        ),
        Some(text) => (Some(text), None),
        None => (
            elsewhere()?,
            Some(Remark::new(
                RemarkKind::MakefileMissing,
                "`Makefile` is missing and should be a symlink to `build/root/Makefile`: `ln -s build/root/Makefile Makefile`",
            )),
        ),
    };
    let Some(text) = text else {
        return Err(TreeError::NotKubernetes {
            missing: vec!["Makefile".to_owned(), MAKEFILE_ELSEWHERE.to_owned()],
        });
    };
    let makefile = Makefile::parse(&text, source.files).map_err(|error| TreeError::Read {
        path: "Makefile".to_owned(),
        source: error,
    })?;
    Ok((makefile, remark))
}

/// Release scripts lay in `build-tools` in 1.5 only.
fn build_folder(source: &SourceText<'_>) -> Result<&'static str, TreeError> {
    let is_there = source.read("build/common.sh")?.is_some();
    let is_elsewhere = !is_there && source.read("build-tools/common.sh")?.is_some();
    Ok(if is_elsewhere { "build-tools" } else { "build" })
}

/// A shell that has read the settings in the order in which the scripts do.
fn shell<'f>(
    source: &SourceText<'f>,
    golang_sh: &str,
    common_sh: &str,
    build: &str,
) -> Result<Shell<'f>, TreeError> {
    let mut shell = Shell::new(source.files);
    shell.source(&source.read(INIT_SH)?.unwrap_or_default());
    shell.source(golang_sh);
    shell.source(common_sh);
    let release_sh = source.read(&format!("{build}/lib/release.sh"))?;
    shell.source(&release_sh.unwrap_or_default());
    shell.call(SETUP);
    Ok(shell)
}

/// Whether a script says something outside its comments.
fn says(script: &str, words: &str) -> bool {
    script
        .lines()
        .map(str::trim_start)
        .any(|line| !line.starts_with('#') && line.contains(words))
}

/// A function's text; functions of these scripts end with a brace at the line's start.
fn function(script: &str, name: &str) -> String {
    let lines = script.lines().skip_while(|line| {
        let line = line.strip_prefix("function ").unwrap_or(line);
        !line.starts_with(&format!("{name}()")) && !line.starts_with(&format!("{name} "))
    });
    let body: Vec<&str> = lines.take_while(|line| *line != "}").collect();
    body.join("\n")
}

fn written_in_root(common_sh: &str) -> Vec<String> {
    let pattern = Regex::new(r#"save_version_vars\s+"\$\{KUBE_ROOT\}/([^"$]+)""#);
    let mut files: Vec<String> = Vec::new();
    if let Ok(pattern) = pattern {
        let found = common_sh
            .lines()
            .filter(|line| !line.trim_start().starts_with('#'))
            .filter_map(|line| Some(pattern.captures(line)?.get(1)?.as_str()));
        files.extend(found.map(str::to_owned));
    }
    files
}
