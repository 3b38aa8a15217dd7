//! The embedded repository: a miniature Kubernetes that becomes a real Git repository.
//!
//! It is only one more [`Fetcher`]: its commits, tags and trees are written into a mirror, with the same ids on every
//! machine, and everything after that is as for any other repository.

use std::collections::BTreeMap;
use std::path::Path;

use git2::{FileMode, Oid, Repository, Signature, Time};
use include_dir::{Dir, DirEntry, include_dir};

use super::error::SourceError;
use super::fetcher::{Depth, Fetcher, RemoteReference, Want};
use super::history::{Entry, History};
use super::progress::Watch;
use crate::hexadecimal::sha256;

static TEMPLATE: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates/demo");

/// The only branch.
const BRANCH: &str = "refs/heads/master";

/// A digest of the whole template: another binary's embedded repository gets another mirror.
pub(super) fn digest() -> String {
    let mut digests: Vec<(&Path, String)> = files(&TEMPLATE)
        .map(|(path, contents)| (path, sha256(contents)))
        .collect();
    digests.sort();
    let lines = digests
        .iter()
        .map(|(path, digest)| format!("{digest}  {}\n", path.display()));
    sha256(lines.collect::<String>().as_bytes())
}

/// Brings the embedded repository.
pub(super) struct EmbeddedFetcher {
    template: &'static Dir<'static>,
}

impl EmbeddedFetcher {
    pub(super) fn new() -> EmbeddedFetcher {
        EmbeddedFetcher {
            template: &TEMPLATE,
        }
    }
}

impl Fetcher for EmbeddedFetcher {
    fn list(
        &mut self,
        mirror: &Repository,
        _watch: &mut Watch<'_>,
    ) -> Result<Vec<RemoteReference>, SourceError> {
        let history = self
            .template
            .get_file("history.toml")
            .and_then(|file| file.contents_utf8());
        let history: History = toml::from_str(history.unwrap_or_default())
            .map_err(|error| SourceError::Embedded(error.to_string()))?;
        materialise(mirror, self.template, &history)
    }

    fn fetch(
        &mut self,
        mirror: &Repository,
        wants: &[Want],
        _depth: Depth,
        watch: &mut Watch<'_>,
    ) -> Result<(), SourceError> {
        let references = self.list(mirror, watch)?;
        set_references(mirror, &references, wants)
    }
}

/// Points the mirror's references to objects that it has already.
pub(super) fn set_references(
    mirror: &Repository,
    references: &[RemoteReference],
    wants: &[Want],
) -> Result<(), SourceError> {
    for want in wants {
        let listed = references
            .iter()
            .find(|reference| reference.name == want.source);
        let id = listed
            .map(|reference| reference.id)
            .or_else(|| Oid::from_str(&want.source).ok());
        if let Some(id) = id {
            mirror
                .reference(&want.destination, id, true, "fetch")
                .map_err(SourceError::git(
                    "set a reference of the mirror",
                    "the mirror",
                ))?;
        }
    }
    Ok(())
}

/// Writes all commits and tags; objects that are there already are not written again.
fn materialise(
    mirror: &Repository,
    template: &Dir<'_>,
    history: &History,
) -> Result<Vec<RemoteReference>, SourceError> {
    let failed = || SourceError::git("write the embedded repository", "demo");
    let mut references = Vec::new();
    let mut files = Files::default();
    let mut parent: Option<Oid> = None;
    for entry in &history.commits {
        files.apply(mirror, template, entry)?;
        let tree = files.write(mirror).map_err(failed())?;
        let commit = commit(mirror, entry, tree, parent).map_err(failed())?;
        if let Some(tag) = &entry.tag {
            let id = annotate(mirror, entry, tag, commit).map_err(failed())?;
            references.push(RemoteReference {
                name: format!("refs/tags/{tag}"),
                id,
                peeled: Some(commit),
            });
        }
        parent = Some(commit);
    }
    let tip = parent.ok_or_else(|| SourceError::Embedded("it has no commits".to_owned()))?;
    references.extend(["HEAD", BRANCH].map(|name| RemoteReference {
        name: name.to_owned(),
        id: tip,
        peeled: None,
    }));
    Ok(references)
}

/// The files of one commit: path to mode and blob.
#[derive(Default)]
struct Files(BTreeMap<String, (FileMode, Oid)>);

impl Files {
    fn apply(
        &mut self,
        mirror: &Repository,
        template: &Dir<'_>,
        entry: &Entry,
    ) -> Result<(), SourceError> {
        for gone in &entry.remove {
            let below = format!("{gone}/");
            self.0
                .retain(|path, _| path != gone && !path.starts_with(&below));
        }
        let overlay = template.get_dir(&entry.overlay).ok_or_else(|| {
            SourceError::Embedded(format!("there is no folder `{}`", entry.overlay))
        })?;
        for (path, contents) in files(overlay) {
            let path = path.strip_prefix(&entry.overlay).unwrap_or(path);
            // A template carries no modes: what a kernel can start is executable.
            let mode = if contents.starts_with(b"#!") {
                FileMode::BlobExecutable
            } else {
                FileMode::Blob
            };
            self.put(mirror, &path.to_string_lossy(), mode, contents)?;
        }
        for (path, target) in &entry.symlinks {
            self.put(mirror, path, FileMode::Link, target.as_bytes())?;
        }
        Ok(())
    }

    fn put(
        &mut self,
        mirror: &Repository,
        path: &str,
        mode: FileMode,
        contents: &[u8],
    ) -> Result<(), SourceError> {
        let blob = mirror
            .blob(contents)
            .map_err(SourceError::git("write the embedded repository", "demo"))?;
        self.0.insert(path.to_owned(), (mode, blob));
        Ok(())
    }

    fn write(&self, mirror: &Repository) -> Result<Oid, git2::Error> {
        let empty = mirror.find_tree(mirror.treebuilder(None)?.write()?)?;
        let mut update = git2::build::TreeUpdateBuilder::new();
        for (path, (mode, blob)) in &self.0 {
            update.upsert(path.as_str(), *blob, *mode);
        }
        update.create_updated(mirror, &empty)
    }
}

fn files<'a>(dir: &'a Dir<'a>) -> Box<dyn Iterator<Item = (&'a Path, &'a [u8])> + 'a> {
    Box::new(dir.entries().iter().flat_map(|entry| match entry {
        DirEntry::Dir(dir) => files(dir),
        DirEntry::File(file) => Box::new(std::iter::once((file.path(), file.contents()))),
    }))
}

fn commit(
    mirror: &Repository,
    entry: &Entry,
    tree: Oid,
    parent: Option<Oid>,
) -> Result<Oid, git2::Error> {
    let author = author(entry)?;
    let parent = parent.map(|id| mirror.find_commit(id)).transpose()?;
    let parents: Vec<&git2::Commit<'_>> = parent.iter().collect();
    let message = format!("{}\n", entry.message.trim_end());
    mirror.commit(
        None,
        &author,
        &author,
        &message,
        &mirror.find_tree(tree)?,
        &parents,
    )
}

fn annotate(
    mirror: &Repository,
    entry: &Entry,
    tag: &str,
    commit: Oid,
) -> Result<Oid, git2::Error> {
    let target = mirror.find_object(commit, None)?;
    let message = format!("Release {tag}\n");
    mirror.tag_annotation_create(tag, &target, &author(entry)?, &message)
}

/// The same on every machine, so that the ids are, too.
fn author(entry: &Entry) -> Result<Signature<'static>, git2::Error> {
    let time: jiff::Timestamp = (entry.time.parse())
        .map_err(|error| git2::Error::from_str(&format!("`{}`: {error}", entry.time)))?;
    let time = Time::new(time.as_second(), 0);
    Signature::new(
        "The kubewright authors",
        "authors@kubewright.invalid",
        &time,
    )
}
