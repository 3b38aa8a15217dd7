//! Who a step is in its container.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::engine::EngineProfile;

/// A user and a group, by their numbers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct User {
    pub(super) uid: u32,
    pub(super) gid: u32,
}

impl User {
    pub(super) const ROOT: User = User { uid: 0, gid: 0 };

    /// Who may write to the tree: its owner. In an engine without rights of its own, root in a container is the user who
    /// runs it, and any other is nobody.
    pub(super) fn of_tree(tree: &Path, engine: &EngineProfile) -> User {
        if engine.rootless {
            return User::ROOT;
        }
        tree.metadata().map_or(User::ROOT, |metadata| User {
            uid: metadata.uid(),
            gid: metadata.gid(),
        })
    }

    /// As engines take it.
    pub(super) fn text(self) -> String {
        format!("{}:{}", self.uid, self.gid)
    }
}
