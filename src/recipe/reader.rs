//! From text to [`RecipeFile`]: syntax, keys and types, going on after each problem.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::Problem;
use super::file::{BuildTable, LimitsTable, Located, RecipeFile, SourceTable, TABLES};
use super::nearest::nearest;

/// Reads all that can be read. Without problems, every value has the type that it must have.
pub(super) fn read(text: &str) -> (RecipeFile, Vec<Problem>) {
    let (document, errors) = DeTable::parse_recoverable(text);
    let mut problems: Vec<Problem> = errors.iter().map(syntax_problem).collect();
    if !problems.is_empty() {
        // What follows a broken line is guessed: problems found there would be misleading.
        return (RecipeFile::default(), problems);
    }
    let mut root = Table::new("", document.get_ref(), &mut problems);
    let file = RecipeFile {
        summary: root.string("summary"),
        source: root.table("source", source).unwrap_or_default(),
        build: root.table("build", build).unwrap_or_default(),
        limits: root.table("limits", limits).unwrap_or_default(),
        make: root.table("make", make).unwrap_or_default(),
    };
    (file, problems)
}

fn syntax_problem(error: &toml::de::Error) -> Problem {
    Problem {
        message: "broken TOML".to_owned(),
        table: "",
        span: error.span().unwrap_or_default(),
        // Some of its messages have a second line with what was expected.
        label: error.message().replace('\n', "; "),
    }
}

fn source(table: &mut Table<'_>) -> SourceTable {
    SourceTable {
        repo: table.string("repo"),
        git_ref: table.string("ref"),
        directory: table.string("directory"),
    }
}

fn build(table: &mut Table<'_>) -> BuildTable {
    BuildTable {
        place: Some(table.span.clone()),
        components: table.strings("components"),
        target: table.string("target"),
        all: table.boolean("all"),
        platforms: table.strings("platforms"),
        executor: table.string("executor"),
    }
}

fn limits(table: &mut Table<'_>) -> LimitsTable {
    LimitsTable {
        memory: table.string("memory"),
        jobs: table.integer("jobs"),
    }
}

fn make(table: &mut Table<'_>) -> BTreeMap<Located<String>, Located<String>> {
    let entries = table.entries;
    entries
        .iter()
        .filter_map(|(key, value)| {
            let key = Located::new(key.span(), key.get_ref().clone().into_owned());
            table
                .as_string(key.get_ref(), value)
                .map(|text| (key, text))
        })
        .collect()
}

/// One table of the document, and where its problems go.
struct Table<'t> {
    name: &'static str,
    /// Its heading, or its braces.
    span: Range<usize>,
    entries: &'t DeTable<'t>,
    problems: &'t mut Vec<Problem>,
}

impl<'t> Table<'t> {
    fn new(
        name: &'static str,
        entries: &'t DeTable<'t>,
        problems: &'t mut Vec<Problem>,
    ) -> Table<'t> {
        let mut table = Table {
            name,
            span: 0..0,
            entries,
            problems,
        };
        table.report_unknown_keys();
        table
    }

    fn report_unknown_keys(&mut self) {
        let Some((_, known)) = TABLES.iter().find(|(name, _)| *name == self.name) else {
            return; // [make] holds what the user likes.
        };
        for key in self.entries.keys() {
            let word = key.get_ref().as_ref();
            if !known.contains(&word) {
                let label = what_is_meant(word, known);
                self.problem(format!("unknown key `{word}`"), key.span(), label);
            }
        }
    }

    fn problem(&mut self, message: String, span: Range<usize>, label: String) {
        self.problems.push(Problem {
            message,
            table: self.name,
            span,
            label,
        });
    }

    fn value(&self, key: &str) -> Option<&'t Located<DeValue<'t>>> {
        self.entries.get(key)
    }

    fn string(&mut self, key: &str) -> Option<Located<String>> {
        let value = self.value(key)?;
        self.as_string(key, value)
    }

    fn as_string(&mut self, key: &str, value: &Located<DeValue<'_>>) -> Option<Located<String>> {
        let Some(text) = value.get_ref().as_str() else {
            self.wrong_type(key, "a text in quotes", value);
            return None;
        };
        Some(Located::new(value.span(), text.to_owned()))
    }

    fn strings(&mut self, key: &str) -> Option<Located<Vec<Located<String>>>> {
        let value = self.value(key)?;
        let Some(array) = value.get_ref().as_array() else {
            self.wrong_type(key, "an array of texts: [\"…\", \"…\"]", value);
            return None;
        };
        let items = array
            .iter()
            .filter_map(|item| self.as_string(key, item))
            .collect();
        Some(Located::new(value.span(), items))
    }

    fn integer(&mut self, key: &str) -> Option<Located<i64>> {
        let value = self.value(key)?;
        let number = value
            .get_ref()
            .as_integer()
            .and_then(|number| i64::from_str_radix(number.as_str(), number.radix()).ok());
        if number.is_none() {
            self.wrong_type(key, "a whole number", value);
        }
        number.map(|number| Located::new(value.span(), number))
    }

    fn boolean(&mut self, key: &str) -> Option<Located<bool>> {
        let value = self.value(key)?;
        let boolean = value.get_ref().as_bool();
        if boolean.is_none() {
            self.wrong_type(key, "true or false", value);
        }
        boolean.map(|boolean| Located::new(value.span(), boolean))
    }

    fn table<T>(&mut self, key: &'static str, read: impl FnOnce(&mut Table<'_>) -> T) -> Option<T> {
        let value = self.value(key)?;
        let Some(entries) = value.get_ref().as_table() else {
            self.wrong_type(key, &format!("a table: [{key}]"), value);
            return None;
        };
        let mut table = Table::new(key, entries, self.problems);
        table.span = value.span();
        Some(read(&mut table))
    }

    fn wrong_type(&mut self, key: &str, expected: &str, value: &Located<DeValue<'_>>) {
        let found = match value.get_ref() {
            DeValue::String(_) => "a text",
            DeValue::Integer(_) => "a whole number",
            DeValue::Float(_) => "a number with a fraction",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date or time",
            DeValue::Array(_) => "an array",
            DeValue::Table(_) => "a table",
        };
        self.problem(
            format!("wrong type of `{key}`"),
            value.span(),
            format!("expected {expected}, found {found}"),
        );
    }
}

/// The key that is meant: one of this table, or the same word in its own table.
fn what_is_meant(word: &str, known: &[&str]) -> String {
    if let Some(key) = nearest(word, known.iter().copied()) {
        return format!("did you mean `{key}`?");
    }
    match TABLES.iter().find(|(_, keys)| keys.contains(&word)) {
        Some(("", _)) => format!("`{word}` stands before the first table"),
        Some((table, _)) => format!("`{word}` belongs in [{table}]"),
        None => format!("known keys: {}", known.join(", ")),
    }
}
