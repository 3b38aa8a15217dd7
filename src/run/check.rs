//! Exit code 0 is not trusted: what a step was to leave behind is looked at before it counts.
//!
//! Upstream's build can end well without a binary: where rsync is missing, `find … -exec rsync` prints an error and exits
//! with 0.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::error::Flaw;
use super::executable::{self, Executable};
use super::{Site, keep, reuse};
use crate::bytes::Bytes;
use crate::hexadecimal::Checksums;
use crate::plan::{ExpectedArtifact, Linkage, Plan, Step};
use crate::platform::Platform;
use crate::report::artifact::Artifact;
use crate::report::image_archive::{ArchivedImage, is_image_archive, read_images};

/// The kernel stamps files with a clock that may lag behind by a timer tick.
const CLOCK_LAG: Duration = Duration::from_millis(20);

/// The packages that hold the version; a binary that links none of them carries no stamp (`hack/lib/version.sh`).
const VERSION_PACKAGES: [&str; 3] = [
    "k8s.io/component-base/version.",
    "k8s.io/client-go/pkg/version.",
    "k8s.io/kubernetes/pkg/version.",
];

type Checked<T> = Result<T, (String, Flaw)>;

/// Checks and keeps all artifacts of a step that ended well.
pub(super) fn step(
    step: &Step,
    plan: &Plan,
    site: &Site<'_>,
    started: SystemTime,
) -> Checked<Vec<Artifact>> {
    let since = started.checked_sub(CLOCK_LAG).unwrap_or(started);
    let mut artifacts = Vec::new();
    for expected in &step.artifacts {
        let artifact = component(expected, step, plan, site, since)
            .map_err(|flaw| (expected.path.clone(), flaw))?;
        artifacts.push(artifact);
    }
    let before = artifacts.len();
    for folder in &step.collects {
        collect(folder, step, site, since, &mut artifacts)
            .map_err(|flaw| (folder.clone(), flaw))?;
    }
    let root = &site.native.roots.source;
    let has_files = |folder: &String| !files_below(&root.join(folder)).is_empty();
    if let Some(folder) = step.hands_on.first()
        && !step.hands_on.iter().any(has_files)
    {
        return Err((folder.clone(), Flaw::Empty));
    }
    match step.collects.first() {
        Some(folder) if artifacts.len() == before => Err((folder.clone(), Flaw::Empty)),
        _ => Ok(artifacts),
    }
}

fn component(
    expected: &ExpectedArtifact,
    step: &Step,
    plan: &Plan,
    site: &Site<'_>,
    since: SystemTime,
) -> Result<Artifact, Flaw> {
    let file = site.native.roots.source.join(&expected.path);
    let modified = fs::metadata(&file)
        .and_then(|metadata| metadata.modified())
        .map_err(|_| Flaw::Missing)?;
    let version = plan.source.stamp.version.as_deref();
    let needles: Vec<&str> = VERSION_PACKAGES.into_iter().chain(version).collect();
    let found = executable::inspect(&file, &needles).map_err(Flaw::Unreadable)?;
    if modified < since && !reuse::is_recorded(&found.sha256, expected, site.earlier) {
        return Err(Flaw::Stale);
    }
    platform(expected, &found)?;
    linkage(expected, &found)?;
    toolchain(plan, &found)?;
    let path = format!("artifacts/{}/{}", expected.platform, file_name(&file));
    keep_file(&file, &path, site)?;
    Ok(Artifact {
        name: expected.name.clone(),
        version: stamp(version, &found)?,
        platform: Some(found.platform),
        step: step.id.clone(),
        path,
        size: found.size,
        sha512: Some(found.sha512),
        images: Vec::new(),
        sha256: found.sha256,
        key: expected.key.clone(),
        linkage: found.linkage,
        go: found.build_info,
        from_run: None,
    })
}

fn platform(expected: &ExpectedArtifact, found: &Executable) -> Result<(), Flaw> {
    if found.platform == expected.platform {
        return Ok(());
    }
    Err(Flaw::Platform {
        found: found.platform.to_string(),
        expected: expected.platform.to_string(),
    })
}

fn linkage(expected: &ExpectedArtifact, found: &Executable) -> Result<(), Flaw> {
    let word = |linkage| match linkage {
        Linkage::Static => "statically",
        Linkage::Dynamic => "dynamically",
    };
    // A program that calls no C is linked without it, whatever cgo was allowed to do.
    let cgo = found
        .build_info
        .as_ref()
        .and_then(|info| info.settings.get("CGO_ENABLED"));
    match (found.linkage, expected.linkage) {
        (Some(Linkage::Static), Some(Linkage::Dynamic)) if cgo.is_some_and(|cgo| cgo == "1") => {
            Ok(())
        }
        (Some(found), Some(expected)) if found != expected => Err(Flaw::Linkage {
            found: word(found),
            expected: word(expected),
        }),
        _ => Ok(()),
    }
}

fn toolchain(plan: &Plan, found: &Executable) -> Result<(), Flaw> {
    let expected = &plan.toolchain.version;
    let Some(info) = &found.build_info else {
        return Ok(());
    };
    // Experiments stand behind the version: `go1.24.6 X:boringcrypto`.
    if info.go_version.split_whitespace().next() == Some(&format!("go{expected}")) {
        return Ok(());
    }
    Err(Flaw::Toolchain {
        found: info.go_version.clone(),
        expected: expected.clone(),
    })
}

/// The version that a binary carries: the plan's, or none where it links no package that holds one.
fn stamp(version: Option<&str>, found: &Executable) -> Result<Option<String>, Flaw> {
    let stands = |text: &str| found.strings.get(text) == Some(&true);
    let Some(version) = version.filter(|_| VERSION_PACKAGES.into_iter().any(stands)) else {
        return Ok(None);
    };
    let version = version.to_owned();
    if stands(&version) {
        Ok(Some(version))
    } else {
        Err(Flaw::Stamp { version })
    }
}

/// Every file that the step wrote below a folder, by the names that it has there.
fn collect(
    folder: &str,
    step: &Step,
    site: &Site<'_>,
    since: SystemTime,
    artifacts: &mut Vec<Artifact>,
) -> Result<(), Flaw> {
    let root = site.native.roots.source.join(folder);
    let parent = folder.rsplit('/').next().unwrap_or(folder);
    for file in files_below(&root) {
        let Ok(metadata) = fs::metadata(&file) else {
            continue;
        };
        if metadata.modified().is_ok_and(|modified| modified < since) {
            continue;
        }
        let Ok(relative) = file.strip_prefix(&root) else {
            continue;
        };
        let path = format!("artifacts/{parent}/{}", relative.display());
        let images = images(&file)?;
        keep_file(&file, &path, site)?;
        let sums = Checksums::of_file(&file).map_err(|_| Flaw::Missing)?;
        let name = file_name(&file);
        let of_image = images.first().and_then(|image| image.platform.clone());
        artifacts.push(Artifact {
            platform: of_image.or_else(|| platform_of_tarball(&name)),
            name,
            version: None,
            step: step.id.clone(),
            path,
            size: Bytes(metadata.len()),
            sha256: sums.sha256,
            sha512: Some(sums.sha512),
            images,
            key: None,
            linkage: None,
            go: None,
            from_run: None,
        });
    }
    Ok(())
}

/// The images in an archive that an engine wrote, each compared with its digests.
fn images(file: &Path) -> Result<Vec<ArchivedImage>, Flaw> {
    if file.extension().is_none_or(|extension| extension != "tar") || !is_image_archive(file) {
        return Ok(Vec::new());
    }
    read_images(file).map_err(Flaw::NoImages)
}

/// `kubernetes-server-linux-amd64.tar.gz` is for linux/amd64.
fn platform_of_tarball(name: &str) -> Option<Platform> {
    let (rest, arch) = name.strip_suffix(".tar.gz")?.rsplit_once('-')?;
    let (_, os) = rest.rsplit_once('-')?;
    format!("{os}/{arch}").parse().ok()
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut pending = vec![folder.to_owned()];
    while let Some(folder) = pending.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => pending.push(entry.path()),
                Ok(kind) if kind.is_file() => files.push(entry.path()),
                _ => {}
            }
        }
    }
    files.sort();
    files
}

fn keep_file(file: &Path, path: &str, site: &Site<'_>) -> Result<(), Flaw> {
    let to = site.folder.path.join(path);
    keep::keep(file, &to).map_err(|source| Flaw::NotKept { to, source })
}

fn file_name(file: &Path) -> String {
    file.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}
