//! What a mirror needs from whatever brings it objects.

use git2::{Oid, Repository};

use super::error::SourceError;
use super::progress::Watch;

/// Brings references and objects of one repository into a bare mirror.
pub(super) trait Fetcher {
    /// Whether it can bring the last commits only.
    fn can_be_shallow(&self) -> bool {
        false
    }

    /// The references that the repository has (`git ls-remote`).
    fn list(
        &mut self,
        mirror: &Repository,
        watch: &mut Watch<'_>,
    ) -> Result<Vec<RemoteReference>, SourceError>;

    /// Brings what is wanted, and sets the mirror's references to it. The mirror's `shallow` file names afterwards where
    /// the history that was brought ends; it may have lost entries of earlier fetches.
    fn fetch(
        &mut self,
        mirror: &Repository,
        wants: &[Want],
        depth: Depth,
        watch: &mut Watch<'_>,
    ) -> Result<(), SourceError>;
}

/// A reference of the repository that is fetched from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct RemoteReference {
    /// Its whole name: `refs/tags/v1.34.1`, `HEAD`.
    pub name: String,
    /// What it points to: a commit or an annotated tag.
    pub id: Oid,
    /// The commit behind an annotated tag.
    pub peeled: Option<Oid>,
}

impl RemoteReference {
    /// The commit that it stands for.
    pub(super) fn commit(&self) -> Oid {
        self.peeled.unwrap_or(self.id)
    }

    /// The name of a tag.
    pub(super) fn tag(&self) -> Option<&str> {
        self.name.strip_prefix("refs/tags/")
    }

    /// The name of a branch.
    pub(super) fn branch(&self) -> Option<&str> {
        self.name.strip_prefix("refs/heads/")
    }
}

/// One thing to bring.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Want {
    /// A reference of the repository, or a commit's whole id.
    pub source: String,
    /// The mirror's reference that shall point to it.
    pub destination: String,
}

impl Want {
    /// A reference that has the same name here and there.
    pub(super) fn same(name: &str) -> Want {
        Want {
            source: name.to_owned(),
            destination: name.to_owned(),
        }
    }

    /// As Git writes it; the plus sign takes references that did not move forward.
    pub(super) fn refspec(&self) -> String {
        format!("+{}:{}", self.source, self.destination)
    }
}

/// How much history is brought.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Depth {
    /// All of it.
    Full,
    /// So many commits from each tip.
    Commits(u32),
}
