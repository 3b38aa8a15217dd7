//! Getting a tree: what a ref means, the mirror, fetchers, checkouts, the version stamp.
//!
//! [`provide`] turns a [`Request`] into a [`Checkout`]:
//!
//! ```text
//! Location + Reference ──► mirror (one bare repository a source) ──► checkout (one tree a ref) ──► stamp
//!                            ▲ Fetcher: embedded, local, network        ▲ TreeWriter
//! directory ──► the user's own tree, in place ─────────────────────────────────────────────────► stamp
//! ```
//!
//! Everything that is written lies in the [`Store`]; the user's own trees are only read.

use std::path::PathBuf;

use crate::cancel::Cancel;

mod changes;
mod checkout;
mod credentials;
mod embedded;
mod error;
mod fetcher;
mod footprint;
mod gc;
mod history;
mod in_place;
mod leftovers;
mod libgit2;
mod listing;
mod local;
mod location;
mod mirror;
mod new_tree;
mod patience;
mod progress;
mod put_back;
mod reference;
mod removal;
mod rules;
mod shallow;
mod size;
mod stamp;
mod store;
mod tree_writer;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod upstream;

pub use checkout::Checkout;
pub use error::SourceError;
pub use gc::Removed;
pub(crate) use gc::size_below;
pub use in_place::find_root;
pub use location::{KUBERNETES, Location};
pub use progress::{Progress, Transfer};
pub use put_back::put_back;
pub use reference::{Name, Reference};
pub use size::size;
pub use stamp::{Stamp, TreeState, Unversioned};
pub use store::{Store, Stored};

use checkout::Place;
use mirror::{Mirror, Target};
use new_tree::NewTreeWriter;
use progress::Watch;
use tree_writer::Libgit2Writer;

/// Which tree is wanted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Request {
    /// A version of a repository.
    Repository {
        /// Where it is.
        location: Location,
        /// Which version.
        reference: Reference,
    },
    /// The user's own tree, built where it is; a folder inside it will do.
    Directory(PathBuf),
}

/// What is done with a tree.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Access {
    /// It is built: whoever else works on it is waited for.
    #[default]
    Own,
    /// It is read. Where somebody works on it and it is at its commit already, nobody is waited for, and
    /// [`Checkout::lock`] is absent: builds change nothing but `_output`.
    Read,
}

/// How a tree is provided.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Options {
    /// Only what is on this machine: no network.
    pub offline: bool,
    /// Whether the tree is only read.
    pub access: Access,
    /// What the tree is for; whoever waits for its lock reads this: `run 7f3a: build component kubectl`.
    pub purpose: String,
}

/// Provides a tree: fetches what is missing, checks it out, and computes its stamp. It is locked until the [`Checkout`] is
/// dropped, unless [`Access::Read`] spares the wait. A mirror that turns out to be damaged is made again once.
pub fn provide(
    request: &Request,
    store: &Store,
    options: &Options,
    cancel: &Cancel,
    progress: &mut dyn FnMut(Progress),
) -> Result<Checkout, SourceError> {
    footprint::limit();
    let mut watch = Watch::new(cancel, progress);
    match request {
        Request::Directory(directory) => in_place::open(directory, store, options, &mut watch),
        Request::Repository {
            location,
            reference,
        } => {
            let job = Job {
                location,
                reference,
                store,
                options,
            };
            let result = job.run(&mut watch);
            match result.as_ref().err().and_then(SourceError::damage) {
                Some(cause) if !options.offline => {
                    job.remake_mirror(cause, &mut watch)?;
                    job.run(&mut watch)
                }
                _ => result,
            }
        }
    }
}

/// A request for a version of a repository, with all that it needs.
struct Job<'a> {
    location: &'a Location,
    reference: &'a Reference,
    store: &'a Store,
    options: &'a Options,
}

impl Job<'_> {
    fn run(&self, watch: &mut Watch<'_>) -> Result<Checkout, SourceError> {
        watch.check()?;
        let mut mirror = self.mirror(watch)?;
        let target: Target = mirror.obtain(self.reference, watch)?;
        let (directory, display) = (mirror.directory().to_owned(), mirror.display.clone());
        // From here on objects are only read: whoever waits for the mirror need not wait for this tree.
        drop(mirror);
        let place = Place {
            root: self.store.checkout(&self.location.slug(), &target.name),
            mirror: &directory,
            display: &display,
        };
        place.provide(&target, &NewTreeWriter(Libgit2Writer), self.options, watch)
    }

    fn mirror(&self, watch: &mut Watch<'_>) -> Result<Mirror, SourceError> {
        let Options {
            offline, purpose, ..
        } = self.options;
        Mirror::open(self.store, self.location, *offline, purpose, watch)
    }

    fn remake_mirror(&self, cause: &str, watch: &mut Watch<'_>) -> Result<(), SourceError> {
        let mirror = self.mirror(watch)?;
        watch.tell(Progress::RemakingMirror {
            path: mirror.directory().to_owned(),
            cause: cause.to_owned(),
        });
        mirror.remove()
    }
}
