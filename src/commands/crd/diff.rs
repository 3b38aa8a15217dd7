//! `kubewright crd diff`

use std::path::PathBuf;

use super::inputs::{self, Input};
use crate::cli::{ChangeFormat, CrdDiffArgs};
use crate::commands::{Call, Ended};
use crate::crd::Severity;
use crate::crd::diff::{Change, DiffReport, Place, ReportedChange, Verdict, count, diff};
use crate::crd::document::{Document, Position, objects};
use crate::crd::subject::UnknownApi;
use crate::crd::together::{self, Placed};
use crate::error::{Explain, Kind};
use crate::plural;
use crate::report::{Output, Style, width};

/// There is nothing to compare.
#[derive(Debug, thiserror::Error)]
#[error("there is no custom resource definition in `{}`", .0.display())]
struct NoDefinition(PathBuf);

impl Explain for NoDefinition {
    fn kind(&self) -> Kind {
        Kind::Usage
    }
}

/// How far rows behind the first of a change stand to the right.
const INDENT: usize = 2;

/// One of the two forms.
struct Form {
    inputs: Vec<Input>,
    documents: Vec<(usize, Vec<Document>)>,
}

impl Form {
    fn read(path: &PathBuf, call: &Call) -> Result<Form, Ended> {
        let inputs = inputs::all(std::slice::from_ref(path), &call.cancel)?;
        let mut documents = Vec::new();
        for (index, input) in inputs.iter().enumerate() {
            documents.push((index, objects(super::convert::documents(input)?)));
        }
        let form = Form { inputs, documents };
        UnknownApi::check(form.all())?;
        form.warn_of_doubles();
        if count(form.all()) == 0 {
            return Err(NoDefinition(path.clone()).into());
        }
        Ok(form)
    }

    fn all(&self) -> impl Iterator<Item = &Document> {
        self.documents.iter().flat_map(|(_, documents)| documents)
    }

    /// Of two definitions of one name the last is compared.
    fn warn_of_doubles(&self) {
        let placed = self.documents.iter().flat_map(|(index, documents)| {
            let file = &self.inputs[*index].name;
            documents.iter().map(move |document| (file, document))
        });
        let placed: Vec<Placed<'_>> = placed
            .map(|(file, document)| Placed {
                file,
                root: &document.root,
            })
            .collect();
        let warning = Style::of_stderr().caution("warning:");
        for (index, finding) in together::check(&placed) {
            if finding.rule == "definition-unique" && finding.severity == Severity::Error {
                let file = placed[index].file;
                Output.talk(&format!(
                    "{warning} {file}:{}: {}: the last is compared",
                    finding.at, finding.message
                ));
            }
        }
    }

    /// The file that has a definition: the last, which counts where several have it.
    fn file(&self, name: &str) -> &str {
        let has = |document: &Document| {
            let named = document.root.dig(&["metadata", "name"]);
            named.and_then(|node| node.text()) == Some(name)
        };
        let mut files = self.documents.iter().rev();
        let found = files.find(|(_, documents)| documents.iter().any(has));
        let index = found.map_or(0, |(index, _)| *index);
        &self.inputs[index].name
    }
}

pub(super) fn run(arguments: &CrdDiffArgs, call: &Call) -> Result<(), Ended> {
    let old = Form::read(&arguments.old, call)?;
    let new = Form::read(&arguments.new, call)?;
    let changes = diff(old.all(), new.all());
    let breaking = changes
        .iter()
        .filter(|change| change.verdict == Verdict::Breaking)
        .count();
    match arguments.format {
        ChangeFormat::Human => human(&changes, &old, &new, breaking),
        ChangeFormat::Json => json(changes, &old, &new, breaking),
    }
    if breaking > 0 {
        return Err(Ended::Reported(Kind::Findings.exit_code()));
    }
    Ok(())
}

fn human(changes: &[Change], old: &Form, new: &Form, breaking: usize) {
    let style = Style::of_stdout();
    let width = width::of_stdout();
    for change in changes {
        let (label, styled) = match change.verdict {
            Verdict::Breaking => {
                let label = format!("breaking[{}]:", change.kind);
                (label.clone(), style.bad(&label))
            }
            Verdict::Compatible => {
                let label = format!("compatible[{}]:", change.kind);
                (label.clone(), style.good(&label))
            }
        };
        let mut subject = change.definition.clone();
        for part in change.version.iter().chain([&change.path]) {
            if !part.is_empty() {
                subject.push(' ');
                subject.push_str(part);
            }
        }
        let place = |form: &Form, at: Option<Position>| {
            let at = at?;
            Some(format!("{}:{at}", form.file(&change.definition)))
        };
        let places = match (place(old, change.old), place(new, change.new)) {
            (Some(old), Some(new)) => format!("{old} -> {new}"),
            (Some(old), None) => format!("{old} -> nothing"),
            (None, Some(new)) => format!("nothing -> {new}"),
            (None, None) => String::new(),
        };
        // Colours have no width.
        let line = format!("{label} {subject}: {}", change.message);
        let line = width::fitted(&line, width, INDENT);
        let line = line.replacen(&label, &styled, 1);
        Output.data(&format!("{line}\n  {places}"));
    }
    let compatible = changes.len() - breaking;
    Output.talk(&format!(
        "{}, {breaking} breaking, {compatible} compatible",
        plural::count(changes.len() as u64, "change"),
    ));
}

fn json(changes: Vec<Change>, old: &Form, new: &Form, breaking: usize) {
    let place = |form: &Form, name: &str, at: Option<Position>| {
        at.map(|at| Place {
            file: form.file(name).to_owned(),
            line: at.line,
            column: at.column,
        })
    };
    let changes = changes.into_iter().map(|change| ReportedChange {
        old: place(old, &change.definition, change.old),
        new: place(new, &change.definition, change.new),
        definition: change.definition,
        version: change.version,
        path: change.path,
        verdict: change.verdict,
        kind: change.kind.to_owned(),
        message: change.message,
    });
    let report = DiffReport {
        schema: 1,
        breaking,
        changes: changes.collect(),
    };
    Output.json(&report.document());
}
