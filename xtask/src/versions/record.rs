//! What is known of the cells, as JSON: written whole after every cell, so that a table of hours goes on after an end.

use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::cell::Cell;
use crate::Failure;

/// All rows, in the order of components and versions.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(super) struct Record {
    pub(super) schema: u32,
    pub(super) rows: Vec<Row>,
}

/// How a cell went.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Row {
    #[serde(flatten)]
    pub(super) cell: Cell,
    /// The exit code of kubewright.
    pub(super) exit_code: Option<i32>,
    /// What went wrong, with its causes.
    pub(super) error: Option<String>,
    /// Whether another component of the same tree was built before, so that much was compiled already.
    pub(super) warm: bool,
    /// The Go that the tree asks for.
    pub(super) go_wanted: Option<String>,
    /// The Go that built it.
    pub(super) go_used: Option<String>,
    /// How long the steps ran.
    pub(super) seconds: Option<f64>,
    /// The most memory that they held, in bytes.
    pub(super) peak: Option<u64>,
    /// The memory that the first try was forecast to hold, in bytes.
    #[serde(default)]
    pub(super) forecast: Option<u64>,
    /// How many packages were compiled, as far as they were counted.
    pub(super) packages: Option<u64>,
    /// The size of the binary in bytes.
    pub(super) size: Option<u64>,
    /// `static` or `dynamic`.
    pub(super) linkage: Option<String>,
    /// The version that was read from the binary.
    pub(super) stamp: Option<String>,
    /// What the tree's own script says, after the build.
    pub(super) upstream_stamp: Option<String>,
    /// How long the same build took again; nothing where it was not all taken from the first.
    pub(super) again_seconds: Option<f64>,
    /// How many files differed from the commit then.
    pub(super) changes_after: Option<usize>,
    /// How long plain make took on the same tree, cold.
    pub(super) raw_seconds: Option<f64>,
    /// What was different from what the tree asks for, and what the user should know.
    pub(super) notes: Vec<String>,
}

impl Row {
    pub(super) fn new(cell: &Cell, warm: bool) -> Row {
        Row {
            cell: cell.clone(),
            exit_code: None,
            error: None,
            warm,
            go_wanted: None,
            go_used: None,
            seconds: None,
            peak: None,
            forecast: None,
            packages: None,
            size: None,
            linkage: None,
            stamp: None,
            upstream_stamp: None,
            again_seconds: None,
            changes_after: None,
            raw_seconds: None,
            notes: Vec::new(),
        }
    }

    pub(super) fn is_built(&self) -> bool {
        self.exit_code == Some(0)
    }

    /// In one line, for the developer who waits.
    pub(super) fn outcome(&self) -> String {
        match &self.error {
            None => format!(
                "built in {:.0} s with go{}, again in {}",
                self.seconds.unwrap_or_default(),
                self.go_used.as_deref().unwrap_or("?"),
                self.again_seconds.map_or_else(
                    || "no time: it was built twice".to_owned(),
                    |took| format!("{took:.2} s")
                ),
            ),
            Some(error) => format!("failed: {error}"),
        }
    }
}

impl Record {
    /// Reads it; one without rows where there is no file.
    pub(super) fn read(path: &Path) -> Result<Record, Failure> {
        match fs::read(path) {
            Ok(text) => Ok(serde_json::from_slice(&text)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Record {
                schema: 1,
                rows: Vec::new(),
            }),
            Err(error) => Err(error.into()),
        }
    }

    pub(super) fn write(&self, path: &Path) -> Result<(), Failure> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut text = serde_json::to_vec_pretty(self)?;
        text.push(b'\n');
        Ok(kubewright::run::write_whole(path, &text)?)
    }

    pub(super) fn is_built(&self, cell: &Cell) -> bool {
        self.rows
            .iter()
            .any(|row| row.cell == *cell && row.is_built())
    }

    /// Takes a row in, in place of an older one of the same cell. A time of plain make that was taken before stays.
    pub(super) fn put(&mut self, mut row: Row) {
        if let Some(at) = self.rows.iter().position(|known| known.cell == row.cell) {
            let old = self.rows.remove(at);
            row.raw_seconds = row.raw_seconds.or(old.raw_seconds);
        }
        self.rows.push(row);
        self.rows.sort_by_key(|row| {
            let cell = &row.cell;
            let order = order(&cell.reference);
            (
                cell.executor.clone(),
                cell.component.clone(),
                order,
                cell.reference.clone(),
            )
        });
    }
}

/// A version by its numbers, so that 1.9 comes before 1.10, and what comes before a release before it.
fn order(reference: &str) -> (Vec<u64>, bool, Vec<u64>) {
    let numbers = |text: &str| {
        let words = text.split(|c: char| !c.is_ascii_digit());
        words.filter_map(|word| word.parse().ok()).collect()
    };
    match reference.split_once('-') {
        Some((release, stage)) => (numbers(release), false, numbers(stage)),
        None => (numbers(reference), true, Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::cell::Tree;
    use super::*;

    fn row(reference: &str, exit_code: i32) -> Row {
        let tree = Tree::Ref {
            repo: "/somewhere/history".to_owned(),
            reference: reference.to_owned(),
        };
        let mut row = Row::new(&Cell::new(&tree, "kubectl", "native"), false);
        row.exit_code = Some(exit_code);
        row
    }

    #[test]
    fn versions_stand_in_their_order_and_what_failed_is_tried_again() {
        let mut record = Record::default();
        for (reference, code) in [("v1.10.0", 0), ("v1.9.0", 1), ("v1.9.0-beta.1", 0)] {
            record.put(row(reference, code));
        }
        let order: Vec<_> = record
            .rows
            .iter()
            .map(|row| row.cell.reference.as_str())
            .collect();
        assert_eq!(order, ["v1.9.0-beta.1", "v1.9.0", "v1.10.0"]);
        assert!(!record.is_built(&row("v1.9.0", 0).cell));
        assert!(record.is_built(&row("v1.10.0", 0).cell));
        record.put(row("v1.9.0", 0));
        assert_eq!(record.rows.len(), 3);
        assert!(record.is_built(&row("v1.9.0", 0).cell));
    }

    #[test]
    fn a_record_is_read_as_it_was_written_and_names_no_place_of_this_machine() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("docs/versions.json");
        let mut record = Record::read(&path).unwrap();
        record.put(row("v1.5.0", 0));
        record.write(&path).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains("\"origin\": \"history\""), "{text}");
        assert_eq!(
            Record::read(&path).unwrap().rows[0].cell,
            record.rows[0].cell
        );
    }
}
