//! What a build generates in the tree, beside its output folder (up to 1.23).

use super::TreeError;
use super::source_text::SourceText;

/// The Makefile of what is generated before every build, and the one that sets its variables; the root's are symlinks to the
/// others since 1.7.
const MAKEFILES: [(&str, &str); 2] = [
    ("Makefile.generated_files", "Makefile"),
    ("build/root/Makefile.generated_files", "build/root/Makefile"),
];

/// What a build generates.
#[derive(Debug, Default)]
pub(super) struct Generated {
    /// The patterns of `.gitignore` for what it leaves.
    pub(super) ignored: Vec<String>,
    /// What the names of the files begin with that its generators write, whether they are committed or not.
    pub(super) beginning: Option<String>,
}

/// Reads it from a tree's files. Git ignores some of it, so that it makes no stamp
/// dirty; some is committed as well, and a build writes it anew.
pub(super) fn read(source: &SourceText<'_>) -> Result<Generated, TreeError> {
    let mut generates = false;
    let mut settings = String::new();
    for (makefile, root) in MAKEFILES {
        generates |= source.read(makefile)?.is_some();
        settings.extend(source.read(root)?);
    }
    if !generates {
        return Ok(Generated::default());
    }
    let ignored = source.read(".gitignore")?.unwrap_or_default();
    let patterns = ignored
        .lines()
        .map(str::trim)
        .filter(|line| !line.starts_with(['#', '!']) && is_generated(line));
    let prefixes = settings
        .lines()
        .filter_map(|line| line.strip_prefix("GENERATED_FILE_PREFIX := "));
    Ok(Generated {
        ignored: patterns
            .map(|pattern| pattern.trim_matches('/').to_owned())
            .collect(),
        beginning: prefixes.map(|prefix| prefix.trim().to_owned()).next(),
    })
}

fn is_generated(pattern: &str) -> bool {
    pattern == "/.make/" || pattern.contains("generated")
}
