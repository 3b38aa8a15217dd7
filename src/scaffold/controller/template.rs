//! The templates of projects, one folder a language, and how they are filled in.

use include_dir::{Dir, File, include_dir};
use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, UndefinedBehavior, Value};

use crate::scaffold::Files;

static TEMPLATES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates/controller");

/// The ending of a template; the rest of its path is that in the project.
const ENDING: &str = ".j2";

/// The name of a folder that is called as the version of the API.
const VERSION: &str = "VERSION";

/// A template that is wrong, which is a bug.
pub(super) type Broken = minijinja::Error;

/// Fills in all templates of a folder.
pub(super) fn render(folder: &str, version: &str, values: &Value) -> Result<Files, Broken> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    environment.set_syntax(
        SyntaxConfig::builder()
            .keep_trailing_newline(true)
            .trim_blocks(true)
            .lstrip_blocks(true)
            .build()?,
    );
    let mut files = Files::new();
    let Some(dir) = TEMPLATES.get_dir(folder) else {
        return Ok(files);
    };
    for file in all(dir) {
        let (Ok(path), Some(text)) = (file.path().strip_prefix(folder), file.contents_utf8())
        else {
            continue;
        };
        let path = path.to_string_lossy().replace(VERSION, version);
        match path.strip_suffix(ENDING) {
            Some(path) => {
                let text = environment.render_named_str(path, text, values)?;
                // A file that has nothing in it for this project is left out.
                if !text.trim().is_empty() {
                    files.insert(path.to_owned(), text);
                }
            }
            None => {
                files.insert(path, text.to_owned());
            }
        }
    }
    Ok(files)
}

fn all<'d>(dir: &'d Dir<'d>) -> Vec<&'d File<'d>> {
    let below = dir.dirs().flat_map(all);
    dir.files().chain(below).collect()
}
