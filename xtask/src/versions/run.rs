//! Building a cell by the public command line, and reading from its events how it went.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use kubewright::plan::Linkage;
use kubewright::report::manifest::Manifest;
use kubewright::report::{Envelope, Event};

use super::cell::{Cell, Tree};
use super::record::Row;
use crate::Failure;
use crate::stamps::upstream_stamp;

/// What a call of kubewright said.
struct Called {
    code: Option<i32>,
    run: Option<String>,
    events: Vec<Event>,
}

/// Where cells are built.
pub(super) struct Workshop {
    pub(super) program: PathBuf,
    pub(super) home: PathBuf,
    pub(super) executor: String,
}

impl Workshop {
    /// Tells the developer what goes on.
    pub(super) fn say(&self, text: &str) {
        eprintln!("[{}] {text}", self.executor);
    }

    /// Builds a cell, and the same again; whatever goes wrong becomes a part of the row.
    pub(super) fn build(&self, tree: &Tree, cell: &Cell, warm: bool) -> Row {
        let mut row = Row::new(cell, warm);
        let first = self.events(tree, &cell.component);
        match first {
            Ok(Called { code, run, events }) => {
                row.exit_code = code;
                for event in &events {
                    take(&mut row, event);
                }
                row.forecast = run.and_then(|run| self.forecast(&run));
                if !row.is_built() && row.error.is_none() {
                    row.error = Some("it ended without a word".to_owned());
                }
            }
            Err(error) => row.error = Some(error.to_string()),
        }
        if row.is_built() {
            if let Ok(called) = self.events(tree, &cell.component)
                && called.code == Some(0)
            {
                again(&mut row, &called.events);
            }
            row.upstream_stamp = self.folder(tree).and_then(|root| upstream_stamp(&root));
        }
        row
    }

    fn events(&self, tree: &Tree, component: &str) -> Result<Called, Failure> {
        let mut arguments = vec![
            "build".to_owned(),
            "component".to_owned(),
            component.to_owned(),
        ];
        arguments.extend(tree.flags());
        arguments.extend(["--executor".to_owned(), self.executor.clone()]);
        arguments.extend(["--message-format".to_owned(), "json".to_owned()]);
        let output = self.kubewright(&arguments)?;
        let text = String::from_utf8_lossy(&output.stdout);
        let envelopes = text
            .lines()
            .map(serde_json::from_str::<Envelope>)
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Called {
            code: output.status.code(),
            run: envelopes.last().map(|envelope| envelope.run.clone()),
            events: envelopes.into_iter().map(|it| it.event).collect(),
        })
    }

    /// The most memory that a step of a run was forecast to hold, by the run's manifest.
    fn forecast(&self, run: &str) -> Option<u64> {
        let manifest = self.home.join("runs").join(run).join("manifest.json");
        let manifest: Manifest = serde_json::from_slice(&fs::read(manifest).ok()?).ok()?;
        let attempts = manifest
            .steps
            .iter()
            .filter_map(|step| step.attempts.first());
        attempts
            .filter_map(|attempt| attempt.forecast)
            .map(|it| it.0)
            .max()
    }

    /// Runs kubewright with the home of these builds.
    pub(super) fn kubewright(&self, arguments: &[String]) -> Result<Output, Failure> {
        Ok(duct::cmd(&self.program, arguments)
            .env("KUBEWRIGHT_HOME", &self.home)
            .stdin_null()
            .stdout_capture()
            .unchecked()
            .run()?)
    }

    /// The folder of a tree that was built.
    pub(super) fn folder(&self, tree: &Tree) -> Option<PathBuf> {
        let Tree::Ref { repo, reference } = tree else {
            let Tree::Folder(folder) = tree else {
                return None;
            };
            return Some(folder.clone());
        };
        let words = ["source", "path", reference, "--repo", repo].map(str::to_owned);
        let output = self.kubewright(&words).ok()?;
        let path = String::from_utf8(output.stdout).ok()?;
        Some(PathBuf::from(path.trim_end())).filter(|path| path.is_dir())
    }

    /// Makes sure that a tree is built cold.
    pub(super) fn empty(&self, tree: &Tree) -> Result<(), Failure> {
        match tree {
            Tree::Folder(folder) if folder.join("_output").exists() => {
                let folder = folder.display();
                Err(
                    format!("`{folder}` has an `_output`: move it away, it would be removed")
                        .into(),
                )
            }
            _ => self.clear(tree),
        }
    }

    /// Removes what building a tree has left, and the artifacts.
    pub(super) fn clear(&self, tree: &Tree) -> Result<(), Failure> {
        let gc: &[&[&str]] = match tree {
            Tree::Ref { .. } => &[&["source", "gc", "--all"], &["runs", "gc", "--keep", "0"]],
            Tree::Folder(folder) => {
                remove_output(folder);
                &[&["runs", "gc", "--keep", "0"]]
            }
        };
        for words in gc {
            let words: Vec<String> = words.iter().map(ToString::to_string).collect();
            self.kubewright(&words)?;
        }
        Ok(())
    }
}

/// Removes a tree's `_output`; Go's module cache in it is read-only.
pub(super) fn remove_output(tree: &Path) {
    let output = tree.join("_output");
    if output.exists() {
        let _ = duct::cmd!("chmod", "-R", "u+w", &output).unchecked().run();
        let _ = std::fs::remove_dir_all(output);
    }
}

/// What an event of the first build tells of a cell.
fn take(row: &mut Row, event: &Event) {
    match event {
        Event::Planned { plan } => {
            row.go_wanted.clone_from(&plan.toolchain.wanted);
            row.go_used = Some(plan.toolchain.version.clone());
            // The notes of a run name servers and places of this machine, too; those of the plan do not.
            row.notes.extend(plan.remarks.iter().cloned());
        }
        Event::Warning { message } => row.notes.push(message.clone()),
        Event::StepProgress { packages, .. } => row.packages = Some(*packages),
        Event::StepFinished { seconds, peak, .. } => {
            row.seconds = Some(row.seconds.unwrap_or_default() + seconds);
            row.peak = row.peak.max(Some(peak.0));
        }
        Event::ArtifactReady { artifact, .. } => {
            row.size = Some(artifact.size.0);
            row.stamp.clone_from(&artifact.version);
            row.linkage = artifact.linkage.map(|linkage| {
                match linkage {
                    Linkage::Static => "static",
                    Linkage::Dynamic => "dynamic",
                }
                .to_owned()
            });
        }
        Event::RunFinished {
            error: Some(failure),
            ..
        } => {
            let words: Vec<&str> = std::iter::once(&failure.message)
                .chain(&failure.causes)
                .map(String::as_str)
                .collect();
            row.error = Some(words.join("; "));
        }
        _ => {}
    }
}

/// What the same build tells when it is done again: nothing may be left to do.
fn again(row: &mut Row, events: &[Event]) {
    let is_reused = |event: &Event| matches!(event, Event::ArtifactReady { artifact, .. } if artifact.from_run.is_some());
    let reused = events.iter().any(is_reused);
    for event in events {
        match event {
            Event::SourceReady { changes, .. } => row.changes_after = Some(*changes),
            Event::RunFinished { seconds, .. } if reused => row.again_seconds = Some(*seconds),
            _ => {}
        }
    }
}
