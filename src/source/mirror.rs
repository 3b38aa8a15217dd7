//! One bare repository a source: only the references that were asked for, with as little history as their versions need.

use std::path::{Path, PathBuf};

use git2::{
    DescribeFormatOptions, DescribeOptions, Oid, Repository, RepositoryInitOptions,
    RepositoryOpenFlags,
};

use crate::lock::Lock;

use super::embedded::EmbeddedFetcher;
use super::error::SourceError;
use super::fetcher::{Depth, Fetcher, RemoteReference, Want};
use super::leftovers;
use super::libgit2::Libgit2Fetcher;
use super::listing::{FEW, few_names, head_branch};
use super::local::LocalFetcher;
use super::location::Location;
use super::progress::{Progress, Watch};
use super::reference::{Name, Reference, near, newest};
use super::removal::remove_tree;
use super::shallow;
use super::store::{Store, lock, lock_path, partial_path};

/// How deep a branch is fetched in search of its version tag, before all of it is. Depth counts along every parent, and
/// Kubernetes merges much: up to 2020, 50 are some 20,000 commits and 100 most of its history. Of 40 commits of master, all but
/// one had their version at 50. A smaller first depth does not pay: libgit2 takes longer to deepen than to fetch once.
const DEPTHS: [u32; 3] = [50, 100, 1_600];

/// The depth that servers and libgit2 take for everything.
const INFINITE: u32 = i32::MAX as u32;

/// A mirror that no other process changes meanwhile.
pub(super) struct Mirror {
    repository: Repository,
    fetcher: Box<dyn Fetcher>,
    /// The repository for people.
    pub(super) display: String,
    is_offline: bool,
    _lock: Lock,
}

/// What a ref means.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Target {
    /// The tag, branch or commit.
    pub(super) name: String,
    pub(super) commit: Oid,
    /// The reference of the mirror that the version comes from.
    pub(super) version_tag: Option<String>,
}

impl Mirror {
    /// Opens the mirror of a repository; makes it where there is none.
    pub(super) fn open(
        store: &Store,
        location: &Location,
        is_offline: bool,
        purpose: &str,
        watch: &mut Watch<'_>,
    ) -> Result<Mirror, SourceError> {
        let directory = store.mirror(&location.slug());
        let lock = lock(&lock_path(&directory), purpose, watch)?;
        let display = location.display();
        let fetcher = fetcher(location, &display);
        let repository = open_or_create(&directory, &display)?;
        leftovers::remove(repository.path());
        Ok(Mirror {
            repository,
            fetcher,
            display,
            is_offline,
            _lock: lock,
        })
    }

    /// Removes a mirror that is damaged. Checkouts that borrow from it are made again when they are wanted.
    pub(super) fn remove(self) -> Result<(), SourceError> {
        remove_tree(self.repository.path())
    }

    /// Where it is.
    pub(super) fn directory(&self) -> &Path {
        self.repository.path()
    }

    /// Brings what `reference` means, unless the mirror has it.
    pub(super) fn obtain(
        &mut self,
        reference: &Reference,
        watch: &mut Watch<'_>,
    ) -> Result<Target, SourceError> {
        match reference {
            Reference::Named(name) => match self.settled(name) {
                Some(target) => Ok(target),
                None if self.is_offline => self.known_branch(name),
                None => {
                    let listing = self.fetcher.list(&self.repository, watch)?;
                    self.resolve(name, &listing, watch)
                }
            },
            Reference::NewestStable => self.obtain_newest(watch),
        }
    }

    fn obtain_newest(&mut self, watch: &mut Watch<'_>) -> Result<Target, SourceError> {
        let none = SourceError::NoRelease {
            repository: self.display.clone(),
        };
        if self.is_offline {
            let tags = self.names("refs/tags/");
            let newest = newest(tags.iter().map(String::as_str)).map(str::to_owned);
            let name = newest.ok_or_else(|| self.absent("the newest release"))?;
            return self.tag(&name).ok_or(none);
        }
        let listing = self.fetcher.list(&self.repository, watch)?;
        let name = newest(listing.iter().filter_map(RemoteReference::tag)).ok_or(none)?;
        match self.tag(name) {
            Some(target) => Ok(target),
            None => self.bring_tag(name, &listing, watch),
        }
    }

    /// What never changes its meaning and is here: a tag, or a whole commit whose version is known.
    fn settled(&self, name: &Name) -> Option<Target> {
        self.tag(short_tag(name.as_str())).or_else(|| {
            let commit = name
                .is_commit()
                .then(|| Oid::from_str(name.as_str()).ok())
                .flatten()?;
            self.repository.find_commit(commit).ok()?;
            (self.is_offline || self.is_version_known(commit)).then(|| self.commit(commit))
        })
    }

    /// A branch as it was when it was last fetched.
    fn known_branch(&self, name: &Name) -> Result<Target, SourceError> {
        let branch = short_branch(name.as_str());
        self.branch(branch)
            .ok_or_else(|| self.absent(name.as_str()))
    }

    fn absent(&self, reference: &str) -> SourceError {
        let mut has = self.names("refs/tags/");
        has.extend(self.names("refs/heads/"));
        // Of a mirror with a whole history only some: the newest last.
        let has = has.split_off(has.len().saturating_sub(FEW));
        SourceError::Offline {
            reference: reference.to_owned(),
            repository: self.display.clone(),
            has,
        }
    }

    fn resolve(
        &mut self,
        name: &Name,
        listing: &[RemoteReference],
        watch: &mut Watch<'_>,
    ) -> Result<Target, SourceError> {
        let text = name.as_str();
        let (tag, branch) = (short_tag(text), short_branch(text));
        if listing.iter().any(|reference| reference.tag() == Some(tag)) {
            self.bring_tag(tag, listing, watch)
        } else if listing
            .iter()
            .any(|reference| reference.branch() == Some(branch))
        {
            self.bring_branch(branch, listing, watch)
        } else if let Some(branch) = (text == "HEAD").then(|| head_branch(listing)).flatten() {
            self.bring_branch(branch, listing, watch)
        } else if name.is_commit() {
            self.bring_commit(text, listing, watch)
        } else {
            Err(self.unknown(name, listing))
        }
    }

    fn unknown(&self, name: &Name, listing: &[RemoteReference]) -> SourceError {
        let (reference, repository) = (name.to_string(), self.display.clone());
        if name.is_part_of_commit() {
            return SourceError::ShortCommit {
                reference,
                repository,
            };
        }
        let names = listing
            .iter()
            .filter_map(|listed| listed.tag().or(listed.branch()));
        SourceError::UnknownReference {
            near: near(&reference, names),
            has: few_names(listing),
            reference,
            repository,
        }
    }

    /// A version tag is its own version and needs no history; any other tag is a commit like others.
    fn bring_tag(
        &mut self,
        tag: &str,
        listing: &[RemoteReference],
        watch: &mut Watch<'_>,
    ) -> Result<Target, SourceError> {
        let name = format!("refs/tags/{tag}");
        if is_version(tag) {
            let depth = if self.fetcher.can_be_shallow() {
                Depth::Commits(1)
            } else {
                Depth::Full
            };
            self.bring(&[Want::same(&name)], depth, watch)?;
        } else {
            self.bring_with_history(&Want::same(&name), listing, watch)?;
        }
        self.tag(tag).ok_or_else(|| self.vanished(tag, listing))
    }

    fn bring_branch(
        &mut self,
        branch: &str,
        listing: &[RemoteReference],
        watch: &mut Watch<'_>,
    ) -> Result<Target, SourceError> {
        let listed = listing
            .iter()
            .find(|reference| reference.branch() == Some(branch));
        let known = self.branch(branch).map(|target| target.commit);
        let is_current = known.is_some() && known == listed.map(|reference| reference.id);
        if !is_current || !known.is_some_and(|commit| self.is_version_known(commit)) {
            let want = Want::same(&format!("refs/heads/{branch}"));
            self.bring_with_history(&want, listing, watch)?;
        }
        self.branch(branch)
            .ok_or_else(|| self.vanished(branch, listing))
    }

    fn bring_commit(
        &mut self,
        commit: &str,
        listing: &[RemoteReference],
        watch: &mut Watch<'_>,
    ) -> Result<Target, SourceError> {
        let want = Want {
            source: commit.to_owned(),
            destination: format!("refs/kubewright/{commit}"),
        };
        match self.bring_with_history(&want, listing, watch) {
            Err(error @ (SourceError::Cancelled { .. } | SourceError::Damaged { .. })) => {
                return Err(error);
            }
            Err(_) => self.bring_all_branches(listing, watch)?,
            Ok(()) => {}
        }
        let id = Oid::from_str(commit).map_err(SourceError::git("read a commit id", commit))?;
        if self.repository.find_commit(id).is_err() {
            return Err(self.vanished(commit, listing));
        }
        Ok(self.commit(id))
    }

    /// For servers that do not hand out single commits.
    fn bring_all_branches(
        &mut self,
        listing: &[RemoteReference],
        watch: &mut Watch<'_>,
    ) -> Result<(), SourceError> {
        watch.tell(Progress::FetchingBranches);
        let branches = listing
            .iter()
            .filter(|reference| reference.branch().is_some());
        let wants: Vec<Want> = branches
            .map(|reference| Want::same(&reference.name))
            .collect();
        let depth = if self.fetcher.can_be_shallow() {
            Depth::Commits(INFINITE)
        } else {
            Depth::Full
        };
        self.bring(&wants, depth, watch)?;
        self.bring_version_tags(listing, watch)
    }

    /// Brings a tip with its history to the nearest version tag.
    fn bring_with_history(
        &mut self,
        want: &Want,
        listing: &[RemoteReference],
        watch: &mut Watch<'_>,
    ) -> Result<(), SourceError> {
        let wants = std::slice::from_ref(want);
        if !self.fetcher.can_be_shallow() {
            self.bring(wants, Depth::Full, watch)?;
            return self.bring_version_tags(listing, watch);
        }
        for depth in DEPTHS.into_iter().chain([INFINITE]) {
            watch.tell(Progress::Deepening { depth });
            self.bring(wants, Depth::Commits(depth), watch)?;
            self.bring_version_tags(listing, watch)?;
            let tip = self.commit_at(&want.destination);
            if tip.is_some_and(|tip| self.is_version_known(tip)) {
                break;
            }
        }
        Ok(())
    }

    /// Brings the version tags of the commits that are here.
    fn bring_version_tags(
        &mut self,
        listing: &[RemoteReference],
        watch: &mut Watch<'_>,
    ) -> Result<(), SourceError> {
        let is_wanted = |reference: &&RemoteReference| {
            reference.tag().is_some_and(is_version)
                && self.repository.find_commit(reference.commit()).is_ok()
                && self.repository.refname_to_id(&reference.name) != Ok(reference.id)
        };
        let wants: Vec<Want> = (listing.iter().filter(is_wanted))
            .map(|reference| Want::same(&reference.name))
            .collect();
        if wants.is_empty() {
            return Ok(());
        }
        self.bring(&wants, Depth::Full, watch)
    }

    fn bring(
        &mut self,
        wants: &[Want],
        depth: Depth,
        watch: &mut Watch<'_>,
    ) -> Result<(), SourceError> {
        let before = shallow::read(self.directory());
        self.fetcher.fetch(&self.repository, wants, depth, watch)?;
        shallow::settle(&self.repository, before)?;
        // libgit2 reads the ends of history once.
        let path = self.directory().to_owned();
        self.repository =
            open(&path).map_err(SourceError::git("open the mirror", &self.display))?;
        Ok(())
    }

    /// Whether the version of a commit would be the same if the whole history were here: it has a version tag below it, and
    /// history does not end between the two.
    fn is_version_known(&self, commit: Oid) -> bool {
        let ends = shallow::read(self.directory());
        if ends.is_empty() {
            return true;
        }
        let Some(tag) = self.version_tag(commit) else {
            return false;
        };
        let between = || {
            let mut walk = self.repository.revwalk()?;
            walk.push(commit)?;
            walk.hide(
                self.repository
                    .revparse_single(&tag)?
                    .peel_to_commit()?
                    .id(),
            )?;
            walk.collect::<Result<Vec<Oid>, git2::Error>>()
        };
        between().is_ok_and(|between| between.iter().all(|commit| !ends.contains(commit)))
    }

    /// The reference of the nearest version tag.
    fn version_tag(&self, commit: Oid) -> Option<String> {
        let object = self.repository.find_object(commit, None).ok()?;
        let description = object
            .describe(DescribeOptions::new().describe_tags().pattern("v*"))
            .ok()?;
        let name = description.format(Some(DescribeFormatOptions::new().abbreviated_size(0)));
        Some(format!("refs/tags/{}", name.ok()?))
    }

    fn tag(&self, tag: &str) -> Option<Target> {
        let name = format!("refs/tags/{tag}");
        let commit = self.commit_at(&name)?;
        let version_tag = if is_version(tag) {
            Some(name)
        } else {
            self.version_tag(commit)
        };
        Some(Target {
            name: tag.to_owned(),
            commit,
            version_tag,
        })
    }

    fn branch(&self, branch: &str) -> Option<Target> {
        let commit = self.commit_at(&format!("refs/heads/{branch}"))?;
        Some(Target {
            name: branch.to_owned(),
            ..self.commit(commit)
        })
    }

    /// The commit that a reference of the mirror stands for.
    fn commit_at(&self, reference: &str) -> Option<Oid> {
        let reference = self.repository.find_reference(reference).ok()?;
        Some(reference.peel_to_commit().ok()?.id())
    }

    fn commit(&self, commit: Oid) -> Target {
        Target {
            name: commit.to_string(),
            commit,
            version_tag: self.version_tag(commit),
        }
    }

    /// It was listed, and is not what a tree can be made of.
    fn vanished(&self, reference: &str, listing: &[RemoteReference]) -> SourceError {
        SourceError::UnknownReference {
            reference: reference.to_owned(),
            repository: self.display.clone(),
            near: Vec::new(),
            has: few_names(listing),
        }
    }

    /// The names of the mirror's references that start with `prefix`, without it.
    fn names(&self, prefix: &str) -> Vec<String> {
        let Ok(mut references) = self.repository.references_glob(&format!("{prefix}*")) else {
            return Vec::new();
        };
        let names = references.names().filter_map(Result::ok);
        names
            .filter_map(|name| name.strip_prefix(prefix).map(str::to_owned))
            .collect()
    }
}

fn fetcher(location: &Location, display: &str) -> Box<dyn Fetcher> {
    match (location, location.local_path()) {
        (Location::Embedded, _) => Box::new(EmbeddedFetcher::new()),
        (Location::Url(_), Some(path)) => Box::new(LocalFetcher::new(path, display.to_owned())),
        (Location::Url(url), None) => {
            Box::new(Libgit2Fetcher::new(url.clone(), display.to_owned()))
        }
    }
}

fn open_or_create(directory: &Path, display: &str) -> Result<Repository, SourceError> {
    match open(directory) {
        Ok(repository) => return Ok(repository),
        // Not even a repository: nothing in it can be used.
        Err(_) if directory.exists() => remove_tree(directory)?,
        Err(_) => {}
    }
    let partial = partial_path(directory);
    remove_tree(&partial)?;
    create(&partial, display).map_err(SourceError::git("make a mirror", display))?;
    std::fs::rename(&partial, directory).map_err(SourceError::store("create", directory))?;
    open(directory).map_err(SourceError::git("open the mirror", display))
}

/// Opens a mirror so that history ends where its `shallow` file says: [`Repository::open_bare`] does not read that file, and
/// every walk to an end would fail for want of the parents.
fn open(directory: &Path) -> Result<Repository, git2::Error> {
    let flags = RepositoryOpenFlags::NO_SEARCH | RepositoryOpenFlags::BARE;
    Repository::open_ext(directory, flags, std::iter::empty::<&Path>())
}

fn create(directory: &PathBuf, display: &str) -> Result<(), git2::Error> {
    let mut options = RepositoryInitOptions::new();
    let repository = Repository::init_opts(directory, options.bare(true).mkpath(true))?;
    let mut config = repository.config()?;
    config.set_str("remote.origin.url", display)?;
    // libgit2 reads an object that a crash cut short for ever.
    config.set_bool("core.fsyncObjectFiles", true)?;
    // Checkouts borrow objects that no reference of the mirror may reach any more.
    config.set_str("gc.auto", "0")?;
    config.set_str("gc.pruneExpire", "never")
}

fn is_version(tag: &str) -> bool {
    tag.starts_with('v')
}

fn short_tag(text: &str) -> &str {
    text.strip_prefix("refs/tags/").unwrap_or(text)
}

fn short_branch(text: &str) -> &str {
    text.strip_prefix("refs/heads/").unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::upstream::Upstream;

    #[test]
    fn a_mirror_is_opened_with_its_ends_of_history() {
        let upstream = Upstream::new();
        let end = upstream.commit("second");
        let directory = upstream.repository.path();
        std::fs::write(directory.join("shallow"), format!("{end}\n")).unwrap();
        let mirror = open(directory).unwrap();
        assert_eq!(mirror.find_commit(end).unwrap().parent_count(), 0);
    }
}
