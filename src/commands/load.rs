//! `kubewright load …`

use std::path::{Path, PathBuf};

use super::engine::connect;
use super::{Call, Ended};
use crate::cli::LoadVerb;
use crate::error::{Error, Explain, Kind};
use crate::report::Output;
use crate::report::artifact::Artifact;
use crate::report::runs::{Earlier, Runs};
use crate::run::verify::Sound;
use crate::settings::Layer;

/// The namespace of containerd in which kubelet looks for images.
const NAMESPACE: &str = "k8s.io";

#[derive(Debug, thiserror::Error)]
enum LoadError {
    #[error("run {0} has no images")]
    NoImages(String),
    #[error("`{}` {wrong}, and is not loaded", .file.display())]
    Unsound { file: PathBuf, wrong: String },
    #[error("cannot run `ctr`, the command of containerd")]
    NoCommand(#[source] std::io::Error),
    #[error("`ctr` did not take `{}`: {said}", .file.display())]
    Refused { file: PathBuf, said: String },
}

impl Explain for LoadError {
    fn kind(&self) -> Kind {
        match self {
            LoadError::NoImages(_) => Kind::Usage,
            LoadError::Unsound { .. } => Kind::Findings,
            LoadError::NoCommand(_) => Kind::Preflight,
            LoadError::Refused { .. } => Kind::Engine,
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            LoadError::NoImages(_) => {
                vec!["`kubewright build target quick-release-images` builds images".to_owned()]
            }
            LoadError::Unsound { .. } | LoadError::NoCommand(_) | LoadError::Refused { .. } => {
                Vec::new()
            }
        }
    }
}

pub(super) fn run(verb: &LoadVerb, call: &Call) -> Result<(), Ended> {
    let settings = call.settings(Layer::none())?;
    let (LoadVerb::Engine { run } | LoadVerb::Containerd { run }) = verb;
    let found = Runs::below(&settings.home).find(Some(run))?;
    match verb {
        LoadVerb::Engine { .. } => {
            let engine = connect(&settings, call)?;
            load(&found, &|file| Ok(engine.load(file, &call.cancel)?))
        }
        LoadVerb::Containerd { .. } => load(&found, &containerd),
    }
}

/// Hands on every archive of images of a run, if it still is what was built, and prints the images' names.
fn load(run: &Earlier, put: &dyn Fn(&Path) -> Result<(), Error>) -> Result<(), Ended> {
    let artifacts = &run.manifest.artifacts;
    let archives: Vec<&Artifact> = artifacts
        .iter()
        .filter(|artifact| !artifact.images.is_empty())
        .collect();
    if archives.is_empty() {
        return Err(LoadError::NoImages(run.folder.id.clone()).into());
    }
    for artifact in archives {
        let file = run.folder.path.join(&artifact.path);
        if let Sound::No(wrong) = Sound::of(&file, artifact) {
            return Err(LoadError::Unsound { file, wrong }.into());
        }
        put(&file)?;
        let names = artifact.images.iter().flat_map(|image| &image.names);
        names.for_each(|name| Output.data(name));
    }
    Ok(())
}

fn containerd(file: &Path) -> Result<(), Error> {
    let output = duct::cmd!("ctr", "--namespace", NAMESPACE, "images", "import", file)
        .stdin_null()
        .stdout_null()
        .stderr_capture()
        .unchecked()
        .run()
        .map_err(LoadError::NoCommand)?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    let file = file.to_owned();
    Err(LoadError::Refused { file, said }.into())
}
