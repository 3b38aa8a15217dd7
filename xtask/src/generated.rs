//! Files that are made from the program: written, or held against what is there.

use std::fs;

use super::{Failure, root};

/// A generated file.
pub(super) struct Page {
    /// Its place below the repository's root.
    pub path: String,
    /// All that stands in it.
    pub text: String,
}

/// Writes the pages that are not as they should be; with `check`, names them and fails instead.
pub(super) fn settle(pages: &[Page], check: bool) -> Result<(), Failure> {
    let is_stale = |page: &&Page| {
        let found = fs::read_to_string(root().join(&page.path)).unwrap_or_default();
        found != page.text
    };
    let stale: Vec<&Page> = pages.iter().filter(is_stale).collect();
    if check && !stale.is_empty() {
        let names: Vec<&str> = stale.iter().map(|page| page.path.as_str()).collect();
        let names = names.join(", ");
        return Err(format!(
            "not what the program says: {names}\n\nhint: `cargo xtask schemas` and `cargo xtask reference` write them"
        )
        .into());
    }
    stale.into_iter().try_for_each(write)
}

fn write(page: &Page) -> Result<(), Failure> {
    let path = root().join(&page.path);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    Ok(fs::write(path, &page.text)?)
}
