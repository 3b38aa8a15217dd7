//! `kubewright scaffold …`

mod flags;

use std::path::{Path, PathBuf};

use serde_json::json;

use super::Ended;
use crate::cli::{ControllerArgs, CrdArgs, Format, LanguageName, ScaffoldVerb, WritingOptions};
use crate::error::Error;
use crate::report::{Output, Style};
use crate::scaffold::answers::Answers;
use crate::scaffold::controller::{Controller, Language};
use crate::scaffold::description::Description;
use crate::scaffold::stale::{self, Stale};
use crate::scaffold::writing::{self, Change, Planned};
use crate::scaffold::{Files, ScaffoldError, names, project, read_back, specification};

/// The name of the description in a project.
const SPECIFICATION: &str = "api.toml";

pub(super) fn run(verb: &ScaffoldVerb) -> Result<(), Ended> {
    match verb {
        ScaffoldVerb::Crd(arguments) => crd(arguments),
        ScaffoldVerb::Controller(arguments) => controller(arguments),
    }
}

fn controller(arguments: &ControllerArgs) -> Result<(), Ended> {
    let description = describe(&arguments.resource)?;
    let options = &arguments.resource.writing;
    let controller = Controller {
        language: match arguments.lang {
            LanguageName::Go => Language::Go,
        },
        module: arguments.module.clone(),
        description,
    };
    let mut files = controller.files()?;
    let description = &controller.description;
    let folder = folder(description, options);
    leave_specification(&mut files, &arguments.resource, &folder);
    let mut planned = writing::plan(&folder, &files)?;
    let kept = if options.force {
        keep_what_is_theirs(&mut planned)
    } else {
        Vec::new()
    };
    if !options.dry_run {
        writing::write(&folder, &planned, options.force)?;
    }
    report(description, &folder, &planned, options);
    if !kept.is_empty() {
        Output.talk(&format!(
            "left as {}: {}; what is removed first is made again",
            crate::plural::form(kept.len(), "it is", "they are"),
            kept.join(", ")
        ));
    }
    Ok(())
}

/// What is not made from the description alone is its developers' from the day on which the project was made. Gives the files that
/// stay as they are, although others would be made now.
fn keep_what_is_theirs(planned: &mut [Planned]) -> Vec<String> {
    let theirs = planned
        .iter_mut()
        .filter(|file| file.change == Change::Overwrite && !Controller::is_made(&file.path));
    theirs
        .map(|file| {
            file.change = Change::Keep;
            file.path.clone()
        })
        .collect()
}

/// The file from which all is made is its author's, with comments and layout, where it already lies in its place.
fn leave_specification(files: &mut Files, arguments: &CrdArgs, folder: &Path) {
    let place = folder.join(SPECIFICATION).canonicalize().ok();
    let given = arguments
        .spec
        .as_ref()
        .and_then(|spec| spec.canonicalize().ok());
    if given.is_some() && given == place {
        files.remove(SPECIFICATION);
    }
}

/// Where the files go.
fn folder(description: &Description, options: &WritingOptions) -> PathBuf {
    let named = options.out.clone();
    named.unwrap_or_else(|| PathBuf::from(&description.names.singular))
}

fn crd(arguments: &CrdArgs) -> Result<(), Ended> {
    let description = describe(arguments)?;
    let mut files = project::files(&description).map_err(|error| of_crd(error, arguments))?;
    let options = &arguments.writing;
    let folder = folder(&description, options);
    leave_specification(&mut files, arguments, &folder);
    if options.force {
        other_project(&folder, &description);
    }
    let mut planned = writing::plan(&folder, &files)?;
    let mut stale = if options.force || options.dry_run {
        stale::find(&folder, &description, &files)
    } else {
        Stale::default()
    };
    planned.append(&mut stale.files);
    planned.sort_by(|a, b| a.path.cmp(&b.path));
    if !options.dry_run {
        writing::write(&folder, &planned, options.force)?;
    }
    report(&description, &folder, &planned, options);
    for path in &stale.changed {
        let warning = Style::of_stderr().caution("warning:");
        Output.talk(&format!(
            "{warning} `{}` is of an earlier description, and stays: it is not as kubewright wrote it",
            folder.join(path).display()
        ));
    }
    Ok(())
}

/// Where the description is read back from a CRD, an example is said in that.
fn of_crd(error: ScaffoldError, arguments: &CrdArgs) -> Error {
    let is_sample = matches!(error, ScaffoldError::NoSample { .. });
    match &arguments.from_crd {
        Some(file) if is_sample => Error::from(error).with_hints(|_| {
            format!(
                "give the field, or what it stands in, an `example` in the schema of `{}`: samples take it",
                file.display()
            )
        }),
        _ => error.into(),
    }
}

/// Warns where the folder holds the project of another kind, of which `--force` overwrites the description.
fn other_project(folder: &Path, description: &Description) {
    let Ok(earlier) = specification::read(&folder.join("api.toml")) else {
        return;
    };
    let (kind, group) = (&earlier.kind.value, &earlier.group.value);
    if *kind == description.names.kind && *group == description.group {
        return;
    }
    let warning = Style::of_stderr().caution("warning:");
    Output.talk(&format!(
        "{warning} `{}` is the project of {kind} of {group}: its api.toml, Makefile and README.md are overwritten, its other \
         files stay; `--out` names another folder",
        folder.display()
    ));
}

fn describe(arguments: &CrdArgs) -> Result<Description, ScaffoldError> {
    let answers: Answers = match (&arguments.spec, &arguments.from_crd) {
        (Some(file), _) => specification::read(file)?,
        (None, Some(file)) => read_back::read(file)?,
        (None, None) => {
            flags::answers(arguments).map_err(|complaints| ScaffoldError::invalid(&complaints))?
        }
    };
    answers
        .describe()
        .map_err(|complaints| ScaffoldError::invalid(&complaints))
}

fn report(description: &Description, folder: &Path, planned: &[Planned], options: &WritingOptions) {
    if description.names.plural_is_guessed {
        Output.talk(&format!(
            "plural: {} (guessed; set --plural)",
            description.names.plural
        ));
    }
    let kind = &description.names.kind;
    if kind.starts_with(|c: char| c.is_ascii_lowercase()) {
        let warning = Style::of_stderr().caution("warning:");
        Output.talk(&format!(
            "{warning} the kind `{kind}` begins with a small letter, and kinds are written in CamelCase: did you mean `{}`?",
            names::capitalised(kind)
        ));
    }
    if options.format == Format::Json {
        Output.json(&document(description, folder, planned, options.dry_run));
    } else if options.dry_run {
        Output.data(&tree(folder, planned, Style::of_stdout()));
    } else {
        for file in planned {
            let path = folder.join(&file.path);
            match file.change {
                Change::Create | Change::Overwrite => Output.data(&path.display().to_string()),
                Change::Remove => Output.talk(&format!("removed {}", path.display())),
                Change::Keep => {}
            }
        }
        Output.talk(&format!(
            "{} is in {}; its README.md walks through it",
            description.name(),
            folder.display()
        ));
    }
}

fn document(
    description: &Description,
    folder: &Path,
    planned: &[Planned],
    dry_run: bool,
) -> serde_json::Value {
    let files = planned.iter().map(|file| {
        let mut row = json!({ "path": file.path, "change": file.change.word() });
        if dry_run {
            row["difference"] = json!(writing::difference(file));
        }
        row
    });
    json!({
        "schema": 1,
        "crd": description.name(),
        "plural": description.names.plural,
        "plural_guessed": description.names.plural_is_guessed,
        "folder": folder,
        "written": !dry_run,
        "files": files.collect::<Vec<_>>(),
    })
}

/// The files as a tree, and what would change in each.
fn tree(folder: &Path, planned: &[Planned], style: Style) -> String {
    let mut lines = vec![format!("{}/", folder.display())];
    let mut open: Vec<&str> = Vec::new();
    for file in planned {
        let mut names: Vec<&str> = file.path.split('/').collect();
        let name = names.pop().unwrap_or_default();
        let common = open
            .iter()
            .zip(&names)
            .take_while(|(one, other)| one == other)
            .count();
        for (depth, folder) in names.iter().enumerate().skip(common) {
            lines.push(format!("{}{folder}/", "  ".repeat(depth + 1)));
        }
        let indent = "  ".repeat(names.len() + 1);
        lines.push(format!(
            "{indent}{name}  {}",
            style.faint(file.change.word())
        ));
        open = names;
    }
    for file in planned.iter().filter(|file| file.change != Change::Keep) {
        lines.push(String::new());
        lines.push(writing::difference(file).trim_end().to_owned());
    }
    lines.join("\n")
}
