//! The table, compiled, and the search through a log.

use std::io::BufRead;
use std::sync::LazyLock;

use regex::bytes::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};
use serde::Deserialize;

use super::command::Filling;
use super::line::{self, Lines};
use super::{DiagnoseError, Diagnosis, Evidence, Failure, Row};

/// What a log tells of the components that are being built: Kubernetes prints each on a line of its own, with its folder or
/// its import path; make names the target that failed, which for a component is the component.
const COMPONENT: &str = r"(?x-u)
    ^ \x20{4} (?:k8s\.io/kubernetes/)? cmd/ (?P<built>[a-z][a-z0-9-]*) (?: \x20 \((?:non-)?static\) )? $
    | ^ make: \x20 \*\*\* \x20 \[ (?:Makefile:\d+:\x20)? (?P<target>kube[a-z0-9-]*) \] \x20 Error \x20 \d+ $";

/// More components than that are "all".
const MOST_COMPONENTS: usize = 2;

/// The table of known failures.
#[derive(Debug)]
pub struct Diagnoses {
    rows: Vec<Row>,
    /// Every pattern of every row, in that order.
    set: RegexSet,
    /// The same patterns one by one, each with its row.
    patterns: Vec<(usize, Regex)>,
    component: Regex,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    diagnosis: Vec<Row>,
}

/// The first line that matches a row.
struct Hit {
    line_number: u64,
    line: String,
    groups: Vec<(String, String)>,
}

static EMBEDDED: LazyLock<Result<Diagnoses, String>> =
    LazyLock::new(|| Diagnoses::parse(include_str!("diagnoses.toml")));

impl Diagnoses {
    /// The embedded table; its patterns are compiled once, at the first call.
    ///
    /// # Errors
    ///
    /// [`DiagnoseError::Table`] if the table is broken, which is a bug.
    pub fn embedded() -> Result<&'static Diagnoses, DiagnoseError> {
        EMBEDDED
            .as_ref()
            .map_err(|message| DiagnoseError::Table(message.clone()))
    }

    fn parse(text: &str) -> Result<Diagnoses, String> {
        let table: Table = toml::from_str(text).map_err(|error| error.to_string())?;
        let mut texts = Vec::new();
        let mut patterns = Vec::new();
        for (index, row) in table.diagnosis.iter().enumerate() {
            for pattern in &row.patterns {
                patterns.push((index, compile(pattern).map_err(|error| error.to_string())?));
                texts.push(pattern);
            }
        }
        let set = RegexSetBuilder::new(texts)
            .unicode(false)
            .multi_line(true)
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Diagnoses {
            rows: table.diagnosis,
            set,
            patterns,
            component: Regex::new(COMPONENT).map_err(|error| error.to_string())?,
        })
    }

    /// Every known failure, in the order of the table.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Reads a log to its end and gives the most specific diagnosis: the row of the highest rank that the log and the
    /// evidence show, and of those the one that shows first. Takes the same memory for logs of any size.
    ///
    /// # Errors
    ///
    /// [`DiagnoseError::Read`] if the log cannot be read.
    pub fn scan(
        &self,
        log: impl BufRead,
        evidence: &Evidence<'_>,
    ) -> Result<Option<Diagnosis>, DiagnoseError> {
        let mut hits: Vec<Option<Hit>> = self.rows.iter().map(|_| None).collect();
        let mut components = Vec::new();
        let mut lines = Lines::new(log);
        while let Some((number, line)) = lines.next()? {
            self.note_component(line, &mut components);
            if line::is_noise(line) {
                continue;
            }
            for pattern in &self.set.matches(line) {
                self.note_hit(pattern, number, line, &mut hits);
            }
        }
        let best = self.best(&hits, evidence);
        Ok(best.map(|row| self.diagnosis(row, hits[row].as_ref(), evidence, &components)))
    }

    fn note_component(&self, line: &[u8], components: &mut Vec<String>) {
        let may_name_one = line.starts_with(b"    ") || line.starts_with(b"make: ");
        if components.len() >= MOST_COMPONENTS || !may_name_one {
            return;
        }
        let Some(captures) = self.component.captures(line) else {
            return;
        };
        let Some(name) = captures.name("built").or(captures.name("target")) else {
            return;
        };
        let component = String::from_utf8_lossy(name.as_bytes()).into_owned();
        if !components.contains(&component) {
            components.push(component);
        }
    }

    fn note_hit(&self, pattern: usize, number: u64, line: &[u8], hits: &mut [Option<Hit>]) {
        let (row, regex) = &self.patterns[pattern];
        if hits[*row].is_some() {
            return;
        }
        // The set says that it matches, so there are captures.
        if let Some(captures) = regex.captures(line) {
            let start = captures.get(0).map_or(0, |whole| whole.start());
            hits[*row] = Some(Hit {
                line_number: number,
                line: line::shown(line, start),
                groups: Filling::groups_of(regex.capture_names(), &captures),
            });
        }
    }

    /// The row to show, by its index.
    fn best(&self, hits: &[Option<Hit>], evidence: &Evidence<'_>) -> Option<usize> {
        let shows_out_of_memory = (self.rows.iter().zip(hits)).any(|(row, hit)| {
            row.failure == Failure::OutOfMemory && row.needs.is_none() && hit.is_some()
        });
        (0..self.rows.len())
            .filter(|index| {
                let row = &self.rows[*index];
                (row.patterns.is_empty() || hits[*index].is_some())
                    && evidence.admits(row.applies)
                    && evidence.satisfies(row.needs, shows_out_of_memory)
            })
            // Without a line: after those with one.
            .min_by_key(|index| {
                let line = hits[*index]
                    .as_ref()
                    .map_or(u64::MAX, |hit| hit.line_number);
                (std::cmp::Reverse(self.rows[*index].rank), line)
            })
    }

    fn diagnosis(
        &self,
        row: usize,
        hit: Option<&Hit>,
        evidence: &Evidence<'_>,
        components: &[String],
    ) -> Diagnosis {
        let row = &self.rows[row];
        let filling = Filling {
            groups: hit.map(|hit| hit.groups.clone()).unwrap_or_default(),
            evidence,
            components,
        };
        Diagnosis {
            id: row.id.clone(),
            line_number: hit.map(|hit| hit.line_number),
            line: hit.map(|hit| hit.line.clone()).unwrap_or_default(),
            cause: filling.sentence(&row.cause),
            fix: filling.sentence(&row.fix),
            command: filling.command(&row.command, &row.without),
            link: row.link.clone(),
            failure: row.failure,
        }
    }
}

/// Logs are bytes; and without Unicode's classes, the automata are small and quick.
fn compile(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern)
        .unicode(false)
        .multi_line(true)
        .build()
}
