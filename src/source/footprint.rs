//! What libgit2 may map of packs. It maps them whole by default, and does not read Git's own settings for it
//! (`core.packedGitWindowSize`, `core.packedGitLimit`).

use std::sync::Once;

/// How much of a pack is mapped at once.
const WINDOW: usize = 1 << 20;

/// How much of all packs is mapped at once.
const WINDOWS: usize = 8 << 20;

/// Limits libgit2, once for this process. Writing the tree of Kubernetes takes a third less memory so, and no more time.
pub(super) fn limit() {
    static LIMITED: Once = Once::new();
    LIMITED.call_once(set);
}

#[expect(unsafe_code, reason = "libgit2's options are globals without a lock")]
fn set() {
    // SAFETY: they must not change while another thread is in libgit2. What uses packs begins with `provide`, which calls
    // this first, and `Once` makes every other caller wait until this has ended.
    let outcome = unsafe {
        git2::opts::set_mwindow_size(WINDOW)
            .and_then(|()| git2::opts::set_mwindow_mapped_limit(WINDOWS))
    };
    // Without limits all works as well, with more memory.
    drop(outcome);
}
