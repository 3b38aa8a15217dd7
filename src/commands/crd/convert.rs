//! `kubewright crd convert`

use super::human::Manner;
use super::inputs::{self, Input};
use super::lint::{self, File, Linted};
use super::{human, rewrite};
use crate::cli::{CrdConvertArgs, UnknownFields};
use crate::commands::{Call, Ended};
use crate::crd::convert::{Unknown, convert, is_old};
use crate::crd::document::{Document, Limits, ReadError, Reading, read, read_each};
use crate::crd::{Era, Severity, written};
use crate::error::{Explain, Kind};
use crate::plural;
use crate::report::{Output, Style, width};

/// How far rows behind the first of a note stand to the right.
const INDENT: usize = 2;

/// A file cannot be read as YAML or JSON.
#[derive(Debug, thiserror::Error)]
#[error("`{name}:{}` cannot be read", .source.at)]
pub(super) struct NotRead {
    pub(super) name: String,
    pub(super) source: ReadError,
}

impl Explain for NotRead {
    fn kind(&self) -> Kind {
        Kind::Usage
    }
}

pub(super) fn run(arguments: &CrdConvertArgs, call: &Call) -> Result<(), Ended> {
    let inputs = inputs::all(&arguments.files, &call.cancel)?;
    if arguments.write {
        rewrite::check(&inputs)?;
    }
    let unknown = match arguments.unknown {
        UnknownFields::Preserve => Unknown::Preserve,
        UnknownFields::Prune => Unknown::Prune,
    };
    let read = inputs
        .iter()
        .map(documents)
        .collect::<Result<Vec<_>, _>>()?;
    let (mut texts, mut results, mut count) = (Vec::new(), Vec::new(), 0);
    for (input, mut documents) in inputs.iter().zip(read) {
        let (text, converted) = file(input, &mut documents, unknown)?;
        texts.push(text);
        results.push(documents);
        count += converted;
    }
    if arguments.write {
        rewrite::rewrite(&inputs, &texts)?;
    } else {
        Output.raw(joined(&texts).as_bytes());
    }
    let left = left(if arguments.write {
        written_to(&inputs, &texts)
    } else {
        as_read(&inputs, results)
    });
    let mut summary = match count {
        0 => "nothing to convert: there is no definition of v1beta1".to_owned(),
        _ => format!("{} converted", plural::count(count as u64, "definition")),
    };
    if left > 0 {
        let left = plural::count(left as u64, "error");
        summary = format!("{summary}, {left} left");
    }
    Output.talk(&summary);
    if left > 0 {
        return Err(Ended::Reported(Kind::Findings.exit_code()));
    }
    Ok(())
}

/// The documents of a file.
pub(super) fn documents(input: &Input) -> Result<Vec<Document>, NotRead> {
    read(&input.bytes, Limits::default()).map_err(|source| NotRead {
        name: input.name.clone(),
        source,
    })
}

/// Converts all definitions of a file, among its documents too, and tells what was changed.
fn file(
    input: &Input,
    documents: &mut [Document],
    unknown: Unknown,
) -> Result<(String, usize), NotRead> {
    let mut text = String::from_utf8_lossy(&input.bytes).into_owned();
    let mut told = Vec::new();
    // The last one first: what stands before it keeps its place.
    for (index, document) in documents.iter_mut().enumerate().rev() {
        if !is_old(&document.root) {
            continue;
        }
        let converted = convert(text, index, unknown).map_err(|source| NotRead {
            name: input.name.clone(),
            source,
        })?;
        let mut changes = converted.changes;
        changes.sort_by_key(|change| change.at);
        let changes = changes.iter().map(|change| {
            let path = written(&change.path);
            format!("{}:{}: {path}: {}", input.name, change.at, change.message)
        });
        let mut lines: Vec<String> = changes.collect();
        if converted.rewritten {
            lines.push(format!(
                "{}:{}: written anew without its comments: its layout, with aliases for example, \
                 cannot be kept",
                input.name, document.root.at
            ));
        }
        told.push(lines);
        text = converted.text;
        document.root = converted.result;
    }
    let width = width::of_stderr();
    for line in told.iter().rev().flatten() {
        Output.talk(&width::fitted(line, width, INDENT));
    }
    Ok((text, told.len()))
}

/// The files as they are now.
fn written_to(inputs: &[Input], texts: &[String]) -> Vec<File> {
    let file = |(input, text): (&Input, &String)| File {
        name: input.name.clone(),
        text: text.clone(),
        argument: input.argument,
        expected: None,
        reading: read_each(text.as_bytes(), Limits::default()),
    };
    inputs.iter().zip(texts).map(file).collect()
}

/// The files as they were read, with what their documents are turned into: all of it has its place in what the user has.
fn as_read(inputs: &[Input], results: Vec<Vec<Document>>) -> Vec<File> {
    let file = |(input, documents): (&Input, Vec<Document>)| File {
        name: input.name.clone(),
        text: String::from_utf8_lossy(&input.bytes).into_owned(),
        argument: input.argument,
        expected: None,
        reading: Reading {
            documents,
            errors: Vec::new(),
        },
    };
    inputs.iter().zip(results).map(file).collect()
}

/// What the API server would still refuse; shown, and counted.
fn left(files: Vec<File>) -> usize {
    let mut linted = lint::by_rules(files, Era::NEWEST);
    for linted in &mut linted {
        linted
            .findings
            .retain(|finding| finding.severity == Severity::Error);
    }
    let manner = Manner {
        style: Style::of_stderr(),
        width: width::of_stderr(),
    };
    for shown in linted.iter().flat_map(|linted| human::show(linted, manner)) {
        Output.talk(&format!("{shown}\n"));
    }
    linted
        .iter()
        .map(|linted: &Linted| linted.findings.len())
        .sum()
}

/// Several files as one of several documents.
fn joined(texts: &[String]) -> String {
    let mut joined = String::new();
    for text in texts {
        if !joined.is_empty() {
            if !joined.ends_with('\n') {
                joined.push('\n');
            }
            if !text.starts_with("---") {
                joined.push_str("---\n");
            }
        }
        joined.push_str(text);
    }
    joined
}
