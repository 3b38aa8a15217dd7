//! A table of texts for people: columns as wide as their widest cell, the last one open.

use super::Style;
use super::width::wrapped;

/// A last column that is narrower is not broken: it would be one word a row.
const NARROWEST: usize = 20;

/// Rows below a heading.
#[derive(Clone, Debug, Default)]
pub struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with this heading.
    pub fn new(heading: &[&str]) -> Table {
        Table {
            rows: vec![heading.iter().map(ToString::to_string).collect()],
        }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// The table as text, the heading faint.
    pub fn render(&self, style: Style) -> String {
        self.fitted(style, None)
    }

    /// The same; in a width that is known, the last column is broken at spaces.
    pub fn fitted(&self, style: Style, width: Option<usize>) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or_default();
        let widest = |column: usize| {
            self.rows
                .iter()
                .filter_map(|row| row.get(column))
                .map(|cell| cell.chars().count())
                .max()
                .unwrap_or_default()
        };
        let widths: Vec<usize> = (0..columns).map(widest).collect();
        let before: usize = widths.iter().rev().skip(1).map(|width| width + 2).sum();
        let line = |row: &Vec<String>| {
            let cells = row
                .iter()
                .zip(&widths)
                .map(|(cell, width)| format!("{cell:width$}"));
            let line = cells.collect::<Vec<_>>().join("  ").trim_end().to_owned();
            let last = line.char_indices().nth(before).map(|(at, _)| at);
            match (width, last) {
                (Some(width), Some(at)) if width >= before + NARROWEST => {
                    let (others, last) = line.split_at(at);
                    let last = wrapped(last, width - before, 0);
                    let rows = last.replace('\n', &format!("\n{}", " ".repeat(before)));
                    format!("{others}{rows}")
                }
                _ => line,
            }
        };
        let mut lines = self.rows.iter().map(line);
        let heading = lines.next().map(|heading| style.faint(&heading));
        heading
            .into_iter()
            .chain(lines)
            .collect::<Vec<_>>()
            .join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut table = Table::new(&["NAME", "KIND"]);
        table.row(["kubectl".to_owned(), "component".to_owned()]);
        table.row(["all".to_owned(), String::new()]);
        assert_eq!(
            table.render(Style::PLAIN),
            "NAME     KIND\nkubectl  component\nall"
        );
    }

    #[test]
    fn the_last_column_is_broken_where_it_is_too_wide() {
        let mut table = Table::new(&["RULE", "DEMANDS"]);
        table.row([
            "name".to_owned(),
            "The definition is named PLURAL.GROUP".to_owned(),
        ]);
        assert_eq!(
            table.fitted(Style::PLAIN, Some(28)),
            "RULE  DEMANDS\nname  The definition is\n      named PLURAL.GROUP"
        );
    }
}
