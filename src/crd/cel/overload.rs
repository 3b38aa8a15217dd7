//! The functions that the API server declares: a table that its own environment wrote.
//!
//! Source: `MustBaseEnvSet(1.35).NewExpressionsEnv()` of k8s.io/apiserver/pkg/cel/environment.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::kind::Type;

/// One form of a function.
#[derive(Debug)]
pub(super) struct Overload {
    pub(super) id: String,
    /// Whether it is called on a target.
    pub(super) member: bool,
    /// What it takes, its target first.
    pub(super) arguments: Vec<Type>,
    pub(super) result: Type,
}

/// What is declared.
#[derive(Debug, Default)]
pub(super) struct Table {
    functions: HashMap<String, Vec<Overload>>,
    variables: HashMap<String, Type>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| Table::read(include_str!("overloads.txt")));

impl Table {
    /// The one table.
    pub(super) fn get() -> &'static Table {
        &TABLE
    }

    fn read(text: &str) -> Table {
        let mut table = Table::default();
        for line in text.lines() {
            let columns: Vec<&str> = line.split('\t').collect();
            match columns[..] {
                ["v", name, of] => {
                    table.variables.insert(name.to_owned(), Type::read(of));
                }
                [kind @ ("f" | "m"), name, id, arguments, result] => {
                    let arguments = arguments.split("; ").filter(|text| !text.is_empty());
                    let overload = Overload {
                        id: id.to_owned(),
                        member: kind == "m",
                        arguments: arguments.map(Type::read).collect(),
                        result: Type::read(result),
                    };
                    let forms = table.functions.entry(name.to_owned()).or_default();
                    forms.push(overload);
                }
                _ => {}
            }
        }
        table
    }

    /// The forms of a function.
    pub(super) fn function(&self, name: &str) -> Option<&[Overload]> {
        self.functions.get(name).map(Vec::as_slice)
    }

    /// The type of a variable.
    pub(super) fn variable(&self, name: &str) -> Option<&Type> {
        self.variables.get(name)
    }

    /// Whether a name, or one that begins with it and a dot, may be a type or a constant that is declared elsewhere.
    pub(super) fn is_beyond(name: &str) -> bool {
        const ROOTS: [&str; 9] = [
            "google",
            "kubernetes",
            "net",
            "cel",
            "duration",
            "timestamp",
            "optional_type",
            "list",
            "map",
        ];
        let first = name.trim_start_matches('.');
        ROOTS.contains(&first)
    }
}
