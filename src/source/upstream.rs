//! A small repository in the shape of Kubernetes, for tests.

use std::path::Path;

use git2::{Oid, Repository, RepositoryInitOptions, Signature, Time};
use tempfile::TempDir;

use crate::cancel::Cancel;

use super::{Access, Checkout, Location, Options, Progress, Request, SourceError, Store, provide};

/// The script of current trees, as far as rules are read from it.
pub(super) const VERSION_SCRIPT: &str = r#"
  if [[ '$Format:%%$' == "%" ]]; then
    KUBE_GIT_COMMIT='$Format:%H$'
    if [[ '$Format:%D$' =~ tag:\ (v[^ ,]+) ]]; then
  KUBE_GIT_VERSION=$("${git[@]}" describe --tags --match='v*' --abbrev=14 "${KUBE_GIT_COMMIT}^{commit}")
      if [[ "${DASHES_IN_VERSION}" == "---" ]] ; then
        KUBE_GIT_VERSION=$(echo "${KUBE_GIT_VERSION}" | sed "s/-\([0-9]\{1,\}\)-g\([0-9a-f]\{14\}\)$/.\1\+\2/")
      elif [[ "${DASHES_IN_VERSION}" == "--" ]] ; then
      if [[ "${KUBE_GIT_VERSION}" =~ ^v([0-9]+)\.([0-9]+)(\.[0-9]+)?([-].*)?([+].*)?$ ]]; then
      if ! [[ "${KUBE_GIT_VERSION}" =~ ^v([0-9]+)\.([0-9]+)(\.[0-9]+)?(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$ ]]; then
"#;

/// A repository with a work tree, on branch `master`.
pub(super) struct Upstream {
    pub(super) dir: TempDir,
    pub(super) repository: Repository,
}

impl Upstream {
    /// One commit: the files that make a tree of Kubernetes recognisable.
    pub(super) fn new() -> Upstream {
        let dir = tempfile::tempdir().unwrap();
        let mut options = RepositoryInitOptions::new();
        let repository = Repository::init_opts(dir.path(), options.initial_head("master")).unwrap();
        let upstream = Upstream { dir, repository };
        upstream.write("hack/lib/init.sh", "");
        upstream.write("hack/lib/version.sh", VERSION_SCRIPT);
        upstream.write(".gitignore", "/_output*\n");
        upstream.commit("first");
        upstream
    }

    pub(super) fn root(&self) -> &Path {
        self.dir.path()
    }

    pub(super) fn write(&self, path: &str, text: &str) {
        let path = self.root().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Commits the whole work tree, after writing `message` into the file `message`.
    pub(super) fn commit(&self, message: &str) -> Oid {
        self.write("message", message);
        let mut index = self.repository.index().unwrap();
        index
            .add_all(["*"], git2::IndexAddOption::DEFAULT, None)
            .unwrap();
        index.write().unwrap();
        let tree = self
            .repository
            .find_tree(index.write_tree().unwrap())
            .unwrap();
        let parent = self
            .repository
            .head()
            .ok()
            .map(|head| head.peel_to_commit().unwrap());
        let parents: Vec<&git2::Commit<'_>> = parent.iter().collect();
        let age = parent
            .as_ref()
            .map_or(1_700_000_000, |parent| parent.time().seconds() + 60);
        let author = author(age);
        self.repository
            .commit(Some("HEAD"), &author, &author, message, &tree, &parents)
            .unwrap()
    }

    /// The newest commit.
    pub(super) fn head(&self) -> Oid {
        self.repository.head().unwrap().target().unwrap()
    }

    /// An annotated tag at the newest commit.
    pub(super) fn tag(&self, name: &str) {
        let head = self
            .repository
            .head()
            .unwrap()
            .peel(git2::ObjectType::Commit)
            .unwrap();
        self.repository
            .tag(name, &head, &author(1_700_000_000), name, false)
            .unwrap();
    }

    pub(super) fn location(&self) -> Location {
        Location::parse(self.root().to_str().unwrap()).unwrap()
    }
}

fn author(seconds: i64) -> Signature<'static> {
    Signature::new("A", "a@example.org", &Time::new(seconds, 0)).unwrap()
}

/// Provides `reference`; the newest release where it is empty.
pub(super) fn get(
    store: &Path,
    location: &Location,
    reference: &str,
    offline: bool,
) -> Result<Checkout, SourceError> {
    get_telling(store, location, reference, offline, &mut |_| {})
}

/// The same, with an ear for progress.
pub(super) fn get_telling(
    store: &Path,
    location: &Location,
    reference: &str,
    offline: bool,
    progress: &mut dyn FnMut(Progress),
) -> Result<Checkout, SourceError> {
    let reference = match reference {
        "" => super::Reference::NewestStable,
        name => name.parse()?,
    };
    let request = Request::Repository {
        location: location.clone(),
        reference,
    };
    let options = Options {
        access: Access::Own,
        offline,
        purpose: "test".to_owned(),
    };
    provide(
        &request,
        &Store::new(store),
        &options,
        &Cancel::default(),
        progress,
    )
}

/// Opens a directory in place.
pub(super) fn get_directory(store: &Path, directory: &Path) -> Result<Checkout, SourceError> {
    let request = Request::Directory(directory.to_owned());
    let options = Options::default();
    provide(
        &request,
        &Store::new(store),
        &options,
        &Cancel::default(),
        &mut |_| {},
    )
}
