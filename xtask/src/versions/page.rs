//! The record as a page for people.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use kubewright::bytes::Bytes;

use super::record::{Record, Row};

const HEAD: &str = "\
# Versions

Which versions of Kubernetes were built, with which Go, and how it went. The page is written by `cargo xtask versions` from
`versions.json`, where all figures are exact; a version that is not in a table was not tried. Each cell is one
`kubewright build component NAME`, cold, with no hint from the user.

- *make* is the time of the step; *raw make* that of plain `make NAME` on the same tree, with the same Go first on PATH, cold. Times
  of a machine on which others work differ by half and more.
- *again* is the whole time of the same command once more, which has to find everything done.
- *forecast* is what the memory model expected of that try, without correction by earlier runs; *memory* is what was measured.
- *stamp* is read from the binary's own data; ✓ says that the tree's own script gives the same after the build, and that no file
  differs from the commit.
";

pub(super) fn text(record: &Record) -> String {
    let mut text = HEAD.to_owned();
    let mut tables: BTreeMap<(&str, &str), Vec<&Row>> = BTreeMap::new();
    for row in &record.rows {
        let key = (row.cell.component.as_str(), row.cell.executor.as_str());
        tables.entry(key).or_default().push(row);
    }
    for ((component, executor), rows) in tables {
        let place = if executor == "native" {
            "on this machine"
        } else {
            "in a container"
        };
        let _ = write!(text, "\n## {component}, {place}\n\n");
        text.push_str(
            "| version | Go wanted | Go used | make | raw make | again | forecast | memory | size | linked | stamp |\n\
             |---|---|---|---|---|---|---|---|---|---|---|\n",
        );
        for row in &rows {
            text.push_str(&line(row));
        }
        text.push_str(&notes(&rows));
    }
    text
}

fn line(row: &Row) -> String {
    let seconds =
        |seconds: Option<f64>| seconds.map_or("–".to_owned(), |took| format!("{took:.0} s"));
    let bytes =
        |bytes: Option<u64>| bytes.map_or("–".to_owned(), |bytes| Bytes(bytes).to_string());
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "–".to_owned());
    if !row.is_built() {
        return format!(
            "| {} | {} | {} | failed | {} | – | – | – | – | – | – |\n",
            row.cell.reference,
            text(&row.go_wanted),
            text(&row.go_used),
            seconds(row.raw_seconds)
        );
    }
    let warm = if row.warm { " (warm)" } else { "" };
    let again = row
        .again_seconds
        .map_or("built twice".to_owned(), |took| format!("{took:.2} s"));
    format!(
        "| {} | {} | {} | {}{warm} | {} | {again} | {} | {} | {} | {} | {} |\n",
        row.cell.reference,
        text(&row.go_wanted),
        text(&row.go_used),
        seconds(row.seconds),
        seconds(row.raw_seconds),
        bytes(row.forecast),
        bytes(row.peak),
        bytes(row.size),
        text(&row.linkage),
        stamp(row)
    )
}

fn stamp(row: &Row) -> String {
    let Some(stamp) = &row.stamp else {
        return "none".to_owned();
    };
    match (&row.upstream_stamp, row.changes_after) {
        (Some(upstream), _) if upstream != stamp => format!("{stamp}, upstream {upstream}"),
        (Some(_), Some(0)) => format!("{stamp} ✓"),
        (_, Some(changes)) if changes > 0 => format!("{stamp}, {changes} changed after"),
        _ => stamp.clone(),
    }
}

/// What was said of the rows, each sentence once, with the versions that it was said of.
fn notes(rows: &[&Row]) -> String {
    let mut said: Vec<(&str, Vec<&str>)> = Vec::new();
    for row in rows {
        for note in row.notes.iter().chain(&row.error) {
            match said.iter_mut().find(|(known, _)| known == note) {
                Some((_, references)) => references.push(&row.cell.reference),
                None => said.push((note, vec![&row.cell.reference])),
            }
        }
    }
    if said.is_empty() {
        return String::new();
    }
    let lines = said
        .iter()
        .map(|(note, references)| format!("- {}: {note}\n", references.join(", ")));
    format!("\n{}", lines.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::super::cell::{Cell, Tree};
    use super::*;

    fn row(reference: &str) -> Row {
        let tree = Tree::Ref {
            repo: "demo".to_owned(),
            reference: reference.to_owned(),
        };
        Row::new(&Cell::new(&tree, "kubectl", "native"), false)
    }

    #[test]
    fn a_row_says_how_it_went_and_a_note_stands_once() {
        let built = |reference: &str| Row {
            exit_code: Some(0),
            go_wanted: Some("1.12.5".to_owned()),
            go_used: Some("1.12.17".to_owned()),
            seconds: Some(98.4),
            stamp: Some(reference.to_owned()),
            upstream_stamp: Some(reference.to_owned()),
            changes_after: Some(0),
            again_seconds: Some(0.412),
            notes: vec!["go1.12.5 cannot be had".to_owned()],
            ..row(reference)
        };
        let failed = Row {
            exit_code: Some(3),
            error: Some("no Go".to_owned()),
            ..row("v1.4.0")
        };
        let mut record = Record::default();
        for row in [failed, built("v1.15.0"), built("v1.15.1")] {
            record.put(row);
        }
        let text = text(&record);
        assert!(
            text.contains(
                "| v1.15.0 | 1.12.5 | 1.12.17 | 98 s | – | 0.41 s | – | – | – | – | v1.15.0 ✓ |\n"
            ),
            "{text}"
        );
        assert!(text.contains("| v1.4.0 | – | – | failed | – |"), "{text}");
        assert!(text.contains("- v1.4.0: no Go\n"), "{text}");
        assert!(
            text.ends_with("- v1.15.0, v1.15.1: go1.12.5 cannot be had\n"),
            "{text}"
        );
    }
}
